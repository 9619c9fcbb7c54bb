#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Each probe does what its first lines say.  A test that leans on a broken
# probe proves nothing, so these run before all others.

# Set by load, or for it; single quotes are for the inner shell.
# shellcheck disable=SC2016,SC2034,SC2094,SC2154
load ../helper

c() { echo "$scratch/c"; }	# the file most of them wait for

# --- condition -------------------------------------------------------------

@test "condition tells its place, words and environment" {
	cd "$scratch"
	ONE=$'a\nb' run_fresh condition "$(c)" exit 7 'two words'
	expect_status 7
	expect_key "$(c)" cwd "$scratch"
	expect_key "$(c)" root /
	expect_key "$(c)" comm condition
	expect_key "$(c)" argc 5
	expect_key "$(c)" argv.4 'two words'
	[ "$(env_of "$(c)" ONE)" = 'a\x0ab' ]
	expect_key "$(c)" exe "$(readlink -f "$BUILD/t/condition")"
	expect_key "$(c)" leader no
	expect_key "$(c)" tracer 0
	expect_key "$(c)" threads 1
}

@test "condition tells its ids and limits" {
	run_fresh condition "$(c)"
	expect_status 0
	expect_key "$(c)" uid "$(id -u)"
	expect_key "$(c)" egid "$(id -g)"
	expect_key "$(c)" rlimit.nofile "$(ulimit -Sn):$(ulimit -Hn)"
	expect_key "$(c)" nnp 0
	expect_key "$(c)" oom_score_adj "$(cat /proc/self/oom_score_adj)"
	[ "$(key "$(c)" cap.eff)" = "$(awk '/CapEff/ { print $2 }' \
	    /proc/self/status)" ]
}

@test "condition tells each descriptor, its mode and its place" {
	printf 12345 >"$scratch/log"
	: >"$scratch/rw"
	condition "$(c)" 7>>"$scratch/log" 8<>"$scratch/rw" 9<"$scratch/log"
	expect_key "$(c)" fd.7 "$scratch/log"
	expect_key "$(c)" fd.7.mode w
	expect_key "$(c)" fd.7.append yes
	expect_key "$(c)" fd.8.mode rw
	expect_key "$(c)" fd.8.append no
	expect_key "$(c)" fd.9.mode r
	expect_key "$(c)" fd.9.offset 0
	[[ " $(key "$(c)" fds) " == *" 7 8 9 "* ]]
}

@test "condition pauses, and ends politely, stubbornly or by its own hand" {
	launch condition "$(c)" catch
	eventually 5 test -e "$(c)"
	kill "$launched"
	wait "$launched"
	expect_key "$(c)" got TERM

	launch condition "$scratch/i" ignore
	eventually 5 test -e "$scratch/i"
	kill "$launched"
	alive "$launched"
	[ $((0x$(awk '/SigIgn/ { print $2 }' /proc/"$launched"/status) \
	    >> 14 & 1)) -eq 1 ]

	run_fresh condition "$scratch/d" die SEGV
	expect_status 139
}

@test "condition counts hangups and stays" {
	launch condition "$(c)" hup
	eventually 5 test -e "$(c)"
	for n in 1 2 3; do
		kill -HUP "$launched"
		got() { [ "$(grep -c got=HUP "$(c)")" -eq "$n" ]; }
		eventually 5 got
	done
	alive "$launched"
	kill "$launched"
	eventually 5 gone "$launched"
}

# --- odd -------------------------------------------------------------------

@test "odd closes any of the three standard descriptors" {
	local set
	for set in 0 1 2 0,1 0,2 1,2 0,1,2; do
		run_fresh odd close=$set -- condition "$scratch/c$set"
		expect_status 0
		for fd in 0 1 2; do
			if [[ $set == *$fd* ]]; then
				not key "$scratch/c$set" fd.$fd
			else
				key "$scratch/c$set" fd.$fd
			fi
		done
	done
}

@test "odd opens a thousand descriptors, and one above the limit" {
	odd fds=1000 high=5000:100 -- condition "$(c)"
	[ "$(grep -c '^fd\.[0-9]*=/dev/null' "$(c)")" -ge 1001 ]
	expect_key "$(c)" fd.5000 /dev/null
	[[ $(key "$(c)" rlimit.nofile) == 100:* ]]
}

@test "odd ignores, blocks and leaves signals pending" {
	odd default=ALRM ignore=CHLD,PIPE,HUP block=USR1 pending=TERM,40 -- \
	    condition "$(c)"
	expect_key "$(c)" ignored HUP,PIPE,CHLD
	expect_key "$(c)" blocked USR1,TERM,40
	expect_key "$(c)" pending TERM,40
	odd blockall -- condition "$scratch/b"
	# All but KILL and STOP.
	expect_key "$scratch/b" sigblk fffffffffffbfeff
}

@test "odd sets timers" {
	odd alarm=50 -- condition "$(c)"
	expect_key "$(c)" alarm 50
	run_fresh odd default=ALRM itimer=20 -- condition "$scratch/p" pause
	expect_status 142	# the alarm was real
}

@test "odd deletes the directory we are in and empties the environment" {
	odd deletedcwd emptyenv -- condition "$(c)"
	expect_key "$(c)" cwd 'No such file or directory'
	expect_key "$(c)" envc 0
	odd emptyenv bigenv=131072 -- condition "$scratch/b"
	[ "$(wc -c <"$scratch/b")" -gt 131072 ]
	expect_key "$scratch/b" envc 2
}

@test "odd gives no argument at all, not even a name" {
	run_fresh odd argc0 -- condition
	expect_status 0
	# Since 5.18 the kernel makes it one, an empty one.
	[[ $output == *$'\n'argc=[01]$'\n'* ]]
	[[ $output != *$'\n'argv.0=condition* ]]
	run_fresh odd argc0 -- condition "$(c)"
	expect_status 125
}

@test "odd sets umask, niceness, class and limits" {
	odd umask=077 nice=5 idle as=unlimited core=0 fsize=0 stack=65536 \
	    nproc=100:200 nofile=3 -- condition "$(c)"
	expect_key "$(c)" umask 077
	expect_key "$(c)" nice 5
	expect_key "$(c)" sched idle
	expect_key "$(c)" rlimit.nproc 100:200
	[[ $(key "$(c)" rlimit.fsize) == 0:* ]]
	[[ $(key "$(c)" rlimit.core) == 0:* ]]
	[[ $(key "$(c)" rlimit.stack) == 65536:* ]]
	[[ $(key "$(c)" rlimit.nofile) == 3:* ]]
	odd as=16777216 -- condition "$scratch/as"
	[[ $(key "$scratch/as" rlimit.as) == 16777216:* ]]
}

# bats test_tags=root
@test "odd drops capabilities, all or some, also root's" {
	root_only
	odd dropcaps -- condition "$(c)"
	for set in inh prm eff bnd amb; do
		expect_key "$(c)" cap.$set 0000000000000000
	done
	odd dropcaps=setuid,setgid nonewprivs -- condition "$scratch/s"
	[ $((0x$(key "$scratch/s" cap.eff) & 0xc0)) -eq 0 ]
	[ $((0x$(key "$scratch/s" cap.eff) & 1)) -eq 1 ]
	expect_key "$scratch/s" nnp 1
}

# bats test_tags=root
@test "odd hides /proc, from its command only" {
	root_only
	run_fresh odd noproc -- condition "$(c)"
	expect_status 0
	expect_key "$(c)" exe unknown
	not key "$(c)" tty
	[ -e /proc/self ]
}

@test "odd is traced, has threads, zombies and a broken pipe" {
	run_fresh odd traced -- condition "$(c)" exit 9
	expect_status 9
	not expect_key "$(c)" tracer 0
	odd threads=4 umask=007 -- condition "$scratch/t"
	expect_key "$scratch/t" umask 007
	expect_key "$scratch/t" threads 1
	run_fresh odd brokenpipe=1,2 -- sh -c 'exec cat /proc/version'
	expect_status 141
	# The shell would reap them: it must have become ps by then.
	run_fresh odd zombies=3 -- sh -c 'exec ps -o stat= --ppid $$'
	[ "$(printf '%.1s' "${lines[@]}")" = ZZZ ]
}

@test "odd refuses what it does not know" {
	run_fresh odd strange -- true
	expect_status 125
	run_fresh odd umask=8 -- true
	expect_status 125
	run_fresh odd umask -- true
	expect_status 125
	run_fresh odd -- no-such-command
	expect_status 127
}

# --- recycle ---------------------------------------------------------------

# bats test_tags=root
@test "recycle runs a command as exactly that pid, and again" {
	root_only
	local pid
	pid=$(free_pid)
	for n in 1 2 3; do
		run_fresh recycle "$pid" condition "$scratch/c$n" exit "$n"
		expect_status "$n"
		expect_key "$scratch/c$n" pid "$pid"
	done
	run_fresh recycle $$ true
	expect_status 125
	recycle -d "$pid" condition "$(c)" pause 3>&-
	remember "$pid"
	eventually 5 test -e "$(c)"
	alive "$pid"
}

# bats test_tags=root
@test "recycle makes that pid a thread" {
	root_only
	local pid
	[ -w /proc/sys/kernel/ns_last_pid ] || skip "no ns_last_pid"
	# Somebody beside us may get the number first: then another.
	for _ in 1 2 3 4 5; do
		pid=$(free_pid)
		launch recycle -t "$pid"
		! eventually 2 grep -qx "$pid" "$scratch/recycle.out" || break
	done
	[ -d "/proc/$launched/task/$pid" ]
}

# --- decoy -----------------------------------------------------------------

@test "decoy names every signal and its sender, and stays" {
	local sig n=1
	launch decoy "$(c)"
	eventually 5 test -e "$(c)"
	expect_key "$(c)" pid "$launched"
	for sig in {1..31} {34..64}; do
		[[ $sig != 9 && $sig != 19 ]] || continue
		kill -"$sig" "$launched"
		n=$((n + 1))
		lines_are() { [ "$(wc -l <"$(c)")" -eq "$n" ]; }
		eventually 5 lines_are
	done
	grep -q "^signal=TERM from=$$ uid=$EUID$" "$(c)"
	grep -q "^signal=64 from=$$ " "$(c)"
	alive "$launched"
}

# --- hold ------------------------------------------------------------------

@test "hold holds each kind of lock until killed" {
	local kind word
	: >"$scratch/f"
	while read -r kind word; do
		launch hold "$kind" exclusive "$scratch/f" "$scratch/r"
		eventually 5 test -e "$scratch/r"
		expect_key "$scratch/r" pid "$launched"
		[[ $kind == lease ]] || {
			run_fresh hold "$kind" shared "$scratch/f" "$scratch/n"
			expect_status 1
			[ ! -e "$scratch/n" ]
		}
		grep -q "$word.*:$(stat -c %i "$scratch/f") " /proc/locks
		kill "$launched"
		eventually 5 gone "$launched"
		rm "$scratch/r"
	done <<-EOF
	flock FLOCK
	fcntl POSIX
	ofd OFDLCK
	lease LEASE
	EOF
}

@test "hold shares where it is asked to" {
	: >"$scratch/f"
	launch hold flock shared "$scratch/f" "$scratch/r1"
	launch hold flock shared "$scratch/f" "$scratch/r2"
	eventually 5 test -e "$scratch/r1"
	eventually 5 test -e "$scratch/r2"
	run_fresh flock -n "$scratch/f" true
	expect_status 1
}

# bats test_tags=root
@test "hold squats as somebody else, if that one may read the file" {
	root_only
	share_scratch
	mkdir -m 1777 "$scratch/pub"
	(umask 077; : >"$scratch/secret")
	: >"$scratch/f"
	chmod 644 "$scratch/f"
	launch hold flock exclusive "$scratch/f" "$scratch/pub/r" 65534
	eventually 5 test -e "$scratch/pub/r"
	[ "$(stat -c %u "/proc/$launched")" -eq 65534 ]
	run_fresh hold flock exclusive "$scratch/secret" "$scratch/pub/n" 65534
	expect_status 1
}

# --- swap ------------------------------------------------------------------

@test "swap exchanges, and leaves both where they were" {
	echo a >"$scratch/a"
	echo b >"$scratch/b"
	launch swap "$scratch/a" "$scratch/b"
	swapped() { [ "$(cat "$scratch/a")" = b ]; }
	eventually 5 swapped
	kill "$launched"
	wait "$launched"
	[ "$(cat "$scratch/a" "$scratch/b")" = $'a\nb' ]
	[[ $(cat "$scratch/swap.out") =~ ^swaps=[0-9]*[02468]\ missed=0$ ]]
	run_fresh swap "$scratch/a" "$scratch/none"
	expect_status 125
}

# --- tree ------------------------------------------------------------------

# field N of a process, counted after its name: 2 ppid, 3 pgid, 4 sid.
field() { cut -d ')' -f 2- "/proc/$1/stat" | cut -d ' ' -f $(($2 + 1)); }

@test "tree makes each kind of member" {
	local f=$scratch/f self
	launch tree "$f" child group session double away:double+session \
	    ignore cleared stopped exit
	eventually 5 test -e "$f"
	self=$(key "$f" self)
	[ "$self" = "$launched" ]
	while IFS='=' read -r _ pid; do
		remember "$pid"
	done <"$f"
	p() { key "$f" "$1"; }
	[ "$(field "$(p child)" 2)" = "$self" ]
	[ "$(field "$(p child)" 3)" = "$(field "$self" 3)" ]
	[ "$(field "$(p group)" 3)" = "$(p group)" ]
	[ "$(field "$(p group)" 4)" = "$(field "$self" 4)" ]
	[ "$(field "$(p session)" 4)" = "$(p session)" ]
	[ "$(field "$(p double)" 2)" != "$self" ]
	[ "$(field "$(p double)" 4)" = "$(field "$self" 4)" ]
	[ "$(field "$(p away)" 4)" = "$(p away)" ]
	[ -z "$(tr -d '\0' <"/proc/$(p cleared)/environ")" ]
	[ -n "$(tr -d '\0' <"/proc/$(p child)/environ")" ]
	[ "$(state "$(p stopped)")" = T ]
	[ "$(state "$(p exit)")" = Z ]
	kill "$(p ignore)" "$(p child)"
	eventually 5 gone "$(p child)"
	alive "$(p ignore)"
}

@test "tree may go and leave the others" {
	local f=$scratch/f
	run_fresh tree "$f" self:exit orphan:session+ignore
	expect_status 0
	gone "$(key "$f" self)"
	alive "$(key "$f" orphan)"
	run_fresh tree "$f" wild
	expect_status 125
}

# --- notified --------------------------------------------------------------

@test "notified prints what it is told and answers a barrier" {
	needs python3
	cat >"$scratch/say.py" <<-'EOF'
	import array, os, socket, sys
	s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
	to = os.environ["NOTIFY_SOCKET"].replace("@", "\0", 1)
	s.sendto(b"STATUS=on its way\nREADY=1\n", to)
	r, w = os.pipe()
	s.sendmsg([b"BARRIER=1"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
	    array.array("i", [w]))], 0, to)
	os.close(w)
	os.read(r, 1)	# end of file: the other end was closed
	sys.exit(3)
	EOF
	run_fresh notified "$scratch/n" python3 "$scratch/say.py"
	expect_status 3
	[ "$output" = $'STATUS=on its way\nREADY=1\nBARRIER=1' ]
	[ ! -e "$scratch/n" ]
	run_fresh notified -v -u READY=1 "@probe-$$" python3 "$scratch/say.py"
	expect_status 0
	[[ ${lines[0]} =~ ^message\ pid=[0-9]+\ uid=$EUID\ fds=0$ ]]
}

@test "notified waits for a line from whoever says it" {
	needs python3
	launch notified -u STOPPING=1 "$scratch/n" true
	eventually 5 test -S "$scratch/n"
	python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.sendto(b"STOPPING=1", sys.argv[1])' "$scratch/n"
	wait "$launched"
}

# --- storm -----------------------------------------------------------------

@test "storm releases all at once and counts their ends and lines" {
	# The lock directory is the winner's: one of a hundred makes it.
	run_fresh storm 100 sh -c 'echo "I am {}" >>"$1"
	    if mkdir "$2" 2>/dev/null; then echo won; exit 0; fi
	    echo taken >&2; exit 3' - "$scratch/who" "$scratch/lock"
	expect_status 0
	[ "$output" = "status 3 99
status 0 1
stdout 1 won
stderr 99 taken" ]
	run_fresh storm 3 sh -c 'echo "I am $0"; kill -KILL $$' {}
	[ "${lines[0]}" = 'signal KILL 3' ]
	[ "${lines[3]}" = 'stdout 1 I am 2' ]
}

@test "storm is not held up by what its copies leave behind" {
	run_fresh storm 5 sh -c 'condition "$1" pause & echo $!' - \
	    "$scratch/c{}"
	expect_status 0
	[ "${#lines[@]}" -eq 6 ]
}

# --- unreaped --------------------------------------------------------------

@test "unreaped leaves a zombie until told" {
	launch unreaped "$(c)" sh -c 'exit 5'
	eventually 5 test -e "$(c)"
	pid=$(key "$(c)" pid)
	eventually 5 in_state "$pid" Z
	gone "$pid"
	kill -USR1 "$launched"
	wait "$launched" || rc=$?
	[ "$rc" -eq 5 ]
	expect_key "$(c)" status 5
	[ ! -e "/proc/$pid" ]
}

@test "unreaped takes orphans in, and leaves them zombies too" {
	launch unreaped -s "$(c)" tree "$scratch/t" self:exit orphan:child
	eventually 5 test -e "$scratch/t"
	orphan=$(key "$scratch/t" orphan)
	kill -KILL "$orphan"
	eventually 5 in_state "$orphan" Z
	[ "$(field "$orphan" 2)" = "$launched" ]
	kill -USR1 "$launched"
	wait "$launched"
	[ ! -e "/proc/$orphan" ]
}

# --- terminal and grab -----------------------------------------------------

@test "terminal gives a terminal, the words said on it, and the status" {
	run_fresh terminal sh -c 'condition "$0" exit 0; echo said; exit 6' \
	    "$(c)"
	expect_status 6
	[ "$output" = said ]
	expect_key "$(c)" devtty yes
	not expect_key "$(c)" tty 0
	[[ $(key "$(c)" fd.0) == /dev/pts/* ]]
}

@test "terminal hangs up on whoever stays" {
	launch terminal sh -c 'condition "$0" pause & wait' "$(c)"
	eventually 5 test -e "$(c)"
	pid=$(key "$(c)" pid)
	alive "$pid"
	kill "$launched"
	eventually 5 gone "$pid"
}

@test "grab tells a leader that can take a terminal from one that cannot" {
	run_fresh setsid -w grab "$(c)"
	expect_key "$(c)" took yes
	run_fresh setsid -w sh -c 'grab "$0"; :' "$scratch/n"
	expect_key "$scratch/n" took no
	expect_key "$scratch/n" devtty no
	expect_key "$scratch/n" tiocsti no
	expect_key "$scratch/n" tioclinux no
	run_fresh terminal grab "$scratch/t"
	expect_key "$scratch/t" devtty yes
}

# --- helper ----------------------------------------------------------------

@test "the teardown finds what hid: by variable, by word, by file, by name" {
	odd emptyenv -- condition "$scratch/1" pause 3>&- &
	env -u BATS_TEST_TMPDIR condition "$scratch/2" pause 3>&- &
	env -u BATS_TEST_TMPDIR sh -c 'exec cat' \
	    <>"$scratch.never" 4>"$scratch/held" 3>&- &
	condition "$scratch/4" ignore 3>&- &
	(cd / && setsid condition "$scratch/5" pause 3>&- &)
	for n in 1 2 4 5; do
		eventually 5 test -e "$scratch/$n"
	done
	mapfile -t found < <(strays)
	[ "${#found[@]}" -eq 5 ]
	end_all 2>/dev/null	# the shell tells of its killed jobs
	[ -z "$(strays)" ]
	gone "$(key "$scratch/1" pid)"
	gone "$(key "$scratch/5" pid)"
	alive $$
}

@test "what daemonize started is a stray, though nothing but its variable tells" {
	[ -z "$(strays)" ]
	run_fresh daemonize -n svc sleep 600
	expect_status 0
	pid=$(<"$scratch/run/svc/pid")
	remember "$pid"
	[ "$(strays)" = "$pid" ]
	[ "$(readlink "/proc/$pid/cwd")" = / ]
	remembered=()
	end_all
	gone "$pid"
	[ -z "$(strays)" ]
}

@test "a remembered number that is somebody else's by now is left alone" {
	remembered=("1:0" "$PPID:1")
	[ -z "$(recorded)" ]
	remember "$PPID"
	[ "$(recorded)" = "$PPID" ]
	remembered=()
}

@test "eventually ends at its deadline and says what it waited for" {
	run_fresh eventually 0.05 false
	expect_status 1
	[ "$stderr" = 'not in time: false' ]
	eventually 1 not false
}

@test "what hangs is ended at the test's own deadline" {
	TEST_LIMIT=0.2
	watch_start
	run_fresh condition "$(c)" pause
	expect_status 137
	eventually 5 test -e "$scratch.late"
	rm "$scratch.late"
}

@test "keeps_pipe tells a daemon that holds the caller's pipe" {
	keeps_pipe sh -c 'condition "$0" pause &' "$(c)"
	not keeps_pipe sh -c 'condition "$0" pause >&- 2>&- &' "$scratch/d"
}

@test "one_line_stderr and expect_status say what they saw" {
	run_fresh sh -c 'echo "daemonize: exec: x: gone" >&2; exit 4'
	expect_status 4
	one_line_stderr ': x: '
	run_fresh one_line_stderr_fails
	expect_status 1
	[[ $stderr == *'expected /: y: /'*'daemonize: exec: x: gone'* ]]
}

one_line_stderr_fails()
{
	status=4 stderr='daemonize: exec: x: gone' output=
	stderr_lines=("$stderr") lines=()
	one_line_stderr ': y: '
}

@test "http_get gets from a free_port, with and without curl" {
	needs python3
	local port
	port=$(free_port)
	mkdir "$scratch/www"
	echo hello >"$scratch/www/index.html"
	launch python3 -m http.server "$port" -b 127.0.0.1 -d "$scratch/www"
	eventually 10 http_get "$port"
	[ "$(http_get "$port")" = hello ]
	not http_get "$port" /none
	command() { [ "$2" != curl ] && builtin command "$@"; }
	[ "$(http_get "$port")" = hello ]
	not http_get "$port" /none
}
