# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What our bats tests stand on; `load helper` (or `load ../helper`) at the top
# of a file gives it all of this.  How to write a test is in t/README.md.

bats_require_minimum_version 1.5.0

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
BUILD=${BUILD:-$here/../build}
BUILD=$(cd "$BUILD" && pwd) || exit 1
if [[ ! -x $BUILD/t/condition ]]; then
	echo "no probes in $BUILD/t: make check builds them" >&2
	exit 1
fi
export BUILD
# A user's PATH lacks the sbins, where the programs we detach live.
export PATH="$BUILD:$BUILD/t:$PATH:/usr/sbin:/sbin"

# Not of the machine's language, nor of a supervisor that may run the tests.
export LC_ALL=C
unset NOTIFY_SOCKET LISTEN_FDS LISTEN_PID LISTEN_FDNAMES WATCHDOG_PID \
    WATCHDOG_USEC SYSTEMD_EXEC_PID INVOCATION_ID DAEMONIZE_FOREGROUND \
    DAEMONIZE_ID DAEMON_FOREGROUND DAEMON_READY_FD

# A file with a setup or teardown of its own calls these two from it.
setup() { scratch_setup; }
teardown() { scratch_teardown; }

scratch_setup()
{
	scratch=$BATS_TEST_TMPDIR
	export DAEMONIZE_RUNDIR=$scratch/run
	mkdir -m 700 "$DAEMONIZE_RUNDIR"
	export DAEMONIZE_LOGDIR=$scratch.log
	remembered=()
	# Nobody ever writes to it: reading it is how we wait a little without
	# a process for it.  Beside the scratch directory, not to be seen there.
	never=$scratch.never
	mkfifo "$never"
	watch_start
}

scratch_teardown()
{
	watch_stop
	end_all
	remove_groups
	if [[ -e $scratch.late ]]; then
		echo "took longer than ${TEST_LIMIT:-60} s: was ended" >&2
		return 1
	fi
}

# remove_groups: of services that were ended as no supervisor would.
remove_groups()
{
	local group
	for group in $(groups_on_record); do
		rmdir "$group" 2>/dev/null || :
	done
}

groups_on_record()
{
	sed -n '/^\(cgroup\|memory_group\) [0-9]*$/{n;p}' \
	    "$scratch"/run/*/state 2>/dev/null
}

# lean: the build is the static one, with a C library that reads only /etc and
# has its own words for errors.
lean() { [[ ! -e $BUILD/libdaemon.so ]]; }
if lean; then
	eloop='Symbolic link loop'
	enametoolong='Filename too long'
else
	eloop='Too many levels of symbolic links'
	enametoolong='File name too long'
fi

# --- time ------------------------------------------------------------------

# The test's own deadline.  When it passes, everything the test started is
# ended, so whatever the test hangs in returns, and the test fails in words.
# TEST_LIMIT changes it (seconds; for one test: set it, then watch_start).
watch_start()
{
	watch_stop
	(
		read -r -t "${TEST_LIMIT:-60}" <>"$never" && exit
		: >"$scratch.late"
		end_all
	) >/dev/null 2>&1 3>&- &
	watch=$!
	disown "$watch"
}

watch_stop()
{
	[[ -z ${watch:-} ]] || kill "$watch" 2>/dev/null || :
	watch=
}

# eventually SECONDS CMD...: CMD becomes true before the deadline, or we say
# what did not.  For the opposite: eventually 5 not alive "$pid".
eventually()
{
	local deadline
	printf -v deadline %.0f "${1}e6"
	((deadline += ${EPOCHREALTIME/./}))
	shift
	until "$@" 2>/dev/null; do
		if ((${EPOCHREALTIME/./} > deadline)); then
			echo "not in time: $*" >&2
			return 1
		fi
		read -r -t 0.005 <>"$never" || :
	done
}

not() { ! "$@"; }

# --- processes -------------------------------------------------------------

# state PID: its letter in /proc (R S D T Z ...); fails when there is none.
state()
{
	local line
	{ read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
	line=${line##*) }
	echo "${line%% *}"
}

# alive PID: it runs; a zombie is dead.  gone PID: the opposite.
alive()
{
	local s
	s=$(state "$1") && [[ $s != [ZX] ]]
}

gone() { ! alive "$1"; }

in_state() { [[ $(state "$1") == "$2" ]]; }

# birth PID: its start time, which tells it from a later one of that number.
birth()
{
	local line
	{ read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
	read -r -a line <<<"${line##*) }"
	echo "${line[19]}"
}

# remember PID...: to be ended with the test.
remember()
{
	local pid
	for pid; do
		remembered+=("$pid:$(birth "$pid" || echo dead)")
	done
}

# launch CMD...: a probe in the background, remembered; its pid in $launched,
# its output in $scratch/NAME.out and .err.  (A background command of a shell
# has /dev/null for standard input and ignores INT and QUIT.)
launch()
{
	local name=${1##*/}
	"$@" >"$scratch/$name.out" 2>"$scratch/$name.err" 3>&- &
	launched=$!
	remember "$launched"
}

# ours: the pid of everything of this test that can be found: what carries its
# BATS_TEST_TMPDIR (what daemonize starts inherits that, but no DAEMONIZE_*),
# names the scratch directory, works in it or holds a file of it: a daemon may
# have dropped its environment or painted its title over it.
ours()
{
	local f
	{
		grep -slzxF "BATS_TEST_TMPDIR=$scratch" /proc/[0-9]*/environ
		grep -slzF "$scratch/" /proc/[0-9]*/cmdline
		find /proc/[0-9]*/{cwd,exe,fd} -maxdepth 1 \
		    \( -lname "$scratch/*" -o -lname "$scratch" \
		    -o -lname "$scratch (deleted)" \) 2>/dev/null
	} | while read -r f; do
		f=${f#/proc/}
		echo "${f%%/*}"
	done | sort -u
}

# strays: what of it lives, but for the test's shell.  What a failed start must
# leave empty: [ -z "$(strays)" ].
# (In a pipeline it would find its neighbours: they carry our variables too.)
strays()
{
	local keep pid
	keep=" $(ancestors | tr '\n' ' ') ${watch:-} "
	for pid in $(ours); do
		[[ $keep == *" $pid "* ]] || ! alive "$pid" || echo "$pid"
	done
}

# recorded: what remember was told, where it is still that process.
recorded()
{
	local who
	for who in "${remembered[@]}"; do
		[[ $(birth "${who%:*}") != "${who#*:}" ]] || echo "${who%:*}"
	done
}

# children: of the test's shell; $$ is that also in a subshell.
children()
{
	local pids
	read -r -a pids <"/proc/$$/task/$$/children" || :
	printf '%s\n' "${pids[@]}"
}

# This shell and those above it: the test runner.
ancestors()
{
	local p=$BASHPID line
	while ((p > 1)); do
		echo "$p"
		read -r line <"/proc/$p/stat" || return 0
		line=${line##*) }
		read -r _ p _ <<<"$line"
	done
}

# Ends everything of this test, by pid.  In rounds, because a supervisor may
# have started one more between our look and its end.
end_all()
{
	local keep pid round found
	keep=" $(ancestors | tr '\n' ' ') ${watch:-} "
	for round in {1..50}; do
		found=
		for pid in $(ours; recorded; children); do
			[[ $keep != *" $pid "* ]] || continue
			alive "$pid" || continue
			found=$pid
			kill -KILL "$pid" 2>/dev/null || :
		done
		[[ -n $found ]] || return 0
		((round < 5)) || read -r -t 0.01 <>"$never" || :
	done
	echo "still alive: $found" >&2
	return 1
}

# free_pid: a number that no process, thread or group has; for recycle.
free_pid()
{
	local max pid
	read -r max </proc/sys/kernel/pid_max
	for ((;;)); do
		pid=$((max / 2 + RANDOM * RANDOM % (max / 2)))
		[[ -e /proc/$pid ]] || break
	done
	echo "$pid"
}

# --- running ---------------------------------------------------------------

# run_fresh CMD...: sets $status, $output, $lines, $stderr and $stderr_lines as
# `run --separate-stderr` does, with two differences: fd 3 is closed, for a
# daemon that inherits it keeps bats waiting; and output goes to files, so a
# daemon that keeps our stdout does not hang us (keeps_pipe asks that).
run_fresh()
{
	status=0
	"$@" >"$scratch.run.out" 2>"$scratch.run.err" 3>&- || status=$?
	output=$(<"$scratch.run.out")
	stderr=$(<"$scratch.run.err")
	mapfile -t lines <"$scratch.run.out"
	mapfile -t stderr_lines <"$scratch.run.err"
}

# keeps_pipe CMD...: true if what CMD leaves behind still holds its output:
# end of file does not come within half a second of its end.
keeps_pipe()
{
	local fd rc=0
	exec {fd}< <("$@" 2>&1 3>&- || :; echo ended)
	while read -r -t 30 -u "$fd" && [[ $REPLY != ended ]]; do
		:
	done
	read -r -t 0.5 -u "$fd" || rc=$?
	exec {fd}<&-
	((rc > 128))
}

# --- saying ----------------------------------------------------------------

told()
{
	printf '%s\n' "$@" "  status: $status" >&2
	printf '  stdout: %s\n' "${lines[@]}" >&2
	printf '  stderr: %s\n' "${stderr_lines[@]}" >&2
	return 1
}

# expect_status N: of the last run_fresh, else everything it said.
expect_status()
{
	[[ $status -eq $1 ]] || told "expected status $1"
}

# one_line_stderr [REGEX]: the last run_fresh said one line of ours on stderr
# and nothing on stdout; with REGEX, that line matches.
one_line_stderr()
{
	((${#stderr_lines[@]} == 1)) || told "expected one line on stderr" ||
	    return
	[[ $stderr =~ ^daemon(ize|ctl):\  ]] || told "expected a line of ours" \
	    || return
	[[ -z $output ]] || told "expected nothing on stdout" || return
	[[ -z ${1:-} || $stderr =~ $1 ]] || told "expected /$1/"
}

# silent: the last run_fresh said nothing at all.
silent()
{
	[[ -z $output && -z $stderr ]] || told "expected silence"
}

# key FILE NAME: the value of NAME=value; fails where there is none.
key()
{
	awk -v key="$2=" 'index($0, key) == 1 {
		print substr($0, length(key) + 1); found = 1; exit
	} END { exit !found }' "$1" || {
		echo "$1: no $2" >&2
		return 1
	}
}

# expect_key FILE NAME VALUE
expect_key()
{
	local value
	value=$(key "$1" "$2") || return
	[[ $value == "$3" ]] || {
		echo "$2: expected '$3', is '$value'" >&2
		return 1
	}
}

# env_of FILE NAME: a variable out of what condition wrote.
env_of()
{
	awk -v key="$2=" '/^env\.[0-9]+=/ {
		sub(/^env\.[0-9]+=/, "")
		if (index($0, key) == 1) {
			print substr($0, length(key) + 1); found = 1; exit
		}
	} END { exit !found }' "$1"
}

# --- surroundings ----------------------------------------------------------

# Beside it, tag such tests: # bats test_tags=root (bats 1.8 filters by it).
root_only() { ((EUID == 0)) || skip "${1:-needs root}"; }

needs()
{
	local c
	for c; do
		command -v "$c" >/dev/null || skip "needs $c"
	done
}

# Other users may look into the scratch directory: bats makes its own 0700.
share_scratch()
{
	chmod 711 "$BATS_RUN_TMPDIR" "${scratch%/*}" "$scratch"
}

# free_port: a TCP port nobody uses, ours for this run of bats.  Below the
# ephemeral range: nobody is given it by chance.
free_port()
{
	local port
	mkdir -p "$BATS_RUN_TMPDIR/ports"
	for ((;;)); do
		port=$((20000 + RANDOM % 12000))
		mkdir "$BATS_RUN_TMPDIR/ports/$port" 2>/dev/null || continue
		grep -qs "^ *[0-9]*: [0-9A-F]*:$(printf %04X "$port") " \
		    /proc/net/tcp /proc/net/tcp6 || break
	done
	echo "$port"
}

# http_get PORT [PATH]: the body; fails unless it was 200.
http_get()
{
	local fd line body
	if command -v curl >/dev/null; then
		curl -fsS --max-time 5 "http://127.0.0.1:$1${2:-/}"
		return
	fi
	{ exec {fd}<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
	printf 'GET %s HTTP/1.0\r\n\r\n' "${2:-/}" >&"$fd"
	read -r -t 5 -u "$fd" line || line=
	if [[ $line == HTTP/1.?\ 200* ]]; then
		while read -r -t 5 -u "$fd" body && [[ $body != $'\r' ]]; do
			:
		done
		cat <&"$fd"
	fi
	exec {fd}>&-
	[[ $line == HTTP/1.?\ 200* ]]
}
