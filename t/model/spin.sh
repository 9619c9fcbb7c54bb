#!/bin/sh
# SPDX-License-Identifier: ISC
# spin.sh MODEL [-DNAME[=VALUE]...]: every state of a Promela model, and one
# line about it.  1: a promise is broken, and how is told; or the search was
# not exhaustive.
set -u
model=$(realpath "$1") || exit 2
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2

# NOREDUCE: spin cannot leave out orders where one process may stop another.
if ! spin -a "$@" "$model" >log 2>&1 ||
    ! ${CC:-gcc} -O2 -w -DSAFETY -DNOREDUCE -DCOLLAPSE -DMEMLIM=1024 \
	-o pan pan.c >log 2>&1; then
	cat log >&2
	exit 1
fi
./pan -m1000 -n >log 2>&1
status=$?

broken=$(sed -n 's/^pan:[0-9]*: \(.*\) (at depth.*/\1/p' log | head -n 1)
states=$(awk '/states, stored/ { print $1 }' log)
errors=$(sed -n 's/.*errors: \([0-9]*\)$/\1/p' log)
echo "${states:-?} states, ${errors:-?} errors${broken:+: $broken}"
if [ -n "$broken" ] && [ -e "$(basename "$model").trail" ]; then
	spin -t -p -g "$@" -k "$(basename "$model").trail" "$model" |
	    sed "s|$model|$(basename "$model")|" >&2
	exit 1
fi
if [ "$status" != 0 ] || [ "$errors" != 0 ] || [ -n "$broken" ] ||
    grep -q 'not completed\|max search depth\|hash table full' log; then
	cat log >&2
	exit 1
fi
