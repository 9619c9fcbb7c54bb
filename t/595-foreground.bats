#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Supervised in the foreground: restarted, stopped whole, and fit to be
# process 1.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start

setup()
{
	scratch_setup
	cd "$scratch" || return
}

# supervises ARG...: run to its end, in at most 20 s.
supervises() { run_fresh timeout 20 daemonize -F "$@"; }

# in_background ARG...: the same, not waited for; its pid is $launched.
in_background()
{
	rm -f "$scratch/daemonize.err"
	launch daemonize -F "$@"
	super=$launched
}

# said: what the one in the background printed.
said() { cat "$scratch/daemonize.err"; }

# comes_to STATUS: it ends with that.
comes_to()
{
	eventually 10 gone "$super"
	local status=0
	wait "$super" || status=$?
	((status == $1)) || { echo "status $status"; said; return 1; }
}

# runs N: the command has been started N times; each adds a line to runs.
runs() { [[ $(wc -l <runs) -eq $1 ]]; }

@test "it is restarted: twice at once, then after 2 s" {
	in_background -r sh -c 'echo >>runs; sleep 0.3; exit 1'
	eventually 10 grep -q '2[.][0-2] s$' daemonize.err
	runs 3
	[[ $(said) == 'daemonize: sh: ended with status 1: restarted
daemonize: sh: ended with status 1: restarted
daemonize: sh: ended with status 1: restarted in 2.'?' s' ]] || { said; false; }
	kill -TERM "$super"
	comes_to 1
	runs 3
}

@test "a wait that was asked for is always the same" {
	supervises -R 100ms --max-restarts 4/60s sh -c 'echo >>runs; sleep 0.3; exit 1'
	expect_status 1
	runs 5
	[[ $(grep -c 'restarted in 0[.]1 s$' <<<"$stderr") == 4 ]] || told
	[[ ${stderr_lines[-1]} == 'daemonize: sh: ended with status 1: not restarted, it was too often (--max-restarts)' ]]
}

@test "on failure, never, or always" {
	supervises --restart=on-failure sh -c 'echo >>runs; sleep 0.3
		test $(wc -l <runs) = 2'
	expect_status 0
	runs 2
	supervises --restart=never sh -c 'echo >>runs; sleep 0.3; exit 5'
	expect_status 5
	runs 3
	supervises --restart=always --max-restarts 1/1m sh -c 'sleep 0.3; echo >>runs'
	expect_status 0
	runs 5
}

@test "what is a success, and what is final" {
	supervises --restart=on-failure --success-status 3,USR1 \
	    sh -c 'sleep 0.3; exit 3'
	expect_status 0
	supervises --restart=on-failure --success-status 3,USR1 \
	    sh -c 'sleep 0.3; kill -USR1 $$'
	expect_status 0
	supervises -r sh -c 'sleep 0.3; exit 78'
	expect_status 78
	[[ $stderr == 'daemonize: sh: ended with status 78: not restarted (--final-status)' ]]
	supervises -r --final-status 2,KILL sh -c 'sleep 0.3; kill -KILL $$'
	expect_status 137
	[[ $stderr == 'daemonize: sh: ended with signal KILL: not restarted (--final-status)' ]]
}

@test "an attempt that never worked is not repeated" {
	supervises -r sh -c 'echo >>runs; exit 3'
	expect_status 3
	[[ $stderr == 'daemonize: sh: ended with status 3 before it was ready' ]]
	runs 1
	supervises -r true
	expect_status 125
	# What is not to be repeated may succeed as soon as it likes.
	for how in never on-failure; do
		supervises --restart=$how true
		expect_status 0
		[[ $stderr == 'daemonize: true: ended with status 0' ]]
		supervises --restart=$how --success-status 3 sh -c 'exit 3'
		expect_status 0
	done
	supervises --restart=never --ready=notify --ready-timeout 300ms sleep 600
	expect_status 125
	[[ $stderr == 'daemonize: ready: sleep: not ready in time (--ready-timeout): READY=1 was not heard' ]]
	supervises -r --ready=alive:2s sh -c 'echo >>runs; sleep 0.5; exit 3'
	expect_status 3
	runs 2
	supervises -r "$scratch/none"
	expect_status 127
	[[ $stderr == "daemonize: exec: $scratch/none: No such file or directory" ]]
	supervises -r /etc/passwd
	expect_status 126
	supervises -r -u no-such-user true
	expect_status 125
	[[ $stderr == 'daemonize: user: no-such-user: no such user' ]]
	supervises -r --ready exec --max-restarts 2/1m sh -c 'echo >>runs; exit 3'
	runs 5
}

@test "a command that cannot be executed any more is tried again" {
	cp /bin/sleep job
	in_background -R 100ms "$scratch/job" 0.3
	eventually 5 grep -q 'status 0: restarted' daemonize.err
	rm job
	eventually 5 grep -q "exec: $scratch/job: No such file or directory: restarted in 0.1 s" daemonize.err
	cp /bin/sleep job
	kill -0 "$super"
	kill -TERM "$super"
	comes_to 0
}

@test "TERM, INT and QUIT end all of it, and nothing is said" {
	for signal in TERM INT QUIT; do
		rm -f t
		in_background -r tree "$scratch/t" child group session double
		eventually 5 test -e t
		# shellcheck disable=SC2046 # numbers
		remember $(cut -d = -f 2 t)
		kill -"$signal" "$super"
		comes_to 0
		while read -r line; do
			gone "${line#*=}"
		done <t
		[[ -z $(said) ]]
	done
	[[ -z $(strays) ]]
}

@test "the stop schedule is followed" {
	in_background -r --stop INT/0.2/KILL/5 \
	    sh -c "trap 'echo >>ints' INT; trap '' TERM
		touch up; while :; do sleep 0.05; done"
	eventually 5 test -e up
	kill -TERM "$super"
	comes_to 137
	[[ -s ints ]]
}

@test "what does not die is told, and tried again; its death is seen at once" {
	in_background -r --stop TERM/0.2 sh -c "trap 'echo >>terms' TERM
		echo \$\$ >up; while :; do sleep 0.05; done"
	eventually 5 test -s up
	kill -TERM "$super"
	eventually 5 grep -q '^daemonize: sh: something of it could not be stopped: tried again in 5.0 s$' daemonize.err
	eventually 10 bash -c '(($(wc -l <terms) >= 2))'
	kill -KILL "$(<up)"
	comes_to 137
}

@test "a stop during the wait is obeyed at once, and starts nothing" {
	in_background -R 1h sh -c 'echo >>runs; sleep 0.3'
	eventually 5 grep -q 'restarted in 3600.0 s' daemonize.err
	kill -TERM "$super"
	comes_to 0
	runs 1
}

@test "what one instance has left is ended before the next" {
	supervises -r --max-restarts 2/1m sh -c '
		test -e left && kill -0 $(cat left) 2>/dev/null && echo >>both
		setsid sleep 600 & echo $! >left; echo >>runs; sleep 0.3'
	runs 3
	[[ ! -e both && -z $(strays) ]]
}

@test "each instance is clean, and made anew" {
	mkdir sub
	echo A=1 >vars
	in_background -R 100ms --ready exec --env-file "$scratch/vars" \
	    -E PROBE=yes -c "$scratch/sub" \
	    -o "$scratch/o" condition "$scratch/c" pause
	eventually 5 test -e c
	eventually 5 test -s c
	expect_key c cwd "$scratch/sub"
	expect_key c ignored ''
	expect_key c blocked ''
	grep -q '^env[.][0-9]*=A=1$' c
	grep -q '^env[.][0-9]*=PROBE=yes$' c
	first=$(key c pid)
	[[ $(key c sid) == "$first" ]]
	mv sub old
	mkdir sub
	echo A=2 >vars
	rm c
	kill -TERM "$first"
	eventually 5 test -s c
	grep -q '^env[.][0-9]*=A=2$' c
	expect_key c cwd "$scratch/sub"
	kill -TERM "$super"
	comes_to 0
}

@test "outputs are emptied once, and then appended to" {
	echo old >o
	supervises -R 50ms --max-restarts 2/1m -o o sh -c 'sleep 0.3; echo run'
	[[ $(<o) == $'run\nrun\nrun' ]]
	supervises -R 50ms --max-restarts 1/1m -a -o o sh -c 'sleep 0.3; echo more'
	[[ $(<o) == $'run\nrun\nrun\nmore\nmore' ]]
}

@test "signals without a meaning for us are the command's; HUP if it is ready" {
	in_background -r decoy "$scratch/decoy"
	eventually 5 test -e decoy
	decoy=$scratch/decoy
	kill -USR1 "$super"
	eventually 5 grep -q '^signal=USR1 ' decoy
	eventually 5 bash -c 'kill -HUP "$1"; sleep 0.1; grep -q "^signal=HUP " "$2"' - "$super" "$decoy"
	kill -TERM "$super"
	eventually 5 grep -q '^signal=TERM ' decoy
	kill -KILL "$(key decoy pid)"
	comes_to 137
}

@test "a caller with odd habits does not disturb it" {
	run_fresh timeout 20 odd ignore=CHLD,PIPE close=0 -- daemonize -F -r --max-restarts 1/1m \
	    sh -c 'echo >>runs; sleep 0.3; exit 4'
	expect_status 4
	runs 2
}

# bats test_tags=root
@test "as another user" {
	root_only
	share_scratch
	mkdir -m 777 open
	in_background -r -u nobody condition "$scratch/open/c" pause
	eventually 5 test -s open/c
	expect_key open/c uid "$(id -u nobody)"
	kill -TERM "$super"
	comes_to 0
}

# bats test_tags=root
@test "as process 1: reaps orphans, ends with the command, writes nothing" {
	root_only
	run_fresh timeout 30 unshare --pid --fork --mount-proc daemonize -F -r \
	    --final-status 7 sh -c '
		for i in 1 2 3; do (setsid sleep 0.1 &) ; done
		sleep 0.5
		ps -eo stat= | grep -c Z
		exit 7'
	expect_status 7
	[[ $output == 0 ]]
	launch unshare --pid --fork --mount-proc --kill-child daemonize -F -r \
	    condition "$scratch/c" pause
	eventually 5 test -s c
	expect_key c ppid 1
	kill -TERM "$(pgrep -P "$launched")"
	eventually 5 gone "$launched"
	[[ -z $(ls -A "$scratch/run") ]]
}

# bats test_tags=root
@test "as process 1 it waits for the hooks of the end" {
	root_only
	run_fresh timeout 30 unshare --pid --fork --mount-proc daemonize -F -r \
	    --restart=never --on-exit 'sleep 0.3; echo exit >>said' \
	    --on-failed 'sleep 0.5; echo failed >>said' -- sh -c 'exit 4'
	expect_status 4
	[[ $(cat said) == $'exit\nfailed' ]]
}

@test "whoever supervises us is told when it is ready, and when it stops" {
	launch notified -k "$scratch/up" daemonize -F -r condition "$scratch/c" pause
	eventually 5 grep -q READY=1 notified.out
	expect_key c ppid "$(pgrep -P "$launched")"
	[[ -z $(env_of c NOTIFY_SOCKET) ]]
	kill -TERM "$(pgrep -P "$launched")"
	eventually 5 grep -q STOPPING=1 notified.out
	[[ $(<notified.out) == 'READY=1
STOPPING=1' ]] || { cat notified.out; false; }
}

@test "what is refused" {
	refusal() # MESSAGE ARG...
	{
		local why=$1
		shift
		run_fresh daemonize "$@" true
		[[ $stderr == "daemonize: option: $why" ]] || told
	}
	for o in -r '-R 1' --restart=never; do
		# shellcheck disable=SC2086 # words
		refusal '-r: needs a name (-n), a pidfile (-p) or -F' $o
	done
	refusal '--keep-fd: with -r only together with -F' -r -n svc --keep-fd 5
	for o in success-status=1 final-status=1; do
		refusal "--${o%%=*}: only with -r or another of those marked * in --help" -F --$o
	done
	refusal '--restart: sometimes: not always, on-failure or never' \
	    -F --restart=sometimes
	refusal '-R: 2d: not a time of a day at most (500ms, 5s)' -F -R 2d
	for bad in 1 1/ /1 0/1s 1/0 1s/1 -1/1s 1000001/1s; do
		refusal "--max-restarts: $bad: not N/TIME (5/60s)" \
		    -F -r --max-restarts="$bad"
	done
	for o in success-status final-status; do
		refusal "--$o: 256: not statuses (0 to 255) or signals with commas between" \
		    -F -r --$o=256
	done
}

@test "with its terminal it goes, too" {
	needs script
	launch script -qc 'daemonize -F -r -- tree up child double' /dev/null
	eventually 5 test -e up
	# shellcheck disable=SC2046 # numbers
	remember $(cut -d = -f 2 up)
	kill -KILL "$launched"
	while read -r line; do
		eventually 5 gone "${line#*=}"
	done <up
}
