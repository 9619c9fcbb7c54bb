#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The short forms of `make soak`: a running supervisor, worn.
load helper

# soaks NAME...: each in a pid namespace of its own.
soaks()
{
	root_only "it makes pid namespaces"
	TEST_LIMIT=100 watch_start
	run_fresh env -u BATS_TEST_TMPDIR -u DAEMONIZE_RUNDIR \
	    sh "$BATS_TEST_DIRNAME/soak/run.sh" short "$@"
	echo "$output"
	expect_status 0
}

# bats test_tags=root
@test "hundreds of restarts, of orphans, of signals: nothing grows or is lost" {
	soaks restarts orphans storm
}

# bats test_tags=root
@test "a tree of runaways is stopped; of what cannot be, that is said" {
	soaks escapes unkillable
}

# bats test_tags=root
@test "a supervisor killed again and again is taken over from" {
	soaks takeover
}

# bats test_tags=root
@test "a clock that jumps changes no backoff" {
	soaks clock
}

# bats test_tags=root
@test "without memory, room, processes or descriptors it goes on, and tells no lie" {
	soaks memory full limits homeless
}

# bats test_tags=root
@test "what fails and goes on failing does not outlive the stop" {
	soaks faults
}

# bats test_tags=root
@test "stopped by SIGSTOP it misses nothing" {
	soaks paused
}

# bats test_tags=root
@test "its lines are there once, whoever of those who keep them is killed" {
	soaks output
}
