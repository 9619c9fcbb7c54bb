#!/bin/sh
# SPDX-License-Identifier: ISC
# output.sh BUILD [LEAN]: how fast what a command prints is kept, rotating at
# 10 MB, and how much of a processor that takes.  MB=N: so much each time;
# ROUNDS=N.  Contenders take turns; what is said is the median.
set -u
build=$(cd "$1" && pwd) lean=
[ $# -lt 2 ] || [ ! -d "$2" ] || lean=$(cd "$2" && pwd)
bin=$build/t/bench mb=${MB:-300} rounds=${ROUNDS:-5} max=10000000
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
tick=$(getconf CLK_TCK)
PATH=$PATH:/usr/sbin

# NAME ; PROGRAM it needs ; what reads, with {} for its directory, or ours and options
contenders="limit;true;$bin/output-limit {}/log $max plain
limit, stamped;true;$bin/output-limit {}/log $max iso
svlogd;svlogd;svlogd {}
svlogd -tt, stamped;svlogd;svlogd -tt {}
multilog;multilog;multilog n5 s$max {}
multilog t, stamped;multilog;multilog t n5 s$max {}
s6-log;s6-log;s6-log n5 s$max {}
s6-log T, stamped;s6-log;s6-log T n5 s$max {}
rotatelogs;rotatelogs;rotatelogs -n 5 {}/log 10M
daemonize *;true;ours $build
daemonize *, stamped;true;ours $build --log-timestamps"
[ -z "$lean" ] || contenders="$contenders
daemonize, lean *;true;ours $lean
daemonize, lean *, stamped;true;ours $lean --log-timestamps"

# cpu PID: ticks so far.
cpu() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }

# wait_for FILE
wait_for() { while ! [ -e "$1" ]; do sleep 0.02; done; }

# through DIR CHUNK COMMAND...: ns, and ticks of it.
through() {
	dir=$1 chunk=$2 && shift 2
	mkfifo "$dir/pipe"
	"$@" <"$dir/pipe" >/dev/null 2>&1 &
	sink=$!
	"$bin/lines" "${mb}000000" "$chunk" "$dir/ns" >"$dir/pipe" &
	lines=$!
	wait_for "$dir/ns"
	sleep 0.2
	ticks=$(cpu "$sink")
	kill "$lines"
	wait "$sink" "$lines" 2>/dev/null
	echo "$(cat "$dir/ns") $ticks"
}

# ours DIR CHUNK BUILD OPTION...
ours() {
	dir=$1 chunk=$2 our=$3 && shift 3
	mkdir "$dir/run"
	DAEMONIZE_RUNDIR=$dir/run "$our/daemonize" -n b -r -q --log="$dir/log" \
	    --log-size=$max "$@" -- "$bin/lines" "${mb}000000" "$chunk" "$dir/ns"
	wait_for "$dir/ns"
	sleep 0.2
	keeper=$(awk 'found { print; exit } $1 == "keeper" { found = 1 }' "$dir/run/b/public")
	ticks=$(cpu "$keeper")
	DAEMONIZE_RUNDIR=$dir/run "$our/daemonctl" -q stop b
	echo "$(cat "$dir/ns") $ticks"
}

# one CHUNK NAME COMMAND
one() {
	dir=$(mktemp -d "$work/XXXXXX")
	case $3 in
	ours*)
		# shellcheck disable=SC2086 # words
		figures=$(ours "$dir" "$1" ${3#ours }) ;;
	*)
		printf 's%s\nn5\n' $max >"$dir/config"
		# shellcheck disable=SC2046 # words
		figures=$(through "$dir" "$1" $(echo "$3" | sed "s|{}|$dir|g"))
		;;
	esac
	rm -rf "$dir"
	echo "$2;$figures" >>"$work/figures.$1"
}

missing=
for chunk in 65536 100; do
	: >"$work/figures.$chunk"
	for round in $(seq "$rounds"); do
		echo "$contenders" | awk -v first="$round" '{ line[NR] = $0 }
		    END { for (i = 0; i < NR; i++) print line[(first * 5 + i) % NR + 1] }' >"$work/list"
		while IFS=';' read -r name program command; do
			if command -v "$program" >/dev/null; then
				one "$chunk" "$name" "$command" </dev/null
			elif [ "${missing#*"$program"}" = "$missing" ]; then
				missing="$missing $program"
			fi
		done <"$work/list"
	done
	echo "D output, writes of $chunk bytes, $mb MB, $rounds rounds"
	awk -F '[; ]' -v OFS=';' '{ n = NF; name = $1; for (i = 2; i < n - 1; i++) name = name " " $i
		print name, $(n - 1), $n }' "$work/figures.$chunk" |
	    sort -t ';' -k 1,1 -k 2,2n |
	    awk -F ';' -v mb="$mb" -v tick="$tick" -v rounds="$rounds" '
		{ ns[$1, ++n[$1]] = $2; ticks[$1] += $3 }
		END {
			for (name in n) {
				rate[name] = mb / 1000 / (ns[name, int((n[name] + 1) / 2)] / 1e9)
				cost[name] = ticks[name] / n[name] / tick / (mb / 1000)
			}
			for (name in n)
				printf "  %-28s %6.2f GB/s  %5.2f x limit  %5.1f s/GB\n", name, rate[name],
				    rate[name] / rate[name ~ /stamped/ ? "limit, stamped" : "limit"], cost[name]
		}' | sort -t '/' -k 1.30,1.38nr
	echo
done
[ -z "$missing" ] || echo "missing:$missing"
