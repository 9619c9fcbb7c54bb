# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What the tests of daemonctl share; `load 500-ctl` after helper and start.

# ctl ARG...: as run_fresh.
ctl() { run_fresh daemonctl "$@"; }

# does STATUS LINE ARG...: daemonctl ARG... ends so, says exactly LINE on
# stdout and nothing else.
does()
{
	local want=$1 line=$2
	shift 2
	ctl "$@"
	expect_status "$want" || return
	[[ -z $stderr && $output == "$line" ]] || told "expected: $line"
}

# refuses STATUS LINE ARG...: it ends so, with "daemonctl: LINE" on stderr.
refuses()
{
	local want=$1 line=$2
	shift 2
	ctl "$@"
	expect_status "$want" || return
	[[ -z $output && $stderr == "daemonctl: $line" ]] ||
	    told "expected: daemonctl: $line"
}

# is STATE STATUS ARG...: what status says of it, to people and programs.
is()
{
	local want=$1 code=$2
	shift 2
	ctl status --json "$@"
	expect_status "$code" || return
	[[ $output == *"\"state\": \"$want\", \"status\": $code, "* ]] ||
	    told "expected $want" || return
	ctl status "$@"
	expect_status "$code" || return
	[[ $output =~ ^[^$'\n']*:\ "$want"($|[ ,$'\n']) ]] ||
	    told "expected $want"
}

# stopped_line NAME: a regular expression of "NAME: stopped in 0.1 s".
stopped_line() { echo "^${1//./\\.}: stopped in [0-9]+\.[0-9] s\$"; }

# stops ARG...: stop ends what runs, in one line, nothing killed; $name is
# what it calls it, svc unless set.
stops()
{
	ctl stop "$@"
	expect_status 0 || return
	[[ -z $stderr && $output =~ $(stopped_line "${name:-svc}") ]] ||
	    told 'expected it stopped'
}

# decoys ARG...: daemonize ARG... decoy $decoy; $pid is its.
decoys()
{
	decoy=${decoy:-$scratch/decoy}
	rm -f "$decoy"
	run_fresh daemonize "$@" decoy "$decoy"
	expect_status 0 || return
	eventually 5 test -e "$decoy" || return
	pid=$(key "$decoy" pid)
	remember "$pid"
}

# untouched PID: the decoy PID lives and was sent nothing, not even STOP.
untouched()
{
	[[ $(<"$decoy") == "pid=$1" ]] || {
		cat "$decoy"
		return 1
	}
	[[ $(state "$1") == S ]]
}

# signals: what $decoy was sent, in a line.
signals() { sed -n 's/^signal=\([^ ]*\) .*/\1/p' "$decoy" | paste -sd ' '; }

# dies: a service svc with pidfile $p that ended by itself; its number, in
# $dead, is free again.
dies()
{
	starts -n svc -p "$p" "$@"
	finish "$pid"
	dead=$pid
	eventually 5 not test -e "/proc/$dead"
}

# tame: no control byte but the newline in what was said.
tame()
{
	! printf '%s\n' "$output" "$stderr" |
	    LC_ALL=C grep -nP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' ||
	    told 'expected no control characters'
}

# elapsed CMD...: its milliseconds in $took.
elapsed()
{
	local begin=${EPOCHREALTIME/./} rc=0
	"$@" || rc=$?
	took=$(((${EPOCHREALTIME/./} - begin) / 1000))
	return "$rc"
}

# json CODE: python, with every object of $output in the list `o`; fails
# where an assertion does, or where it is not JSON.
json()
{
	printf '%s\n' "$output" | "$python" -c '
import json, sys
o = [json.loads(l) for l in sys.stdin.read().splitlines()]
'"$1"
}
python=/usr/bin/python3
[[ -x $python ]] || python=python3
