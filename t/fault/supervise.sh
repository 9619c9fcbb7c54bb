#!/bin/sh
# SPDX-License-Identifier: ISC
# supervise.sh BUILD [STEP]: each STEPth fault, met once, of a supervisor in
# the foreground, its instances and its stoppers.  Whatever is struck, it has
# to end, with the command's status or one of its own, and with nobody left.
set -u
build=$1 step=${2:-1}
fault=$build/t/fault
command="$build/daemonize -F -r --ready exec --max-restarts 1/1h -q /bin/sh -c"

# judge SCRIPT FAULT
if [ "$1" = judge ]; then
	build=$2
	command="$build/daemonize -F -r --ready exec --max-restarts 1/1h -q /bin/sh -c"
	# shellcheck disable=SC2086 # words
	said=$("$build/t/fault" inject "$4" $command "$3" 2>&1 </dev/null | tail -n 1)
	case $4:$said in
	*"struck 0,"*) ;;
	0:*KILL*"exit 137, struck 1, alive"*) ;;
	*KILL*"exit 137, struck 1, alive 0") ;;
	*"exit 3, struck 1, alive 0" | *"exit 12"[567]", struck 1, alive 0") ;;
	*TERM*"exit "[01]", struck 1, alive 0") ;;
	0:*TERM*"exit 143, struck 1, alive 0") ;; # not blocked yet
	# The kernel's word that there are no children is an answer, no failure.
	0:waitid:*=ECHILD:*"exit 3, struck 1, alive 1") ;;
	*) echo "$4: $said" ;;
	esac
	exit 0
fi

# faults SCRIPT: of every point before the command's exec.
faults() {
	"$fault" calls >"$work/calls"
	# shellcheck disable=SC2086 # words
	"$fault" points $command "$1" </dev/null 2>/dev/null |
	    awk -v step="$step" '
		NR == FNR { for (i = 2; i <= NF; i++) if ($i ~ /^E/) errors[$1] = errors[$1] " " $i; next }
		$1 ~ /e/ { next }
		{
			n = split(errors[$2] " KILL TERM STOP", what)
			for (i = 1; i <= n; i++)
				if (k++ % step == 0)
					print $1 ":" $2 ":" $3 "=" what[i] ($2 == "close" && what[i] ~ /^E/ ? "~" : "")
		}' "$work/calls" -
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for script in 'exit 3' 'setsid sleep 600 & exit 3'; do
	faults "$script" >"$work/faults"
	tried=$(wc -l <"$work/faults")
	xargs -P 2 -I{} sh "$0" judge "$build" "$script" {} <"$work/faults" \
	    >"$work/bad"
	cat "$work/bad"
	echo "supervised \"$script\": $tried faults, $(wc -l <"$work/bad") violations"
	[ "$tried" -gt 0 ] && [ ! -s "$work/bad" ] || failed=1
done
[ -z "${failed:-}" ]
