#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# The supervisor's machine, walked: every state, every policy.

load helper

@test "no promise is broken, and the table of moves is the one that is kept" {
	run_fresh "$BUILD/t/walk"
	expect_status 0
	diff -u "$BATS_TEST_DIRNAME/model/table.txt" <(printf '%s\n' "$output")
	[[ $stderr =~ ^[0-9]+' policies, '[0-9]+' worlds, '[0-9]+' moves: no promise broken'$ ]]
}

@test "nor one of workers together" {
	run_fresh "$BUILD/t/rollwalk"
	expect_status 0
	diff -u "$BATS_TEST_DIRNAME/model/roll.txt" <(printf '%s\n' "$output")
	[[ $stderr =~ ^'4 policies, '[0-9]+' crowds, '[0-9]+' moves: no promise broken'$ ]]
}

@test "a bug that is planted breaks the promise it should" {
	cd "$BATS_TEST_DIRNAME/.."
	run_fresh sh t/model/mutate.sh libdaemon/supervise t/model
	expect_status 0
}
