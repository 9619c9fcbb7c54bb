#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# A supervisor becomes another program without its service noticing; and a
# service is paused.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised

setup()
{
	scratch_setup
	cd "$scratch" || return
	# programs of our own, to be replaced
	mkdir bin
	cp "$BUILD"/daemonize "$BUILD"/daemonctl "$BUILD"/daemonize-supervisor bin
	PATH=$scratch/bin:$PATH
}

# becomes SCRIPT: so the installed supervisor does.
becomes()
{
	printf '#!/bin/sh\n%s\n' "$1" >bin/new
	chmod 755 bin/new
	mv bin/new bin/daemonize-supervisor
}

# another: the installed supervisor is another file, with the same in it.
another()
{
	cp bin/daemonize-supervisor bin/new
	mv bin/new bin/daemonize-supervisor
}

@test "the same process, the same children, the next restart" {
	supervised -- sh -c 'echo >>runs; exec sleep 600'
	pid=$(<run/svc/pid)
	another
	ctl list
	[[ $output == *'svc '*'ready* '* && $output == *'daemonctl upgrade'* ]] || told
	does 0 "svc: supervisor upgraded, pid $super" upgrade svc
	[[ $(supervisor) == "$super" ]]
	alive "$pid"
	[[ $(readlink "/proc/$super/exe") == "$scratch/bin/daemonize-supervisor" ]]
	[[ $(tr -d '\0' <"/proc/$super/cmdline") == 'daemonize: svc' ]]
	ctl list
	[[ $output != *'*'* ]] || told
	kill -KILL "$pid"
	eventually 5 started 2
	eventually 5 is ready 0 svc
	[[ $output == *'signal KILL'* && $output == *' 1 so far'* ]] || told
	# twice is as good, and a signal does the same
	ctl upgrade svc
	expect_status 0
	another
	kill -USR2 "$super"
	eventually 5 not_old
	started 2
	# with --all, too, one that has none gets one
	kill -KILL "$super"
	eventually 5 gone "$super"
	pid=$(<run/svc/pid)
	ctl upgrade --all
	expect_status 0
	super=$(supervisor)
	remember "$super"
	[[ $output == "svc: adopted, pid $pid
svc: supervisor upgraded, pid $super" ]] || told
	stops svc
	refuses 7 'upgrade: svc: not running (daemonctl start svc)' upgrade svc
	does 0 '' upgrade --all
}

@test "it keeps its pidfile and its title, however long" {
	title="the $(printf 'very %.0s' {1..60})first"
	supervised -P sup -t "$title" -- sleep 600
	inode=$(stat -c %i sup)
	another
	does 0 "svc: supervisor upgraded, pid $super" upgrade svc
	[[ $(tr -d '\0' <"/proc/$super/cmdline") == "$title" ]]
	[[ $(<sup) == "$super" && $(stat -c %i sup) == "$inode" ]]
	stops svc
	not test -e sup
}

not_old()
{
	ctl list
	[[ $output != *'*'* ]]
}

@test "a backoff goes on where it was" {
	supervised -R 3 -- sh -c 'echo >>runs; exec sleep 600'
	kill -KILL "$(<run/svc/pid)"
	eventually 5 is backoff 1 svc
	next=$(record run/svc/public next)
	another
	ctl upgrade svc
	expect_status 0
	is backoff 1 svc
	[[ $(record run/svc/public next) == "$next" ]]
	started 1
	eventually 8 started 2
}

@test "what does not work is refused, and nothing is lost" {
	supervised -- sh -c 'echo >>runs; exec sleep 600'
	cp bin/daemonize-supervisor good
	no='upgrade: svc: the installed program does not work, or cannot read the record'
	for bad in 'exit 0' 'echo yes >&$4' 'exit 1' 'kill -KILL $$' \
	    'trap "" ALRM TERM; sleep 600 & wait'; do
		becomes "$bad"
		refuses 1 "$no" upgrade svc
	done
	# where others may put another
	cp good bin/daemonize-supervisor
	chmod 777 bin
	refuses 1 "upgrade: svc: $scratch/bin/daemonize-supervisor: is no program, or others may write to it" upgrade svc
	chmod 755 bin
	# a library that is missing
	sed 's/libc[.]so[.]6/libx.so.6/' good >bin/new
	if ! cmp -s good bin/new; then
		chmod 755 bin/new
		mv bin/new bin/daemonize-supervisor
		refuses 1 "$no" upgrade svc
	fi
	chmod 777 good
	cp -p good bin/new
	mv bin/new bin/daemonize-supervisor
	refuses 1 "upgrade: svc: $scratch/bin/daemonize-supervisor: is no program, or others may write to it" upgrade svc
	rm bin/daemonize-supervisor
	refuses 1 "upgrade: svc: $scratch/bin/daemonize-supervisor: is not there any more" upgrade svc
	# a record of a version to come
	chmod 755 good
	cp -p good bin/daemonize-supervisor
	sed -i '1s/1$/2/' run/svc/state
	refuses 1 "$no" upgrade svc
	sed -i '1s/2$/1/' run/svc/state
	[[ $(supervisor) == "$super" ]]
	started 1
	ctl upgrade svc
	expect_status 0
	kill -KILL "$(<run/svc/pid)"
	eventually 5 started 2
}

@test "in a storm of ends, stops and upgrades there is one copy, and an end" {
	TEST_LIMIT=120
	watch_start
	supervised -R 0.01 -- flock -n -E 99 -F lock sh -c 'echo >>runs; exec sleep 600'
	for n in {1..40}; do
		another
		daemonctl upgrade svc >/dev/null 2>&1 3>&- & first=$!
		kill -KILL "$(cat run/svc/pid 2>/dev/null)" 2>/dev/null || :
		kill -USR2 "$super"
		wait "$first" || :
	done
	alive "$super"
	eventually 5 is ready 0 svc
	[[ $output != *'status 99'* ]] || told
	(($(wc -l <runs) > 5))
	another
	daemonctl upgrade svc >/dev/null 2>&1 3>&- & first=$!
	stops svc
	wait "$first" || :
	is stopped 3 svc
	nothing_runs
}

@test "what it hears through NOTIFY_SOCKET it goes on hearing" {
	needs systemd-notify
	supervised --ready=notify -- sh -c 'systemd-notify --ready
		while ! test -e go; do sleep 0.02; done
		systemd-notify --status="still here"; exec sleep 600'
	another
	ctl upgrade svc
	expect_status 0
	touch go
	eventually 5 says 'still here'
}

# says TEXT: status tells it.
says()
{
	ctl status svc
	[[ $output == *"says      $1"* ]]
}

# is_still PID: it is stopped, or frozen with its control group.
is_still()
{
	local group
	group=$(record run/svc/state cgroup) || group=/none
	in_state "$1" T || grep -qs 'frozen 1' "$group/cgroup.events"
}

@test "paused: all of it, until it is resumed; no deadline passes" {
	supervised --max-runtime=1s -- sh -c 'while :; do date >>beats; sleep 0.02; done'
	pid=$(<run/svc/pid)
	eventually 5 test -s beats
	does 0 "svc: paused, pid $pid" pause svc
	is paused 0 svc
	eventually 5 is_still "$pid"
	was=$(wc -l <beats)
	not eventually 1.2 not has_lines "$was" beats
	does 0 '' pause svc
	is paused 0 svc
	[[ $(<run/svc/pid) == "$pid" ]]
	does 0 "svc: released, pid $pid" release svc
	eventually 5 not is_still "$pid"
	is unsupervised 0 svc
}

@test "paused: resumed, stopped, restarted, adopted" {
	supervised -- sleep 600
	pid=$(<run/svc/pid)
	ctl pause svc
	does 0 "svc: resumed, pid $pid" resume svc
	eventually 5 not is_still "$pid"
	does 0 '' resume svc
	ctl pause svc
	ctl restart svc
	expect_status 0
	gone "$pid"
	pid=$(<run/svc/pid)
	ctl pause svc
	kill -KILL "$super"
	eventually 5 gone "$super"
	ctl adopt svc
	expect_status 0
	is paused 0 svc
	eventually 5 is_still "$pid"
	ctl resume svc
	expect_status 0
	eventually 5 not is_still "$pid"
	ctl pause svc
	stops svc
	nothing_runs
	refuses 7 'pause: svc: not running (daemonctl start svc)' pause svc
}

@test "adopt: a program that hangs is not waited for, and keeps nothing" {
	supervised -- sleep 600
	kill -KILL "$super"
	eventually 5 gone "$super"
	cp bin/daemonize-supervisor good
	becomes 'exec sleep 600'
	refuses 1 'adopt: svc: supervise: the supervisor ended, or had to, before it had adopted it' \
	    adopt svc
	is unsupervised 0 svc
	mv good bin/daemonize-supervisor
	does 0 "svc: adopted, pid $(<run/svc/pid)" adopt svc
	remember "$(supervisor)"
	stops svc
}

@test "where none is installed nothing is stopped for a restart" {
	supervised -- sleep 600
	kill -KILL "$super"
	eventually 5 gone "$super"
	pid=$(<run/svc/pid)
	mv bin/daemonize-supervisor bin/away
	why='supervise: daemonize-supervisor: is not installed beside us, in ../libexec/daemonize or in '
	ctl restart svc
	expect_status 5
	[[ $stderr == "daemonctl: restart: svc: $why"*'; it runs on' ]] || told
	run_fresh daemonize --replace -n svc -r sleep 601
	expect_status 127
	[[ $stderr == "daemonize: $why"* ]] || told
	alive "$pid"
	mv bin/away bin/daemonize-supervisor
	ctl restart svc
	expect_status 0
	gone "$pid"
	stops svc
}

@test "who ends meanwhile is our child, and its status known" {
	for n in {1..6}; do
		supervised -- sh -c 'trap "exit 78" USR1; touch up; while :; do sleep 0.01; done'
		eventually 5 test -e up
		rm up
		another
		daemonctl upgrade -q svc 3>&- & upgrade=$!
		sleep "0.00$((2 * n % 10))"
		kill -USR1 "$(<run/svc/pid)"
		wait "$upgrade" || :
		eventually 5 is exited 3 svc
		[[ $output == *'status 78, final'* ]] || told
	done
}

@test "several who want it upgraded at once all get that" {
	supervised -- sleep 600
	at_once 6 upgrade svc
	for i in {1..6}; do
		wait "${all[i]}"
		[[ $(<"told$i") == "svc: supervisor upgraded, pid $super" ]]
	done
	is ready 0 svc
	stops svc
	nothing_runs
}
