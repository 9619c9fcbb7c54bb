#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# -F: the command in our place, with our terminal, directory and 0-2, and a
# status of its own or one of a shell's three.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start

setup() { scratch_setup; c=$scratch/c; }

@test "its status is the command's" {
	for n in 0 1 2 3 4 77 125 126 127 255; do
		run_fresh daemonize -F sh -c "exit $n"
		expect_status "$n"
		silent
	done
}

@test "its death is the command's" {
	for s in TERM KILL HUP; do
		run_fresh bash -c '"$@"; exit $?' - \
		    daemonize -F sh -c "kill -$s \$\$"
		expect_status $((128 + $(kill -l "$s")))
	done
}

@test "it becomes the command: same pid, nothing between" {
	launch daemonize -F condition "$c" pause
	eventually 5 test -e "$c"
	expect_key "$c" pid "$launched"
	[[ -z $(<"/proc/$launched/task/$launched/children") ]]
	finish "$launched"
}

@test "0, 1 and 2 and the directory are kept" {
	cd "$scratch"
	echo in >in
	daemonize -F condition "$c" exit 0 <in >out 2>err 3>&-
	expect_key "$c" cwd "$scratch"
	expect_key "$c" fd.0 "$scratch/in"
	expect_key "$c" fd.1 "$scratch/out"
	expect_key "$c" fd.2 "$scratch/err"
	expect_key "$c" fds '0 1 2'
}

@test "what is asked for is done: -c -o -i -m -E -l" {
	mkdir "$scratch/dir"
	echo in >"$scratch/in"
	run_fresh daemonize -F -c "$scratch/dir" -o "$scratch/out" \
	    -i "$scratch/in" -m 077 -E A=b -l "$scratch/l" \
	    condition "$c" exit 0
	expect_status 0
	expect_key "$c" cwd "$scratch/dir"
	expect_key "$c" fd.0 "$scratch/in"
	expect_key "$c" fd.1 "$scratch/out"
	[[ $(key "$c" fd.2) == "$scratch.run.err" ]]
	expect_key "$c" umask 077
	[[ $(env_of "$c" A) == b ]]
	fds=$(key "$c" fds)
	[[ $(wc -w <<<"$fds") == 4 ]]
	expect_key "$c" "fd.${fds##* }" "$scratch/l"
}

@test "a closed descriptor stays closed, and none of ours takes its place" {
	for closed in 0 1 2 0,1,2; do
		rm -f "$c"
		run_fresh odd close="$closed" -- "$BUILD/daemonize" -F -n svc \
		    -p "$scratch/p" "$BUILD/t/condition" "$c" exit 0
		expect_status 0
		for n in 0 1 2; do
			if [[ $closed == *$n* ]]; then
				not grep -q "^fd\.$n=.*$scratch/run" "$c"
			fi
		done
		not grep -E '^fd\.[0-9]+=.*(svc|/p$|pipe:|socket:)' "$c" ||
		    [[ $closed != 0,1,2 ]]
	done
}

@test "a command that cannot be executed is 126 or 127, as in a shell" {
	fails 127 'exec: no-such-command: not found in PATH' \
	    -F -n svc -p "$scratch/p" no-such-command
	fails 127 "exec: $scratch/none: No such file or directory" \
	    -F "$scratch/none"
	: >"$scratch/plain"
	fails 126 "exec: $scratch/plain: Permission denied" \
	    -F -p "$scratch/p" "$scratch/plain"
	fails 126 "exec: $scratch: is a directory" -F "$scratch"
}

@test "everything else of ours is 125" {
	fails 125 "cwd: $scratch/none: No such file or directory" \
	    -F -p "$scratch/p" -c "$scratch/none" true
	fails 125 'user: no-such-user: no such user' -F -u no-such-user true
	fails 125 'check: false: failed with status 1' \
	    -F --check false true
	starts -n svc
	run_fresh daemonize -F -n svc true
	expect_status 125
	one_line_stderr "already running, pid $pid"
}

@test "it is recorded, excludes others, and its pidfile is right" {
	launch daemonize -F -n svc -p "$scratch/p" condition "$c" pause
	eventually 5 test -e "$c"
	printf '%s\n' "$launched" | cmp "$scratch/p" -
	expect_record "$scratch/run/svc/public" pid "$launched"
	expect_record "$scratch/run/svc/public" foreground 1
	run_fresh daemonize -n svc true
	expect_status 3
	one_line_stderr "already running, pid $launched"
	run_fresh daemonize -F -p "$scratch/p" true
	expect_status 125
	finish "$launched"
	starts -n svc -p "$scratch/p"
}

@test "mask and dispositions are reset, the umask is 022" {
	run_fresh odd blockall ignore=CHLD,PIPE,HUP umask=0777 -- \
	    "$BUILD/daemonize" -F "$BUILD/t/condition" "$c" exit 0
	expect_status 0
	expect_key "$c" blocked ''
	expect_key "$c" ignored ''
	expect_key "$c" umask 022
}

@test "stray descriptors go, --keep-fd stay" {
	exec 7</dev/zero 8</dev/zero
	run_fresh daemonize -F --keep-fd 8 condition "$c" exit 0
	exec 7<&- 8<&-
	expect_key "$c" fds '0 1 2 8'
}

# bats test_tags=root
@test "-u works in the foreground, and 0-2 are still the caller's" {
	root_only
	others_write
	run_fresh daemonize -F -u nobody condition "$c" exit 9
	expect_status 9
	expect_key "$c" uid "$(id -u nobody)"
	[[ $(key "$c" fd.1) == "$scratch.run.out" ]]
}

@test "file size 0 does not hide why it failed" {
	# Not by run_fresh: the message must not go to a file.
	status=0
	output=$(odd fsize=0 -- daemonize -F -n svc "$scratch/none" 2>&1 3>&-) ||
	    status=$?
	((status == 127))
	[[ $output == "daemonize: exec: $scratch/none: No such file or directory" ]]
	expect_record "$scratch/run/svc/public" condition failed
}
