#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What `make demo` shows: a web server that knows nothing of daemons becomes
# one, answers, is looked at, and is stopped.  Works in a directory of its own
# and leaves nothing behind; any failure is the exit status.
set -eu
PATH=${BUILD:?is where the programs are}:$PATH
scratch=$(mktemp -d)
export DAEMONIZE_RUNDIR="$scratch/run"
mkdir -m 700 "$DAEMONIZE_RUNDIR"

leave() {
	status=$?
	trap - EXIT
	daemonctl stop -q --all || status=1
	rm -rf "$scratch"
	exit "$status"
}
trap leave EXIT
trap 'exit 1' HUP INT TERM

show() {
	printf '\n$ %s\n' "$*"
	"$@"
}

# A port nobody listens on.
free_port() {
	python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# The server listens a moment after it was executed.
fetch() {
	python3 - "$1" <<'PY'
import sys, time, urllib.request
end = time.monotonic() + 10
while True:
    try:
        print(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode(), end="")
        break
    except OSError:
        if time.monotonic() > end:
            raise
        time.sleep(0.05)
PY
}

cd "$scratch"
if command -v python3 >/dev/null; then
	echo 'Hello from a daemon.' >index.txt
	port=$(free_port)
	show daemonize -n demo -c "$scratch" -o log -e log --ready=alive:0.2s \
	    python3 -m http.server --bind 127.0.0.1 "$port"
	show fetch "http://127.0.0.1:$port/index.txt"
else
	show daemonize -n demo -c "$scratch" --ready=alive:0.2s sleep 600
fi
show daemonctl
show daemonctl status demo
pid=$(cat "$DAEMONIZE_RUNDIR/demo/pid")
show daemonctl stop demo
case $(cat "/proc/$pid/stat" 2>/dev/null) in
'' | *') Z '*) ;; # what nobody has reaped yet is dead all the same
*)
	echo "demo: pid $pid is still there" >&2
	exit 1
	;;
esac
show daemonctl status demo || [ $? = 3 ]
show daemonctl forget demo
