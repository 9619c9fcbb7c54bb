# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2009,SC2034 # pgrep is not everywhere; theirs
# What the soaks share.  Each is NAME.sh BUILD COUNT, sources this, tries
# COUNT rounds, and ends with `verdict`: one line, status 0 without violations.
# Each runs in a pid and mount namespace of its own (run.sh): whatever goes
# wrong must not take the machine for its tree.
set -u
build=$(cd "$1" && pwd) || exit 125
count=$2
soak=$(basename "$0" .sh)
[ "$$" = 1 ] || {
	echo "$soak: run it by run.sh" >&2
	exit 125
}
PATH=$build:$build/t:$build/t/soak:$PATH
work=$(mktemp -d)
DAEMONIZE_RUNDIR=$work/run
export PATH DAEMONIZE_RUNDIR
mkdir -m 700 "$work/run"
svc=$work/run/svc out=$work/out
: >"$work/bad"
begun=$(date +%s)
groups=
trap 'clear_away' EXIT

clear_away() {
	kill -KILL -1 2>/dev/null
	for group in $groups; do
		[ ! -e "$group/freezer.state" ] || echo THAWED >"$group/freezer.state"
		until_s 5 rmdir "$group"
	done 2>/dev/null
	rm -rf "$work"
}

bad() { echo "$soak: $*" | tee -a "$work/bad"; }

# verdict N WHAT [FIGURES]
verdict() {
	n=$(wc -l <"$work/bad")
	echo "$soak: $1 $2, $n violations${3:+; $3} ($(($(date +%s) - begun)) s)"
	[ "$n" = 0 ]
	exit
}
# cannot WHY: this machine does not let us.
cannot() {
	echo "$soak: not tried: $*"
	exit 0
}

# until_s SECONDS COMMAND...
until_s() {
	left=$(($1 * 50)) && shift
	while ! "$@"; do
		[ $((left -= 1)) -ge 0 ] || return 1
		sleep 0.02
	done
}

ms() { echo $(($(date +%s%N) / 1000000)); }

# supervised ARG...: daemonize -n svc ARG...; $super is its supervisor.
supervised() {
	daemonize -n svc "$@" >"$out" 2>&1
	rc=$?
	super=$(field supervisor)
	return "$rc"
}

# field KEY: of the record.
field() {
	awk -v key="$1" 'found { print; exit } $1 == key && NF == 2 { found = 1 }' \
	    "$svc/public" 2>/dev/null
}
# known KEY: what status --json says of it; of equal keys the first.
known() {
	daemonctl status --json svc 2>/dev/null |
	    grep -o "\"$1\": \"*[^\",}]*" | sed -n '1s/.*: "*//p'
}
is() { [ "$(known state)" = "$1" ]; }
now() { cat "$svc/pid" 2>/dev/null; }
is_another() { [ -n "$(now)" ] && [ "$(now)" != "$1" ] && is ready; }
gone() { case $(ps -o state= -p "$1" 2>/dev/null) in "" | Z*) ;; *) false ;; esac; }

zombies() { ps -o state= --ppid "$1" 2>/dev/null | grep -c Z; }
descriptors() { find "/proc/$1/fd" -type l 2>/dev/null | wc -l; }
anonymous() { sed -n 's/^Anonymous: *\([0-9]*\) kB/\1/p' "/proc/$1/smaps_rollup" 2>/dev/null; }

# watched: the supervisor lives.
watched() { ! gone "$super" || bad "${1:-}: the supervisor has ended"; }

# ends: stop succeeds, and only we are left.
ends() {
	timeout 20 daemonctl stop svc >"$out" 2>&1 ||
	    bad "stop failed ($?): $(cat "$out")"
	nobody_left
}
# nobody_left: of our namespace only we are; what came to us is reaped by the wait.
nobody() {
	set -- /proc/[0-9]*
	[ $# -eq 1 ]
}
nobody_left() {
	until_s 5 nobody || bad "left: $(ps -e -o pid=,state=,args= | grep -v '^ *1 ' | head -n 9 | tr '\n' ';')"
}
