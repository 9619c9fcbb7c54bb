#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Of any number of starts at once one wins, and the others know who.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start

setup()
{
	scratch_setup
	p=$scratch/p
	out=$scratch
}

# one_wins N ARG...: N at once; one is 0, the rest 3, naming the one.
one_wins()
{
	local n=$1 pid
	shift
	rm -f "$out"/won.*
	run_fresh storm "$n" daemonize "$@" condition "$out/won.{}" pause
	expect_status 0
	[[ ${lines[0]} == "status 3 $((n - 1))" || ${lines[1]} == "status 3 $((n - 1))" ]] ||
	    told 'expected one winner'
	grep -qx 'status 0 1' <<<"$output" || told 'expected one winner'
	# The tenths of a second are not told: at most two lines differ.
	eventually 5 compgen -G "$out/won.*" >/dev/null
	[[ $(compgen -G "$out/won.*" | wc -l) == 1 ]]
	pid=$(key "$out"/won.* pid)
	remember "$pid"
	alive "$pid"
	awk -v pid="$pid" -v want=$((n - 1)) '
		/^stderr / && $0 ~ "already running, pid " pid "[, ]" {
			found += $2
			next
		}
		!/^status / { print "unexpected: " $0; bad = 1 }
		END { if (found != want) print "named by", found
			exit bad || found != want }' <<<"$output"
	[[ $(strays) == "$pid" ]]
	winner=$pid
}

@test "a thousand starts with one pidfile: one wins, 999 name it" {
	one_wins 1000 -p "$p"
	printf '%s\n' "$winner" | cmp "$p" -
}

@test "a thousand starts with one name" {
	one_wins 1000 -n svc
	printf '%s\n' "$winner" | cmp "$scratch/run/svc/pid" -
}

@test "three hundred with a name and a pidfile, after one that died" {
	echo 4000000 >"$p"
	one_wins 300 -n svc -p "$p"
	kill -KILL "$winner"
	eventually 5 gone "$winner"
	one_wins 300 -n svc -p "$p"
	printf '%s\n' "$winner" | cmp "$p" -
}

# bats test_tags=root
@test "three hundred with another user" {
	root_only
	others_write
	out=$scratch/open
	one_wins 300 -u nobody -p "$p"
	[[ $(stat -c %U "/proc/$winner") == nobody ]]
}

@test "three hundred with one locked pidfile" {
	one_wins 300 -p "$p" -l "$p"
	printf '%s\n' "$winner" | cmp "$p" -
}

@test "three hundred that must live: the losers do not wait" {
	TEST_LIMIT=50 watch_start
	one_wins 300 -n svc --ready=alive:2
}

@test "a hundred starts of what cannot be executed: nobody runs, all say so" {
	run_fresh storm 100 daemonize -n svc -p "$p" "$scratch/none"
	expect_status 0
	# Who meets one on its way to the exec takes it for the winner, and
	# does not wait to see: that is 3.
	tried=$(sed -n 's/^status 127 //p' <<<"$output")
	met=$(sed -n 's/^status 3 //p' <<<"$output")
	((tried >= 1 && tried + ${met:-0} == 100)) || told 'expected 127 or 3'
	grep -qx "stderr $tried daemonize: exec: $scratch/none: No such file or directory" \
	    <<<"$output" || told 'expected the reason'
	not grep -Ev '^(status (127|3) |stderr [0-9]+ daemonize: (exec: |start: svc: already running, pid ))' \
	    <<<"$output"
	[[ -z $(strays) && ! -e $p ]]
}

@test "a hundred names at once are a hundred services" {
	run_fresh storm 100 daemonize -n 's{}' condition "$scratch/won.{}" pause
	expect_status 0
	[[ $output == 'status 0 100' ]]
	eventually 5 test -e "$scratch/won.99"
	for i in {0..99}; do
		eventually 5 test -e "$scratch/won.$i"
		[[ $(<"$scratch/run/s$i/pid") == "$(key "$scratch/won.$i" pid)" ]]
	done
}

@test "short commands in a storm: every 0 was executed, every 3 had a reason" {
	run_fresh storm 200 daemonize -n svc sh -c 'echo >"$0.$$"' "$scratch/ran"
	expect_status 0
	ran() { compgen -G "$scratch/ran.*" | wc -l; }
	# Whoever got 0 was executed, whoever got 3 was not.
	won=$(sed -n 's/^status 0 //p' <<<"$output")
	lost=$(sed -n 's/^status 3 //p' <<<"$output")
	((won + ${lost:-0} == 200))
	as_many() { (($(ran) == won)); }
	eventually 5 as_many
}
