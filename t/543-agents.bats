#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Helpers beside the workers: --agent.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised
load 546-keeper

# agents FILTER: of status --json.
agents()
{
	daemonctl status --json svc | "$python" -c '
import json, sys
s = json.load(sys.stdin)
print(*eval(sys.argv[1], {"s": s, "a": {x["agent"]: x for x in s["agents"]}, "w": s["workers"]}))' "$1"
}

pid_of() { agents "[a['$1']['pid']]"; }

# Everybody there is.
keep_in_mind()
{
	local pid
	for pid in $(agents '[x["pid"] for x in w + list(a.values()) if x["pid"]]'); do
		remember "$pid"
	done
	remember "$(supervisor)" "$(keeper)"
}

@test "one that stays has the starter's rights, and none of the sockets" {
	root_only
	share_scratch
	port=$(free_port)
	logged=--log=none supervised -w 2 -u nobody --listen "127.0.0.1:$port" --ready=alive:50ms \
	    --agent 'boss=id -un >boss; env >env; ls -l /proc/$$/fd >fds; exec sleep 600' -- serve
	keep_in_mind
	eventually 5 test -s fds
	[[ $(<boss) == root ]]
	grep -qx 'DAEMONIZE_AGENT=boss' env
	grep -qx "DAEMONIZE_CONTROL=$scratch/run/svc/control" env
	run_fresh grep -e ^LISTEN -e ^DAEMONIZE_WORKER env
	expect_status 1
	run_fresh grep socket: fds
	expect_status 1
	ctl status svc
	[[ $output == *$'\n  agents    1\n    boss    ready, pid '* ]] || told
	# it dies, and comes back
	old=$(pid_of boss)
	kill -KILL "$old"
	eventually 5 eval '[[ $(pid_of boss) != "$old" && $(pid_of boss) != 0 ]]'
	keep_in_mind
	ctl status svc
	[[ $output == *', ended last: signal KILL'* && $output == *' 0 so far'* ]] || told
	grep -q '"agent": "boss"' run/svc/events
	stops svc
	[[ ! -e run/svc/agents ]]
	nothing_runs
}

@test "it reloads its own service, and is replaced then" {
	logged=--log=none supervised -w 2 --ready=alive:50ms \
	    --agent 'boss=echo $$ >>bosses; while [ ! -e go ]; do sleep 0.1; done; rm go; daemonctl reload >said 2>&1; exec sleep 600' \
	    -- sleep 600
	keep_in_mind
	first=$(pid_of boss)
	touch go
	eventually 10 eval '[[ $(agents "[s[\"generation\"]]") == 2 ]]'
	eventually 5 gone "$first"
	eventually 5 has_lines 2 bosses
	eventually 5 is ready 0 svc
	keep_in_mind
	stops svc
	nothing_runs
}

@test "DAEMONIZE_CONTROL: its service is meant where none is named, or it is" {
	logged=--log=none supervised -w 1 --ready=alive:50ms -- sleep 600
	keep_in_mind
	control=$scratch/run/svc/control
	for words in 'scale 2' 'scale svc 3' 'reload' 'drain' 'resume svc' 'restart'; do
		# shellcheck disable=SC2086 # words
		run_fresh env -u DAEMONIZE_RUNDIR DAEMONIZE_CONTROL="$control" daemonctl $words
		expect_status 0
	done
	[[ $(agents '[s["wanted"]]') == 3 ]]
	run_fresh env -u DAEMONIZE_RUNDIR DAEMONIZE_CONTROL="$control" daemonctl reload other
	expect_status 6
	run_fresh env DAEMONIZE_CONTROL=nonsense daemonctl reload
	expect_status 2
	keep_in_mind
	stops svc
}

@test "every so often, later, once: nginx's loader and manager" {
	logged=--log=none supervised -w 1 --ready=alive:50ms \
	    --agent 'manager=echo $(date +%s%N) >>managed; sleep 0.1; test ! -e bad' --agent-every 400ms \
	    --agent 'loader=echo >>loaded' --agent-delay 700ms --agent-once -- sleep 600
	keep_in_mind
	[[ $(agents '[a["loader"]["state"]]') == backoff ]]
	[[ ! -e loaded ]]
	eventually 5 has_lines 1 loaded
	eventually 10 eval '(($(wc -l <managed) >= 6))'
	has_lines 1 loaded
	[[ $(agents '[a["loader"]["state"]]') == exited ]]
	# from one beginning to the next, and never sooner
	awk 'NR > 1 && $1 - last < 390000000 { exit 1 } { last = $1 }' managed
	ctl show svc
	[[ $output == *" -w 1 --agent 'manager="*"' --agent-every 400ms --agent 'loader=echo >>loaded' --agent-delay 700ms --agent-once --"* ]] || told
	old=$(supervisor)
	kill -KILL "$old"
	eventually 5 gone "$old"
	ctl adopt svc
	expect_status 0
	n=$(wc -l <managed)
	eventually 5 eval '(($(wc -l <managed) > n + 1))'
	has_lines 1 loaded
	ctl reload svc
	expect_status 0
	has_lines 1 loaded
	keep_in_mind
	stops svc
	nothing_runs
}

@test "beside one command: a worker of its own" {
	logged=--log=none supervised --ready=alive:50ms --agent 'a=exec sleep 601' -- sleep 600
	keep_in_mind
	[[ $(agents '[len(w), len(a)]') == '1 1' ]]
	ctl drain svc
	expect_status 0
	alive "$(pid_of a)"
	ctl resume svc
	expect_status 0
	keep_in_mind
	stops svc
	nothing_runs
}

@test "as another user; one that is none stops the start" {
	root_only
	share_scratch
	mkdir -m 777 pub
	logged=--log=none supervised -w 1 --ready=alive:50ms --agent 'a=id -un >pub/who; sleep 600' \
	    --agent-user nobody -- sleep 600
	keep_in_mind
	eventually 5 test -s pub/who
	[[ $(<pub/who) == nobody ]]
	stops svc
	nothing_runs
	fails 1 'agent: a: no-such-user: no such user or group' -n new -w 1 --log=none \
	    --agent a=true --agent-user no-such-user sleep 600
	fails 125 'agent: a: no-such-user: no such user or group' -F -w 1 \
	    --agent a=true --agent-user no-such-user sleep 600
	run_fresh as_nobody daemonize -F -w 1 --agent a=true --agent-user root sleep 600
	[[ $stderr == 'daemonize: agent: a: root: only root can change it' ]] || told
}

@test "what makes no sense is refused" {
	fails 2 'option: --agent-once: only behind --agent, for that one' -n svc --agent-once true
	fails 2 'option: --agent: x: not NAME=CMD, with a name of letters, digits, _, @, : and -' -n svc --agent x true
	fails 2 'option: --agent: a.b=x: not NAME=CMD, with a name of letters, digits, _, @, : and -' -n svc --agent a.b=x true
	fails 2 'option: --agent: a: given twice' -n svc --agent a=x --agent a=y true
	fails 2 'option: --agent-every: 0: not a time (500ms, 30s, 5m)' -n svc --agent a=x --agent-every 0 true
	fails 2 'option: --agent-every: not both --agent-once and --agent-every' -n svc --agent a=x --agent-once --agent-every 5 true
	fails 2 'option: --agent-user: a b: not a user' -n svc --agent a=x --agent-user 'a b' true
}

@test "one that reloads its service is heard to its end; and restarts it" {
	logged=--log=none supervised -w 2 --ready=alive:50ms \
	    --agent 'a=daemonctl reload && daemonctl status -q svc && echo after >>told; sleep 1; echo end >>told' \
	    --agent-delay 200ms --agent-once -- sleep 600
	keep_in_mind
	eventually 10 eval '[[ $(<told) == after$'"'\\n'"'end ]]'
	[[ $(agents '[s["generation"]]') == 2 ]]
	keep_in_mind
	stops svc
	rm told
	logged=--log=none supervised -w 2 --ready=alive:50ms \
	    --agent 'a=daemonctl restart && echo after >>told' --agent-every 1h -- sleep 600
	eventually 10 test -s told
	keep_in_mind
	stops svc
	nothing_runs
}

@test "one that does not end: a stop says so, and ends it by the schedule it is given" {
	logged=--log=none supervised -w 1 --ready=alive:50ms --stop TERM/1 \
	    --agent "a=trap '' TERM; while :; do sleep 0.1; done" -- sleep 600
	keep_in_mind
	ctl stop svc
	expect_status 9
	ctl stop --stop KILL/5 svc
	expect_status 0
	nothing_runs
}

@test "a stop ends what a check or a command of a reload has started" {
	touch ok
	logged=--log=none supervised -w 1 --ready=alive:50ms --check='test -e ok || { touch checks; sleep 601; }' -- sleep 600
	keep_in_mind
	rm ok
	daemonctl reload svc 2>said 3>&- &
	eventually 5 test -e checks
	stops svc
	wait
	[[ $(<said) == 'daemonctl: reload: svc: overtaken by a stop, a restart or a drain' ]]
	nothing_runs
}

@test "paused, none begins" {
	logged=--log=none supervised -w 1 --ready=alive:50ms --agent 'a=echo >>ticks' --agent-every 200ms -- sleep 600
	keep_in_mind
	eventually 5 test -s ticks
	ctl pause svc
	expect_status 0
	sleep 0.3
	n=$(wc -l <ticks)
	sleep 1
	has_lines "$n" ticks
	ctl resume svc
	expect_status 0
	eventually 5 eval '(($(wc -l <ticks) > n + 1))'
	stops svc
}

@test "in the foreground it goes with the rest" {
	launch daemonize -F -w 1 --agent 'a=echo $$ >pid; exec sleep 600' sleep 600
	fore=$launched
	eventually 5 test -s pid
	remember "$(<pid)"
	kill -TERM "$fore"
	wait "$fore"
	gone "$(<pid)"
	nothing_runs
}
