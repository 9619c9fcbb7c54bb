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

# at_once N ARG...: so many daemonctl ARG..., whose pids are in all[1] and on;
# what they say is in told1 and on.
at_once()
{
	local n=$1 i
	shift
	all=()
	for ((i = 1; i <= n; i++)); do
		daemonctl "$@" >"told$i" 2>&1 3>&- &
		all[i]=$!
		remember "$!"
	done
}

# ends_unread LINE ARG...: daemonctl ARG... begins with LINE, a pattern, goes on,
# and ends in silence when nobody reads it any more.
ends_unread()
{
	local want=$1 pid line
	shift
	mkfifo pipe
	daemonctl "$@" >pipe 2>err 3>&- &
	pid=$!
	remember "$pid"
	exec 9<pipe
	read -r -u 9 line
	# shellcheck disable=SC2053
	[[ $line == $want ]] || told "its first line: $line" || return
	alive "$pid" || return
	exec 9<&-
	eventually 5 gone "$pid" || return
	wait "$pid" || return
	[[ ! -s err ]]
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
