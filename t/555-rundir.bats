#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Where records are looked for: DAEMONIZE_RUNDIR, --rundir, the places of
# root and of users; and whose they may be.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl

setup()
{
	scratch_setup
	p=$scratch/p
	c=$scratch/c
}

@test "--rundir is stronger than DAEMONIZE_RUNDIR, and the only place" {
	mkdir -m 700 "$scratch/two"
	starts -n svc
	one=$pid
	starts --rundir "$scratch/two" -n svc
	two=$pid
	[[ $(<"$scratch/run/svc/pid") == "$one" ]]
	[[ $(<"$scratch/two/svc/pid") == "$two" ]]
	stops --rundir="$scratch/two" svc
	gone "$two"
	alive "$one"
	DAEMONIZE_RUNDIR=$scratch/two is stopped 3 svc
	is ready 0 svc
	refuses 4 'status: svc: no such service' status --rundir "$scratch/none" svc
}

@test "a relative one is refused, an empty one is none given" {
	starts -n svc
	for verb in status stop; do
		ctl "$verb" --rundir run svc
		expect_status 2
		one_line_stderr '^daemonctl: option: --rundir: run: not an absolute path'
		ctl "$verb" --rundir '' svc
		expect_status 2
	done
	cd "$scratch"
	DAEMONIZE_RUNDIR=run ctl stop svc
	((status != 0))
	one_line_stderr '^daemonctl: stop: run: rundir: must be an absolute path'
	alive "$pid"
}

# refused REGEX: the run directory is not believed; nothing is signalled.
refused()
{
	local verb
	for verb in status stop 'signal TERM' reload wait restart show forget; do
		# shellcheck disable=SC2086 # words
		ctl $verb svc
		expect_status 4 || return
		one_line_stderr "^daemonctl: ${verb%% *}: svc: rundir: $scratch/run: $1" || return
	done
	untouched "$pid"
}

@test "one that others may write is not believed" {
	decoys -n svc
	for mode in 777 770 707 1777 2775; do
		chmod "$mode" "$scratch/run"
		refused 'can be written by others'
	done
	chmod 0755 "$scratch/run"
	ctl stop --stop KILL/5 svc
	expect_status 0
}

# bats test_tags=root
@test "one that is somebody else's is not believed" {
	root_only
	share_scratch
	decoys -n svc
	chown nobody "$scratch/run"
	refused 'belongs to uid 65534, not to us'
	chown root "$scratch/run"
	mkdir "$scratch/d"
	mv "$scratch/run" "$scratch/d/run"
	chown nobody "$scratch/d"
	export DAEMONIZE_RUNDIR=$scratch/d/run
	ctl stop svc
	expect_status 4
	one_line_stderr 'a directory on the way belongs to uid 65534$'
	untouched "$pid"
}

@test "a link, a file, a pipe in its place are not believed" {
	decoys -n svc
	mv "$scratch/run" "$scratch/real"
	ln -s real "$scratch/run"
	ctl stop svc
	((status != 0))
	one_line_stderr
	rm "$scratch/run"
	for make in 'touch' 'mkfifo'; do
		"$make" "$scratch/run"
		ctl stop svc
		((status != 0))
		one_line_stderr
		rm "$scratch/run"
	done
	untouched "$pid"
}

@test "deleted while it runs: unknown by name, the pidfile still serves" {
	starts -n svc -p "$p"
	rm -r "$scratch/run"
	refuses 4 'status: svc: no such service' status svc
	refuses 6 'stop: svc: no such service' stop svc
	does 0 '0 services: 0 ready' list
	# No second one beside it.
	run_fresh daemonize -p "$p" condition "$scratch/c2" pause
	expect_status 3
	one_line_stderr "pid $pid"
	name=$p stops -p "$p" --exec condition
	gone "$pid"
	starts -n svc -p "$p"
	is ready 0 svc
}

@test "deleted between stop's look and its end: no harm" {
	run_fresh daemonize -n svc bash -c 'trap "rm -r \"$1/run\"; exit" TERM
		: >"$1/ready"; while :; do read -r -t 1 <>"$2"; done' \
	    - "$scratch" "$never"
	expect_status 0
	pid=$(<"$scratch/run/svc/pid")
	eventually 5 test -e "$scratch/ready"
	ctl stop svc
	gone "$pid"
	[[ $output =~ $(stopped_line svc) ]]
}

# --- without either: a /run and a /tmp of their own ------------------------

# apart CMD...: in a mount namespace where /tmp is $scratch/tmp and /run is
# $scratch/slash-run, without DAEMONIZE_RUNDIR.
apart()
{
	mkdir -p "$scratch/tmp" && chmod 1777 "$scratch/tmp"
	mkdir -p "$scratch/slash-run"
	run_fresh env -u DAEMONIZE_RUNDIR unshare -m sh -c '
		mount --bind "$1/slash-run" /run && mount --bind "$1/tmp" /tmp &&
		cd / && shift && exec "$@"' - "$scratch" "$@"
}

user=(setpriv --reuid 65534 --regid 65534 --clear-groups)

can_be_apart()
{
	root_only
	unshare -m true || skip 'no mount namespaces'
	[[ $BUILD != /tmp/* ]] || skip 'the build is in /tmp'
}

# bats test_tags=root
@test "root's is /run/daemonize, for everybody to read" {
	can_be_apart
	apart daemonize -n svc condition /tmp/c pause
	expect_status 0
	eventually 5 test -e "$scratch/tmp/c"
	pid=$(key "$scratch/tmp/c" pid)
	remember "$pid"
	[[ $(stat -c '%a %u' "$scratch/slash-run/daemonize") == '755 0' ]]
	[[ $(<"$scratch/slash-run/daemonize/svc/pid") == "$pid" ]]
	apart "${user[@]}" "$BUILD/daemonctl" status svc
	expect_status 0
	[[ ${lines[0]} == "svc: ready, pid $pid,"* ]]
	apart "${user[@]}" "$BUILD/daemonctl" list
	expect_status 0
	[[ ${lines[1]} == svc* && ${lines[2]} == '1 service: 1 ready' ]]
	apart "${user[@]}" "$BUILD/daemonctl" stop svc
	expect_status 4
	one_line_stderr
	# Nor are root's his when he says all.
	apart "${user[@]}" "$BUILD/daemonctl" stop --all
	expect_status 0
	silent
	apart daemonctl stop svc
	expect_status 0
	gone "$pid"
}

# bats test_tags=root
@test "a user's is /tmp/daemonize-UID, closed, where he has no other" {
	can_be_apart
	apart "${user[@]}" "$BUILD/daemonize" -n svc "$BUILD/t/condition" \
	    /tmp/c pause
	expect_status 0
	eventually 5 test -e "$scratch/tmp/c"
	pid=$(key "$scratch/tmp/c" pid)
	remember "$pid"
	[[ $(stat -c '%a %u' "$scratch/tmp/daemonize-65534") == '700 65534' ]]
	apart "${user[@]}" "$BUILD/daemonctl" status svc
	expect_status 0
	# And root, who is somebody else, sees it by the way only.
	apart daemonctl status svc
	expect_status 4
	apart daemonctl --rundir /tmp/daemonize-65534 status svc
	expect_status 4
	one_line_stderr 'belongs to uid 65534, not to us'
	alive "$pid"
	# He logs in: what was begun before is still his, and found.
	mkdir -p "$scratch/slash-run/user"
	mkdir -m 700 "$scratch/slash-run/user/65534"
	chown 65534 "$scratch/slash-run/user/65534"
	apart "${user[@]}" "$BUILD/daemonize" -n new "$BUILD/t/condition" \
	    /tmp/c2 pause
	expect_status 0
	eventually 5 test -e "$scratch/tmp/c2"
	remember "$(key "$scratch/tmp/c2" pid)"
	[[ -e $scratch/slash-run/user/65534/daemonize/new/pid ]]
	apart "${user[@]}" "$BUILD/daemonize" -n svc "$BUILD/t/condition" \
	    /tmp/c3 pause
	expect_status 3
	apart "${user[@]}" "$BUILD/daemonctl"
	[[ ${lines[1]} == new* && ${lines[2]} == svc*"$pid"* ]]
	apart "${user[@]}" "$BUILD/daemonctl" stop --all
	expect_status 0
	[[ ${#lines[@]} == 2 ]]
	gone "$pid"
	gone "$(key "$scratch/tmp/c2" pid)"
}

# bats test_tags=root
@test "/tmp/daemonize-UID of somebody else is refused, not used" {
	can_be_apart
	mkdir -p "$scratch/tmp" && chmod 1777 "$scratch/tmp"
	mkdir -m 777 "$scratch/tmp/daemonize-65534"
	chown 1 "$scratch/tmp/daemonize-65534"
	no='rundir: /tmp/daemonize-65534: belongs to uid 1, not to us .use --rundir.'
	apart "${user[@]}" "$BUILD/daemonize" -n svc "$BUILD/t/condition" \
	    /tmp/c pause
	expect_status 1
	one_line_stderr "^daemonize: $no\$"
	for verb in status stop; do
		apart "${user[@]}" "$BUILD/daemonctl" "$verb" svc
		expect_status 4
		one_line_stderr "^daemonctl: $verb: svc: $no\$"
	done
	[[ ! -e $scratch/tmp/c ]]
	rmdir "$scratch/tmp/daemonize-65534"
	ln -s /tmp/elsewhere "$scratch/tmp/daemonize-65534"
	chown -h 1 "$scratch/tmp/daemonize-65534"
	mkdir -m 777 "$scratch/tmp/elsewhere"
	apart "${user[@]}" "$BUILD/daemonize" -n svc "$BUILD/t/condition" \
	    /tmp/c pause
	expect_status 1
	one_line_stderr
	[[ ! -e $scratch/tmp/c && -z $(ls -A "$scratch/tmp/elsewhere") ]]
}

# bats test_tags=root
@test "a user's service and root's of one name: his own comes first" {
	can_be_apart
	apart daemonize -n svc condition /tmp/r pause
	expect_status 0
	apart "${user[@]}" "$BUILD/daemonize" -n svc "$BUILD/t/condition" \
	    /tmp/u pause
	expect_status 0
	eventually 5 test -e "$scratch/tmp/r"
	eventually 5 test -e "$scratch/tmp/u"
	remember "$(key "$scratch/tmp/r" pid)" "$(key "$scratch/tmp/u" pid)"
	apart "${user[@]}" "$BUILD/daemonctl" stop svc
	expect_status 0
	gone "$(key "$scratch/tmp/u" pid)"
	alive "$(key "$scratch/tmp/r" pid)"
	apart daemonctl stop svc
	expect_status 0
	gone "$(key "$scratch/tmp/r" pid)"
}
