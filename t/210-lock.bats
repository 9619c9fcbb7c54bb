#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# -l: a lock the command and its children carry; and -p X -l X, one file.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start

setup()
{
	scratch_setup
	((EUID != 0)) || share_scratch
	l=$scratch/l
}

locked() { not flock -n "$l" true; }

@test "the command holds the lock, and nothing else of ours" {
	starts -l "$l"
	locked
	[[ $(stat -c '%a %s' "$l") == '600 0' ]]
	fds=$(key "$scratch/c" fds)
	[[ $fds == '0 1 2 '* && $(wc -w <<<"$fds") == 4 ]]
	expect_key "$scratch/c" "fd.${fds##* }" "$l"
	expect_key "$scratch/c" "fd.${fds##* }.cloexec" no
	finish "$pid"
	not locked
	[[ -e $l ]]
}

@test "a second start with that lock is 3" {
	starts -l "$l"
	run_fresh daemonize -l "$l" condition "$scratch/c2"
	expect_status 3
	one_line_stderr "^daemonize: start: $l: already running: somebody holds the lock\$"
	[[ ! -e $scratch/c2 ]]
}

@test "a lock somebody else holds is 3, and his pid if he tells it" {
	: >"$l"
	launch hold flock exclusive "$l" "$scratch/held"
	eventually 5 test -e "$scratch/held"
	echo "$launched" >"$l"
	run_fresh daemonize -l "$l" condition "$scratch/c2"
	expect_status 3
	one_line_stderr "already running, pid $launched\$"
	[[ $(<"$l") == "$launched" && ! -e $scratch/c2 ]]
	alive "$launched"
}

@test "a child of the command carries the lock on" {
	run_fresh daemonize -l "$l" sh -c \
	    'condition "$1/child" pause & exec condition "$1/c" pause' - "$scratch"
	expect_status 0
	eventually 5 test -e "$scratch/c"
	eventually 5 test -e "$scratch/child"
	finish "$(key "$scratch/c" pid)"
	locked
	run_fresh daemonize -l "$l" true
	expect_status 3
	finish "$(key "$scratch/child" pid)"
	not locked
	run_fresh daemonize -l "$l" true
	expect_status 0
}

@test "without -l the command holds no lock: a child delays no restart" {
	run_fresh daemonize -n svc -p "$scratch/p" sh -c \
	    'condition "$1/child" pause & exec condition "$1/c" pause' - "$scratch"
	expect_status 0
	eventually 5 test -e "$scratch/c"
	eventually 5 test -e "$scratch/child"
	expect_key "$scratch/c" fds '0 1 2'
	expect_key "$scratch/child" fds '0 1 2'
	finish "$(key "$scratch/c" pid)"
	starts -n svc -p "$scratch/p"
}

@test "-p X -l X is one file: made 0600, written in place, locked" {
	starts -p "$l" -l "$l"
	printf '%s\n' "$pid" | cmp "$l" -
	[[ $(stat -c %a "$l") == 600 ]]
	locked
	run_fresh daemonize -p "$l" -l "$l" condition "$scratch/c2"
	expect_status 3
	one_line_stderr "already running, pid $pid"
	printf '%s\n' "$pid" | cmp "$l" -
}

@test "-p X -l X keeps the inode and the mode of a file that was there" {
	echo 4000000 >"$l"
	chmod 644 "$l"
	inode=$(stat -c %i "$l")
	starts -p "$l" -l "$l"
	printf '%s\n' "$pid" | cmp "$l" -
	[[ $(stat -c '%i %a' "$l") == "$inode 644" ]]
	finish "$pid"
	starts -p "$l" -l "$l"
	printf '%s\n' "$pid" | cmp "$l" -
	[[ $(stat -c %i "$l") == "$inode" ]]
}

@test "-p X -l X: of a longer pid nothing is left" {
	printf '4194303\n' >"$l"
	starts -p "$l" -l "$l"
	printf '%s\n' "$pid" | cmp "$l" -
}

@test "-p X -l X: what holds no pid is refused and stays as it is" {
	for text in precious '' $'3251\nand more'; do
		printf '%s\n' "$text" >"$l"
		cp "$l" "$scratch/before"
		for command in true no-such-command; do
			run_fresh daemonize -p "$l" -l "$l" "$command"
			expect_status 1
			one_line_stderr "pidfile: $l: holds something other than a pid"
			cmp "$l" "$scratch/before"
		done
	done
}

@test "-p X -l X under two spellings is one file" {
	mkdir "$scratch/real"
	ln -s real "$scratch/link"
	l=$scratch/real/l
	for other in "$scratch/link/l" "$scratch/real/../real/l" \
	    "$scratch//real/./l"; do
		starts -n one -p "$other" -l "$l"
		printf '%s\n' "$pid" | cmp "$l" -
		locked
		run_fresh daemonize -n two -l "$l" true
		expect_status 3
		one_line_stderr "already running, pid $pid"
		run_fresh daemonctl stop one
		expect_status 0
		[[ -e $l && ! -s $l ]]
	done
}

@test "-p X -l X: a start that fails leaves the file empty and unlocked" {
	: >"$l"
	fails 127 'exec: no-such-command: not found in PATH' \
	    -p "$l" -l "$l" no-such-command
	[[ -e $l && ! -s $l ]]
	not locked
	starts -p "$l" -l "$l"
}

@test "-p X -l X: a child that lives on refuses, whatever X says" {
	run_fresh daemonize -p "$l" -l "$l" sh -c \
	    'condition "$1/child" pause & exec condition "$1/c" pause' - "$scratch"
	expect_status 0
	eventually 5 test -e "$scratch/c"
	eventually 5 test -e "$scratch/child"
	finish "$(key "$scratch/c" pid)"
	run_fresh daemonize -p "$l" -l "$l" true
	expect_status 3
	one_line_stderr "^daemonize: start: $l: already running"
	finish "$(key "$scratch/child" pid)"
	starts -p "$l" -l "$l"
}

@test "-p X -l Y: two files, each what it is" {
	starts -p "$scratch/p" -l "$l"
	printf '%s\n' "$pid" | cmp "$scratch/p" -
	[[ ! -s $l ]]
	locked
}

# bats test_tags=root
@test "the lock is carried by the -u user's command, too" {
	root_only
	mkdir -m 777 "$scratch/open"
	run_fresh daemonize -u nobody -l "$l" condition "$scratch/open/c" pause
	expect_status 0
	eventually 5 test -e "$scratch/open/c"
	remember "$(key "$scratch/open/c" pid)"
	locked
	[[ $(stat -c '%a %U' "$l") == '600 root' ]]
}

@test "a dead launcher's lock is free" {
	# Killed while it waits: the service's lock must not stay with it.
	launch daemonize -n svc --ready=alive:50s condition "$scratch/c" pause
	eventually 5 test -e "$scratch/c"
	kill -KILL "$launched"
	finish "$(key "$scratch/c" pid)"
	starts -n svc
}
