#!/bin/sh
# SPDX-License-Identifier: ISC
# storm.sh BUILD COUNT: COUNT signals, while it restarts as fast as it can, in
# 20 rounds; a stop in the midst of them is never lost.
# shellcheck source=t/soak/soak.sh disable=SC2015 # bad, cannot: no else
. "${0%/*}/soak.sh"

# rain N: of each of four, or until it is gone.
rain() {
	n=$1
	while [ $((n -= 1)) -ge 0 ]; do
		kill -HUP "$super" && kill -USR1 "$super" &&
		    kill -CHLD "$super" && kill -ALRM "$super" || return
	done 2>/dev/null
}

slowest=0 round=0
while [ $((round += 1)) -le 20 ]; do
	supervised -R 0 --keep-trying -- echo || bad "start failed ($rc): $(cat "$out")"
	rain $((count / 20 / 4))
	gone "$super" && bad "round $round: a signal ended it: $(daemonctl status svc)"
	rain 10000000 &
	rain=$!
	from=$(ms)
	case $round in
	*[02468]) daemonctl stop -q svc || bad "round $round: stop failed" ;;
	*) kill -TERM "$super" ;;
	esac
	until_s 5 gone "$super" || bad "round $round: a stop was lost"
	took=$(($(ms) - from))
	[ "$took" -le "$slowest" ] || slowest=$took
	wait "$rain"
	until_s 5 is stopped || bad "round $round: is $(known state)"
	nobody_left
done
verdict "$count" 'signals while it restarts, 20 stops in the midst of more' "slowest stop $slowest ms"
