#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# The supervisor may die: the service runs on, and is taken over.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised

# orphan ARG... -- CMD...: supervised, and then its supervisor is killed; its
# pid is $pid.
orphan()
{
	supervised "$@" || return
	kill -KILL "$super"
	eventually 5 gone "$super"
	pid=$(<run/svc/pid)
}

@test "the service runs on, and says that nobody watches over it" {
	orphan -- sleep 600
	alive "$pid"
	is unsupervised 0 svc
	[[ $output == *'by nobody now (daemonctl adopt svc)'* ]] || told
	ctl list
	[[ $output == *'svc '*'unsupervised '* ]] || told
}

@test "every verb works without a supervisor" {
	orphan -- sleep 600
	ctl signal CONT svc
	expect_status 0
	ctl show svc
	expect_status 0
	[[ $output == *'--restart always --log none -- sleep 600'* ]] || told
	refuses 1 "forget: svc: runs, pid $pid: stop it first" forget svc
	ctl restart svc
	expect_status 0
	gone "$pid"
	is ready 0 svc
	remember "$(supervisor)" "$(<run/svc/pid)"
	kill -KILL "$(supervisor)"
	stops svc
	is stopped 3 svc
	nothing_runs
}

@test "a start with the same configuration adopts" {
	orphan --stop TERM/5 -- sh -c 'echo >>runs; exec sleep 600'
	run_fresh daemonize -n svc -c "$scratch" -r --log=none --stop TERM/5 \
	    sh -c 'echo >>runs; exec sleep 600'
	expect_status 0
	[[ $stderr == "daemonize: start: svc: adopted, pid $pid" ]] || told
	remember "$(supervisor)"
	is ready 0 svc
	started 1
	kill -KILL "$pid"
	eventually 5 started 2
	run_fresh daemonize -n svc -c "$scratch" -r --log=none --stop TERM/5 \
	    sh -c 'echo >>runs; exec sleep 600'
	expect_status 3
}

@test "a start at the moment its supervisor is killed adopts too" {
	supervised -- sleep 600
	pid=$(<run/svc/pid)
	for n in {1..20}; do
		kill -KILL "$super"
		run_fresh daemonize -n svc -c "$scratch" -r --log=none sleep 600
		expect_status 0
		[[ $stderr == "daemonize: start: svc: adopted, pid $pid" ]] || told
		super=$(supervisor)
		remember "$super"
	done
	stops svc
}

@test "a start with another adopts it as it was, tells the differences, 3" {
	orphan -E SECRET=one -- sh -c 'echo >>runs; exec sleep 600'
	run_fresh daemonize -n svc -c "$scratch" -r --log=none -E SECRET=two \
	    --stop KILL/5 sh -c 'echo >>runs; exec sleep 601'
	expect_status 3
	[[ $stderr == "daemonize: start: svc: adopted, pid $pid, as it was recorded; --replace would change:
| --stop: TERM/30/KILL/5 -> KILL/5
| arguments: sh -c echo >>runs; exec sleep 600 -> sh -c echo >>runs; exec sleep 601
| --env" ]] || told
	remember "$(supervisor)"
	alive "$pid"
	run_fresh daemonize --replace -n svc -c "$scratch" -r --log=none -E SECRET=two \
	    --stop KILL/5 sh -c 'echo >>runs; exec sleep 601'
	expect_status 0
	remember "$(supervisor)" "$(<run/svc/pid)"
	gone "$pid"
	[[ $(tr '\0' ' ' <"/proc/$(<run/svc/pid)/cmdline") == 'sleep 601 ' ]]
}

@test "--replace: whatever runs under the name, if the next one can start" {
	starts -n svc
	first=$pid
	run_fresh daemonize --replace -n svc -r "$scratch/none"
	expect_status 127
	alive "$first"
	run_fresh daemonize --replace -n svc -r sleep 600
	expect_status 0
	gone "$first"
	super=$(supervisor)
	remember "$super" "$(<run/svc/pid)"
	run_fresh daemonize --replace -n svc sleep 601
	expect_status 0
	remember "$(<run/svc/pid)"
	eventually 5 gone "$super"
	is ready 0 svc
	refuses=$(daemonize --replace true 2>&1) || status=$?
	[[ $status == 2 && $refuses == *'needs a name (-n) or a pidfile (-p)' ]]
}

@test "what the dead one knew of backoff, the next one knows" {
	supervised -- sh -c 'echo >>runs; exec sleep 600'
	for n in 1 2; do
		eventually 5 started "$n"
		kill -KILL "$(<run/svc/pid)"
	done
	eventually 5 started 3
	eventually 5 is ready 0 svc
	kill -KILL "$super"
	kill -KILL "$(<run/svc/pid)"
	eventually 5 is exited 3 svc
	does 0 'svc: adopted, starts again' adopt svc
	remember "$(supervisor)"
	eventually 5 is backoff 1 svc
	kill -KILL "$(supervisor)"
	eventually 5 is exited 3 svc
	does 0 'svc: adopted, starts again' adopt svc
	remember "$(supervisor)"
	is backoff 1 svc
	eventually 5 started 4
	eventually 5 is ready 0 svc
}

@test "an adopted one is restarted when it dies, its end known or not" {
	orphan -- sh -c 'echo >>runs; exec sleep 600'
	does 0 "svc: adopted, pid $pid" adopt svc
	remember "$(supervisor)"
	kill -TERM "$pid"
	eventually 5 started 2
	eventually 5 is ready 0 svc
	[[ $output == *'signal TERM'* || $output == *'unknown status'* ]] || told
}

@test "the tree of an adopted one is stopped whole: whoever carries its mark" {
	orphan -- tree "$scratch/t" child group session double
	eventually 5 test -e t
	# shellcheck disable=SC2046 # numbers
	remember $(cut -d = -f 2 t)
	does 0 "svc: adopted, pid $pid" adopt svc
	remember "$(supervisor)"
	ctl stop svc
	expect_status 0
	while read -r line; do
		gone "${line#*=}"
	done <t
	nothing_runs
}

@test "what a dead one left is ended before the next one starts" {
	orphan -- sh -c 'echo >>runs; setsid sh -c "sleep 600 & echo \$! >>kin"; exec sleep 600'
	eventually 5 test -s kin
	kin=$(<kin)
	remember "$kin"
	kill -KILL "$pid"
	eventually 5 gone "$pid"
	alive "$kin"
	does 0 'svc: adopted, starts again' adopt svc
	remember "$(supervisor)"
	eventually 5 started 2
	gone "$kin"
}

@test "what both dead have left is in the way, until it is stopped" {
	orphan -- sh -c 'setsid sh -c "trap \"\" TERM; sleep 600 & echo \$! >>kin; wait"'
	eventually 5 test -s kin
	kin=$(<kin)
	remember "$kin"
	kill -KILL "$pid"
	eventually 5 gone "$pid"
	alive "$kin"
	is exited 1 svc
	[[ $output == *'but something of it still runs'* ]] || told
	run_fresh daemonize -n svc -r --log=none sleep 600
	expect_status 1
	[[ $stderr == 'daemonize: start: svc: its last instance has left pid '*': stop it first' ]] || told
	ctl start svc
	expect_status 1
	ctl forget svc
	expect_status 1
	alive "$kin"
	ctl stop --stop KILL/5 svc
	expect_status 0
	gone "$kin"
	is stopped 3 svc
	supervised -- sleep 600
	stops svc
	# released, and dead since
	supervised -- sh -c 'setsid sleep 601 & echo $! >kin; exec sleep 600'
	kin=$(<kin)
	remember "$kin"
	ctl release svc
	kill -KILL "$(<run/svc/pid)"
	run_fresh daemonize --replace -n svc -r sleep 600
	expect_status 0
	gone "$kin"
	remember "$(supervisor)" "$(<run/svc/pid)"
}

@test "an unreadable record starts and signals nothing" {
	orphan -- sleep 600
	cp run/svc/state run/svc/was
	echo garbage >run/svc/state
	bad="$scratch/run/svc/state: cannot be read: damaged, or of another version (if it does not run, remove its directory)"
	refuses 1 "adopt: svc: record: $bad" adopt svc
	run_fresh daemonize -n svc -r --log=none sleep 600
	expect_status 1
	[[ $stderr == "daemonize: record: svc: $bad" ]] || told
	alive "$pid"
	sed -i '1s/.*/daemonize-record 2/' run/svc/was
	mv run/svc/was run/svc/state
	ctl adopt svc
	expect_status 1
	alive "$pid"
	[[ -z $(supervisor_of_now) ]]
	truncate -s 100 run/svc/state
	stops svc
	nothing_runs
}

@test "paused and without its supervisor: pause, resume and upgrade adopt it first" {
	supervised -- sleep 600
	pid=$(<run/svc/pid)
	ctl pause svc
	for verb in resume pause upgrade; do
		super=$(supervisor)
		kill -KILL "$super"
		eventually 5 gone "$super"
		if [[ $verb == resume ]]; then
			is unsupervised 0 svc
			[[ $output == *'by nobody now, and paused (daemonctl resume svc)'* ]] || told
		fi
		ctl "$verb" svc
		expect_status 0
		[[ ${lines[0]} == "svc: adopted, pid $pid" ]] || told
		remember "$(supervisor)"
		[[ $verb != resume ]] || is ready 0 svc
	done
	alive "$pid"
	stops_paused() { ctl stop svc && expect_status 0; }
	stops_paused
	nothing_runs
}

@test "adopt --all: all that need it, and silence where none does" {
	for name in a b c; do
		run_fresh daemonize -n $name -r --log=none sleep 600
		expect_status 0
		remember "$(record run/$name/public supervisor)" "$(<run/$name/pid)"
	done
	starts -n plain
	for name in a c; do
		super=$(record run/$name/public supervisor)
		kill -KILL "$super"
		eventually 5 gone "$super"
	done
	ctl adopt --all
	expect_status 0
	[[ $output == "a: adopted, pid $(<run/a/pid)
c: adopted, pid $(<run/c/pid)" ]] || told
	remember "$(record run/a/public supervisor)" "$(record run/c/public supervisor)"
	does 0 '' adopt --all
	does 0 '' adopt plain
}

# bats test_tags=root
@test "a plain user may do all of it" {
	root_only
	others_write
	export DAEMONIZE_RUNDIR=$scratch/theirs DAEMONIZE_LOGDIR=$scratch/theirs/log
	mkdir -m 700 theirs
	chown nobody theirs
	mine() { as_nobody "$@"; }
	run_fresh mine daemonize -n svc -r sleep 600
	expect_status 0
	pid=$(<theirs/svc/pid)
	super=$(record theirs/svc/public supervisor)
	remember "$pid" "$super"
	[[ $(stat -c %U "/proc/$super") == nobody ]]
	kill -KILL "$super"
	eventually 5 gone "$super"
	run_fresh mine daemonctl adopt svc
	expect_status 0
	super=$(record theirs/svc/public supervisor)
	remember "$super"
	kill -KILL "$pid"
	eventually 5 pid_changes theirs/svc/pid "$pid"
	remember "$(<theirs/svc/pid)"
	run_fresh mine daemonctl stop svc
	expect_status 0
	[[ $output == 'svc: stopped in '* ]] || told
}

@test "its directory may vanish: it is there again, and nobody is started twice" {
	supervised --ready=notify -- sh -c 'echo >>runs; systemd-notify --ready; exec sleep 600'
	pid=$(<run/svc/pid)
	for what in run/svc run; do
		rm -rf "$what"
		eventually 5 is ready 0 svc
		[[ $(<run/svc/pid) == "$pid" && $(supervisor) == "$super" ]]
		run_fresh daemonize -n svc -r sleep 600
		expect_status 3
		[[ $(stat -c %a run/svc/state run/svc/lock run/svc/public | paste -sd ' ') == '600 600 644' ]]
	done
	[[ $(stat -c %a run) == 755 || $EUID != 0 ]]
	mv run/svc away
	eventually 5 is ready 0 svc
	[[ $(supervisor) == "$super" ]]
	rm -r away
	ctl restart svc
	expect_status 0
	started 2
	rm -rf run/svc
	eventually 5 is ready 0 svc
	kill -KILL "$(<run/svc/pid)"
	eventually 5 started 3
	eventually 5 is ready 0 svc
	# not watched by a supervisor that is not there
	super=$(supervisor)
	kill -KILL "$super"
	eventually 5 gone "$super"
	ctl adopt svc
	expect_status 0
	rm -rf run
	eventually 5 is ready 0 svc
	stops svc
	nothing_runs
}

@test "one that says on a descriptor that it is ready outlives who would hear it" {
	supervised --ready=fd -- sh -c 'echo $$ >>runs
		test ! -e go || until test -e going; do sleep 0.02; done
		echo >&3 && echo said >>runs; exec sleep 600'
	touch go
	kill -KILL "$(<run/svc/pid)"
	eventually 5 has_lines 3 runs
	pid=$(tail -n 1 runs)
	remember "$pid"
	kill -KILL "$super"
	eventually 5 gone "$super"
	touch going
	eventually 5 has_lines 4 runs
	alive "$pid"
	does 0 "svc: adopted, pid $pid" adopt svc
	remember "$(supervisor)"
	is ready 0 svc
	alive "$pid"
	stops svc
}

@test "one in the foreground cannot be adopted, and that is said" {
	launch daemonize -F -r -n svc sleep 600
	eventually 5 is ready 0 svc
	pid=$(<run/svc/pid)
	remember "$pid"
	kill -KILL "$launched"
	eventually 5 gone "$launched"
	for verb in adopt start; do
		refuses 3 "$verb: svc: was started with -F: stop it and start it as before" "$verb" svc
	done
	does 0 '' adopt --all
	is unsupervised 0 svc
	[[ $output == *'by nobody now (it was started with -F)'* ]] || told
	stops svc
}

# bats test_tags=root
@test "without CAP_SYS_PTRACE the end of an adopted one is no success" {
	root_only
	share_scratch
	weak=(setpriv --bounding-set -sys_ptrace --inh-caps -sys_ptrace)
	"${weak[@]}" true || skip 'capabilities cannot be dropped'
	run_fresh "${weak[@]}" daemonize -n svc -c "$scratch" --restart=on-failure -u nobody sleep 600
	expect_status 0
	super=$(supervisor) pid=$(<run/svc/pid)
	remember "$super" "$pid"
	kill -KILL "$super"
	eventually 5 gone "$super"
	run_fresh "${weak[@]}" daemonctl adopt svc
	expect_status 0
	remember "$(supervisor)"
	kill -KILL "$pid"
	eventually 5 is_anew "$pid"
	remember "$(<run/svc/pid)"
	stops svc
}

@test "one that has made way for another meanwhile goes on as that" {
	cat >succ.py <<'E'
import os, signal, sys, time
p = sys.argv[1]
def put():
	with open(p + ".new", "w") as f: f.write("%d\n" % os.getpid())
	os.rename(p + ".new", p)
def hand_over(*_):
	if os.fork(): os._exit(0)
	time.sleep(0.5)
	put()
signal.signal(signal.SIGUSR1, hand_over)
if os.fork():
	while not os.path.exists(p): time.sleep(0.01)
	os._exit(0)
os.setsid()
put()
while True: time.sleep(600)
E
	supervised --ready=pidfile:"$scratch/p" -- "$python" succ.py "$scratch/p"
	first=$(<p)
	# Its supervisor looks on; a pause waits for who it is.
	kill -USR1 "$first"
	eventually 5 gone "$first"
	ctl pause svc
	expect_status 0
	second=$(<p)
	remember "$second"
	((second != first))
	[[ $output == "svc: paused, pid $second" ]] || told
	does 0 "svc: resumed, pid $second" resume svc
	# It does not, and is followed by one that does.
	kill -USR1 "$second"
	kill -KILL "$super"
	eventually 5 gone "$second"
	eventually 5 pid_changes p "$second"
	third=$(<p)
	remember "$third"
	does 0 "svc: adopted, pid $third" adopt svc
	remember "$(supervisor)"
	is ready 0 svc
	stops svc
	gone "$third"
	nothing_runs
}

# stops_slowly: svc does, and is being stopped; the client has given up.
stops_slowly()
{
	supervised "$@" -- sh -c \
	    'trap "echo >>asked; sleep 1.5; exit 0" TERM; echo >>runs; while :; do sleep 0.1; done'
	eventually 5 started 1
	pid=$(<run/svc/pid)
	timeout 0.3 daemonctl stop svc || :
	eventually 5 has_lines 1 asked
	kill -KILL "$super"
	eventually 5 gone "$super"
}

@test "a stop goes on when nobody is left who was asked for it" {
	stops_slowly
	is stopping 0 svc
	does 0 'svc: adopted, its stop goes on' adopt --all
	eventually 5 is stopped 3 svc
	does 0 '' adopt --all
	gone "$pid"
	started 1
	nothing_runs
}

@test "and who had died of it by then is not taken for one that ended by itself" {
	stops_slowly
	eventually 5 gone "$pid"
	is stopped 3 svc
	does 0 'svc: adopted, its stop goes on' adopt --all
	eventually 5 eval '[[ -z $(supervisor_of_now) ]]'
	is stopped 3 svc
	started 1
	grep -q '"event": "stopped"' run/svc/events
	nothing_runs
}

@test "and a second stop puts it on record" {
	stops_slowly --pidfile="$scratch/p"
	eventually 5 gone "$pid"
	does 0 'svc: not running' stop svc
	grep -qx stopped run/svc/public
	[[ ! -e p ]]
	grep -q '"event": "stopped"' run/svc/events
	does 0 '' adopt --all
	is stopped 3 svc
	nothing_runs
}

@test "a start waits for it, and then starts" {
	stops_slowly
	ctl start svc
	expect_status 0
	remember "$(supervisor)" "$(<run/svc/pid)"
	gone "$pid"
	is ready 0 svc
	started 2
}

@test "the keeper sees to it, too" {
	logged="--log=$scratch/log" stops_slowly -P super.pid
	eventually 5 is stopped 3 svc
	gone "$pid"
	eventually 5 test ! -e super.pid
	started 1
	nothing_runs
}

@test "what is removed from its directory is there again" {
	supervised -- sleep 600
	for what in control public state pid lock; do
		rm "run/svc/$what"
		eventually 5 test -e "run/svc/$what"
		eventually 5 is ready 0 svc
	done
	run_fresh daemonize -n svc -r --log=none sleep 600
	expect_status 3
	[[ $(supervisor) == "$super" ]]
	ctl restart svc
	expect_status 0
	remember "$(<run/svc/pid)"
	stops svc
	nothing_runs
}

@test "a supervisor that cannot be reached is named, and nobody waits for ever" {
	supervised -- sleep 600
	ln -s nowhere other
	mv -T other run/svc/control
	refuses 4 "stop: svc: its supervisor, pid $super, has not answered for 5 s" stop svc
	refuses 4 "restart: svc: its supervisor, pid $super, has not answered for 5 s" restart svc
	run_fresh daemonize -n svc -r --log=none --replace sleep 601
	expect_status 1
	[[ $stderr == "daemonize: replace: svc: its supervisor, pid $super, has not answered for 5 s" ]] || told
	alive "$super"
	is ready 0 svc
	kill -TERM "$super"
	eventually 5 gone "$super"
	nothing_runs
}
