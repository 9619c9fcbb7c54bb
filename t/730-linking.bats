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

# Their names, from what they declare.
declared()
{
	for h in init step user pidfile notify; do
		cc -E -P -D_GNU_SOURCE "$here/../libdaemon/$h.h"
	done | grep -o 'daemon_[a-z_]*(' | tr -d '(' | sort -u
}

@test "every function of the public headers is exported, and no other" {
	needs nm
	[[ -e $BUILD/libdaemon.so ]] || skip 'not built'
	declared >"$scratch/declared"
	nm -D --defined-only "$BUILD/libdaemon.so" | awk '$2 ~ /[TDBR]/ {
		print $3 }' | sort -u >"$scratch/exported"
	diff "$scratch/declared" "$scratch/exported"
}

@test "whoever is his own master finds all of it in one archive" {
	needs nm cc
	{
		declared
		cc -E -P -D_GNU_SOURCE "$here/../libdaemon/master.h" |
		    grep -v typedef | grep -o 'daemon_[a-z_]*(' | tr -d '(' | sort -u
	} | sort -u >"$scratch/declared"
	nm -g --defined-only "$BUILD/libdaemon-supervise.a" 2>/dev/null |
	    awk '$2 ~ /[TDBR]/ { print $3 }' | sort -u >"$scratch/defined"
	[[ -z $(comm -23 "$scratch/declared" "$scratch/defined") ]]
	not grep -qv '^daemon_' "$scratch/defined"
}

@test "the public headers stand alone, in C and in C++" {
	needs cc
	for h in init step user pidfile notify master; do
		echo "#include <libdaemon/$h.h>" >"$scratch/$h.c"
		cc -std=c11 -Wall -Wextra -Wpedantic -Werror -I "$here/.." \
		    -fsyntax-only "$scratch/$h.c"
		command -v c++ >/dev/null || continue
		c++ -x c++ -Wall -Wextra -Werror -I "$here/.." -fsyntax-only \
		    "$scratch/$h.c"
	done
}

@test "every public function is in the manual, synopsis and lists" {
	needs cc
	local f
	for f in $(declared); do
		grep -q "^\.Nm $f\( ,\)*$" "$here"/../man/daemon_*.3
		grep -q "^\.Fn $f \"" "$here"/../man/daemon_*.3
		grep -q "Fn $f$" "$here/../man/libdaemon.3"
		grep -q "^\.Fn $f [,.]$" "$here/../man/libdaemon.7"
	done
}

@test "async-signal-safe is the same in the headers and in libdaemon(7)" {
	needs cc
	local f safe
	safe=$(sed -n '/^\.Ss Async/,/^These may not/p' \
	    "$here/../man/libdaemon.7" | sed -n 's/^\.Fn \([a-z_]*\).*/\1/p')
	for f in $(declared); do
		# The comment before it, to the declaration.
		said=$(cat "$here"/../libdaemon/{init,step,user,pidfile,notify}.h |
		    awk -v f="$f(" '/^\/\*/ { text = "" } { text = text $0 }
			index($0, f) && !/^ \*/ { print text; exit }')
		case $said in
		*'[async]'*|*' Async-signal-safe.'*)
			grep -qx "$f" <<<"$safe" || { echo "7: $f"; return 1; } ;;
		*)	not grep -qx "$f" <<<"$safe" || { echo "$f"; return 1; } ;;
		esac
	done
}
