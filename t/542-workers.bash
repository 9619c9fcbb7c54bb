# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034,SC2154
#
# What the tests of workers share; `load 542-workers` after 546-keeper.

# works ARG... -- TEXT...: svc has workers, probes that serve at 127.0.0.1:$port.
works()
{
	port=$(free_port)
	logged=${logged---log=$scratch/log} supervised --listen "127.0.0.1:$port" \
	    --ready=alive:50ms "$@" || return
	keep_in_mind
}

# keep_in_mind: who runs now.
keep_in_mind()
{
	local pid
	for pid in $(pids); do remember "$pid"; done
	remember "$(supervisor)" "$(keeper)"
}

# workers FILTER: of status --json.
workers()
{
	daemonctl status --json svc | "$python" -c '
import json, sys
s = json.load(sys.stdin)
print(*eval(sys.argv[1], {"s": s, "w": s["workers"]}))' "$1"
}

pids() { workers '[x["pid"] for x in w if x["pid"]]'; }

# pid_of WORKER
pid_of() { workers "[x['pid'] for x in w if x['worker'] == $1]"; }

generations() { workers 'sorted({x["generation"] for x in w})'; }

# says TEXT: what somebody answers to it.
says()
{
	"$python" -c '
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
s.sendall(sys.argv[2].encode() + b"\n")
print(s.recv(999).decode())' "$port" "$1"
}

# asked_for SECONDS: asks by four at once; how many of how many got no answer.
asked_for()
{
	"$python" -c '
import socket, sys, threading, time
port, end = int(sys.argv[1]), time.time() + float(sys.argv[2])
bad, n, lock = [], [0], threading.Lock()
def ask(i):
	while time.time() < end:
		try:
			s = socket.create_connection(("127.0.0.1", port), 10)
			s.sendall(b"slow %d\n" % (n[0] % 3))
			a = s.recv(999)
			s.close()
			if not a: raise OSError("no answer")
		except OSError as e:
			with lock: bad.append(str(e))
		with lock: n[0] += 1
t = [threading.Thread(target=ask, args=(i,)) for i in range(4)]
[x.start() for x in t]; [x.join() for x in t]
assert n[0] > 100, n
print(len(bad), n[0], *bad[:3])' "$port" "$1"
}
