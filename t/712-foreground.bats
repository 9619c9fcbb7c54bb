#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Under a manager daemon_init() must not fork.

# Set by load, or for it; single quotes are for the inner shell.
# shellcheck disable=SC2016,SC2034,SC2154
load helper

initd=$BUILD/t/unit/initd
s() { echo "$scratch/state"; }

# stays COMMAND...: it was this process itself that went on.
stays()
{
	rm -f "$(s)"
	run_fresh "$@"
	expect_status 0
	[ -e "$(s)" ] || told 'it forked'
	[[ $output == "$(key "$(s)" pid)" ]] || told 'it forked'
}

# Prints the pid, sets what "ours" stands for, and becomes the daemon.
self='echo $$; export "$1=$$"; shift; exec "$@"'

@test "the decision is right for every combination of its facts" {
	run_fresh "$BUILD/t/unit/foreground"
	expect_status 0
	[ "$output" = '1200000 combinations' ]
}

@test "it stays where the program wants it" {
	stays sh -c "$self" sh X "$initd" -F state "$(s)"
}

@test "it stays where a variable names its pid" {
	local v
	for v in LISTEN_PID SYSTEMD_EXEC_PID DAEMONIZE_SUPERVISED; do
		stays sh -c "$self" sh "$v" "$initd" state "$(s)"
	done
}

@test "it stays where DAEMON_FOREGROUND is 1" {
	DAEMON_FOREGROUND=1 stays sh -c "$self" sh X "$initd" state "$(s)"
}

@test "it detaches where a variable names another pid, or is not 1" {
	local v
	for v in LISTEN_PID SYSTEMD_EXEC_PID DAEMONIZE_SUPERVISED \
	    DAEMON_FOREGROUND; do
		rm -f "$(s)"
		run_fresh sh -c 'echo $$; export "$1=7$$"; shift; exec "$@"' \
		    sh "$v" "$initd" state "$(s)" pause
		expect_status 0
		eventually 5 test -e "$(s)"
		[ "$(key "$(s)" pid)" != "$output" ]
	done
}

@test "NOTIFY_SOCKET alone does not keep it, unless our parent is pid 1" {
	NOTIFY_SOCKET=$scratch/none run_fresh sh -c 'echo $$; exec "$@"' sh \
	    "$initd" state "$(s)" pause
	expect_status 0
	eventually 5 test -e "$(s)"
	[ "$(key "$(s)" pid)" != "$output" ]
}

# bats test_tags=root
@test "it stays as pid 1, and as a child of pid 1 with NOTIFY_SOCKET" {
	root_only
	unshare --pid --fork true 2>/dev/null || skip 'no pid namespaces'
	run_fresh unshare --pid --fork --mount-proc "$initd" state "$(s)"
	expect_status 0
	expect_key "$(s)" pid 1
	rm "$(s)"
	NOTIFY_SOCKET=$scratch/none run_fresh unshare --pid --fork --mount-proc \
	    sh -c '"$@"; exit' sh "$initd" state "$(s)"
	expect_status 0
	[ -e "$(s)" ]
	expect_key "$(s)" ppid 1
}

@test "in the foreground stdio is kept and the other steps are done" {
	exec 7</dev/null
	run_fresh "$initd" -F -m 077 -o "$scratch/o" state "$(s)" \
	    run "condition $scratch/c" print out say err
	exec 7<&-
	expect_status 0
	[ "$output" = out ]
	[ "$stderr" = err ]
	[ ! -e "$scratch/o" ]
	expect_key "$(s)" fds '0 1 2'
	expect_key "$scratch/c" umask 077
	expect_key "$scratch/c" cwd /
}

@test "in the foreground closed 0-2 become /dev/null" {
	run_fresh odd close=0,1,2 -- "$initd" -F state "$(s)" \
	    run "condition $scratch/c"
	expect_status 0
	expect_key "$(s)" fds '0 1 2'
	expect_key "$scratch/c" fd.2 /dev/null
}

@test "in the foreground failed goes to our stderr and STATUS=" {
	run_fresh notified "$scratch/n" "$initd" -F -t 5000 failed 6 'not today'
	expect_status 6
	[ "$stderr" = 'initd: not today' ]
	[[ $output == *'STATUS=not today'* ]]
	run_fresh notified "$scratch/n" "$initd" -F -t 5000 failed 6 $'a\e[1m\nb'
	[[ $output == *'STATUS=a?[1m b'* ]]
}

@test "descriptors handed over stay open" {
	LISTEN_FDS=2 run_fresh bash -c 'exec 3</dev/null 4</dev/null 5</dev/null
		export LISTEN_PID=$$; exec "$@"' sh "$initd" state "$(s)"
	expect_status 0
	expect_key "$(s)" fds '0 1 2 3 4'
}

@test "a manager that speaks sd_notify hears READY=1 once, from us" {
	run_fresh notified -v "$scratch/n" "$initd" -F -t 5000 state "$(s)" \
	    ready ready
	expect_status 0
	[ "$(grep -c READY=1 <<<"$output")" = 1 ]
	[[ $output == *"message pid=$(key "$(s)" pid) "* ]] || told
	[[ $output != *MAINPID* ]]
}

@test "ready when it returns: READY=1 needs no further call" {
	run_fresh notified "$scratch/n" "$initd" -F
	expect_status 0
	[[ $output == *READY=1* ]]
}

@test "a daemon that did detach names itself with MAINPID=" {
	run_fresh notified -u READY=1 "$scratch/n" "$initd" -t 5000 \
	    state "$(s)" ready pause
	expect_status 0
	eventually 5 test -e "$(s)"
	[[ $output == *"MAINPID=$(key "$(s)" pid)"* ]] || told
}

@test "DAEMON_READY_FD gets its newline, detached or not" {
	local how
	for how in -F -C; do
		rm -f "$(s)"
		DAEMON_READY_FD=9 run_fresh bash -c 'exec 9>"$1"; shift
			exec "$@"' sh "$scratch/line$how" "$initd" $how -t 5000 \
		    ready state "$(s)"
		expect_status 0
		eventually 5 test -e "$(s)"
		[ "$(od -An -c "$scratch/line$how" | tr -d ' ')" = '\n' ]
		expect_key "$(s)" fds '0 1 2'
	done
}

@test "a manager that cannot be told is no reason to end" {
	DAEMON_READY_FD=99 run_fresh "$initd" -F -t 5000 ready state "$(s)"
	expect_status 0
	[ "$stderr" = 'ready: Bad file descriptor' ]
	[ -e "$(s)" ]
}
