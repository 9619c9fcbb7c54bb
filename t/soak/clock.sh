#!/bin/sh
# SPDX-License-Identifier: ISC
# clock.sh BUILD COUNT: the wall clock jumps to COUNT places during a backoff
# of a second; and the same with a steady clock that is old.  The backoff
# takes what it takes.
# shellcheck source=t/soak/soak.sh disable=SC2015 # bad, cannot: no else
. "${0%/*}/soak.sh"

SOAK_CLOCK=$work/off
export SOAK_CLOCK
least=9999 most=0
# waits OFF COMMAND...: from a death to the next start, while the clock jumps.
waits() {
	off=$1 && shift
	tried=$((tried + 1))
	echo 0 >"$SOAK_CLOCK"
	"$@" daemonize -n svc -R 1s -- sleep 600 >"$out" 2>&1 ||
	    bad "$off: start failed: $(cat "$out")"
	super=$(field supervisor)
	pid=$(now)
	kill -KILL "$pid"
	from=$(ms)
	until_s 1 is backoff || bad "$off: is $(known state)"
	echo "$off" >"$SOAK_CLOCK"
	[ "$off" = 0 ] || kill -CHLD "$super"
	until_s 5 test -s "$svc/pid" || bad "$off: not started again: $(daemonctl status svc)"
	took=$(($(ms) - from))
	[ "$took" -ge 990 ] && [ "$took" -le 1300 ] || bad "$off: waited $took ms"
	[ "$took" -ge "$least" ] || least=$took
	[ "$took" -le "$most" ] || most=$took
	until_s 5 is ready || bad "$off: is $(known state)"
	"$@" daemonctl stop svc >"$out" 2>&1 || bad "$off: $(cat "$out")"
	nobody_left
}

tried=0
for off in 31536000 -31536000 $((0 - $(date +%s))) $((2147483648 - $(date +%s))) \
    $((4294967296 - $(date +%s))) 1 -1 3600 -3600 $((-3 * $(date +%s))) \
    86400000000 253402300799; do
	[ "$tried" -lt "$count" ] || break
	# A static program preloads nothing.
	[ -e "$build/libdaemon.so" ] || break
	waits "$off" env LD_PRELOAD="$build/t/soak/clock.so"
done
for age in 100000000 4000000000; do
	waits 0 unshare --time --monotonic "$age" --boottime "$age"
done
verdict "$tried" 'clocks' "a backoff of 1000 ms took $least to $most ms"
