#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Logs in the foreground: to a file, or to the standard output.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised
load 546-keeper

# once ARG...: in the foreground, once.
once() { run_fresh timeout 20 daemonize -F --restart=never "$@"; }

# goes_on ARG...: in the background of this shell; its pid is $super, what it prints is
# in out.
goes_on()
{
	daemonize -F -c "$scratch" -r "$@" >out 2>err 3>&- &
	super=$!
	remember "$super"
}

# kids: of $super.
kids() { cat "/proc/$super/task/$super/children"; }

# the_keeper: that one of them.
the_keeper()
{
	local pid
	for pid in $(kids); do
		[[ $(</proc/"$pid"/comm) != 'daemonize: log' ]] || echo "$pid"
	done
}

# is_kept: $super has a keeper, which is not the one in $1.
is_kept() { [[ -n $(the_keeper) && $(the_keeper) != "${1:-}" ]]; }

# ends: the one in the background does, and all of it.
ends()
{
	kill -TERM "$super"
	wait "$super" || :
	nothing_runs
}

@test "its lines are marked, and its status is its own" {
	once --log=- --log-tags sh -c 'echo one; sleep 0.01; echo two >&2; sleep 0.3; exit 3'
	expect_status 3
	[[ $output == $'o one\ne two' ]] || told
	once -r --log-timestamps sh -c 'echo one; exit 3'
	expect_status 3
	[[ $output =~ ^[0-9T:.-]+Z\ one$ ]] || told
	nothing_runs
}

@test "all of it is there, whatever the standard output is" {
	seq 300000 >should
	daemonize -F --restart=never --log=- seq 300000 2>err | cmp - should
	daemonize -F --restart=never --log=- seq 300000 2>err >file || :
	cmp file should
	echo first >file
	daemonize -F --restart=never --log=- seq 300000 2>err >>file || :
	cmp <(tail -n +2 file) should
	# one that does not wait
	run_fresh "$python" -c '
import os, subprocess, threading, time
r, w = os.pipe()
os.set_blocking(w, False)
p = subprocess.Popen(["daemonize", "-F", "--restart=never", "--log=-", "seq", "300000"], stdout=w)
os.close(w)
time.sleep(0.3)
got = b"".join(iter(lambda: os.read(r, 65536), b""))
p.wait()
assert got == open("should", "rb").read()'
	expect_status 0
	nothing_runs
}

@test "a keeper that is killed loses nothing, and repeats nothing" {
	mkfifo more
	goes_on --log=- sh -c "$counting"
	for i in 1 2 3 4 5 6 7 8; do
		eventually 5 is_kept "${k:-}"
		k=$(the_keeper)
		count $((i * 20000))
		kill -KILL "$k"
	done
	count 200000
	eventually 10 eval 'cmp -s out <(seq 200000)'
	ends
	cmp out <(seq 200000)
}

@test "the supervisor is killed: the keeper goes with the command" {
	mkfifo more
	goes_on --log=- sh -c "$counting"
	eventually 5 is_kept
	k=$(the_keeper)
	count 10
	kids=$(kids)
	remember $kids
	kill -KILL "$super"
	count 20
	eventually 5 eval 'cmp -s out <(seq 20)'
	for pid in $kids; do [[ $pid == "$k" ]] || kill -KILL "$pid"; done
	eventually 5 gone "$k"
}

@test "who does not read it is not waited for; with --log-block he is" {
	mkfifo more pipe
	exec 7<>pipe
	daemonize -F -c "$scratch" -r --log=- sh -c "$counting" >pipe 2>err 3>&- 7>&- &
	super=$!
	remember "$super"
	count 1000000
	timeout 20 sed '/^1000000$/q' <pipe >got
	line=$(grep lost got)
	[[ $line =~ ^daemonize:\ ([0-9]+)\ lines,\ .*\ lost:\ it\ does\ not\ answer ]]
	((BASH_REMATCH[1] + $(wc -l <got) - 1 - $(grep -c 'above is cut' got || :) == 1000000))
	ends
	rm -f done.*
	daemonize -F -c "$scratch" -r --log=- --log-block sh -c "$counting" >pipe 2>err 3>&- 7>&- &
	super=$!
	remember "$super"
	echo 1000000 >./more
	sleep 1.5
	[[ ! -e done.1000000 ]]
	timeout 20 sed '/^1000000$/q' <pipe >got
	cmp got <(seq 1000000)
	ends
}

@test "nobody reads it any more: it runs on" {
	mkfifo more pipe
	exec 7<>pipe
	daemonize -F -c "$scratch" -r --log=- sh -c "$counting" >pipe 2>err 3>&- 7>&- &
	super=$!
	remember "$super"
	count 1
	head -n 1 <pipe >got
	exec 7>&-
	count 1000000
	alive "$super"
	count 1000001
	ends
}

@test "to a file: with a name, without one, and only of one" {
	mkfifo more
	log=$scratch/log
	goes_on --log="$log" --log-size=10K --log-files=999 sh -c "$counting"
	count 20000
	eventually 5 has_all 20000
	[[ -e $log.2 && ! -s out ]]
	once --log="$log" true
	expect_status 125
	[[ $stderr == "daemonize: log: $log: pid $(the_keeper) keeps another service's log there: give it one of its own" ]] || told
	ends
	goes_on -n svc --log="$log" sh -c 'echo more; exec sleep 600'
	eventually 5 grep -qx more "$log"
	k=$(keeper)
	eventually 5 is ready 0 svc
	ctl logs -n 1 svc
	[[ $output == more ]] || told
	ends
	gone "$k"
	[[ ! -e run/svc/spool && ! -e run/svc/out ]]
}

@test "with a name, daemonctl knows of it" {
	goes_on -n svc --log=- --log-tags sh -c 'echo one; exec sleep 600'
	eventually 5 is ready 0 svc
	k=$(keeper)
	[[ $k == "$(the_keeper)" ]]
	eventually 5 eval '[[ $(<out) == "o one" ]]'
	ctl status svc
	[[ $output == *"logged    by pid $k"* ]] || told
	ctl show svc
	[[ $output == *' --log - --log-tags -F '* ]] || told
	refuses 3 "logs: svc: its output is its supervisor's" logs svc
	ctl restart svc
	expect_status 0
	eventually 5 eval '[[ $(<out) == $'"'o one\no one'"' ]]'
	ctl stop svc
	expect_status 0
	eventually 5 gone "$super"
	nothing_runs
}

@test "what is left when it ends is waited for; who ends that is told what is lost" {
	seq 200000 >should
	{ daemonize -F --restart=never --log=- seq 200000 2>err; echo $? >status; } | (sleep 0.7; cat) | cmp - should
	[[ $(<status) == 0 && $(<err) == 'daemonize: seq: ended with status 0' ]]
	run_fresh timeout 20 "$python" -c '
import os, re, signal, subprocess, sys, time
r, w = os.pipe()
p = subprocess.Popen(["daemonize", "-F", "--restart=never", "--log=-", "seq", "140000"],
    stdout=w, stderr=subprocess.PIPE)
os.close(w)
said = p.stderr.readline()
assert b"ended with status 0" in said, said
time.sleep(0.3)
assert p.poll() is None
p.send_signal(signal.SIGTERM)
said = p.stderr.read()
lost = int(re.match(rb"daemonize: log: -: (\d+) bytes of its output lost: it does not answer\n$", said)[1])
assert p.wait() == 125
there = len(b"".join(iter(lambda: os.read(r, 65536), b"")))
assert there + lost == 868895, (there, lost)'
	expect_status 0
	nothing_runs
}

@test "an output that nobody reads any more, or that fails, does not keep it" {
	for block in '' --log-block; do
		# shellcheck disable=SC2086 # an option
		{ timeout 20 daemonize -F --restart=never --log=- $block seq 1000000 2>err || echo $? >status; } | head -n 1 >got
		[[ $(<got) == 1 && $(<status) == 125 ]]
		[[ $(tail -n 1 err) =~ bytes\ of\ its\ output\ lost:\ Broken\ pipe$ ]]
	done
	run_fresh sh -c 'timeout 20 daemonize -F --restart=never --log=- echo hi >/dev/full'
	expect_status 125
	[[ ${stderr_lines[-1]} == 'daemonize: log: -: 3 bytes of its output lost: No space left on device' ]] || told
	for closed in '>&-' '1</dev/null'; do
		run_fresh sh -c "daemonize -F --restart=never --log=- echo hi $closed"
		expect_status 125
		[[ $stderr == 'daemonize: log: -: Bad file descriptor' ]] || told
	done
	nothing_runs
}

@test "what was closed is closed for the command, and nothing of ours" {
	needs readlink
	daemonize -F --restart=never --log="$scratch/log" sh -c '
		for fd in 0 1 2; do readlink /proc/$$/fd/$fd || echo none; done >'"$scratch/fds" <&- >&- 2>&- || :
	[[ $(<fds) == $'none\n'"$scratch/fds"$'\npipe:['*']' ]] || { cat fds; false; }
	nothing_runs
}

# bats test_tags=root
@test "--log-block: at its end it waits for the disk" {
	root_only
	mkdir small
	mount -t tmpfs -o size=64k none small || skip 'nothing can be mounted'
	daemonize -F --restart=never --log-block --log="$scratch/small/log" seq 100000 2>err 3>&- &
	super=$!
	remember "$super"
	eventually 5 grep -q ended err
	sleep 0.3
	alive "$super"
	mount -o remount,size=8m small
	wait "$super"
	cmp small/log <(seq 100000)
	# without it, not; and what it was is told
	mount -o remount,size=600k small
	run_fresh timeout 20 daemonize -F --restart=never --log="$scratch/small/two" seq 100000
	expect_status 125
	[[ ${stderr_lines[-1]} =~ ^daemonize:\ log:\ .*/two:\ ([0-9]+)\ bytes\ of\ its\ output\ lost:\ No\ space ]] || told
	((BASH_REMATCH[1] + $(stat -c %s small/two) == $(seq 100000 | wc -c)))
	nothing_runs
	umount small
}

@test "hooks print nothing" {
	once --log=- --before='echo before; echo before >&2' --on-exit='echo exit' sh -c 'echo one; sleep 0.3'
	expect_status 0
	[[ $output == one && $stderr == 'daemonize: sh: ended with status 0' ]] || told
}

# bats test_tags=root
@test "as process 1, with all of it there when it ends" {
	root_only
	unshare --pid --fork --mount-proc --kill-child daemonize -F --restart=never --log=- --log-tags \
	    sh -c 'seq 100000; printf end' >out 2>err || :
	cmp out <(seq 100000 | sed 's/^/o /'; echo 'o end')
}

# bats test_tags=root
@test "without /proc it needs a name" {
	root_only
	[[ -z ${SANITIZE:-} ]] || skip 'the sanitizer needs /proc itself'
	run_fresh unshare -m sh -c 'mount -t tmpfs none /proc && exec "$@"' - \
	    daemonize -F --restart=never --log=- echo hello
	expect_status 125
	[[ $stderr == 'daemonize: log: out: needs /proc, or a name (-n)' ]] || told
}

# bats test_tags=root
@test "syslog, too, or alone" {
	root_only
	mkdir dev
	mount -t tmpfs none dev || skip 'nothing can be mounted'
	cp -a /dev/null /dev/zero /dev/random /dev/urandom /dev/tty /dev/fd dev
	run_fresh unshare -m sh -c 'mount --bind dev /dev && exec "$@"' - \
	    timeout 20 daemonize -F --restart=never --log=- --syslog=daemon.info sh -c 'echo out; sleep 0.3'
	expect_status 0
	[[ $output == out && ${stderr_lines[-1]} == 'daemonize: syslog: daemon.info: 4 bytes of its output lost: No such file or directory' ]] || told
	hears
	for log in - none; do
		run_fresh unshare -m sh -c 'mount --bind dev /dev && exec "$@"' - \
		    daemonize -F --restart=never --log=$log --syslog=daemon.info -T web sh -c 'echo "to '$log'"; sleep 0.3'
		expect_status 0
		eventually 5 grep -q "web: to $log" got
		[[ $log == none || $output == 'to -' ]] || told
		[[ $log == - || -z $output ]] || told
	done
	kill -KILL "$reader"
	eventually 5 umount dev
}

@test "what makes no sense is refused" {
	fails 2 'option: --log: -: only with -F' -n svc --log=- true
	fails 125 'option: --log-size: only with --log=FILE' -F -r --log=- --log-size=1M true
	fails 125 'option: --log-files: only with --log=FILE' -F -r --log-files=1 true
	fails 125 'option: --log: stands for -o and -e: give it alone' -F --log=- -o out true
	fails 125 'option: --log-tags: not with -o or -e: what it prints is not ours' -F -r -o out --log-tags true
}
