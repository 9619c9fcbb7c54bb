#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# A program that is its own master (daemon_master.3): its workers and agents are
# functions.  unit/crew.c says what they do.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised
load 542-workers

crew=$BUILD/t/unit/crew

# crewed ARG...: the master runs in $master and is ready; its address is $port.
crewed()
{
	port=$(free_port)
	[[ -e text ]] || echo one >text
	: >events
	chmod 666 events
	share_scratch
	launch "$crew" listen="127.0.0.1:$port" "$@"
	master=$launched
	eventually 5 happened ready || { cat "$scratch/crew.err"; return 1; }
	keep_crew
}

# keep_crew: who runs now.
keep_crew()
{
	local pid
	for pid in $(ps -o pid= --ppid "$master"); do remember "$pid"; done
}

happened() { grep -qxs -- "$1" events; }

# pid_of_worker N: the last that was begun by that number.
pid_of_worker() { sed -n "s/^worker $1 is //p" events | tail -n 1; }

# ends: the master does when it is told to, with nobody left.
ends()
{
	keep_crew
	kill "-${1:-TERM}" "$master"
	wait "$master"
	happened quit
	nothing_runs
}

@test "workers answer, each knows who it is" {
	crewed workers=3 title=crew
	[[ $(says x) =~ ^[012]\ 1\ [0-9]+\ one$ ]]
	for i in 0 1 2; do
		eventually 5 test -n "$(pid_of_worker $i)"
		alive "$(pid_of_worker $i)"
	done
	[[ $(ps -o args= -p "$master") =~ ^'crew: master' ]]
	[[ $(ps -o args= -p "$(pid_of_worker 1)") =~ ^'crew: worker 1' ]]
	ends
	[[ $(sort "$scratch/crew.out") != *begins*begins*begins*begins* ]]
}

@test "each begins as it was asked for" {
	root_only
	mkdir -m 755 home
	crewed workers=2 user=nobody umask=027 nice=5 rlimit=nofile=99 cpus=auto cwd="$scratch/home"
	[[ $(says self) == "uid=$(id -u nobody) gid=$(id -g nobody) groups=$(id -G nobody | wc -w) umask=027 nice=5 nofile=99 cwd=$scratch/home cpus=1 blocked=0 leader=1 hup=1 listeners=1 core=$(</proc/sys/fs/suid_dumpable)" ]] ||
	    { says self; false; }
	ends
}

@test "a process has what it needs of its master, and the program's own, and no more" {
	exec 17</etc/passwd
	crewed workers=3 name=svc agent=boss
	says 'run for f in /proc/$PPID/fd/*; do readlink $f; done' | sort >theirs
	readlink /proc/$$/fd/* /proc/self/fd/* | sort -u >ours
	grep -qx /etc/passwd theirs
	grep -vxFf ours theirs | grep . | sed 's/:.*//; s|^/.*/||' | sort | uniq -c | tr -s ' ' >left
	cat left
	# two ends of one pipe and that of its answer; the socket, the channel
	# and the connection
	[[ $(<left) == $' 1 buffered\n 1 crew.err\n 1 crew.out\n 3 pipe\n 3 socket' ]]
	exec 17<&-
	ends
}

@test "HUP and daemonctl: the program reads its configuration, new workers have it" {
	crewed workers=2 name=svc
	[[ $(says x) == *' one' ]]
	echo two >text
	kill -HUP "$master"
	eventually 5 eval '[[ $(says x) =~ ^[01]\ 2\ [0-9]+\ two$ ]]'
	echo three >text
	does 0 'svc: reloaded, 2 workers, generation 3' reload svc
	[[ $(says x) =~ ^[01]\ 3\ [0-9]+\ three$ ]]
	rm text
	refuses 1 'reload: svc: reload: No such file or directory' reload svc
	[[ $(says x) =~ ^[01]\ 3\ [0-9]+\ three$ ]]
	ends
}

@test "a new generation that fails leaves the old one serving" {
	touch ok
	crewed workers=2 name=svc fail=early ready=-1
	rm ok
	refuses 1 "reload: svc: worker 0: ready: $crew: ended with status 7 before it was ready" reload svc
	[[ $(says x) =~ ^[01]\ 1\ [0-9]+\ one$ ]]
	touch ok
	does 0 'svc: reloaded, 2 workers, generation 3' reload svc
	ends
}

@test "daemonctl knows it by its name" {
	crewed workers=2 name=svc agent=boss
	ctl status svc
	expect_status 0
	[[ $output == *'workers   2 of 2 ready, generation 1'* ]] || told
	does 0 'svc: runs, 4 workers' scale svc 4
	does 0 'svc: drained, its sockets stay (daemonctl resume svc)' drain svc
	is paused 0 svc
	(says x) >later 3>&- &
	asking=$!
	does 0 "svc: resumed, pid $master" resume svc
	wait "$asking"
	[[ $(<later) =~ ^[0-3]\ 2\ [0-9]+\ one$ ]]
	run_fresh "$crew" name=svc
	expect_status 1
	[[ $stderr == "crew: start: svc: already running, pid $master"*'(File exists)' ]] || told
	keep_crew
	stops svc
	wait "$master"
	nothing_runs
	is stopped 3 svc
}

@test "USR1 opens logs again, in the master first and then in all workers" {
	crewed workers=2
	kill -USR1 "$master"
	eventually 5 happened 'worker 0 reopens'
	eventually 5 happened 'worker 1 reopens'
	[[ $(grep -n reopen events | head -n 1) == *:reopen ]]
	happened 'master: it is called by what it has called itself: Operation already in progress'
	ends
}

@test "QUIT lets them finish, TERM does not wait" {
	crewed workers=2
	(says 'slow 700') >slow 3>&- &
	asking=$!
	eventually 5 test -e busy
	ends QUIT
	wait "$asking"
	[[ $(<slow) == [01]' 1 '* ]]
	crewed workers=2
	(says 'slow 9000' 2>/dev/null || echo lost) >slow 3>&- &
	asking=$!
	eventually 5 test -e busy
	ends TERM
	wait "$asking"
	[[ $(<slow) != [01]' 1 '* ]]
}

@test "the channel: a worker has a file opened that it may not open itself" {
	root_only
	echo 'of root' >secret
	chmod 600 secret
	crewed workers=1 user=nobody
	[[ $(says "run cat $scratch/secret 2>&1") == *'Permission denied'* ]]
	[[ $(says "open $scratch/secret") == 'of root' ]]
	[[ $(says "open $scratch/none") == no ]]
	[[ $(says 'tell hello') == 0' '* ]]
	eventually 5 happened 'worker  says hello, 1 workers'
	ends
}

@test "agents: with the master's rights, without its sockets; they scale and reload it" {
	root_only
	crewed workers=2 user=nobody agent=boss 'agent=small user=nobody' 'agent=t every=200 delay=300'
	eventually 5 happened 'agent boss begins, uid 0, 0 listeners'
	eventually 5 happened "agent small begins, uid $(id -u nobody), 0 listeners"
	not happened 'agent t ticks'
	eventually 5 eval '(($(grep -c ticks events) > 2))'
	echo scale 3 >asks
	eventually 5 eval '[[ $(says x) == 2* ]]'
	echo two >text
	echo reload >asks
	eventually 5 eval '[[ $(says x) == *two ]]'
	echo scale 0 >asks
	eventually 5 happened 'scale: Invalid argument'
	# they are replaced when the workers have been
	eventually 5 eval '(($(grep -c "agent boss begins" events) == 2))'
	ends
}

@test "an agent that ends is begun again, one that is needed once is not" {
	crewed workers=1 agent=boss 'agent=t every=50 once'
	eventually 5 happened 'agent boss begins, uid '$EUID', 0 listeners'
	boss=$(ps -o pid= --ppid "$master" | tail -n 1)
	sleep 0.3
	(($(grep -c ticks events) == 1))
	for boss in $(ps -o pid= --ppid "$master"); do
		[[ $(pid_of_worker 0) == "$boss" ]] || kill -KILL "$boss"
	done
	eventually 5 eval '(($(grep -c "agent boss begins" events) == 2))'
	grep -q "agent boss: ended with signal KILL" events
	ends
}

@test "no request fails, whatever is reloaded, scaled or drained" {
	crewed workers=2 name=svc
	asked_for 12 >bad 3>&- &
	asking=$!
	for i in 1 2 3 4 5 6 7 8 9 10; do
		ctl reload svc
		expect_status 0
		ctl scale svc 3
		expect_status 0
		ctl scale svc 2
		expect_status 0
		old=$(pid_of_worker 0)
		kill -QUIT "$old"
		eventually 5 eval '[[ $(pid_of_worker 0) != "$old" ]]'
	done
	wait "$asking"
	[[ $(<bad) == '0 '* ]] || { cat bad; false; }
	ends
}

@test "a killed worker is replaced alone, and told of" {
	crewed workers=2
	old=$(pid_of_worker 0) other=$(pid_of_worker 1)
	kill -KILL "$old"
	eventually 5 eval '[[ $(pid_of_worker 0) != "$old" ]]'
	[[ $(pid_of_worker 1) == "$other" ]]
	happened "$crew, worker 0: ended with signal KILL: restarted"
	says 'exit 3' || :
	eventually 5 eval 'grep -q "worker [01]: ended with status 3: restarted" events'
	ends
}

@test "the master dies: its workers know by the end of their channels" {
	crewed workers=2
	keep_crew
	kill -KILL "$master"
	eventually 5 happened 'worker 0 is alone'
	eventually 5 happened 'worker 1 is alone'
	nothing_runs
}

@test "begun again after it was killed, what was on record of it is gone" {
	crewed workers=3 name=svc agent=boss
	kill -KILL "$master"
	eventually 5 happened 'worker 2 is alone'
	eventually 5 eval '[[ -z $(ours) ]]' || ctl stop svc
	ctl stop svc
	expect_status 0
	crewed workers=1 name=svc
	[[ $(workers '[len(w)]') == 1 && $(workers '[len(s["agents"])]') == 0 ]]
	ends
}

@test "what cannot be begun is refused, with the reason, and nothing is left" {
	port=$(free_port)
	cannot() { # ERROR TEXT ARG...
		local want="crew: $2 ($1)"
		shift 2
		run_fresh "$crew" "$@"
		expect_status 1
		[[ $stderr == "$want" ]] || told "expected: $want"
	}
	cannot 'No child processes' "ready: $crew: worker 0: ended with status 7 before it was ready" \
	    workers=1 fail=early ready=-1 listen="127.0.0.1:$port"
	run_fresh says x
	((status != 0))
	cannot 'No child processes' "ready: $crew: worker 0: not ready in time (ready_timeout): it did not call daemon_self_ready()" \
	    workers=1 late=9000 ready=-1 ready-timeout=200ms
	cannot 'No such file or directory' 'user: no-such-user: no such user' user=no-such-user
	cannot 'Invalid argument' 'rlimit: x=1: not as nofile=1024:4096' rlimit=x=1
	cannot 'Invalid argument' 'umask: 9: is no octal mask' umask=9
	cannot 'Invalid argument' 'nice: 20: is not from -20 to 19' nice=20
	cannot 'Invalid argument' 'stop: TERM/x: is none that daemonize(1) would take' stop=TERM/x
	cannot 'Invalid argument' 'name: a/b: is none that daemonize(1) would take' name=a/b
	cannot 'Invalid argument' 'workers: are too many' workers=4097
	cannot 'Invalid argument' 'agent: a.b: has no good name, user or function' agent='a.b'
	cannot 'Invalid argument' 'agent: a=b: has no good name, user or function' 'agent=a=b'
	cannot 'Invalid argument' 'agent: a: is there twice' agent=a agent=a
	nothing_runs
}

@test "what a worker leaves in its session is ended, and it is begun again" {
	crewed workers=1 stop=TERM/2/KILL/5 restart-delay=100ms
	left=$(says 'run sleep 600 >/dev/null 2>&1 & echo $!')
	remember "$left"
	old=$(pid_of_worker 0)
	says 'exit 5' || :
	eventually 5 eval '[[ $(pid_of_worker 0) != "$old" ]]'
	gone "$left"
	ends
}

@test "a worker that is told to open its logs and to finish does both" {
	crewed workers=1 drain=QUIT/30
	(says 'slow 600') >slow 3>&- &
	asking=$!
	eventually 5 test -e busy
	old=$(pid_of_worker 0)
	kill -USR1 "$old"
	kill -QUIT "$old"
	wait "$asking"
	eventually 5 gone "$old"
	ends
}

@test "all that was sent before an end is heard, and nothing of it is kept" {
	crewed workers=1
	fds=$(ls "/proc/$master/fd")
	says 'many 60' || :
	eventually 5 eval '(($(grep -c "says one of many" events) == 60))'
	for i in 1 2 3 4 5; do says empty; done
	says 'tell end'
	eventually 5 happened 'worker  says end, 1 workers'
	[[ $(ls "/proc/$master/fd") == "$fds" ]]
	ends
	[[ $(<buffered) == once ]]
}

# ticks: processor time of the master so far, in hundredths of a second.
ticks() { awk '{ print $14 + $15 }' "/proc/$master/stat"; }

@test "who has ended costs nothing, though somebody has its channel" {
	crewed workers=1 'agent=father every=50 once'
	eventually 5 happened 'agent father ticks'
	sleep 0.2
	before=$(ticks)
	sleep 2
	(($(ticks) - before < 40))
	ends
}

@test "its directory vanishes, its streams were closed: it ends as it began" {
	crewed workers=1 name=svc
	rm -r run/svc
	eventually 8 test -e run/svc/public
	ends
	grep -q '^as before: ' events
	rm -f events
	"$crew" workers=1 <&- 2>&- >&- 3>&- &
	master=$!
	remember "$master"
	eventually 5 happened ready
	ends
	grep -q '^as before: ' events
}

@test "a worker that has done its work before the others are ready is no success" {
	run_fresh timeout 20 "$crew" workers=2 fail=done late=500 restart=on-failure ready=-1
	expect_status 1
	[[ $stderr == "crew: ready: $crew: worker 0: ended with status 0 before it was ready (No child processes)" ]] || told
	nothing_runs
}

@test "a process with threads cannot be one" {
	run_fresh "$crew" thread=1
	expect_status 1
	[[ $stderr == 'crew: master: more than one thread is running: start them afterwards (Device or resource busy)' ]] || told
}

@test "when it returns the process is as it was, and may do it again" {
	crewed workers=2 name=svc agent=boss times=2
	for i in 1 2; do
		eventually 5 eval '(($(grep -cx ready events) == i))'
		[[ $(says x) == [01]' 1 '* ]]
		says 'exit 3' || :
		keep_crew
		kill -TERM "$master"
		eventually 5 eval '(($(grep -c "^as before: .* ignored, subreaper 0" events) == i))'
	done
	wait "$master"
	nothing_runs
}

@test "a crash loop of all of them is a failure; the socket is closed" {
	touch ok
	crewed workers=2 fail=early
	rm ok
	for i in 0 1; do kill -KILL "$(pid_of_worker $i)"; done
	rc=0
	wait "$master" || rc=$?
	((rc == 1))
	[[ $(<"$scratch/crew.err") == "crew: restart: $crew: no worker lives for long; worker "[01]': status 7 (No child processes)' ]] || { cat "$scratch/crew.err"; false; }
	run_fresh says x
	((status != 0))
	nothing_runs
}

@test "one that ends too often is not begun again, and the last of them ends it" {
	touch ok
	crewed workers=1 fail=early max-restarts=2/60s
	rm ok
	kill -KILL "$(pid_of_worker 0)"
	rc=0
	wait "$master" || rc=$?
	((rc == 1))
	happened "$crew, worker 0: ended with status 7: not restarted, it was too often (max_restarts)"
	[[ $(<"$scratch/crew.err") == "crew: restart: $crew: too many restarts (max_restarts) (No child processes)" ]] || { cat "$scratch/crew.err"; false; }
	nothing_runs
}

@test "one that is not to be begun again ends it by its status" {
	touch ok
	crewed workers=1 fail=early restart=never
	kill -KILL "$(pid_of_worker 0)"
	rc=0
	wait "$master" || rc=$?
	((rc == 1))
	[[ $(<"$scratch/crew.err") == "crew: end: $crew: worker 0: signal KILL (No child processes)" ]] || { cat "$scratch/crew.err"; false; }
	nothing_runs
}

@test "a daemon: the starter waits for the workers, and learns why they failed" {
	port=$(free_port)
	echo one >text
	run_fresh "$crew" daemon=1 listen="127.0.0.1:$port" workers=2 name=svc late=300 ready=-1
	expect_status 0
	happened ready
	master=$(<run/svc/pid)
	remember "$master"
	keep_crew
	[[ $(says x) == [01]' 1 '* ]]
	stops svc
	eventually 5 gone "$master"
	run_fresh "$crew" daemon=1 workers=1 fail=early ready=-1
	expect_status 1
	[[ $stderr == "crew: ready: $crew: worker 0: ended with status 7 before it was ready" ]] || told
	nothing_runs
}
