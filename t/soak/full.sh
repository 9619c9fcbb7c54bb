#!/bin/sh
# SPDX-License-Identifier: ISC
# full.sh BUILD COUNT: no room for the records, COUNT times: nothing that is
# not on record is started, status never says "ready", the supervisor lives;
# with room it starts again, and without it can be stopped.
# shellcheck source=t/soak/soak.sh disable=SC2015 # bad, cannot: no else
. "${0%/*}/soak.sh"

mkdir "$work/small" && mount -t tmpfs -o size=64k,nr_inodes=32,mode=700 soak "$work/small" ||
    cannot 'no tmpfs'
DAEMONIZE_RUNDIR=$work/small svc=$work/small/svc
fill() { cat /dev/zero >"$work/small/full"; }
use_up() { while touch "$work/small/name$((n += 1))"; do :; done; }
make_room() { rm -f "$work"/small/full "$work"/small/name*; }
round=0
while [ $((round += 1)) -le "$count" ]; do
	n=0
	supervised --log=none -R 20ms -- sleep 600 || bad "start failed ($rc): $(cat "$out")"
	until_s 5 is ready || bad "is $(known state)"
	pid=$(now)
	case $((round / 2 % 3)) in
	0) what=bytes && fill ;;
	1) what=names && use_up ;;
	2) what=both && fill && use_up ;;
	esac 2>/dev/null
	kill -KILL "$pid"
	until_s 5 gone "$pid"
	sleep 0.1
	watched "no $what"
	state=$(known state)
	another=$(known pid)
	case $state:${another:-none} in
	stopping:0 | backoff:0) ;;
	ready:*) gone "$another" && bad "no $what: ready, but $another is dead" ;;
	*) bad "no $what: $state, pid $another" ;;
	esac
	case $((round % 2)) in
	0) # stopped as it is: 1, if that cannot be recorded
		timeout 20 daemonctl stop svc >"$out" 2>&1
		rc=$?
		[ "$rc" -le 1 ] || bad "no $what: stop: $rc: $(cat "$out")"
		nobody_left
		make_room
		ends
		;;
	1)
		make_room
		until_s 5 is_another "$pid" || bad "room again, and $(known state)"
		ends
		;;
	esac
	state=$(known state)
	[ "$state" = stopped ] || bad "no $what: stopped, and $state"
done
umount "$work/small" 2>/dev/null
verdict "$count" 'times no room for records, of bytes, names, or both'
