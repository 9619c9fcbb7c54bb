#!/bin/sh
# SPDX-License-Identifier: ISC
# keep.sh BUILD [ROUNDS]: a keeper is killed at each of its system calls, in
# turn with its supervisor, while the command writes numbered lines through
# rotations.  In the end every line is there, once, in order; there was one
# copy of the command, and both have always come back within a second.
# shellcheck disable=SC2016 # for others to expand
set -u

build=$1 rounds=${2:-200}
[ -x "$build/t/fault-slay" ] || exit 2
work=$(mktemp -d)
export DAEMONIZE_RUNDIR="$work/run"
svc=$work/run/svc log=$work/log lines=700
trap '"$build/daemonctl" -q stop svc; rm -rf "$work"' EXIT

# of KEY: of its record, "" if there is none.
of() {
	awk -v key="$1" 'found { print; exit } $1 == key && NF == 2 { found = 1 }' \
	    "$svc/public" 2>/dev/null
}
gone() { case $(ps -o state= -p "$1" 2>/dev/null) in "" | Z*) ;; *) false ;; esac }
lives() { [ -n "$1" ] && ! gone "$1"; }

# until_ms MS COMMAND...
until_ms() {
	left=$(($1 / 10)) && shift
	while ! "$@"; do
		[ $((left -= 1)) -ge 0 ] || return 1
		sleep 0.01
	done
}
both_live() { lives "$(of supervisor)" && lives "$(of keeper)"; }
bad() { echo "round $round: $*" && violations=$((violations + 1)); }

# more: as many lines as there were each time, and it has written them.
more() {
	to=$((to + lines))
	echo "$to" >"$work/more"
	until_ms 5000 test -e "$work/done.$to" || bad "it does not write"
}

round=0 to=0 violations=0 nth=0 reached=0
mkfifo "$work/more"
"$build/daemonize" -n svc -c "$work" -r --log="$log" --log-size=2000 \
    --log-files=9999 -- sh -c 'n=0; while :; do
	read -r to <more || continue
	seq $((n + 1)) "$to"; n=$to; : >"done.$to"; done' || exit 1
pid=$(cat "$svc/pid")
while [ $((round += 1)) -le "$rounds" ]; do
	if [ $((round % 2)) = 0 ]; then
		super=$(of supervisor)
		kill -KILL "$super"
		until_ms 5000 gone "$super" || bad 'it cannot be killed'
		more
	else
		nth=$((nth % 120 + 1))
		: >"$work/slain"
		echo $((to += lines)) >"$work/to"
		"$build/t/fault-slay" "$nth" "$(of keeper)" sh -c \
		    'read -r to <"$1/to"; echo "$to" >"$1/more"
		    while ! [ -e "$1/done.$to" ]; do sleep 0.005; done; sleep 0.01' sh "$work" \
		    >/dev/null 2>&1 9>"$work/slain"
		[ -s "$work/slain" ] && reached=$((reached + 1))
	fi
	until_ms 1000 both_live || {
		bad "not both are there again: $(of supervisor), $(of keeper)"
		break
	}
done
[ "$(cat "$svc/pid")" = "$pid" ] || bad 'it is another copy'
lives "$pid" || bad 'it has died'
"$build/daemonctl" -q stop svc || bad 'it cannot be stopped'
k=0
while [ -e "$log.$((k + 1))" ]; do k=$((k + 1)); done
while [ "$k" -gt 0 ]; do cat "$log.$k" && k=$((k - 1)); done >"$work/all"
cat "$log" >>"$work/all"
seq "$to" >"$work/should"
cmp -s "$work/all" "$work/should" ||
    bad "not every line is there once:" "$(diff "$work/should" "$work/all" | head -n 3 | tr '\n' ' ')"
echo "keeper: killed at $reached calls, supervisor $((rounds / 2)) times," \
    "$to lines, $violations violations"
[ "$violations" = 0 ] && [ "$reached" -gt 0 ]
