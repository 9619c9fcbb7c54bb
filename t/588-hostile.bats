#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# A supervised command that means ill: it delays nobody, and nothing of what
# it says outlives it.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised

sender='import os, socket, struct, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
a = os.environ["NOTIFY_SOCKET"]
s.connect("\0" + a[1:] if a[0] == "@" else a)
def tell(*lines): s.send("\n".join(lines).encode())
tell("READY=1")
'

# linger(): a socket whose last close waits for its peer, which stays.
lingering='
import array, os, socket, struct, sys, time
peers = []
def linger():
	l = socket.socket()
	l.bind(("127.0.0.1", 0))
	l.listen(5)
	c = socket.socket()
	c.connect(l.getsockname())
	peers.append(l.accept()[0])
	c.setblocking(False)
	try:
		while True: c.send(b"x" * 65536)
	except BlockingIOError: pass
	c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 1000))
	return c
'

# stops_soon: a stop is heard, though the command is at it.
stops_soon()
{
	elapsed ctl stop svc
	expect_status 0 && ((took < 4000)) && nothing_runs
}

@test "who talks without end keeps no stop waiting" {
	for what in 'RELOADING=1\nREADY=1' 'READY=1' 'STATUS=again' 'WATCHDOG=1' \
	    'EXTEND_TIMEOUT_USEC=1000'; do
		supervised --ready=notify --stop TERM/1/KILL/5 -- \
		    "$python" -c "$sender"'
what = sys.argv[1].replace("\\n", "\n").encode()
os.fork()
os.fork()
open("on", "w").close()
while True: s.send(what)' "$what"
		eventually 5 test -e on
		rm on
		stops_soon
	done
}

@test "nor who sends descriptors without end; of workers the others are reloaded" {
	for how in -r '-w 2'; do
		# shellcheck disable=SC2086
		supervised $how --ready=notify --stop TERM/1/KILL/5 -- "$python" -c "$sender"'
if os.environ.get("DAEMONIZE_WORKER", "0") != "0": time.sleep(600)
null = os.open("/dev/null", os.O_RDONLY)
open("on", "w").close()
while True:
	try: socket.send_fds(s, [b"FDSTORE=1"], [null] * 240)
	except OSError: time.sleep(0.001)'
		eventually 5 test -e on
		rm on
		[[ $how == -r ]] || {
			ctl reload svc
			expect_status 0
		}
		stops_soon
	done
}

# lingers WORDS: it sends a socket whose last close waits for its peer.
lingers()
{
	supervised --ready=notify --stop TERM/1/KILL/5 -- "$python" -c "$sender$lingering"'
for i in range(8):
	c = linger()
	s.sendmsg([sys.argv[1].encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
	    array.array("i", [c.fileno()]))])
	c.close()
open("on", "w").close()
time.sleep(600)' "$1"
	eventually 5 test -e on
	rm on
}

@test "nor who sends what takes its time to be closed" {
	lingers STATUS=here
	stops_soon
	lingers BARRIER=1
	stops_soon
	lingers $'FDSTORE=1\nFDNAME=x'
	stops_soon
}

@test "nor who sends more than fits" {
	(
		ulimit -n 64
		run_fresh daemonize -n svc -c "$scratch" -r --ready=notify \
		    --stop TERM/1/KILL/5 -- "$python" -c "$sender"'
'"$lingering"'
c = linger()
while not os.path.exists("go"): time.sleep(0.01)
null = os.open("/dev/null", os.O_RDONLY)
s.sendmsg([b"STATUS=here"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
    array.array("i", [null] * 252 + [c.fileno()]))])
c.close()
open("on", "w").close()
time.sleep(600)'
		expect_status 0
	)
	super=$(supervisor)
	remember "$super" "$(<run/svc/pid)"
	kill -STOP "$super" # it is to have the last of it
	touch go
	eventually 5 test -e on
	kill -CONT "$super"
	stops_soon
}

@test "nor who asks for something with a descriptor in hand" {
	supervised -- sleep 600
	for n in 1 2 3; do
		kill -STOP "$super" # it is to have the last of it
		"$python" -c '
'"$lingering"'
c = linger()
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect("run/svc/control")
s.sendmsg([b"junk"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
    array.array("i", [c.fileno()]))])
c.close()
open("on", "w").close()
time.sleep(20)' 3>&- & client=$!
		remember "$client"
		eventually 5 test -e on
		rm on
		kill -CONT "$super"
		elapsed ctl pause svc
		expect_status 0
		((took < 4000))
		ctl resume svc
		kill -KILL "$client"
	done
	stops_soon
}

@test "a watchdog of its own ends with the instance that asked for it" {
	supervised --ready=notify -- "$python" -c "$sender"'
if os.path.exists("once"): time.sleep(600)
while not os.path.exists("go"): time.sleep(0.01)
open("once", "w").close()
tell("WATCHDOG_USEC=200000")
time.sleep(600)'
	first=$(<run/svc/pid)
	touch go
	eventually 5 is_anew "$first"
	second=$(<run/svc/pid)
	not eventually 1 not alive "$second"
	[[ $output == *'signal ABRT, no sign of life in time'* ]] || told
}

@test "MAINPID is none of its supervisor's own" {
	supervised --ready=notify --on-ready 'sleep 1' -- "$python" -c "$sender"'
import glob
end = time.time() + 0.5
while time.time() < end:
	for stat in glob.glob("/proc/[0-9]*/stat"):
		try: words = open(stat).read().rpartition(")")[2].split()
		except OSError: continue
		if int(words[1]) == os.getppid():
			tell("MAINPID=" + stat.split("/")[2])
open("on", "w").write(str(os.getpid()))
time.sleep(600)'
	eventually 5 test -s on
	[[ $(<run/svc/pid) == "$(<on)" ]]
}

# bats test_tags=root
@test "MAINPID is nobody whom its user could not signal, or who is of an agent" {
	root_only
	share_scratch
	chmod 755 run
	mkdir -m 777 they
	cat >agent <<'END'
(setsid sh -c 'echo $$ >orphan; exec sleep 600' &)
exec sleep 600
END
	run_fresh daemonize -n svc -c "$scratch" -w 1 -u nobody --log=none --ready=notify --agent 'a=exec sh agent' \
	    -- "$python" -c "$sender"'
while not os.path.exists("orphan") or open("orphan").read() == "": time.sleep(0.01)
tell("MAINPID=" + open("orphan").read().strip())
r, w = os.pipe()
socket.send_fds(s, [b"BARRIER=1"], [w])
os.close(w)
os.read(r, 1) # all of it was heard
open("they/on", "w").write(str(os.getpid()))
time.sleep(600)'
	expect_status 0
	eventually 5 test -s they/on
	remember "$(<they/on)" "$(<orphan)" "$(supervisor)"
	[[ $(<run/svc/workers/0.1/pid) == "$(<they/on)" ]]
	stops svc
	nothing_runs
}

@test "a worker does not say that another is ready" {
	run_fresh daemonize -n svc -c "$scratch" -w 2 --log=none --ready=notify --ready-timeout=1s -- \
	    "$python" -c "${sender%tell*}"'
if os.environ["DAEMONIZE_WORKER"] == "1":
	o = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
	o.connect(a.replace("/1.1/", "/0.1/"))
	o.send(b"READY=1")
	tell("READY=1")
time.sleep(600)'
	expect_status 4
	[[ $stderr == *'not ready in time'*'READY=1 was not heard (messages of others, dropped: 1)'* ]] || told
	nothing_runs
}

@test "its last words are told, and no terminal obeys them" {
	run_fresh daemonize -n svc -r --ready=notify "$python" -c "${sender%tell*}"'
tell("STATUS=no \x1b[31mdatabase", "ERRNO=13")
sys.exit(1)'
	expect_status 4
	[[ $stderr == *'ended with status 1 before it was ready, it said: no '*'database, errno 13: Permission denied' ]] || told
	[[ $stderr != *$'\e'* ]]
	is failed 1 svc
	[[ $output == *'status 1, it said: no '*'database, errno 13: Permission denied'* ]] || told
}

# ticks: of CPU time, of the supervisor.
ticks() { awk '{ print $14 + $15 }' "/proc/$super/stat"; }

@test "what is sent while no main process lives wakes nobody for ever" {
	chmod 755 run 2>/dev/null || :
	run_fresh daemonize -n svc -r -R 20 --keep-trying --ready=notify -c "$scratch" false
	expect_status 0
	super=$(supervisor)
	remember "$super"
	is backoff 1 svc
	NOTIFY=$scratch/run/svc/notify "$python" -c 'import os, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
for n in range(5): s.sendto(b"STATUS=x", os.environ["NOTIFY"])'
	switches() { awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$super/status"; }
	still() {
		local was
		was=$(switches)$(ticks)
		read -r -t 0.5 <>"$never" || :
		[[ $(switches)$(ticks) == "$was" ]]
	}
	eventually 5 still
	does 0 'svc: stopped' stop svc
}
