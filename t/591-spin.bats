#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# The protocol of lock, record and control socket, as a model: every order in
# which starts, supervisors, an adoption and a stop can meet and be killed.

# Set by load, or for it.
# shellcheck disable=SC2034,SC2154
load helper

model=$BATS_TEST_DIRNAME/model

@test "no order of events breaks a promise of the protocol" {
	needs spin
	TEST_LIMIT=300
	watch_start
	run_fresh sh "$model/spin.sh" "$model/service.pml"
	expect_status 0
	[[ $output =~ ^[0-9]+' states, 0 errors'$ ]]
}

@test "a bug that is planted in the protocol breaks a promise" {
	local bug
	needs spin
	TEST_LIMIT=300
	watch_start
	for bug in $(sed -n 's/^#if.*def \(BUG_.*\)/\1/p' "$model/service.pml" |
	    sort -u); do
		echo "$bug"
		run_fresh sh "$model/spin.sh" "$model/service.pml" "-D$bug" \
		    -DCOPIES=1
		expect_status 1
		[[ $output =~ ^[0-9]+' states, 1 errors: assertion violated ' ]]
	done
	[[ $bug == BUG_* ]]
}
