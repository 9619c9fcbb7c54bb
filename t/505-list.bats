#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# list: the table, its last line, and what never reaches a terminal.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl

setup()
{
	scratch_setup
	p=$scratch/p
	header='^NAME +STATE +PID +SINCE +MEM +COMMAND$'
}

@test "no services" {
	does 0 '0 services: 0 ready' list
	does 0 '0 services: 0 ready'
	does 0 '' list --json
	does 0 '' list -q
	rmdir "$scratch/run"
	does 0 '0 services: 0 ready' list
}

@test "one is one service" {
	starts -n svc
	ctl
	expect_status 0
	[[ ${#lines[@]} == 3 ]]
	[[ ${lines[0]} =~ $header ]]
	[[ ${lines[1]} =~ ^svc\ +ready\ +$pid\ +[0-9]+s\ +[0-9.]+[KM]\ +"condition $scratch/c pause" ]]
	[[ ${lines[2]} == '1 service: 1 ready' ]]
}

@test "every state, sorted by name, and how many need a look" {
	starts -n d
	run_fresh daemonize -n a "$scratch/none"
	starts -n b -p "$p"
	finish "$pid"
	starts -n c
	name=c stops c
	starts -p "$scratch/q"
	ctl list
	expect_status 0
	[[ ${lines[0]} =~ $header ]]
	[[ ${lines[1]} =~ ^"$scratch/q"\ +ready\ +$pid\  ]]
	[[ ${lines[2]} =~ ^a\ +failed\ +-\ +[0-9]+s\ +-\ +"$scratch/none" ]]
	[[ ${lines[3]} =~ ^b\ +exited\ +-\ +-\  ]]
	[[ ${lines[4]} =~ ^c\ +stopped\ +-\  ]]
	[[ ${lines[5]} =~ ^d\ +ready\  ]]
	[[ ${lines[6]} == '5 services: 2 ready, 2 need a look' ]]
	rm "$p"
	ctl list
	[[ ${lines[6]} == '5 services: 2 ready, 1 needs a look' ]]
}

@test "the columns stand under each other" {
	starts -n a
	starts -n a-name-that-is-longer-than-the-others
	ctl list
	for word in STATE COMMAND; do
		before=${lines[0]%%"$word"*}
		for line in "${lines[1]}" "${lines[2]}"; do
			[[ ${line:${#before}-1:1} == ' ' ]]
			[[ ${line:${#before}:1} != ' ' ]]
		done
	done
}

@test "names and patterns choose; what is not there is status 6" {
	starts -n web@1
	starts -n web@2
	starts -n db
	ctl list 'web@*'
	expect_status 0
	[[ ${lines[1]} == web@1\ * && ${lines[2]} == web@2\ * ]]
	[[ ${lines[3]} == '2 services: 2 ready' ]]
	ctl list db
	[[ ${lines[1]} == db\ * && ${lines[2]} == '1 service: 1 ready' ]]
	refuses 6 'list: x*: matches no service' list 'x*'
	ctl list db nope
	expect_status 6
	[[ $stderr == 'daemonctl: list: nope: no such service' ]]
	[[ ${lines[1]} == db\ * ]]
	refuses 2 'usage: list takes names, not -p (status -p does)' \
	    list -p "$p"
}

@test "a name and its pidfile are one service" {
	starts -n svc -p "$p"
	ctl list
	[[ ${#lines[@]} == 3 && ${lines[1]} == svc\ * ]]
	[[ ${lines[2]} == '1 service: 1 ready' ]]
}

@test "--json: an object a line, the same as status says" {
	needs python3
	starts -n a
	starts -n b
	name=b stops b
	ctl list --json
	expect_status 0
	both=$output
	json 'assert [e["name"] + e["state"] for e in o] == ["aready", "bstopped"]'
	ctl status --json
	expect_status 3
	diff <(sed 's/"cpu_ms".*//' <<<"$both") <(sed 's/"cpu_ms".*//' <<<"$output")
}

@test "-q says nothing" {
	starts -n a
	does 0 '' list -q
}

@test "colours are for terminals, and for those who want them" {
	starts -n good
	run_fresh daemonize -n bad "$scratch/none"
	starts -n idle
	name=idle stops idle
	TERM=xterm ctl list
	[[ $output != *$'\e'* ]]
	TERM=xterm run_fresh terminal daemonctl list
	expect_status 0
	[[ ${lines[1]} == bad*$'\e[31mfailed'*$'\e[0m'* ]]
	[[ ${lines[2]} == good*$'\e[32mready'*$'\e[0m'* ]]
	[[ ${lines[3]} == idle*$'\e[2mstopped'*$'\e[0m'* ]]
	# The same but for them.
	[[ $(sed 's/\x1b\[[0-9]*m//g' <<<"${lines[2]}") =~ ^good\ +ready\ +[1-9] ]]
	TERM=dumb run_fresh terminal daemonctl list
	[[ $output != *$'\e'* ]]
	TERM=xterm NO_COLOR=1 run_fresh terminal daemonctl list
	[[ $output != *$'\e'* ]]
	run_fresh env -u TERM terminal daemonctl list
	[[ $output != *$'\e'* ]]
	TERM=xterm run_fresh terminal daemonctl list --json
	[[ $output != *$'\e'* ]]
}

# everything: all verbs that show something of what is recorded.
everything()
{
	ctl list
	tame
	[[ ${lines[-1]} == "$1 service"* ]] || told "expected $1"
	ctl status
	tame
	ctl status --json
	tame
	ctl show --all
	tame
	ctl show --all --secrets
	tame
}

@test "no escape of a command, a path or a variable reaches the terminal" {
	evil=$'\e]0;owned\a\e[2J\r\nforged: ready\x7f\xc2\x9b31m'
	mkdir "$scratch/$evil"
	ln -s "$(command -v sleep)" "$scratch/$evil/sleep"
	run_fresh env "$evil=1" daemonize -n svc -p "$scratch/$evil/p" \
	    -o "$scratch/$evil/o" -c "$scratch/$evil" -E "EVIL=$evil" \
	    --argv0 "$evil" "$scratch/$evil/sleep" 600
	expect_status 0
	everything 1
	ctl stop svc
	expect_status 0
	tame
	run_fresh daemonize -p "$scratch/$evil/q" "$scratch/$evil/sleep" 600
	run_fresh daemonize -n bad "$scratch/$evil/none"
	expect_status 127
	everything 3
	for verb in stop signal\ TERM reload wait; do
		# shellcheck disable=SC2086 # two words
		ctl $verb -p "$scratch/$evil/q"
		tame
	done
	ctl stop "$evil"
	expect_status 6
	one_line_stderr
	tame
	ctl "$evil"
	expect_status 2
	tame
	ctl status -p "$scratch/$evil/none"
	tame
}

@test "no escape of a process that had to be killed does" {
	cp "$(command -v condition)" "$scratch/"$'a\e[2Jb\n'
	run_fresh daemonize -n svc "$scratch/"$'a\e[2Jb\n' "$scratch/c" ignore
	eventually 5 test -e "$scratch/c"
	ctl stop --stop TERM/0.1/KILL/5 svc
	expect_status 0
	tame
	[[ ${#lines[@]} == 1 && $output == *'"a\x1b[2Jb" had to be killed' ]]
}

@test "bytes that are no UTF-8 are shown as bytes, and JSON stays JSON" {
	needs python3
	# Latin 1, C1, overlong, half of a pair, beyond the last, cut off.
	args=($'\xe9' $'\x9b2J' $'\xc0\x9b' $'\xe0\x80\x9b' $'\xed\xa0\x80'
		$'\xf4\x90\x80\x80' $'\xf0\x80\x80\x9b' $'\xe2\x82' 'häßlich')
	run_fresh daemonize -n svc -c "$scratch" \
	    bash -c 'exec sleep 600' "${args[@]}"
	expect_status 0
	ctl status svc
	printf '%s\n' "$output" | iconv -f UTF-8 -t UTF-8 >/dev/null
	[[ $output == *'häßlich'* ]]
	ctl status --json svc
	printf '%s\n' "$output" | iconv -f UTF-8 -t UTF-8 >/dev/null
	json 'assert o[0]["command"][3] == "\xe9", o
assert o[0]["command"][5] == "\xc0\x9b", o
assert o[0]["command"][7] == "\xed\xa0\x80", o
assert o[0]["command"][-1] == "h\xe4\xdflich", o'
}

@test "what cannot be read is said, once, and the rest is listed" {
	starts -n a
	starts -n b
	starts -p "$p"
	echo rubbish >"$scratch/run/a/public"
	quoted=$(cd "$scratch/run" && echo %*)
	echo rubbish >"$scratch/run/$quoted/public"
	ctl list
	expect_status 1
	[[ ${#stderr_lines[@]} == 2 ]]
	[[ $stderr == *"list: a: record: $scratch/run/a/public: cannot be read: damaged, or of another version"* ]]
	[[ ${lines[1]} == b\ * &&
	    ${lines[-1]} == '3 services: 1 ready, 2 need a look' ]]
}

@test "a place that cannot be looked at is not an empty one" {
	: >"$scratch/file"
	refuses 1 "list: $scratch/file: rundir: Not a directory" \
	    list --rundir "$scratch/file"
}
