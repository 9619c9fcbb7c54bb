#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# The hooks: told of what happened, in nobody's way; and services that they, or
# the command itself, start or adopt are not the service's.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised

# is_left PID: the supervisor has it from a hook that is over.
is_left() { [[ $(awk '{ print $4 }' "/proc/$1/stat") == "$super" ]]; }

@test "they may start other services, which live on; other things do not" {
	run_fresh daemonize -n other -r -c "$scratch" sleep 601
	run_fresh daemonize -n plain -c "$scratch" sleep 602
	for name in other plain; do
		ctl stop $name
		expect_status 0
	done
	export DAEMONIZE_RUNDIR=$scratch/run
	supervised -E PATH="$PATH" -E DAEMONIZE_RUNDIR="$scratch/run" -E DAEMONIZE_LOGDIR="$DAEMONIZE_LOGDIR" -R 0.1 \
	    --on-ready 'daemonctl start other plain >>told 2>&1; rm -f stray
		setsid sh -c "echo \$\$ >stray; exec sleep 603" &
		until test -s stray; do sleep 0.01; done' \
	    -- sleep 600
	eventually 5 is ready 0 plain
	remember "$(record run/other/public supervisor)" "$(<run/other/pid)" "$(<run/plain/pid)"
	eventually 5 test -s stray
	remember "$(<stray)"
	were="$(<run/other/pid) $(<run/plain/pid)"
	for n in 1 2; do
		stray=$(<stray)
		pid=$(<run/svc/pid)
		eventually 5 is_left "$stray"
		kill -KILL "$pid"
		eventually 5 is_anew "$pid"
		eventually 5 gone "$stray"
		eventually 5 pid_changes stray "$stray"
		remember "$(<stray)"
	done
	eventually 5 is_left "$(<stray)"
	ctl stop svc
	expect_status 0
	gone "$(<stray)"
	[[ "$(<run/other/pid) $(<run/plain/pid)" == "$were" ]]
	is ready 0 other
	is ready 0 plain
	ctl stop other plain
	expect_status 0
	nothing_runs
}

@test "what they started is nobody else's, whoever watches over it" {
	supervised -E PATH="$PATH" -E DAEMONIZE_RUNDIR="$scratch/run" -E DAEMONIZE_LOGDIR="$DAEMONIZE_LOGDIR" -R 0.1 \
	    --on-ready 'test -e on || daemonize -n other -r --log=none sleep 601; echo $$ >on' -- sleep 600
	eventually 5 test -s on
	eventually 5 gone "$(<on)"
	other=$(<run/other/pid)
	remember "$other" "$(record run/other/public supervisor)"
	kill -KILL "$(record run/other/public supervisor)"
	eventually 5 is unsupervised 0 other
	pid=$(<run/svc/pid)
	kill -KILL "$pid"
	eventually 5 is_anew "$pid"
	does 0 "other: adopted, pid $other" adopt other
	remember "$(record run/other/public supervisor)"
	ctl stop svc
	expect_status 0
	alive "$other"
	is ready 0 other
	ctl stop other
	expect_status 0
	nothing_runs
}

@test "a stop ends that of --on-ready, and what it was about to start" {
	supervised -E PATH="$PATH" -E DAEMONIZE_RUNDIR="$scratch/run" -E DAEMONIZE_LOGDIR="$DAEMONIZE_LOGDIR" \
	    --stop TERM/2/KILL/5 --on-ready 'touch on; sleep 0.7; daemonize -n other -r sleep 601; touch ended' \
	    -- sh -c "trap '' TERM; while :; do sleep 0.05; done"
	eventually 5 test -e on
	ctl stop svc
	expect_status 0
	[[ ! -e ended && ! -e run/other ]]
	nothing_runs
}

@test "a fallback may be started when it has failed" {
	run_fresh daemonize -n fallback -r -c "$scratch" sleep 601
	ctl stop fallback
	run_fresh daemonize -n svc -r --max-restarts 1/1m -R 0 -c "$scratch" \
	    -E PATH="$PATH" -E DAEMONIZE_RUNDIR="$scratch/run" -E DAEMONIZE_LOGDIR="$DAEMONIZE_LOGDIR" \
	    --on-failed 'daemonctl start fallback' sh -c 'sleep 0.3; exit 1'
	expect_status 0
	eventually 5 is failed 1 svc
	eventually 5 is ready 0 fallback
	remember "$(record run/fallback/public supervisor)" "$(<run/fallback/pid)"
	not eventually 0.7 not is ready 0 fallback
	ctl stop fallback
	expect_status 0
}

@test "told of what happened, and in nobody's way" {
	hook='echo $DAEMONIZE_NAME $DAEMONIZE_STATE $DAEMONIZE_RESTARTS $DAEMONIZE_EXIT'
	supervised --on-ready "$hook >>ready; sleep 30" --on-exit "$hook >>exit; sleep 30" \
	    --on-failed "$hook >>failed" --max-restarts 1/1h -- sleep 600
	eventually 5 has_lines 1 ready
	kill -KILL "$(<run/svc/pid)"
	eventually 5 has_lines 2 ready
	eventually 5 has_lines 1 exit
	[[ $(<ready) == 'svc ready 0
svc ready 1 signal KILL' ]] || { cat ready; false; }
	kill -TERM "$(<run/svc/pid)"
	eventually 5 has_lines 1 failed
	[[ $(<failed) == 'svc failed 1 signal TERM' ]] || { cat failed; false; }
	eventually 5 is failed 1 svc
	eventually 5 gone "$super"
	# the lock is free, though they sleep on
	run_fresh daemonize -n svc sleep 600
	expect_status 0
}

@test "what the command itself starts or adopts is a service of its own, too" {
	for name in a b; do
		run_fresh daemonize -n $name -r --log=none -c "$scratch" sleep 60$((++n))
	done
	ctl stop b
	kill -KILL "$(record run/a/public supervisor)"
	eventually 5 is unsupervised 0 a
	a=$(<run/a/pid)
	remember "$a"
	supervised -E PATH="$PATH" -E DAEMONIZE_RUNDIR="$scratch/run" -E DAEMONIZE_LOGDIR="$DAEMONIZE_LOGDIR" -R 0.1 -- sh -c '
		daemonctl -q adopt a; daemonctl -q start b
		daemonize -n c sleep 603 3>&-; daemonize -F -n d -r sleep 604 3>&- &
		: >up; sleep 605 & wait'
	eventually 5 test -e up
	eventually 5 is ready 0 d
	remember "$(record run/a/public supervisor)" "$(record run/b/public supervisor)" \
	    "$(<run/b/pid)" "$(<run/c/pid)" "$(record run/d/public supervisor)" "$(<run/d/pid)"
	were="$a $(<run/b/pid) $(<run/c/pid)"
	rm up
	pid=$(<run/svc/pid)
	kill -KILL "$pid"
	eventually 5 is_anew "$pid"
	eventually 5 test -e up
	eventually 5 is ready 0 d
	remember "$(record run/d/public supervisor)" "$(<run/d/pid)"
	ctl stop svc
	expect_status 0
	for name in a b c; do
		is ready 0 $name
	done
	[[ "$(<run/a/pid) $(<run/b/pid) $(<run/c/pid)" == "$were" ]]
	# In the foreground it was a part of it.
	not is ready 0 d
	ctl stop a b c
	expect_status 0
	nothing_runs
}

# bats test_tags=root
@test "what it starts is in none of its control groups" {
	root_only
	run_fresh daemonize -n svc -c "$scratch" -r --max-memory 100M -E PATH="$PATH" \
	    -E DAEMONIZE_RUNDIR="$scratch/run" -E DAEMONIZE_LOGDIR="$DAEMONIZE_LOGDIR" -- sh -c '
		daemonize -n c -r sleep 603 3>&-; daemonize -n p sleep 604 3>&-
		: >up; exec sleep 605'
	[[ $stderr != *'no memory control group'* ]] || skip 'there can be no memory group'
	expect_status 0
	remember "$(supervisor)" "$(<run/svc/pid)"
	eventually 5 test -e up
	guests=("$(record run/c/public supervisor)" "$(<run/c/pid)" "$(<run/p/pid)")
	remember "${guests[@]}"
	grep -q daemonize-svc- "/proc/$(<run/svc/pid)/cgroup"
	for pid in "${guests[@]}"; do
		not grep -q daemonize-svc- "/proc/$pid/cgroup"
	done
	group=$(record run/svc/state memory_group)
	test -d "$group"
	stops svc
	eventually 5 not test -e "$group"
	is ready 0 c
	is ready 0 p
	ctl stop c p
	expect_status 0
	nothing_runs
}

@test "nor are they taken for the process that it has left" {
	run_fresh daemonize -n svc -c "$scratch" -r --ready=pidfile --ready-timeout 5s \
	    -E PATH="$PATH" -E DAEMONIZE_RUNDIR="$scratch/run" -E DAEMONIZE_LOGDIR="$DAEMONIZE_LOGDIR" -- sh -c '
		daemonize -n c -r sleep 603 3>&-; exit 0'
	expect_status 4
	remember "$(record run/c/public supervisor)" "$(<run/c/pid)"
	is ready 0 c
	run_fresh daemonize -n svc -c "$scratch" -r --ready=pidfile --ready-timeout 5s \
	    -E PATH="$PATH" -E DAEMONIZE_RUNDIR="$scratch/run" -E DAEMONIZE_LOGDIR="$DAEMONIZE_LOGDIR" -- sh -c '
		daemonize -n p sleep 604 3>&-; sleep 605 & exit 0'
	expect_status 0
	remember "$(<run/p/pid)" "$(supervisor)" "$(<run/svc/pid)"
	grep -qz 605 "/proc/$(<run/svc/pid)/cmdline"
	stops svc
	is ready 0 c
	is ready 0 p
	ctl stop c p
	nothing_runs
}

@test "who starts them may be ended with the service while it goes on with that" {
	run_fresh daemonize -n sup -r -c "$scratch" sleep 603
	ctl stop sup
	run_fresh daemonize -n plain -c "$scratch" sleep 604
	touch once
	supervised -E PATH="$PATH" -E DAEMONIZE_RUNDIR="$scratch/run" -E DAEMONIZE_LOGDIR="$DAEMONIZE_LOGDIR" -R 0.1 -- sh -c '
		! test -e once || { rm once; daemonctl -q restart plain sup svc; }
		exec sleep 605'
	eventually 5 not test -e once
	eventually 5 is ready 0 sup
	eventually 5 is_settled
	remember "$(record run/sup/public supervisor)" "$(<run/sup/pid)" "$(<run/plain/pid)" "$(<run/svc/pid)"
	not eventually 0.5 not is ready 0 sup
	is ready 0 plain
	ctl stop sup plain svc
	expect_status 0
	nothing_runs
}

# It sleeps, having been restarted.
is_settled() { is ready 0 svc && grep -qz 605 "/proc/$(<run/svc/pid)/cmdline"; }

@test "before: what it depends on may be started there" {
	run_fresh daemonize -n svc -c "$scratch" -r -E PATH="$PATH" \
	    -E DAEMONIZE_RUNDIR="$scratch/run" -E DAEMONIZE_LOGDIR="$DAEMONIZE_LOGDIR" --before '
		daemonize -n dep -r --oknodo sleep 603 3>&-
		setsid sleep 604 3>&- & echo $! >stray' sleep 605
	expect_status 0
	dep=$(<run/dep/pid)
	remember "$(supervisor)" "$(<run/svc/pid)" "$(record run/dep/public supervisor)" "$dep"
	eventually 5 gone "$(<stray)"
	is ready 0 dep
	ctl restart svc
	expect_status 0
	remember "$(<run/svc/pid)"
	is ready 0 dep
	[[ $(<run/dep/pid) == "$dep" ]]
	ctl stop svc dep
	expect_status 0
	nothing_runs
}

@test "a program with a record of its own is the service, if it is what was started" {
	initd=$BUILD/t/unit/initd
	for ready in pidfile pidfile:"$scratch/p"; do
		run_fresh daemonize -n svc -c "$scratch" -r -R 0.1 --ready="$ready" \
		    -E DAEMONIZE_RUNDIR="$scratch/run" -E DAEMONIZE_LOGDIR="$DAEMONIZE_LOGDIR" -- "$initd" -p "$scratch/p" ready pause
		expect_status 0
		remember "$(supervisor)" "$(<p)"
		[[ $(<run/svc/pid) == "$(<p)" ]]
		pid=$(<p)
		kill -KILL "$pid"
		eventually 5 is_anew "$pid"
		remember "$(<run/svc/pid)"
		stops svc
		nothing_runs
	done
}

@test "nor does a start that fails, or a stop without a supervisor, end them" {
	run_fresh daemonize -n svc -c "$scratch" -E PATH="$PATH" -E DAEMONIZE_RUNDIR="$scratch/run" -E DAEMONIZE_LOGDIR="$DAEMONIZE_LOGDIR" \
	    --ready=alive:5s sh -c 'daemonize -n c -r sleep 603 3>&-
		daemonize -n p sleep 604 3>&-; exit 5'
	expect_status 4
	remember "$(record run/c/public supervisor)" "$(<run/c/pid)" "$(<run/p/pid)"
	is ready 0 c
	is ready 0 p
	ctl stop c p
	# Whose main process is a subreaper has them for children.
	supervised -E PATH="$PATH" -E DAEMONIZE_RUNDIR="$scratch/run" -E DAEMONIZE_LOGDIR="$DAEMONIZE_LOGDIR" -- "$python" -c '
import ctypes, os, subprocess, time
ctypes.CDLL(None).prctl(36, 1)
for name in "c", "p": subprocess.call(["daemonctl", "-q", "start", name])
open("up", "w").close()
time.sleep(600)'
	eventually 5 test -e up
	remember "$(record run/c/public supervisor)" "$(<run/c/pid)" "$(<run/p/pid)"
	kill -KILL "$super"
	eventually 5 gone "$super"
	ctl stop svc
	expect_status 0
	is ready 0 c
	is ready 0 p
	ctl stop c p
	nothing_runs
}

@test "what a service starts as it is being stopped is none of it" {
	supervised -E PATH="$PATH" -E DAEMONIZE_RUNDIR="$scratch/run" -E DAEMONIZE_LOGDIR="$DAEMONIZE_LOGDIR" -- sh -c '
		trap "daemonize -n late -r sleep 605 3>&-; exit" TERM
		touch up; while :; do sleep 0.05; done'
	eventually 5 test -e up
	ctl stop svc
	expect_status 0
	remember "$(record run/late/public supervisor)" "$(<run/late/pid)"
	is ready 0 late
	ctl stop late
	nothing_runs
}

@test "who is in the way of its next run is ended with what it has started" {
	supervised --on-exit 'echo $$ >>hooks; sleep 601; true' -- sleep 600
	ctl restart svc
	eventually 5 has_lines 1 hooks
	hook=$(<hooks)
	remember "$(<run/svc/pid)"
	ctl restart svc
	eventually 5 has_lines 2 hooks
	remember "$(<run/svc/pid)"
	eventually 5 eval '[[ -z $(ps -o pid= --sid "$hook") ]]'
	stops svc
	eventually 5 has_lines 3 hooks
	remember "$(tail -n 1 hooks)"
	eventually 5 eval '(($(ps -o pid= -C sleep -o args= | grep -c "sleep 60[1]") == 1))'
}
