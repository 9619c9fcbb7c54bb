#!/bin/sh
# SPDX-License-Identifier: ISC
# takeover.sh BUILD COUNT: the supervisor is killed COUNT times, and taken
# over from: the command is never touched, and its status is known in the end.
# shellcheck source=t/soak/soak.sh disable=SC2015 # bad, cannot: no else
. "${0%/*}/soak.sh"

supervised -R 600 --log=none -- sh -c 'echo >>'"$work"'/copies; trap "exit 7" TERM; while :; do sleep 600 & wait; done'
pid=$(now)
i=0
while [ $((i += 1)) -le "$count" ]; do
	kill -KILL "$super"
	until_s 5 gone "$super" || bad "$i: cannot be killed"
	daemonctl adopt svc >"$out" 2>&1 || bad "$i: adopt failed: $(cat "$out")"
	[ "$(cat "$out")" = "svc: adopted, pid $pid" ] || bad "$i: says $(cat "$out")"
	super=$(field supervisor)
	gone "${super:-0}" && bad "$i: nobody watches over it" && break
	gone "$pid" && bad "$i: it died" && break
done
[ "$(wc -l <"$work/copies")" = 1 ] || bad "$(wc -l <"$work/copies") copies"
anonymous=$(anonymous "$super") descriptors=$(descriptors "$super")
kill -TERM "$pid"
until_s 5 is backoff || bad "is $(known state)"
daemonctl status svc | grep -q 'status 7$' || bad "its end: $(daemonctl status svc)"
ends
verdict "$count" 'killed supervisors' "the last: Anonymous $anonymous kB, $descriptors descriptors"
