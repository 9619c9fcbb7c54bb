#!/bin/sh
# SPDX-License-Identifier: ISC
# restarts.sh BUILD COUNT: one supervisor restarts a command COUNT times, as
# fast as it can; its memory, descriptors, zombies and records do not grow.
# shellcheck source=t/soak/soak.sh disable=SC2015 # bad, cannot: no else
. "${0%/*}/soak.sh"

# Each copy says one byte, so that the copies can be counted.
copies() { wc -c <"$work/copies"; }
enough() { [ "$(copies)" -gt "$1" ]; }
records() { cat "$svc/public" "$svc/state" 2>/dev/null | wc -c; }

# sample FILE: behind the others.
sample() {
	echo "$(anonymous "$super") $(descriptors "$super") $(zombies "$super")" \
	    "$(records) $(find "$svc" ! -name 'events*' | wc -l)" >>"$1"
}
most() { awk -v f="$2" '$f > m { m = $f } END { print m + 0 }' "$1"; }

supervised -R 0 --keep-trying -a -o "$work/copies" echo
for part in 1 2 3 4 5 6 7 8 9 10; do
	while ! enough $((count * part / 10)); do
		[ "$part" = 1 ] && sample "$work/first" || sample "$work/later"
		gone "$super" && bad 'the supervisor has ended' && break 2
		sleep 0.1
	done
done
# While it forks, a pipe has two ends, and the control group is open, too.
figures=
column=0
for what in 'Anonymous kB:16' 'descriptors:3' 'zombies:1' 'record bytes:256' 'files:2'; do
	column=$((column + 1))
	first=$(most "$work/first" "$column") later=$(most "$work/later" "$column")
	figures="$figures${figures:+, }${what%:*} $first -> $later"
	[ "$later" -le $((first + ${what#*:})) ] || bad "${what%:*} grew: $first -> $later"
done
ends
restarts=$(known restarts)
# The last may have been stopped before it said anything.
[ $((restarts + 1 - $(copies))) -le 1 ] && [ "$(copies)" -le $((restarts + 1)) ] ||
    bad "$restarts restarts on record, $(copies) copies"
is stopped || bad "is $(known state)"
verdict "$restarts" restarts "at most, in the first tenth -> later: $figures"
