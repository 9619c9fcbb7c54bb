#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# The example of libdaemon(3), taken out of the page, compiled, and run under
# a shell, an init script, a manager that speaks sd_notify, and s6's way.

# Set by load, or for it; single quotes are for the inner shell.
# shellcheck disable=SC2016,SC2034,SC2154
load helper

setup()
{
	scratch_setup
	needs cc
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$here/../man/libdaemon.3" |
	    sed -n '/^\.Bd -literal$/,/^\.Ed/p' |
	    sed '1d;$d;s/\\e/\\/g' >"$scratch/hello.c"
	cc -std=gnu11 -Wall -Wextra -pedantic -Werror ${SANITIZE:+-fsanitize=address,undefined} \
	    -I "$here/.." -o "$scratch/hello" "$scratch/hello.c" \
	    "$BUILD/libdaemon.a"
	port=$(free_port)
	p=$scratch/hello.pid
}

# What it answers.
asks()
{
	local fd answer
	exec {fd}<>"/dev/tcp/127.0.0.1/$port" || return
	read -r -t 5 -u "$fd" answer
	exec {fd}>&-
	[ "$answer" = hello ]
}

@test "the example has 32 lines" {
	[ "$(wc -l <"$scratch/hello.c")" -eq 32 ]
}

@test "a shell gets its prompt back when it answers, or the reason" {
	run_fresh "$scratch/hello" "$port" "$p"
	expect_status 0
	silent
	asks
	run_fresh "$scratch/hello" "$port"
	expect_status 1
	[ "$stderr" = "hello: port $port: Address already in use" ]
	run_fresh "$scratch/hello" "$port" "$p"
	expect_status 1
	[ "$stderr" = "hello: already running, pid $(cat "$p")" ]
	asks
}

@test "an init script starts it, asks for it and stops it by its pidfile" {
	cat >"$scratch/init" <<-EOF
		#!/bin/sh
		case \$1 in
		start)	$scratch/hello $port $p ;;
		status)	daemonctl status -p $p >/dev/null ;;
		stop)	daemonctl stop -p $p ;;
		esac
	EOF
	run_fresh sh "$scratch/init" start
	expect_status 0
	asks
	pid=$(cat "$p")
	run_fresh sh "$scratch/init" status
	expect_status 0
	run_fresh sh "$scratch/init" stop
	expect_status 0
	gone "$pid"
	[ ! -e "$p" ]
	run_fresh sh "$scratch/init" start
	expect_status 0
	asks
}

@test "a manager that speaks sd_notify keeps it, and hears that it is ready" {
	run_fresh notified -v -u READY=1 "$scratch/n" sh -c '
		echo $$ >"$1"; export SYSTEMD_EXEC_PID=$$; shift
		exec "$@"' sh "$scratch/pid" "$scratch/hello" "$port"
	expect_status 0
	asks
	[[ $output == *"message pid=$(cat "$scratch/pid") "* ]] || told
	remember "$(cat "$scratch/pid")"
	run_fresh notified "$scratch/n" sh -c '
		export SYSTEMD_EXEC_PID=$$; exec "$@"' sh "$scratch/hello" "$port"
	expect_status 1
	[ "$stderr" = "hello: port $port: Address already in use" ]
	[[ $output == *'STATUS=port '*in\ use* ]] || told
}

@test "s6 keeps it, and reads its newline" {
	mkfifo "$scratch/ready"
	DAEMON_FOREGROUND=1 DAEMON_READY_FD=4 "$scratch/hello" "$port" \
	    3>&- 4>"$scratch/ready" &
	pid=$!
	exec {fd}<"$scratch/ready"
	read -r -t 5 -u "$fd" line
	[ -z "$line" ]
	asks
	rc=0
	read -r -t 5 -u "$fd" line || rc=$?
	[ "$rc" -eq 1 ] # the end, not the deadline
	alive "$pid"
	exec {fd}<&-
}
