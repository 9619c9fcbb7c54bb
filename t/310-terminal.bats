#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# A daemon and the caller's terminal: it cannot get at it, nor at another.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start

setup() { scratch_setup; g=$scratch/g; }

grabbed()
{
	eventually 5 test -e "$g"
	for k in devtty took tiocsti tioclinux; do
		expect_key "$g" "$k" "$1"
		[[ $1 == no ]] || return 0
	done
}

@test "it has no terminal, can take none, and cannot type on one" {
	run_fresh terminal daemonize grab "$g"
	expect_status 0
	silent
	grabbed no
}

# bats test_tags=root
@test "nor has its check, which may be somebody else" {
	root_only
	others_write
	g=$scratch/open/g
	run_fresh terminal daemonize -u nobody --check "grab '$g'" sleep 1
	expect_status 0
	grabbed no
}

@test "nor with outputs, a pidfile, or a time to live" {
	run_fresh terminal daemonize -n svc -p "$scratch/p" -o "$scratch/o" \
	    -e "$scratch/e" grab "$g"
	expect_status 0
	grabbed no
	rm "$g"
	run_fresh terminal daemonize --ready=alive:0.2 sh -c \
	    'grab "$1"; exec condition "$2" pause' - "$g" "$scratch/c"
	expect_status 0
	grabbed no
}

# bats test_tags=root
@test "nor as another user" {
	root_only
	others_write
	g=$scratch/open/g
	run_fresh terminal daemonize -u nobody grab "$g"
	expect_status 0
	grabbed no
}

@test "it stays when the terminal is hung up" {
	run_fresh terminal daemonize -p "$scratch/p" condition "$scratch/c" pause
	expect_status 0
	eventually 5 test -e "$scratch/c"
	alive "$(<"$scratch/p")"
	expect_key "$scratch/c" ignored ''
	expect_key "$scratch/c" tty 0
}

@test "an output that is a terminal does not become its own" {
	run_fresh terminal sh -c 'daemonize -o "$(tty)" -e "$(tty)" grab "$1"
		until test -e "$1"; do :; done' - "$g"
	expect_status 0
	expect_key "$g" devtty no
	expect_key "$g" took no
}

@test "in the foreground the terminal is kept" {
	run_fresh terminal daemonize -F condition "$scratch/c" exit 5
	expect_status 5
	expect_key "$scratch/c" devtty yes
	[[ $(key "$scratch/c" fd.0) == /dev/pts/* ]]
	[[ $(key "$scratch/c" fd.1) == "$(key "$scratch/c" fd.0)" ]]
}
