#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Where we refuse to be run at all.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start

setup() { scratch_setup; c=$scratch/c; }

in_pidns() { unshare --pid --fork --mount-proc "$@"; }

# bats test_tags=root
@test "pid 1 cannot detach, and says what to do" {
	root_only
	in_pidns true || skip 'no pid namespace'
	run_fresh in_pidns daemonize -n svc -p "$scratch/p" condition "$c"
	expect_status 2
	one_line_stderr '^daemonize: start: pid 1 cannot detach: use -F$'
	[[ ! -e $c && ! -e $scratch/p && -z $(ls -A "$scratch/run") ]]
}

# bats test_tags=root
@test "pid 1 with -F becomes the command" {
	root_only
	in_pidns true || skip 'no pid namespace'
	run_fresh in_pidns daemonize -F -p "$scratch/p" condition "$c" exit 7
	expect_status 7
	expect_key "$c" pid 1
	[[ $(<"$scratch/p") == 1 ]]
}

# bats test_tags=root
@test "pid 1 still shows help, version, plan and mistakes" {
	root_only
	in_pidns true || skip 'no pid namespace'
	for o in --help --version '--dry-run true'; do
		# shellcheck disable=SC2086 # words
		run_fresh in_pidns daemonize $o
		expect_status 0
	done
	run_fresh in_pidns daemonize --nosuch
	expect_status 2
}

# bats test_tags=root
@test "set-user-ID and set-group-ID are refused" {
	[ -z "${SANITIZE:-}" ] || skip "the sanitizer itself cannot work here"
	root_only
	others_write
	for bits in 4755 2755; do
		install -m "$bits" "$BUILD/daemonize" "$scratch/open/daemonize"
		run_fresh as_nobody "$scratch/open/daemonize" condition "$c"
		expect_status 1
		one_line_stderr '^daemonize: start: refusing to run set-user-ID$'
		run_fresh as_nobody "$scratch/open/daemonize" -F condition "$c"
		expect_status 125
		run_fresh as_nobody "$scratch/open/daemonize" --check \
		    "touch $scratch/open/checked" condition "$c"
		expect_status 1
	done
	[[ ! -e $c && ! -e $scratch/open/checked ]]
}

# bats test_tags=root
@test "another user's directory of records is not believed" {
	root_only
	chmod 755 "$scratch/run"
	share_scratch
	run_fresh as_nobody daemonize --rundir "$scratch/run" -n svc true
	expect_status 1
	one_line_stderr '(belongs to uid 0, not to us|Permission denied)$'
	[[ -z $(ls -A "$scratch/run") ]]
}
