#!/bin/sh
# SPDX-License-Identifier: ISC
# Starts, refusals and questions under valgrind: no bad access, no leak.
# What needs a pidfd (stop, signal, reload, wait) is left to `make sanitize`, because
# valgrind 3.19 does not know pidfd_open(2).
set -u
build=${BUILD:?}
dir=$(mktemp -d)
export DAEMONIZE_RUNDIR="$dir/run"
passed=0 failed=0
trap 'rm -rf "$dir"' EXIT

# expect STATUS COMMAND...
expect() {
	want=$1
	shift
	valgrind -q --leak-check=full --show-leak-kinds=definite,indirect,possible \
	    --errors-for-leak-kinds=definite,indirect,possible --error-exitcode=99 \
	    "$@" >"$dir/out" 2>&1
	status=$?
	if [ $status = "$want" ]; then
		passed=$((passed + 1))
		echo "ok $*"
	else
		failed=$((failed + 1))
		echo "not ok $* (status $status, not $want)"
		sed 's/^/    /' "$dir/out"
	fi
}

ctl="$build/daemonctl" start="$build/daemonize"
expect 0 "$start" -n a -p "$dir/a.pid" -o "$dir/out.a" -E A=b --rlimit core=0 sleep 600
expect 3 "$start" -n a sleep 600
expect 3 "$start" -p "$dir/a.pid" sleep 600
[ "$(id -u)" != 0 ] || expect 0 "$start" -n b -u nobody sleep 600
expect 127 "$start" -n c no-such-command
expect 4 "$start" -n d --ready=alive:5s -e "$dir/err" sh -c 'echo no >&2; exit 3'
expect 1 "$start" -n e -u no-such-user true
expect 2 "$start" --no-such-option
expect 1 "$start" --check false true
expect 0 "$start" --dry-run -n f -p f.pid true
expect 0 "$start" -F true
expect 0 "$ctl"
expect 0 "$ctl" status a
expect 0 "$ctl" status --json a
expect 1 "$ctl" status c
expect 0 "$ctl" show --secrets a
expect 0 "$ctl" forget c d
expect 6 "$ctl" stop nobody-knows
"$ctl" -q stop --all
echo "$passed passed, $failed failed"
[ $failed = 0 ]
