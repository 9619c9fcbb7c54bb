#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# What the process the user called says and exits with: the daemon's verdict.

# Set by load, or for it; single quotes are for the inner shell.
# shellcheck disable=SC2016,SC2034,SC2154
load helper

initd=$BUILD/t/unit/initd

# verdict STATUS REGEX: of the last run; and nothing is left.
verdict()
{
	expect_status "$1"
	((${#stderr_lines[@]} == 1)) || told 'expected one line'
	[[ $stderr =~ $2 ]] || told "expected /$2/"
	[ -z "$(strays)" ]
}

@test "ready is 0, and says nothing" {
	run_fresh "$initd" -t 5000 ready pause
	expect_status 0
	silent
}

@test "ready may be said from a thread, and more than once" {
	run_fresh "$initd" -t 5000 thread-ready ready ready pause
	expect_status 0
	silent
}

@test "the starter waits until it is said" {
	"$initd" -t -1 state "$scratch/s" await "$scratch/go" ready pause 3>&- &
	starter=$!
	eventually 5 test -e "$scratch/s"
	alive "$starter"
	: >"$scratch/go"
	wait "$starter"
	alive "$(key "$scratch/s" pid)"
}

@test "stderr is the starter's until the daemon is ready, then it is not" {
	run_fresh "$initd" -t 5000 -e "$scratch/err" say early ready \
	    say late state "$scratch/s" pause
	expect_status 0
	[ "$stderr" = early ]
	eventually 5 test -e "$scratch/s"
	[ "$(cat "$scratch/err")" = late ]
	expect_key "$scratch/s" fds '0 1 2'
}

@test "a daemon that is ready holds nothing of the starter's" {
	not keeps_pipe "$initd" -t 5000 ready pause
	not keeps_pipe "$initd" pause
}

@test "failed is its text and its status" {
	run_fresh "$initd" -t 5000 failed 42 'no such thing'
	verdict 42 '^initd: no such thing$'
	run_fresh "$initd" -n web -t -1 failed 255 x
	verdict 255 '^web: x$'
}

@test "a status that is none becomes 1" {
	run_fresh "$initd" -t 5000 failed 0 x
	verdict 1 '^initd: x$'
	run_fresh "$initd" -t 5000 failed 256 x
	verdict 1 '^initd: x$'
	run_fresh "$initd" -t 5000 failed -3 x
	verdict 1 '^initd: x$'
}

@test "the text is one line that cannot steer a terminal" {
	run_fresh "$initd" -t 5000 failed 3 $'a\nb\e[31mc\n'
	verdict 3 '^initd: a\?b\?\[31mc$'
}

@test "a text of any length is a line" {
	run_fresh "$initd" -t 5000 failed 3 "$(printf %09000d 0)"
	verdict 3 '^initd: 0{2000,}$'
}

@test "an end before ready is told with its status, which is never 0" {
	run_fresh "$initd" -t 5000 exit 7
	verdict 1 '^initd: start: pid [0-9]+: exited with status 7 before it was ready$'
	run_fresh "$initd" -t -1 exit 0
	verdict 1 'exited with status 0 before it was ready$'
}

@test "a death before ready is told with its signal" {
	run_fresh "$initd" -t 5000 die 6
	verdict 134 '^initd: start: pid [0-9]+: killed by signal 6 \(ABRT\) before it was ready$'
	run_fresh "$initd" -t -1 die 9
	verdict 137 'killed by signal 9 \(KILL\) before it was ready$'
}

@test "a death is noticed while a child holds all descriptors" {
	run_fresh "$initd" -t -1 child-stays own-session die 9
	verdict 137 'killed by signal 9'
}

@test "late is ended and told, even if it does not listen" {
	run_fresh "$initd" -t 200 pause
	verdict 1 '^initd: start: pid [0-9]+: not ready within 200 ms$'
}

# bats test_tags=slow
@test "late is killed if it ignores TERM" {
	run_fresh "$initd" -t 100 ignore 15 pause
	verdict 1 'not ready within 100 ms$'
}

@test "nobody can say ready any more: ended and told" {
	run_fresh "$initd" -t -1 close-all pause
	verdict 1 'closed its descriptors before it was ready$'
}

@test "a child of the daemon does not speak for it" {
	run_fresh "$initd" -t 5000 child-ready exit 5
	verdict 1 'exited with status 5'
	run_fresh "$initd" -t 5000 child-failed exit 5
	expect_status 1
	[ "${stderr_lines[0]}" = 'initd: of the child' ]
	[[ ${stderr_lines[1]} == *'exited with status 5'* ]]
}

@test "a child that says ready does not take the daemon's turn" {
	run_fresh "$initd" -t 5000 child-ready ready pause
	expect_status 0
	silent
}

told_by()
{
	local sig=$1 number=$2 rc=0
	rm -f "$scratch/s"
	odd "default=$sig" -- "$initd" -t -1 state "$scratch/s" pause \
	    2>"$scratch/err" 3>&- &
	starter=$!
	eventually 5 test -e "$scratch/s"
	kill -"$sig" "$starter"
	wait "$starter" || rc=$?
	[ "$rc" -eq $((128 + number)) ] || { echo "$sig: $rc"; return 1; }
	gone "$(key "$scratch/s" pid)"
	grep -qx "initd: start: pid [0-9]*: ended by SIG$sig" "$scratch/err"
}

@test "a signal to the starter ends the daemon, then the starter likewise" {
	told_by TERM 15
	told_by INT 2
	told_by HUP 1
	told_by QUIT 3
	[ -z "$(strays)" ]
}

@test "a second signal does not wait for a daemon that will not end" {
	local rc=0
	"$initd" -t -1 ignore 15 state "$scratch/s" pause 2>"$scratch/err" \
	    3>&- &
	starter=$!
	eventually 5 test -e "$scratch/s"
	kill -TERM "$starter"
	eventually 5 grep -q 'ended by' "$scratch/err"
	kill -HUP "$starter"
	wait "$starter" || rc=$?
	[ "$rc" -eq 143 ]
	gone "$(key "$scratch/s" pid)"
}

@test "what the caller ignored does not end the start" {
	odd ignore=HUP -- "$initd" -t -1 state "$scratch/s" \
	    await "$scratch/go" ready pause 3>&- &
	starter=$!
	eventually 5 test -e "$scratch/s"
	kill -HUP "$starter"
	: >"$scratch/go"
	wait "$starter"
	alive "$(key "$scratch/s" pid)"
}

@test "the daemon runs on if the starter is killed" {
	"$initd" -t -1 -e "$scratch/err" state "$scratch/s" \
	    await "$scratch/go" ready say ready pause 3>&- &
	starter=$!
	eventually 5 test -e "$scratch/s"
	kill -KILL "$starter"
	wait "$starter" || :
	: >"$scratch/go"
	eventually 5 grep -q ready "$scratch/err"
	alive "$(key "$scratch/s" pid)"
}

@test "a step that fails after the fork is told as STEP: OBJECT: REASON" {
	run_fresh "$initd" -d /nowhere pause
	verdict 1 '^initd: cwd: /nowhere: No such file or directory$'
	run_fresh "$initd" -n web -d /etc/passwd -t -1 pause
	verdict 1 '^web: cwd: /etc/passwd: Not a directory$'
}

@test "words after ready go to where stderr went" {
	run_fresh "$initd" -t 5000 -e "$scratch/err" ready failed 3 later
	expect_status 0
	silent
	eventually 5 grep -qx 'initd: later' "$scratch/err"
}

@test "the starter leaves no zombie for a pid 1 that does not reap" {
	launch unreaped -s "$scratch/u" "$initd" -t 5000 state "$scratch/s" \
	    ready pause
	eventually 5 test -e "$scratch/u"
	starter=$(key "$scratch/u" pid) self=$(key "$scratch/u" self)
	eventually 5 in_state "$starter" Z
	read -r -a pids <"/proc/$self/task/$self/children" || :
	[ "${pids[*]}" = "$starter $(key "$scratch/s" pid)" ]
	launch unreaped -s "$scratch/v" "$initd" -t 100 pause
	eventually 5 test -e "$scratch/v"
	starter=$(key "$scratch/v" pid) self=$(key "$scratch/v" self)
	eventually 5 in_state "$starter" Z
	read -r -a pids <"/proc/$self/task/$self/children" || :
	[ "${pids[*]}" = "$starter" ]
}
