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

# dated KIND LINE...: svc has a log of these lines, with times of that kind.
dated()
{
	run_fresh daemonize -n svc -r --log="$scratch/log" --log-timestamps="$1" --log-tags sleep 600
	expect_status 0
	printf '%s\n' "${@:2}" >"$scratch/log"
}

# since WANT ARG...
since()
{
	ctl logs svc --since "${@:2}"
	expect_status 0
	[[ $output == "$1" ]] || told
}

@test "--since: from the first line on that is late enough" {
	now=$(date +%s)
	dated iso "$(date -u -d @$((now - 7200)) +%FT%T.000001Z) o old" \
	    "no time at all" \
	    "$(date -u -d @$((now - 300)) +%FT%T.500000Z) e new" \
	    "nor here" \
	    "$(date -u -d @$((now - 7200)) +%FT%T.000001Z) o behind"
	rest=$(tail -n 3 log)
	since "$rest" 10m
	since "$rest" "@$((now - 400))"
	since "$rest" "$(date -u -d @$((now - 300)) +%FT%T)Z"
	since "$rest" "$(date -u -d @$((now - 300)) +%FT%T.5)Z"
	since "$rest" "$(date -d @$((now - 300)) '+%F %T')"
	since '' "$(date -u -d @$((now - 300)) +%FT%T.6)Z"
	since '' 1s
	since "$(<log)" "$(date -d @$((now - 100000)) +%F)"
	since "$(<log)" 3h
	TZ=Asia/Tokyo since "$rest" "$(TZ=Asia/Tokyo date -d @$((now - 300)) '+%F %T')"
	for bad in '' x 25:00 2026-02-30 2026-13-01 '10 m' @x 2026-11-22T05:10:11W; do
		ctl logs svc --since "$bad"
		expect_status 2
	done
}

@test "--since: unix, tai64n; former ones that ended before are not read" {
	dated unix '1000000000.000000 o a' '1000000100.000000 o b'
	since $'1000000100.000000 o b' @1000000050
	ctl -q stop svc
	dated tai64n '@400000003b9aca0a00000000 o a' '@400000003b9acb0000000000 o b'
	printf 'none\n' >log.1
	touch -d @900000000 log.1
	since $'@400000003b9acb0000000000 o b' @1000000050
	printf '@400000003b9acb0000000000 o former\n' >log.1
	touch -d @1000000060 log.1
	since $'@400000003b9acb0000000000 o former\n@400000003b9aca0a00000000 o a\n@400000003b9acb0000000000 o b' @1000000050
}

@test "--since needs times" {
	writes svc 'one\n'
	refuses 3 'logs: svc: its lines have no times (daemonize --log-timestamps): not with --since' \
	    logs --since 1h svc
}

@test "on a terminal lines of errors, and ours, are coloured" {
	needs script
	dated iso '2026-11-22T05:10:11.123456Z o out' '2026-11-22T05:10:11.123456Z e err' \
	    '2026-11-22T05:10:11.123456Z ! ours'
	script -qec 'daemonctl logs svc' /dev/null </dev/null | tr -d '\r' >seen
	[[ $(<seen) == $'2026-11-22T05:10:11.123456Z o out\n\e[31m2026-11-22T05:10:11.123456Z e err\e[0m\n\e[33m2026-11-22T05:10:11.123456Z ! ours\e[0m' ]] || { cat -v seen; false; }
	NO_COLOR=1 script -qec 'daemonctl logs svc' /dev/null </dev/null | tr -d '\r' | cmp - log
}
