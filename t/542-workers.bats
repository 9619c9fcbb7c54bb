#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Several instances on one socket: -w, scale.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised
load 546-keeper
load 542-workers

@test "each knows which it is, in variables, arguments and files" {
	printf 'OF=env-{worker}\n' >vars
	logged='' works -w 3 -E 'ME=w{worker}' -o 'out.{worker}' -- sh -c \
	    'echo "$ME $DAEMONIZE_WORKER $LISTEN_FDS $1"; exec serve "$1"' sh 'at-{worker}-{worker}:'
	for i in 0 1 2; do
		eventually 5 test -s "out.$i"
		[[ $(<"out.$i") == "w$i $i 1 at-$i-$i:" ]]
	done
	ctl logs svc
	[[ $output == $'svc.0: w0 0 1 at-0-0:\nsvc.1: w1 1 1 at-1-1:\nsvc.2: w2 2 1 at-2-2:' ]] || told
	[[ $(says x) =~ ^[012]' svc-'[0-9a-f]+'.'[012]'.1 '[0-9]+' at-'[012]'-'[012]':'$ ]]
	ctl status svc
	[[ $output == *$'\n  workers   3 of 3 ready, generation 1\n       0    ready, pid '* ]] || told
	[[ $(<run/svc/pid) == "$super" ]]
	ctl list
	[[ $output =~ svc\ +'ready 3/3'\ +$super ]] || told
	stops svc
	[[ ! -e run/svc/workers ]]
	nothing_runs
}

@test "auto is as many as there are processors for us" {
	logged='' works -w auto -- serve
	[[ $(workers '[s["wanted"]]') == "$(nproc)" ]]
	stops svc
	run_fresh taskset -c 0 daemonize -n svc -r --log=none -w auto --ready=exec sleep 600
	[[ $(workers '[len(w)]') == 1 ]]
	keep_in_mind
	stops svc
}

@test "auto honours a quota" {
	root_only
	group=/sys/fs/cgroup/cpu/daemonize-t-$$
	mkdir "$group" 2>/dev/null || skip "no control group of processors can be made"
	echo 100000 >"$group/cpu.cfs_quota_us"
	run_fresh sh -c 'echo $$ >'"$group"'/cgroup.procs; exec daemonize -n svc -r --log=none -w auto --ready=exec sleep 600'
	expect_status 0
	keep_in_mind
	[[ $(workers '[len(w)]') == 1 ]]
	stops svc
	eventually 5 rmdir "$group"
}

@test "no request fails, whatever is reloaded, scaled, drained or killed" {
	works -w 2 -- serve
	asked_for 24 >bad 3>&- &
	asking=$!
	for i in 1 2 3 4 5 6 7 8 9 10; do
		ctl reload svc
		expect_status 0
		[[ $output == "svc: reloaded, 2 workers, generation $((i + 1))" ]] || told
		ctl scale svc 3
		expect_status 0
		ctl scale svc 2
		expect_status 0
		old=$(pid_of 0)
		kill -QUIT "$old"
		eventually 5 eval '[[ $(pid_of 0) != "$old" && $(pid_of 0) != "" ]]'
		old=$(supervisor)
		kill -KILL "$old"
		eventually 5 another_supervisor_than "$old"
		eventually 5 is ready 0 svc
		k=$(keeper)
		kill -KILL "$k"
		eventually 5 another_than "$k"
		ctl upgrade svc
		expect_status 0
		keep_in_mind
	done
	wait "$asking"
	[[ $(<bad) == '0 '* ]] || { cat bad; false; }
	[[ $(generations) == 11 ]]
	stops svc
	nothing_runs
}

@test "a killed worker loses what was in its hands, and is replaced alone" {
	works -w 3 -- serve
	before=$(pids)
	old=$(pid_of 1)
	kill -KILL "$old"
	eventually 5 eval '[[ $(workers "[len([x for x in w if x[\"state\"] == \"ready\"])]") == 3 && $(pid_of 1) != "$old" ]]'
	keep_in_mind
	[[ " $before " == *" $(pid_of 0) "* && " $before " == *" $(pid_of 2) "* ]]
	ctl status svc
	[[ $output == *'worker 1: signal KILL'* && $output == *'1 so far'* ]] || told
	stops svc
}

@test "one whose time is up finishes first; and a signal by name is its supervisor's" {
	works -w 1 --max-runtime=300ms -- serve
	for i in 1 2 3; do
		[[ $(says 'slow 700') == '0 '* ]]
	done
	(($(record run/svc/public restarts) >= 2))
	keep_in_mind
	says 'slow 900' >slow 3>&- &
	eventually 5 test -e busy
	ctl signal QUIT svc
	expect_status 0
	wait $!
	[[ $(<slow) == '0 '* ]]
	eventually 5 is stopped 3 svc
	nothing_runs
}

@test "a crash loop of all of them is a failure; the socket is closed" {
	works -w 2 --on-failed='echo "$DAEMONIZE_STATE" >>failed' -- sh -c 'sleep 0.06; echo no use; exit 7'
	eventually 20 is failed 1 svc
	ctl status svc
	[[ $output == *'restart: sh: no worker lives for long; worker '[01]': status 7'* ]] || told
	[[ $output == *'| no use'* ]] || told
	run_fresh says x
	((status != 0))
	eventually 5 test -s failed
	[[ $(<failed) == failed ]]
	nothing_runs
	# but one that serves keeps it
	works -w 2 -- sh -c '[ "$DAEMONIZE_WORKER" = 0 ] || { echo >>deaths; sleep 0.06; exit 7; }; exec serve'
	eventually 20 has_lines 6 deaths # five are too many where all die
	is ready 0 svc
	[[ $(says x) == '0 '* ]]
	ctl stop svc
	# and one that is to be restarted always is
	rm deaths
	works -w 1 -R 20ms -- sh -c 'echo >>deaths; sleep 0.06; exit 7'
	eventually 20 has_lines 9 deaths
	ctl stop svc
	nothing_runs
}

@test "the start fails if one of them does, and nothing is left" {
	fails 4 'ready: sh: worker 2: ended with status 5 before it was ready' -n svc -c "$scratch" -w 3 \
	    --log=none --ready=alive:300ms -- sh -c '[ "$DAEMONIZE_WORKER" = 2 ] && exit 5; sleep 600'
	ctl status svc
	expect_status 1
	[[ ! -e run/svc/workers && ! -e run/svc/pid ]]
	fails 127 'exec: /no/such/program: No such file or directory' -n svc -w 3 --log=none /no/such/program
	nothing_runs
	ctl forget svc
	expect_status 0
}

@test "what each says of itself is seen" {
	needs systemd-notify
	supervised -w 2 --ready=notify -- sh -c 'systemd-notify --ready --status="serves $DAEMONIZE_WORKER"; exec sleep 600'
	keep_in_mind
	eventually 5 eval '[[ $(workers "[x[\"says\"] for x in w]") == "serves 0 serves 1" ]]'
	ctl status svc
	[[ $output =~ ' 1    ready, pid '[0-9]+', for '[0-9]+'s, '[0-9.]+[KM]': serves 1' ]] || told
	stops svc
	[[ $(workers '[s["memory_bytes"], s["cpu_ms"]]') == '-1 -1' ]]
}

@test "monitoring sees that one is missing, for good or not" {
	runs_three() {
		supervised -w 3 --restart=on-failure --max-restarts=1/60s --ready=alive:50ms -- sh -c "$1"
		keep_in_mind
	}
	runs_three '[ "$DAEMONIZE_WORKER" = 0 ] && { sleep 0.2; exit 0; }; exec sleep 600'
	eventually 5 eval '[[ $(workers "[x[\"state\"] for x in w]") == "exited ready ready" ]]'
	ctl list
	[[ $output == *'ready 2/3 '*'1 service: 1 ready' ]] || told # it is done
	ctl check svc
	expect_status 0
	stops svc
	runs_three '[ "$DAEMONIZE_WORKER" = 0 ] && { sleep 0.2; exit 9; }; exec sleep 600'
	eventually 5 eval '[[ $(workers "[x[\"state\"] for x in w]") == "failed ready ready" ]]'
	ctl list
	[[ $output == *'ready 2/3 '*'1 service: 1 ready, 1 needs a look' ]] || told
	ctl check svc
	expect_status 1
	[[ $output == 'SVC WARNING - ready for '*', 2 of 3 workers ready'* ]] || told
	ctl metrics svc
	[[ $output == *'daemonize_service_workers_wanted{name="svc"} 3'*'daemonize_service_workers_ready{name="svc"} 2'* ]] || told
	ctl scale svc 4
	[[ $output == 'svc: runs, 4 workers, 3 of them ready' ]] || told
	keep_in_mind
	remembered=$(pids)
	kill -STOP "$(supervisor)"
	kill -KILL $remembered "$(supervisor)"
	for i in $remembered; do eventually 5 gone "$i"; done
	ctl status svc
	[[ $output == *' 0 of 4 ready'* && $output != *'  ready'* ]] || told
	ctl stop svc
	ctl forget svc
	expect_status 0
	[[ ! -e run/svc ]]
}

@test "each on a processor of its own" {
	logged='' works -w 3 --cpu-affinity=auto -- serve
	n=$(nproc)
	for i in 0 1 2; do
		[[ $(taskset -pc "$(pid_of $i)") == *": $((i % n))" ]]
	done
	stops svc
	fails 1 'affinity: 1000: no such processor, or not for us' -n svc -w 1 --cpu-affinity=1000 --log=none serve
	fails 2 'option: --cpu-affinity: 3-: not as 0-3,6 or auto' -n svc -w 1 --cpu-affinity=3- serve
	fails 2 'option: --cpu-affinity: only with -w' -n svc -r --cpu-affinity=0 serve
}

@test "each worker's tree is its own" {
	works -w 2 -- sh -c 'setsid sh -c "echo \$\$ >child.$DAEMONIZE_WORKER; exec sleep 600" & exec serve'
	eventually 5 test -s child.0 -a -s child.1
	first=$(<child.0) second=$(<child.1)
	remember "$first" "$second"
	kill -KILL "$(pid_of 0)"
	eventually 5 gone "$first"
	alive "$second"
	eventually 5 eval '[[ $(<child.0) != "$first" ]]'
	remember "$(<child.0)"
	keep_in_mind
	stops svc
	nothing_runs
}

@test "what one leaves in its session, with nothing by which it is known, is ended" {
	logged=--log=none supervised -w 1 --stop=TERM/2/KILL/5 --ready=alive:50ms -- \
	    sh -c 'env -i sh -c "echo \$\$ >child; exec sleep 601" & echo $$ >>runs; sleep 600'
	eventually 5 test -s child
	first=$(<child)
	remember "$first"
	kill -KILL "$(pid_of 0)"
	eventually 5 gone "$first"
	eventually 5 has_lines 2 runs
	keep_in_mind
	remember "$(<child)"
	stops svc
	nothing_runs
}

@test "and without a control group" {
	root_only
	cat >inside <<'END'
umount -R /sys/fs/cgroup
exec daemonize -n svc -r --log=none -w 2 --ready=alive:50ms -c "$PWD" sh -c 'setsid sh -c "echo \$\$ >child.$DAEMONIZE_WORKER; exec sleep 600" & exec sleep 601'
END
	run_fresh unshare -m sh inside
	expect_status 0
	super=$(supervisor)
	keep_in_mind
	eventually 5 test -s child.0 -a -s child.1
	first=$(<child.0) second=$(<child.1)
	remember "$first" "$second"
	kill -KILL "$(pid_of 0)"
	eventually 5 gone "$first"
	alive "$second"
	eventually 5 eval '[[ $(<child.0) != "$first" ]]'
	remember "$(<child.0)"
	keep_in_mind
	kill -KILL "$super" # what they leave comes to nobody's supervisor
	eventually 5 gone "$super"
	ctl adopt svc
	expect_status 0
	super=$(supervisor)
	ctl scale svc 1
	expect_status 0
	eventually 5 gone "$second"
	first=$(<child.0)
	alive "$first"
	stops svc
	eventually 5 gone "$first"
	nothing_runs
}

@test "without a supervisor or keeper: known, not started twice, adopted, stopped" {
	logged=--log=none supervised -w 2 --ready=alive:50ms -- sleep 600
	keep_in_mind
	before=$(pids)
	kill -KILL "$super"
	eventually 5 gone "$super"
	is unsupervised 0 svc
	ctl adopt svc
	expect_status 0
	[[ $(pids) == "$before" ]]
	old=$(supervisor)
	remember "$old"
	kill -KILL "$old"
	eventually 5 gone "$old"
	run_fresh daemonize -n svc -c "$scratch" -r --log=none -w 2 --ready=alive:50ms -- sleep 600
	expect_status 0
	[[ $stderr == 'daemonize: start: svc: adopted, pid '* ]] || told
	run_fresh daemonize -n svc -c "$scratch" -r --log=none -w 2 --ready=alive:50ms -- sleep 600
	expect_status 3
	[[ $(pids) == "$before" ]]
	old=$(supervisor)
	remember "$old"
	kill -KILL "$old" "${before%% *}"
	eventually 5 gone "$old"
	is unsupervised 0 svc
	stops svc
	nothing_runs
}

@test "released, paused, restarted: all of them" {
	works -w 2 -- serve
	before=$(pids)
	ctl pause svc
	expect_status 0
	is paused 0 svc
	ctl resume svc
	expect_status 0
	[[ $(says x) == [01]' '* && $(pids) == "$before" ]]
	ctl restart svc
	expect_status 0
	[[ $(pids) != "$before" ]]
	keep_in_mind
	ctl release svc
	expect_status 0
	is unsupervised 0 svc
	[[ $(says x) == [01]' '* ]]
	ctl adopt svc
	expect_status 0
	keep_in_mind
	stops svc
}

@test "in the foreground" {
	port=$(free_port)
	launch daemonize -F -w 2 --listen "127.0.0.1:$port" --ready=exec serve
	for i in 0 1; do
		eventually 5 eval '[[ $(says x 2>/dev/null) == "$i - "* ]]'
	done
	fore=$launched
	kill -WINCH "$fore" # a terminal that was resized
	kill -KILL "$(says x | cut -d' ' -f3)"
	eventually 5 eval '[[ $(says x 2>/dev/null) == [01]" - "* ]]'
	kill -TERM "$fore"
	wait "$fore"
	for n in 0 3; do
		run_fresh daemonize -F -w 2 --restart=never --ready=exec sh -c "sleep 0.1; exit $n"
		expect_status "$n"
		run_fresh daemonize -F -w 2 --restart=never sh -c "exit $n"
		expect_status "$n"
	done
}

@test "what makes no sense is refused" {
	fails 2 'option: -w: 0: not a number from 1 to 4096, or auto' -n svc -w 0 true
	fails 2 'option: -w: 5000: not a number from 1 to 4096, or auto' -n svc -w 5000 true
	fails 2 'option: -w: many: not a number from 1 to 4096, or auto' -n svc -w many true
	fails 2 'option: --log: {worker}: there is one for all workers' -n svc -w 2 --log='x{worker}' true
	fails 2 'option: -p: {worker}: there is one for all workers' -n svc -w 2 -p 'x{worker}' true
	fails 2 'option: --drain: only with -w' -n svc -r --drain=QUIT/5 true
	fails 2 'option: --drain: only with -w' -n svc --drain=QUIT/5 true
	fails 2 'option: -w: needs a name (-n), a pidfile (-p) or -F' -w 2 true
	fails 2 'option: --agent: needs a name (-n), a pidfile (-p) or -F' --agent a=true true
	fails 2 'option: --reload: only with -w' -n svc -r --reload=batch true
	fails 2 'option: --reload: slow: not rolling, batch, a signal or cmd:CMD' -n svc -w 2 --reload=slow true
	fails 2 'option: -l: not with -w: a lock is one process'"'s" -n svc -w 2 -l lock true
	fails 2 'option: --ready: pidfile: not with -w: workers stay' -n svc -w 2 --ready=pidfile true
	logged=--log=none supervised sleep 600
	ctl scale svc 3
	expect_status 3
	[[ $stderr == 'daemonctl: scale: svc: has no workers (daemonize -w)' ]] || told
	ctl drain svc
	expect_status 3
	ctl scale svc
	expect_status 2
	ctl scale svc none
	expect_status 2
	stops svc
}
