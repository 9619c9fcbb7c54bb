#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Lines are sent to syslog, too; in a /dev of the test's own.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised
load 546-keeper

# bats file_tags=root
setup()
{
	scratch_setup
	cd "$scratch" || return
	root_only
	log=$scratch/log
	mkdir dev
	mount -t tmpfs none dev || skip 'nothing can be mounted'
	cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty /dev/fd dev
}

teardown()
{
	[[ -z ${reader:-} ]] || kill -KILL "$reader" 2>/dev/null || :
	eventually 5 umount dev
	scratch_teardown
}

# sends ARG...: svc counts, and has $scratch/dev for its /dev.
sends()
{
	mkfifo more
	run_fresh unshare -m sh -c 'mount --bind dev /dev && exec "$@"' - \
	    daemonize -n svc -c "$scratch" -r "$@" -- sh -c "$counting"
	expect_status 0 && silent || return
	super=$(supervisor)
	remember "$super" "$(<run/svc/pid)"
}

# deaf: nobody hears it any more.
deaf()
{
	kill "$reader"
	wait "$reader" 2>/dev/null || :
}

# is_sent N: got has the numbers to N, once, after a head.
is_sent() { sed -E 's/^<[0-9]+>[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} [a-z]+: //' got | cmp -s - <(seq "$1"); }

@test "each line is a message; the log has them, too" {
	hears
	sends --log="$log" --syslog daemon.info
	count 1000
	eventually 5 is_sent 1000
	eventually 5 has_all 1000
	grep -qE '^<30>[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} svc: 1000$' got
	ctl show svc
	[[ $output == *" --log $log --syslog daemon.info "* ]] || told
	is ready 0 svc
	stops svc
	deaf
	nothing_runs
}

@test "by a tag and a priority of its own, and nowhere else" {
	hears
	sends --log=none --syslog=local3.warning -T counter
	count 3
	eventually 5 is_sent 3
	grep -q '^<156>.* counter: 3$' got
	[[ ! -e $log ]]
	ctl show svc
	[[ $output == *' --log none --syslog local3.warning '* ]] || told
	refuses 3 'logs: svc: keeps no output (-o, -e, or -r do)' logs svc
	stops svc
	deaf
	nothing_runs
}

@test "who is started anew hears the rest; what nobody heard is kept meanwhile" {
	sends --log="$log" --syslog daemon.info
	count 1000
	eventually 5 eval 'ctl status svc; [[ $output == *"degraded  its syslog cannot be reached: No such file or directory, for "* ]]'
	hears
	eventually 10 is_sent 1000
	eventually 5 not test -e run/svc/degraded
	deaf
	count 2000
	eventually 5 test -e run/svc/degraded
	hears
	eventually 10 is_sent 2000
	has_all 2000
	stops svc
}

@test "who does not hear for long misses the oldest, and is told how many; the log has all" {
	sends --log="$log" --log-size=0 --syslog daemon.info
	count 1000000
	eventually 10 has_all 1000000
	hears
	eventually 10 eval '[[ $(tail -n 1 got) == *" svc: 1000000" ]]'
	[[ $(grep lost got) =~ svc:\ daemonize:\ ([0-9]+)\ lines,\ ([0-9]+)\ bytes\ lost:\ No\ such\ file ]]
	(($(wc -l <got) - 1 + BASH_REMATCH[1] == 1000000))
	is ready 0 svc
	stops svc
}

@test "one that is stopped in the middle keeps nobody waiting" {
	hears
	kill -STOP "$reader"
	sends --log="$log" --log-size=0 --syslog daemon.info
	count 1000000
	eventually 10 has_all 1000000
	is ready 0 svc
	kill -CONT "$reader"
	eventually 20 eval '[[ $(tail -n 1 got) == *" svc: 1000000" ]]'
	stops svc
}

@test "the keeper may be killed: none is missed, and one may come twice" {
	hears
	sends --log="$log" --syslog daemon.info
	for i in 1 2 3 4 5 6; do
		echo "$((i * 30000))" >./more
		kill -KILL "$(keeper)"
		eventually 10 test -e "done.$((i * 30000))"
		eventually 5 eval '[[ -n $(keeper) ]] && alive "$(keeper)"'
	done
	eventually 20 eval '[[ $(tail -n 1 got) == *" svc: 180000" ]]'
	sed 's/.*svc: //' got | uniq | cmp - <(seq 180000)
	(($(wc -l <got) <= 180000 + 6))
	stops svc
}

@test "long lines, empty ones, and bytes that mean something" {
	hears
	run_fresh unshare -m sh -c 'mount --bind dev /dev && exec "$@"' - \
	    daemonize -n svc -c "$scratch" -r --log=none --syslog user.notice -- sh -c '
	    printf "one\n\n\n\033[2J<0>two\r\n"; head -c 20000 /dev/zero | tr "\0" x; echo
	    printf "no end"; exec sleep 600'
	expect_status 0
	remember "$(supervisor)" "$(<run/svc/pid)"
	eventually 5 eval '(($(wc -l <got) == 5))'
	stops svc
	eventually 5 eval '(($(wc -l <got) == 6))'
	[[ $(sed -E 's/^<13>.{15} svc: //' got | sed -E 's/^(x+)$/\1/' | awk '/^x/ { print length; next } { print }') == \
	    $'one\n\e[2J<0>two\r\n8000\n8000\n4000\nno end' ]]
}

@test "rsyslog writes what it is sent" {
	needs rsyslogd
	cat >rsyslog.conf <<-END
		module(load="imuxsock" SysSock.Use="off")
		input(type="imuxsock" Socket="$scratch/dev/log")
		local5.notice action(type="omfile" file="$scratch/messages")
	END
	rsyslogd -n -f "$scratch/rsyslog.conf" -i "$scratch/rsyslog.pid" 3>&- &
	reader=$!
	remember "$reader"
	eventually 10 test -S dev/log
	sends --log=none --syslog local5.notice -T web
	count 500
	eventually 10 eval '(($(wc -l <messages) == 500))'
	sed 's/.* web: //' messages | cmp - <(seq 500)
	stops svc
}

@test "what is refused" {
	for bad in '--syslog=daemon' '--syslog=x.info' '--syslog=daemon.x' '--syslog=.' '--syslog='; do
		run_fresh daemonize -n svc -r "$bad" sleep 600
		expect_status 2
	done
	[[ $stderr == 'daemonize: option: --syslog: : not as daemon.info or local0.notice' ]] || told
	run_fresh daemonize -n svc -r -o out --syslog daemon.info sleep 600
	expect_status 2
	[[ $stderr == 'daemonize: option: --syslog: not with -o or -e: what it prints is not ours' ]] || told
	run_fresh daemonize -n svc -r --log=none --log-size=1M --syslog daemon.info sleep 600
	expect_status 2
}

# ticks PID: that it has run, of 100 in a second.
ticks() { echo $(($(sed "s/.*) //" "/proc/$1/stat" | cut -d " " -f 12,13 | tr " " +))); }

@test "nobody hears it, and there is no log: the keeper sleeps" {
	sends --log=none --syslog=daemon.info
	count 10
	eventually 5 test -e run/svc/degraded
	k=$(keeper)
	before=$(ticks "$k")
	sleep 1
	(($(ticks "$k") - before < 15))
	stops svc
}
