#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Workers in adversity: who dies when, what vanishes, what cannot be.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised
load 546-keeper
load 542-workers

# A worker that takes its time to finish: QUIT is ignored.
stubborn='trap "" QUIT; while :; do sleep 0.1; done'

# runs N ARG... -- CMD...: svc has N workers, which listen to nobody.
runs()
{
	local n=$1
	shift
	logged=${logged---log=none} supervised -w "$n" --ready=alive:50ms "$@" || return
	keep_in_mind
}

# states: of the workers.
states() { workers '[x["state"] for x in w]'; }

@test "the records of the workers come back, whatever is removed" {
	runs 2 -- sleep 600
	before=$(pids)
	rm -r run/svc/workers
	eventually 5 eval '[[ $(pids) == "$before" ]]'
	rm -r run
	eventually 5 eval '[[ $(pids) == "$before" ]]'
	ctl upgrade svc
	expect_status 0
	eventually 5 is ready 0 svc
	[[ $(pids) == "$before" ]]
	stops svc
	nothing_runs
}

@test "the supervisor dies while workers leave: the others are watched at once, who leaves does" {
	works -w 2 --drain=QUIT/2 --stop=TERM/1/KILL/5 -- sh -c "$stubborn"
	old=$(pids)
	daemonctl drain svc >/dev/null 2>&1 3>&- &
	eventually 5 is stopping 0 svc
	gone=$(supervisor)
	kill -KILL "$gone"
	eventually 1 another_supervisor_than "$gone"
	eventually 5 is paused 0 svc
	for pid in $old; do gone "$pid"; done
	ctl resume svc
	expect_status 0
	keep_in_mind
	old=$(pids)
	daemonctl reload svc >/dev/null 2>&1 3>&- &
	eventually 5 eval '[[ $(states) == *stopping* ]]'
	gone=$(supervisor)
	kill -KILL "$gone"
	eventually 1 another_supervisor_than "$gone"
	keep_in_mind
	new=$(workers '[x["pid"] for x in w if x["state"] == "ready"]')
	kill -KILL "${new%% *}"
	eventually 1 eval '[[ $(workers "[len([x for x in w if x[\"state\"] in (\"ready\", \"starting\")])]") == 2 ]]'
	eventually 10 eval '[[ $(workers "[len(w)]") == 2 ]]'
	for pid in $old; do gone "$pid"; done
	keep_in_mind
	stops svc
	nothing_runs
}

@test "keeper and supervisor both die, the next start takes over: a reload works" {
	works -w 3 -- serve
	old=$(supervisor)
	kill -STOP "$old" # it is to begin no other
	kill -KILL "$(keeper)" "$old"
	eventually 5 gone "$old"
	run_fresh daemonize -n svc -c "$scratch" -r --log="$scratch/log" --listen "127.0.0.1:$port" \
	    --ready=alive:50ms -w 3 -- serve
	expect_status 0
	for i in 2 3; do
		ctl reload svc
		[[ $output == "svc: reloaded, 3 workers, generation $i" ]] || told
	done
	keep_in_mind
	[[ $(says x) == [012]' '* ]]
	stops svc
	nothing_runs
}

@test "in the foreground, killed: stopped all the same" {
	launch daemonize -F -n svc -w 2 --ready=alive:50ms sleep 600
	fore=$launched
	eventually 5 is ready 0 svc
	two=$(pids)
	for pid in $two; do remember "$pid"; done
	kill -KILL "$fore"
	wait "$fore" || true
	is unsupervised 0 svc
	stops svc
	for pid in $two; do gone "$pid"; done
	nothing_runs
}

@test "in the foreground: who was not ready in time is named" {
	run_fresh daemonize -F -w 2 --ready=notify --ready-timeout=300ms -- sleep 600
	expect_status 125
	[[ $stderr =~ 'daemonize: ready: sleep, worker '[01]': not ready in time (--ready-timeout): READY=1 was not heard' ]] || told
	nothing_runs
}

@test "readiness by a descriptor, beside sockets" {
	works -w 2 --ready=fd -- sh -c 'echo "$LISTEN_FDS $DAEMON_READY_FD"; eval "echo >&$DAEMON_READY_FD"; exec serve'
	[[ $(sort -u log) == '1 4' ]]
	[[ $(says x) == [01]' '* ]]
	stops svc
	port=$(free_port)
	logged=--log=$scratch/log2 supervised --listen "127.0.0.1:$port" --ready=fd:7 -- \
	    sh -c 'echo "$LISTEN_FDS $DAEMON_READY_FD"; echo >&7; exec serve'
	eventually 5 test -s log2
	[[ $(<log2) == '1 7' ]]
	[[ $(says x) == '- '* ]]
	stops svc
}

@test "with files of their own: what the one that failed has said" {
	text='[ -e bad ] && { echo "no database for $DAEMONIZE_WORKER" >&2; exit 7; }; exec sleep 600'
	logged='' runs 2 -o 'out.{worker}' -e 'err.{worker}' -- sh -c "$text"
	touch bad
	ctl reload svc
	expect_status 1
	[[ $stderr == *$'\n| no database for '[01] ]] || told
	ctl drain svc
	ctl resume svc
	expect_status 1
	[[ $stderr == 'daemonctl: resume: svc: worker '[01]': status 7: it is tried again'$'\n| no database for '[01]* ]] || told
	rm bad
	eventually 10 is ready 0 svc
	keep_in_mind
	stops svc
	touch bad
	run_fresh daemonize -n svc -c "$scratch" -w 2 --ready=alive:50ms -o 'out.{worker}' -e 'err.{worker}' -- sh -c "$text"
	expect_status 4
	[[ $stderr =~ :\ worker\ ([01]):\ ended\ with.*$'\n| no database for '([01])$ && ${BASH_REMATCH[1]} == "${BASH_REMATCH[2]}" ]] || told
}

@test "of several that have something to say it is the one that failed" {
	text='[ "$DAEMONIZE_WORKER" != 2 ] || { echo "no room for me" >&2; exit 7; }
	while :; do echo all is well >&2; sleep 0.05; done'
	logged='' runs 2 -e 'err.{worker}' -- sh -c "$text"
	ctl scale svc 3
	expect_status 1
	[[ $stderr == 'daemonctl: scale: svc: worker 2: status 7: it is tried again'$'\n| no room for me'* && $stderr != *'| all is well'* ]] || told
	ctl scale svc 2
	stops svc
}

@test "what the check before a reload says is in the file of the command" {
	: >first
	check='test -e first || echo checked; test ! -e no || { echo there is a no >&2; false; }'
	logged='' runs 2 -o out --check "$check" -- sleep 600
	rm first
	ctl reload svc
	expect_status 0
	[[ $(<out) == checked ]]
	touch no
	ctl reload svc
	expect_status 1
	[[ $stderr == *$': failed with status 1\n| checked\n| there is a no' && $(<out) == $'checked\nchecked\nthere is a no' ]] || told
	keep_in_mind
	stops svc
	rm no
	: >first
	logged='' runs 2 -o 'out.{worker}' --check "$check" -- sleep 600
	rm first
	ctl reload svc
	expect_status 0
	[[ ! -e 'out.{worker}' ]]
	keep_in_mind
	stops svc
}

@test "one that cannot begin: a restart says so, the others serve, a reload mends it" {
	touch ok
	runs 3 --check=true -- sh -c '[ "$DAEMONIZE_WORKER" = 0 ] && [ ! -e ok ] && exit 9; exec sleep 600'
	rm ok
	ctl restart svc
	expect_status 1
	[[ $stderr == 'daemonctl: restart: svc: worker 0: status 9'* ]] || told
	eventually 5 is ready 0 svc
	ctl list
	[[ $output == *'ready 2/3'* ]] || told
	# what is asked of the others is done
	ctl scale svc 4
	expect_status 0
	ctl scale svc 3
	expect_status 0
	ctl reload svc
	expect_status 1
	touch ok
	ctl reload svc
	expect_status 0
	[[ $(states) == 'ready ready ready' ]] || told "$(daemonctl status svc)"
	keep_in_mind
	stops svc
	nothing_runs
}

@test "paused: a drain ends them, a scale is refused" {
	runs 2 -- sh -c 'trap "exit 0" QUIT; while :; do sleep 0.1; done'
	old=$(pids)
	ctl pause svc
	expect_status 0
	ctl scale svc 3
	expect_status 1
	[[ $stderr == *'not while it is paused' ]] || told
	ctl drain svc
	expect_status 0
	for pid in $old; do gone "$pid"; done
	ctl resume svc
	expect_status 0
	[[ $(pids) != "$old" ]]
	keep_in_mind
	stops svc
}

@test "who has ended for good goes first; and how they ended is the status of wait" {
	runs 2 --restart=on-failure -- sh -c '[ "$DAEMONIZE_WORKER" = 0 ] && { sleep 0.3; exit 0; }; exec sleep 600'
	last=$(workers '[w[1]["pid"]]')
	eventually 5 eval '[[ $(states) == "exited ready" ]]'
	ctl scale svc 1
	expect_status 0
	[[ $(pids) == "$last" ]]
	is ready 0 svc
	stops svc
	runs 2 --restart=never -- sh -c 'sleep 1; sleep 0.$DAEMONIZE_WORKER; exit $((3 - 3 * DAEMONIZE_WORKER))'
	run_fresh daemonctl wait svc
	expect_status 3
	nothing_runs
}

@test "who is ready, and done before the others are ready, has not failed; who fails then has" {
	text='[ "$DAEMONIZE_WORKER" = 1 ] && until [ -e go ]; do sleep 0.05; done; echo >&3
		[ "$DAEMONIZE_WORKER" = 1 ] && exec sleep 600; exit "$1"'
	daemonize -n svc -c "$scratch" -w 2 --restart=on-failure --log=none --ready=fd -- \
	    sh -c "$text" sh 0 2>said 3>&- &
	eventually 5 eval '[[ $(states) == "exited starting" ]]'
	touch go
	wait $!
	keep_in_mind
	[[ $(states) == 'exited ready' && ! -s said ]]
	stops svc
	rm go
	fails 4 'ready: sh: worker 0: status 7, before the others were ready' -n svc -c "$scratch" -w 2 --restart=never \
	    --log=none --ready=fd -- sh -c "$text" sh 7
	runs 2 --restart-delay=10ms --max-restarts=2/60s -- sh -c 'sleep 0.1; exit 3'
	eventually 5 is failed 1 svc
	[[ $output == *'restart: sh: too many restarts (--max-restarts)'* ]]
	nothing_runs
}

@test "its files and its counts are those of one service" {
	runs 2 -p pid -P super --before=true -- sleep 600
	[[ $(<pid) == "$super" && $(<super) == "$super" ]]
	ctl reload svc
	expect_status 0
	[[ $(workers '[s["restarts"]]') == 0 ]]
	keep_in_mind
	stops svc
	[[ ! -e pid && ! -e super ]]
	nothing_runs
}

@test "the supervisor dies during a stop, and nothing is left: who adopts it ends that" {
	for remove in '' run/svc/workers; do
		runs 2 -- sh -c 'trap "sleep 1; exit 0" TERM; while :; do sleep 0.1; done'
		old=$(pids)
		timeout 0.3 daemonctl stop svc 3>&- || :
		is stopping 0 svc
		kill -KILL "$super"
		eventually 5 gone "$super"
		for pid in $old; do eventually 5 gone "$pid"; done
		rm -rf $remove
		ctl adopt svc
		expect_status 0
		[[ $output == 'svc: adopted, its stop goes on' ]] || told
		eventually 5 grep -qx stopped run/svc/public
		nothing_runs
	done
}

@test "numbers stay below N, though one of them has not gone yet" {
	runs 3 --drain=QUIT/1 --stop=TERM/1/KILL/5 -- sh -c "$stubborn"
	daemonctl scale svc 2 >/dev/null 3>&- &
	eventually 5 eval '[[ $(states) == *stopping* ]]'
	ctl scale svc 3
	expect_status 0
	wait
	[[ $(workers 'sorted(x["worker"] for x in w)') == '0 1 2' ]]
	keep_in_mind
	stops svc
	nothing_runs
}

@test "--replace: what the next one cannot have is found out while this one runs" {
	port=$(free_port)
	other=$(free_port)
	runs 2 --listen "127.0.0.1:$port" -- sleep 600
	before=$(pids)
	keeps() { # LINE ARG...
		local want="daemonize: $1"
		shift
		run_fresh daemonize --replace -n svc --log=none "$@" sleep 601
		expect_status 1
		[[ $stderr == "$want" ]] || told "expected $want" || return
		[[ $(pids) == "$before" ]]
	}
	"$python" -c 'import socket, sys, time
def at(host, port):
    s = socket.socket()
    s.bind((host, int(port)))
    s.listen()
    return s
both = at("127.0.0.1", sys.argv[1]), at("127.0.0.2", sys.argv[2])
open("there", "w").close()
time.sleep(60)' "$other" "$port" 3>&- &
	holder=$!
	remember "$holder"
	eventually 5 test -e there
	keeps "listen: 127.0.0.1:$other: pid $holder has it" -r --listen "127.0.0.1:$other"
	keeps "listen: 127.0.0.2:$port: pid $holder has it" -r --listen "127.0.0.2:$port"
	keeps 'listen: /nowhere/x: No such file or directory' -w 2 --listen unix:/nowhere/x
	keeps 'agent: a: no-such: no such user or group' -w 2 --agent a=true --agent-user no-such
	keeps 'affinity: 1000: no such processor, or not for us' -w 2 --cpu-affinity=1000
	"$python" -c 'import socket; socket.socket(socket.AF_UNIX).bind("dead")'
	keeps 'listen: /nowhere/x: No such file or directory' -r --listen unix:dead --listen unix:new --listen unix:/nowhere/x
	[[ -S dead && ! -e new ]]
	mkdir -m 777 theirs
	mv dead theirs
	keeps "listen: $scratch/theirs/dead: $scratch/theirs can be changed by others (chmod go-w)" -r --listen unix:theirs/dead
	kill "$holder"
	run_fresh daemonize --replace -n svc --log=none -w 2 --ready=alive:50ms --listen ":$port" --listen unix:sock sleep 601
	expect_status 0
	keep_in_mind
	[[ -S sock ]]
	ln -s . here
	run_fresh daemonize --replace -n svc --log=none -w 2 --ready=alive:50ms --listen "localhost:$port" --listen unix:here/sock sleep 602
	expect_status 0
	keep_in_mind
	[[ -S sock ]]
	stops svc
	nothing_runs
}

@test "a reload that is overtaken says so" {
	runs 2 --drain=QUIT/2 -- sh -c "$stubborn"
	daemonctl reload svc 2>said 3>&- &
	asking=$!
	eventually 5 eval '[[ $(states) == *stopping* ]]'
	ctl restart svc
	expect_status 0
	run_fresh wait "$asking"
	[[ $(<said) == 'daemonctl: reload: svc: overtaken by a stop, a restart or a drain' ]]
	keep_in_mind
	ctl release svc
	expect_status 0
	[[ $output =~ ^'svc: released, pid '[1-9][0-9]*$ ]] || told
	stops svc
	nothing_runs
}

# A worker that gives signs of life, tells how its last one went, and stores a descriptor.
talks='import array, os, socket, time
a = os.environ["NOTIFY_SOCKET"]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
a = "\0" + a[1:] if a[0] == "@" else a
s.sendmsg([b"FDSTORE=1\nFDNAME=mine"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))], 0, a)
s.sendto(b"READY=1", a)
n = 0
while True:
	n += 1
	try: s.sendto(b"WATCHDOG=1\nSTATUS=%s sign %d, of %s" % (os.environ.get("LISTEN_FDNAMES", "no").encode(), n, b"%d" % os.getpid()), a)
	except OSError as e: print(e, flush=True)
	time.sleep(0.1)'

# signs: the numbers of the last ones that were heard of both.
signs() { workers '[int(x["says"].split()[2].strip(",")) for x in w if x["says"]]'; }

both_say() { [[ $(workers '[len([1 for x in w if x["says"]])]') == 2 ]]; }

# says_of_0 TEXT
says_of_0() { [[ $(workers '[x["says"] for x in w if x["worker"] == 0]') == *"$1"* ]]; }

# go_on_being_heard: both are, for longer than the watchdog waits.
go_on_being_heard()
{
	local now
	now=$(signs)
	sleep 2.5
	[[ $(pids) == "$before" && $(signs) != "$now" && ! -s said ]] || { pids; signs; cat said; false; }
}

@test "whoever takes them over hears them, too" {
	user=
	if ((EUID == 0)); then
		user='-u nobody'
		share_scratch
	fi
	: >said
	chmod 666 said
	# shellcheck disable=SC2086 # two words
	logged='' runs 2 $user -o said -e said --ready=notify --watchdog=1s -- "$python" -c "$talks"
	before=$(pids)
	eventually 5 both_say
	ctl upgrade svc
	expect_status 0
	go_on_being_heard
	kill -KILL "$(pid_of 0)" # what it stored is there
	eventually 5 says_of_0 'mine sign'
	keep_in_mind
	before=$(pids)
	: >said
	kill -KILL "$super"
	eventually 5 gone "$super"
	ctl adopt svc
	expect_status 0
	: >said # who spoke meanwhile spoke to nobody
	go_on_being_heard
	stops svc
	nothing_runs
}

# squats NAME...: each of these abstract sockets is somebody else's, $squatter.
squats()
{
	: >squatted
	launch "$python" -c '
import socket, sys, time
held = []
for name in sys.argv[1:]:
	s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
	while s not in held:
		try: s.bind("\0" + name[1:]); held.append(s)
		except OSError: time.sleep(0.01)
print(len(held), file=open("squatted", "w"))
time.sleep(600)' "$@"
	squatter=$launched
	remember "$squatter"
	eventually 5 test -s squatted
}

are_lost()
{
	[[ $(workers '[x["says"] for x in w]') == *'not heard until restarted'*'not heard until restarted'* ]]
}

@test "somebody has taken the names by which they were heard: they are not ended for that" {
	root_only
	share_scratch
	: >said
	chmod 666 said
	mkdir -p run
	chmod 700 run
	logged='' runs 2 -u nobody -o said -e said --ready=notify --watchdog=1s -- "$python" -c "$talks"
	eventually 5 both_say
	before=$(pids)
	names=$(for pid in $before; do tr '\0' '\n' <"/proc/$pid/environ" | sed -n 's/^NOTIFY_SOCKET=@/@/p'; done)
	kill -KILL "$super"
	eventually 5 gone "$super"
	# shellcheck disable=SC2086 # one for each
	squats $names
	[[ $(<squatted) == 2 ]]
	ctl adopt svc
	expect_status 0
	sleep 2.5
	[[ $(pids) == "$before" ]] || told
	are_lost
	ctl upgrade svc # the next one has them no more than we
	expect_status 0
	sleep 1.5
	[[ $(pids) == "$before" ]] || told
	are_lost
	kill -KILL "$(pid_of 0)"
	eventually 5 says_of_0 sign
	keep_in_mind
	stops svc
	kill "$squatter"
	eventually 5 gone "$squatter"
	nothing_runs
}

@test "alone, under a user: whoever takes it over hears it, too" {
	root_only
	share_scratch
	: >said
	chmod 666 said
	logged='' supervised -r -u nobody -o said --ready=notify --watchdog=1s -- "$python" -c "$talks"
	before=$(<run/svc/pid)
	remember "$before" "$(supervisor)"
	kill -KILL "$(supervisor)"
	eventually 5 eval '[[ $(ctl status svc; echo "$output") == *unsupervised* ]]'
	ctl adopt svc
	expect_status 0
	sleep 2.5
	[[ $(<run/svc/pid) == "$before" ]] || told
	remember "$(supervisor)"
	stops svc
}

@test "to start it while each of them waits: now, and what came of it" {
	logged='' runs 2 -R 60s -o out -- sh -c 'test ! -e bad || { echo no luck; exit 3; }; exec sleep 600'
	for pid in $(pids); do kill -KILL "$pid"; done
	eventually 5 is backoff 1 svc
	ctl start svc
	expect_status 0
	[[ $output == 'svc: running, pid '* ]] || told
	eventually 5 eval '[[ $(states) == "ready ready" ]]'
	keep_in_mind
	touch bad
	for pid in $(pids); do kill -KILL "$pid"; done
	eventually 5 is backoff 1 svc
	ctl start svc
	expect_status 1
	[[ $stderr == 'daemonctl: start: svc: worker '[01]': status 3: it is tried again'$'\n| no luck'* ]] || told
	stops svc
}

@test "to start or scale it while one of them waits: that one now, and what came of it" {
	# an agent that waits for its time is none of them
	logged='' runs 2 -R 60s -o out --agent tick=true --agent-every 60s -- sh -c '[ "$DAEMONIZE_WORKER" = 0 ] || test ! -e bad || { echo no luck; exit 3; }; exec sleep 600'
	touch bad
	for how in 'start svc' 'scale svc 2'; do
		kill -KILL "$(pid_of 1)"
		eventually 5 eval '[[ $(states) == *backoff* ]]'
		# shellcheck disable=SC2086 # words
		ctl $how
		expect_status 1
		[[ $stderr == *': svc: worker 1: status 3: it is tried again'$'\n| no luck'* ]] || told
		rm bad
		# shellcheck disable=SC2086
		ctl $how
		expect_status 0
		is ready 0 svc
		[[ $(states) == 'ready ready' ]] || told
		touch bad
	done
	rm bad
	keep_in_mind
	stops svc
	nothing_runs
}

@test "to resume what is on its way waits for it; a drain meanwhile is told" {
	logged='' runs 2 --ready=alive:700ms -o out -- sleep 600
	for how in 'drain svc' 'resume svc'; do
		ctl drain svc
		expect_status 0
		daemonctl resume svc 2>said 3>&- &
		first=$!
		eventually 5 is starting 0 svc
		ctl $how
		expect_status 0
		run_fresh wait "$first"
		if [[ $how == drain* ]]; then
			((status == 1))
			[[ $(<said) == 'daemonctl: resume: svc: was drained meanwhile' ]] || told
		else
			((status == 0))
			is ready 0 svc
		fi
	done
	launch daemonctl reload svc
	eventually 5 is reloading 0 svc
	ctl resume svc
	expect_status 0
	is ready 0 svc
	keep_in_mind
	stops svc
	for verb in reload drain resume pause upgrade release; do
		ctl $verb svc
		expect_status 7
		[[ $stderr == "daemonctl: $verb: svc: not running (daemonctl start svc)" ]] || told
	done
	nothing_runs
}

@test "what a worker has stored is there for the next of its number: after a restart, a drain" {
	: >said
	logged='' runs 2 -o said -e said --ready=notify -- "$python" -c "$talks"
	eventually 5 both_say
	says_of_0 'no sign'
	ctl restart svc
	eventually 5 says_of_0 'mine sign'
	ctl drain svc
	ctl resume svc
	eventually 5 says_of_0 'mine sign'
	# the others begin before these have gone
	ctl reload svc
	eventually 5 says_of_0 'no sign'
	keep_in_mind
	stops svc
	nothing_runs
}

@test "failed: once more for all of them" {
	run_fresh daemonize -n svc -c "$scratch" --log=none -w 2 --ready=alive:50ms --max-restarts 1/60s \
	    --on-failed 'echo "${DAEMONIZE_WORKER-all} $DAEMONIZE_STATE" >>failed' -- sh -c 'sleep 0.2; exit 5'
	expect_status 0
	remember "$(supervisor)"
	eventually 10 has_lines 3 failed
	[[ $(sort failed) == $'0 failed\n1 failed\nall failed' ]] || { cat failed; false; }
	ctl status svc
	[[ $output == 'svc: failed'* ]] || told
}

# bats test_tags=root
@test "--max-memory: whoever takes them over can begin one again, and leaves no group" {
	root_only
	runs 2 --max-memory=100M -- sleep 600 || {
		[[ $stderr == *'max-memory: no memory control group can be made'* ]] || told
		skip 'no memory control group can be made'
	}
	mark=$(record run/svc/state mark)
	kill -KILL "$super"
	eventually 5 gone "$super"
	ctl adopt svc
	expect_status 0
	kill -KILL "$(pid_of 0)"
	eventually 5 eval '[[ $(states) == "ready ready" && $(record run/svc/public restarts) == 1 ]]'
	keep_in_mind
	stops svc
	[[ -z $(find /sys/fs/cgroup -name "daemonize-$mark*") ]]
	nothing_runs
}
