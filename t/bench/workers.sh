#!/bin/sh
# SPDX-License-Identifier: ISC
# workers.sh BUILD [LEAN]: how long it takes to start N workers, to put a new
# generation in their place, and to stop them; and what their master keeps of
# memory.  N=N; ROUNDS=N.  Contenders take turns; what is said is the median.
# nginx's workers do not execute a program, ours do; and its own reload does
# not wait for anybody to be ready.  It has 1024 places for old and new ones.
set -u
build=$(cd "$1" && pwd) lean=
[ $# -lt 2 ] || [ ! -d "$2" ] || lean=$(cd "$2" && pwd)
n=${N:-1000} rounds=${ROUNDS:-5}
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
PATH=$PATH:/usr/sbin

contenders="daemonize *;$build"
[ ! -x "$build/t/unit/crew" ] || contenders="$contenders
daemon_master() *;master"
[ -z "$lean" ] || contenders="$contenders
daemonize, lean *;$lean"
command -v nginx >/dev/null && [ "$n" -le 500 ] && contenders="nginx;nginx
$contenders"

# ms: the steady clock.
ms() { awk '{ printf "%.0f\n", $1 * 1000 }' /proc/uptime; }

# kids PID: how many children it has.
kids() { wc -w <"/proc/$1/task/$1/children" 2>/dev/null || echo 0; }

# private PID: kB.
private() { awk '/^Private/ { n += $2 } END { print n }' "/proc/$1/smaps_rollup"; }

# until CONDITION...
until_it() { until "$@"; do sleep 0.005; done; }

has_kids() { [ "$(kids "$1")" -eq "$2" ]; }
is_gone() { ! [ -e "/proc/$1" ]; }

# Of the first N children none is left, and there are N.
renewed() {
	has_kids "$1" "$n" && ! tr ' ' '\n' <"/proc/$1/task/$1/children" |
	    grep -qxF -f "$2"
}

# Each prints "START RELOAD STOP PRIVATE".
nginx_round() {
	dir=$1
	cat >"$dir/conf" <<END
worker_processes $n;
pid $dir/pid;
error_log /dev/null;
events { worker_connections 16; }
http { access_log off; server { listen unix:$dir/sock; } }
END
	a=$(ms)
	nginx -p "$dir" -c "$dir/conf" 2>/dev/null
	until_it test -s "$dir/pid"
	master=$(cat "$dir/pid")
	until_it has_kids "$master" "$n"
	b=$(ms)
	tr ' ' '\n' <"/proc/$master/task/$master/children" | grep . >"$dir/old"
	kill -HUP "$master"
	until_it renewed "$master" "$dir/old"
	c=$(ms) kept=$(private "$master")
	kill -TERM "$master"
	until_it is_gone "$master"
	echo "$((b - a)) $((c - b)) $(($(ms) - c)) $kept"
}

# rolled BEGUN BIN: what has started is reloaded and stopped.
rolled() {
	b=$(ms)
	"$2/daemonctl" -q reload b
	c=$(ms) kept=$(private "$(cat "$dir/run/b/pid")")
	"$2/daemonctl" -q stop b
	echo "$((b - $1)) $((c - b)) $(($(ms) - c)) $kept"
}

our_round() {
	dir=$1 bin=$2
	mkdir "$dir/run"
	export DAEMONIZE_RUNDIR="$dir/run"
	a=$(ms)
	"$bin/daemonize" -n b -q -w "$n" --log=none --ready=exec --reload=batch \
	    sleep 9999
	rolled "$a" "$bin"
}

# A C program that is its own master: its workers are functions.
master_round() {
	dir=$1
	mkdir "$dir/run"
	export DAEMONIZE_RUNDIR="$dir/run"
	echo text >"$dir/text"
	a=$(ms)
	(cd "$dir" && exec "$build/t/unit/crew" workers="$n" name=b batch=1) >/dev/null 2>&1 &
	until_it grep -qsx ready "$dir/events"
	rolled "$a" "$build"
}

# median COLUMN FILE
median() {
	cut -d ' ' -f "$1" "$2" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

printf '\nI. %d workers: started, all replaced, stopped, each in ms; the master'"'"'s private memory in kB\n\n' "$n"
i=0
while [ $((i += 1)) -le "$rounds" ]; do
	echo "$contenders" | while IFS=';' read -r name what; do
		dir=$(mktemp -d "$work/XXXXXX")
		case $what in
		nginx | master) "${what}_round" "$dir" ;;
		*) our_round "$dir" "$what" ;;
		esac </dev/null >>"$work/$name"
		rm -rf "$dir"
	done
done
printf '%-20s %8s %8s %8s %8s\n' '' start reload stop private
echo "$contenders" | while IFS=';' read -r name what; do
	printf '%-20s %8s %8s %8s %8s\n' "$name" "$(median 1 "$work/$name")" \
	    "$(median 2 "$work/$name")" "$(median 3 "$work/$name")" \
	    "$(median 4 "$work/$name")"
done
