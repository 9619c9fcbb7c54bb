#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# The keeper: what a supervised command writes is in its log, once, whoever is
# killed, moved or full.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised
load 546-keeper

# small_disk SIZE: a file system of that size, in small.
small_disk()
{
	mkdir small
	mount -t tmpfs -o "size=$1,mode=755" none small || skip 'nothing can be mounted'
}

# fills_small ARG...: as kept, its log on a disk of 1 MiB.
fills_small()
{
	root_only
	small_disk 1m
	mkfifo more
	logged="--log=$scratch/small/log $*" supervised -- sh -c "$counting"
	log=$scratch/small/log
}

@test "its output is kept, and the keeper goes with it" {
	kept -- sh -c 'echo one; echo two >&2; exec sleep 600'
	eventually 5 is_log $'one\ntwo'
	k=$(keeper)
	does 0 '' wait --ready svc
	ctl status svc
	[[ $output == *"logged    by pid $k"* ]] || told
	ctl status --json svc
	json "assert o[0]['keeper']['pid'] == $k"
	stops svc
	gone "$k"
	[[ $(cd run/svc && echo *) == 'events lock public state' ]]
	nothing_runs
}

@test "where an instance ends within a line, the next one begins another" {
	kept -R 1ms --ready=alive:1ms -- sh -c "echo; printf out; sleep 0.05"
	eventually 10 has_lines 9 log
	stops svc
	[[ $(sort -u <"$log") == $'\nout' && $(tail -c 4 "$log" | od -An -c) == *'o   u   t  \n' ]] || told
	[[ $(grep -c '^out$' "$log") == "$(grep -c '^$' "$log")" ]]
	kept -R 1m --ready=alive:1ms --log-tags -- sh -c 'sleep 0.1; echo; printf out'
	eventually 5 grep -q out "$log"
	stops svc
	kept --log-tags -- sh -c 'printf out; sleep 0.1; printf err >&2; : >printed; exec sleep 600'
	eventually 5 test -e printed
	stops svc
	[[ $(tail -n 2 "$log") == $'o out\ne err' && $(tail -c 1 "$log" | od -An -c) == *'\n' ]]
}

@test "also where the keeper has not taken it yet, or has no room for it" {
	kept -- sh -c 'trap "printf %s tail; exit" TERM; echo up; while :; do sleep 0.01; done'
	eventually 5 is_log up
	kill -STOP "$(keeper)"
	ctl restart svc
	kill -CONT "$(keeper)"
	eventually 5 is_log $'up\ntail\nup'
	stops svc
	[[ $(od -An -c <"$log" | tail -n 1) == *'t   a   i   l  \n' ]]
}

@test "what it writes as it is stopped is there when stop returns" {
	kept -- sh -c 'trap "seq 200000; exit" TERM; echo up; while :; do sleep 0.01; done'
	eventually 5 is_log up
	stops svc
	[[ $(wc -l <"$log") == 200001 ]]
}

@test "a log is one service's: another that wants it is not started" {
	kept -- sh -c 'echo one; exec sleep 600'
	eventually 5 is_log one
	run_fresh daemonize -n other -c "$scratch" -r --log="$log" sleep 600
	expect_status 1
	[[ $stderr == "daemonize: log: $log: pid $(keeper) keeps another service's log there: give it one of its own" ]] || told
	ctl restart svc
	expect_status 0
	eventually 5 is_log $'one\none'
	stops svc
	run_fresh daemonize -n other -c "$scratch" -r --log="$log" sh -c 'echo two; exec sleep 600'
	expect_status 0
	eventually 5 is_log $'one\none\ntwo'
	ctl stop other
	expect_status 0
}

@test "who may only read it cannot keep a service from it" {
	touch log
	chmod 644 log
	launch "$python" -c '
import fcntl, time
log = open("log") # for as long as we have it open
fcntl.lockf(log, fcntl.LOCK_SH)
open("locked", "w").close()
time.sleep(600)'
	eventually 5 test -e locked
	kept -- sh -c 'echo one; exec sleep 600'
	eventually 5 is_log one
	k=$(keeper)
	kill -KILL "$k"
	eventually 5 another_than "$k"
	ctl restart svc
	eventually 5 is_log $'one\none'
	# as soon as he has gone it is the service's alone
	kill -KILL "$launched"
	eventually 5 gone "$launched"
	ctl restart svc
	eventually 5 is_log $'one\none\none'
	run_fresh daemonize -n other -c "$scratch" -r --log="$log" true
	expect_status 1
	stops svc
}

@test "a log is not moved, nor removed, as another's former one" {
	run_fresh daemonize -n other -c "$scratch" -r --log="$scratch/log.1" sh -c 'echo other; exec sleep 600'
	expect_status 0
	mkfifo more
	kept --log-size=1K --log-files=2 -- sh -c "$counting"
	count 1000
	eventually 5 grep -q 'cannot be rotated: another service writes it' run/svc/degraded
	[[ $(<log.1) == other ]]
	ctl stop other
	count 2000
	eventually 5 eval '[[ $(tail -n 1 log) == 2000 && -e log.2 ]]'
	stops svc
}

@test "also before it has written; and who finds it taken waits" {
	mkfifo more
	kept -- sh -c "$counting"
	eventually 5 test -e log
	eventually 5 eval 'ls -l /proc/$(keeper)/fd | grep -q "$log"'
	run_fresh daemonize -n other -c "$scratch" -r --log="$log" true
	expect_status 1
	count 1
	eventually 5 is_log 1
	mv log moved
	run_fresh daemonize -n other -c "$scratch" -r --log="$log" sh -c 'echo other; exec sleep 600'
	expect_status 0
	eventually 5 is_log other
	kill -USR1 "$super"
	eventually 5 eval '! ls -l /proc/$(keeper)/fd | grep -q moved'
	count 3
	eventually 5 grep -q 'another service writes it' run/svc/degraded
	is_log other
	ctl stop other
	eventually 10 is_log $'other\n2\n3'
	eventually 5 not test -e run/svc/degraded
	stops svc
}

@test "what a log could not take as it was stopped is told, and kept for the next start" {
	kept -- sh -c 'echo one; while :; do sleep 0.1; done'
	eventually 5 is_log one
	rm log
	mkdir log
	kill -USR1 "$super"
	eventually 5 test -e run/svc/degraded
	ctl restart svc
	stops svc
	ctl status svc
	[[ $output == *'  holds     4B for its log, until it starts'* ]] || told
	rmdir log
	kept -- sh -c 'echo two; exec sleep 600'
	eventually 5 is_log $'one\ntwo'
	rm log
	mkdir log
	kill -USR1 "$super"
	eventually 5 test -e run/svc/degraded
	ctl restart svc
	stops svc
	ctl forget svc
	expect_status 0
	[[ $stderr == 'daemonctl: forget: svc: what its log could not take is lost: 4B' ]] || told
}

@test "a log is rotated at line ends, and that many are kept" {
	mkfifo more
	kept --log-size 10000 --log-files 3 -- sh -c "$counting"
	count 20000
	eventually 5 grep -qx 20000 "$log"
	[[ -e $log.3 && ! -e $log.4 ]]
	for file in "$log" "$log".[123]; do
		(($(stat -c %s "$file") <= 10000))
		[[ $(tail -c 1 "$file" | od -An -c) == *'\n' ]]
	done
	all_of "$log" | cmp - <(seq 20000 | tail -n "$(all_of "$log" | wc -l)")
	# a line is not cut
	stops svc
	kept --log-size 1000 -- sh -c 'head -c 5000 /dev/zero | tr "\0" x; echo; echo end; exec sleep 600'
	eventually 5 grep -qx end "$log"
	[[ $(head -c 6000 "$log.1" | grep -c '^x\{5000\}$') == 1 ]]
	stops svc
}

@test "logs reads former ones, too, and follows through all rotations" {
	mkfifo more
	kept --log-size 10K --log-files 999 -- sh -c "$counting"
	launch daemonctl logs -f svc
	count 50000
	eventually 5 has_all 50000
	eventually 5 grep -qx 50000 "$scratch/daemonctl.out"
	kill -TERM "$launched"
	cmp "$scratch/daemonctl.out" <(seq 50000)
	stops svc
	daemonctl logs svc | cmp - <(seq 50000)
	for n in 1 3000 49999 50001; do
		daemonctl logs -n $n svc | cmp - <(seq 50000 | tail -n $n)
	done
}

@test "logs passes over numbers that are missing" {
	mkfifo more
	kept --log-size=1k --log-files=20 -- sh -c "$counting"
	count 2000
	eventually 5 has_all 2000
	gone3=$(<"$log.3") gone4=$(<"$log.4")
	rm "$log.3" "$log.4"
	seq 2000 | grep -vxF "$gone3"$'\n'"$gone4" >should
	ctl logs svc
	[[ $output == "$(<should)" ]]
	ctl logs -n 1500 svc
	[[ $output == "$(tail -n 1500 should)" ]]
	daemonctl logs -f svc 3>&- >got &
	remember "$!"
	count 2100
	seq 2001 2100 >>should
	eventually 5 cmp -s got should
	stops svc
}

@test "a log is rotated when it is old" {
	kept --log-age 300ms -- sh -c 'echo one; exec sleep 600'
	eventually 5 test -e "$log.1"
	[[ $(<"$log.1") == one ]]
	sleep 0.5
	[[ ! -s $log && ! -e $log.2 ]]
	stops svc
}

@test "timestamps and tags" {
	both='echo out; echo err >&2; printf "no end"; exec sleep 600'
	kept --log-timestamps -- sh -c "$both"
	eventually 5 grep -q 'no end' "$log"
	not grep -vE '^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-9:]{8}\.[0-9]{6}Z (out|err|no end)$' "$log"
	stops svc
	rm "$log"
	kept --log-timestamps=unix --log-tags -- sh -c "$both"
	eventually 5 grep -q err "$log"
	stops svc # what has no end is written at the end
	[[ $(sed -E 's/^[0-9]+\.[0-9]{6} //' "$log" | sort) == $'e err\no no end\no out' ]]
	rm "$log"
	kept --log-timestamps=tai64n -- sh -c "$both"
	eventually 5 grep -q 'no end' "$log"
	not grep -vE '^@4[0-9a-f]{23} (out|err|no end)$' "$log"
	stops svc
	rm "$log"
	kept --log-tags -- sh -c 'while :; do echo aaaa; done & while :; do echo bbbb >&2; done & sleep 0.3; kill %1 %2 2>/dev/null; wait; exec sleep 600'
	stops svc
	grep -qx 'o aaaa' "$log"
	grep -qx 'e bbbb' "$log"
	not grep -vxE 'o aaaa|e bbbb' "$log"
}

@test "SIGUSR1 opens the log again; one that was copied and emptied goes on" {
	mkfifo more
	kept -- sh -c "$counting"
	count 10
	eventually 5 has_all 10
	mv log old
	count 20
	eventually 5 grep -qx 20 old
	kill -USR1 "$super"
	eventually 5 test -e log
	count 30
	eventually 5 grep -qx 30 log
	cat old log | cmp - <(seq 30)
	cp log old
	: >log
	count 40
	eventually 5 grep -qx 40 log
	cmp log <(seq 31 40)
	stops svc
}

@test "logrotate does it, by copying and by moving" {
	needs logrotate
	mkfifo more
	kept --log-size=0 -- sh -c "$counting"
	for how in copytruncate "create 640 root root
	postrotate
		kill -USR1 $super
	endscript"; do
		echo "$log { rotate 9
	missingok
	$how
}" >conf
		rm -f done.*
		count 1000
		eventually 5 grep -qx 1000 "$log"
		logrotate -f -s state conf
		count 2000
		eventually 5 eval '[[ $(cat "$log") == "$(seq 1001 2000)" ]]'
		[[ $(<"$log.1") == "$(seq 1000)" ]]
		ctl restart svc
		expect_status 0
		remember "$(<run/svc/pid)"
		rm -f "$log"*
		kill -USR1 "$super"
	done
	stops svc
}

@test "hostile output: it is in the log as it came, and memory is bounded" {
	kept --log-size=0 --log-tags -- "$python" -c '
import os, sys
def write(fd, data):
	while data:
		data = data[os.write(fd, data):]
write(1, b"\0\0nul\n\033[2Jesc\n\xff\xfe\xc0\n! daemonize: 1 line, 1 byte lost: no\rover\n")
write(1, b"x" * (64 << 20) + b"\n")
write(2, b"err\n")
write(1, b"end\n")
open("written", "w")
import time
time.sleep(600)'
	pid=$(keeper)
	eventually 30 test -e written
	# which of two streams is first is nobody's promise
	eventually 20 grep -aqx 'o end' "$log"
	eventually 20 grep -aqx 'e err' "$log"
	# ours would begin with an exclamation mark of its own
	grep -av '^e err$' "$log" | head -n 4 | cmp - <(printf 'o \0\0nul\no \033[2Jesc\no \xff\xfe\xc0\no ! daemonize: 1 line, 1 byte lost: no\rover\n')
	(($(grep -ac '^e err$' "$log") == 1))
	(($(tr -cd x <"$log" | wc -c) == 64 << 20))
	(($(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$pid/status") < 16384))
	stops svc
	nothing_runs
}

@test "a keeper that is killed: nothing is lost, and there is another" {
	mkfifo more
	kept --log-size 20000 --log-files 999 -- sh -c "$counting"
	for i in {1..10}; do
		k=$(keeper)
		echo $((i * 3000)) >./more
		kill -KILL "$k"
		eventually 5 another_than "$k"
		remember "$(keeper)"
		eventually 10 test -e "done.$((i * 3000))"
	done
	eventually 5 has_all 30000
	is ready 0 svc
	[[ $(supervisor) == "$super" ]]
	stops svc
	nothing_runs
}

@test "a supervisor that is killed: there is another, and the keeper is its own" {
	mkfifo more
	kept -- sh -c "$counting"
	pid=$(<run/svc/pid)
	for i in {1..5}; do
		k=$(keeper)
		echo $((i * 1000)) >./more
		super=$(supervisor)
		kill -KILL "$super"
		eventually 5 another_supervisor_than "$super"
		eventually 5 another_than "$k"
		eventually 5 gone "$k"
		remember "$(supervisor)" "$(keeper)"
		[[ $(awk '$1 == "PPid:" { print $2 }' "/proc/$(keeper)/status") == "$(supervisor)" ]]
		eventually 10 test -e "done.$((i * 1000))"
	done
	eventually 5 has_all 5000
	[[ $(<run/svc/pid) == "$pid" ]]
	is ready 0 svc
	stops svc
	nothing_runs
}

@test "both at once: what was written waits for the next" {
	mkfifo more
	kept -- sh -c "$counting"
	pid=$(<run/svc/pid)
	kill -STOP "$super"
	kill -KILL "$(keeper)" "$super"
	eventually 5 gone "$super"
	count 1000
	is unsupervised 0 svc
	[[ $output == *'logged    by nobody now'* ]] || told
	does 0 "svc: adopted, pid $pid" adopt svc
	remember "$(supervisor)" "$(keeper)"
	eventually 5 has_all 1000
	stops svc
}

@test "an upgrade loses nothing; released, it is still kept, until it ends" {
	mkfifo more
	kept -- sh -c "$counting"
	count 10
	ctl upgrade svc
	expect_status 0
	count 20
	eventually 5 has_all 20
	remember "$(keeper)"
	ctl release svc
	expect_status 0
	count 30
	eventually 5 has_all 30
	k=$(keeper)
	alive "$k"
	kill -KILL "$(<run/svc/pid)"
	eventually 5 gone "$k"
	[[ -z $(supervisor) ]]
}

@test "stopped without a supervisor, its keeper ends, too" {
	mkfifo more
	kept -- sh -c "$counting"
	ctl release svc
	count 10
	stops svc
	has_all 10
	nothing_runs
}

# bats test_tags=root
@test "a full disk: it runs on, the newest is kept, the rest is counted" {
	fills_small
	count 1000000
	is ready 0 svc
	eventually 5 eval 'ctl status svc; [[ $output =~ "degraded  its log cannot be written: No space left on device, for "[0-9a-z\ ]*", "[1-9][0-9]*" lines dropped" ]]'
	ctl list
	[[ $output == *'ready!'*', 1 needs a look'*'! its log is degraded'* ]] || told
	ctl check svc
	expect_status 1
	[[ $output == 'SVC WARNING - ready for '*', its log cannot be written: No space'* ]] || told
	mount -o remount,size=100m small
	eventually 10 grep -qx 1000000 "$log"
	line=$(grep -a lost "$log")
	[[ $line =~ ^daemonize:\ ([0-9]+)\ lines,\ ([0-9]+)\ bytes\ lost:\ No\ space[^\(]*(\(the\ line\ above\ is\ cut\))?$ ]]
	cut=$((${#BASH_REMATCH[3]} > 0))
	# with what is there it is all there was
	there=$(grep -av lost "$log" | wc -l)
	seq 1000000 >should
	((there - cut + BASH_REMATCH[1] == 1000000))
	((BASH_REMATCH[2] + $(stat -c %s "$log") - ${#line} - 1 - cut == $(stat -c %s should)))
	grep -av lost "$log" | tail -n 1000 | cmp - <(seq 999001 1000000)
	eventually 5 not test -e run/svc/degraded
	ctl list
	[[ $output != *'!'* ]] || told
	ctl check svc
	expect_status 0
	stops svc
	eventually 5 umount small
}

# bats test_tags=root
@test "--log-block: it waits for the disk, and nothing is lost" {
	fills_small --log-block
	echo 1000000 >./more
	eventually 5 eval '(($(stat -c %s "$log") == 1048576))'
	sleep 0.3
	not test -e done.1000000
	mount -o remount,size=100m small
	eventually 15 test -e done.1000000
	eventually 5 has_all 1000000
	stops svc
	eventually 5 umount small
}

# bats test_tags=root
@test "another user's command: its pipe is its own, and its directory is" {
	root_only
	chmod 711 "$BATS_RUN_TMPDIR" "${scratch%/*}" "$scratch"
	kept -u nobody -c / -- sh -c 'echo one >/dev/stdout; echo two >/dev/stderr; exec sleep 600'
	eventually 5 grep -qx two "$log"
	[[ $(stat -L -c %U "/proc/$(<run/svc/pid)/fd/1") == nobody ]]
	stops svc
	# in a directory of that user's it is opened, and moved, as that user
	mkdir theirs
	chown nobody theirs
	ln -s /etc/passwd theirs/log.1
	sum=$(cksum /etc/passwd)
	logged="--log=$scratch/theirs/log --log-size=100" supervised -u nobody -c / -- \
	    sh -c 'seq 1000; exec sleep 600'
	eventually 5 grep -qx 1000 theirs/log
	[[ $(stat -c %U theirs/log theirs/log.3) == $'nobody\nnobody' ]]
	[[ $(cksum /etc/passwd) == "$sum" ]]
	stops svc
	rm -f theirs/log*
	ln -s /etc/daemonize-none theirs/log
	run_fresh daemonize -n svc -r -u nobody -c / --log="$scratch/theirs/log" sleep 600
	expect_status 1
	[[ $stderr == "daemonize: log: $scratch/theirs/log: Permission denied" ]] || told
	nothing_runs
}


# bats test_tags=root
@test "a link put in the place of its directory is not followed" {
	root_only
	needs setpriv
	share_scratch
	mkdir theirs theirs/logs victim
	for k in '' .1 .2 .3 .4 .5 .6; do echo "v$k" >victim/log$k; done
	chown -R nobody theirs
	logged="--log=$scratch/theirs/logs/log --log-size=1K --log-files 3" supervised -- \
	    sh -c 'while :; do seq 100; sleep 0.05; done'
	eventually 5 test -e theirs/logs/log.2
	setpriv --reuid=nobody --clear-groups \
	    sh -c 'mv "$0/logs" "$0/were"; ln -s ../victim "$0/logs"' "$scratch/theirs"
	eventually 5 test -e run/svc/degraded
	sleep 0.3
	[[ $(cat victim/* | tr '\n' ' ') == 'v v.1 v.2 v.3 v.4 v.5 v.6 ' ]]
	is ready 0 svc
	stops svc
}

@test "a log that is a link of ours: what it leads to is rotated" {
	mkdir big
	ln -s big/real log
	kept --log-size 1K -- sh -c 'seq 1000; exec sleep 600'
	eventually 5 grep -qx 1000 big/real
	[[ -L log && -e big/real.3 ]]
	stops svc
}

@test "a keeper that follows a killed one minds the age of the log" {
	kept --log-age 1s -- sh -c 'echo one; exec sleep 600'
	eventually 5 is_log one
	kill -KILL "$(keeper)"
	eventually 5 test -e "$log.1"
	[[ $(<"$log.1") == one && ! -s $log ]]
	stops svc
}

@test "a log whose directory is moved away and signalled for: told, and tried again" {
	mkdir logs
	logged="--log=$scratch/logs/log" supervised -- sh -c 'echo one; exec sleep 600'
	eventually 5 grep -qx one logs/log
	mv logs were
	kill -USR1 "$super"
	eventually 5 test -e run/svc/degraded
	mkdir logs
	eventually 10 test -e logs/log
	eventually 5 not test -e run/svc/degraded
	stops svc
}

# bats test_tags=root
@test "no room for a spool: it does not start; later: it runs on" {
	root_only
	small_disk 100k
	DAEMONIZE_RUNDIR=$scratch/small run_fresh daemonize -n svc -r --log="$scratch/log" sleep 600
	expect_status 1
	[[ $stderr == 'daemonize: log: spool: No space left on device' ]] || told
	[[ ! -e log ]]
	mount -o remount,size=2500k small
	mkfifo more
	DAEMONIZE_RUNDIR=$scratch/small run_fresh daemonize -n svc -c "$scratch" -r \
	    --log=/dev/full sh -c "$counting"
	expect_status 0
	remember "$(record small/svc/public supervisor)" "$(<small/svc/pid)" \
	    "$(record small/svc/public keeper)"
	cat /dev/zero >small/fill 2>/dev/null || :
	count 1000000
	rm small/fill
	DAEMONIZE_RUNDIR=$scratch/small run_fresh daemonctl stop svc
	expect_status 0
	eventually 5 umount small
}

@test "its run directory may vanish: an upgrade, and another keeper, lose nothing" {
	mkfifo more
	kept -- sh -c "$counting"
	count 10
	rm -rf run/svc
	eventually 5 test -s run/svc/control -o -S run/svc/control
	eventually 5 another_than 0
	count 20
	ctl upgrade svc
	expect_status 0
	count 30
	eventually 5 has_all 30
	remember "$(supervisor)" "$(keeper)"
	stops svc
}

@test "show prints what starts the same" {
	logged="--log=$scratch/log" supervised --log-age 1h --log-files 0 \
	    --log-timestamps=unix --log-tags --log-block -- sleep 600
	ctl show svc
	line=${lines[0]}
	[[ $line == *" --log $scratch/log --log-size 10M --log-age 1h --log-files 0 --log-timestamps=unix --log-tags --log-block -- sleep 600" ]] || told
	[[ $line != *' -o '* && $line != *' -a '* ]] || told
	stops svc
	eval "run_fresh $line"
	expect_status 0
	remember "$(supervisor)" "$(<run/svc/pid)" "$(keeper)"
	ctl show svc
	[[ ${lines[0]} == "$line" ]] || told
	stops svc
}

@test "what cannot be meant is refused" {
	for bad in '--log-size=x' '--log-age=0' '--log-files=-1' '--log-timestamps=never' '--log-tags=1'; do
		run_fresh daemonize -n svc -r "$bad" true
		expect_status 2
	done
	run_fresh daemonize -n svc -r -o x --log-size=1M true
	expect_status 2
	[[ $stderr == 'daemonize: option: --log-size: not with -o or -e: what it prints is not ours' ]] || told
	run_fresh daemonize -n svc -r --log=none --log-tags true
	expect_status 2
	run_fresh daemonize -F -r --log-tags true
	expect_status 125
	run_fresh daemonize -n svc --log-tags true
	expect_status 2
}

# bats test_tags=root
@test "a supervisor is called until there is room for one" {
	root_only
	mkdir small
	mount -t tmpfs -o size=4m,nr_inodes=24,mode=755 none small || skip 'nothing can be mounted'
	export DAEMONIZE_RUNDIR=$scratch/small
	logged="--log=$scratch/log"
	run_fresh daemonize -n svc -r --log="$scratch/log" sleep 600
	expect_status 0
	old=$(record small/svc/public supervisor)
	remember "$old" "$(<small/svc/pid)" "$(record small/svc/public keeper)"
	i=0
	while : >"small/x$i"; do ((++i)); done 2>/dev/null
	kill -KILL "$old"
	eventually 5 is unsupervised 0 svc
	rm -f small/x*
	eventually 10 is ready 0 svc
	remember "$(record small/svc/public supervisor)"
	stops svc
	eventually 5 umount small
}
