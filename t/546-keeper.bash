# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
#
# What the tests of kept logs share; `load 546-keeper` after 596-supervised.

# kept ARG... -- CMD...: a supervised one, whose log is $log.
kept()
{
	logged="--log=$scratch/log" supervised "$@" || return
	log=$scratch/log
	remember "$(keeper)"
}

keeper() { record run/svc/public keeper; }

# another_than PID: there is a keeper, and not that one.
another_than() { [[ -n $(keeper) && $(keeper) != "$1" ]] && alive "$(keeper)"; }

# another_supervisor_than PID
another_supervisor_than() { [[ $(supervisor) != "$1" ]] && alive "$(supervisor)"; }

# all_of FILE: that log and those before it, oldest first.
all_of()
{
	local k=1
	while [[ -e $1.$k ]]; do ((k++)); done
	while ((--k)); do cat "$1.$k"; done
	cat "$1"
}

# is_log TEXT
is_log() { [[ $(<"$log") == "$1" ]]; }

# counting: a command that writes the numbers to N whenever it is told to
# by a line in the FIFO more, and then waits.
counting='n=0
	while :; do
		read -r to <./more || continue # who wrote last had not closed it yet
		seq $((n + 1)) "$to"; n=$to; : >"done.$to"
	done'

# count TO: and wait until it has.
count()
{
	echo "$1" >./more
	eventually 10 test -e "done.$1"
}

# has_all N: the log has exactly the numbers to N.
has_all() { all_of "$log" | cmp -s - <(seq "$1"); }

# hears: what is sent is in got from now on, a line each.
hears()
{
	rm -f dev/log
	"$python" -c '
import os, socket, sys
os.chdir("dev")
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("log")
out = open("../got", "ab", 0)
while True:
	out.write(s.recv(1 << 20) + b"\n")' 3>&- &
	reader=$!
	remember "$reader"
	eventually 5 test -S dev/log
}
