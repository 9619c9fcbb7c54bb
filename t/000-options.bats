#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# The command line: every option by its letter and by its name, and every way
# to get it wrong: status 2, one line, nothing done.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start

setup() { scratch_setup; }

# wrong LINE ARG...: a usage error that says so.
wrong()
{
	local line=$1
	shift
	fails 2 "$line" "$@"
	[[ -z $(ls -A "$scratch/run") ]]
}

@test "--help: on stdout, every option in it" {
	run_fresh daemonize --help
	expect_status 0
	[[ -z $stderr && ${lines[0]} == 'usage: daemonize [options] [--] command [args]' ]]
	for o in --name --pidfile --user --group --cwd --env --env-file \
	    --env-clear --stdout --stderr --append --stdin --lock --umask \
	    --root --argv0 --rlimit --nice --keep-fd --ignore-sigchld \
	    --foreground --ready --check --stop --oknodo --rundir --dry-run \
	    --verbose --quiet --version --help; do
		grep -qE -- "(^|[ ,])$o([ =]|$)" <<<"$output"
	done
	help=$output
	run_fresh daemonize -h
	expect_status 0
	[[ $output == "$help" ]]
}

@test "--version: a line with the version" {
	for o in -V --version; do
		run_fresh daemonize $o
		expect_status 0
		[[ $output =~ ^daemonize\ [0-9]+\.[0-9]+ && ${#lines[@]} == 1 ]]
	done
}

@test "help that cannot be written is a failure" {
	daemonize --help >/dev/full 2>"$scratch/err" && status=0 || status=$?
	((status == 1))
	# it is more than what is written at once: what fails may not be the last
	[[ $(<"$scratch/err") == 'daemonize: stdout: '@('could not be written'|'No space left on device') ]]
}

@test "no command is a usage error" {
	wrong 'usage: a command is missing (daemonize --help)'
	wrong 'usage: a command is missing (daemonize --help)' --
	wrong 'usage: a command is missing (daemonize --help)' -v -a
	wrong 'usage: the command is empty' ''
	wrong 'usage: the command is empty' -- '' x
}

@test "argc 0 is a usage error, not a crash" {
	run_fresh odd argc0 -- daemonize
	expect_status 2
	one_line_stderr
}

@test "an unknown option is told, with the help's name" {
	wrong 'option: -z: no such option (--help lists them)' -z true
	wrong 'option: --nosuch: no such option (--help lists them)' \
	    --nosuch true
	wrong 'option: --nosuch: no such option (--help lists them)' \
	    --nosuch=x true
	wrong 'option: -z: no such option (--help lists them)' -vz true
	wrong 'option: -1: no such option (--help lists them)' -1 true
}

@test "no abbreviations: they break the day another option begins alike" {
	wrong 'option: --pid: no such option (--help lists them)' --pid x true
	wrong 'option: --verb: no such option (--help lists them)' --verb true
}

@test "an argument that is missing is told" {
	wrong 'option: -p: needs an argument: FILE' -p
	wrong 'option: --user: needs an argument: USER[:GROUP]' --user
	wrong 'option: -n: needs an argument: NAME' -vn
}

@test "an argument too many is told" {
	wrong 'option: --verbose: takes no argument' --verbose=1 true
	wrong 'option: --append: takes no argument' --append= true
}

@test "those who come from other tools are told what to write" {
	wrong 'option: --chuid: no such option: -u USER' --chuid www true
	wrong 'option: --exec: no such option: the command follows the options' \
	    --exec /bin/true
	run_fresh daemonize -f true
	expect_status 2
	one_line_stderr '^daemonize: option: -f: not needed'
	run_fresh daemonize -b true
	expect_status 2
	one_line_stderr '^daemonize: option: -b: not needed'
}

@test "the first mistake is told, and only that one" {
	wrong 'option: -z: no such option (--help lists them)' \
	    -z -m 9 --nosuch true
}

@test "values that are none: umask" {
	for bad in '' 8 09 00000 1000 7777 -1 0x1 u+w ' 2' 22x; do
		wrong "option: -m: $bad: not an octal mask (022)" \
		    --umask="$bad" true
	done
}

@test "values that are none: nice" {
	for bad in '' -21 20 1x ' 1' +1 0x1 1.5 99999999999999999999; do
		wrong "option: --nice: $bad: not a number from -20 to 19" \
		    --nice="$bad" true
	done
}

@test "values that are none: keep-fd" {
	for bad in '' 0 1 2 -1 x 3x ' 3' +3 2147483648; do
		wrong "option: --keep-fd: $bad: not a number from 3 to 2147483647" \
		    --keep-fd="$bad" true
	done
}

@test "values that are none: rlimit" {
	for bad in '' nofile nofile= =1 nofile=x nofile=-1 nofile=1:x \
	    nofile=1:2:3 nofile=1T nofile=1KB 'nofile= 1' nofile=: nofile=1: \
	    nofile=:1; do
		wrong "option: --rlimit: $bad: not NAME=SOFT[:HARD]" \
		    --rlimit="$bad" true
	done
	for bad in nosuch=1 NOFILE=1 nofil=1; do
		wrong "option: --rlimit: $bad: no such limit (nofile, nproc, as, core, ...)" \
		    --rlimit="$bad" true
	done
	for bad in nofile=2:1 nofile=unlimited:1; do
		wrong "option: --rlimit: $bad: the soft limit is above the hard one" \
		    --rlimit="$bad" true
	done
	for bad in nofile=99999999999999999999 nofile=9223372036854775807K; do
		wrong "option: --rlimit: $bad: too large a number" \
		    --rlimit="$bad" true
	done
}

@test "values that are none: ready" {
	for bad in '' alive alive: alive:x alive:-1 alive:1x \
	    Notify EXEC 'exec ' alive:.5; do
		wrong "option: --ready: $bad: not exec, alive:TIME, fd[:N], notify, pidfile[:PATH], tcp:HOST:PORT, unix:PATH or cmd:CMD" \
		    --ready="$bad" true
	done
	for bad in 25h 2d 99999999999999999999; do
		wrong "option: --ready: alive:$bad: more than a day" \
		    --ready="alive:$bad" true
	done
	plan --ready=alive:1d true
}

@test "values that are none: an empty user, an empty group" {
	wrong 'option: -u: the user is empty' -u '' true
	wrong 'option: --user: the user is empty' --user=:root true
	wrong 'option: -u: the group is empty' -u root: true
	wrong 'option: -g: the group is empty' -g '' true
}

@test "values that are none: stop" {
	for bad in x TERM/x /// NOSUCH/5 TERM TERM/5/ TERM//5; do
		run_fresh daemonize --stop="$bad" true
		expect_status 2
		one_line_stderr "^daemonize: option: --stop: $bad: "
	done
}

@test "values that are none: env" {
	for bad in '' A =x =; do
		wrong 'option: -E: not NAME=VALUE' --env="$bad" true
	done
}

@test "an empty path is none" {
	for o in pidfile lock stdout stderr stdin cwd root env-file; do
		wrong "option: --$o: an empty path" "--$o=" true
	done
	wrong 'option: -p: an empty path' -p '' true
	wrong 'option: --env-file: an empty path' --env-file=- true
}

@test "options that exclude each other are refused together" {
	run_fresh daemonize -F --ready=alive:1 true
	expect_status 125
	one_line_stderr '^daemonize: option: --ready: not with -F'
	run_fresh daemonize --oknodo -F true
	expect_status 125
	one_line_stderr '^daemonize: option: --oknodo: not with -F$'
}

@test "with -F a usage error is 125, wherever -F stands" {
	for args in '-F -z true' '-z -F true' '-m 9 -F true' '-F' '-F --nosuch'; do
		# shellcheck disable=SC2086 # words
		run_fresh daemonize $args
		expect_status 125
		one_line_stderr
	done
}

@test "messages cannot move the cursor or pose as another line" {
	run_fresh daemonize $'--a\e[2J\nb' true
	expect_status 2
	one_line_stderr
	[[ $stderr != *$'\e'* ]]
	run_fresh daemonize "$scratch/"$'x\n\e[31m\r\x7f\x9b'
	expect_status 127
	((${#stderr_lines[@]} == 1))
	[[ $stderr != *$'\e'* && $stderr != *$'\r'* ]]
}

@test "a relative path with no working directory is told" {
	run_fresh odd deletedcwd -- "$BUILD/daemonize" -p here true
	expect_status 2
	one_line_stderr '^daemonize: option: -p: here: relative, and the working directory: No such file or directory$'
	run_fresh odd deletedcwd -- "$BUILD/daemonize" ./here
	expect_status 2
}

# --- the plan --------------------------------------------------------------

# plan ARG...: --dry-run's words.
plan()
{
	run_fresh daemonize --dry-run "$@"
	expect_status 0
	[[ -z $stderr ]]
}

@test "--dry-run tells of the supervisor" {
	run_fresh env DAEMONIZE_LOGDIR=/nowhere daemonize --dry-run -n web -r \
	    -P /tmp/sup --before true --max-memory 1G sleep 1
	expect_status 0
	[[ $output == 'fork
session
fork
supervisor web
pidfile /tmp/sup (the supervisor'"'"'s)
max-memory 1G
before true
fork
session
pid web
record web
umask 022
cwd /
stdio /nowhere/web.log
'* ]] || told
}

@test "--dry-run tells of sockets, agents and workers" {
	run_fresh daemonize --dry-run -n web -w 2 --listen :80 --agent 'renew=true' -o /tmp/o sleep 1
	expect_status 0
	[[ $output == 'listen :80
fork
session
fork
supervisor web
agent renew=true
workers 2, each of them:
fork
'* ]] || told
}

@test "--dry-run and -v print nothing of a path that a terminal would obey" {
	cd "$scratch"
	plan -o $'a\e]0;owned\a\nexec sh' true
	[[ $output == *"stdio $scratch/a\\x1b]0;owned\\x07\\x0aexec sh"$'\n'* ]]
	run_fresh daemonize -v -o $'a\e]0;owned\a' true
	[[ $stderr == *"stdio $scratch/a\\x1b]0;owned\\x07"$'\n'* ]]
}

@test "--dry-run says what would be done, in order, and does nothing" {
	cd "$scratch"
	before=$(listing)
	plan --nice 0 httpd -f
	[[ $output == 'fork
session
fork
umask 022
nice 0
cwd /
stdio /dev/null
descriptors
signals
exec httpd' ]]
	plan -n web -p web.pid -u www -g staff -c /srv -o out -e err -i in \
	    -m 027 --nice 5 --rlimit nofile=1K:2K --rlimit core=0 \
	    --root /jail --ignore-sigchld ./httpd -f
	[[ $output == "fork
session
fork
pidfile $scratch/web.pid
pid web
record web
umask 027
nice 5
limit nofile=1K:2K
limit core=0
root /jail
user www
cwd /srv
stdio $scratch/out
descriptors
find $scratch/./httpd
truncate $scratch/out
signals
sigchld
exec $scratch/./httpd" ]]
	plan -F --nice 0 httpd
	[[ $output == 'umask 022
nice 0
descriptors
signals
exec httpd' ]]
	plan --nice 0 -p x -l x -a -o o true
	[[ $output == "fork
session
fork
pidfile $scratch/x
record
umask 022
nice 0
cwd /
stdio $scratch/o
descriptors
signals
exec true" ]]
	[[ $(listing) == "$before" && -z $(ls -A "$scratch/run") ]]
}

@test "a letter is its name: -n -p -u -g -c -o -e -i -m -F" {
	local short long
	while IFS=, read -r short long; do
		# shellcheck disable=SC2086 # words
		plan $short true
		want=$output
		for args in "$long" "${long/=/ }" "${short/ /}"; do
			# shellcheck disable=SC2086
			plan $args true
			[[ $output == "$want" ]] || told "$args is not $short"
		done
	done <<-'EOF2'
		-n web,--name=web
		-p /x/p,--pidfile=/x/p
		-u www,--user=www
		-g www,--group=www
		-c /srv,--cwd=/srv
		-o /x/o,--stdout=/x/o
		-e /x/e,--stderr=/x/e
		-i /x/i,--stdin=/x/i
		-m 027,--umask=027
		-F,--foreground
	EOF2
}

@test "a letter is its name: -a -l -E -v -q, and clusters" {
	plan -p /x/p -l /x/p -a -o /x/o true
	want=$output
	plan --pidfile /x/p --lock=/x/p --append --stdout /x/o true
	[[ $output == "$want" ]]
	plan -ap/x/p -l/x/p -o/x/o true
	[[ $output == "$want" ]]
	for args in '-E A=1' -EA=1 '--env A=1' --env=A=1; do
		# shellcheck disable=SC2086 # words
		run_fresh daemonize --env-clear $args "$BUILD/t/condition" \
		    "$scratch/c" exit 0
		eventually 5 test -e "$scratch/c"
		expect_key "$scratch/c" env.0 A=1
		rm "$scratch/c"
	done
	for args in -q --quiet; do
		run_fresh daemonize $args "$scratch/none"
		expect_status 127
		silent
	done
}

@test "-v says the plan and the pid, on stderr" {
	for o in -v --verbose; do
		run_fresh daemonize $o --nice 0 -p "$scratch/p" condition - pause
		expect_status 0
		[[ -z $output && ${stderr_lines[0]} == 'daemonize: fork' ]]
		[[ ${stderr_lines[-1]} == "daemonize: running, pid $(<"$scratch/p")" ]]
		grep -qx "daemonize: pidfile $scratch/p" <<<"$stderr"
		finish "$(<"$scratch/p")"
	done
}

@test "-q says nothing, also of a death or a second instance" {
	run_fresh daemonize -q --ready=alive:5 -o "$scratch/o" \
	    sh -c 'echo last; exit 1'
	expect_status 4
	silent
	run_fresh daemonize -q -n svc condition "$scratch/c" pause
	for o in -q -qv -vq; do
		run_fresh daemonize $o -n svc condition "$scratch/c" pause
		expect_status 3
		silent
	done
}

@test "an option given twice: the last one counts" {
	plan -c /a -c /b -m 0 -m 077 --nice 1 --nice 2 true
	[[ $output == *$'\ncwd /b\n'* && $output == *$'umask 077\nnice 2'* ]]
}

@test "old daemonize's own command line" {
	starts -a -c "$scratch" -e "$scratch/e" -E A=b -o "$scratch/o" \
	    -p "$scratch/p" -l "$scratch/p"
	expect_key "$scratch/c" cwd "$scratch"
	expect_key "$scratch/c" fd.1.append yes
	[[ $(env_of "$scratch/c" A) == b && $(<"$scratch/p") == "$pid" ]]
}
