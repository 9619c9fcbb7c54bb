#!/bin/sh
# SPDX-License-Identifier: ISC
# homeless.sh BUILD COUNT: COUNT times the directory of the records is removed:
# it is made again, nobody is started twice, and TERM ends it all.
# shellcheck source=t/soak/soak.sh disable=SC2015 # bad, cannot: no else
. "${0%/*}/soak.sh"

# copies: how many of the command there are.
copies() { cat /proc/[0-9]*/comm 2>/dev/null | grep -cx sleep; }

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
		until_s 5 is ready || bad "$i: not restarted"
		[ "$(copies)" = 1 ] || bad "$i: $(copies) copies"
		;;
	1)
		gone "$pid" && bad "$i: it has ended"
		until_s 5 is ready || bad "$i: is not on record again"
		daemonize -n svc -r sleep 600 2>/dev/null
		[ $? = 3 ] || bad "$i: could be started twice"
		[ "$(copies)" = 1 ] || bad "$i: $(copies) copies"
		;;
	esac
	kill -TERM "$super"
	until_s 5 gone "$super" || bad "$i: a stop was lost"
	nobody_left
	[ -d "$work/run" ] || mkdir -m 700 "$work/run"
done
verdict "$count" 'times its records were removed'
