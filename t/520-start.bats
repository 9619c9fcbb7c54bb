#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# start and restart: what was recorded, again, whoever asks and from wherever.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl

setup()
{
	scratch_setup
	((EUID != 0)) || share_scratch
	p=$scratch/p
	c=$scratch/c
}

# again VERB ARG...: daemonctl VERB ARG... makes a new $pid; all its callers
# conditions in the array $odd.  The last one is $old.
again()
{
	old=$pid
	rm -f "$c"
	run_fresh odd "${odd[@]}" -- daemonctl "$@"
	expect_status 0 || return
	eventually 5 test -e "$c" || return
	pid=$(key "$c" pid)
	remember "$pid"
	[[ ${lines[-1]} == "${name:-svc}: running, pid $pid" && -z $stderr ]] ||
	    told 'expected it running' || return
	gone "$old" && ((pid != old)) && [[ $(strays) == "$pid" ]]
}
odd=()

# report: $c without what differs between any two processes.
report()
{
	grep -Ev '^(pid|ppid|pgid|sid|fd\.[0-9]+\.(inode|offset))=' "$c"
}

@test "start of what runs: 0, and it is left alone" {
	starts -n svc
	does 0 "svc: already running, pid $pid" start svc
	does 0 '' start -q svc
	[[ $(strays) == "$pid" ]]
}

@test "start of a stopped, an exited and a failed one" {
	starts -n svc -p "$p"
	stops svc
	again start svc
	[[ $(<"$p") == "$pid" && $(<"$scratch/run/svc/pid") == "$pid" ]]
	is ready 0 svc
	finish "$pid"
	is exited 1 svc
	again start svc
	[[ $(<"$p") == "$pid" ]]
	finish "$pid"
	cp "$(command -v condition)" "$scratch/cmd"
	chmod -x "$scratch/cmd"
	run_fresh daemonize -n bad "$scratch/cmd" "$c" pause
	expect_status 126
	is failed 1 bad
	chmod +x "$scratch/cmd"
	name=bad again start bad
	is ready 0 bad
}

@test "restart of what runs, of what is stopped, and of both" {
	starts -n svc
	ctl restart svc
	expect_status 0
	[[ ${lines[0]} =~ $(stopped_line svc) && ${lines[1]} =~ ^svc:\ running,\ pid\ [0-9]+$ ]]
	[[ ${#lines[@]} == 2 && $(strays) == "${lines[1]##* }" ]]
	stops svc
	ctl restart svc
	expect_status 0
	[[ ${#lines[@]} == 1 && $output =~ ^svc:\ running,\ pid\ [0-9]+$ ]]
	does 0 '' restart -q svc
	c=$scratch/c2 starts -n two
	stops svc
	ctl restart --all
	expect_status 0
	ctl list
	[[ ${lines[-1]} == '2 services: 2 ready' ]]
}

@test "one that is named twice is restarted once" {
	starts -n svc
	ctl restart svc 'sv*' svc
	expect_status 0
	[[ ${#lines[@]} == 2 ]]
}

@test "unknown names and pidfiles: 6; nothing named: 2; a stranger: 3" {
	for verb in start restart; do
		refuses 6 "$verb: nope: no such service" "$verb" nope
		refuses 6 "$verb: n*: matches no service" "$verb" 'n*'
		refuses 2 "usage: $verb what? NAME, GLOB, --all or -p PIDFILE" \
		    "$verb"
		for file in "$p" "$scratch/none/p"; do
			refuses 6 "$verb: $file: nothing runs, and there is no record of it" \
			    "$verb" -p "$file"
		done
	done
	# Also where it runs, and would have been stopped first.
	decoy=$scratch/decoy
	launch decoy "$decoy"
	eventually 5 test -e "$decoy"
	echo "$launched" >"$p"
	refuses 3 "restart: $p: not started by daemonize: it can be stopped, not started" \
	    restart -p "$p" --exec decoy
	untouched "$launched"
}

@test "the same condition, whoever asks and from wherever" {
	mkdir "$scratch/d"
	odd=(umask=027 nice=3 nofile=300:400 core=0:0 ignore=PIPE block=USR1)
	cd "$scratch/d"
	KEEP=this run_fresh odd "${odd[@]}" -- daemonize -n svc -p "$p" \
	    -c "$scratch/d" -m 031 -E ONE=1 -E 'TWO=a b' --rlimit stack=1M:2M \
	    --nice 5 -a -o "$scratch/o" -i /dev/zero --argv0 other \
	    condition ../c pause 'a b' '' "it's"
	expect_status 0
	eventually 5 test -e "$c"
	pid=$(key "$c" pid)
	expect_key "$c" umask 031
	expect_key "$c" cwd "$scratch/d"
	expect_key "$c" rlimit.stack 1048576:2097152
	expect_key "$c" rlimit.nofile 300:400
	[[ $(env_of "$c" KEEP) == this && $(env_of "$c" TWO) == 'a b' ]]
	report >"$scratch/first"
	cd /
	callers=('' 'umask=0' 'nofile=200:400 fsize=100000'
		'ignore=HUP,INT,TERM,CHLD' blockall 'close=0,1' 'alarm=100'
		deletedcwd "fds=20 high=90:400")
	# Only root gets back what these have given up.
	((EUID != 0)) || callers+=('nice=10')
	for odd in "${callers[@]}"; do
		echo "caller: $odd"
		# shellcheck disable=SC2206 # words
		odd=($odd)
		if [[ ${odd[*]} == close* ]]; then
			old=$pid
			rm "$c"
			run_fresh odd "${odd[@]}" -- daemonctl restart -q svc
			expect_status 0
			eventually 5 test -e "$c"
			pid=$(key "$c" pid)
		else
			KEEP=that again restart svc
		fi
		diff "$scratch/first" <(report)
		[[ $(<"$p") == "$pid" ]]
	done
}

@test "an empty environment asks: it has the one of the first start" {
	KEEP=this starts -n svc
	report >"$scratch/first"
	old=$pid
	rm "$c"
	run_fresh env -i "$BUILD/daemonctl" --rundir "$scratch/run" restart svc
	expect_status 0
	eventually 5 test -e "$c"
	diff "$scratch/first" <(report)
}

@test "environment files are read anew, -E stays, and none is recorded" {
	echo 'FROM_FILE=secret-one' >"$scratch/env"
	starts -n svc --env-file "$scratch/env" -E OPT=given
	[[ $(env_of "$c" FROM_FILE) == secret-one ]]
	not grep -rq secret-one "$scratch/run"
	printf 'FROM_FILE=secret-two\nNEW=x\nOPT=lost\n' >"$scratch/env"
	again restart svc
	[[ $(env_of "$c" FROM_FILE) == secret-two && $(env_of "$c" NEW) == x ]]
	[[ $(env_of "$c" OPT) == given ]]
	not grep -rq secret- "$scratch/run"
	: >"$scratch/env"
	again restart svc
	not env_of "$c" FROM_FILE
	not env_of "$c" NEW
	# One that is gone is found out before anything is stopped, or at
	# least said; one that may be missing may.
	stops svc
	rm "$scratch/env"
	ctl start svc
	expect_status 1
	one_line_stderr "^daemonctl: start: svc: env-file: $scratch/env: No such file"
	starts -n svc --env-file "-$scratch/env"
	again restart svc
}

@test "a deploy by symlink is picked up" {
	for v in 1 2; do
		mkdir -p "$scratch/v$v/bin"
		cp "$(command -v condition)" "$scratch/v$v/bin/run"
	done
	ln -s v1 "$scratch/current"
	cd "$scratch"
	run_fresh daemonize -n svc -c current ./current/bin/run "$c" pause
	expect_status 0
	eventually 5 test -e "$c"
	pid=$(key "$c" pid)
	expect_key "$c" cwd "$scratch/v1"
	expect_key "$c" exe "$scratch/v1/bin/run"
	cd /
	ln -sfn v2 "$scratch/current"
	again restart svc
	expect_key "$c" cwd "$scratch/v2"
	expect_key "$c" exe "$scratch/v2/bin/run"
	# The old one goes: nothing of ours holds it.
	rm -r "$scratch/v1"
	again restart svc
}

@test "a check that fails leaves it running" {
	touch "$scratch/fine"
	decoys -n svc -E WHERE="$scratch" --check 'test -e "$WHERE/fine"'
	rm "$scratch/fine"
	ctl restart svc
	expect_status 1
	one_line_stderr '^daemonctl: restart: svc: check: .*: failed with status 1; it runs on$'
	untouched "$pid"
	is ready 0 svc
	touch "$scratch/fine"
	ctl restart --stop KILL/5 svc
	expect_status 0
	rm "$scratch/fine"
	ctl stop --stop KILL/5 svc
	ctl start svc
	expect_status 1
	one_line_stderr '^daemonctl: start: svc: check: .*: failed with status 1$'
	[[ -z $(strays) ]]
}

@test "a check is asked before one in backoff is started at once" {
	touch "$scratch/fine"
	run_fresh daemonize -n svc -r -R 60 -E WHERE="$scratch" --check 'test -e "$WHERE/fine"' sleep 600
	expect_status 0
	remember "$(record "$scratch/run/svc/public" supervisor)" "$(<"$scratch/run/svc/pid")"
	rm "$scratch/fine"
	kill -KILL "$(<"$scratch/run/svc/pid")"
	eventually 5 is backoff 1 svc
	ctl start svc
	expect_status 1
	one_line_stderr '^daemonctl: start: svc: check: .*: failed with status 1$'
	is backoff 1 svc
	touch "$scratch/fine"
	ctl start svc
	expect_status 0
	remember "$(<"$scratch/run/svc/pid")"
	is ready 0 svc
	ctl stop svc
}

# stays LINE ARG...: restart refuses with LINE, and what runs is untouched.
stays()
{
	local line=$1
	shift
	refuses "${code:-1}" "restart: svc: $line; it runs on" restart "$@" || return
	untouched "$pid" || return
	is ready 0 "$@"
}

@test "what could not be started again is not stopped first" {
	mkdir "$scratch/dir" "$scratch/logs"
	cp "$(command -v decoy)" "$scratch/cmd"
	echo A=1 >"$scratch/env"
	decoy=$scratch/decoy
	run_fresh daemonize -n svc -c "$scratch/dir" -o "$scratch/logs/o" \
	    --env-file "$scratch/env" "$scratch/cmd" "$decoy"
	expect_status 0
	eventually 5 test -e "$decoy"
	pid=$(key "$decoy" pid)
	mv "$scratch/env" "$scratch/env.gone"
	stays "env-file: $scratch/env: No such file or directory" svc
	mv "$scratch/env.gone" "$scratch/env"
	mv "$scratch/dir" "$scratch/dir.gone"
	stays "cwd: $scratch/dir: No such file or directory" svc
	mv "$scratch/dir.gone" "$scratch/dir"
	mv "$scratch/logs" "$scratch/logs.gone"
	stays "stdout: $scratch/logs/o: No such file or directory" svc
	mkdir "$scratch/logs"
	mv "$scratch/cmd" "$scratch/cmd.gone"
	code=5 stays "exec: $scratch/cmd: No such file or directory" svc
	# The rehearsal made its output file, and took it away.
	[[ -z $(ls "$scratch/logs") ]]
	printf '#!/no/such/sh\n' >"$scratch/cmd"
	chmod +x "$scratch/cmd"
	code=5 stays "exec: $scratch/cmd: interpreter /no/such/sh: No such file or directory" svc
	chmod -x "$scratch/cmd"
	stays "exec: $scratch/cmd: Permission denied" svc
	rm "$scratch/cmd"
	mkdir "$scratch/cmd"
	stays "exec: $scratch/cmd: is a directory" svc
	rmdir "$scratch/cmd"
	mv "$scratch/cmd.gone" "$scratch/cmd"
	ctl restart --stop KILL/5 svc
	expect_status 0
}

@test "a rehearsal that somebody stops can be interrupted" {
	# A long way to the command, so that there is time to step in.
	local far
	far=$(printf '/none:%.0s' {1..10000})
	starts -n svc -E "PATH=$far$PATH"
	run_fresh timeout 60 "$python" -c '
import os, signal, subprocess, sys
def lives(pid):
	try: return open("/proc/%d/stat" % pid).read().split()[2] != "Z"
	except OSError: return False
for i in range(2000):
	old = int(open(sys.argv[1]).read())
	ctl = subprocess.Popen(["daemonctl", "restart", "-q", "svc"])
	kids = "/proc/%d/task/%d/children" % (ctl.pid, ctl.pid)
	while ctl.poll() is None:
		kid = open(kids).read()
		if kid:
			kid = int(kid.split()[0])
			try: os.kill(kid, signal.SIGSTOP)
			except ProcessLookupError: continue
			if lives(old):
				ctl.terminate()
				break
			# Too late: that is the new one, on its way.
			try: os.kill(kid, signal.SIGCONT)
			except ProcessLookupError: continue
	else: continue
	code = ctl.wait()
	print(code)
	sys.exit(code != -15)
' "$scratch/run/svc/pid"
	expect_status 0
	[[ $(strays) == "$(<"$scratch/run/svc/pid")" ]]
}

@test "the caller's limit on files is not the service's, nor ours" {
	starts -n svc -p "$p"
	run_fresh bash -c 'ulimit -S -f 0; daemonctl restart svc'
	expect_status 0
	is ready 0 svc
	expect_key "$c" rlimit.fsize "$(prlimit -f -o SOFT,HARD --noheadings | tr -s ' ' : | sed 's/^://; s/:$//')" || :
	run_fresh bash -c 'ulimit -S -f 0; daemonctl stop svc'
	expect_status 0
	is stopped 3 svc
}

@test "an upgrade that took the pidfile's directory away: it is left running" {
	mkdir "$scratch/pids"
	decoys -n svc -p "$scratch/pids/p" -l "$scratch/pids/l"
	chmod 777 "$scratch/pids"
	code=4 stays "lock: $scratch/pids/l: $scratch/pids can be changed by others (chmod go-w)" svc
	chmod 755 "$scratch/pids"
	mv "$scratch/pids/l" "$scratch/pids/gone"
	ln -s gone "$scratch/pids/l"
	stays "lock: $scratch/pids/l: is a symbolic link" svc
}

# bats test_tags=root
@test "no room for its record: a restart leaves it running" {
	root_only
	unshare -m bash -c '
		mount -t tmpfs -o size=64k,mode=700 none "$1/run" || exit 77
		daemonize -n svc sleep 600 || exit
		cat /dev/zero >"$1/run/zero" 2>/dev/null
		daemonctl restart svc; echo $?
		daemonctl status svc
		rm "$1/run/zero"
		daemonctl restart svc; echo $?
		ls "$1/run/svc"
		daemonctl stop svc' - "$scratch" >"$scratch.out" 2>"$scratch.err" \
	    3>&- && status=0 || status=$?
	((status != 77)) || skip 'no tmpfs here'
	[[ $(<"$scratch.err") == \
	    'daemonctl: restart: svc: record: No space left on device; it runs on' ]]
	grep -qx 1 "$scratch.out"
	grep -q '^svc: ready, pid' "$scratch.out"
	grep -qx 0 "$scratch.out"
	[[ $(grep -cx room "$scratch.out") == 0 ]]
	[[ -z $(strays) ]]
}

@test "a lock that somebody else took: it is said, and not 0" {
	starts -n svc -l "$scratch/l"
	rm "$scratch/l"
	exec 9>"$scratch/l"
	flock 9
	ctl restart svc
	expect_status 1
	[[ $stderr == "daemonctl: restart: svc: start: $scratch/l: already running: somebody holds the lock" ]]
	exec 9>&-
	ctl start svc
	expect_status 0
}

@test "a limit that cannot be had again: it is left running" {
	decoys -n svc
	# Nobody here may raise a hard limit again.
	run_fresh setpriv --bounding-set -sys_resource --inh-caps -sys_resource \
	    prlimit --nofile=64:64 daemonctl restart svc
	expect_status 4
	one_line_stderr '^daemonctl: restart: svc: limit: nofile=.*: Operation not permitted; it runs on$'
	untouched "$pid"
	is ready 0 svc
}

@test "output is appended, though the first start emptied the file" {
	echo old >"$scratch/o"
	run_fresh daemonize -n svc -o "$scratch/o" sh -c 'echo line; exec sleep 600'
	lines_are() { [[ $(grep -c line "$scratch/o") == "$1" ]]; }
	eventually 5 lines_are 1
	[[ $(head -n 1 "$scratch/o") == line ]]
	ctl restart svc
	eventually 5 lines_are 2
	stops svc
	ctl start svc
	eventually 5 lines_are 3
}

@test "what needs its caller's descriptors or terminal is refused, and runs on" {
	exec 7>"$scratch/kept"
	starts -n kept --keep-fd 7
	exec 7>&-
	refuses 3 'restart: kept: was started with --keep-fd, which nobody can repeat: start it as before' \
	    restart kept
	is ready 0 kept
	alive "$pid"
	name=kept stops kept
	refuses 3 'start: kept: was started with --keep-fd, which nobody can repeat: start it as before' \
	    start kept
	launch daemonize -F -n fore condition "$scratch/f" pause
	eventually 5 test -e "$scratch/f"
	is ready 0 fore
	refuses 3 'restart: fore: was started with -F: start it as before' \
	    restart fore
	alive "$(key "$scratch/f" pid)"
	name=fore stops fore
	refuses 3 'start: fore: was started with -F: start it as before' \
	    start fore
	[[ -z $(strays) ]]
}

@test "a command that is gone: 5; not executable, dying at once: 1" {
	cp "$(command -v condition)" "$scratch/cmd"
	run_fresh daemonize -n svc --ready=alive:0.2 "$scratch/cmd" "$c" pause
	expect_status 0
	eventually 5 test -e "$c"
	stops svc
	mv "$scratch/cmd" "$scratch/moved"
	refuses 5 "start: svc: exec: $scratch/cmd: No such file or directory" start svc
	is failed 1 svc
	: >"$scratch/cmd"
	refuses 1 "start: svc: exec: $scratch/cmd: Permission denied" start svc
	printf '#!/bin/sh\necho "why not" >&2\nexit 3\n' >"$scratch/cmd"
	chmod +x "$scratch/cmd"
	ctl start svc
	expect_status 1
	[[ ${stderr_lines[0]} == "daemonctl: start: svc: ready: $scratch/cmd: ended with status 3 before it was ready" ]]
	is failed 1 svc
	cp "$scratch/moved" "$scratch/cmd"
	pid=$$ c=$scratch/c again start svc || :
	is ready 0 svc
}

@test "one that fails does not keep the others from being started" {
	cp "$(command -v sleep)" "$scratch/cmd"
	run_fresh daemonize -n bad "$scratch/cmd" 600
	starts -n good
	ctl stop --all
	rm "$scratch/cmd"
	ctl start --all
	expect_status 5
	[[ $output =~ ^good:\ running,\ pid\ [0-9]+$ && ${#stderr_lines[@]} == 1 ]]
}

@test "--stop of a restart is stronger than the recorded one" {
	decoys -n svc --stop HUP/5m
	ctl restart --stop INT/0.1/KILL/5 svc
	expect_status 0
	[[ ${lines[0]} == *"pid $pid \"decoy\" had to be killed" ]]
	gone "$pid"
	is ready 0 svc
	ctl status svc
	[[ $output == *'  stop      HUP/5m to'* ]]
	ctl stop --stop KILL/5 svc
}

@test "by its pidfile; with -l; with both in one file" {
	starts -p "$p"
	name=$p again restart -p "$p"
	[[ $(<"$p") == "$pid" ]]
	finish "$pid"
	name=$p again start -p "$p"
	finish "$pid"
	starts -n svc -p "$scratch/l" -l "$scratch/l"
	again restart svc
	printf '%s\n' "$pid" | cmp "$scratch/l" -
	run_fresh flock -n "$scratch/l" true
	((status != 0))
	stops svc
	[[ -e $scratch/l && ! -s $scratch/l ]]
	flock -n "$scratch/l" true
	again start svc
	printf '%s\n' "$pid" | cmp "$scratch/l" -
}

# bats test_tags=root
@test "as the same user, with his groups, in the same root" {
	root_only
	others_write
	starts -n svc -u nobody -g nogroup -c "$scratch/open" -o "$scratch/open/o"
	report >"$scratch/first"
	expect_key "$c" euid 65534
	again restart svc
	diff <(grep -v append= "$scratch/first") <(report | grep -v append=)
	[[ $(stat -c %U "/proc/$pid") == nobody ]]
}

# bats test_tags=root
@test "the starter is no secret, and the record stays the starter's" {
	root_only
	mkdir -m 700 "$scratch/his"
	chown nobody: "$scratch/his"
	others_write
	export DAEMONIZE_RUNDIR=$scratch/his
	run_fresh as_nobody daemonize -n svc condition "$c" pause
	expect_status 0
	eventually 5 test -e "$c"
	run_fresh as_nobody daemonctl restart svc
	expect_status 0
	run_fresh as_nobody daemonctl status svc
	[[ $output == *" by $(id -un 65534)"* ]]
	pid=$(<"$scratch/his/svc/pid")
	[[ $(stat -c %U "/proc/$pid") == nobody ]]
}

@test "twenty starts and restarts at once: one is left" {
	starts -n svc -p "$p"
	stops svc
	run_fresh storm 20 daemonctl start -q svc
	[[ ${lines[0]} == 'status 0 20' ]] || told 'all should say it runs'
	[[ $(strays) == "$(<"$p")" ]]
	run_fresh storm 8 daemonctl restart -q svc
	[[ ${lines[0]} == 'status 0 8' ]] || told 'all should say it runs'
	[[ $(strays) == "$(<"$p")" ]]
	is ready 0 svc
}
