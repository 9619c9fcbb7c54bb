#!/bin/sh
# SPDX-License-Identifier: ISC
# faults.sh BUILD STEP: each STEPth call of a recorded supervisor in the
# foreground fails, and so do all of its name that follow (once: supervise.sh
# of t/fault): it ends in time, truthfully, and nobody is left.
# shellcheck source=t/soak/soak.sh disable=SC2015 # bad, cannot: no else
. "${0%/*}/soak.sh"

command="daemonize -F -n svc -r --ready exec --max-restarts 1/1h -q /bin/sh -c"
fault calls >"$work/calls"
# Of the supervisor itself, once it is one; of what can last.
# shellcheck disable=SC2086 # words
fault points $command 'exit 3' 2>/dev/null |
    awk -v step="$count" '
	NR == FNR { for (i = 2; i <= NF; i++) if ($i ~ /^E/) errors[$1] = errors[$1] " " $i; next }
	$2 == "signalfd4" && $1 == "0" { runs = 1 }
	!runs || $1 != "0" { next }
	{
		n = split(errors[$2], what)
		for (i = 1; i <= n; i++)
			if ($2 !~ /^(close|read|wait4|waitid)$/ && what[i] != "EINTR" && k++ % step == 0)
				print $1 ":" $2 ":" $3 "=" what[i] "+"
	}' "$work/calls" - >"$work/faults"
while read -r struck; do
	# shellcheck disable=SC2086 # words
	said=$(timeout 20 fault inject "$struck" $command 'exit 3' 2>&1 | tail -n 1)
	case $said in
	*"struck 0,"*) ;;
	*"exit 3, struck "*", alive 0" | *"exit 12"[567]", struck "*", alive 0") ;;
	*) bad "$struck: ${said:-hangs}" ;;
	esac
	until_s 5 nobody || bad "$struck: left: $(ps -e -o pid=,args=)"
done <"$work/faults"
tried=$(wc -l <"$work/faults")
[ "$tried" -gt 0 ] || bad 'no points'
verdict "$tried" 'faults that last'
