#!/bin/sh
# SPDX-License-Identifier: ISC
# memory.sh BUILD COUNT: COUNT times the command meets the limit of memory that
# it shares with its supervisor: it is killed, and its supervisor is not.
# shellcheck source=t/soak/soak.sh disable=SC2015 # bad, cannot: no else
. "${0%/*}/soak.sh"

root=/sys/fs/cgroup/memory
[ -e $root/memory.limit_in_bytes ] && group=$root/soak.$(basename "$work") &&
    mkdir "$group" || cannot 'no memory of cgroup v1'
groups=$group
echo 16M >"$group/memory.limit_in_bytes"
killed() { sed -n 's/^oom_kill //p' "$group/memory.oom_control"; }
enough() { [ "$(known restarts)" -ge "$count" ]; }

# It has all it can get, once it is ready.
sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' - "$group" \
    daemonize -n svc -R 0 --keep-trying -- tail /dev/zero >"$out" 2>&1
super=$(field supervisor)
while ! enough; do
	gone "$super" && bad "ended after $(known restarts)" && break
	[ $(($(date +%s) - begun)) -lt 300 ] || { bad "hangs: $(daemonctl status svc)" && break; }
	sleep 0.1
done
ends=$(daemonctl status --json svc | grep -o '"how": "[^"]*"' | sort | uniq -c | sed 's/^ *//')
[ "$ends" = '5 "how": "signal KILL"' ] || bad "ended with $ends"
killed=$(killed)
ends
verdict "$killed" 'killed for memory' "oom kills; of 16 MiB, shared with the supervisor"
