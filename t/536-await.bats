#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# wait --ready and --stopped: until services are that.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised

# latched ARG...: a service that becomes ready when $scratch/go is written to,
# being started in the background.
latched()
{
	mkfifo go
	launch daemonize "$@" --ready=fd:7 -c "$scratch" bash -c \
	    'read -r <go; echo >&7; exec sleep 600'
	starting=$launched
}

# begins NAME: its record says so.
begins() { [[ $(daemonctl status "$1") == "$1: starting"* ]]; }

# awaits ARG...: a daemonctl wait that sleeps, in $launched.
awaits()
{
	launch daemonctl wait "$@"
	eventually 5 in_poll "$launched"
}

in_poll()
{
	local where
	in_state "$1" S || return
	# Not everybody may see it: then asleep must do.
	read -r where <"/proc/$1/wchan" || :
	[[ $where == *poll* || $where == 0 ]]
}

switches() { sed -n 's/^voluntary_ctxt_switches:\t//p' "/proc/$launched/status"; }

# sleeps SECONDS: the launched one does not wake up in that time.
sleeps()
{
	local before
	before=$(switches)
	read -r -t "$1" <>"$never" || :
	(($(switches) == before))
}

# ends STATUS [LINE]: it does, with LINE on stderr.
ends()
{
	local rc=0
	wait "$launched" || rc=$?
	[[ $rc == "$1" && $(<daemonctl.err) == "${2:+daemonctl: $2}" ]] || {
		echo "wait: $rc"
		cat daemonctl.err
		return 1
	}
}

@test "--ready: at once where it is so, plain or supervised" {
	starts -n plain
	supervised -- sleep 600
	does 0 '' wait --ready plain svc
	does 0 '' wait --ready --timeout 0 'p*' svc
	does 0 '' wait --ready --all
}

@test "--ready: when a supervised one becomes so, and without a wake-up before" {
	latched -n svc -r
	eventually 5 begins svc
	eventually 5 test -s run/svc/pid
	awaits --ready svc
	eventually 5 sleeps 0.2 # what there is to be told of the beginning was
	sleeps 1
	echo >go
	ends 0
	wait "$starting"
	remember "$(supervisor)" "$(<run/svc/pid)"
}

@test "--ready: when a plain one becomes so" {
	launch daemonize -n svc --ready=alive:2s sleep 600
	eventually 5 begins svc
	elapsed daemonctl wait --ready svc
	((took > 300))
	is ready 0 svc
}

@test "--ready: 1 after the timeout, which runs once" {
	latched -n svc -r
	eventually 5 begins svc
	elapsed refuses 1 'wait: svc: starting, not ready in time' \
	    wait --ready --timeout 300ms svc
	((took >= 300 && took < 5000))
}

@test "--ready: 1 at once where nobody starts it" {
	starts -n dead
	stops_dead() { ctl stop dead && expect_status 0; }
	stops_dead
	refuses 1 'wait: dead: stopped, and nobody starts it' wait --ready dead
	run_fresh daemonize -n failing --ready=alive:5s false
	expect_status 4
	refuses 1 'wait: failing: failed, and nobody starts it' wait --ready failing
	supervised -- sleep 600
	# One that cannot be is enough.
	elapsed refuses 1 'wait: dead: stopped, and nobody starts it' \
	    wait --ready --timeout 9s svc dead
	((took < 5000))
	refuses 6 'wait: nope: no such service' wait --ready nope
	refuses 2 'usage: --ready or --stopped, not both' \
	    wait --ready --stopped svc
	refuses 2 'option: --ready: stop does not take it' stop --ready svc
}

@test "--ready: through backoff" {
	run_fresh daemonize -n svc -c "$scratch" -R 300ms --keep-trying \
	    --ready=alive:200ms sh -c 'echo >>runs
	    [ "$(wc -l <runs)" -lt 3 ] || exec sleep 600'
	expect_status 0
	remember "$(supervisor)"
	does 0 '' wait --ready svc
	started 3
	remember "$(<run/svc/pid)"
	is ready 0 svc
}

@test "--ready: 1 when it is given up" {
	run_fresh daemonize -n svc -c "$scratch" -R 300ms --max-restarts 2/1m \
	    sh -c 'echo >>runs; [ "$(wc -l <runs)" -gt 1 ] || sleep 0.4'
	expect_status 0
	remember "$(supervisor)"
	eventually 5 started 2
	refuses 1 'wait: svc: failed, and nobody starts it' wait --ready svc
}

@test "--ready: 1 when it and its supervisor die meanwhile" {
	latched -n svc -r
	eventually 5 begins svc
	eventually 5 test -s run/svc/pid
	super=$(supervisor)
	command=$(<run/svc/pid)
	remember "$super" "$command"
	awaits --ready svc
	kill -KILL "$super"
	# Its launcher, who still waits, may have ended it and said that it failed.
	kill -KILL "$command" || eventually 5 gone "$command"
	rc=0
	wait "$launched" || rc=$?
	((rc == 1))
	[[ $(<daemonctl.err) =~ ^daemonctl:\ wait:\ svc:\ (exited|failed),\ and ]]
}

@test "--stopped: at once where nothing runs" {
	starts -n svc
	stops svc
	does 0 '' wait --stopped svc
	refuses 6 'wait: nope: no such service' wait --stopped nope
}

@test "--stopped: when the last of several is" {
	starts -n plain
	supervised -- sleep 600
	refuses 1 'wait: plain: ready, not stopped in time' \
	    wait --stopped --timeout 0.1s plain svc
	awaits --stopped plain svc
	ctl stop plain
	eventually 5 in_poll "$launched"
	alive "$launched"
	ctl stop svc
	ends 0
	nothing_runs
}

@test "--stopped: a restart is no stop, a plain one's death is, a forget too" {
	supervised -- sleep 600
	awaits --stopped svc
	kill -KILL "$(<run/svc/pid)"
	ctl restart svc
	expect_status 0
	alive "$launched"
	ctl stop svc
	ctl forget svc
	ends 0
	starts -n svc
	awaits --stopped svc
	kill -TERM "$pid"
	ends 0
}

@test "--stopped: one without its supervisor still runs" {
	supervised -- sleep 600
	kill -KILL "$super"
	eventually 5 gone "$super"
	pid=$(<run/svc/pid)
	does 0 '' wait --ready svc
	awaits --stopped svc
	kill -TERM "$pid"
	ends 0
}

@test "--stopped: a directory that somebody removes is no stop" {
	supervised -- sleep 600
	awaits --stopped svc
	rm -rf run/svc
	eventually 5 is ready 0 svc
	ctl restart svc
	expect_status 0
	alive "$launched"
	stops svc
	ends 0
	starts -n svc
	awaits --stopped svc
	rm -rf run/svc
	not eventually 0.5 gone "$launched"
	kill -TERM "$pid"
	ends 0
}

@test "by pidfile, and for a daemon that others started" {
	launch sleep 600
	other=$launched
	echo "$other" >p
	does 0 '' wait --ready -p p --exec sleep
	awaits --stopped -p "$scratch/p" --exec sleep
	kill -TERM "$other"
	ends 0
	does 0 '' wait --stopped -p p --exec sleep
}
