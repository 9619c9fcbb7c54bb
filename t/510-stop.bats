#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# stop: by its schedule, to the end, and what is left afterwards.  Of whole
# trees: 515-stop-tree.bats.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl

setup()
{
	scratch_setup
	p=$scratch/p
	c=$scratch/c
	cgroup=/sys/fs/cgroup/freezer/daemonize-test-$$
}

# A frozen process outlives a KILL: thaw it, so that it can be ended.
teardown()
{
	thaw
	scratch_teardown || return
	[[ ! -d $cgroup ]] || eventually 5 rmdir "$cgroup"
}

freeze()
{
	mkdir "$cgroup" 2>/dev/null || skip 'no freezer of cgroup v1'
	echo "$1" >"$cgroup/cgroup.procs"
	echo FROZEN >"$cgroup/freezer.state"
	frozen() { [[ $(<"$cgroup/freezer.state") == FROZEN ]]; }
	eventually 5 frozen
}

thaw() { [[ ! -d $cgroup ]] || echo THAWED >"$cgroup/freezer.state"; }

@test "it is gone when stop returns, and so are its pidfiles" {
	starts -n svc -p "$p"
	[[ -e $p && -e $scratch/run/svc/pid ]]
	stops svc
	gone "$pid"
	[[ ! -e $p && ! -e $scratch/run/svc/pid && -z $(strays) ]]
	is stopped 3 svc
}

@test "stopped already is no error" {
	starts -n svc
	stops svc
	does 0 'svc: not running' stop svc
	is stopped 3 svc
}

@test "one that ended by itself is tidied up" {
	starts -n svc -p "$p"
	finish "$pid"
	is exited 1 svc
	does 0 'svc: not running' stop svc
	[[ ! -e $p && ! -e $scratch/run/svc/pid ]]
	is stopped 3 svc
	ctl status svc
	[[ $output == *' had ended before'* ]]
}

@test "one that failed stays failed" {
	run_fresh daemonize -n svc "$scratch/none"
	does 0 'svc: not running' stop svc
	is failed 1 svc
}

@test "unknown names: 6; nothing named: 2; bad schedules: 2, nothing sent" {
	refuses 6 'stop: nope: no such service' stop nope
	refuses 6 'stop: n*: matches no service' stop 'n*'
	refuses 6 'stop: ../run: not a name' stop ../run
	refuses 2 'usage: stop what? NAME, GLOB, --all or -p PIDFILE' stop
	refuses 2 'usage: -p stands alone, without names' stop -p "$p" svc
	refuses 2 'usage: -p stands alone, without names' stop -p "$p" --all
	refuses 2 'usage: --exec and --user go with -p' stop --user root svc
	decoys -n svc
	for bad in '' TERM/ FOO/5 5x TERM//5 forever; do
		ctl stop --stop "$bad" svc
		expect_status 2
		one_line_stderr '^daemonctl: option: --stop: '
	done
	untouched "$pid"
}

@test "one that ignores TERM is killed, and named" {
	c=$scratch/c
	run_fresh daemonize -n svc -p "$p" condition "$c" ignore
	eventually 5 test -e "$c"
	pid=$(key "$c" pid)
	ctl stop --stop TERM/0.3/KILL/5 svc
	expect_status 0
	[[ -z $stderr && $output =~ ^svc:\ stopped\ in\ 0\.[3-9]\ s\;\ pid\ $pid\ \"condition\"\ had\ to\ be\ killed$ ]]
	gone "$pid"
	[[ ! -e $p ]]
	is stopped 3 svc
}

@test "one that is stopped by SIGSTOP ends on TERM all the same" {
	starts -n svc
	kill -STOP "$pid"
	eventually 5 in_state "$pid" T
	elapsed stops svc
	((took < 20000))
	gone "$pid"
}

@test "the schedule is followed: signals, times, CONT after each" {
	decoys -n svc
	elapsed ctl stop --stop USR1/0.2/INT/0.2/KILL/5 svc
	expect_status 0
	[[ $output == *"pid $pid \"decoy\" had to be killed" ]]
	[[ $(signals) == 'USR1 CONT INT CONT' ]]
	((took >= 400 && took < 5000))
	not grep -v -e '^pid=' -e " uid=$EUID\$" "$decoy"
}

@test "the recorded schedule is used, --stop is stronger, the default weaker" {
	decoys -n svc --stop HUP/0.1/KILL/5
	ctl stop svc
	expect_status 0
	[[ $(signals) == 'HUP CONT' ]]
	ctl start svc
	eventually 5 test -e "$decoy"
	ctl stop --stop USR2/0.1/KILL/5 svc
	[[ $(signals) == *'USR2 CONT' ]]
	rm "$decoy"
	decoys -n two
	ctl stop --stop 0.1 two
	expect_status 0
	[[ $(signals) == 'TERM CONT' ]]
}

# bats test_tags=root
@test "one that cannot be stopped: 9 within its schedule, and it is kept" {
	root_only
	starts -n svc -p "$p"
	freeze "$pid"
	elapsed ctl stop --stop TERM/0.2/KILL/0.5 svc
	expect_status 9
	((took >= 600 && took < 10000))
	one_line_stderr
	[[ $stderr =~ ^daemonctl:\ stop:\ svc:\ pid\ $pid\ \"condition\"\ could\ not\ be\ stopped:\ state\ [DS]$ ]]
	alive "$pid"
	is ready 0 svc
	[[ $(<"$p") == "$pid" ]]
	# Others are not held up.
	c=$scratch/c2 starts -n other
	ctl stop --stop TERM/0.1/KILL/0.2 --all
	expect_status 9
	[[ ${lines[0]} =~ $(stopped_line other) ]]
	thaw
	eventually 5 gone "$pid"
	does 0 'svc: not running' stop svc
	[[ ! -e $p && -z $(strays) ]]
}

# bats test_tags=root
@test "a restart of one that cannot be stopped makes no second one" {
	root_only
	starts -n svc
	freeze "$pid"
	ctl restart --stop TERM/0.1/KILL/0.3 svc
	expect_status 9
	[[ $(strays) == "$pid" ]]
}

# bats test_tags=root
@test "a child that cannot be stopped: 9, and the child is named" {
	root_only
	run_fresh daemonize -n svc tree "$scratch/t" kid:child
	eventually 5 test -e "$scratch/t"
	kid=$(key "$scratch/t" kid)
	freeze "$kid"
	ctl stop --stop TERM/0.1/KILL/0.3 svc
	expect_status 9
	[[ $stderr =~ ^daemonctl:\ stop:\ svc:\ pid\ $kid\ \"tree\"\ could\ not\ be\ stopped:\ state\ [DS]$ ]]
	gone "$(key "$scratch/t" self)"
}

@test "one whose parent does not reap it is dead at once" {
	launch unreaped -s "$scratch/u" daemonize -n svc -p "$p" \
	    condition "$c" pause
	eventually 5 test -e "$c"
	pid=$(key "$c" pid)
	eventually 5 grep -qx "$pid" "$p"
	elapsed stops svc
	((took < 20000))
	[[ $(state "$pid") == Z && ! -e $p ]]
	is stopped 3 svc
	does 0 'svc: not running' stop svc
}

@test "a zombie before the stop is not running" {
	launch unreaped -s "$scratch/u" daemonize -n svc condition "$c" pause
	eventually 5 test -e "$c"
	pid=$(key "$c" pid)
	eventually 5 daemonctl status svc
	kill -TERM "$pid"
	eventually 5 in_state "$pid" Z
	elapsed does 0 'svc: not running' stop svc
	((took < 20000))
}

@test "many names, a pattern, --all" {
	for name in a b1 b2 b3 d; do
		c=$scratch/c.$name starts -n "$name"
	done
	ctl stop d a
	expect_status 0
	[[ ${lines[0]} =~ $(stopped_line d) && ${lines[1]} =~ $(stopped_line a) ]]
	ctl stop 'b[12]'
	expect_status 0
	[[ ${lines[0]} =~ $(stopped_line b1) && ${lines[1]} =~ $(stopped_line b2) ]]
	is ready 0 b3
	ctl stop --all
	expect_status 0
	[[ ${#lines[@]} == 5 && ${lines[0]} == 'a: not running' ]]
	[[ ${lines[3]} =~ $(stopped_line b3) && -z $(strays) ]]
}

@test "one that is not there does not keep the others from being stopped" {
	c=$scratch/c1 starts -n a
	c=$scratch/c2 starts -n b
	ctl stop a nope b
	expect_status 6
	[[ $stderr == 'daemonctl: stop: nope: no such service' ]]
	[[ ${lines[0]} =~ $(stopped_line a) && ${lines[1]} =~ $(stopped_line b) ]]
	[[ -z $(strays) ]]
}

@test "who waits at a terminal is told what for, a script is not" {
	local when
	for when in terminal ''; do
		rm -f "$c"
		run_fresh daemonize -n svc condition "$c" ignore
		expect_status 0
		eventually 5 test -e "$c"
		pid=$(key "$c" pid)
		run_fresh $when daemonctl stop --stop TERM/3/KILL/5 svc
		expect_status 0
		[[ -z $stderr ]]
		if [[ -n $when ]]; then
			[[ ${lines[0]} == "daemonctl: stop: svc: waiting for pid $pid and its tree to end (TERM/3/KILL/5)" ]]
			[[ ${lines[1]} == "svc: stopped in 3."* ]]
		else
			[[ $output == "svc: stopped in 3."* ]]
		fi
	done
}

@test "-q says nothing, but of failures" {
	starts -n svc
	does 0 '' stop -q svc
	does 0 '' stop -q svc
	refuses 6 'stop: nope: no such service' stop -q nope
}

# bats test_tags=root
@test "somebody else's: 4, and nothing is sent" {
	root_only
	share_scratch
	chmod 755 "$scratch/run"
	decoys -n svc -p "$p"
	cp -a "$scratch/run" "$scratch/before"
	for verb in stop restart reload 'signal TERM' forget \
	    'stop --stop KILL/1' show; do
		# shellcheck disable=SC2086 # words
		run_fresh as_nobody daemonctl $verb svc
		expect_status 4
		one_line_stderr
		# shellcheck disable=SC2086 # words
		run_fresh as_nobody daemonctl $verb -p "$p"
		expect_status 4
		one_line_stderr
	done
	untouched "$pid"
	diff -r --no-dereference "$scratch/run" "$scratch/before"
	ctl stop --stop KILL/5 svc
	run_fresh as_nobody daemonctl start svc
	expect_status 4
	run_fresh as_nobody daemonctl stop svc
	expect_status 4
}

# bats test_tags=root
@test "a user's daemon that runs as root is not the user's to stop" {
	root_only
	others_write
	mkdir -m 700 "$scratch/his"
	chown nobody: "$scratch/his"
	export DAEMONIZE_RUNDIR=$scratch/his
	run_fresh as_nobody daemonize -n svc condition "$c" pause
	expect_status 0
	eventually 5 test -e "$c"
	pid=$(key "$c" pid)
	# As if he had the pid of root's decoy in his record.
	decoy=$scratch/decoy
	launch decoy "$decoy"
	eventually 5 test -e "$decoy"
	sed -i "/^pid /{s/.*/pid ${#launched}/;n;s/.*/$launched/}
		/^pidfd /,+1d" "$DAEMONIZE_RUNDIR/svc/public"
	start=$(birth "$launched")
	sed -i "/^start /{s/.*/start ${#start}/;n;s/.*/$start/}" \
	    "$DAEMONIZE_RUNDIR/svc/public"
	chown nobody: "$DAEMONIZE_RUNDIR/svc/public"
	run_fresh as_nobody daemonctl stop --stop TERM/0.1/KILL/0.1 svc
	((status == 4))
	untouched "$launched"
}

@test "TERM to stop itself undoes nothing, and another one goes on" {
	decoys -n svc
	launch daemonctl stop svc
	sent() { grep -q signal=TERM "$decoy"; }
	eventually 5 sent
	kill -TERM "$launched"
	eventually 5 gone "$launched"
	is ready 0 svc
	ctl stop --stop KILL/5 svc
	expect_status 0
	gone "$pid"
	is stopped 3 svc
}

# bats test_tags=root
@test "what could not be recorded on a read-only file system is told" {
	root_only
	unshare -m bash -c '
		mount -t tmpfs -o mode=700 none "$1/run" || exit 77
		daemonize -n svc sleep 600 || exit
		mount -o remount,ro "$1/run"
		daemonctl stop svc; echo $?' - "$scratch" \
	    >"$scratch.out" 2>"$scratch.err" 3>&- && status=0 || status=$?
	((status != 77)) || skip 'no tmpfs here'
	[[ $(<"$scratch.err") == \
	    'daemonctl: stop: svc: record: Read-only file system: its record and pidfile stay, though it is dead' ]]
	[[ $(tail -n 1 "$scratch.out") == 1 ]]
	[[ $(head -n 1 "$scratch.out") == 'svc: stopped in '* ]]
	[[ -z $(strays) ]]
}

@test "what could not be recorded because somebody has the lock is told" {
	starts -n svc -p "$p"
	exec {lock}<"$scratch/run/svc/lock"
	flock "$lock"
	ctl stop svc
	expect_status 1
	[[ $output =~ $(stopped_line svc) ]]
	[[ $stderr == 'daemonctl: stop: svc: record: somebody holds its lock: its record and pidfile stay, though it is dead' ]]
	gone "$pid"
	[[ -e $p ]]
	exec {lock}<&-
	does 0 'svc: not running' stop svc
	[[ ! -e $p ]]
}

@test "two stops at once: both say it is gone, and it is" {
	starts -n svc -p "$p"
	run_fresh storm 20 daemonctl stop svc
	expect_status 0
	[[ ${lines[0]} == 'status 0 20' ]]
	gone "$pid"
	[[ ! -e $p ]]
	is stopped 3 svc
}

@test "a daemon may stop itself" {
	run_fresh daemonize -n svc -p "$p" -o "$scratch/o" -e "$scratch/o" \
	    bash -c 'daemonctl stop --rundir "$1" svc; sleep 600' - "$scratch/run"
	expect_status 0
	said() { grep -q '^svc: stopped in' "$scratch/o"; }
	eventually 10 said
	eventually 5 is stopped 3 svc
	[[ ! -e $p ]]
}
