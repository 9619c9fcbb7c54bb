#!/bin/sh
# SPDX-License-Identifier: ISC
# output.sh BUILD COUNT: COUNT times 100 000 numbered lines go through rotations
# of 1 MiB, and, the second time, a compressor, while keeper and supervisor are
# killed in turn, and at times both: every line is there, once, in order.
# shellcheck source=t/soak/soak.sh disable=SC2015,SC2016,SC2317 # no else; for another shell; called by until_s
. "${0%/*}/soak.sh"

# all: the lines there are, oldest first.
all() {
	k=1
	while [ -e "$work/log.$k" ] || [ -e "$work/log.$k.gz" ]; do k=$((k + 1)); done
	while [ $((k -= 1)) -gt 0 ]; do
		[ -e "$work/log.$k" ] && cat "$work/log.$k" || gzip -dc "$work/log.$k.gz"
	done
	cat "$work/log"
}

# Both are, and neither is one that was killed.
are_anew() {
	is=$(field supervisor) and=$(field keeper)
	[ "$is" != "$super" ] && ! gone "$is" && ! gone "$and"
}
keeper_is_anew() {
	and=$(field keeper)
	[ "$and" != "$keeper" ] && ! gone "$and" && ! gone "$(field supervisor)"
}

kill_one() {
	kills=$((kills + 1)) super=$(field supervisor) keeper=$(field keeper)
	case $((kills % 5)) in
	0)
		kill -KILL "$super" "$keeper"
		until_s 5 gone "$super"
		daemonctl adopt -q svc
		until_s 5 are_anew
		;;
	1 | 3) kill -KILL "$keeper" && until_s 5 keeper_is_anew ;;
	*) kill -KILL "$super" && until_s 5 are_anew ;;
	esac || bad "kill $kills: not both are there again"
}

# counts OPTION...
counts() {
	rm -f "$work"/log* "$work/done"
	supervised -r -c "$work" --log="$work/log" --log-size=1M --log-files=9999 "$@" -- \
	    sh -c 'sleep 0.5; i=0; while [ $i -lt '"$count"' ]; do
		seq $((i * 100000 + 1)) $((i * 100000 + 100000)); i=$((i + 1)); sleep 0.05; done
		: >done; exec sleep 600' || cannot "$(cat "$out")"
	pid=$(now)
	while ! [ -e "$work/done" ]; do
		kill_one
		sleep 0.03
	done
	[ "$(now)" = "$pid" ] || bad 'it is another copy'
	daemonctl stop svc >"$out" 2>&1 || bad "stop failed ($?): $(cat "$out")"
	all >"$work/all"
	seq $((count * 100000)) | cmp -s - "$work/all" ||
	    bad "$*: not every line is there once: $(seq $((count * 100000)) |
		diff - "$work/all" | head -n 3 | tr '\n' ' ')"
}

kills=0
counts
counts --log-compress=gzip
nobody_left
verdict "$((2 * count))00000" lines "$kills kills"
