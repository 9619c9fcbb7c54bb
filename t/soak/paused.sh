#!/bin/sh
# SPDX-License-Identifier: ISC
# paused.sh BUILD COUNT: COUNT times a stopped (SIGSTOP) supervisor: stop says
# who keeps it waiting; continued, it knows of every death meanwhile.
# shellcheck source=t/soak/soak.sh disable=SC2015 # bad, cannot: no else
. "${0%/*}/soak.sh"

supervised -R 0 -- sleep 600
i=0
while [ $((i += 1)) -le "$count" ]; do
	pid=$(now)
	kill -STOP "$super"
	kill -KILL "$pid"
	case $i in
	*00)
		timeout 20 daemonctl restart svc >"$out" 2>&1
		rc=$?
		[ "$rc" = 4 ] && grep -q "pid $super, has not answered" "$out" || bad "restart: $rc: $(cat "$out")"
		;;
	esac
	kill -CONT "$super"
	until_s 5 is_another "$pid" || bad "$i: not started again"
	watched "$i"
done
restarts=$(known restarts)
[ "$restarts" -ge "$count" ] || bad "$restarts restarts"
ends
verdict "$count" 'deaths while the supervisor was stopped'
