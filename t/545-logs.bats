#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# logs: what services wrote, and what they write.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised

# writes NAME TEXT: a service that has written that, and waits.
writes()
{
	run_fresh daemonize -n "$1" -c "$scratch" -o "$scratch/$1.out" \
	    --ready=alive:1ms sh -c 'printf "$1"; exec sleep 600' sh "$2"
	expect_status 0 || return
	remember "$(record "run/$1/public" pid)"
	eventually 5 test -s "$1.out"
}

# logs TEXT ARG...: daemonctl logs ARG... prints that.
logs()
{
	local want=$1
	shift
	ctl logs "$@"
	expect_status 0 || return
	[[ -z $stderr && $output == "$want" ]] || told "expected: $want"
}

@test "all of it, or the last lines" {
	writes svc 'one\ntwo\nthree\n'
	logs $'one\ntwo\nthree' svc
	logs $'two\nthree' -n 2 svc
	logs $'one\ntwo\nthree' --lines=9 svc
	logs '' -n 0 svc
	printf four >>svc.out
	logs $'three\nfour' -n 2 svc
	daemonctl logs svc >bytes
	cmp bytes svc.out
	yes 0123456789 | head -n 9000 >>svc.out
	logs $'0123456789\n0123456789' -n 2 svc
	[[ $(daemonctl logs -n 8000 svc | wc -l) == 8000 ]]
}

@test "a stopped one's too; of several each line has the name" {
	writes svc 'a\nb'
	writes other 'c\n'
	stops svc
	logs $'svc: a\nsvc: b\nother: c' svc other
	logs $'svc: b\nother: c' -n 1 svc other
}

@test "standard error, too, where that is another file" {
	run_fresh daemonize -n svc -c "$scratch" -o "$scratch/out" -e "$scratch/err" \
	    --ready=alive:1ms sh -c 'echo out; echo err >&2; exec sleep 600'
	remember "$(record run/svc/public pid)"
	eventually 5 test -s err
	logs $'out\nerr' svc
}

@test "a terminal is not made to obey" {
	needs script
	writes svc 'red \033[31m\tand \302\233 \377\n'
	script -qec 'daemonctl logs svc' /dev/null </dev/null >seen
	[[ $(tr -d '\r' <seen) == $'red \\x1b[31m\tand \\xc2\\x9b \\xff' ]]
	daemonctl logs svc | cmp - svc.out
}

@test "-f goes on, over a rename, a copy and a file that comes late" {
	writes svc 'one\n'
	launch daemonctl logs -f -n 1 svc
	eventually 5 has_lines 1 daemonctl.out
	printf 'two\nth' >>svc.out
	eventually 5 has_lines 2 daemonctl.out
	printf 'ree\n' >>svc.out
	eventually 5 has_lines 3 daemonctl.out
	mv svc.out svc.out.1
	echo four >>svc.out.1
	eventually 5 has_lines 4 daemonctl.out
	echo five >svc.out
	eventually 5 has_lines 5 daemonctl.out
	cp svc.out svc.out.2
	: >svc.out
	echo six >>svc.out
	eventually 5 has_lines 6 daemonctl.out
	printf half >>svc.out
	mv svc.out svc.out.3
	echo seven >svc.out
	eventually 5 has_lines 8 daemonctl.out
	[[ $(tr '\n' ' ' <daemonctl.out) == 'one two three four five six half seven ' ]]
	rm svc.out
	launch daemonctl logs -f svc
	second=$launched
	alive "$second"
	echo eight >svc.out
	eventually 5 grep -qx eight daemonctl.out
}

@test "-f goes on in a directory that comes in the place of another" {
	mkdir d
	run_fresh daemonize -n svc -c "$scratch" -o "$scratch/d/out" sleep 600
	remember "$(record run/svc/public pid)"
	mv d gone
	launch daemonctl logs -f svc
	alive "$launched"
	mkdir d
	echo one >d/out
	eventually 5 has_lines 1 daemonctl.out
	mv d gone2
	mkdir d
	echo two >d/out
	eventually 5 has_lines 2 daemonctl.out
}

@test "-f ends when nobody reads it any more" {
	writes svc 'one\n'
	ends_unread one logs -f svc
}

@test "what cannot be read is told" {
	run_fresh daemonize -n quiet -c "$scratch" sleep 600
	remember "$(record run/quiet/public pid)"
	refuses 3 'logs: quiet: keeps no output (-o, -e, or -r do)' logs quiet
	writes svc 'one\n'
	refuses 2 'option: -n: two: not a number of lines' logs -n two svc
	refuses 2 'option: -n: -1: not a number of lines' logs -n -1 svc
	mv svc.out real
	refuses 1 "logs: svc: $scratch/svc.out: No such file or directory" logs svc
	ln -s real svc.out
	refuses 1 "logs: svc: $scratch/svc.out: is no file of its own" logs svc
	ln -f real svc.out
	refuses 1 "logs: svc: $scratch/svc.out: is no file of its own" logs svc
	refuses 6 'logs: nope: no such service' logs nope
}
