#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Odd callers: whoever starts it and in whatever state, the command finds what
# it finds when a clean caller starts it, but for what is inherited on purpose
# (limits, priorities, what the kernel lets nobody undo).

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start

setup()
{
	scratch_setup
	c=$scratch/c
	daemonize=$BUILD/daemonize
	all=HUP,INT,QUIT,ILL,TRAP,ABRT,BUS,FPE,USR1,SEGV,USR2,PIPE,ALRM,TERM
	all+=,STKFLT,CHLD,CONT,TSTP,TTIN,TTOU,URG,XCPU,XFSZ,VTALRM,PROF,WINCH
	all+=,POLL,PWR,SYS
}

# report: $c without what differs between any two processes; times and places
# of the standard descriptors among it.
report()
{
	grep -Ev '^(pid|ppid|pgid|sid|env\.[0-9]+=_=|fd\.[0-9]+\.(inode|offset))' \
	    "$c" | sed 's/^env\.[0-9]*/env/' | LC_ALL=C sort
}

# begin [ODD...] -- ARG...: the report of a command begun so.
begin()
{
	local odd=()
	while [[ $1 != -- ]]; do
		odd+=("$1")
		shift
	done
	shift
	rm -f "$c"
	run_fresh odd "${odd[@]}" -- "$daemonize" "$@" \
	    "$BUILD/t/condition" "$c" pause
	expect_status 0 || return
	eventually 5 test -e "$c" || return
	pid=$(key "$c" pid)
	remember "$pid"
	expect_pidfile "$@" || return
	finish "$pid"
}

expect_pidfile()
{
	while (($# > 0)); do
		[[ $1 != -p ]] || [[ $(<"$2") == "$pid" ]] || return
		shift
	done
}

# clean ODD... [-- DIFFERENCES]: the same with plain options, with all that
# makes files, and as another user; DIFFERENCES are lines instead.
clean()
{
	local odd=() args want got
	while (($# > 0)) && [[ $1 != -- ]]; do
		odd+=("$1")
		shift
	done
	(($# == 0)) || shift
	for args in '' "-n svc -p $scratch/p -o $scratch/o -e $scratch/e" \
	    "-i /dev/zero -e $scratch/e"; do
		# shellcheck disable=SC2086 # words
		begin -- $args || return
		want=$(report)
		for line; do
			want=$(awk -v line="$line" -F= 'BEGIN {
				k = line; sub(/=.*/, "", k)
			} $1 == k { print line; next } { print }' <<<"$want")
		done
		# shellcheck disable=SC2086
		begin "${odd[@]}" -- $args || return
		got=$(report)
		[[ $got == "$want" ]] || {
			echo "with $args:"
			diff <(echo "$want") <(echo "$got")
			return 1
		}
	done
}

@test "descriptor 0 closed" { clean close=0; }
@test "descriptor 1 closed" { clean close=1; }
@test "descriptor 2 closed" { clean close=2; }
@test "descriptors 0 and 1 closed" { clean close=0,1; }
@test "descriptors 0 and 2 closed" { clean close=0,2; }
@test "descriptors 1 and 2 closed" { clean close=1,2; }
@test "descriptors 0, 1 and 2 closed" { clean close=0,1,2; }

@test "with 0, 1 and 2 closed nothing of ours is written to the files" {
	for closed in 0 1 2 0,1 0,2 1,2 0,1,2; do
		rm -f "$scratch/o" "$scratch/e"
		run_fresh odd close="$closed" -- "$daemonize" -v \
		    -n "s${closed//,/}" -o "$scratch/o" -e "$scratch/e" sh -c \
		    'read -r x; echo "in=$?"; echo err >&2; echo >"$0"' \
		    "$scratch/end"
		expect_status 0
		eventually 5 test -e "$scratch/end"
		[[ $(<"$scratch/o") == in=1 && $(<"$scratch/e") == err ]]
		rm "$scratch/end"
	done
}

@test "with 2 closed a failure is told by the status, and into no file" {
	echo precious >"$scratch/o"
	run_fresh odd close=0,1,2 -- "$daemonize" -a -n svc -o "$scratch/o" \
	    -p "$scratch/p" "$scratch/none"
	expect_status 127
	[[ $(<"$scratch/o") == precious && -z $(strays) && ! -e $scratch/p ]]
}

@test "a broken pipe as stderr does not change the status" {
	run_fresh odd brokenpipe=2 -- "$daemonize" "$scratch/none"
	expect_status 127
	run_fresh odd brokenpipe=2 -- "$daemonize" --no-such
	expect_status 2
	clean brokenpipe=1,2
}

@test "a full disk as stderr does not change the status" {
	"$daemonize" "$scratch/none" 2>/dev/full && status=0 || status=$?
	((status == 127))
}

@test "a thousand descriptors" { clean fds=1000; }

@test "descriptors above a lowered limit" {
	hard=$(ulimit -H -n)
	clean high=500:100 -- "rlimit.nofile=100:$hard"
	clean fds=300 high=900:400 -- "rlimit.nofile=400:$hard"
	((hard > 5000)) || return 0
	clean high=5000:1024 -- "rlimit.nofile=1024:$hard"
}

@test "few descriptors: it starts, or says why not and leaves nothing" {
	for n in {4..20}; do
		rm -f "$c"
		run_fresh odd nofile="$n" -- "$daemonize" -n svc \
		    -p "$scratch/p" -o "$scratch/o" -e "$scratch/e" \
		    -l "$scratch/l" "$BUILD/t/condition" "$c" pause
		if ((status == 0)); then
			eventually 5 test -e "$c"
			[[ $(key "$c" fds) =~ ^0\ 1\ 2\ [0-9]+$ ]]
			finish "$(<"$scratch/p")"
		else
			[[ -n $stderr && ! -e $c && -z $(strays) ]]
			[[ ! -e $scratch/run/svc/pid ]]
		fi
	done
	((status == 0))
}

@test "SIGCHLD ignored" { clean ignore=CHLD; }
@test "SIGPIPE ignored" { clean ignore=PIPE; }
@test "SIGHUP ignored" { clean ignore=HUP; }
@test "every signal ignored" { clean ignore="$all"; }
@test "real-time signals ignored" { clean ignore=34,40,64; }
@test "every signal blocked" { clean blockall; }
@test "every signal ignored and blocked" { clean ignore="$all" blockall; }
@test "signals pending" { clean block=USR1,HUP pending=USR1; }
@test "an alarm" { clean alarm=100; }
@test "a timer" { clean itimer=100000; }
@test "umask 0" { clean umask=0; }
@test "umask 0777" { clean umask=0777; }
@test "a working directory that is gone" { clean deletedcwd; }
@test "an environment as large as one may be" {
	run_fresh odd bigenv=131000 -- "$daemonize" -n svc \
	    "$BUILD/t/condition" "$c" pause
	expect_status 0
	eventually 5 test -e "$c"
}

@test "threads" { clean threads=3; }
@test "children that were never waited for" { clean zombies=5; }
@test "a tracer" { clean traced; }
@test "a niceness" { clean nice=19 -- nice=19; }
@test "an idle class" { clean idle -- sched=idle; }
@test "no new privileges" { clean nonewprivs -- nnp=1; }
@test "file size 0" {
	clean fsize=0 -- rlimit.fsize=0:unlimited
}

@test "file size 0, and no way to raise it: told, or it runs" {
	run_fresh odd fsize=0:0 -- "$daemonize" "$BUILD/t/condition" - pause
	expect_status 0
	run_fresh odd fsize=0:0 -- "$daemonize" -n svc -p "$scratch/p" \
	    "$BUILD/t/condition" - pause
	if ((status == 0)); then
		alive "$(<"$scratch/p")"
	else
		expect_status 1
		# A message into a file is too large itself.
		stderr=$(odd fsize=0:0 -- "$daemonize" -n svc true 2>&1 3>&-) ||
		    status=$?
		[[ $stderr == daemonize:*': File too large' ]]
		[[ ! -e $scratch/p && -z $(ls -A "$scratch/run") ]]
	fi
}

@test "no core files" { clean core=0:0 -- rlimit.core=0:0; }

@test "a small stack" {
	hard=$(key <(condition - exit 0) rlimit.stack)
	clean stack=131072 -- "rlimit.stack=131072:${hard#*:}"
}

@test "little memory: it starts, or says why not" {
	[ -z "${SANITIZE:-}" ] || skip "the sanitizer itself cannot work here"
	for mb in 1 2 4 8 16 64; do
		rm -f "$c"
		run_fresh odd as=$((mb << 20)) -- "$daemonize" -n svc \
		    -p "$scratch/p" "$BUILD/t/condition" "$c" pause
		if ((status == 0)); then
			# The lean build needs less than this command does.
			odd as=$((mb << 20)) -- condition - exit 0 \
			    >"$scratch/lives" && [[ -s $scratch/lives ]] ||
			    continue
			eventually 5 test -e "$c"
			finish "$(<"$scratch/p")"
		else
			[[ ! -e $c && -z $(strays) && ! -e $scratch/p ]]
		fi
	done
	((status == 0))
}

# bats test_tags=root
@test "no capabilities" {
	root_only
	run_fresh odd dropcaps= -- "$daemonize" -n svc -p "$scratch/p" \
	    "$BUILD/t/condition" "$c" pause
	expect_status 0
	eventually 5 test -e "$c"
	expect_key "$c" cap.eff 0000000000000000
}

@test "an empty environment" {
	begin emptyenv --
	expect_key "$c" envc 0
	begin emptyenv -- -n svc -p "$scratch/p" --rundir "$scratch/run"
	expect_key "$c" envc 0
	begin emptyenv -- -E A=1
	expect_key "$c" envc 1
}

# bats test_tags=root
@test "no /proc" {
	[ -z "${SANITIZE:-}" ] || skip "the sanitizer itself cannot work here"
	root_only
	odd noproc -- true 2>/dev/null || skip 'no mount namespace'
	for args in '' "-n svc -p $scratch/p -o $scratch/o" --ready=alive:0.1; do
		rm -f "$c"
		# shellcheck disable=SC2086 # words
		run_fresh odd noproc fds=50 ignore=CHLD,USR1 blockall -- \
		    "$daemonize" $args "$BUILD/t/condition" "$c" pause
		expect_status 0
		eventually 5 test -e "$c"
		pid=$(key "$c" pid)
		remember "$pid"
		[[ -z $args || $args != *-p* || $(<"$scratch/p") == "$pid" ]]
		[[ -z $(key "$c" blocked)$(key "$c" ignored) ]]
		fds=(/proc/"$pid"/fd/*)
		((${#fds[@]} == 3))
		finish "$pid"
	done
	run_fresh odd noproc -- "$daemonize" -n svc "$scratch/none"
	expect_status 127
	run_fresh odd noproc -- "$daemonize" -n svc --ready=alive:5 false
	expect_status 4
}

# bats test_tags=root
@test "all of it at once, as another user" {
	root_only
	others_write
	begin -- -u nobody
	want=$(report)
	begin close=0,1,2 fds=500 ignore="$all" blockall alarm=100 umask=0777 \
	    deletedcwd threads=2 zombies=2 -- -u nobody
	[[ $(report) == "$want" ]] || {
		diff <(echo "$want") <(report)
		return 1
	}
}

@test "in the foreground, too: mask, dispositions, timers, descriptors" {
	# What -F keeps is 0-2, the terminal and the directory.
	run_fresh odd -- "$daemonize" -F "$BUILD/t/condition" "$c" exit 0
	expect_status 0
	want=$(report)
	rm "$c"
	run_fresh odd fds=100 ignore="$all" blockall alarm=100 itimer=100000 \
	    umask=0777 -- "$daemonize" -F "$BUILD/t/condition" "$c" exit 0
	expect_status 0
	[[ $(report) == "$want" ]] || {
		diff <(echo "$want") <(report)
		return 1
	}
}

@test "a timer that goes off under way harms nothing" {
	# Before main nobody can help it; then nothing has happened either.
	for ms in 1 2 3; do
		run_fresh odd itimer="$ms" -- "$daemonize" -n svc \
		    -p "$scratch/p" "$BUILD/t/condition" "$c" pause
		if ((status == 142)); then
			[[ -z $(strays) && ! -e $scratch/p && ! -e $c ]]
			continue
		fi
		expect_status 0
		eventually 5 test -e "$c"
		finish "$(<"$scratch/p")"
		rm -f "$c" "$scratch/p"
	done
	run_fresh odd itimer=100 -- "$daemonize" -n svc --ready=alive:0.3 \
	    "$BUILD/t/condition" "$c" pause
	expect_status 0
}
