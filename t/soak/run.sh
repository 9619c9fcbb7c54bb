#!/bin/sh
# SPDX-License-Identifier: ISC
# The soaks: what wears a running supervisor out, many times over.
#
#	BUILD=build sh t/soak/run.sh long|short [SOAK...]
#
# Each in a pid and mount namespace of its own, so as root.
set -u
here=$(cd "${0%/*}" && pwd)
build=$(cd "${BUILD:-build}" && pwd)
form=$1 failed=0
shift

# The name, how often in long and in short.
table='
restarts 100000 600
orphans 10000 500
storm 1000000 30000
escapes 100 3
unkillable 30 1
takeover 1000 20
clock 12 3
memory 100 6
full 200 7
limits 200 6
paused 100 20
homeless 100 4
output 100 3
faults 1 9
'
while read -r soak long short; do
	[ -n "$soak" ] || continue
	case " $* " in "  " | *" $soak "*) ;; *) continue ;; esac
	[ "$form" = long ] && count=$long || count=$short
	unshare --pid --fork --mount-proc --kill-child \
	    sh "$here/$soak.sh" "$build" "$count" </dev/null || failed=1
done <<EOF
$table
EOF
exit "$failed"
