#!/bin/sh
# SPDX-License-Identifier: ISC
# adopt.sh BUILD [STEP [SCENARIO...]]: a supervisor in the background is killed
# at each STEPth of its system calls.  Whatever it was doing, no second copy of
# the command may ever run; what ran runs on; daemonctl adopt goes on where it
# left off; daemonctl stop ends everything, and leaves the record.
set -u
# shellcheck source=t/fault/service.sh
. "${0%/*}/service.sh"

scenarios='restart death backoff stop release adopt revive start'

# Only what we try carries the mark; we ourselves stay out of its directory.
marked() { env FAULT_ROUND="$round" DAEMONIZE_RUNDIR="$round/run" "$@"; }
ctl() { marked "$build/daemonctl" "$@"; }

# grouped: the cgroup it has now is to be gone in the end.
grouped() { of state cgroup >>"$groups"; }

# begin [CMD...]: the service, by CMD.  The command holds a lock; whoever
# cannot have it ends with status 99.
begin() {
	marked "$@" "$build/daemonize" -n svc -c "$round" -r --log=none \
	    --stop TERM/5/KILL/5 -- flock -n -E 99 -F lock sleep 600
}

is() { [ "$(ctl status --json svc | sed -n 's/.*"state": "\([^"]*\)".*/\1/p')" = "$1" ]; }
is_another() {
	now=$(cat "$svc/pid" 2>/dev/null)
	[ -n "$now" ] && [ "$now" != "$1" ] && is ready
}

# ours: who carries our mark or holds a file of ours, but for us.
ours() {
	{
		grep -slzxF "FAULT_ROUND=$round" /proc/[0-9]*/environ
		find /proc/[0-9]*/cwd /proc/[0-9]*/fd -maxdepth 1 \
		    \( -lname "$round" -o -lname "$round/*" \) 2>/dev/null
	} | sed 's|^/proc/\([0-9]*\)/.*|\1|' | sort -u |
	    while read -r pid; do
		gone "$pid" || echo "$pid"
	done
}
nobody() { [ -z "$(ours)" ]; }

bad() { echo "$scenario at $nth${struck:+ ($struck)}: $*"; }

# slay WHO COMMAND...: its status; what was struck is in $slain.
slay() {
	marked "$build/t/fault-slay" "$nth" "$@" >"$out" 2>&1 9>"$slain" 3>&-
}

prepare() {
	[ "$scenario" = start ] && return
	begin || return
	pid=$(cat "$svc/pid") super=$(field supervisor)
	case $scenario in
	backoff)
		for _ in 1 2; do
			kill -KILL "$pid"
			until_ms 5000 is_another "$pid" || return
			pid=$(cat "$svc/pid")
		done
		;;
	adopt | revive)
		kill -KILL "$super"
		until_ms 5000 gone "$super" || return
		[ "$scenario" = adopt ] && return
		kill -KILL "$pid"
		until_ms 5000 gone "$pid"
		;;
	esac
}
strike() {
	case $scenario in
	restart | stop | release)
		slay "$super" "$build/daemonctl" "$scenario" svc
		;;
	death | backoff) slay "$super" sh -c "kill -KILL $pid; sleep 0.1" ;;
	adopt | revive) slay daemonize-supervisor "$build/daemonctl" adopt svc ;;
	start)
		begin "$build/t/fault-slay" "$nth" daemonize-supervisor \
		    >"$out" 2>&1 9>"$slain" 3>&-
		;;
	esac
}

# adopted: it is watched over, and ready.
adopted() {
	ctl adopt svc >"$out" 2>&1 || {
		bad "adopt failed ($?): $(cat "$out")"
		return
	}
	until_ms 8000 is ready ||
	    bad "not ready: $(ctl status svc 2>&1 | head -n 2 | tr '\n' ' ')," \
	        "after $status: $said"
	super=$(field supervisor)
	gone "${super:-0}" && bad 'adopted, and nobody watches over it'
}

# same: it has not been touched.
same() {
	gone "$pid" || [ "$(cat "$svc/pid" 2>/dev/null)" != "$pid" ] &&
	    bad "the command did not run on"
}

judge() {
	said=$(cat "$out")
	case $scenario in
	restart | death | backoff) adopted ;;
	revive) adopted ;;
	release | adopt)
		same
		adopted
		same
		;;
	stop)
		[ "$status" = 0 ] || bad "stop failed ($status): $said"
		until_ms 2000 nobody || bad "stopped, and alive: $(words)"
		ctl adopt svc >"$out" 2>&1 || bad "adopt: $(cat "$out")"
		nobody || bad "adopted what was stopped: $(cat "$out"), $(words)"
		;;
	start)
		case $status in
		0) adopted ;;
		1 | 126) # while it was loaded
			until_ms 2000 nobody || bad "failed, and alive: $(words)"
			[ -n "$said" ] || bad 'failed without a word'
			;;
		*) bad "start failed ($status): $said" ;;
		esac
		;;
	esac
}

words() { ours | xargs -r ps -o pid=,state=,args= -p | tr '\n' ';'; }

# over: everything is, and only the record is left.
over() {
	ctl stop svc >"$out" 2>&1 || bad "stop failed ($?): $(cat "$out")"
	until_ms 2000 nobody || bad "stopped, and alive: $(words)"
	ctl status svc >"$out" 2>&1
	case $scenario:$? in
	*:3 | start:1) ;;
	*) bad "stopped, and status says $(cat "$out")" ;;
	esac
}

clean() {
	what=$(cd "$round" && find run -type f -o -type s -o -type p -o -type l | sort | tr '\n' ' ')
	[ "${what#run/svc/events }" = "run/svc/lock run/svc/public run/svc/state " ] ||
	    bad "left: $what"
	what=$(xargs -r ls -d <"$groups" 2>/dev/null)
	[ -z "$what" ] || bad "left: $what"
}

discard() {
	ours | xargs -r kill -KILL
	until_ms 2000 nobody
	xargs -r rmdir <"$groups"
	rm -rf "$round" "$out" "$slain" "$groups"
}

# round SCENARIO NTH: in a directory of its own.
if [ "$1" = round ]; then
	build=$2 scenario=$3 nth=$4 struck=
	round=$(mktemp -d) && cd / || exit 125
	svc=$round/run/svc out=$round.out slain=$round.slain groups=$round.groups
	trap 'discard 2>/dev/null' EXIT
	mkdir -m 700 "$round/run"
	if ! prepare >"$out" 2>&1; then
		bad "could not be tried: $(cat "$out")"
		exit 0
	fi
	grouped
	strike
	status=$?
	grouped
	[ "$nth" = 0 ] && cat "$slain" && exit 0
	struck=$(sed -n 's/^struck //p' "$slain")
	[ -n "$struck" ] || exit 0 # it takes a call more or less, at times
	judge
	over
	# What a start and a stop leave behind is what this one may leave.
	begin >"$out" 2>&1 || bad "no start after it: $(cat "$out")"
	grouped
	over
	clean
	# A status 99 is a second copy.
	! grep -q 'status 99' "$svc/public" || bad 'two copies at once'
	exit 0
fi

# Should a killed supervisor's child take pid 1 for it, let it be nobody's.
if [ "$$" != 1 ] && [ "$(id -u)" = 0 ]; then
	exec unshare --pid --fork --kill-child --mount-proc sh "$0" "$@"
fi
self=$(cd "${0%/*}" && pwd)/adopt.sh
build=$(cd "$1" && pwd) && shift
step=${1:-1}
[ $# -eq 0 ] || shift
[ $# -eq 0 ] || scenarios=$*
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for scenario in $scenarios; do
	sh "$self" round "$build" "$scenario" 0 >"$work/calls"
	points=$(wc -l <"$work/calls")
	seq 1 "$step" "$points" >"$work/nth"
	xargs -P 4 -I{} sh "$self" round "$build" "$scenario" {} \
	    <"$work/nth" >"$work/bad" || failed=1
	cat "$work/bad"
	echo "killed in \"$scenario\": $(wc -l <"$work/nth") of $points points," \
	    "$(wc -l <"$work/bad") violations"
	[ "$points" -gt 5 ] && [ ! -s "$work/bad" ] || failed=1
done
[ -z "${failed:-}" ]
