#!/bin/sh
# SPDX-License-Identifier: ISC
# Runs the unit programs $UNITS in $BUILD/t/unit and the bats files given, shows what
# failed, and ends with the count.  JOBS=N for another number at a time.
set -u
build=${BUILD:?}
log=$build/t/log
jobs=${JOBS:-2}
mkdir -p "$log"
passed=0 failed=0 skipped=0

# A file at a time per job, so that tests of one file never meet; and with no
# signal ignored, though we were started by nohup.
run_one() {
	out=$log/$(basename "$1" .bats).tap
	start=$(date +%s)
	env --default-signal bats --formatter tap "$1" >"$out" 2>&1 3>&- ||
	    echo "bats: status $?" >>"$out"
	end=$(date +%s)
	printf '%s: %s passed, %s failed (%s s)\n' "$1" \
	    "$(grep -c '^ok ' "$out")" "$(grep -c '^not ok ' "$out")" $((end - start))
	awk '/^not ok /{p=1} /^ok /{p=0} p' "$out"
}
if [ "${1:-}" = --one ]; then
	run_one "$2"
	exit 0
fi

for name in ${UNITS:-}; do
	unit=$build/t/unit/$name
	if "$unit" >"$log/unit-$name" 2>&1; then
		passed=$((passed + 1))
		echo "ok unit $name"
	else
		failed=$((failed + 1))
		echo "not ok unit $name"
		sed 's/^/    /' "$log/unit-$name"
	fi
done

rm -f "$log"/*.tap
export BUILD
printf '%s\n' "$@" | xargs -P "$jobs" -I{} sh "$0" --one {}
for file in "$@"; do
	out=$log/$(basename "$file" .bats).tap
	plan=$(sed -n 's/^1\.\.//p' "$out" | head -n 1)
	ok=$(grep -c '^ok ' "$out")
	bad=$(grep -c '^not ok ' "$out")
	skip=$(grep -c '^ok .* # skip' "$out")
	# A file that broke off has failed, whatever its tests said.
	[ "$((ok + bad))" = "${plan:--1}" ] || {
		bad=$((bad + 1))
		echo "not ok $file: ran $((ok + bad - 1)) of ${plan:-no} tests"
		tail -n 5 "$out"
	}
	passed=$((passed + ok - skip))
	failed=$((failed + bad))
	skipped=$((skipped + skip))
done
grep -h '# skip' "$log"/*.tap | sed 's/^ok [0-9]* /skipped: /' | sort | uniq -c
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
