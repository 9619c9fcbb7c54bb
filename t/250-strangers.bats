#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Who has no business with a service: squatters on its files' locks, and
# processes that were given its number after its death.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start

setup()
{
	scratch_setup
	((EUID != 0)) || share_scratch
	p=$scratch/p
	public=$scratch/run/svc/public
}

# --- squatting -------------------------------------------------------------

# bats test_tags=root
@test "nobody's locks on what he can read hold up no start and no stop" {
	root_only
	others_write
	chmod 755 "$scratch/run"
	c=$scratch/c
	starts -n svc -p "$p"
	finish "$pid"
	n=0
	for file in "$p" "$public" "$scratch/run/svc/pid" "$scratch/run/svc" \
	    "$scratch/run"; do
		for kind in 'flock exclusive' 'flock shared' 'fcntl shared' \
		    'ofd shared' 'lease shared'; do
			# shellcheck disable=SC2086 # two words
			launch hold $kind "$file" "$scratch/open/h.$((++n))" \
			    "$(id -u nobody)"
			settled() { [[ -e $scratch/open/h.$n ]] || gone "$launched"; }
			eventually 5 settled
		done
	done
	held=$(compgen -G "$scratch/open/h.*" | wc -l)
	echo "held: $held"
	((held >= 8))
	starts -n svc -p "$p"
	[[ $(<"$p") == "$pid" ]]
	run_fresh daemonctl stop svc
	expect_status 0
	gone "$pid"
	starts -n svc -p "$p"
}

# bats test_tags=root
@test "nobody cannot squat on the lock itself" {
	root_only
	others_write
	chmod 755 "$scratch/run"
	c=$scratch/c
	starts -n svc -l "$scratch/l"
	finish "$pid"
	for file in "$scratch/run/svc/lock" "$scratch/l"; do
		for kind in flock fcntl ofd lease; do
			run_fresh hold $kind shared "$file" \
			    "$scratch/open/held" "$(id -u nobody)"
			((status != 0))
			[[ $stderr == *'Permission denied' ]]
			[[ ! -e $scratch/open/held ]]
		done
	done
}

@test "a start under way is waited for" {
	mkdir -p "$scratch/run/svc"
	install -m 600 /dev/null "$scratch/run/svc/lock"
	launch hold flock exclusive "$scratch/run/svc/lock" "$scratch/held"
	eventually 5 test -e "$scratch/held"
	holder=$launched
	launch odd default=ALRM -- daemonize -n svc condition "$scratch/c" pause
	eventually 5 in_state "$launched" S
	[[ ! -e $scratch/c ]]
	kill -KILL "$holder"
	eventually 5 test -e "$scratch/c"
}

# --- recycled numbers ------------------------------------------------------

# dies: a service of ours that is dead, its number free again.
dies()
{
	starts -n svc -p "$p"
	finish "$pid"
	dead=$pid
	eventually 5 not test -e "/proc/$dead"
}

# Its number in the pidfile is somebody's, $1.
names()
{
	echo "$1" >"$p"
	echo "$1" >"$scratch/run/svc/pid"
}

# unbelieved STRANGER: a start goes well, and the stranger has one line.
unbelieved()
{
	local stranger=$1
	starts -n svc -p "$p"
	[[ $(<"$p") == "$pid" && $pid != "$stranger" ]]
	alive "$stranger"
	finish "$pid"
}

# bats test_tags=root
@test "the dead one's number is another program's now" {
	root_only 'needs to choose pids'
	dies
	recycle -d "$dead" decoy "$scratch/decoy" 3>&-
	eventually 5 test -e "$scratch/decoy"
	remember "$dead"
	unbelieved "$dead"
	[[ $(wc -l <"$scratch/decoy") == 1 ]]
}

# bats test_tags=root
@test "the dead one's number is the same program's now" {
	root_only 'needs to choose pids'
	dies
	recycle -d "$dead" condition "$scratch/stranger" pause 3>&-
	eventually 5 test -e "$scratch/stranger"
	remember "$dead"
	unbelieved "$dead"
}

# bats test_tags=root
@test "the dead one's number is the same program's, only the pidfile is left" {
	root_only 'needs to choose pids'
	dies
	rm -r "$scratch/run/svc"
	# Written long before that process began.
	echo "$dead" >"$p"
	touch -d '1 minute ago' "$p"
	recycle -d "$dead" condition "$scratch/stranger" pause 3>&-
	eventually 5 test -e "$scratch/stranger"
	remember "$dead"
	unbelieved "$dead"
}

# bats test_tags=root
@test "the dead one's number is another user's now" {
	root_only 'needs to choose pids'
	others_write
	c=$scratch/c
	dies
	recycle -d "$dead" setpriv --reuid nobody --regid nogroup \
	    --clear-groups decoy "$scratch/open/decoy" 3>&-
	eventually 5 test -e "$scratch/open/decoy"
	remember "$dead"
	unbelieved "$dead"
	[[ $(wc -l <"$scratch/open/decoy") == 1 ]]
}

# bats test_tags=root
@test "the dead one's number is a thread's now" {
	root_only 'needs to choose pids'
	dies
	launch recycle -t "$dead"
	thread() { [[ -d /proc/$launched/task/$dead ]]; }
	eventually 5 thread
	starts -n svc -p "$p"
	alive "$launched"
	thread
}

@test "the number in the files is pid 1's, the kernel's, our parent's, ours" {
	dies
	for n in 1 2 "$$" "$PPID" "$BASHPID"; do
		names "$n"
		starts -n svc -p "$p"
		[[ $(<"$p") == "$pid" ]]
		finish "$pid"
	done
	# The parent is a shell, and so is the command.
	names "$$"
	run_fresh daemonize -n svc -p "$p" bash -c 'exec condition "$1" pause' \
	    - "$scratch/c3"
	expect_status 0
}

@test "after a reboot nothing that was recorded is believed" {
	starts -n svc -p "$p"
	first=$pid
	# Another boot: everything else is as it was, and that process lives.
	sed -i '/^boot 36$/{n;s/./f/;s/^ff/fe/}' "$public"
	cp "$public" "$scratch/rebooted"
	run_fresh daemonctl stop svc
	alive "$first"
	run_fresh daemonctl status svc
	((status != 0))
	[[ -e $p ]] || echo "$first" >"$p"
	touch -d '1 hour ago' "$p"
	cp "$scratch/rebooted" "$public"
	starts -n svc -p "$p"
	[[ $(<"$p") == "$pid" && $pid != "$first" ]]
	alive "$first"
}

@test "a pid of another pid namespace is not taken for one of ours" {
	starts -n svc
	first=$pid
	sed -i '/^pidns /{n;s/./1/g}' "$public"
	run_fresh daemonctl stop svc
	alive "$first"
	run_fresh daemonctl status svc
	((status != 0))
}
