#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# The control socket, and those who do not keep to its rules: a supervisor
# waits for none of them.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised

setup()
{
	scratch_setup
	cd "$scratch" || return
	needs "$python"
}

# clients SCRIPT: python in the background, in the service's directory, with
# connect() to its supervisor; returns when the script has said there().
clients()
{
	rm -f there
	cat >clients.py - <<'END'
import os, socket, sys, time
os.chdir(os.environ["DAEMONIZE_RUNDIR"] + "/svc")
def connect():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.settimeout(5)
    while True:
        try:
            s.connect("control")
            return s
        except BlockingIOError:
            time.sleep(0.01)
def there():
    open(sys.argv[1], "x").close()
END
	printf '%s\n' "$1" >>clients.py
	launch "$python" clients.py "$scratch/there"
	eventually 10 test -e there || {
		cat "${python##*/}.err"
		return 1
	}
}

# obeys: people are heard, and a death is followed by a start at once.
obeys()
{
	local first
	elapsed ctl restart svc
	expect_status 0 || return
	((took < 5000)) || told "took $took ms" || return
	first=$(<run/svc/pid)
	kill -KILL "$first"
	eventually 5 is_anew "$first" || return
	[[ $(supervisor) == "$super" ]] && alive "$super"
}

# ends: it is stopped without delay, and once the clients are gone nothing is
# left.
ends()
{
	elapsed stops svc || return
	((took < 5000)) || told "took $took ms" || return
	eventually 5 gone "$super" || return
	is stopped 3 svc || return
	not test -e run/svc/control || return
	for pid in $(strays); do
		kill -KILL "$pid"
	done
	nothing_runs
}

# ticks: of processor time the supervisor has used.
ticks()
{
	local line
	read -r line <"/proc/$super/stat"
	read -r -a line <<<"${line##*) }"
	echo $((line[11] + line[12]))
}

@test "a hundred who connect and say nothing keep nobody waiting" {
	supervised -- sleep 600
	clients 'all = [connect() for i in range(100)]; there(); time.sleep(600)'
	obeys
	ends
}

@test "those who are silent cost no processor time" {
	supervised -- sleep 600
	clients 'all = [connect() for i in range(20)]; there(); time.sleep(600)'
	eventually 5 in_state "$super" S
	before=$(ticks)
	read -r -t 1 <>"$never" || :
	(($(ticks) - before < 5))
	ends
}

@test "few descriptors: it waits without processor time, and can stop" {
	(
		ulimit -Sn 13
		exec daemonize -n svc -r sleep 600
	) 3>&-
	super=$(supervisor)
	remember "$super" "$(<run/svc/pid)"
	eventually 5 in_state "$super" S
	before=$(ticks)
	read -r -t 1 <>"$never" || :
	(($(ticks) - before < 5))
	grep -q '^Max open files *13 ' "/proc/$(<run/svc/pid)/limits"
	ends
}

@test "without any it says that nothing runs, waits without processor time, and goes on" {
	needs prlimit
	supervised -R 0.1 -- sleep 600
	first=$(<run/svc/pid)
	prlimit --pid "$super" --nofile=3:
	kill -KILL "$first"
	eventually 5 is stopping 0 svc
	clients 'all = [connect() for i in range(5)]; there(); time.sleep(600)'
	before=$(ticks)
	read -r -t 1 <>"$never" || :
	(($(ticks) - before < 10))
	prlimit --pid "$super" --nofile=64:
	eventually 5 is_anew "$first"
	ends
}

@test "garbage is answered, and does nothing" {
	supervised -- sleep 600
	first=$(<run/svc/pid)
	clients '
for bad in (b"x", b"\0" * 50, b"daemonize 1 stop\0", b"daemonize 2 stop",
            b"daemonize 1 stop TERM/", b"daemonize 1 release x",
            b"daemonize 1 stop " + b"5/" * 600, b"daemonize 1 ",
            b"daemonize 1 stop" + b" " * 5000, bytes(range(1, 256)) * 100):
    s = connect()
    for again in range(2):
        s.send(bad)
        assert s.recv(4096) == b"daemonize 1 failed not understood", bad
there()'
	[[ $(<run/svc/pid) == "$first" ]]
	obeys
	ends
}

@test "packets without end, of eight at once, do not keep it from its work" {
	supervised -- sleep 600
	clients '
there()
for i in range(7):
    if os.fork() == 0:
        break
while True:
    try:
        s = connect()
        while True:
            s.send(b"daemonize 1 nonsense", socket.MSG_DONTWAIT)
            s.recv(4096)
    except FileNotFoundError:
        break
    except OSError:
        s.close()'
	obeys
	ends
}

@test "descriptors that are sent along are not kept" {
	supervised -- sleep 600
	clients '
s = connect()
for i in range(300):
    socket.send_fds(s, [b"x"], [0, 1, 2])
    s.recv(100)
there()
time.sleep(600)'
	(($(find "/proc/$super/fd" -type l | wc -l) < 30))
	obeys
	ends
}

@test "who was heard and disappears is obeyed all the same" {
	local hear='assert s.recv(100) == b"daemonize 1 heard"; s.close(); there()'
	supervised -- sleep 600
	first=$(<run/svc/pid)
	clients "s = connect(); s.send(b'daemonize 1 restart'); $hear"
	eventually 5 is_anew "$first"
	obeys
	clients "s = connect(); s.send(b'daemonize 1 stop'); $hear"
	eventually 5 is stopped 3 svc
	eventually 5 gone "$super"
	nothing_runs
}

@test "who asks and disappears at once harms nobody" {
	supervised -- sleep 600
	clients '
for i in range(500):
    s = connect()
    s.send(b"daemonize 1 start")
    s.close()
there()'
	obeys
	ends
}

@test "who asks and never reads is not waited for" {
	supervised -- sleep 600
	clients '
s = connect()
s.settimeout(0.3)
try:
    while True:
        s.send(b"daemonize 1 nonsense")
except OSError:
    pass
there()
time.sleep(600)'
	obeys
	ends
}

# bats test_tags=root
@test "another user may neither connect nor ask" {
	root_only "it becomes another user"
	needs setpriv
	share_scratch
	supervised -- sleep 600
	[[ $(stat -c %a run/svc/control) == 600 ]]
	chmod 755 run
	for verb in stop restart release; do
		run_fresh as_nobody daemonctl "$verb" svc
		expect_status 4
	done
	# and one that has come by a connection somehow
	chmod 755 run/svc
	chmod 666 run/svc/control
	cat >nobody.py <<'END'
import os, socket, sys
os.chdir(sys.argv[1])
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.settimeout(5)
s.connect("control")
try:
    s.send(b"daemonize 1 stop")
    print(s.recv(100))
except OSError:
    print("refused")
END
	chmod 644 nobody.py
	run_fresh as_nobody "$python" nobody.py "$scratch/run/svc"
	expect_status 0
	[[ $output == "b''" || $output == refused ]] || told
	obeys
	ends
}

@test "a supervisor that is stopped is named after 5 s; continued, it obeys" {
	supervised -- sleep 600
	first=$(<run/svc/pid)
	kill -STOP "$super"
	elapsed refuses 4 \
	    "stop: svc: its supervisor, pid $super, has not answered for 5 s" \
	    stop svc
	((took >= 4900 && took < 8000))
	is ready 0 svc
	alive "$first"
	kill -CONT "$super"
	ctl stop svc
	expect_status 0
	eventually 5 gone "$super"
	is stopped 3 svc
	nothing_runs
}

@test "it is the same if its queue is full; who waits in it gets in later" {
	supervised -- sleep 600
	kill -STOP "$super"
	clients '
all = []
try:
    while True:
        s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        s.setblocking(False)
        s.connect("control")
        all.append(s)
except BlockingIOError:
    pass
there()
time.sleep(600)'
	elapsed refuses 4 \
	    "restart: svc: its supervisor, pid $super, has not answered for 5 s" \
	    restart svc
	((took >= 4900 && took < 8000))
	kill -CONT "$super"
	obeys
	ends
}

@test "of many restarts at once each is heard, and all come to an end" {
	supervised -- sleep 600
	at_once 24 restart svc
	for i in {1..24}; do
		eventually 30 gone "${all[i]}"
		wait "${all[i]}"
		[[ $(<"told$i") == "svc: running, pid "* ]]
	done
	is ready 0 svc
	# One is done for all that come before it is; who waited meanwhile asks
	# for no other.
	(($(record run/svc/public restarts) <= 24))
	ends
}

# has_socket PID: it has asked.
has_socket() { find "/proc/$1/fd" -lname 'socket:*' 2>/dev/null | grep -q .; }

@test "a stop is not undone by restarts that came before it, however many" {
	run_fresh daemonize -n svc -r --ready=alive:8s sleep 600
	super=$(supervisor)
	remember "$super" "$(<run/svc/pid)"
	at_once 20 restart svc
	for i in {1..20}; do
		eventually 10 has_socket "${all[i]}"
	done
	read -r -t 0.5 <>"$never" || :
	is starting 0 svc
	ctl stop svc
	expect_status 0
	for i in {1..20}; do
		wait "${all[i]}" && told "it ran" && return 1
		[[ $(<"told$i") == "daemonctl: restart: svc: was stopped meanwhile" ]]
	done
	is stopped 3 svc
	nothing_runs
}
