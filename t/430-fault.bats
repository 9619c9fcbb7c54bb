#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The short form of `make fault`: each Nth failure of a system call, in a
# start, a stop and a status.  t/fault/README.md says what is judged.
load helper

sweep() { # N SCENARIO...
	local n=$1 files=()
	shift
	for s; do
		files+=("$BATS_TEST_DIRNAME/fault/scenarios/$s.sc")
	done
	run_fresh "$BUILD/t/fault" sweep -v -b "$BUILD" -s "$n" "${files[@]}"
	echo "$output"
	expect_status 0
}

@test "the injector finds what is planted" {
	root_only "it makes pid namespaces"
	run_fresh sh "$BATS_TEST_DIRNAME/fault/selftest.sh" "$BUILD/t"
	echo "$output"
	expect_status 0
}

@test "each 25th fault of a start leaves no lie behind" {
	root_only "it makes pid namespaces"
	sweep 25 start-pidfile start-name start-user start-output start-alive
}

@test "each 25th fault of daemon_init() leaves no lie behind" {
	root_only "it makes pid namespaces"
	sweep 25 start-init
}

@test "each 40th fault of a restart leaves no lie behind" {
	root_only "it makes pid namespaces"
	sweep 40 restart-name
}

@test "each 97th fault of a supervisor: it ends, truthfully, and nobody is left" {
	run_fresh sh "$BATS_TEST_DIRNAME/fault/supervise.sh" "$BUILD" 97
	echo "$output"
	expect_status 0
}

@test "a supervisor killed at each 29th of its calls: nothing is lost" {
	root_only "it makes pid namespaces"
	needs flock
	TEST_LIMIT=120 watch_start
	run_fresh sh "$BATS_TEST_DIRNAME/fault/adopt.sh" "$BUILD" 29
	echo "$output"
	expect_status 0
}

@test "a keeper killed at its calls, in turn with its supervisor: no line is lost or doubled" {
	TEST_LIMIT=120 watch_start
	run_fresh sh "$BATS_TEST_DIRNAME/fault/keep.sh" "$BUILD" 60
	echo "$output"
	expect_status 0
}

# strike SCENARIO FAULT...: each alone; faults that once were not survived.
# One at least is reached: C libraries choose their calls.  It may take another
# attempt: who finds that what it waits for has happened makes none.
strike() {
	local file=$BATS_TEST_DIRNAME/fault/scenarios/$1.sc fault reached=0 tries
	shift
	for ((tries = 0; tries < 9 && !reached; tries++)); do
		for fault; do
			run_fresh "$BUILD/t/fault" run -b "$BUILD" "$file" "$fault"
			echo "$output"
			expect_status 0
			[[ $output == *"not reached"* ]] || reached=1
		done
	done
	((reached))
}

@test "daemon_init() told to end before it knows its daemon ends at once" {
	root_only "it makes pid namespaces"
	strike start-init 0:prctl:1=TERM 0:prctl:1=INT
}

@test "daemon_init() whose starter can read no report gives up" {
	root_only "it makes pid namespaces"
	strike start-init 0:recvfrom:1=ENOMEM+
}

@test "a daemon that cannot look at its descriptors is not waited for" {
	root_only "it makes pid namespaces"
	strike start-init 0.0.0:newfstatat:2=EIO 0.0.0:fstat:2=EIO
}

@test "a restart that can wait for no child does without" {
	root_only "it makes pid namespaces"
	strike restart-name 0:waitid:1=ECHILD+ 0:waitid:2=ECHILD+
}

@test "a stop without memory to wait with looks again" {
	root_only "it makes pid namespaces"
	strike stop-pidfile 0:ppoll:1=ENOMEM 0:ppoll:1=ENOMEM+
}

@test "each 25th fault of a start that must fail leaves no lie behind" {
	root_only "it makes pid namespaces"
	sweep 25 start-missing
}

@test "each 25th fault of a stop and of a status leaves no lie behind" {
	root_only "it makes pid namespaces"
	sweep 25 stop-pidfile status-pidfile
}
