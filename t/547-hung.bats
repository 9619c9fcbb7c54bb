#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# A log that does not answer: a pipe that nobody reads, a disk that is frozen.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised
load 546-keeper

# hangs ARG...: its log is the pipe $log, which is open and not read.
hangs()
{
	mkfifo more log
	exec 7<>log
	logged="--log=$scratch/log $*" supervised -- sh -c "$counting"
	log=$scratch/log
}

# answers: it is read from now on, into got.
answers()
{
	cat log 7>&- 3>&- >got &
	remember "$!"
	reader=$!
}

is_stuck() { grep -q 'it does not answer$' run/svc/degraded; }

# is_told N: got has lines of all N, or tells of them, and ends with the last.
# Of one that is cut in two the beginning is there, with an end of its own, and that is
# told.
is_told()
{
	local line cut
	line=$(grep lost got)
	[[ $line =~ ([0-9]+)' lines, '([0-9]+)' bytes lost: it does not answer'(' (the line above is cut)')?$ ]] || return
	cut=$(($(wc -l <got) - 1 + BASH_REMATCH[1] - $1))
	((cut == (${#BASH_REMATCH[3]} > 0))) || return
	(($(stat -c %s got) - ${#line} - 1 + BASH_REMATCH[2] == $(seq "$1" | wc -c) + cut)) || return
	[[ $(tail -n 1 got) == "$1" ]]
}

@test "it runs on, the newest is kept, the rest is counted" {
	hangs
	count 1000000
	is ready 0 svc
	eventually 5 is_stuck
	eventually 5 eval 'ctl status svc
	[[ $output == *"degraded  its log cannot be written: it does not answer, for "*" lines dropped"* ]]'
	answers
	eventually 10 is_told 1000000
	eventually 5 not test -e run/svc/degraded
	stops svc
	eventually 5 is_told 1000000
	exec 7>&-
	nothing_runs
}

@test "nobody waits for it: not status, restart or stop, nor another start" {
	hangs
	count 100000
	eventually 5 is_stuck
	old=$(keeper)
	ctl restart svc
	expect_status 0
	remember "$(<run/svc/pid)"
	stops svc
	is stopped 3 svc
	alive "$old"
	refuses 1 "forget: svc: its keeper, pid $old, still has lines for its log" forget svc
	answers
	eventually 10 eval '[[ $(tail -n 1 got) == 100000 ]]'
	eventually 5 gone "$old"
	cmp got <(seq 100000)
	exec 7>&-
}

@test "another start comes to it, too, and what it writes is not lost" {
	hangs
	count 1000
	count 100000
	eventually 5 is_stuck
	old=$(keeper)
	stops svc
	rm -f done.*
	logged="--log=$scratch/log" supervised -- sh -c "$counting"
	count 50
	alive "$old"
	answers
	eventually 10 eval '[[ $(tail -n 1 got) == 50 ]]'
	eventually 10 gone "$old"
	cmp got <(seq 100000; seq 50)
	eventually 10 eval '[[ $(keeper) != "$old" ]] && alive "$(keeper)"'
	stops svc
	exec 7>&-
}

@test "--log-block: it waits, and nothing is lost" {
	hangs --log-block
	echo 1000000 >./more
	eventually 5 is_stuck
	is ready 0 svc
	[[ ! -e done.1000000 ]]
	answers
	eventually 10 test -e done.1000000
	stops svc
	eventually 10 cmp got <(seq 1000000)
	exec 7>&-
	nothing_runs
}

@test "with stamps and tags, and both streams" {
	mkfifo more log
	exec 7<>log
	logged="--log=$scratch/log --log-tags --log-timestamps" supervised -- sh -c '
		read -r n <./more; seq $n; seq $n >&2; : >ended; exec sleep 600'
	echo 300000 >./more
	eventually 10 test -e ended
	eventually 5 is_stuck
	answers
	stops svc
	eventually 10 eval '[[ $(tail -n 1 got) == *" 300000" ]]'
	[[ $(grep lost got) =~ Z\ !\ daemonize:\ ([0-9]+)\ lines, ]]
	(($(wc -l <got) - 1 + BASH_REMATCH[1] == 600000))
	not grep -Evq '^2[0-9-]*T[0-9:.]*Z (o|e|!) ' got
	exec 7>&-
}

@test "who is killed while he waits for it loses no more than he had in his hands" {
	hangs
	count 1000000
	eventually 5 eval '(($(cut -d " " -f 2 run/svc/degraded) > 0))'
	kill -KILL "$(keeper)"
	eventually 5 eval '[[ -n $(keeper) ]] && alive "$(keeper)"'
	count 1000010
	answers
	eventually 10 eval '[[ $(tail -n 1 got) == 1000010 ]]'
	stops svc
	told=$(grep -o '[0-9]* lines,' got | awk '{ n += $1 } END { print n }')
	# what was in his hands may be there and be told of
	there=$(grep -c '^[0-9]*$' got)
	((there + told >= 1000010 && there + told <= 1000010 + 65536))
	exec 7>&-
}

# bats test_tags=root
@test "a frozen disk" {
	root_only
	truncate -s 64M image
	mkfs.ext4 -q image && mkdir disk && mount -o loop image disk || skip 'no loop device'
	teardown()
	{
		fsfreeze -u disk 2>&1 || :
		eventually 5 umount disk
		scratch_teardown
	}
	mkfifo more
	logged="--log=$scratch/disk/log" supervised -- sh -c "$counting"
	log=$scratch/disk/log
	count 1000
	eventually 5 has_all 1000
	fsfreeze -f disk
	count 1000000
	is ready 0 svc
	eventually 5 is_stuck
	ctl restart svc
	expect_status 0
	remember "$(<run/svc/pid)"
	stops svc
	fsfreeze -u disk
	eventually 10 eval 'cp disk/log got; is_told 1000000'
	head -n 1000 got | cmp - <(seq 1000)
}
