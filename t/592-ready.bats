#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# When a supervised command is ready: every way of knowing it.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised

# not_ready ARG... -- CMD...: it is not within 0.5 s, because of $why, and
# nothing is left.
not_ready()
{
	run_fresh daemonize -n svc -r -c "$scratch" --ready-timeout=0.5s "$@"
	expect_status 4 || return
	[[ $stderr == 'daemonize: ready: '*": not ready in time (--ready-timeout): $why" ]] ||
	    told || return
	is failed 1 svc && nothing_runs
}

# dies_first ARG... -- CMD...: its end is told at once.
dies_first()
{
	elapsed run_fresh daemonize -n svc -r -c "$scratch" "$@"
	expect_status 4 || return
	[[ $stderr == 'daemonize: ready: '*': ended with status 3 before it was ready' ]] ||
	    told || return
	((took < 5000)) && nothing_runs
}

@test "fd: a newline on descriptor 3, or another" {
	supervised --ready=fd -- sh -c 'touch began; sleep 0.3; echo >&3; exec sleep 600'
	test -e began
	is ready 0 svc
	stops svc
	for n in 3 4 5 9; do
		supervised --ready=fd:$n -- \
		    sh -c "echo \$DAEMON_READY_FD >&$n; exec $n>&-; exec condition $scratch/c pause"
		eventually 5 test -s c
		[[ $(env_of c DAEMON_READY_FD) == "$n" ]]
		# nothing else is open
		[[ -z $(grep -E '^fd\.[3-9]' c) ]]
		stops svc
		rm c
	done
	why='nothing came on its descriptor'
	not_ready --ready=fd -- sleep 600
	# the end without a newline says nothing
	why='no newline came on its descriptor'
	not_ready --ready=fd -- sh -c 'printf x >&3; exec 3>&-; exec sleep 600'
	dies_first --ready=fd -- sh -c 'sleep 0.1; exit 3'
}

@test "fd: a C program says it with daemon_notify_ready()" {
	supervised --ready=fd -- sh -c "$BUILD/t/unit/notifier newline; exec sleep 600"
	is ready 0 svc
}

@test "notify: systemd's own client" {
	needs systemd-notify
	supervised --ready=notify -- sh -c 'sleep 0.2
		systemd-notify --ready --status="all is well"
		touch told; exec sleep 600'
	is ready 0 svc
	eventually 5 says 'all is well'
	stops svc
	why='READY=1 was not heard' not_ready --ready=notify -- sleep 600
	dies_first --ready=notify -- sh -c 'sleep 0.1; exit 3'
}

# says TEXT: status tells it.
says()
{
	ctl status svc
	[[ $output == *"says      $1"* ]]
}

# tells WORD...: the command sends a datagram of these lines.
sender='import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
a = os.environ["NOTIFY_SOCKET"]
s.connect("\0" + a[1:] if a[0] == "@" else a)
def tell(*lines): s.send("\n".join(lines).encode())
'

@test "notify: reloading, stopping, and what is nobody's business" {
	supervised --ready=notify -- "$python" -c "$sender"'
import time, signal
def reload(*_):
	tell("RELOADING=1", "MONOTONIC_USEC=%d" % (time.monotonic_ns() // 1000))
	while not os.path.exists("go"): time.sleep(0.01)
	os.unlink("go")
	tell("READY=1", "STATUS=again")
def stop(*_):
	tell("STOPPING=1")
	while not os.path.exists("go"): time.sleep(0.01)
	os._exit(0)
signal.signal(signal.SIGHUP, reload)
signal.signal(signal.SIGUSR1, stop)
tell("READY=1")
while 1: signal.pause()'
	is ready 0 svc
	ctl reload svc
	expect_status 0
	eventually 5 is reloading 0 svc
	touch go
	eventually 5 is ready 0 svc
	eventually 5 says again
	ctl signal USR1 svc
	eventually 5 is stopping 0 svc
	first=$(<run/svc/pid)
	touch go
	eventually 5 is_anew "$first"
}

@test "notify: hostile datagrams are harmless, strangers are not heard" {
	launch daemonize -n svc -c "$scratch" -r --ready=notify "$python" -c "$sender"'
import time
s.send(b"")
s.send(b"\0" * 4096)
s.send(b"=" * 4000)
s.send(b"READY=0\nREADY\nREADY=11\nREADY= 1")
s.send(b"MAINPID=1\nMAINPID=-5\nMAINPID=99999999999999999999\nMAINPID=x")
s.send(b"WATCHDOG_USEC=99999999999999999999\nEXTEND_TIMEOUT_USEC=-1\nERRNO=abc")
s.send(b"STATUS=" + b"\x1b[31mred\x07 " * 300)
fds = [os.open("/dev/null", os.O_RDONLY) for _ in range(50)]
socket.send_fds(s, [b"FDSTORE=1\nFDNAME=x"], fds)
tell("FDSTOREREMOVE=1\nFDNAME=x")
time.sleep(0.2)
open("address", "w").write(a)
while not os.path.exists("go"): time.sleep(0.01)
tell("READY=1")
time.sleep(600)'
	eventually 5 test -s address
	super=$(supervisor)
	remember "$super"
	is starting 0 svc
	# the test is no descendant of it
	NOTIFY_SOCKET=$(<address) "$python" -c "$sender"'tell("READY=1")' || :
	[[ $(find "/proc/$super/fd" -lname /dev/null | wc -l) -le 4 ]]
	is starting 0 svc
	tame
	touch go
	wait "$launched"
	is ready 0 svc
}

@test "notify: MAINPID names the one that is meant" {
	supervised --ready=notify -- "$python" -c "$sender"'
import time
pid = os.fork()
if pid == 0:
	time.sleep(600)
tell("MAINPID=%d\nREADY=1" % pid)
open("child", "w").write(str(pid))
while not os.path.exists("go"): time.sleep(0.01)
os._exit(5)'
	eventually 5 test -s child
	child=$(<child)
	remember "$child"
	eventually 5 is ready 0 svc
	[[ $(<run/svc/pid) == "$child" ]]
	touch go
	eventually 5 parent_is "$child" "$super"
	is ready 0 svc
	kill -KILL "$child"
	rm child go
	eventually 5 test -s child
	eventually 5 is ready 0 svc
	[[ $output == *'signal KILL'* ]] || told
}

# parent_is PID PARENT
parent_is() { [[ $(awk '{ print $4 }' "/proc/$1/stat") == "$2" ]]; }

@test "notify: descriptors are kept for the next instance, and the one after" {
	supervised --ready=notify -- "$python" -c "$sender"'
import time
n = int(os.environ.get("LISTEN_FDS", "0"))
names = os.environ.get("LISTEN_FDNAMES", "")
text = ""
if n > 0:
	assert int(os.environ["LISTEN_PID"]) == os.getpid()
	for i in range(n):
		os.lseek(3 + i, 0, 0)
		text += os.read(3 + i, 100).decode()
open("found", "a").write("%d %s %s\n" % (n, names, text))
if n == 0:
	fds = []
	for t in "one", "two":
		f = os.memfd_create(t)
		os.write(f, t.encode())
		socket.send_fds(s, [b"FDSTORE=1\nFDNAME=" + t.encode()], [f])
		socket.send_fds(s, [b"FDSTORE=1\nFDNAME=" + t.encode()], [f])
	f = os.memfd_create("three")
	socket.send_fds(s, [b"FDSTORE=1\nFDNAME=a:b"], [f])
	tell("FDSTOREREMOVE=1\nFDNAME=stored")
tell("READY=1")
time.sleep(600)'
	kill -KILL "$(<run/svc/pid)"
	eventually 5 has_lines 2 found
	eventually 5 is ready 0 svc
	ctl upgrade svc
	expect_status 0
	kill -KILL "$(<run/svc/pid)"
	eventually 5 has_lines 3 found
	[[ $(<found) == '0  
2 one:two onetwo
2 one:two onetwo' ]] || { cat found; false; }
}

@test "notify: a deadline may be extended, in microseconds" {
	supervised --ready=notify --ready-timeout=0.5s -- "$python" -c "$sender"'
import time
for n in range(5):
	tell("EXTEND_TIMEOUT_USEC=500000")
	time.sleep(0.3)
tell("READY=1")
time.sleep(600)'
	is ready 0 svc
}

@test "watchdog: who gives no sign of life is aborted and restarted" {
	supervised --ready=notify --watchdog=0.5s -- "$python" -c "$sender"'
import time
open("env", "a").write(os.environ["WATCHDOG_USEC"] + " " +
	str(os.environ["WATCHDOG_PID"] == str(os.getpid())) + "\n")
tell("READY=1")
for n in range(5):
	time.sleep(0.3)
	tell("WATCHDOG=1")
open("hung", "a").write("x\n")
time.sleep(600)'
	[[ $(cat env) == '500000 True' ]]
	first=$(<run/svc/pid)
	is ready 0 svc
	eventually 5 test -s hung
	eventually 5 is_anew "$first"
	[[ $output == *'signal ABRT, no sign of life in time'* ]] || told
}

@test "max-runtime: it is ended and started again" {
	supervised --max-runtime=0.5s -- sleep 600
	first=$(<run/svc/pid)
	eventually 5 is_anew "$first"
	[[ $output == *'signal TERM, its time was up'* ]] || told
}

# bats test_tags=root
@test "max-memory: who needs more is ended in peace; caches do not count" {
	root_only
	supervised --max-memory=48M --stop TERM/5/KILL/5 -- "$python" -c '
import os, signal, time
def stop(*_):
	open("asked", "a").write("x\n")
	os._exit(0)
signal.signal(signal.SIGTERM, stop)
open("began", "a").write("x\n")
f = open("cache", "wb")
for _ in range(100): f.write(b"x" * 1048576)
f.close()
open("cache", "rb").read(1)
open("cached", "a").write("x\n")
while not os.path.exists("go"): time.sleep(0.02)
os.unlink("go")
b = bytearray(200 * 1048576)
time.sleep(600)' || {
		[[ $stderr == *'max-memory: no memory control group can be made'* ]] || told
		skip 'no memory control group can be made'
	}
	group=$(record run/svc/state memory_group)
	eventually 20 has_lines 1 cached
	is ready 0 svc
	has_lines 1 began
	touch go
	eventually 10 has_lines 2 began
	eventually 5 is ready 0 svc
	[[ $output == *', too much memory'* ]] || told
	[[ $output == *'signal KILL'* ]] || has_lines 1 asked
	stops svc
	eventually 5 not test -e "$group"
}

@test "tcp, unix: what can be connected to" {
	port=$(free_port)
	listen='import socket, sys, time
time.sleep(0.3)
f = sys.argv[1]
s = socket.socket(socket.AF_UNIX if f[0] == "/" else socket.AF_INET)
s.bind(f if f[0] == "/" else ("127.0.0.1", int(f)))
s.listen()
time.sleep(600)'
	supervised --ready=tcp:127.0.0.1:"$port" -- "$python" -c "$listen" "$port"
	is ready 0 svc
	stops svc
	supervised --ready=tcp:localhost:"$port" -- "$python" -c "$listen" "$port"
	stops svc
	supervised --ready=unix:"$scratch/sock" -- "$python" -c "$listen" "$scratch/sock"
	is ready 0 svc
	stops svc
	why="127.0.0.1:$port: Connection refused" \
	    not_ready --ready=tcp:127.0.0.1:"$port" -- sleep 600
	why="$scratch/none: No such file or directory" \
	    not_ready --ready=unix:"$scratch/none" -- sleep 600
	dies_first --ready=tcp:127.0.0.1:"$port" -- sh -c 'sleep 0.1; exit 3'
}

@test "cmd: a shell command that succeeds" {
	supervised --ready='cmd:test -e up' -- sh -c 'sleep 0.3; touch up; exec sleep 600'
	is ready 0 svc
	stops svc
	why='false: failed with status 1' not_ready --ready=cmd:false -- sleep 600
	why='nothing has answered yet' not_ready --ready='cmd:sleep 30' -- sleep 600
}

@test "pidfile: one that detaches, by its pidfile or because it is left" {
	# initd: a classical daemon of ours; sh -c in its simplest form
	detach='( setsid sh -c "echo \$\$ >pid; exec sleep 600" & ) ; exit 0'
	for how in pidfile:"$scratch/pid" pidfile; do
		rm -f pid
		supervised --ready=$how -- sh -c "$detach"
		is ready 0 svc
		[[ $(<run/svc/pid) == "$(<pid)" ]]
		first=$(<pid)
		parent_is "$first" "$super"
		kill -KILL "$first"
		eventually 5 is_anew "$first"
		[[ $output == *'signal KILL'* ]] || told
		stops svc
		nothing_runs
	done
	why="$scratch/other: No such file or directory" \
	    not_ready --ready=pidfile:"$scratch/other" -- sh -c "$detach"
	run_fresh daemonize -n svc -r --ready=pidfile true
	expect_status 4
	dies_first --ready=pidfile -- sh -c 'sleep 0.1; exit 3'
}

@test "--keep-trying: 0 at the end of the first attempt, and on it goes" {
	run_fresh daemonize -n svc -c "$scratch" -R 0.2 --keep-trying \
	    sh -c 'echo >>runs; test -e go || exit 3; exec sleep 600'
	expect_status 0
	[[ $stderr == 'daemonize: ready: sh: ended with status 3 before it was ready: it is tried again' ]] || told
	remember "$(supervisor)"
	is backoff 1 svc
	touch go
	eventually 5 is ready 0 svc
	ctl stop svc
	rm go
	ctl start svc
	expect_status 0
	[[ -z $output && $stderr == 'daemonctl: start: svc: ended with status 3 before it was ready: it is tried again' ]] || told
	remember "$(supervisor)"
	ctl stop svc
	run_fresh daemonize -n other -R 10 --keep-trying nosuch
	expect_status 0
	[[ $stderr == 'daemonize: exec: nosuch: not found in PATH: it is tried again' ]] || told
	does 0 'other: stopped' stop other
}

@test "--before must succeed, before each start" {
	supervised --before 'echo >>before; test ! -e bad' -R 0.1 -- sh -c 'echo >>runs; exec sleep 600'
	has_lines 1 before
	touch bad
	kill -KILL "$(<run/svc/pid)"
	eventually 5 is backoff 1 svc
	eventually 5 not has_lines 1 before
	eventually 5 not has_lines 2 before
	started 1
	rm bad
	eventually 5 started 2
	stops svc
	touch bad
	run_fresh daemonize -n svc -c "$scratch" -r --before 'test ! -e bad' true
	expect_status 1
	[[ $stderr == 'daemonize: before: test ! -e bad: failed with status 1' ]] || told
	# a stop does not wait for it
	launch daemonize -n svc -c "$scratch" -r --before 'touch going; sleep 50' true
	eventually 5 test -e going
	kill -TERM "$launched"
	eventually 5 gone "$launched"
	nothing_runs
}

# is_alone: the hook has been, and the command is all that is left to wait for.
is_alone() { [[ -e hooked && $(<"/proc/$super/task/$super/children") == "$(<run/svc/pid) " ]]; }

descriptors() { find "/proc/$super/fd" -mindepth 1 | wc -l; }

has_descriptors() { [[ $(descriptors) == "$1" ]]; }

@test "what looks, prepares and ends leaves no descriptor behind" {
	supervised -R 0 --ready=cmd:true --before true --on-ready 'touch hooked' -- sleep 600
	eventually 5 is_alone
	were=$(descriptors)
	for n in {1..6}; do
		pid=$(<run/svc/pid)
		kill -KILL "$pid"
		eventually 5 is_anew "$pid"
	done
	rm hooked
	ctl restart svc
	expect_status 0
	eventually 5 is_alone
	eventually 5 has_descriptors "$were"
}

# bats test_tags=root
@test "notify: who drops privileges by itself is heard, others as that user are not" {
	root_only
	share_scratch
	chmod 755 run
	launch daemonize -n svc -c "$scratch" -r --ready=notify "$python" -c "$sender"'
import time
if os.fork() == 0:
	os.setuid(65534)
	tell("READY=1")
	os._exit(0)
os.wait()
open("address", "w").write(a)
while not os.path.exists("go"): time.sleep(0.01)
os.setuid(65534)
tell("READY=1")
time.sleep(600)'
	eventually 5 test -s address
	remember "$(supervisor)"
	NOTIFY_SOCKET=$(<address) as_nobody "$python" -c "$sender"'tell("READY=1")'
	is starting 0 svc
	touch go
	wait "$launched"
	is ready 0 svc
	stops svc
	nothing_runs
}

# bats test_tags=root
@test "as another user, under another root: the socket can be reached" {
	root_only
	needs systemd-notify
	share_scratch
	chmod 755 run
	supervised --ready=notify -u nobody -- sh -c 'systemd-notify --ready; exec sleep 600'
	[[ $(stat -c %U run/svc/notify) == nobody ]]
	is ready 0 svc
	stops svc
	chmod 700 run
	supervised --ready=notify -u nobody -- sh -c 'systemd-notify --ready; exec sleep 600'
	is ready 0 svc
	stops svc
	jail "$(command -v systemd-notify)" /bin/sh /bin/sleep
	supervised --ready=notify -u nobody -c / --root "$scratch/jail" -- \
	    sh -c "$(command -v systemd-notify) --ready; exec sleep 600"
	is ready 0 svc
}

# jail PROGRAM...: $scratch/jail has them, and all they load.
jail()
{
	local f
	for f in $({ printf '%s\n' "$@"; ldd "$@"; } | grep -o '^/[^ :]*$\|/[^ ]*[.]so[^ ]*' | sort -u); do
		mkdir -p "jail/${f%/*}"
		cp "$f" "jail/$f"
	done
}

@test "what is refused" {
	refusal() # MESSAGE ARG...
	{
		local why=$1
		shift
		run_fresh daemonize "$@" true
		expect_status 2
		[[ $stderr == "daemonize: option: $why" ]] || told
	}
	for how in fd:2 fd:10 fd:x notify:x pidfile: tcp:80 tcp:a:b:80 tcp: \
	    tcp:a:0 tcp:a:65536 tcp:[::1]:80x unix: cmd: cmd nosuch alive; do
		run_fresh daemonize -n svc -r --ready=$how true
		expect_status 2
	done
	refusal '--ready: of this kind only with -r or another of those marked * in --help' \
	    -n svc --ready=notify
	refusal '--before: only with -r or another of those marked * in --help' \
	    -n svc --before true
	refusal '--ready-timeout: only with --ready=notify, fd, pidfile, tcp, unix or cmd' \
	    -n svc -r --ready-timeout=3
	for bad in 0 x 10X -1 ''; do
		refusal "--max-memory: $bad: not a size (4096, 64K, 10M, 2G)" -n svc --max-memory="$bad"
	done
	run_fresh daemonize -F --max-memory=1M true
	expect_status 125
	[[ $stderr == 'daemonize: option: --max-memory: not with -F' ]] || told
	refusal '--watchdog: 0: not a time (500ms, 30s, 5m)' -n svc --watchdog=0
	refusal '-r: needs a name (-n), a pidfile (-p) or -F' --watchdog=1
}
