#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Starts and stops of one service by several at once: never two copies, and
# never "stopped" while it lives.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl

setup()
{
	scratch_setup
	p=$scratch/p
	# A command that would tell of another copy: it holds a lock for its
	# life, and says so where it cannot have it.
	cat >"$scratch/only" <<-'EOF2'
		#!/bin/bash
		exec 9>>"$1/only.lock"
		flock -n 9 || echo "double: $$" >>"$1/doubles"
		echo "$$" >>"$1/born"
		exec sleep 600
	EOF2
	chmod +x "$scratch/only"
	# A client: stops and starts until the time is over.  What was running
	# before stop was called must be gone when stop has said so.
	cat >"$scratch/client" <<-'EOF2'
		#!/bin/bash
		dir=$1 seed=$2 end=$((SECONDS + $3))
		shift 3
		RANDOM=$seed
		birth()
		{
			local l
			{ read -r l <"/proc/$1/stat"; } 2>/dev/null || return
			read -r -a l <<<"${l##*) }"
			[[ ${l[0]} == [ZX] ]] || echo "${l[19]}"
		}
		while ((SECONDS < end)); do
			case $((RANDOM % 5)) in
			0 | 1)
				pid= b=
				{ read -r pid <"$dir/p"; } 2>/dev/null
				[[ -z $pid ]] || b=$(birth "$pid")
				said=$(daemonctl stop "$@" 2>>"$dir/errors")
				rc=$?
				echo "stop $rc" >>"$dir/done.$seed"
				if ((rc == 0)) && [[ -n $b && $(birth "$pid") == "$b" ]]; then
					echo "lives: $pid after '$said'" >>"$dir/lies"
				fi
				;;
			2 | 3)
				daemonctl start "$@" >/dev/null 2>>"$dir/errors"
				echo "start $?" >>"$dir/done.$seed"
				;;
			4)
				daemonctl restart "$@" >/dev/null 2>>"$dir/errors"
				echo "restart $?" >>"$dir/done.$seed"
				;;
			esac
		done
	EOF2
	chmod +x "$scratch/client"
}

copies()
{
	local pid n=0
	for pid in $(strays); do
		[[ $(tr '\0' ' ' <"/proc/$pid/cmdline") != 'sleep 600 ' ]] || ((++n))
	done
	echo "$n"
}

# rages SECONDS ARG...: five clients that name it by ARG..., then the proofs;
# $SOAK times as long.
rages()
{
	local i clients=() for=$(($1 * ${SOAK:-1}))
	shift
	for i in 1 2 3 4 5; do
		"$scratch/client" "$scratch" "$i" "$for" "$@" 3>&- &
		clients+=("$!")
	done
	wait "${clients[@]}"
	sort "$scratch"/done.* | uniq -c
	sort "$scratch/errors" | sed 's/pid [0-9]*/pid N/g' | sort | uniq -c
	# It was a storm: many instances, and all sorts of calls.
	(($(wc -l <"$scratch/born") >= 5))
	[[ ! -e $scratch/doubles ]] || cat "$scratch/doubles"
	[[ ! -e $scratch/lies ]] || cat "$scratch/lies"
	[[ ! -e $scratch/doubles && ! -e $scratch/lies ]]
	not grep -v -e '^stop 0$' -e '^start [01]$' -e '^restart [01]$' \
	    "$scratch"/done.*
	# What it is in the end is one thing only, and can be told.
	(($(copies) <= 1))
	ctl stop "$@"
	expect_status 0
	[[ $(copies) == 0 && -z $(strays) && ! -e $p ]]
	# The last start may have been the one that was stopped half-way.
	is stopped 3 "$@" || is failed 1 "$@"
	ctl start "$@"
	expect_status 0
	[[ $(copies) == 1 && $(strays) == "$(<"$p")" ]]
	is ready 0 "$@"
}

@test "stop against start, by name" {
	run_fresh daemonize -n svc -p "$p" "$scratch/only" "$scratch"
	expect_status 0
	rages 4 svc
}

@test "stop against start, by the pidfile" {
	run_fresh daemonize -p "$p" "$scratch/only" "$scratch"
	expect_status 0
	rages 3 -p "$p"
}

@test "stop against a start that is not ready yet" {
	run_fresh daemonize -n svc -p "$p" --ready=alive:50ms "$scratch/only" \
	    "$scratch"
	expect_status 0
	rages 3 svc
}

@test "forget against start: it is there and known, or neither" {
	starts -n svc
	stops svc
	for i in {1..15}; do
		launch daemonctl forget -q svc
		run_fresh daemonize -n svc -p "$p" -c "$scratch" sleep 600
		wait "$launched" || :
		if ((status == 0)); then
			is ready 0 svc
			[[ $(strays) == "$(<"$p")" ]] || told "left: $(strays)"
			stops svc
		else
			[[ -z $(strays) ]] || told 'runs though it was refused'
		fi
		[[ ! -e $p ]]
	done
}

# under_way DIR: somebody is about to start the service of DIR: the lock is
# held, and nothing is recorded yet, until descriptor 9 is closed.
under_way()
{
	exec 9>>"$1/lock"
	flock 9
}

@test "who acts waits for a start under way; who looks does not" {
	starts -n svc -p "$p"
	stops svc
	under_way "$scratch/run/svc"
	for verb in stop 'signal TERM' reload wait start restart forget; do
		# shellcheck disable=SC2086
		run_fresh timeout 0.3 daemonctl $verb svc
		expect_status 124
	done
	is stopped 3 svc
	ctl list
	expect_status 0
	run_fresh timeout 0.3 daemonctl stop -p "$p"
	expect_status 124
	launch daemonctl stop svc 9>&-
	sleep 0.1
	alive "$launched"
	exec 9>&-
	wait "$launched"
	[[ ! -e $p ]]
}

@test "a restart and what comes meanwhile: one after the other" {
	starts -n svc -p "$p" --stop TERM/30
	under_way "$scratch/run/svc"
	# It runs, and somebody stops it or starts it again: who knows what will
	# be then?
	for start in 'daemonctl restart svc' 'daemonctl start svc' \
	    'daemonize -n svc sleep 600'; do
		# shellcheck disable=SC2086
		run_fresh timeout 0.3 $start
		expect_status 124
	done
	alive "$pid"
	# A stop does not wait for who has the lock: the kill is what it is for.
	# But it says that nobody has recorded it.
	ctl stop svc
	expect_status 1
	[[ $output =~ $(stopped_line svc) && $stderr == *'somebody holds its lock'* ]]
	gone "$pid"
	exec 9>&-
	is exited 1 svc
	ctl restart svc
	expect_status 0
}
