#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# wait: until it has ended, with its status where the kernel tells it.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl

setup()
{
	scratch_setup
	p=$scratch/p
	read -r release </proc/sys/kernel/osrelease
	IFS=.- read -r major minor _ <<<"$release"
}

# Since Linux 6.15 a pidfd tells the status of what others have reaped.
tells() { ((major > 6 || (major == 6 && minor >= 15))); }

# latched COMMAND...: a service svc that does COMMAND when $scratch/go is
# written to; a `daemonctl wait` for it runs, in $launched.
latched()
{
	mkfifo "$scratch/go"
	run_fresh daemonize -n svc -p "$p" bash -c 'read -r <"$0"; '"$*" \
	    "$scratch/go"
	expect_status 0
	pid=$(<"$p")
	launch daemonctl wait svc
	eventually 5 waits "$launched"
}

# In poll(2), that is.
waits()
{
	local where
	in_state "$1" S || return
	# Not everybody may see it: then asleep must do.
	read -r where <"/proc/$1/wchan" || :
	[[ $where == *poll* || $where == 0 ]]
}

# told_status N: the waiter ended with it.
told_status()
{
	local rc=0
	wait "$launched" || rc=$?
	tells || set -- 0
	((rc == $1)) || {
		echo "wait: $rc"
		cat "$scratch/daemonctl.err"
		return 1
	}
}

@test "several: each tells how it ended, and the time runs once" {
	mkfifo "$scratch/go"
	for i in 3 5; do
		run_fresh daemonize -n "w$i" bash -c 'read -r <"$0"; exit '"$i" \
		    "$scratch/go"
		expect_status 0
	done
	elapsed run_fresh daemonctl wait --timeout 500ms w3 w5
	expect_status 1
	[[ ${#stderr_lines[@]} == 2 ]]
	((took < 900))
	launch daemonctl wait w3 w5
	eventually 5 waits "$launched"
	exec 9<>"$scratch/go"
	printf '\n\n' >&9
	told_status 5
	exec 9>&-
}

@test "its exit status is ours" {
	latched 'exit 7'
	echo >"$scratch/go"
	told_status 7
	[[ ! -s $scratch/daemonctl.out ]]
	! tells || [[ ! -s $scratch/daemonctl.err ]]
}

@test "success is 0" {
	latched 'exit 0'
	echo >"$scratch/go"
	told_status 0
	! tells || [[ ! -s $scratch/daemonctl.err ]]
}

@test "killed by a signal is 128 and its number, and said" {
	latched 'kill -KILL $$'
	echo >"$scratch/go"
	told_status 137
	! tells || [[ $(<"$scratch/daemonctl.err") == 'daemonctl: wait: svc: killed by signal KILL' ]]
}

@test "a stop ends the waiting" {
	latched :
	ctl stop svc
	expect_status 0
	told_status 143
}

@test "many wait, all are told" {
	mkfifo "$scratch/go"
	run_fresh daemonize -n svc -p "$p" bash -c 'read -r <"$0"; exit 5' \
	    "$scratch/go"
	pid=$(<"$p")
	launch storm 20 daemonctl wait svc
	settled()
	{
		local n=0 q
		for q in $(<"/proc/$launched/task/$launched/children"); do
			[[ $(tr '\0' ' ' <"/proc/$q/cmdline") != daemonctl* ]] ||
			    ! waits "$q" || ((++n))
		done
		((n == 20))
	}
	eventually 20 settled
	echo >"$scratch/go"
	wait "$launched"
	if tells; then
		[[ $(head -n 1 "$scratch/storm.out") == 'status 5 20' ]]
	else
		[[ $(head -n 1 "$scratch/storm.out") == 'status 0 20' ]]
	fi
}

@test "a zombie tells its status on every kernel, at once" {
	mkfifo "$scratch/go"
	launch unreaped -s "$scratch/u" daemonize -n svc \
	    bash -c 'read -r <"$0"; exit 9' "$scratch/go"
	eventually 5 daemonctl status -q svc
	pid=$(<"$scratch/run/svc/pid")
	launch daemonctl wait svc
	eventually 5 waits "$launched"
	(echo >"$scratch/go") &
	rc=0
	elapsed wait "$launched" || rc=$?
	((rc == 9 && took < 20000))
	[[ $(state "$pid") == Z ]]
	refuses 7 'wait: svc: not running' wait svc
}

@test "--timeout: 1 when it is over, and nothing has happened" {
	decoys -n svc
	elapsed refuses 1 'wait: svc: still running' wait --timeout 300ms svc
	((took >= 300 && took < 10000))
	elapsed refuses 1 'wait: svc: still running' wait --timeout=0 svc
	((took < 10000))
	untouched "$pid"
	for bad in '' x 5x -1 1e3 99999999999999999999; do
		ctl wait --timeout "$bad" svc
		expect_status 2
		one_line_stderr '^daemonctl: option: --timeout: '
	done
}

@test "--timeout that is not over does not matter" {
	latched 'exit 3'
	launch daemonctl wait --timeout 7d svc
	eventually 5 waits "$launched"
	echo >"$scratch/go"
	told_status 3
}

@test "who is not running: 7; unknown: 6; nothing named: 2" {
	starts -n svc -p "$p"
	stops svc
	refuses 7 'wait: svc: not running' wait svc
	refuses 7 "wait: svc: not running" wait -p "$p"
	refuses 6 'wait: nope: no such service' wait nope
	refuses 2 'usage: wait what? NAME, GLOB, --all or -p PIDFILE' wait
	refuses 7 "wait: $scratch/none: not running" wait -p "$scratch/none"
}

@test "by pidfile, and for a daemon that others started" {
	mkfifo "$scratch/go"
	launch bash -c 'read -r <"$0"; exit 4' "$scratch/go"
	echo "$launched" >"$p"
	other=$launched
	launch daemonctl wait -p "$p" --exec bash
	eventually 5 waits "$launched"
	echo >"$scratch/go"
	# It is our zombie or we have reaped it: both are told.
	told_status 4
	gone "$other"
}

@test "the status of wait itself when it is interrupted is not the command's" {
	decoys -n svc
	launch daemonctl wait svc
	eventually 5 waits "$launched"
	kill -TERM "$launched"
	rc=0
	wait "$launched" || rc=$?
	((rc == 143))
	untouched "$pid"
}
