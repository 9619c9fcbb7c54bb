#!/bin/sh
# SPDX-License-Identifier: ISC
# Everything a reader should not have to look for: builds without a warning
# with both compilers, format, static analysis, shell scripts, manuals, and
# that the library exports daemon_ and nothing else.
set -u
build=${BUILD:?}
bad=0
say() { printf '  %-8s %s\n' LINT "$1"; }
fail() { echo "lint: $1" >&2; bad=1; }
c=$(find daemonize libdaemon t -name '*.c' -o -name '*.h' | sort)

for cc in gcc clang; do
	say "no warnings: $cc"
	make -s CC=$cc B="$build-lint-$cc" CFLAGS='-O2 -Werror' all probes \
	    >/tmp/lint.$$ 2>&1 || { cat /tmp/lint.$$; fail "$cc warns"; }
done

say 'format'
# shellcheck disable=SC2086 # a list of files
clang-format --dry-run -Werror $c >/tmp/lint.$$ 2>&1 ||
    { grep -c 'error:' /tmp/lint.$$; head -n 20 /tmp/lint.$$; fail 'clang-format'; }

say 'clang-tidy'
# shellcheck disable=SC2046 # a list of files
clang-tidy -quiet -warnings-as-errors='*' \
    $(find daemonize libdaemon -name '*.c') -- -std=gnu11 -D_GNU_SOURCE -I. \
    >/tmp/lint.$$ 2>&1 || { grep -E 'error:|warning:' /tmp/lint.$$ | head -n 40; fail 'clang-tidy'; }

say 'cppcheck'
cppcheck --quiet --error-exitcode=1 --std=c11 -D_GNU_SOURCE -I. \
    --enable=warning,portability --inline-suppr --suppress=missingIncludeSystem \
    --suppress=unknownMacro daemonize libdaemon >/tmp/lint.$$ 2>&1 ||
    { cat /tmp/lint.$$; fail 'cppcheck'; }

say 'shellcheck'
# shellcheck disable=SC2046 # a list of files
shellcheck -x $(find . -name '*.sh' -not -path './build*') .ci/run \
    daemonize/examples/*.init daemonize/examples/*.rc || fail 'shellcheck'
# shellcheck disable=SC2046 # a list of files
shellcheck -x -S warning -s bash -e SC1091,SC2016,SC2030,SC2031,SC2034,SC2094,SC2154 \
    $(find t -name '*.bats' -o -name '*.bash') || fail 'shellcheck (bats)'

say 'manuals'
mandoc -T lint -W warning man/* || fail 'mandoc'

say 'symbols'
nm -g --defined-only "$build-lint-gcc/libdaemon.a" 2>/dev/null |
    awk 'NF == 3 && $3 !~ /^daemon_/ { print $3; n = 1 } END { exit n }' ||
    fail 'the library defines symbols that are not its own'

rm -f /tmp/lint.$$
rm -rf "$build-lint-gcc" "$build-lint-clang"
[ $bad = 0 ] && echo 'lint: clean'
exit $bad
