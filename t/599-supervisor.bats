#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# What is said of the supervisor itself: its pidfile, its title.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised

setup()
{
	scratch_setup
	cd "$scratch" || return
	P=$scratch/sup
}

# title PID: its command line.
title() { tr -d '\0' <"/proc/$1/cmdline"; }

# refused REASON: a start with -P $P is, and leaves it as it is.
refused()
{
	fails 1 "pidfile: $P: $1" -n svc -r -P "$P" sleep 600 || return
	is failed 1 svc || return
	[[ $output == *"pidfile: $P: $1"* ]] || told || return
	[[ $(cd run/svc && echo .[!.]* *) == '.[!.]* events lock public state' ]] ||
	    return
	nothing_runs
}

@test "-P is the pid of the supervisor, from before the command to its end" {
	supervised -P sup -p cmd -- sh -c 'cp sup seen; exec sleep 600'
	[[ $(<sup) == "$super" && $(<cmd) != "$super" ]]
	[[ $(stat -c %a sup) == 644 ]]
	eventually 5 cmp seen sup
	ctl restart svc
	expect_status 0
	[[ $(<sup) == "$super" ]]
	stops svc
	not test -e sup
	ctl start svc
	expect_status 0
	remember "$(supervisor)" "$(<run/svc/pid)"
	[[ $(<sup) == "$(supervisor)" ]]
	stops svc
	not test -e sup
	nothing_runs
}

@test "it is gone, too, after a start that failed, and when nothing follows" {
	fails 127 'exec: nosuch: not found in PATH' -n svc -r -P "$P" nosuch
	not test -e sup
	fails 4 'ready: false: ended with status 1 before it was ready' \
	    -n svc -r -P "$P" false
	not test -e sup
	supervised --restart=never -P sup -- sleep 0.4
	[[ -e sup ]]
	eventually 5 is exited 3 svc
	not test -e sup
}

@test "what is no pidfile, or not ours, is refused and left as it is" {
	echo 'no pid' >sup
	refused 'holds something other than a pid; move it away'
	[[ $(<sup) == 'no pid' ]]
	rm sup
	ln -s target sup
	refused 'is a symbolic link'
	not test -e target
	rm sup
	mkfifo sup
	refused 'is not a regular file'
	rm sup
	echo 1 >sup
	ln sup other
	refused 'has more than one name (hard link)'
	rm sup other
	echo 1 >sup
	chmod 666 sup
	refused 'can be written by everybody'
	rm sup
	mkdir -m 777 open
	P=$scratch/open/sup refused "$scratch/open can be changed by others (chmod go-w)"
	P=$scratch/none/sup refused 'No such file or directory'
}

@test "whoever is named in it does not matter; at the end only we are removed" {
	launch sleep 600
	echo "$launched" >sup
	supervised -P sup -- sleep 600
	[[ $(<sup) == "$super" ]]
	echo "$launched" >sup
	stops svc
	[[ $(<sup) == "$launched" ]]
	alive "$launched"
}

@test "a second start is refused by the lock, and the file stays" {
	supervised -P sup -- sleep 600
	fails_with=$(daemonize -n svc -r -P "$P" sleep 600 2>&1) || status=$?
	[[ $status == 3 && $fails_with == *'already running, pid '* ]]
	[[ $(<sup) == "$super" ]]
}

@test "whoever adopts is in it, and keeps the title; stop without one removes it" {
	supervised -P sup -t 'web, the first' -T web -- sleep 600
	[[ $(title "$super") == 'web, the first' ]]
	[[ $(<"/proc/$super/comm") == daemonize ]]
	kill -KILL "$super"
	eventually 5 gone "$super"
	[[ $(<sup) == "$super" ]]
	ctl adopt svc
	expect_status 0
	super=$(supervisor)
	remember "$super"
	[[ $(<sup) == "$super" && $(title "$super") == 'web, the first' ]]
	kill -KILL "$super"
	eventually 5 gone "$super"
	stops svc
	not test -e sup
	supervised -P sup -- sleep 600
	kill -KILL "$super"
	eventually 5 gone "$super"
	run_fresh daemonize --replace -n svc -c "$scratch" -r sleep 600
	expect_status 0
	remember "$(supervisor)" "$(<run/svc/pid)"
	not test -e sup
}

@test "an adoption whose file is refused leaves the service as it was" {
	supervised -P sup -- sleep 600
	pid=$(<run/svc/pid)
	kill -KILL "$super"
	eventually 5 gone "$super"
	echo 'no pid' >sup
	ctl adopt svc
	expect_status 1
	[[ $stderr == "daemonctl: adopt: svc: pidfile: $P: holds something other than a pid; move it away" ]] || told
	alive "$pid"
	is unsupervised 0 svc
	rm sup
	ctl adopt svc
	expect_status 0
	remember "$(supervisor)"
	[[ $(<sup) == "$(supervisor)" ]]
}

@test "--replace looks at it before anything is stopped" {
	supervised -- sleep 600
	pid=$(<run/svc/pid)
	echo 'no pid' >sup
	run_fresh daemonize --replace -n svc -r -P "$P" sleep 601
	expect_status 1
	[[ $stderr == "daemonize: pidfile: $P: holds something other than a pid; move it away" ]] || told
	alive "$pid"
	is ready 0 svc
}

@test "released, the supervisor takes its file with it" {
	supervised -P sup -- sleep 600
	ctl release svc
	expect_status 0
	eventually 5 gone "$super"
	not test -e sup
}

@test "-F: it is ours, with and without a name" {
	for name in '' '-n svc'; do
		# shellcheck disable=SC2086 # words
		launch daemonize -F $name -r -P "$P" sleep 600
		eventually 5 test -s sup
		[[ $(<sup) == "$launched" ]]
		kill -TERM "$launched"
		eventually 5 gone "$launched"
		not test -e sup
	done
	echo 'no pid' >sup
	run_fresh daemonize -F -r -P "$P" sleep 600
	expect_status 125
	[[ $stderr == "daemonize: pidfile: $P: holds something other than a pid; move it away" ]] || told
	[[ $(<sup) == 'no pid' ]]
}

# bats test_tags=root
@test "its directory, and an old one, may be the user's" {
	root_only
	share_scratch
	mkdir theirs
	echo 1 >theirs/sup
	chown -R nobody theirs
	supervised -u nobody -P theirs/sup -- sleep 600
	[[ $(<theirs/sup) == "$super" && $(stat -c %u theirs/sup) == 0 ]]
	stops svc
	not test -e theirs/sup
	fails 1 "pidfile: $scratch/theirs/sup: a directory on the way belongs to uid $(id -u nobody)" \
	    -n svc -r -P "$scratch/theirs/sup" sleep 600
}

@test "show has all three, and what it prints starts the same" {
	supervised -P sup -t 'a title' -T web -- sleep 600
	ctl show svc
	expect_status 0
	[[ $output == *" -P $P -t 'a title' -T web "* ]] || told
	line=${lines[0]}
	stops svc
	run_fresh bash -c "$line"
	expect_status 0
	remember "$(supervisor)" "$(<run/svc/pid)"
	ctl show svc
	[[ ${lines[0]} == "$line" ]] || told
}

@test "alone they turn nothing on, and are refused" {
	for o in -P -t -T; do
		fails 2 "option: $o: only with -r or another of those marked * in --help" \
		    -n svc "$o" x true
	done
	fails 2 'option: -t: the text is empty' -n svc -r -t '' true
	fails 2 'option: -T: the text is empty' -n svc -r -T '' true
	fails 2 "option: -P: $scratch/x: is the file of -p or -l" -r -p x -P x true
	fails 2 "option: -P: $scratch/x: is the file of -p or -l" -n svc -r -l x -P x true
	fails 125 'option: -t: not with -F' -F -r -t x true
	nothing_runs
}
