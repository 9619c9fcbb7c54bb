#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Supervised in the background: by name, on record, asked for things by
# daemonctl.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised

@test "it runs under a supervisor that costs nobody a terminal" {
	supervised -- condition "$scratch/c" pause
	eventually 5 test -s c
	expect_key c ppid "$super"
	expect_key c sid "$(key c pid)"
	is ready 0 svc
	expect_record run/svc/public supervisor "$super"
	[[ $(<run/svc/pid) == "$(key c pid)" ]]
	[[ $(readlink "/proc/$super/cwd") == / ]]
	for fd in 0 1 2; do
		[[ $(readlink "/proc/$super/fd/$fd") == /dev/null ]]
	done
	[[ $(tr -d '\0' <"/proc/$super/cmdline") == 'daemonize: svc' ]]
	[[ $(<"/proc/$super/comm") == daemonize ]]
}

@test "what it is started with, it is restarted with" {
	supervised -E A=b -c / -o out -m 027 -p "$scratch/p" -- \
	    sh -c 'echo "$A $(umask) $PWD"; exec sleep 600'
	eventually 5 grep -q . out
	first=$(<run/svc/pid)
	[[ $(<p) == "$first" ]]
	kill -KILL "$first"
	eventually 5 is_anew "$first"
	[[ $(<p) == "$(<run/svc/pid)" ]]
	eventually 5 has_lines 2 out
	[[ $(sort -u out) == 'b 0027 /' ]]
}

@test "a death is restarted at once, then after 2 s; who asks is told" {
	supervised -- sh -c 'echo >>runs; exec sleep 600'
	for n in 1 2; do
		eventually 5 started "$n"
		kill -KILL "$(<run/svc/pid)"
	done
	eventually 5 started 3
	kill -KILL "$(<run/svc/pid)"
	eventually 5 is backoff 1 svc
	[[ $output == *'next '*' in '[12]* ]] || told
	[[ $(grep -c 'signal KILL' <<<"$output") == 3 ]] || told
	run_fresh daemonize -n svc -r true
	expect_status 3
	[[ $stderr == "daemonize: start: svc: already supervised by pid $super, and not running now, "* ]] || told
	not test -e run/svc/pid
	refuses 1 "forget: svc: is supervised, pid $super: stop it first" forget svc
	eventually 5 started 4
}

@test "start does not wait for the end of a backoff" {
	supervised -R 60 -- sh -c 'echo >>runs; exec sleep 600'
	kill -KILL "$(<run/svc/pid)"
	eventually 5 is backoff 1 svc
	elapsed ctl start svc
	expect_status 0
	[[ $output == "svc: running, pid $(<run/svc/pid)" ]] || told
	((took < 5000))
	is ready 0 svc
	does 0 "svc: already running, pid $(<run/svc/pid)" start svc
}

@test "stop ends it, its supervisor, and all it has started" {
	supervised -- tree "$scratch/t" child group session double
	eventually 5 test -e t
	# shellcheck disable=SC2046 # numbers
	remember $(cut -d = -f 2 t)
	stops svc
	while read -r line; do
		gone "${line#*=}"
	done <t
	eventually 5 gone "$super"
	is stopped 3 svc
	does 0 'svc: not running' stop svc
	nothing_runs
}

@test "stop during a backoff ends it at once" {
	supervised -R 60 -- sleep 600
	kill -KILL "$(<run/svc/pid)"
	eventually 5 is backoff 1 svc
	does 0 'svc: stopped' stop svc
	is stopped 3 svc
	nothing_runs
}

@test "stop takes a schedule of its own" {
	supervised --stop TERM/60 -- \
	    sh -c "trap '' TERM; touch up; while :; do sleep 0.05; done"
	eventually 5 test -e up
	elapsed ctl stop --stop KILL/5 svc
	expect_status 0
	[[ $output == 'svc: stopped in 0.'*' s; pid '*' had to be killed' ]] || told
}

@test "restart: another process, when it is ready; the backoff is forgotten" {
	supervised -- sh -c 'echo >>runs; exec sleep 600'
	for n in 2 3 4 5; do
		first=$(<run/svc/pid)
		ctl restart svc
		expect_status 0
		[[ $output == "svc: running, pid $(<run/svc/pid)" ]] || told
		gone "$first"
		started "$n"
	done
	[[ $(supervisor) == "$super" ]]
}

@test "a restart that fails says why, and is tried again" {
	cp /bin/sleep job
	logged='' supervised -R 60 -- "$scratch/job" 600
	rm job
	first=$(<run/svc/pid)
	refuses 5 "restart: svc: exec: $scratch/job: No such file or directory; it runs on" \
	    restart svc
	alive "$first"
	printf '#!/bin/sh\necho "line 3 is wrong" >&2\nexit 3\n' >job
	chmod +x job
	for verb in restart start; do
		ctl $verb svc
		expect_status 1
		[[ $stderr == "daemonctl: $verb: svc: ended with status 3 before it was ready: it is tried again
| line 3 is wrong" ]] || told
		is backoff 1 svc
	done
	cp /bin/sleep job
	ctl start svc
	expect_status 0
}

@test "an attempt that never worked is not repeated, and nothing is left" {
	before=$(listing)
	run_fresh daemonize -n svc -r -e "$scratch/err" sh -c 'echo why >&2; exit 3'
	expect_status 4
	[[ $stderr == 'daemonize: ready: sh: ended with status 3 before it was ready
| why' ]] || told
	is failed 1 svc
	nothing_runs
	rm err
	nothing_left "$before"
	fails 127 'exec: nosuch: not found in PATH' -n svc -r nosuch
	fails 126 'exec: /etc/passwd: Permission denied' -n svc -r /etc/passwd
	fails 1 'user: nosuch: no such user' -n svc -r -u nosuch true
	is failed 1 svc
	does 0 'svc: forgotten' forget svc
	[[ -z $(ls -A run) ]]
}

@test "a signal undoes a start" {
	for signal in TERM HUP; do
		launch daemonize -n svc -r --ready=alive:60s tree "$scratch/t" child double
		eventually 5 test -e t
		# shellcheck disable=SC2046 # numbers
		remember $(cut -d = -f 2 t)
		kill -"$signal" "$launched"
		eventually 5 gone "$launched"
		status=0
		wait "$launched" || status=$?
		((status == 1))
		while read -r line; do
			gone "${line#*=}"
		done <t
		rm t
		nothing_runs
	done
}

@test "a launcher that is killed does not matter" {
	launch daemonize -n svc -r --ready=alive:1s sleep 600
	eventually 5 test -s run/svc/pid
	kill -KILL "$launched"
	eventually 5 is ready 0 svc
	# nor is what its end makes of us passed on
	ctl status --json svc
	json 'assert o[0]["restarts"] == 0 and o[0]["ends"] == [], o'
	stops svc
}

@test "who is stopped or overtaken before it was ready is told so" {
	launch daemonize -n svc -r --ready=alive:60s sleep 600
	eventually 5 test -s run/svc/pid
	stops svc
	eventually 5 gone "$launched"
	[[ $(<daemonize.err) == 'daemonize: start: sleep: stopped by somebody before it was ready' ]]
	supervised --stop TERM/1/KILL/5 -- \
	    sh -c "trap '' TERM; touch up; while :; do sleep 0.05; done"
	eventually 5 test -e up
	daemonctl stop svc >/dev/null 3>&- & first=$!
	eventually 5 is stopping 0 svc
	refuses 1 'restart: svc: was stopped meanwhile' restart svc
	wait "$first"
}

@test "an attempt that came to nothing is in status, with its reason" {
	cp /bin/sleep job
	supervised -R 0.1 --before 'test ! -e bad' -- "$scratch/job" 600
	rm job
	kill -KILL "$(<run/svc/pid)"
	eventually 5 ended "exec: $scratch/job: No such file or directory"
	refuses 1 "start: svc: exec: $scratch/job: No such file or directory" start svc ||
	    is backoff 1 svc
	cp /bin/sleep job
	eventually 5 is ready 0 svc
	touch bad
	kill -KILL "$(<run/svc/pid)"
	eventually 5 ended 'before: test ! -e bad: failed with status 1'
}

@test "each end has its own cause, and each attempt" {
	supervised -R 0 --max-restarts 1/1m --before 'test ! -e bad' -- sleep 600
	touch bad
	kill -KILL "$(<run/svc/pid)"
	eventually 5 is failed 1 svc
	[[ $(sed -n '/ended/,/output/p' <<<"$output" | cut -c 22- | head -n 2) == 'signal KILL
before: test ! -e bad: failed with status 1' ]] || told
	run_fresh daemonize -n svc -r --keep-trying nosuch
	expect_status 0
	[[ $stderr == 'daemonize: exec: nosuch: not found in PATH: it is tried again' ]] || told
	ctl stop svc
	expect_status 0
	run_fresh daemonize -n svc -r --keep-trying sh -c 'echo no db; exit 5'
	expect_status 0
	[[ $stderr == 'daemonize: ready: sh: ended with status 5 before it was ready: it is tried again
| no db' ]] || told
	ctl stop svc
	expect_status 0
	supervised -- sh -c 'sleep 0.3; exit 78'
	eventually 5 is exited 3 svc
	[[ $output == *'status 78, final'* ]] || told
	ctl list
	[[ ${lines[-1]} == '1 service: 0 ready, 1 needs a look' ]] || told
}

# ended TEXT: status tells of such an end.
ended()
{
	ctl status svc
	[[ $output == *" ${1:0:50}"* ]]
}

@test "after wait it may be started again at once" {
	for n in {1..10}; do
		supervised --restart=never -- sh -c 'sleep 0.3; exit 42'
		ctl wait svc
		expect_status 42
		supervised --restart=never -- sh -c 'sleep 0.25'
		eventually 5 is exited 3 svc
	done
}

# bats test_tags=root
@test "what could not be on record is not restarted" {
	root_only
	mount -t tmpfs -o size=64k,mode=700 none run || skip 'cannot mount'
	supervised -- sleep 600
	pid=$(<run/svc/pid)
	dd if=/dev/zero of=run/full bs=1k 2>/dev/null || :
	dd if=/dev/zero of=run/fuller bs=1 count=4096 2>/dev/null || :
	refuses 1 'restart: svc: record: No space left on device; it runs on' restart svc
	run_fresh daemonize --replace -n svc -r sleep 601
	expect_status 1
	[[ $stderr == 'daemonize: record: svc: No space left on device' ]] || told
	alive "$pid"
	rm run/full run/fuller
	ctl restart svc
	expect_status 0
	stops svc
	eventually 5 umount run
}

# bats test_tags=root
@test "a stop that could not be on record says so" {
	root_only
	mount -t tmpfs -o size=64k,mode=700 none run || skip 'cannot mount'
	supervised -R 60 -- sleep 600
	# Whatever room there is is taken, also what a record has left.
	launch sh -c 'while :; do head -c 4096 /dev/zero >>run/eater; done 2>/dev/null'
	eventually 5 is_full
	pid=$(<run/svc/pid)
	kill -KILL "$pid"
	eventually 5 gone "$pid"
	eventually 5 has_buried
	ctl stop svc
	kill -KILL "$launched"
	if ((status == 0)); then
		is stopped 3 svc # it had kept its room
	else
		expect_status 1
		[[ $stderr == 'daemonctl: stop: svc: it is stopped, but that could not be recorded (no room in the run directory?)' ]] || told
		eventually 5 gone "$super"
	fi
	rm run/eater run/more
	eventually 5 umount -l run
}

# Its supervisor has seen that it is dead.
has_buried() { [[ -z $(<"/proc/$super/task/$super/children") ]]; }

is_full() { ! head -c 8192 /dev/zero >>run/more 2>/dev/null; }

@test "a supervisor that is killed during a start takes it along" {
	launch daemonize -n svc -r --ready=alive:60s tree "$scratch/t" child double
	eventually 5 test -e t
	# shellcheck disable=SC2046 # numbers
	remember $(cut -d = -f 2 t)
	kill -KILL "$(supervisor)"
	eventually 5 gone "$launched"
	status=0
	wait "$launched" || status=$?
	((status == 1))
	grep -q '^daemonize: supervise: svc: the supervisor was killed' daemonize.err
	while read -r line; do
		gone "${line#*=}"
	done <t
	is failed 1 svc
}

@test "where no restart follows the record stays" {
	supervised --restart=never -- sh -c 'sleep 0.5; exit 3'
	eventually 5 is exited 3 svc
	[[ $output == *'status 3'* ]] || told
	nothing_runs
	not test -e run/svc/pid
	supervised --restart=on-failure -- sh -c 'sleep 0.5'
	eventually 5 is exited 3 svc
	supervised --max-restarts=2/1m -- sh -c 'sleep 0.3; exit 3'
	eventually 5 is failed 1 svc
	[[ $output == *'too many restarts (--max-restarts)'* ]] || told
	nothing_runs
}

@test "of ten starts at once one wins, and the others name it" {
	for n in {1..10}; do
		(
			exec 3>&-
			status=0
			daemonize -n svc -p "$scratch/p" -c "$scratch" -r sh -c 'echo >>runs; exec sleep 600' 2>"err.$n" || status=$?
			echo "$status" >>statuses
		) &
	done
	eventually 20 has_lines 10 statuses
	[[ $(sort statuses | uniq -c | tr -s ' ') == $' 1 0\n 9 3' ]]
	super=$(supervisor)
	remember "$super" "$(<p)"
	started 1
	[[ $(cat err.* | grep -c 'daemonize: start: svc: already ') == 9 ]]
	# the pidfile's, under another name
	run_fresh daemonize -n other -p "$scratch/p" -r true
	expect_status 3
	kill -KILL "$(<p)"
	run_fresh daemonize -n other -p "$scratch/p" true
	expect_status 3
}

@test "by pidfile alone" {
	run_fresh daemonize -p "$scratch/p" -r sleep 600
	expect_status 0
	first=$(<p)
	remember "$first"
	is ready 0 -p "$scratch/p"
	kill -KILL "$first"
	eventually 5 pid_changes p "$first"
	ctl restart -p "$scratch/p"
	expect_status 0
	name=$scratch/p stops -p "$scratch/p"
	not test -e p
}

@test "release: it runs on alone; adopt: it is watched over again" {
	supervised -- sh -c 'echo >>runs; exec sleep 600'
	pid=$(<run/svc/pid)
	does 0 "svc: released, pid $pid" release svc
	eventually 5 gone "$super"
	alive "$pid"
	is unsupervised 0 svc
	does 0 '' release svc
	does 0 "svc: adopted, pid $pid" adopt svc
	remember "$(supervisor)"
	does 0 '' adopt svc
	does 0 '' adopt --all
	is ready 0 svc
	started 1
	kill -KILL "$pid"
	eventually 5 started 2
	stops svc
}

@test "-F with a name: in the foreground, and daemonctl knows it" {
	launch daemonize -F -n svc -r sleep 600
	eventually 5 is ready 0 svc
	expect_record run/svc/public supervisor "$launched"
	first=$(<run/svc/pid)
	ctl restart svc
	expect_status 0
	[[ $(<run/svc/pid) != "$first" ]]
	run_fresh daemonize -F -n svc -r true
	expect_status 125
	stops svc
	eventually 5 gone "$launched"
	is stopped 3 svc
}

@test "the command gets the limits it would have had without" {
	(
		ulimit -Sf 100
		ulimit -Sn 77
		exec daemonize -n svc -r condition "$scratch/c" pause
	) 3>&-
	eventually 5 test -s c
	remember "$(key c pid)" "$(supervisor)"
	grep -E '^(Max file size|Max open files) ' "/proc/$(key c pid)/limits" >limits
	grep -q "^Max file size *$((100 * 1024)) " limits
	grep -q '^Max open files *77 ' limits
}

@test "what it writes is kept in a log of its own, and its end is shown" {
	logged='' supervised -- sh -c 'echo one; echo two >&2; echo three; echo four; exec sleep 600'
	log=$DAEMONIZE_LOGDIR/svc.log
	eventually 5 has_lines 4 "$log"
	[[ $(stat -c %a "${log%/*}") == 755 || $EUID != 0 ]]
	ctl status svc
	[[ $output == *"
  output    $log
  wrote     | two
            | three
            | four
"* ]] || told
	kill -KILL "$(<run/svc/pid)"
	eventually 5 has_lines 8 "$log"
	stops svc
	logged='' supervised -- sh -c 'echo five; exec sleep 600'
	eventually 5 has_lines 9 "$log"
	stops svc
	supervised --log=none -- condition "$scratch/c" pause
	eventually 5 test -s c
	[[ $(key c fd.1) == /dev/null* ]]
	ctl show svc
	[[ $output == *' --log none '* ]] || told
	stops svc
	supervised --log=mine -- sh -c 'echo six; echo seven >&2; exec sleep 600'
	eventually 5 has_lines 2 mine
	stops svc
	run_fresh daemonize -n svc -r --log=x -o y true
	expect_status 2
	# a log that cannot be is no secret
	touch file
	DAEMONIZE_LOGDIR=$scratch/file/dir run_fresh daemonize -n svc -r true
	expect_status 1
	[[ $stderr == "daemonize: log: $scratch/file/dir: Not a directory (--log=none keeps no output)" ]] || told
	# the end of a link's target is not shown
	echo secret >secret
	ln -s secret link
	supervised -o secret -- sleep 600
	mv secret real
	ln -s real secret
	ctl status svc
	[[ $output != *'| secret'* ]] || told
}
