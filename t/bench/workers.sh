#!/bin/sh
# SPDX-License-Identifier: ISC
# workers.sh BUILD [LEAN]: how long it takes to start N workers, to put a new
# generation in their place, to go down to half of them and back, and to stop
# them; and what their master keeps of memory.  N=N; ROUNDS=N.  Contenders
# take turns; what is said is the median.  nginx's workers do not execute a
# program, ours do; its own reload does not wait for anybody to be ready, and
# scaling is two reloads.  It has 1024 places for old and new ones.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=t/bench/masters.sh
. "$here/masters.sh"
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

# private PID: kB.
private() { awk '/^Private/ { n += $2 } END { print n }' "/proc/$1/smaps_rollup"; }

# nginx_conf N
nginx_conf() {
	cat >"$dir/conf" <<END
worker_processes $1;
pid $dir/pid;
error_log /dev/null;
events { worker_connections 16; }
http { access_log off; server { listen unix:$dir/sock; } }
END
}

# Each prints "START RELOAD SCALE STOP PRIVATE".
nginx_round() {
	nginx_conf "$n"
	a=$(ms)
	nginx -p "$dir" -c "$dir/conf" 2>/dev/null
	until_it test -s "$dir/pid"
	master=$(cat "$dir/pid")
	until_it has_kids "$master" "$n"
	b=$(ms)
	hup "$master" "$n"
	c=$(ms) kept=$(private "$master")
	nginx_conf $((n / 2))
	hup "$master" $((n / 2))
	nginx_conf "$n"
	hup "$master" "$n"
	d=$(ms)
	kill -TERM "$master"
	until_it is_gone "$master"
	echo "$((b - a)) $((c - b)) $((d - c)) $(($(ms) - d)) $kept"
}

# rolled BEGUN BIN: what has started is reloaded, scaled and stopped.
rolled() {
	b=$(ms)
	"$2/daemonctl" -q reload b
	c=$(ms) kept=$(private "$(cat "$dir/run/b/pid")")
	"$2/daemonctl" -q scale b $((n / 2))
	"$2/daemonctl" -q scale b "$n"
	d=$(ms)
	"$2/daemonctl" -q stop b
	echo "$((b - $1)) $((c - b)) $((d - c)) $(($(ms) - d)) $kept"
}

our_round() {
	a=$(ms)
	"$1/daemonize" -n b -q -w "$n" --log=none --ready=exec --reload=batch \
	    sleep 9999
	rolled "$a" "$1"
}

# A C program that is its own master: its workers are functions.
master_round() {
	echo text >"$dir/text"
	a=$(ms)
	(cd "$dir" && exec "$build/t/unit/crew" workers="$n" name=b batch=1) >/dev/null 2>&1 &
	until_it grep -qsx ready "$dir/events"
	rolled "$a" "$build"
}

round() {
	case $1 in
	nginx | master) "${1}_round" ;;
	*) our_round "$1" ;;
	esac
}

printf '\nI. %d workers: started, all replaced, half and back, stopped, each in ms; the master'"'"'s private memory in kB\n\n' "$n"
take_turns "$rounds" "$work"
printf '%-20s %8s %8s %8s %8s %8s\n' '' start reload scale stop private
echo "$contenders" | while IFS=';' read -r name what; do
	printf '%-20s' "$name"
	for column in 1 2 3 4 5; do printf ' %8s' "$(median $column "$work/$name")"; done
	echo
done
