#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Talking to a manager: <libdaemon/notify.h> and the newline of
# daemon_ready(), by hand with unit/notifier.

# Set by load, or for it; single quotes are for the inner shell.
# shellcheck disable=SC2016,SC2034,SC2154
load helper

notifier=$BUILD/t/unit/notifier

said() { [[ $output == "$1" ]] || told "expected $1"; }

@test "there is nobody to tell without NOTIFY_SOCKET" {
	run_fresh "$notifier" send READY=1
	said 0
	NOTIFY_SOCKET='' run_fresh "$notifier" send READY=1
	said 0
	run_fresh "$notifier" barrier 1000
	said 0
}

@test "a message reaches a socket with a path, from our own pid" {
	run_fresh notified -v "$scratch/s" "$notifier" send $'STATUS=a b\nX=1'
	expect_status 0
	[[ ${lines[*]} == *"STATUS=a b X=1"* ]] || told
	[[ $output == *' fds=0'* ]] || told
}

@test "a message reaches an abstract socket" {
	run_fresh notified "@daemonize-test-$$-$RANDOM" "$notifier" send READY=1
	expect_status 0
	[[ ${lines[*]} == *READY=1* ]] || told
}

@test "an empty message and a strange address are refused" {
	NOTIFY_SOCKET=$scratch/s run_fresh "$notifier" send ''
	said '-1 EINVAL'
	NOTIFY_SOCKET=relative run_fresh "$notifier" send x
	said '-1 EAFNOSUPPORT'
	NOTIFY_SOCKET=vsock:2:1234 run_fresh "$notifier" send x
	said '-1 EAFNOSUPPORT'
	NOTIFY_SOCKET=@ run_fresh "$notifier" send x
	said '-1 EAFNOSUPPORT'
	NOTIFY_SOCKET=/$(printf %0107d 0) run_fresh "$notifier" send x
	said '-1 ENAMETOOLONG'
	NOTIFY_SOCKET=@$(printf %0108d 0) run_fresh "$notifier" send x
	said '-1 ENAMETOOLONG'
}

@test "an address as long as can be is not too long" {
	NOTIFY_SOCKET=/$(printf %0106d 0) run_fresh "$notifier" send x
	said '-1 ENOENT'
	NOTIFY_SOCKET=@$(printf %0107d 0) run_fresh "$notifier" send x
	said '-1 ECONNREFUSED'
}

@test "a socket nobody reads is an error and no signal" {
	NOTIFY_SOCKET=$scratch/none run_fresh "$notifier" send x
	expect_status 0
	said '-1 ENOENT'
}

@test "a barrier returns when the manager has read all" {
	run_fresh notified -v "$scratch/s" "$notifier" barrier 5000
	expect_status 0
	[[ $output == *' fds=1'*BARRIER=1* ]] || told
	[[ $'\n'$output$'\n' == *$'\n1\n'* ]] || told
}

@test "a barrier gives up in time if the manager never reads" {
	needs python3
	python3 -c 'import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
os.environ["NOTIFY_SOCKET"] = sys.argv[1]
sys.exit(os.spawnv(os.P_WAIT, sys.argv[2], sys.argv[2:]))' \
	    "$scratch/s" "$notifier" barrier 50 >"$scratch/out"
	[ "$(cat "$scratch/out")" = '-1 ETIMEDOUT' ]
}

@test "no descriptors are ours without LISTEN_PID, or with another's" {
	LISTEN_FDS=2 run_fresh "$notifier" listen 0
	said $'0\nset'
	LISTEN_FDS=2 LISTEN_PID=1 run_fresh "$notifier" listen 0
	said $'0\nset'
	run_fresh "$notifier" listen 0
	said $'0\nunset'
}

# listening FDS NAMES ARG...: with LISTEN_PID right and 3 and 4 open.
listening()
{
	LISTEN_FDS=$1 LISTEN_FDNAMES=$2 run_fresh sh -c '
		exec 3</dev/null 4</dev/null
		export LISTEN_PID=$$
		exec "$@"' sh "$notifier" "${@:3}"
}

@test "descriptors handed over are counted and made close-on-exec" {
	listening 2 '' listen 0
	said $'2\n3 cloexec\n4 cloexec\nset'
	listening 2 '' listen 1
	said $'2\n3 cloexec\n4 cloexec\nunset'
}

@test "variables that are no numbers, and descriptors that are none" {
	local text
	for text in '' x -1 +1 ' 1' '1 ' 0x1 99999999999999999999; do
		listening "$text" '' listen 1
		said $'-1 EINVAL\nunset'
	done
	listening 3 '' listen 1
	said $'-1 EBADF\nunset'
	LISTEN_FDS=1 LISTEN_PID=us run_fresh "$notifier" listen 0
	said $'-1 EINVAL\nset'
}

@test "a descriptor is found by its name" {
	listening 2 web:admin named web
	said 3
	listening 2 web:admin named admin
	said 4
	listening 2 web:web named web
	said 3
	listening 2 web:admin named adm
	said '-1 ENOENT'
	listening 1 web:admin named admin
	said '-1 ENOENT'
	listening 2 '' named web
	said '-1 ENOENT'
	listening x web named web
	said '-1 EINVAL'
	run_fresh "$notifier" named web
	said '-1 ENOENT'
}

@test "readiness is a newline, and then the end, on DAEMON_READY_FD" {
	run_fresh sh -c 'DAEMON_READY_FD=4 "$1" newline 4>"$2" >"$3"' \
	    sh "$notifier" "$scratch/line" "$scratch/out"
	expect_status 0
	[ "$(od -An -c "$scratch/line" | tr -d ' ')" = '\n' ]
	[ "$(cat "$scratch/out")" = 0 ]
}

@test "a DAEMON_READY_FD that is none, closed, or a broken pipe is told" {
	DAEMON_READY_FD=x run_fresh "$notifier" newline
	said '-1 EINVAL'
	DAEMON_READY_FD=9 run_fresh "$notifier" newline
	said '-1 EBADF'
	mkfifo "$scratch/fifo"
	# shellcheck disable=SC2094
	run_fresh bash -c 'exec 5<>"$2" 4>"$2" 5>&-
		DAEMON_READY_FD=4 exec "$1" newline' \
	    sh "$notifier" "$scratch/fifo"
	expect_status 0
	said '-1 EPIPE'
}
