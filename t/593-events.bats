#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# events: what happened to supervised services, kept and told.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised

# words: the events in $output, in a line.
words() { json 'print(*(e["event"] for e in o))'; }

# tells WORDS ARG...: daemonctl events ARG... has these.
tells()
{
	local want=$1
	shift
	ctl events "$@"
	expect_status 0 || return
	[[ -z $stderr && $(words) == "$want" ]] || told "expected: $want"
}

# follows ARG...: daemonctl events -f ARG..., in $launched.
follows() { launch daemonctl events -f "$@"; }

# full: what is written next goes to a new file.
full()
{
	local line='{"ms": 1, "name": "svc", "event": "old", "pid": 0, "how": null, "restarts": 0}'
	yes "$line" | head -n 900 >>run/svc/events
}

@test "every change of state is a line" {
	supervised -- sleep 600
	first=$(<run/svc/pid)
	tells 'starting ready' svc
	json 'assert [sorted(e) for e in o] == [sorted(["ms", "name", "event",
	    "pid", "how", "restarts"])] * 2'
	json "assert o[1]['pid'] == $first and o[1]['name'] == 'svc'"
	kill -KILL "$first"
	eventually 5 is_anew "$first"
	stops svc
	tells 'starting ready stopping starting ready stopping stopped' svc
	json 'assert [e["how"] for e in o] == [None, None, None, "signal KILL",
	    None, None, "signal TERM, stopped"]'
	json 'assert [e["restarts"] for e in o] == [0, 0, 0, 1, 1, 1, 1]'
	json 'assert all(a["ms"] <= b["ms"] for a, b in zip(o, o[1:]))'
	[[ $(stat -c '%a' run/svc/events) == 644 ]]
}

@test "each line is one write, of a file opened without following a link" {
	needs strace
	supervised -- sleep 600
	launch strace -f -s 300 -e trace=openat,write -o trace -p "$super"
	eventually 5 test -s strace.err
	ctl stop svc
	expect_status 0
	eventually 5 grep -q stopped trace
	n=$(grep -c 'openat(.*"events", .*O_NOFOLLOW' trace)
	((n >= 2 && n == $(grep -c 'write(.*\\"event\\": ' trace)))
}

@test "release and adoption are told" {
	supervised -- sleep 600
	ctl release svc
	expect_status 0
	tells 'starting ready unsupervised'
	ctl adopt svc
	expect_status 0
	remember "$(supervisor)"
	tells 'starting ready unsupervised ready'
	kill -KILL "$(supervisor)"
	eventually 5 is unsupervised 0 svc
	ctl adopt svc
	remember "$(supervisor)"
	tells 'starting ready unsupervised ready ready'
}

@test "so is a stop without a supervisor, as the end that it is" {
	supervised -- sleep 600
	first=$(<run/svc/pid)
	kill -KILL "$first"
	eventually 5 is_anew "$first"
	eventually 5 is ready 0 svc
	remember "$(<run/svc/pid)"
	ctl release svc
	stops svc
	tells 'starting ready stopping starting ready unsupervised stopped'
	ctl status --json svc
	json 'assert [e["how"] for e in o[0]["ends"]] == ["signal KILL",
	    "unknown status, stopped"], o'
}

@test "an attempt begins with --before: it counts from there" {
	supervised --before 'echo "$DAEMONIZE_RESTARTS" >>counts' -- sleep 600
	first=$(<run/svc/pid)
	kill -KILL "$first"
	eventually 5 is_anew "$first"
	remember "$(<run/svc/pid)"
	eventually 5 is ready 0 svc
	tells 'starting ready stopping starting ready' svc
	json 'assert [e["restarts"] for e in o] == [0, 0, 0, 1, 1], o'
	[[ $(<counts) == $'0\n1' ]] || told
	stops svc
}

@test "giving up is told, with how it ended" {
	run_fresh daemonize -n svc -r --max-restarts 1/1m \
	    sh -c 'sleep 0.3; exit 3'
	over() { [[ $(daemonctl status svc) == 'svc: failed'* ]]; }
	eventually 10 over
	ctl events svc
	expect_status 0
	json 'assert (o[-1]["event"], o[-1]["how"]) == ("failed", "status 3")'
}

@test "several services: merged by time; plain ones have none" {
	supervised -- sleep 600
	run_fresh daemonize -n other -r sleep 600
	remember "$(record run/other/public supervisor)" "$(<run/other/pid)"
	starts -n plain
	stops svc
	ctl events
	expect_status 0
	json 'assert [e["name"] + " " + e["event"] for e in o] == [
	    "svc starting", "svc ready", "other starting", "other ready",
	    "svc stopping", "svc stopped"]'
	tells 'starting ready' other
	tells 'starting ready' 'oth*'
	tells '' plain
	ctl events other nope
	expect_status 6
	[[ $stderr == 'daemonctl: events: nope: no such service' ]] || told
	[[ ${#lines[@]} == 2 ]]
	refuses 2 'usage: events takes names, not -p (status -p does)' \
	    events -p p
}

@test "-f tells what comes, also of services that were not there" {
	supervised -- sleep 600
	follows
	eventually 5 has_lines 2 daemonctl.out
	stops svc
	eventually 5 has_lines 4 daemonctl.out
	ctl forget svc
	supervised -- sleep 600
	eventually 5 has_lines 6 daemonctl.out
	run_fresh daemonize -n other -r sleep 600
	remember "$(record run/other/public supervisor)" "$(<run/other/pid)"
	eventually 5 has_lines 8 daemonctl.out
	output=$(<daemonctl.out)
	[[ $(words) == 'starting ready stopping stopped starting ready starting ready' ]]
	alive "$launched"
}

@test "-f NAME tells that one's only" {
	supervised -- sleep 600
	follows svc
	eventually 5 has_lines 2 daemonctl.out
	run_fresh daemonize -n other -r sleep 600
	remember "$(record run/other/public supervisor)" "$(<run/other/pid)"
	stops svc
	eventually 5 has_lines 4 daemonctl.out
	not grep -q other daemonctl.out
}

@test "-f ends when nobody reads it any more" {
	supervised -- sleep 600
	ends_unread '*"event": "starting"*' events -f svc
}

@test "a large file is put aside, once, and followed over that" {
	supervised -- sleep 600
	full
	follows svc
	eventually 5 has_lines 902 daemonctl.out
	ctl restart svc
	expect_status 0
	[[ $(wc -l <run/svc/events.1) == 902 ]]
	[[ $(wc -l <run/svc/events) == 3 ]]
	eventually 5 has_lines 905 daemonctl.out
	ctl events svc
	expect_status 0
	[[ ${#lines[@]} == 905 && ${lines[904]} == *'"ready"'* ]]
	full
	ctl restart svc
	[[ $(wc -l <run/svc/events.1) == 903 ]]
	eventually 5 has_lines 1808 daemonctl.out
	stops svc
	ctl forget svc
	expect_status 0
	[[ ! -e run/svc ]]
}

@test "what is in the way of writing does not disturb" {
	supervised -- sleep 600
	: >elsewhere
	rm run/svc/events
	ln -s "$scratch/elsewhere" run/svc/events
	ctl restart svc
	expect_status 0
	rm run/svc/events
	mkfifo run/svc/events
	ctl restart svc
	expect_status 0
	tells '' svc
	rm run/svc/events
	ln elsewhere run/svc/events
	ctl restart svc
	expect_status 0
	[[ ! -s elsewhere ]]
	rm run/svc/events
	mkdir run/svc/events
	stops svc
	is stopped 3 svc
}

@test "one known by its pidfile alone: any name is JSON" {
	run_fresh daemonize -p "$scratch/"$'a"b\\c\xff' -r sleep 600
	expect_status 0
	remember "$(<a*)"
	ctl events
	expect_status 0
	json 'assert o[0]["name"].startswith("%a\"b\\c\xff-"), o'
	tame
}

# bats test_tags=root
@test "everybody who can reach it may read it, and nobody else's file" {
	root_only
	needs setpriv
	share_scratch
	chmod 755 run
	supervised -- sleep 600
	run_fresh as_nobody daemonctl events svc
	expect_status 0
	[[ ${#lines[@]} == 2 ]]
	chown nobody run/svc/events
	tells '' svc
}
