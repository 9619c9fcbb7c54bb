#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Each step of <libdaemon/step.h> and <libdaemon/user.h>, alone; the checks
# are in unit/steps.c.

# Set by load, or for it.
# shellcheck disable=SC2034,SC2154
load helper

step()
{
	run_fresh "$BUILD/t/unit/steps" "$@"
	expect_status 0
}

@test "the umask takes permission bits, and refuses all others" { step umask; }

@test "a fork writes what stdio held once, and loses none of it" {
	step fork
	[ "$output" = 'once more' ]
}

@test "a fork is refused with EBUSY while a second thread runs" { step threads; }

@test "a session has no terminal, and its leader starts no other" { step session; }

@test "a directory that is not there leaves the old one" { step directory; }

@test "closing spares 0-2 and the keep list, in any order" { step close; }

@test "closing reaches above a limit that was lowered" { step limit; }

@test "sealing closes at the next exec, and keeps what it must" { step seal; }

@test "0-2 can be exchanged in every permutation" { step redirect; }

@test "0-2 become /dev/null, whichever of them were closed" { step null; }

@test "with SIGCHLD ignored children leave no zombies" { step sigchld; }

@test "every disposition is reset and nothing stays blocked" { step signals; }

# bats test_tags=root
@test "users and groups are names or digits, and nothing else" {
	root_only 'asks for its own ids as root'
	step find
}

# bats test_tags=root
@test "a dropped user has no other group and no way back" {
	root_only
	step drop
}
