#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# The library beside other people's names and habits.

# Set by load, or for it.
# shellcheck disable=SC2034,SC2154
load helper

@test "a program with its own daemon_init uses all the rest" {
	run_fresh "$BUILD/t/unit/own_init" "$scratch/x.pid"
	expect_status 5
	[ "$output" = 'own daemon_init own 24' ]
	[ "$stderr" = 'own_init: on purpose' ]
}

@test "the same against the shared library" {
	[[ -e $BUILD/libdaemon.so ]] || skip 'not built'
	needs cc
	[[ -z ${SANITIZE:-} ]] || skip 'sanitizers want to be linked first'
	cc -std=gnu11 -D_GNU_SOURCE -I "$here/.." -o "$scratch/own" \
	    "$here/unit/own_init.c" "$BUILD/libdaemon.so"
	LD_LIBRARY_PATH=$BUILD run_fresh "$scratch/own" "$scratch/x.pid"
	expect_status 5
	[ "$output" = 'own daemon_init own 24' ]
}

@test "nothing in the library calls daemon_init" {
	needs nm
	not grep -q 'U daemon_init$' <(nm "$BUILD/libdaemon.a" 2>/dev/null)
}

@test "every function of the public headers is exported, and no other" {
	needs nm
	[[ -e $BUILD/libdaemon.so ]] || skip 'not built'
	for h in init step user pidfile notify; do
		cc -E -P -D_GNU_SOURCE "$here/../libdaemon/$h.h"
	done | grep -o 'daemon_[a-z_]*(' | tr -d '(' | sort -u \
	    >"$scratch/declared"
	nm -D --defined-only "$BUILD/libdaemon.so" | awk '$2 ~ /[TDBR]/ {
		print $3 }' | sort -u >"$scratch/exported"
	diff "$scratch/declared" "$scratch/exported"
}

@test "the public headers stand alone, in C and in C++" {
	needs cc
	for h in init step user pidfile notify; do
		echo "#include <libdaemon/$h.h>" >"$scratch/$h.c"
		cc -std=c11 -Wall -Wextra -Wpedantic -Werror -I "$here/.." \
		    -fsyntax-only "$scratch/$h.c"
		command -v c++ >/dev/null || continue
		c++ -x c++ -Wall -Wextra -Werror -I "$here/.." -fsyntax-only \
		    "$scratch/$h.c"
	done
}

@test "every public function is in the manual" {
	local f
	for f in $(grep -hoE 'daemon_[a-z_]+\(' "$here"/../libdaemon/{init,step,user,pidfile,notify}.h |
	    tr -d '(' | sort -u); do
		grep -qE "^\.(Fn|Ft).*$f|^\.Fn $f" "$here"/../man/daemon_*.3 || {
			echo "no $f"
			return 1
		}
	done
}
