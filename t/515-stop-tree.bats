#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# stop takes the whole tree: whatever the daemon has started, and only that.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl

setup()
{
	scratch_setup
	t=$scratch/t
}

# grows WORD...: a service svc that is a tree of these.
grows()
{
	run_fresh daemonize -n svc tree "$t" "$@"
	expect_status 0 || return
	eventually 5 test -e "$t" || return
	# shellcheck disable=SC2046 # numbers
	remember $(cut -d = -f 2 "$t")
}

# felled: all of the tree are dead.
felled()
{
	local line
	while read -r line; do
		gone "${line#*=}" || {
			echo "lives: $line"
			return 1
		}
	done <"$t"
	[[ -z $(strays) ]]
}


@test "children, groups, sessions, orphans of a double fork" {
	grows child group session double group+double
	stops svc
	felled
}

@test "a stop from inside the tree ends all of it but its callers" {
	for verb in stop restart; do
		rm -f "$scratch"/{orphan,out,done}
		run_fresh daemonize -n svc bash -c '
			[[ ! -e $1/orphan ]] || exec sleep 600
			(sleep 600 & echo $! >"$1/orphan.new")
			mv "$1/orphan.new" "$1/orphan"
			daemonctl "$2" --rundir "$1/run" svc >"$1/out" 2>&1
			echo $? >"$1/done"' - "$scratch" "$verb"
		expect_status 0
		eventually 5 test -e "$scratch/orphan"
		remember "$(<"$scratch/orphan")"
		eventually 5 gone "$(<"$scratch/orphan")"
		eventually 5 grep -q . "$scratch/out"
		grep -q 'svc: stopped in ' "$scratch/out"
	done
	eventually 5 grep -q 'svc: running, pid' "$scratch/out"
	remember "$(<"$scratch/run/svc/pid")"
	ctl stop svc
	expect_status 0
	[[ -z $(strays) ]]
}

@test "a stop that was cut short is taken up by the next" {
	grows a:child+ignore b:session+ignore c:group+double+ignore d:child
	run_fresh timeout -s INT 0.5 daemonctl stop --stop TERM/30/KILL/5 svc
	expect_status 124
	gone "$(key "$t" self)"
	alive "$(key "$t" a)" && alive "$(key "$t" c)"
	ctl stop --stop KILL/5 svc
	expect_status 0
	felled
	is stopped 3 svc
	does 0 'svc: not running' stop svc
	[[ ! -e $scratch/run/svc/left ]]
}

@test "a restart ends what a stop that was cut short has left" {
	grows a:child+ignore b:child
	run_fresh timeout -s KILL 0.5 daemonctl stop --stop TERM/30/KILL/5 svc
	alive "$(key "$t" a)"
	cp "$t" "$scratch/old"
	rm "$t"
	ctl restart --stop KILL/5 svc
	expect_status 0
	t=$scratch/old
	gone "$(key "$t" a)"
	ctl stop --stop KILL/5 svc
	[[ -z $(strays) ]]
}

@test "what a stop that was cut short has left is in the way, and is told" {
	grows a:child+ignore b:child
	run_fresh timeout -s KILL 0.5 daemonctl stop --stop TERM/30/KILL/5 svc
	a=$(key "$t" a)
	is exited 1 svc
	[[ ${lines[0]} == 'svc: exited, but something of it still runs' ]]
	[[ $output == *"left      pid $a and perhaps others: a stop was cut short (daemonctl stop svc)"* ]]
	ctl status --json svc
	json "assert o[0]['left_pid'] == $a and o[0]['status'] == 1"
	ctl list
	[[ ${lines[-1]} == '1 service: 0 ready, 1 needs a look' ]]
	why="a stop of it was cut short, pid $a of it runs: stop it first"
	refuses 1 "start: svc: $why" start svc
	refuses 1 "forget: svc: $why" forget svc
	for option in -v --oknodo; do
		run_fresh daemonize $option -n svc true
		expect_status 1
		[[ ${stderr_lines[-1]} == "daemonize: start: svc: $why" ]]
	done
	alive "$a"
	ctl stop --stop KILL/5 svc
	expect_status 0
	gone "$a"
	is stopped 3 svc
	does 0 'svc: forgotten' forget svc
}

@test "what was left of one with a pidfile alone is told by that" {
	p=$scratch/p
	run_fresh daemonize -p "$p" tree "$t" a:child+ignore
	eventually 5 test -e "$t"
	a=$(key "$t" a)
	remember "$(key "$t" self)" "$a"
	run_fresh timeout -s KILL 0.5 daemonctl stop --stop TERM/30/KILL/5 -p "$p"
	ctl status -p "$p"
	[[ $output == *"a stop was cut short (daemonctl stop -p $p)"* ]]
	run_fresh daemonize -p "$p" true
	expect_status 1
	[[ $stderr == "daemonize: start: $p: a stop of it was cut short, pid $a of it runs: stop it first" ]]
	run_fresh daemonize -n svc -p "$p" true
	expect_status 1
	[[ $stderr == "daemonize: start: $p: a stop"* ]]
	ctl stop --stop KILL/5 -p "$p"
	expect_status 0
	gone "$a"
}

@test "what was left and noted is no stranger of the same number" {
	grows a:child+ignore
	run_fresh timeout -s KILL 0.5 daemonctl stop --stop TERM/30/KILL/5 svc
	kill -KILL "$(key "$t" a)"
	decoy=$scratch/decoy
	launch decoy "$decoy"
	eventually 5 test -e "$decoy"
	# As if the number were given to another: all else is as noted.
	sed -i "/^pid /{n;s/.*/$launched/;}" "$scratch/run/svc/left"
	sed -i "s/^pid .*/pid ${#launched}/" "$scratch/run/svc/left"
	does 0 'svc: not running' stop svc
	untouched "$launched"
}

@test "many, at once" {
	words=()
	for i in {1..60}; do
		words+=("a$i:child" "b$i:session")
	done
	grows "${words[@]}"
	elapsed stops svc
	((took < 20000))
	felled
}

@test "those that ignore TERM are killed, and each is named" {
	grows a:child+ignore b:session+ignore c:group+double+ignore d:child
	ctl stop --stop TERM/0.3/KILL/5 svc
	expect_status 0
	for label in a b c; do
		[[ $output == *"pid $(key "$t" "$label") \"tree\""* ]]
	done
	[[ $output != *"$(key "$t" self)"* && $output != *"$(key "$t" d)"* ]]
	[[ ${#lines[@]} == 1 && $output == svc:\ stopped*' had to be killed' ]]
	felled
}

@test "of very many that had to be killed a few are named" {
	words=()
	for i in {1..12}; do
		words+=("a$i:child+ignore")
	done
	grows "${words[@]}"
	ctl stop --stop TERM/0.1/KILL/5 svc
	[[ $(grep -o '"tree"' <<<"$output" | wc -l) == 8 ]]
	[[ $output == *', and more had to be killed' ]]
	felled
}

@test "those without an environment, and stopped ones" {
	grows child+cleared session+cleared a:child+stopped b:session+stopped \
	    self:cleared
	elapsed stops svc
	((took < 20000))
	felled
}

@test "a shell around the command" {
	run_fresh daemonize -n svc sh -c 'condition "$1" pause; :' - "$scratch/c"
	eventually 5 test -e "$scratch/c"
	pid=$(key "$scratch/c" pid)
	stops svc
	gone "$pid"
	[[ -z $(strays) ]]
}

@test "a pipeline, a subshell, a background job of a shell" {
	run_fresh daemonize -n svc bash -mc '
		setsid condition "$1/a" ignore | cat &
		(condition "$1/b" pause; :) &
		nohup condition "$1/c" pause >/dev/null 2>&1 &
		wait' - "$scratch"
	for f in a b c; do
		eventually 5 test -e "$scratch/$f"
	done
	ctl stop --stop TERM/0.5/KILL/5 svc
	expect_status 0
	for f in a b c; do
		gone "$(key "$scratch/$f" pid)"
	done
	[[ -z $(strays) ]]
}

@test "the main process ends first: it may still use its children" {
	run_fresh daemonize -n svc bash -c '
		condition "$1/c" pause & pid=$!
		trap "kill -0 \$pid && echo alive >\$1/said; exit" TERM
		: >"$1/ready"
		while :; do wait; done' - "$scratch"
	eventually 5 test -e "$scratch/c"
	eventually 5 test -e "$scratch/ready"
	stops svc
	[[ $(<"$scratch/said") == alive ]]
	gone "$(key "$scratch/c" pid)"
}

@test "who is started while it is being stopped is stopped as well" {
	run_fresh daemonize -n svc bash -c '
		trap "condition \$1/late ignore & exit" TERM
		: >"$1/ready"
		while :; do read -r -t 1 <>"$2"; done' - "$scratch" "$never"
	eventually 5 test -e "$scratch/ready"
	ctl stop --stop TERM/1/KILL/5 svc
	expect_status 0
	eventually 1 test -z "$(strays)"
	[[ ! -e $scratch/late ]] || gone "$(key "$scratch/late" pid)"
}

@test "another service, started by it, with a session of its own, stays" {
	run_fresh daemonize -n svc sh -c '
		DAEMONIZE_RUNDIR=$1/run daemonize -n other \
		    condition "$1/other" pause
		exec condition "$1/c" pause' - "$scratch"
	eventually 5 test -e "$scratch/c"
	eventually 5 test -e "$scratch/other"
	stops svc
	alive "$(key "$scratch/other" pid)"
	is ready 0 other
}

@test "neighbours and relatives are never signalled" {
	decoy=$scratch/decoy
	launch decoy "$decoy"
	eventually 5 test -e "$decoy"
	grows child session double
	stops svc
	[[ $(strays) == "$launched" ]]
	untouched "$launched"
}

# bats test_tags=root
@test "lines of descent that go on all the time end, and within the schedule" {
	root_only 'it makes pid namespaces'
	# All in it end with it, whatever happens.
	for how in '20 5000' '3 2000 deaf'; do
		# shellcheck disable=SC2086
		run_fresh timeout 60 unshare --pid --fork --kill-child \
		    --mount-proc bash -c '
			daemonize -n svc --stop TERM/0.5/KILL/5 lineage "$@"
			sleep 0.2
			daemonctl stop -q svc || exit
			for p in /proc/[0-9]*/stat; do
				read -r _ name state _ <"$p" || continue
				[[ $name != "(lineage)" || $state == Z ]] ||
				    echo "$p lives"
			done 2>/dev/null' - $how
		expect_status 0
		silent
	done
}
