#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# The pidfile of daemon_init(): there when it returns, one at a time, gone
# with the daemon where the daemon may, and never left by a failed start.

# Set by load, or for it.
# shellcheck disable=SC2034,SC2154
load helper
load start

initd=$BUILD/t/unit/initd
p() { echo "$scratch/x.pid"; }

@test "the pidfile is complete when the starter returns" {
	run_fresh "$initd" -p "$(p)" state "$scratch/s" pause
	expect_status 0
	eventually 5 test -e "$scratch/s"
	[ "$(cat "$(p)")" = "$(key "$scratch/s" pid)" ]
	[ "$(stat -c %a "$(p)")" = 644 ]
	expect_key "$scratch/s" fds '0 1 2'
}

@test "a relative one is meant from where the caller is" {
	cd "$scratch"
	run_fresh "$initd" -p x.pid pause
	expect_status 0
	alive "$(cat "$(p)")"
}

@test "a second start is refused with EEXIST and told whose it is" {
	run_fresh "$initd" -p "$(p)" pause
	expect_status 0
	run_fresh "$initd" -p "$(p)" pause
	expect_status 77
	[ "$output" = "refused pidfile EEXIST $(cat "$(p)")" ]
	run_fresh "$initd" -F -p "$(p)" pause
	expect_status 77
	[[ $output == 'refused pidfile EEXIST '* ]]
}

@test "daemonize refuses the same pidfile, and daemonctl stops it" {
	run_fresh "$initd" -p "$(p)" pause
	expect_status 0
	pid=$(cat "$(p)")
	run_fresh daemonize -p "$(p)" sleep 60
	expect_status 3
	run_fresh daemonctl status -p "$(p)"
	expect_status 0
	[[ $output == *"command   $initd -p $(p) pause"* ]]
	run_fresh daemonctl stop -p "$(p)"
	expect_status 0
	gone "$pid"
	[ ! -e "$(p)" ]
}

@test "a handle opened before it works behind it, with its descriptors kept" {
	run_fresh "$initd" -P "$(p)" write-pid ready await "$scratch/go" \
	    remove-pid state "$scratch/s" pause
	expect_status 0
	silent
	pid=$(cat "$(p)")
	alive "$pid"
	# Its lock came through, too.
	run_fresh "$initd" -p "$(p)" pause
	expect_status 77
	[ "$output" = "refused pidfile EEXIST $pid" ]
	: >"$scratch/go"
	eventually 5 test -e "$scratch/s"
	[ ! -e "$(p)" ]
	expect_key "$scratch/s" pid "$pid"
	expect_key "$scratch/s" fds '0 1 2'
}

# on_record STEP OBJECT REASON CODE: of the start that failed last.
on_record()
{
	run_fresh daemonctl status --json -p "$(p)"
	expect_status 1
	[[ $output == *'"state": "failed"'* ]] || told
	local public
	public=$(echo "$scratch"/run/%x.pid-*/public)
	expect_record "$public" step "$1"
	expect_record "$public" object "$2"
	expect_record "$public" reason "$3"
	expect_record "$public" code "$4"
	[[ -z $(strays) && ! -e $(p) ]]
}

@test "a start that failed is on record as failed, and why" {
	run_fresh "$initd" -p "$(p)" -d "$scratch/not" pause
	expect_status 1
	on_record cwd "$scratch/not" 'No such file or directory' 1
	run_fresh "$initd" -p "$(p)" -t 5000 failed 42 'no such thing'
	expect_status 42
	on_record start '' 'no such thing' 42
	run_fresh "$initd" -p "$(p)" -t 5000 state "$scratch/s" exit 3
	expect_status 1
	on_record start "pid $(key "$scratch/s" pid)" \
	    'exited with status 3 before it was ready' 1
	run_fresh "$initd" -p "$(p)" -t 300 pause
	expect_status 1
	on_record start "pid $(sed 's/.*pid \([0-9]*\).*/\1/' <<<"$stderr")" \
	    'not ready within 300 ms' 1
	run_fresh "$initd" -p "$(p)" -F -d "$scratch/not" pause
	expect_status 77
	on_record cwd "$scratch/not" 'No such file or directory' 1
	run_fresh "$initd" -p "$(p)" pause
	expect_status 0
	run_fresh daemonctl status -p "$(p)"
	expect_status 0
}

@test "of many starts at once exactly one wins" {
	run_fresh storm 40 "$initd" -p "$(p)" pause
	[[ $output =~ (^|[^0-9])39([^0-9]|$) ]] || told
	alive "$(cat "$(p)")"
}

@test "it is removed at exit, but by no child" {
	run_fresh "$initd" -p "$(p)" await "$scratch/go" exit 0
	expect_status 0
	[ -e "$(p)" ]
	: >"$scratch/go"
	eventually 5 not test -e "$(p)"
	run_fresh "$initd" -C -p "$(p)" child-failed state "$scratch/s" pause
	expect_status 0
	eventually 5 test -e "$scratch/s"
	[ -e "$(p)" ]
}

@test "what a dead daemon left does not stop the next" {
	run_fresh "$initd" -p "$(p)" pause
	expect_status 0
	pid=$(cat "$(p)")
	kill -KILL "$pid"
	eventually 5 gone "$pid"
	[ -e "$(p)" ]
	run_fresh "$initd" -p "$(p)" pause
	expect_status 0
	[ "$(cat "$(p)")" != "$pid" ]
}

@test "a failed start leaves none" {
	local words
	for words in 'failed 3 x' 'exit 0' 'die 9' 'pause'; do
		# shellcheck disable=SC2086
		run_fresh "$initd" -t 200 -p "$(p)" $words
		((status != 0)) || told "$words"
		[ ! -e "$(p)" ] || told "$words"
	done
	run_fresh "$initd" -p "$(p)" -d /nowhere pause
	expect_status 1
	[ ! -e "$(p)" ]
	run_fresh "$initd" -F -p "$(p)" -d /nowhere pause
	expect_status 77
	[ "$output" = 'refused cwd ENOENT' ]
	[ ! -e "$(p)" ]
}

@test "what is no pidfile is refused untouched" {
	echo precious >"$(p)"
	run_fresh "$initd" -p "$(p)" pause
	expect_status 77
	[ "$output" = 'refused pidfile EINVAL' ]
	[ "$(cat "$(p)")" = precious ]
	rm "$(p)"
	ln -s /etc/passwd "$(p)"
	run_fresh "$initd" -p "$(p)" pause
	expect_status 77
	[ "$output" = 'refused pidfile ELOOP' ]
}

# bats test_tags=root
@test "a daemon that dropped its user leaves root's pidfile to the starter" {
	root_only
	share_scratch
	run_fresh "$initd" -t 5000 -u 54321 -g 54321 -p "$(p)" failed 4 x
	expect_status 4
	[ ! -e "$(p)" ]
	run_fresh "$initd" -u 54321 -g 54321 -p "$(p)" pause
	expect_status 0
	[ "$(stat -c %u "$(p)")" = 0 ]
}
