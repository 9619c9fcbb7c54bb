#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# What comes while something else is under way: a start during a stop, a
# second stop, a death during a pause, a supervisor that has just been killed
# or does not answer.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised

# stubborn: a command that only KILL ends, once it is up.
stubborn=(sh -c "trap '' TERM; touch up; while :; do sleep 0.05; done")

# stopping NAME: a stop of it is under way, in the background.
stopping()
{
	eventually 5 test -e up
	rm up
	daemonctl stop "$1" >stopped 3>&- & stop=$!
	eventually 5 in_poll_or_wait "$stop"
}

# It waits for a death, or for the supervisor's answer.
in_poll_or_wait() { [[ $(state "$1") == S ]]; }

# is_over: the stop ended well, and something else runs now.
is_over()
{
	wait "$stop" && [[ $(<stopped) == 'svc: stopped in '* ]] || return
	remember "$(<run/svc/pid)"
	is ready 0 svc
}

@test "a start during a stop waits for it, and starts: supervised" {
	supervised --stop TERM/1/KILL/5 -- "${stubborn[@]}"
	first=$(<run/svc/pid)
	stopping svc
	ctl start svc
	expect_status 0
	[[ $output == "svc: running, pid $(<run/svc/pid)" && $(<run/svc/pid) != "$first" ]] || told
	is_over
	stopping svc
	run_fresh daemonize -n svc -c "$scratch" -r --stop TERM/1/KILL/5 "${stubborn[@]}"
	expect_status 0
	is_over
	ctl stop --stop KILL/5 svc
}

@test "a start during a stop waits for it, and starts: without its supervisor" {
	supervised --stop TERM/1/KILL/5 -- "${stubborn[@]}"
	for start in 'daemonctl start svc' 'daemonize -n svc -r sleep 600'; do
		super=$(supervisor)
		kill -KILL "$super"
		eventually 5 gone "$super"
		stopping svc
		# shellcheck disable=SC2086
		run_fresh $start
		expect_status 0
		is_over
		remember "$(supervisor)"
	done
}

@test "a start during a stop waits for it, and starts: plain" {
	run_fresh daemonize -n svc -c "$scratch" --stop TERM/1/KILL/5 "${stubborn[@]}"
	expect_status 0
	remember "$(<run/svc/pid)"
	for start in 'daemonctl start svc' 'daemonize -n svc sleep 600'; do
		stopping svc
		# shellcheck disable=SC2086
		run_fresh $start
		expect_status 0
		is_over
	done
}

@test "a stop with a schedule of its own begins that at once" {
	supervised --stop TERM/forever -- "${stubborn[@]}"
	stopping svc
	elapsed ctl stop --stop TERM/0.1/KILL/5 svc
	expect_status 0
	((took < 5000))
	wait "$stop"
	nothing_runs
}

@test "who dies while it is paused is thawed, and restarted" {
	supervised -- sleep 600
	first=$(<run/svc/pid)
	does 0 "svc: paused, pid $first" pause svc
	kill -KILL "$first"
	eventually 5 is_anew "$first"
	# nor is it frozen when its supervisor has died, too
	second=$(<run/svc/pid)
	remember "$second"
	ctl pause svc
	kill -KILL "$super"
	eventually 5 gone "$super"
	kill -KILL "$second"
	eventually 5 gone "$second"
	does 0 'svc: adopted, starts again' adopt svc
	remember "$(supervisor)"
	eventually 5 is_anew "$second"
	stops svc
	nothing_runs
}

@test "at the moment its supervisor is killed: adopt, start" {
	supervised -- sleep 600
	pid=$(<run/svc/pid)
	for n in {1..10}; do
		for verb in adopt start; do
			kill -KILL "$(supervisor)"
			does 0 "svc: adopted, pid $pid" "$verb" svc
			remember "$(supervisor)"
		done
	done
	stops svc
}

@test "a supervisor that does not answer is named, by whoever asks" {
	supervised -- sleep 600
	kill -STOP "$super"
	kill -KILL "$(<run/svc/pid)"
	for option in -v --replace --oknodo; do
		run_fresh daemonize "$option" -n svc -r sleep 600
		expect_status 1
		[[ ${stderr_lines[-1]} == *"svc: its supervisor"*' has not answered for 5 s' ]] ||
		    told
	done
	for verb in start forget; do
		ctl $verb svc
		expect_status 4
		[[ $stderr == "daemonctl: $verb: svc: "*"its supervisor, pid $super, has not answered for 5 s" ]] ||
		    told
	done
	refuses 4 "adopt: svc: its supervisor, pid $super, is stopped (kill -CONT $super)" adopt svc
	ctl check svc
	expect_status 2
	ctl status svc
	[[ $output == *"watched   by pid $super (stopped: kill -CONT),"* ]] || told
	ctl list
	[[ ${lines[-1]} == '1 service: 0 ready, 1 needs a look' ]] || told
	kill -CONT "$super"
	eventually 5 is ready 0 svc
	remember "$(<run/svc/pid)"
	stops svc
}

@test "a stop between fork and exec leaves no pidfile, a forget nobody else's" {
	for n in {1..12}; do
		run_fresh daemonize -n svc -r -R 0.05 -p "$scratch/p" sleep 600
		expect_status 0
		remember "$(supervisor)"
		kill -KILL "$(<p)"
		sleep "0.05$((n % 10))"
		ctl stop svc
		expect_status 0
		[[ ! -e p && ! -e run/svc/pid ]]
	done
	: >p # of a program that has locked it, and is about to write
	does 0 'svc: forgotten' forget svc
	[[ -e p ]]
}

@test "what has ended by itself is not said to be started again" {
	supervised --restart=never -- sh -c 'sleep 0.5; exit 3'
	kill -KILL "$super"
	eventually 5 gone "$super"
	eventually 5 gone "$(<run/svc/pid)"
	does 0 'svc: adopted, had ended, and is not started again' adopt svc
	eventually 5 is exited 3 svc
	does 0 '' adopt svc
}
