#!/bin/sh
# SPDX-License-Identifier: ISC
# figures.sh fault|bench: measures, and puts the tables into README.md between
# the markers "<!-- figures: NAME -->" and "<!-- end -->".
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD:?}
out=$build/t/figures
mkdir -p "$out"

# The rows of the sweep as Markdown; ours are added up.
fault_table() {
	awk '
	function row(name, a) {
		printf "| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d |\n", \
		    name, a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10]
	}
	/^(start|restart|stop|status)-/ { for (i = 2; i <= 14; i++) ours[i] += $i; n++; next }
	/^debian-/ { peer[++p] = $0 }
	END {
		print "| | points | faults | violations | success, no daemon | failure, daemon left | failure, pidfile left | silent | two copies | hang |"
		print "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
		row("**daemonize, daemonctl** (" n " scenarios)", ours)
		for (i = 1; i <= p; i++) {
			split(peer[i], a)
			sub(/^debian-/, "", a[1])
			sub(/^ssd$/, "start-stop-daemon", a[1])
			sub(/^daemonize$/, "the old daemonize", a[1])
			sub(/^daemon$/, "daemon (libslack)", a[1])
			row(a[1], a)
		}
	}' "$1"
}

incomplete()
{
	echo "figures: not all could be measured: README.md stays as it was" >&2
	exit 1
}

case ${1:-} in
fault)
	# 1: there were violations, which are figures, too.
	sh "$root/t/fault/run.sh" >"$out/sweep" || [ $? = 1 ] || incomplete
	fault_table "$out/sweep" >"$out/fault" ;;
bench)
	MARKDOWN=1 sh "$root/t/bench/run.sh" "$build" \
	    "${LEAN:-$root/build-lean}" >"$out/tables" || incomplete
	grep -v '^  [A-Z]' "$out/tables" >"$out/bench" ;;
*)
	echo "usage: figures.sh fault|bench" >&2
	exit 2 ;;
esac
grep -q "<!-- figures: $1 -->" "$root/README.md"
awk -v name="$1" -v file="$out/$1" '
	$0 == "<!-- figures: " name " -->" {
		print
		while ((getline line < file) > 0)
			print line
		skip = 1
	}
	skip && $0 == "<!-- end -->" { skip = 0 }
	!skip && $0 != "<!-- figures: " name " -->" { print }
' "$root/README.md" >"$out/README.md"
cat "$out/README.md" >"$root/README.md"
cat "$out/$1"
