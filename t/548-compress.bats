#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Former logs are compressed, and read again.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised
load 546-keeper

# zipped METHOD ARG...: a command that counts, its log of 100 kB compressed so.
zipped()
{
	"$BUILD/daemonize-compress" "$1" || skip "built without $1"
	mkfifo more
	logged="--log=$scratch/log --log-size=100k --log-files=20 --log-compress=$1 ${*:2}" \
	    supervised -- sh -c "$counting"
	log=$scratch/log
}

# all_are FORM: from the second on; the first is not.
all_are()
{
	local k=2
	[[ -e $log.1 && ! -e $log.0.$1 ]] || return
	while [[ -e $log.$k.$1 && ! -e $log.$k ]]; do ((k++)); done
	((k > 3)) && [[ ! -e $log.$k ]]
}

# as_one FORM PROGRAM...: what the programs of others make of them, and the rest.
as_one()
{
	local k=2
	while [[ -e $log.$k.$1 ]]; do ((k++)); done
	while ((--k > 1)); do "${@:2}" "$log.$k.$1" || return; done
	cat "$log.1" "$log"
}

# are_read FORM PROGRAM...: by that program, and by logs, whole and in part.
are_read()
{
	count 100000
	eventually 10 all_are "$1"
	as_one "$@" >got
	cmp got <(seq 100000) || return
	ctl logs svc
	[[ $output == "$(seq 100000)" ]] || return
	ctl logs -n 60000 svc
	[[ $output == "$(seq 40001 100000)" ]] || return
	stops svc && nothing_runs
}

@test "zstd: other programs read them, and so does logs" {
	zipped zstd
	are_read zst zstd -qdc
}

@test "gzip: other programs read them, and so does logs" {
	zipped gzip
	are_read gz gzip -dc
}

@test "who follows it finds every line, whatever was compressed meanwhile" {
	zipped gzip
	echo begin >>"$log"
	daemonctl logs -f svc 3>&- >got &
	remember "$!"
	eventually 5 grep -q begin got
	kill -STOP "$!"
	count 100000
	eventually 10 all_are gz
	kill -CONT "$!"
	eventually 10 eval '[[ $(tail -n 1 got) == 100000 ]]'
	cmp <(grep -v begin got) <(seq 100000)
	stops svc
}

@test "they are as old, and for whom, their originals were" {
	zipped gzip
	umask 077
	count 20000
	eventually 5 test -e "$log.1"
	chmod 604 "$log.1"
	touch -d '2020-02-02 02:02:02' "$log.1"
	count 40000
	eventually 10 test -e "$log.2.gz"
	k=$(ls "$log".*.gz | wc -l)
	eventually 10 eval '[[ $(stat -c "%a %y" "$log".*.gz) == *"604 2020-02-02 02:02:02"* ]]'
	stops svc
}

@test "a damaged one is told, and the others are read" {
	zipped gzip
	count 100000
	eventually 10 all_are gz
	printf 'no gzip' >"$log.3.gz"
	ctl logs svc
	expect_status 1
	[[ $output == *$'\n100000' ]]
	[[ $stderr == *"daemonctl: logs: $log.3.gz: damaged"* ]] || told
	stops svc
}

@test "one that could not be made leaves its original, and no other" {
	zipped gzip
	count 100
	mkdir "$log.0.gz" "$log.0.gz/x" # where it would be made
	count 60000
	eventually 5 test -e "$log.3"
	eventually 5 eval 'ctl status svc; [[ $output == *"degraded  its former logs cannot be compressed: Is a directory, for "* ]]'
	not compgen -G "$log.[1-9]*.gz"
	has_all 60000
	rm -r "$log.0.gz"
	count 100000
	eventually 10 all_are gz
	as_one gz gzip -dc | cmp - <(seq 100000)
	eventually 5 not test -e run/svc/degraded
	stops svc
}

@test "nothing half done is left, whoever was killed" {
	zipped zstd
	count 30000
	for i in 1 2 3 4 5 6; do
		kill -KILL "$(keeper)"
		eventually 5 eval '[[ -n $(keeper) ]] && alive "$(keeper)"'
		count $((30000 + i * 10000))
	done
	eventually 10 all_are zst
	as_one zst zstd -qdc | cmp - <(seq 90000)
	stops svc
	not compgen -G "$log.0*"
	nothing_runs
}

# bats test_tags=root
@test "in a directory of the command's user it is done as he" {
	root_only
	"$BUILD/daemonize-compress" gzip || skip 'built without gzip'
	share_scratch
	mkdir -m 755 theirs
	chown nobody theirs
	logged="--log=$scratch/theirs/log --log-size=100k --log-compress=gzip" \
	    supervised -u nobody -c / -- \
	    sh -c 'trap "seq 80001 160000" USR1; seq 80000; while :; do sleep 0.1; done'
	log=$scratch/theirs/log
	eventually 10 all_are gz
	[[ $(stat -c %U "$log.2.gz") == nobody ]]
	as_one gz gzip -dc | tail -n 1 | grep -qx 80000
	# a link in the place of one is not followed
	echo secret >secret
	chmod 600 secret
	ln -sf "$scratch/secret" "$log.2"
	kill -USR1 "$(<run/svc/pid)"
	eventually 10 eval '[[ -L $log.3 || -L $log.4 || -L $log.5 || ! -L $log.2 ]]'
	[[ $(<secret) == secret ]]
	not zgrep -q secret "$log".*.gz
	stops svc
}

@test "where it cannot be done it is refused" {
	mkdir bin
	cp "$BUILD"/daemonize "$BUILD"/daemonctl "$BUILD"/daemonize-supervisor bin
	run_fresh bin/daemonize -n svc -r --log="$scratch/log" --log-compress=gzip sleep 600
	expect_status 1
	[[ $stderr == 'daemonize: log-compress: gzip: daemonize-compress is not installed' ]] || told
	printf '#!/bin/sh\nexit 127\n' >bin/daemonize-compress
	chmod 755 bin/daemonize-compress
	run_fresh bin/daemonize -n svc -r --log="$scratch/log" --log-compress=gzip sleep 600
	expect_status 1
	[[ $stderr == 'daemonize: log-compress: gzip: daemonize-compress was built without it' ]] || told
	run_fresh daemonize -n svc -r --log-compress=lzma sleep 600
	expect_status 2
	[[ $stderr == 'daemonize: option: --log-compress: lzma: not zstd or gzip' ]] || told
	nothing_runs
}
