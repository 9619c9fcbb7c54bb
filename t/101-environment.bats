#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# The command's environment: what it inherits, what it is given, who wins,
# and that no value is ever shown.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start

setup()
{
	scratch_setup
	c=$scratch/c
	e=$scratch/e
}

# has NAME VALUE: in the last report, exactly once.
has()
{
	local value
	value=$(env_of "$c" "$1") || {
		echo "no $1"
		return 1
	}
	[[ $value == "$2" ]] || {
		echo "$1: expected '$2', is '$value'"
		return 1
	}
	(($(grep -c "^env\.[0-9]*=$1=" "$c") == 1)) || {
		echo "$1: more than once"
		return 1
	}
}

lacks() { not env_of "$c" "$1" >/dev/null || not echo "has $1"; }

@test "what is exported is inherited" {
	export SOME='a b"c' EMPTY=
	starts
	has SOME 'a b"c'
	has EMPTY ''
	has PATH "$PATH"
}

@test "what speaks to another process is not" {
	export NOTIFY_SOCKET=x LISTEN_FDS=1 LISTEN_PID=1 LISTEN_FDNAMES=x \
	    WATCHDOG_PID=1 WATCHDOG_USEC=1 DAEMONIZE_ID=x \
	    DAEMONIZE_SUPERVISED=1 DAEMON_FOREGROUND=1 DAEMON_READY_FD=3 \
	    SYSTEMD_EXEC_PID=1
	starts
	for name in NOTIFY_SOCKET LISTEN_FDS LISTEN_PID LISTEN_FDNAMES \
	    WATCHDOG_PID WATCHDOG_USEC DAEMONIZE_ID DAEMONIZE_SUPERVISED \
	    DAEMONIZE_RUNDIR DAEMON_FOREGROUND DAEMON_READY_FD \
	    SYSTEMD_EXEC_PID; do
		lacks "$name"
	done
}

@test "but may be set" {
	starts -E DAEMONIZE_ID=mine -E NOTIFY_SOCKET=mine
	has DAEMONIZE_ID mine
	has NOTIFY_SOCKET mine
}

@test "what is no variable is not inherited" {
	python3 - "$BUILD" "$c" <<-'EOF2' 3>&-
		import ctypes, os, sys
		libc = ctypes.CDLL(None)
		path = (sys.argv[1] + '/daemonize').encode()
		words = [b'daemonize', (sys.argv[1] + '/t/condition').encode(),
		    sys.argv[2].encode(), b'pause', None]
		env = [b'A=1', b'nothing', b'=odd', b'', b'B=2', None]
		libc.execve(path, (ctypes.c_char_p * 5)(*words),
		    (ctypes.c_char_p * 6)(*env))
	EOF2
	eventually 5 test -e "$c"
	expect_key "$c" envc 2
	has A 1
	has B 2
}

@test "-E sets, the later over the earlier, over what is inherited" {
	export OVER=old KEEP=kept
	starts -E OVER=new -E A=1 -E A=2 --env B= --env=C='=x= y'
	has OVER new
	has KEEP kept
	has A 2
	has B ''
	has C '=x= y'
}

@test "--env-clear inherits nothing, and -E still sets" {
	run_fresh daemonize --env-clear -E A=1 "$BUILD/t/condition" "$c" pause
	expect_status 0
	eventually 5 test -e "$c"
	expect_key "$c" envc 1
	has A 1
	rm "$c"
	run_fresh daemonize --env-clear "$BUILD/t/condition" "$c" pause
	eventually 5 test -e "$c"
	expect_key "$c" envc 0
}

@test "--env-clear: a name is looked for where the system keeps commands" {
	run_fresh daemonize --env-clear sh -c 'echo ok >"$1"' - "$scratch/out"
	expect_status 0
	eventually 5 test -s "$scratch/out"
}

@test "-E PATH= is where the command is looked for" {
	mkdir "$scratch/bin"
	cp "$BUILD/t/condition" "$scratch/bin/only-here"
	run_fresh daemonize -E PATH="$scratch/bin" only-here "$c" pause
	expect_status 0
	eventually 5 test -e "$c"
	expect_key "$c" exe "$scratch/bin/only-here"
}

@test "relative entries of PATH are not looked at" {
	mkdir "$scratch/bin"
	cp /bin/true "$scratch/bin/only-here"
	cd "$scratch"
	fails 127 'exec: only-here: not found in PATH' \
	    -E PATH=bin:.::./bin: only-here
}

# bats test_tags=root
@test "-u sets USER, LOGNAME and HOME; -E wins" {
	root_only
	others_write
	export USER=caller LOGNAME=caller HOME=/caller SHELL=/caller
	starts -u nobody
	has USER nobody
	has LOGNAME nobody
	has HOME "$(getent passwd nobody | cut -d: -f6)"
	has SHELL /caller
	finish "$pid"
	starts -u nobody -E HOME=/mine -E USER=me
	has USER me
	has LOGNAME nobody
	has HOME /mine
	finish "$pid"
	printf 'LOGNAME=filed\n' >"$e"
	starts -u nobody --env-file "$e"
	has LOGNAME filed
	finish "$pid"
	starts -g nogroup
	has USER caller
	has HOME /caller
}

@test "--env-file: quotes, comments, joined lines, as systemd reads them" {
	cat >"$e" <<-'EOF2'
		# a comment
		; another
		   # indented

		PLAIN=value
		BLANKS=  two  words  
		SINGLE='a "b" \ $c # d'
		DOUBLE="a 'b' \" \\ \` \$c \d # e"
		MIXED=one' two 'three" four"
		JSON={"a": 1}
		OPTION=--title="a b"
		PROSE=it's ok
		PIECES="a b" 'c' d
		ESCAPED=a\ b\"c
		JOINED=one\
		two
		JOINED2="one\
		two"
		LINES="one
		two"
		LINES2='one
		two'
		EMPTY=
		EMPTY2=""
		EQUALS=a=b=c
		HASH=a#b # c
		  INDENTED=yes
		TAIL=end  	
		NOEXPAND=$PLAIN${PLAIN}`x`
		_under_9=ok
		TWICE=1
		TWICE=2
	EOF2
	printf 'CRLF=dos\r\nLAST=no newline' >>"$e"
	starts --env-file "$e"
	has PLAIN value
	has BLANKS 'two  words'
	has SINGLE 'a "b" \\ $c # d'
	has DOUBLE 'a '\''b'\'' " \\ ` $c \\d # e'
	has MIXED "one' two 'three\" four\""
	has JSON '{"a": 1}'
	has OPTION '--title="a b"'
	has PROSE "it's ok"
	has PIECES 'a bcd'
	has ESCAPED 'a b"c'
	has JOINED onetwo
	has JOINED2 onetwo
	has LINES 'one\x0atwo'
	has LINES2 'one\x0atwo'
	has EMPTY ''
	has EMPTY2 ''
	has EQUALS a=b=c
	has HASH 'a#b # c'
	has INDENTED yes
	has TAIL end
	has NOEXPAND '$PLAIN${PLAIN}`x`'
	has _under_9 ok
	has TWICE 2
	has CRLF dos
	has LAST 'no newline'
}

@test "--env-file: several, the later over the earlier, -E over all" {
	export A=inherited
	printf 'A=1\nB=1\nC=1\n' >"$e"
	printf 'B=2\nC=2\n' >"$e.2"
	cd "$scratch"
	starts --env-file e --env-file "$e.2" -E C=3
	has A 1
	has B 2
	has C 3
}

@test "--env-file: with a - it may be missing, but not be wrong" {
	cd "$scratch"
	starts --env-file "-$scratch/none" --env-file=-none
	finish "$pid"
	printf 'A=1\n' >"$e"
	starts --env-file=-e
	has A 1
	finish "$pid"
	printf 'A=\xff\n' >"$e"
	fails 1 "env-file: $e: line 1: is not UTF-8" --env-file=-e true
}

@test "--env-file: what is no variable is ignored, as by systemd" {
	printf '%s\n' oops '=x' '1A=1' 'A-B=1' 'export A=1' 'B=2' \
	    'OPEN="to the end' >"$e"
	starts --env-clear -E PATH="$PATH" --env-file "$e"
	has B 2
	has OPEN 'to the end\x0a'
	not grep -E '^env\.[0-9]+=(oops|=|1A|A=|A-B|export)' "$c"
}

@test "--env-file: a bad line is told by its number, never by its text" {
	for bad in $'X=secret\xff' $'secret\xff=1'; do
		printf 'A=1\n# comment\n%s\n' "$bad" >"$e"
		fails 1 "env-file: $e: line 3: is not UTF-8" \
		    --env-file "$e" true
	done
	printf 'A=1\0\nB=secret\n' >"$e"
	run_fresh daemonize --env-file "$e" true
	expect_status 1
	one_line_stderr "^daemonize: env-file: $e: line [0-9]+: holds a NUL byte\$"
	[[ $stderr != *secret* ]]
}

@test "--env-file is read anew by every start" {
	printf 'A=1\n' >"$e"
	starts --env-file "$e" -n svc
	has A 1
	finish "$pid"
	printf 'A=2\n' >"$e"
	starts --env-file "$e" -n svc
	has A 2
}

@test "values are in no message, no plan, and nothing others may read" {
	export INHERITED=hush-1
	printf 'FILED=hush-2\n' >"$e"
	args=(-n svc -p "$scratch/p" -v --env-file "$e" -E GIVEN=hush-3)
	run_fresh daemonize "${args[@]}" --dry-run condition "$c"
	[[ $output$stderr != *hush* ]]
	run_fresh daemonize "${args[@]}" "$scratch/none"
	expect_status 127
	[[ $output$stderr != *hush* ]]
	not grep -r hush "$scratch/run" --include=public
	run_fresh daemonize "${args[@]}" condition "$c" pause
	expect_status 0
	[[ $output$stderr != *hush* ]]
	not grep -r hush "$scratch/run" --include=public
	# What is read anew is recorded nowhere.
	not grep -r hush-2 "$scratch/run"
	grep -q hush-1 "$scratch/run/svc/state"
	[[ $(stat -c %a "$scratch/run/svc/state") == 600 ]]
	run_fresh daemonize -E hush-4 true
	expect_status 2
	one_line_stderr '^daemonize: option: -E: not NAME=VALUE$'
	run_fresh daemonize -E =hush-5 true
	expect_status 2
	[[ $stderr != *hush* ]]
}
