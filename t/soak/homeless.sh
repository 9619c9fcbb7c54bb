#!/bin/sh
# SPDX-License-Identifier: ISC
# homeless.sh BUILD COUNT: COUNT times the directory of the records is removed:
# nothing that cannot be on record is started, and TERM ends it all.
# shellcheck source=t/soak/soak.sh disable=SC2015 # bad, cannot: no else
. "${0%/*}/soak.sh"

i=0
while [ $((i += 1)) -le "$count" ]; do
	supervised -R 20ms -- sleep 600 || bad "start failed ($rc): $(cat "$out")"
	until_s 5 is ready
	pid=$(now)
	case $i in *[02468]) rm -rf "$work/run" ;; *) rm -rf "$svc" ;; esac
	case $((i / 2 % 2)) in
	0)
		kill -KILL "$pid"
		until_s 5 gone "$pid"
		sleep 0.1
		watched "$i"
		# Children that find no place for the record come and go.
		for of in /proc/[0-9]*/comm; do
			[ "$(cat "$of" 2>/dev/null)" != sleep ] || bad "$i: started without a record"
		done
		;;
	1) gone "$pid" && bad "$i: it has ended" ;;
	esac
	kill -TERM "$super"
	until_s 5 gone "$super" || bad "$i: a stop was lost"
	nobody_left
	[ -d "$work/run" ] || mkdir -m 700 "$work/run"
done
verdict "$count" 'times its records were removed'
