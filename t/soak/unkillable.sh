#!/bin/sh
# SPDX-License-Identifier: ISC
# unkillable.sh BUILD COUNT: what is frozen (state D) does not die: stop says
# so, 9, no second copy starts, and once thawed it ends.
# shellcheck source=t/soak/soak.sh disable=SC2015,SC2317 # bad, cannot: no else
. "${0%/*}/soak.sh"

freezer=/sys/fs/cgroup/freezer
[ -e $freezer/cgroup.procs ] || cannot 'no freezer of cgroup v1'
group=$freezer/soak.$(basename "$work")
mkdir "$group" || cannot 'no group in the freezer'
groups=$group
frozen() { [ "$(cat "$group/freezer.state")" = FROZEN ]; }
i=0
while [ $((i += 1)) -le "$count" ]; do
	supervised -r --stop TERM/0.1/KILL/0.3 sleep 600
	pid=$(now)
	echo "$pid" >"$group/cgroup.procs"
	echo FROZEN >"$group/freezer.state"
	until_s 5 frozen || bad 'is not frozen'
	timeout 10 daemonctl stop svc >"$out" 2>&1
	rc=$?
	[ "$rc" = 9 ] || bad "stop: $rc: $(cat "$out")"
	is stopping || bad "is $(known state)"
	watched 'stop in vain'
	timeout 1 daemonize -n svc -r sleep 600 >"$out" 2>&1
	rc=$?
	[ "$rc" = 124 ] || bad "a second start does not wait: $rc: $(cat "$out")"
	timeout 10 daemonctl start svc >"$out" 2>&1
	rc=$?
	[ "$rc" = 9 ] || bad "start: $rc: $(cat "$out")"
	gone "$pid" && bad 'it has died'
	# Killed by the one before: as soon as it can.
	echo THAWED >"$group/freezer.state"
	until_s 5 gone "$pid" || bad 'thawed, and alive'
	until_s 10 is stopped || bad "thawed, and $(known state)"
	ends
done
verdict "$count" 'that could not be killed' 'stop and start: 9; a second start waits; thawed: stopped'
