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

@test "each 25th fault of a start that must fail leaves no lie behind" {
	root_only "it makes pid namespaces"
	sweep 25 start-missing
}

@test "each 25th fault of a stop and of a status leaves no lie behind" {
	root_only "it makes pid namespaces"
	sweep 25 stop-pidfile status-pidfile
}
