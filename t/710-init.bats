#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# daemon_init(): what the daemon is like when it returns, and what each
# option changes.  unit/initd does what its words say.

# Set by load, or for it; single quotes are for the inner shell.
# shellcheck disable=SC2016,SC2034,SC2154
load helper

initd=$BUILD/t/unit/initd
s() { echo "$scratch/state"; }
c() { echo "$scratch/condition"; }
look="condition $BATS_TEST_TMPDIR/condition"

refused()
{
	expect_status 77
	[[ $output == "refused $1" ]] || told "expected refused $1"
	[ -z "$(strays)" ]
}

@test "without options it is a daemon by the book, and the starter exits 0" {
	run_fresh "$initd" state "$(s)" run "$look" pause
	expect_status 0
	silent
	eventually 5 test -e "$(s)"
	eventually 5 test -e "$(c)"
	pid=$(key "$(s)" pid)
	[ "$(key "$(s)" sid)" != "$pid" ]
	[ "$(key "$(s)" sid)" = "$(key "$(s)" pgid)" ]
	expect_key "$(s)" fds '0 1 2'
	expect_key "$(c)" umask 022
	expect_key "$(c)" cwd /
	expect_key "$(c)" tty 0
	expect_key "$(c)" fd.0 /dev/null
	expect_key "$(c)" fd.1 /dev/null
	expect_key "$(c)" fd.2 /dev/null
	expect_key "$(c)" blocked ''
	eventually 5 not alive "$(key "$(s)" sid)"
	alive "$pid"
}

@test "umask, directory and files are what was asked for" {
	mkdir "$scratch/dir"
	echo input >"$scratch/in"
	echo old >"$scratch/out"
	cd "$scratch"
	run_fresh "$initd" -m 027 -d "$scratch/dir" -i in -o out -e err \
	    run "$look" print printed say said pause
	expect_status 0
	silent
	eventually 5 grep -q said err
	expect_key "$(c)" umask 027
	expect_key "$(c)" cwd "$scratch/dir"
	expect_key "$(c)" fd.0 "$scratch/in"
	[ "$(cat out)" = $'old\nprinted' ]
	[ "$(cat err)" = said ]
	[ "$(stat -c %a err)" = 640 ]
}

@test "a FIFO without its other end is an error, or input still to come" {
	mkfifo "$scratch/f"
	for o in -o -e; do
		run_fresh timeout 10 "$initd" $o "$scratch/f" pause
		expect_status 77
		[[ $output == refused*ENXIO* ]]
	done
	run_fresh timeout 10 "$initd" -i "$scratch/f" -p "$scratch/p" \
	    run "$look" pause
	expect_status 0
	eventually 5 test -e "$(c)"
	expect_key "$(c)" fd.0 "$scratch/f"
	remember "$(cat "$scratch/p")"
	# It waits, as who reads from a FIFO expects.
	[[ ! $(awk '/^flags:/ { print $2 }' \
	    "/proc/$(cat "$scratch/p")/fdinfo/0") =~ [4-7]...$ ]]
}

@test "an empty umask and directory keep the caller's" {
	cd "$scratch"
	umask 031
	run_fresh "$initd" -m '' -d '' run "$look" pause
	umask 022
	expect_status 0
	eventually 5 test -e "$(c)"
	expect_key "$(c)" umask 031
	expect_key "$(c)" cwd "$scratch"
}

@test "no text is written twice, and none is lost" {
	run_fresh "$initd" -b 'left in the buffer' print later exit 0
	expect_status 0
	[ "$output" = 'left in the buffer' ]
}

@test "inherited descriptors are closed, also above a lowered limit" {
	local odd
	for odd in fds=1000 high=5000:64; do
		rm -f "$(s)"
		run_fresh odd "$odd" -- "$initd" state "$(s)" pause
		expect_status 0
		eventually 5 test -e "$(s)"
		expect_key "$(s)" fds '0 1 2'
	done
}

@test "kept descriptors stay, the others go" {
	run_fresh bash -c 'exec 5</dev/null 6</dev/null 40</dev/null
		exec "$@"' sh "$initd" -k 40 -k 5 -k 77 -k 1 state "$(s)" pause
	expect_status 0
	eventually 5 test -e "$(s)"
	expect_key "$(s)" fds '0 1 2 5 40'
}

@test "keep_all closes none" {
	run_fresh bash -c 'exec 5</dev/null 40</dev/null; exec "$@"' sh \
	    "$initd" -K state "$(s)" pause
	expect_status 0
	eventually 5 test -e "$(s)"
	[[ " $(key "$(s)" fds) " == *' 5 '* ]]
	[[ " $(key "$(s)" fds) " == *' 40 '* ]]
}

@test "SIGCHLD is ignored, or left as it was" {
	run_fresh "$initd" run "$look" pause
	expect_status 0
	eventually 5 test -e "$(c)"
	[[ $(key "$(c)" ignored) == CHLD ]]
	rm "$(c)"
	run_fresh "$initd" -C run "$look" pause
	expect_status 0
	eventually 5 test -e "$(c)"
	[[ $(key "$(c)" ignored) == '' ]]
	rm "$(c)"
	run_fresh odd ignore=CHLD -- "$initd" -C run "$look" pause
	expect_status 0
	eventually 5 test -e "$(c)"
	[[ $(key "$(c)" ignored) == CHLD ]]
}

@test "it works with any of 0-2 closed, and they are /dev/null then" {
	local n
	for n in 0 1 2 0,1 0,2 1,2 0,1,2; do
		rm -f "$(s)" "$(c)"
		run_fresh odd "close=$n" -- "$initd" -t 5000 \
		    state "$(s)" ready run "$look" pause
		expect_status 0
		eventually 5 test -e "$(c)"
		expect_key "$(c)" fds '0 1 2'
		expect_key "$(c)" fd.0 /dev/null
		expect_key "$(c)" fd.1 /dev/null
		expect_key "$(c)" fd.2 /dev/null
	done
}

@test "closed 0-2 do not hide the verdict" {
	run_fresh odd close=0,1,2 -- "$initd" -t 5000 failed 9 text
	expect_status 9
	run_fresh odd close=0,1 -- "$initd" -t 5000 failed 9 text
	expect_status 9
	[ "$stderr" = 'initd: text' ]
}

@test "a caller's odd state confuses neither starter nor daemon" {
	local odd
	for odd in ignore=CHLD blockall deletedcwd fsize=0 alarm=1; do
		rm -f "$(s)"
		run_fresh odd "$odd" -- "$initd" -t 5000 exit 3
		expect_status 1
		# (where stderr is a file, fsize=0 keeps us from saying it)
		[[ $odd == fsize=0 || $stderr == *'exited with status 3'* ]] ||
		    told "$odd"
		run_fresh odd "$odd" -- "$initd" -t 5000 ready pause
		expect_status 0
	done
}

@test "the caller's mask is the daemon's" {
	run_fresh odd block=USR1,TERM -- "$initd" run "$look" pause
	expect_status 0
	eventually 5 test -e "$(c)"
	[ "$(key "$(c)" blocked)" = USR1,TERM ] ||
	    [ "$(key "$(c)" blocked)" = TERM,USR1 ]
}

@test "what is wrong with the options is told before anything is started" {
	local mask
	for mask in 8 abc 1000 01000 07777 ' 22' -1 00022; do
		run_fresh "$initd" -m "$mask"
		refused 'umask EINVAL'
	done
	run_fresh "$initd" -u nosuchuser
	refused 'user ENOENT'
	run_fresh "$initd" -u 0day
	refused 'user ENOENT'
	run_fresh "$initd" -u ''
	refused 'user EINVAL'
	run_fresh "$initd" -g nosuchgroup
	refused 'group ESRCH'
	run_fresh "$initd" -i "$scratch/none"
	refused 'stdin ENOENT'
	run_fresh "$initd" -o "$scratch/none/out"
	refused 'stdout ENOENT'
	run_fresh "$initd" -e "$scratch"
	refused 'stderr EISDIR'
	mkfifo "$scratch/fifo"
	run_fresh "$initd" -o "$scratch/fifo"
	refused 'stdout ENXIO'
}

@test "a file made for a daemon that never was is removed again" {
	run_fresh "$initd" -o "$scratch/out" -e "$scratch/none/err"
	refused 'stderr ENOENT'
	[ ! -e "$scratch/out" ]
	run_fresh "$initd" -o "$scratch/out" -d /nowhere
	expect_status 1
	[ ! -e "$scratch/out" ]
}

@test "threads are refused with EBUSY, also in the foreground" {
	run_fresh "$initd" -T
	refused 'fork EBUSY'
	run_fresh "$initd" -T -F
	refused 'fork EBUSY'
}

@test "a second call in the daemon is refused with EALREADY" {
	run_fresh "$initd" -o "$scratch/out" again pause
	expect_status 0
	eventually 5 grep -qx 'again -1 EALREADY' "$scratch/out"
}

@test "a refused call leaves the caller as it was" {
	run_fresh odd close=0 -- bash -c 'umask 077; exec "$@"' sh "$initd" \
	    -e "$scratch/none/err"
	refused 'stderr ENOENT'
}

@test "syslog does not take a descriptor of the program's" {
	run_fresh "$initd" -o "$scratch/out" log before print after log again \
	    print end pause
	expect_status 0
	eventually 5 grep -q end "$scratch/out"
	[ "$(cat "$scratch/out")" = $'after\nend' ]
}

@test "exit handlers run in the daemon only" {
	run_fresh "$initd" -X -t 5000 exit 0
	expect_status 1
	[ "$(grep -c 'exit handler' <<<"$stderr")" = 1 ] || told
	run_fresh "$initd" -X -t 5000 ready exit 0
	expect_status 0
	silent
}

# bats test_tags=root
@test "the user is dropped to, completely and for good" {
	root_only
	share_scratch
	mkdir "$scratch/theirs"
	chown 54321:54322 "$scratch/theirs"
	run_fresh "$initd" -u 54321 -g 54322 -d "$scratch/theirs" \
	    -o "$scratch/theirs/out" regain "$scratch/theirs/r" \
	    run "condition $scratch/theirs/c" pause
	expect_status 0
	eventually 5 test -e "$scratch/theirs/c"
	expect_key "$scratch/theirs/r" regained no
	local k
	for k in uid euid suid; do
		expect_key "$scratch/theirs/c" $k 54321
	done
	for k in gid egid sgid groups; do
		expect_key "$scratch/theirs/c" $k 54322
	done
	[ "$(stat -c %u:%g "$scratch/theirs/out")" = 54321:54322 ]
	mkdir "$scratch/roots"
	run_fresh "$initd" -u 54321 -g 54322 -o "$scratch/roots/out" \
	    state "$(s)"
	expect_status 0
	[ "$(stat -c %u:%g "$scratch/roots/out")" = 54321:54322 ]
}

# bats test_tags=root
@test "a user who may not enter the directory is told after the fork" {
	root_only
	mkdir -m 700 "$scratch/ours"
	share_scratch
	run_fresh "$initd" -u 54321 -g 54321 -d "$scratch/ours" pause
	expect_status 1
	[ "$stderr" = "initd: cwd: $scratch/ours: Permission denied" ]
	[ -z "$(strays)" ]
}

# bats test_tags=root
@test "without privilege another user cannot be become" {
	root_only 'becomes a user to try'
	share_scratch
	chown 54321 "$DAEMONIZE_RUNDIR"
	run_fresh setpriv --reuid 54321 --regid 54321 --clear-groups \
	    "$initd" -u root pause
	expect_status 1
	[ "$stderr" = 'initd: user: root: Operation not permitted' ]
}
