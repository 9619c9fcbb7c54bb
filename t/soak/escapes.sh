#!/bin/sh
# SPDX-License-Identifier: ISC
# escapes.sh BUILD COUNT: COUNT stops of a tree of every kind of runaway;
# nobody survives, and it takes no longer than the schedule and a second.
# shellcheck source=t/soak/soak.sh disable=SC2015 # bad, cannot: no else
. "${0%/*}/soak.sh"

slowest=0
i=0
while [ $((i += 1)) -le "$count" ]; do
	rm -f "$work/t"
	supervised -r --stop TERM/0.2/KILL/5 tree "$work/t" \
	    self:ignore child group session double ignore stopped exit \
	    a:double+session b:double+ignore+session c:double+stopped+session \
	    d:double+session+cleared+ignore e:group+stopped+ignore
	until_s 5 test -e "$work/t" || bad "no tree: $(cat "$out")"
	from=$(ms)
	ends
	took=$(($(ms) - from))
	[ "$took" -le "$slowest" ] || slowest=$took
	[ "$took" -le 1900 ] || bad "took $took ms"

	supervised -r --stop TERM/0.2/KILL/5 lineage 8 2000 deaf
	from=$(ms)
	ends
	took=$(($(ms) - from))
	[ "$took" -le "$slowest" ] || slowest=$took
	[ "$took" -le 1900 ] || bad "a chain took $took ms"
done
verdict "$count" 'trees of 13, and as many forking chains, stopped' "slowest $slowest ms, of them 400 ms of grace"
