#!/bin/sh
# The whole sweep: ours must come out clean, the peers are measured beside it.
#
#	BUILD=build sh t/fault/run.sh [options of fault sweep]
#
# Without peers (they only compare): PEERS=no.

set -u
here=$(dirname "$0")
build=${BUILD:-build}
tools=${TOOLS:-$build/t}
rc=0

sh "$here/selftest.sh" "$tools" || exit

"$tools/fault" sweep -b "$build" "$@" \
	"$here"/scenarios/start-*.sc \
	"$here"/scenarios/restart-*.sc \
	"$here"/scenarios/stop-*.sc \
	"$here"/scenarios/status-*.sc || rc=$?

echo
sh "$here/supervise.sh" "$build" 5 || rc=1
echo
sh "$here/adopt.sh" "$build" || rc=1
sh "$here/keep.sh" "$build" 1000 || rc=1

[ "${PEERS:-yes}" = no ] && exit "$rc"

echo
set -- "$@" -b "$build"
for peer in daemonize daemon ssd; do
	file=$here/scenarios/debian-$peer.sc
	program=$(sed -n 's/^start *\([^ ]*\).*/\1/p' "$file")
	if [ -x "$program" ]; then
		"$tools/fault" sweep "$@" "$file"
	else
		echo "debian-$peer: $program is not installed"
	fi
done
exit "$rc"
