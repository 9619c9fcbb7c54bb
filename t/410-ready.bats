#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# --ready: what the caller is told while and after it waits, and what is taken
# back where the command did not live.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start

setup()
{
	scratch_setup
	both=(-n svc -p "$scratch/p")
	public=$scratch/run/svc/public
}

# A launcher that waits in the background: $launched; the command's: $pid.
# Its status will be in $scratch/status.
waits()
{
	launch bash -c '"$@"; echo $? >"$0/status"' "$scratch" \
	    odd default=ALRM,INT,QUIT "${odd[@]}" -- \
	    daemonize "${both[@]}" "$@"
	eventually 5 test -e "$scratch/c"
	pid=$(sed -n 's/^\(pid\|self\)=//p' "$scratch/c")
	remember "$pid"
	launcher=$(<"/proc/$launched/task/$launched/children")
	launcher=${launcher%% *}
}

ended()
{
	eventually 5 test -s "$scratch/status"
	[[ $(<"$scratch/status") == "$1" ]] || {
		echo "status $(<"$scratch/status"):" "$(<"$scratch/bash.err")"
		return 1
	}
}

elapsed_ms() { echo $(((${EPOCHREALTIME/./} - begun) / 1000)); }

@test "ready by living: 0 only after that time, and then it is ready" {
	begun=${EPOCHREALTIME/./}
	starts "${both[@]}" --ready=alive:0.3s
	(($(elapsed_ms) >= 300))
	expect_record "$public" condition ready
	expect_record "$public" pid "$pid"
	[[ $(<"$scratch/p") == "$pid" && $(<"$scratch/run/svc/pid") == "$pid" ]]
	alive "$pid"
}

@test "while it must live it is starting, and recorded" {
	waits --ready=alive:20s condition "$scratch/c" pause
	expect_record "$public" condition starting
	expect_record "$public" pid "$pid"
	[[ $(<"$scratch/p") == "$pid" ]]
	alive "$launcher"
}

@test "a death is told at once, with the status" {
	begun=${EPOCHREALTIME/./}
	fails 4 'ready: sh: ended with status 3 before it was ready' \
	    "${both[@]}" --ready=alive:50s sh -c 'exit 3'
	(($(elapsed_ms) < 20000))
	expect_record "$public" condition failed
	expect_record "$public" reason 'ended with status 3 before it was ready'
	expect_record "$public" code 4
	starts "${both[@]}" --ready=alive:0.1s
}

@test "an end with 0 is a death, too" {
	fails 4 'ready: true: ended with status 0 before it was ready (does it detach by itself? see --ready=pidfile)' \
	    "${both[@]}" --ready=alive:50s true
}

@test "a death by a signal is told by the signal's name" {
	local s
	for s in KILL SEGV TERM; do
		fails 4 "ready: sh: killed by signal $s before it was ready" \
		    "${both[@]}" --rlimit core=0 --ready=alive:50s \
		    sh -c "kill -$s \$\$"
	done
}

@test "a command that detaches itself is told as ended" {
	run_fresh daemonize "${both[@]}" --ready=alive:20s sh -c \
	    'condition "$1" pause & exit 0' - "$scratch/c"
	expect_status 4
	one_line_stderr 'ended with status 0 before it was ready \(does it detach by itself\? see --ready=pidfile\)$'
	[[ -z $(strays) && ! -e $scratch/p ]]
}

@test "a failed exec is not mistaken for a death" {
	fails 127 'exec: no-such-command: not found in PATH' \
	    "${both[@]}" --ready=alive:20s no-such-command
	fails 126 "exec: $scratch: is a directory" \
	    "${both[@]}" --ready=alive:20s "$scratch"
}

@test "a death is followed by the last lines of stderr, ten at most" {
	run_fresh daemonize "${both[@]}" -o "$scratch/o" -e "$scratch/e" \
	    --ready=alive:20s sh -c 'echo no; seq 1 12 >&2; exit 1'
	expect_status 4
	[[ $stderr == "daemonize: ready: sh: ended with status 1 before it was ready
$(seq -f '| %g' 3 12)" ]]
	[[ -z $output && $(<"$scratch/o") == no && ! -e $scratch/p ]]
}

@test "without words on stderr, by those on stdout" {
	run_fresh daemonize "${both[@]}" -o "$scratch/o" -e "$scratch/e" \
	    --ready=alive:20s sh -c 'printf "one\ntwo"; exit 1'
	expect_status 4
	[[ $stderr == *$' ready\n| one\n| two' ]]
}

@test "last lines are this start's, not what was in the file before" {
	echo old >"$scratch/o"
	run_fresh daemonize "${both[@]}" -a -o "$scratch/o" --ready=alive:20s \
	    sh -c 'echo new; exit 1'
	expect_status 4
	[[ $stderr == *$' ready\n| new' ]]
	run_fresh daemonize "${both[@]}" -a -o "$scratch/o" --ready=alive:20s \
	    sh -c 'exit 1'
	expect_status 4
	one_line_stderr
	run_fresh daemonize "${both[@]}" -o "$scratch/o" --ready=alive:20s \
	    sh -c 'exit 1'
	expect_status 4
	one_line_stderr
}

@test "last lines cannot move the cursor or pose as ours" {
	run_fresh daemonize "${both[@]}" -e "$scratch/e" --ready=alive:20s \
	    sh -c 'printf "\033[2Jred\rdaemonize: fine\n\302\233xä\177\n" >&2
		exit 1'
	expect_status 4
	[[ ${stderr_lines[1]} == '| \x1b[2Jred\x0ddaemonize: fine' ]]
	[[ ${stderr_lines[2]} == '| \xc2'*'xä\x7f' ]]
	[[ $stderr != *$'\x1b'* && $stderr != *$'\r'* && $stderr != *$'\xc2\x9b'* ]]
}

@test "nor turn the order of letters, or make lines of their own" {
	run_fresh daemonize "${both[@]}" -e "$scratch/e" --ready=alive:20s \
	    sh -c 'printf "a\342\200\256b\342\200\250c\342\201\246d\330\234e\342\200\223\n" >&2
		exit 1'
	expect_status 4
	[[ ${stderr_lines[1]} == '| a\xe2\x80\xaeb\xe2\x80\xa8c\xe2\x81\xa6d\xd8\x9ce–' ]]
}

@test "what the dead command had started is ended with it" {
	run_fresh daemonize "${both[@]}" --ready=alive:20s tree "$scratch/t" \
	    a:child b:group c:double d:ignore e:stopped self:exit
	expect_status 4
	one_line_stderr 'ended with status 0 before it was ready \(does it detach by itself\? see --ready=pidfile\)$'
	[[ -e $scratch/t && -z $(strays) && ! -e $scratch/p ]]
	for label in a b c d e; do
		gone "$(key "$scratch/t" "$label")"
	done
}

@test "also what had made a session of its own" {
	run_fresh daemonize "${both[@]}" --ready=alive:20s tree "$scratch/t" \
	    a:session b:session+double c:session+ignore+cleared self:exit
	expect_status 4
	[[ -e $scratch/t ]]
	for label in a b c; do
		gone "$(key "$scratch/t" "$label")"
	done
}

@test "children the launcher was born with are not its command's" {
	run_fresh bash -c 'condition "$0/stranger" pause 3>&- & exec "$@"' \
	    "$scratch" daemonize "${both[@]}" --ready=alive:20s false
	expect_status 4
	eventually 5 test -e "$scratch/stranger"
	alive "$(key "$scratch/stranger" pid)"
}

@test "TERM, INT, HUP or QUIT to the waiting launcher undo the start" {
	local s
	for s in TERM INT HUP QUIT; do
		rm -f "$scratch/c" "$scratch/status"
		waits --ready=alive:50s condition "$scratch/c" pause
		kill "-$s" "$launcher"
		ended 1
		gone "$pid"
		[[ ! -e $scratch/p && ! -e $scratch/run/svc/pid ]]
		[[ $(<"$scratch/bash.err") == \
		    'daemonize: start: condition: undone by a signal' ]]
		expect_record "$public" condition failed
		[[ -z $(strays) ]]
	done
	starts "${both[@]}"
}

@test "what is undone goes with all it had started" {
	waits --ready=alive:50s tree "$scratch/c" \
	    a:child b:group c:double+ignore d:session e:session+double
	kill -TERM "$launcher"
	ended 1
	for label in self a b c d e; do
		gone "$(key "$scratch/c" "$label")"
	done
	[[ ! -e $scratch/p ]]
}

@test "a signal the caller ignores undoes nothing" {
	odd=(ignore=HUP)
	waits --ready=alive:0.5s condition "$scratch/c" pause
	kill -HUP "$launcher"
	ended 0
	alive "$pid"
	[[ $(<"$scratch/p") == "$pid" ]]
}

@test "a signal that was pending before we came undoes nothing half" {
	# Blocked and pending: it arrives when the mask is given back.
	run_fresh odd default=TERM block=TERM pending=TERM -- \
	    daemonize "${both[@]}" condition "$scratch/c" pause
	[[ $status == 1 || $status == 143 || $status == 0 ]]
	if ((status == 0)); then
		eventually 5 test -e "$scratch/c"
		alive "$(<"$scratch/p")"
	else
		[[ -z $(strays) && ! -e $scratch/p ]]
	fi
}

@test "a launcher killed while it waits: the service runs on, recorded" {
	waits --ready=alive:50s condition "$scratch/c" pause
	kill -KILL "$launcher"
	eventually 5 gone "$launcher"
	alive "$pid"
	[[ $(<"$scratch/p") == "$pid" ]]
	expect_record "$public" pid "$pid"
	run_fresh daemonize "${both[@]}" condition "$scratch/c2"
	expect_status 3
	one_line_stderr "already running, pid $pid"
	[[ ! -e $scratch/c2 ]]
}

@test "who comes second does not wait for the first to be ready" {
	waits --ready=alive:50s condition "$scratch/c" pause
	begun=${EPOCHREALTIME/./}
	run_fresh daemonize "${both[@]}" condition "$scratch/c2"
	expect_status 3
	one_line_stderr "already running, pid $pid"
	(($(elapsed_ms) < 10000))
	[[ ! -e $scratch/c2 ]]
}

@test "the launcher holds nothing of its caller's once it has ended" {
	not keeps_pipe daemonize "${both[@]}" condition "$scratch/c" pause
	eventually 5 test -e "$scratch/c"
	alive "$(key "$scratch/c" pid)"
}

@test "--check must succeed, or nothing is started" {
	fails 1 'check: exit 3: failed with status 3' \
	    "${both[@]}" --check 'exit 3' condition "$scratch/c" pause
	fails 1 'check: kill -KILL $$: killed by signal KILL' \
	    "${both[@]}" --check 'kill -KILL $$' condition "$scratch/c" pause
	[[ ! -e $scratch/c && ! -e $scratch/run/svc ]]
	starts "${both[@]}" --check true
}

@test "--check shows what it says" {
	run_fresh daemonize "${both[@]}" --check 'echo to err >&2; echo to out' \
	    condition "$scratch/c" pause
	expect_status 0
	[[ $output == 'to out' && $stderr == 'to err' ]]
}

@test "--check runs as the command will: directory, umask, environment" {
	mkdir "$scratch/dir"
	printf 'SECRET=1\n' >"$scratch/env"
	starts "${both[@]}" -c "$scratch/dir" -m 027 -E A=b \
	    --env-file "$scratch/env" \
	    --check "pwd >\$OUT; umask >>\$OUT; echo \$A\$SECRET >>\$OUT" \
	    -E OUT="$scratch/out"
	[[ $(<"$scratch/out") == "$scratch/dir"$'\n'0027$'\n'b1 ]]
}

# bats test_tags=root
@test "--check runs as the command's user" {
	root_only
	share_scratch
	mkdir -m 777 "$scratch/open"
	run_fresh daemonize -u nobody --check "id -un >$scratch/open/who" true
	expect_status 0
	[[ $(<"$scratch/open/who") == nobody ]]
}

@test "what a --check leaves running is ended, wherever it hides" {
	starts --check "condition $scratch/a pause & setsid condition $scratch/b \
	    pause & (setsid setsid condition $scratch/d pause &)
	    until [ -e $scratch/a -a -e $scratch/b -a -e $scratch/d ]
	    do sleep 0.01; done"
	for left in a b d; do
		gone "$(key "$scratch/$left" pid)"
	done
	# Nor is the command a reaper of others because we were.
	run_fresh daemonize -F --check true /usr/bin/python3 -c '
import ctypes
reaper = ctypes.c_int()
ctypes.CDLL(None).prctl(37, ctypes.byref(reaper))
print(reaper.value)'
	[[ $output == 0 ]]
}

@test "a --check does not outlive a launcher that is killed, whoever runs it" {
	share_scratch
	mkdir -m 777 "$scratch/open"
	for user in "$(id -u)" $( ((EUID != 0)) || echo nobody); do
		launch daemonize -n svc -u "$user" --check \
		    "exec condition $scratch/open/$user pause" true
		eventually 5 test -e "$scratch/open/$user"
		kill -KILL "$launched"
		eventually 5 gone "$(key "$scratch/open/$user" pid)"
	done
}

@test "an interrupted --check starts nothing and leaves nothing" {
	launch bash -c '"$@"; echo $? >"$0/status"' "$scratch" \
	    odd default=INT,TERM -- daemonize "${both[@]}" \
	    --check "condition $scratch/check pause" condition "$scratch/c"
	eventually 5 test -e "$scratch/check"
	launcher=$(<"/proc/$launched/task/$launched/children")
	launcher=${launcher%% *}
	kill -TERM "$launcher"
	eventually 5 test -s "$scratch/status"
	gone "$(key "$scratch/check" pid)"
	[[ $(<"$scratch/status") == 143 && ! -e $scratch/c && ! -e $scratch/p ]]
	[[ -z $(strays) ]]
}
