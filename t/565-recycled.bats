#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Numbers that belong to strangers now: after a death, after a reboot, in
# another pid namespace.  Not one signal to them.  What a start makes of
# them is in 250-strangers.bats.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl

setup()
{
	scratch_setup
	((EUID != 0)) || share_scratch
	p=$scratch/p
	decoy=$scratch/decoy
	public=$scratch/run/svc/public
}

# reborn: $dead is a decoy's number now.
reborn()
{
	recycle -d "$dead" decoy "$decoy" 3>&-
	eventually 5 test -e "$decoy"
	remember "$dead"
	[[ $(key "$decoy" pid) == "$dead" ]]
}

# spared ARG...: whatever is asked for with ARG..., no signal is sent.
spared()
{
	refuses 7 "signal: svc: not running" signal TERM "$@"
	refuses 7 "signal: svc: not running" signal KILL "$@"
	refuses 7 "reload: svc: not running" reload "$@"
	refuses 7 "wait: svc: not running" wait "$@"
	untouched "$dead"
	does 0 'svc: not running' stop --stop KILL/1 "$@"
	untouched "$dead"
}

# bats test_tags=root
@test "a recycled pid: exited, and nobody is signalled" {
	root_only 'needs to choose pids'
	dies
	reborn
	is exited 1 svc
	[[ $output != *"pid $dead"* ]]
	spared svc
	# The number in the file is the dead one's: the file goes.
	[[ ! -e $p ]]
	is stopped 3 svc
}

# bats test_tags=root
@test "a recycled pid, by the pidfile" {
	root_only 'needs to choose pids'
	dies
	reborn
	is exited 1 -p "$p"
	spared -p "$p"
	[[ ! -e $p ]]
}

# bats test_tags=root
@test "a recycled pid, and only the pidfile is left" {
	root_only 'needs to choose pids'
	dies
	rm -r "$scratch/run/svc"
	touch -d '10 seconds ago' "$p"
	reborn
	for verb in status stop 'signal TERM' reload wait; do
		# shellcheck disable=SC2086 # two words
		refuses 4 "${verb% *}: $p: pid $dead is younger than the pidfile: not the same process" \
		    $verb --exec decoy -p "$p"
	done
	untouched "$dead"
	[[ $(<"$p") == "$dead" ]]
}

# bats test_tags=root
@test "a recycled pid: start and restart make a new one, the stranger stays" {
	root_only 'needs to choose pids'
	dies
	reborn
	rm -f "$scratch/c"
	ctl restart svc
	expect_status 0
	[[ $output =~ ^svc:\ running,\ pid\ [0-9]+$ ]]
	eventually 5 test -e "$scratch/c"
	pid=$(key "$scratch/c" pid)
	untouched "$dead"
	[[ $(<"$p") == "$pid" ]]
	is ready 0 svc
	stops svc
	untouched "$dead"
}

# bats test_tags=root
@test "a recycled pid of the same program, of another user, of a thread" {
	root_only 'needs to choose pids'
	dies
	recycle -d "$dead" condition "$scratch/same" pause 3>&-
	eventually 5 test -e "$scratch/same"
	remember "$dead"
	is exited 1 svc
	refuses 7 "signal: svc: not running" signal KILL svc
	does 0 'svc: not running' stop --stop KILL/1 svc
	alive "$dead"
	kill -KILL "$dead"
	eventually 5 not test -e "/proc/$dead"
	# Somebody beside us may get the number first: then with another.
	thread() { [[ -d /proc/$launched/task/$dead ]]; }
	for _ in {1..5}; do
		dies
		launch recycle -t "$dead"
		! eventually 2 thread || break
	done
	thread
	is exited 1 svc
	refuses 7 "signal: svc: not running" signal KILL svc
	does 0 'svc: not running' stop --stop KILL/1 svc
	thread
	alive "$launched"
}

# bats test_tags=root
@test "a recycled pid while stop is at work: only its own tree is signalled" {
	root_only 'needs to choose pids'
	# The main process goes on TERM, and leaves one that ignores it, so
	# that stop is busy when the number is another's.
	run_fresh daemonize -n svc -p "$p" tree "$scratch/t" kid:session+ignore
	eventually 5 test -e "$scratch/t"
	dead=$(key "$scratch/t" self)
	launch daemonctl stop --stop TERM/2/KILL/5 svc
	eventually 5 not test -e "/proc/$dead"
	reborn
	wait "$launched"
	untouched "$dead"
	gone "$(key "$scratch/t" kid)"
	is stopped 3 svc
}

# names KEY VALUE: that field of the record, made VALUE.
names()
{
	sed -i "/^$1 [0-9]*\$/{s/.*/$1 ${#2}/;n;s/.*/$2/}" "$public"
}

@test "a number of a stranger with another start, another pidfd: exited" {
	launch decoy "$decoy"
	eventually 5 test -e "$decoy"
	dead=$launched
	starts -n svc -p "$p"
	finish "$pid"
	names pid "$dead"
	is exited 1 svc
	spared svc
}

@test "the right start and a wrong pidfd is a stranger where pidfds tell" {
	launch decoy "$decoy"
	eventually 5 test -e "$decoy"
	dead=$launched
	starts -n svc
	finish "$pid"
	names pid "$dead"
	names start "$(birth "$dead")"
	grep -A 1 '^pidfd ' "$public" | grep -qvx -e 'pidfd.*' -e 0 ||
	    skip 'pidfds have no inode here'
	is exited 3 svc
	spared svc
}

@test "after a reboot nothing recorded runs" {
	decoys -n svc -p "$p"
	dead=$pid
	names boot 00000000-0000-0000-0000-000000000000
	is exited 1 svc
	cp "$public" "$scratch/rebooted"
	spared svc
	cp "$scratch/rebooted" "$public"
	ctl list
	[[ ${lines[-1]} == '1 service: 0 ready'* ]]
}

# bats test_tags=root
@test "another pid namespace: what runs there is no process of ours" {
	root_only
	unshare -pf --mount-proc true || skip 'no pid namespaces'
	# Its number there is a low one: of a kernel thread, or init, here.
	launch unshare -pf --mount-proc sh -c 'daemonize -n svc -p "$1/p" \
		decoy "$1/inside" && : >"$1/begun"; exec sleep 600' - "$scratch"
	eventually 5 test -e "$scratch/begun"
	eventually 5 test -e "$scratch/inside"
	is exited 1 svc
	for verb in 'signal TERM' reload wait; do
		# shellcheck disable=SC2086 # words
		ctl $verb svc
		expect_status 4
		one_line_stderr '^daemonctl: [a-z]*: svc: runs where it cannot be'
	done
	ctl stop svc
	expect_status 4
	one_line_stderr 'lives in another pid namespace$'
	decoy=$scratch/inside
	[[ $(wc -l <"$decoy") == 1 && -e $p ]]
	# From within it is what it is.
	read -r inner <"/proc/$launched/task/$launched/children" || :
	run_fresh nsenter -t "$inner" -p -m daemonctl stop --stop KILL/5 svc
	expect_status 0
	is stopped 3 svc
}

# bats test_tags=root
@test "the number of another namespace, a decoy's here" {
	root_only
	launch decoy "$decoy"
	eventually 5 test -e "$decoy"
	dead=$launched
	starts -n svc
	finish "$pid"
	names pid "$dead"
	names start "$(birth "$dead")"
	names pidfd 0
	is ready 0 svc
	names pidns 4026500000
	is exited 3 svc
	for verb in stop 'signal TERM' reload wait restart; do
		# shellcheck disable=SC2086 # words
		ctl $verb svc
		expect_status 4
		one_line_stderr
	done
	untouched "$dead"
}

# bats test_tags=root
@test "another pid namespace: its supervisor there does what is asked for" {
	root_only
	unshare -pf --mount-proc true || skip 'no pid namespaces'
	launch unshare -pf --mount-proc --kill-child \
	    daemonize -F -r -n svc -c "$scratch" sleep 600
	eventually 5 is ready 0 svc
	ctl status svc
	[[ $output == *'watched   by pid 1,'* && $output != *'  uses '* ]] || told
	ctl status --json svc
	json 'assert o[0]["memory_bytes"] == -1 and o[0]["pid"] == 2, o'
	does 0 '' wait --ready svc
	elapsed refuses 1 'wait: svc: ready, not stopped in time' \
	    wait --stopped --timeout 300ms svc
	((took < 5000))
	does 0 'svc: paused, pid 2' pause svc
	does 0 'svc: resumed, pid 2' resume svc
	refuses 1 'forget: svc: runs, pid 2: stop it first' forget svc
	ctl restart svc
	expect_status 0
	ctl stop svc
	expect_status 0
	eventually 5 gone "$launched"
	is stopped 3 svc
	# Who dies there without a word is missed, too.
	launch unshare -pf --mount-proc --kill-child \
	    daemonize -F -r -n svc -c "$scratch" sleep 600
	inside=$launched
	eventually 5 is ready 0 svc
	launch daemonctl wait --stopped svc
	kill -KILL "$(pgrep -P "$inside")"
	wait "$launched"
}

# bats test_tags=root
@test "another pid namespace, which has ended: nobody is taken for its supervisor" {
	root_only
	unshare -pf --mount-proc true || skip 'no pid namespaces'
	unshare -pf --mount-proc --kill-child \
	    sh -c 'daemonize -n svc -r -c "$1" sleep 600; :' - "$scratch"
	for verb in stop restart; do
		run_fresh timeout 20 daemonctl $verb svc
		expect_status 4
		one_line_stderr "^daemonctl: $verb: svc: pid [0-9]+ lives in another pid namespace\$"
	done
	run_fresh daemonize -n svc -r -c "$scratch" sleep 600
	expect_status 0
	remember "$(record "$scratch/run/svc/public" supervisor)" "$(<"$scratch/run/svc/pid")"
	stops svc
}
