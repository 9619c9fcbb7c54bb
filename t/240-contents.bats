#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Pidfiles with anything in them: what is not exactly a pid is refused and
# left as it is, and nobody it could be taken for is signalled or believed.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start

setup()
{
	scratch_setup
	p=$scratch/p
	launch decoy "$scratch/decoy"
	eventually 5 test -e "$scratch/decoy"
	d=$launched
}

unharmed()
{
	alive "$d" && [[ $(wc -l <"$scratch/decoy") == 1 ]]
}

# refuses TEXT (as printf(1) has it): neither a start nor a stop takes it.
refuses()
{
	# shellcheck disable=SC2059 # that is the point
	printf -- "$1" >"$p"
	cp "$p" "$scratch/copy"
	run_fresh daemonize -p "$p" condition "$scratch/c" pause
	if ((status != 1)) || ! cmp -s "$p" "$scratch/copy" || [[ -e $scratch/c ]]
	then
		told "contents: $1"
		return 1
	fi
	one_line_stderr "^daemonize: pidfile: $p: holds something other than a pid; move it away\$" ||
	    return
	run_fresh daemonctl stop -p "$p"
	((status != 0)) || told "stopped: $1" || return
	run_fresh daemonctl stop -p "$p" --user "$EUID"
	((status != 0)) || told "stopped: $1" || return
	cmp "$p" "$scratch/copy"
}

# takes TEXT: it is replaced.
takes()
{
	# shellcheck disable=SC2059
	printf -- "$1" >"$p"
	starts -p "$p" || return
	printf '%s\n' "$pid" | cmp "$p" - || return
	finish "$pid"
}

@test "numbers that are no pid, or somebody's classic mistake" {
	for text in 0 '0\n' -1 '-1\n' -0 00 01 '-%d' 4194305 4294967295 \
	    4294967296 4294967297 18446744073709551616 99999999999 \
	    9223372036854775807 2147483648 2147483647 99999999999999999999; do
		refuses "$text"
	done
	unharmed
}

@test "the decoy's pid with something before it" {
	for head in ' ' '\t' '\n' '+' '-' 0 00 0x '\\0' 'pid=' 'pid: ' '"' '\357\273\277' '\r'; do
		refuses "$head$d\n"
	done
	unharmed
}

@test "the decoy's pid with something after it" {
	for tail in ' ' ' \n' '\t' '\r\n' '\n\n' '\n ' '\0' '\n\0' '\n1\n' x .0 \
	    e0 ',1' ' 1' "\n$d\n" '\nold bytes\n' '\n4000000' '"' ';' '\033[2J' \
	    ' # comment' "$d$d" "$(printf %04096d 0)"; do
		refuses "$d$tail"
	done
	unharmed
}

@test "no number at all" {
	for text in '\n' ' ' '\0' '\0\0\0\0' x 'sshd\n' '#!/bin/sh\n' '{"pid": 1}' \
	    '\377\376' 'nan' 'inf' '1e3' '0b11' '１２' "\$\$" '%%d' '*' \
	    '../../../etc/passwd' "$(printf 'x%.0s' {1..5000})"; do
		refuses "$text"
	done
	unharmed
}

@test "what is a pid, or nothing, is replaced, and nobody asked" {
	for text in '' 4000000 '4000000\n' 4194304 1 '1\n' 2 "$d" "$d\n" "$$\n" \
	    "$PPID\n"; do
		takes "$text"
	done
	unharmed
}

@test "a file of the right name is not believed when its process is younger" {
	cp "$BUILD/t/condition" "$scratch/prog"
	launch "$scratch/prog" "$scratch/c0" pause
	eventually 5 test -e "$scratch/c0"
	echo "$launched" >"$p"
	touch -d '1 hour ago' "$p"
	run_fresh daemonize -p "$p" "$scratch/prog" "$scratch/c" pause
	expect_status 0
	alive "$launched"
}

@test "a damaged record is refused: what cannot be read is no no" {
	starts -n svc
	finish "$pid"
	dir=$scratch/run/svc
	cp "$dir/public" "$scratch/public"
	size=$(stat -c %s "$dir/public")
	for n in 0 1 5 20 21 22 $((size / 2)) $((size - 1)); do
		head -c "$n" "$scratch/public" >"$dir/public"
		refuses_record
	done
	for edit in "s/^pid 7\$/pid 99999999999999999999/" \
	    's/^daemonize-record 1/daemonize-record 2/' \
	    's/^boot 36/boot 3600000000/' 's/^pid .*/pid -1/' '1d'; do
		sed "$edit" "$scratch/public" >"$dir/public"
		cmp -s "$scratch/public" "$dir/public" || refuses_record
	done
	head -c 4096 /dev/urandom >"$dir/public"
	refuses_record
	# The way out that the message names.
	rm -r "$dir"
	starts -n svc
	unharmed
}

refuses_record() {
	cp "$dir/public" "$scratch/before"
	run_fresh daemonize -n svc "$BUILD/t/condition" "$scratch/never" pause
	expect_status 1
	one_line_stderr "record: svc: $dir/public: cannot be read: damaged"
	cmp "$scratch/before" "$dir/public"
	[ ! -e "$scratch/never" ]
}

@test "a record that forges a live process by its number alone is not believed" {
	starts -n svc
	finish "$pid"
	public=$scratch/run/svc/public
	# The decoy's pid and length, everything else the dead one's.
	awk -v d="$d" '/^pid / { print "pid " length(d); getline; print d; next }
	{ print }' "$public" >"$scratch/forged"
	cp "$scratch/forged" "$public"
	starts -n svc
	finish "$pid"
	cp "$scratch/forged" "$public"
	run_fresh daemonctl stop svc
	unharmed
}
