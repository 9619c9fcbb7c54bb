#!/bin/sh
# SPDX-License-Identifier: ISC
# limits.sh BUILD COUNT: a supervisor that may not fork, or open anything,
# COUNT times: it does not end, nor says "ready", nor spins; it goes on when it
# may again, or can be stopped.
# shellcheck source=t/soak/soak.sh disable=SC2015 # bad, cannot: no else
. "${0%/*}/soak.sh"

pids=/sys/fs/cgroup/pids
[ -e $pids/cgroup.procs ] && group=$pids/soak.$(basename "$work") &&
    mkdir "$group" || cannot 'no pids of cgroup v1'
groups=$group
ticks() { sed 's/.*) //' "/proc/$super/stat" | awk '{ print $12 + $13 }'; }
cure() {
	echo max >"$group/pids.max"
	prlimit --pid "$super" --nofile=1024: 2>/dev/null
}
round=0
while [ $((round += 1)) -le "$count" ]; do
	supervised -R 50ms -- sleep 600 || bad "start failed ($rc): $(cat "$out")"
	until_s 5 is ready || bad "is $(known state)"
	pid=$(now)
	echo "$super" >"$group/cgroup.procs"
	case $((round % 3)) in
	0) what='no process' && echo 1 >"$group/pids.max" ;;
	1) what='no descriptor' && prlimit --pid "$super" --nofile=3: ;;
	2) what='few descriptors' && prlimit --pid "$super" --nofile=$((7 + round / 3 % 4)): ;;
	esac
	kill -KILL "$pid"
	until_s 5 gone "$pid"
	before=$(ticks)
	sleep 0.3
	[ $(($(ticks) - before)) -le 15 ] || bad "$what: it spins"
	watched "$what"
	state=$(known state) another=$(known pid)
	case $state:$another in
	stopping:0 | backoff:0 | starting:0) ;;
	ready:* | starting:*)
		[ "$what" = 'few descriptors' ] || bad "$what: $state, pid $another"
		;;
	*) bad "$what: $state, pid $another" ;;
	esac
	case $((round / 3 % 2)) in
	0)
		cure
		until_s 5 is ready || bad "$what: cured, and $(known state)"
		ends
		;;
	1) # stopped as it is
		kill -TERM "$super"
		until_s 5 gone "$super" || bad "$what: a stop was lost: $(daemonctl status svc)"
		cure
		ends
		;;
	esac
	[ "$(known state)" = stopped ] || bad "$what: stopped, and $(known state)"
done
verdict "$count" 'times no fork, or no descriptor'
