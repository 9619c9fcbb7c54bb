#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# -u and -g: who the command is afterwards, in the kernel's words, and what
# is refused.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start

setup()
{
	scratch_setup
	c=$scratch/c
	((EUID == 0)) || return 0
	others_write
	# Users and groups of our own, seen by what `ours` runs only.
	cat >"$scratch/passwd" <<-'EOF2'
		root:x:0:0:root:/root:/bin/sh
		web:x:1234:1235:a web:/home/web:/bin/sh
		lone:x:1300:1300::/nonexistent:/bin/sh
		0day:x:1400:1400::/:/bin/sh
		toor:x:0:0::/root:/bin/sh
		nobody:x:65534:65534::/nonexistent:/bin/sh
	EOF2
	cat >"$scratch/group" <<-'EOF2'
		root:x:0:
		web:x:1235:
		staff:x:1236:lone,web
		extra:x:1237:web
		lone:x:1300:
		0day:x:1400:
		nogroup:x:65534:
	EOF2
}

peopled()
{
	unshare -m bash -c 'mount --bind "$1/passwd" /etc/passwd &&
		mount --bind "$1/group" /etc/group || exit 77
		[[ ! -e $1/getent ]] ||
		    mount --bind "$1/getent" /usr/bin/getent || exit 77
		shift
		exec "$@"' - "$scratch" "$@"
}

# becomes UID GID GROUPS ARG...: GROUPS sorted, with blanks.
becomes()
{
	local uid=$1 gid=$2 groups=$3 k
	shift 3
	rm -f "$c"
	run_fresh peopled daemonize -n svc "$@" condition "$c" pause
	((status != 77)) || skip 'no mount namespace'
	expect_status 0 && silent || return
	eventually 5 test -e "$c" || return
	pid=$(key "$c" pid)
	remember "$pid"
	for k in uid euid suid; do
		expect_key "$c" "$k" "$uid" || return
	done
	for k in gid egid sgid; do
		expect_key "$c" "$k" "$gid" || return
	done
	[[ $(awk '/^Uid:/ { print $2, $3, $4, $5 }' "/proc/$pid/status") == \
	    "$uid $uid $uid $uid" ]] || return
	[[ $(awk '/^Gid:/ { print $2, $3, $4, $5 }' "/proc/$pid/status") == \
	    "$gid $gid $gid $gid" ]] || return
	[[ $(key "$c" groups | tr -s ' ,' '\n' | sort -n | xargs) == "$groups" ]] || {
		key "$c" groups
		return 1
	}
	if ((uid != 0)); then
		for k in inh prm eff amb; do
			expect_key "$c" "cap.$k" 0000000000000000 || return
		done
	fi
	expect_key "$c" keepcaps 0 && finish "$pid"
}

# refuses LINE ARG...
refuses()
{
	local line=$1
	shift
	rm -f "$c"
	run_fresh peopled daemonize -n svc -p "$scratch/p" "$@" \
	    condition "$c" pause
	((status != 77)) || skip 'no mount namespace'
	expect_status 1 || return
	[[ $stderr == "daemonize: $line" ]] || told "expected: $line" || return
	[[ ! -e $c && ! -e $scratch/p && -z $(strays) ]]
}

# bats test_tags=root
@test "a name: its ids and all its groups, the primary one among them" {
	root_only
	becomes 1234 1235 '1235 1236 1237' -u web
	becomes 1300 1300 '1236 1300' -u lone
	becomes 1400 1400 1400 -u 0day
	becomes 0 0 0 -u root
	becomes 0 0 0 -u toor
}

# bats test_tags=root
@test "a number is the user of that number" {
	root_only
	becomes 1234 1235 '1235 1236 1237' -u 1234
	becomes 0 0 0 -u 0
	becomes 1234 1235 '1235 1236 1237' -u 01234
}

# bats test_tags=root
@test "-g is the group instead of the user's own; his others stay" {
	root_only
	becomes 1234 1237 '1236 1237' -u web -g extra
	becomes 1234 1300 '1236 1237 1300' -u web -g lone
	becomes 1234 77 '77 1236 1237' -u web -g 77
	becomes 1234 1237 '1236 1237' -u web:extra
	becomes 1234 77 '77 1236 1237' -u 1234:77
}

# getent_does SCRIPT: the name service is what a shell does of it.
getent_does()
{
	printf '#!/bin/sh\n%s\n' "$1" >"$scratch/getent"
	chmod 755 "$scratch/getent"
}

# bats test_tags=root
@test "lean: the groups that only the name service knows are his, too" {
	root_only
	lean || skip 'the C library asks'
	getent_does '[ "$*" = "initgroups web" ] && echo "web  1236 4242 1236"'
	becomes 1234 1235 '1235 1236 4242' -u web
	getent_does 'echo "web                  "'
	becomes 1234 1235 1235 -u web
	getent_does 'exit 1 # no such database'
	becomes 1234 1235 '1235 1236 1237' -u web
	printf 'no program' >"$scratch/getent"
	refuses 'user: web: I/O error' -u web
	for answer in 'exit 3' 'echo other 1236' 'echo web 12x' \
	    'printf "web %0200000d" 7'; do
		getent_does "$answer"
		run_fresh peopled daemonize -n svc -u web condition "$c" pause
		expect_status 1
		one_line_stderr '^daemonize: user: web: '
		[[ ! -e $c && -z $(strays) ]]
	done
}

# bats test_tags=root
@test "a number nobody has: with a group only" {
	root_only
	HOME=/caller USER=me becomes 54321 77 77 -u 54321 -g 77
	[[ $(env_of "$c" HOME) == /caller && $(env_of "$c" USER) == me ]]
	becomes 54321 1237 1237 -u 54321 -g extra
	refuses 'user: 54321: has no passwd entry: give its group with -g' \
	    -u 54321
}

# bats test_tags=root
@test "-g alone changes the group alone" {
	root_only
	becomes 0 1237 1237 -g extra
	becomes 0 77 77 -g 77
}

# bats test_tags=root
@test "what is no name and no id is refused, for users" {
	root_only
	local bad
	for bad in 0x0 -1 +1 ' 1' '1 ' 1.0 0e0 nobody2 ' ' $'0\n' 0day2 \
	    $'web\n' ../web 'web ' WEB; do
		refuses "user: ${bad//$'\n'/'\x0a'}: no such user" --user="$bad"
	done
	for bad in 65535 4294967295 4294967296 18446744073709551616 \
	    99999999999999999999; do
		refuses "user: $bad: not a name and not an id" \
		    --user="$bad"
	done
}

# bats test_tags=root
@test "what is no name and no id is refused, for groups" {
	root_only
	local bad
	for bad in 0x0 -1 +1 ' 1' 1.0 nogroup2 ' ' 0day2 $'web\n' WEB; do
		refuses "group: ${bad//$'\n'/'\x0a'}: no such group" \
		    --group="$bad"
	done
	for bad in 65535 4294967295 4294967296 99999999999999999999; do
		refuses "group: $bad: not a name and not an id" \
		    --group="$bad"
		refuses "group: $bad: not a name and not an id" \
		    -u web --group="$bad"
	done
}

# bats test_tags=root
@test "without privilege: what we are, and nobody else" {
	root_only
	local args
	mkdir -m 700 "$scratch/theirs"
	chown nobody "$scratch/theirs"
	export DAEMONIZE_RUNDIR=$scratch/theirs
	for args in '-u nobody' '-u 65534' '-g nogroup' '-u nobody -g nogroup' \
	    '-u nobody:nogroup'; do
		rm -f "$c"
		# shellcheck disable=SC2086 # words
		run_fresh as_nobody daemonize -n svc $args condition "$c" pause
		expect_status 0
		eventually 5 test -e "$c"
		expect_key "$c" uid 65534
		expect_key "$c" gid 65534
		finish "$(key "$c" pid)"
	done
	rm -f "$c"
	for args in 'user -u root' 'user -u 0' 'user -u daemon' \
	    'user -u nobody -g daemon' 'group -g daemon' 'group -g 0'; do
		# shellcheck disable=SC2086 # words
		run_fresh as_nobody daemonize -n svc ${args#* } condition "$c"
		expect_status 1
		one_line_stderr "^daemonize: ${args%% *}: [a-z0]*: only root can change it\$"
		[[ ! -e $c && -z $(strays) ]]
	done
}

# bats test_tags=root
@test "root without the capability to change: told, not executed" {
	root_only
	local cap
	for cap in setuid setgid setuid,setgid; do
		run_fresh odd dropcaps="$cap" -- daemonize -n svc \
		    -p "$scratch/p" -u nobody condition "$c" pause
		expect_status 1
		one_line_stderr '^daemonize: user: nobody: Operation not permitted$'
		[[ ! -e $c && ! -e $scratch/p && -z $(strays) ]]
	done
}

# bats test_tags=root
@test "a name service that hangs or fails is told, not guessed" {
	root_only
	: >"$scratch/passwd"
	refuses 'user: web: no such user' -u web
	refuses 'user: 0day: no such user' -u 0day
	refuses 'user: 1234: has no passwd entry: give its group with -g' -u 1234
}

# --- a step that fails, or lies --------------------------------------------

# never_executed INJECTION ARG...: with the system call answered so, the command is
# never executed, and $step (user) is told to have failed.
never_executed()
{
	local injection=$1
	shift
	rm -f "$c"
	run_fresh strace -f -qq -o "$scratch/trace" -e trace="${injection%%:*}" \
	    -e inject="$injection" daemonize "$@" condition "$c" exit 0
	((status != 0)) || told "$injection: expected a failure" || return
	[[ $stderr == "daemonize: ${step:-user}: no"* ]] ||
	    told "$injection" || return
	grep -q INJECTED "$scratch/trace" || {
		echo "$injection: never called"
		return 1
	}
	[[ ! -e $c && -z $(strays) && ! -e $scratch/p ]]
}

# bats test_tags=root
@test "any of the three calls failing: never executed" {
	root_only
	needs strace
	local call error
	for call in setgroups setresgid setresuid; do
		for error in EPERM EAGAIN EINVAL ENOMEM; do
			never_executed "$call:error=$error" -n svc \
			    -p "$scratch/p" -u nobody
			expect_status 1
		done
		never_executed "$call:error=EPERM" -F -u nobody
		expect_status 125
		step=group never_executed "$call:error=EPERM" -g nogroup
	done
}

# bats test_tags=root
@test "any of the three saying yes without doing it: never executed" {
	root_only
	needs strace
	local call
	for call in setgroups setresgid setresuid; do
		# root's group list is empty: setgroups doing nothing is seen
		# only where there is more than was asked for.
		run_fresh setpriv --groups 0,4,5 strace -f -qq \
		    -o "$scratch/trace" -e trace="$call" \
		    -e inject="$call:retval=0" daemonize -n svc \
		    -p "$scratch/p" -u nobody condition "$c" exit 0
		expect_status 1
		one_line_stderr '^daemonize: user: nobody: Operation not permitted$'
		[[ ! -e $c && -z $(strays) && ! -e $scratch/p ]]
	done
}

# bats test_tags=root
@test "a way back to root that is open: never executed" {
	root_only
	needs strace
	run_fresh strace -f -qq -o "$scratch/trace" -e trace=setuid \
	    -e inject=setuid:retval=0 daemonize -n svc -u nobody \
	    condition "$c" exit 0
	expect_status 1
	grep -q INJECTED "$scratch/trace"
	[[ ! -e $c && -z $(strays) ]]
}

# bats test_tags=root
@test "a user's limits, directory and files are his: no root on the way" {
	root_only
	mkdir -m 700 "$scratch/his"
	chown nobody "$scratch/his"
	cp "$BUILD/t/condition" "$scratch/his/prog"
	chown nobody "$scratch/his/prog"
	chmod 700 "$scratch/his/prog"
	run_fresh daemonize -u nobody -c "$scratch/his" \
	    -o "$scratch/his/out" "$scratch/his/prog" "$c" pause
	expect_status 0
	eventually 5 test -e "$c"
	expect_key "$c" cwd "$scratch/his"
	expect_key "$c" fd.1 "$scratch/his/out"
	[[ $(stat -c '%U %a' "$scratch/his/out") == 'nobody 640' ]]
}
