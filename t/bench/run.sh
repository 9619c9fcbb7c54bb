#!/bin/sh
# SPDX-License-Identifier: ISC
# run.sh BUILD [LEAN]: builds the harness into BUILD/t/bench and measures the
# programs of both builds beside the peers and the limit.  QUICK=1 takes half
# a minute and is good for a first look; MARKDOWN=1 prints for a README.
set -u
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 1 ] || { echo 'usage: run.sh BUILD_DIR [LEAN_BUILD_DIR]' >&2; exit 2; }
mkdir -p "$1/t/bench" || exit
build=$(cd "$1" && pwd) lean=
[ $# -lt 2 ] || [ ! -d "$2" ] || lean=$(cd "$2" && pwd)
bin=$build/t/bench
notes=$bin/notes

sh "$here/peers.sh" || echo 'bench: going on with what is there' >&2
make -s -C "$here" O="$bin" || exit

if [ -n "${QUICK:-}" ]; then
	starts=60 calls=1 restarts=8 lived=3 stops=8 slow=5 fans=1
	many=100 idle=2000 mb=100 rounds=1
else
	starts=300 calls=3 restarts=20 lived=6 stops=40 slow=25 fans=2
	many=1000 idle=10000 mb=400 rounds=5
fi

: >"$notes"
measure() {
	"$bin/bench" ${MARKDOWN:+-m} -b "$build" ${lean:+-l "$lean"} "$@" \
	    2>>"$notes" || { cat "$notes" >&2; exit 1; }
}

# The first daemonize on the path may be this one, installed.
for old in /usr/sbin/daemonize /usr/bin/daemonize; do
	! grep -qs DAEMONIZE_RUNDIR $old ||
	    echo "bench: $old is not the old one, but ours" >>"$notes"
done

cpus=$(nproc) load=$(cut -d ' ' -f 1 /proc/loadavg)
echo "Linux $(uname -r), $cpus CPUs, load $load, $(getconf GNU_LIBC_VERSION)."
echo 'Contenders take turns; trust ratios, and of those what is beyond 1.2x.'
[ "${load%.*}" -lt "$cpus" ] ||
    echo 'Others are at work here: compare p10, not medians.'
echo
measure -n $starts -f 20000 start
measure -n $calls -f 20000 calls
measure -n $restarts -w 10 restart
measure -n $lived -w 1500 restart
measure -n 1 -N $many -w $idle idle
MB=$mb ROUNDS=$rounds sh "$here/output.sh" "$build" ${lean:+"$lean"}
N=$many ROUNDS=$rounds sh "$here/workers.sh" "$build" ${lean:+"$lean"}
ROUNDS=$rounds sh "$here/requests.sh" "$build"
measure -n $stops stop
measure -n $slow -w 50 stop
measure -n $fans -N $many fan
measure sizes
sort -u "$notes"
