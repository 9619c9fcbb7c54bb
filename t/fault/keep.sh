#!/bin/sh
# SPDX-License-Identifier: ISC
# keep.sh BUILD [ROUNDS]: a keeper is killed at each of its system calls, in
# turn with its supervisor, while the command writes numbered lines through
# rotations.  In the end every line is there, once, in order; there was one
# copy of the command, and both have always come back within a second.
# shellcheck disable=SC2016 # for others to expand
set -u
# shellcheck source=t/fault/service.sh
. "${0%/*}/service.sh"

build=$1 rounds=${2:-200}
[ -x "$build/t/fault-slay" ] || exit 2
work=$(mktemp -d)
export DAEMONIZE_RUNDIR="$work/run"
svc=$work/run/svc log=$work/log lines=700
trap '"$build/daemonctl" -q stop svc; rm -rf "$work"' EXIT

lives() { [ -n "$1" ] && ! gone "$1"; }
both_live() { lives "$(field supervisor)" && lives "$(field keeper)"; }
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
		super=$(field supervisor)
		kill -KILL "$super"
		until_ms 5000 gone "$super" || bad 'it cannot be killed'
		more
	else
		nth=$((nth % 120 + 1))
		: >"$work/slain"
		echo $((to += lines)) >"$work/to"
		"$build/t/fault-slay" "$nth" "$(field keeper)" sh -c \
		    'read -r to <"$1/to"; echo "$to" >"$1/more"
		    while ! [ -e "$1/done.$to" ]; do sleep 0.005; done; sleep 0.01' sh "$work" \
		    >/dev/null 2>&1 9>"$work/slain"
		[ -s "$work/slain" ] && reached=$((reached + 1))
	fi
	until_ms 1000 both_live || {
		bad "not both are there again: $(field supervisor), $(field keeper)"
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
