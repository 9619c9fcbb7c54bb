#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Every way a start can fail before the command is executed: the status, one
# exact line, and nothing left but the record of the failure.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start

# The most that could be left behind: a name and a pidfile.
setup()
{
	scratch_setup
	both=(-n svc -p "$scratch/p")
	public=$scratch/run/svc/public
	if ((EUID == 0)); then
		share_scratch
	fi
}

# Failures after the forks are recorded for daemonctl.
expect_failure()
{
	expect_record "$public" condition failed
	expect_record "$public" step "$1"
	expect_record "$public" reason "$2"
	expect_record "$public" code "$3"
}

# What failed once stands in nobody's way.
starts_next()
{
	starts "${both[@]}"
	[[ $(<"$scratch/p") == "$pid" ]]
}

@test "a command that does not exist is 127" {
	fails 127 "exec: $scratch/none: No such file or directory" \
	    "${both[@]}" "$scratch/none"
	expect_failure exec 'No such file or directory' 127
	starts_next
}

@test "a command that is not in PATH is 127, and says so" {
	fails 127 'exec: no-such-command: not found in PATH' \
	    "${both[@]}" no-such-command
	expect_failure exec 'not found in PATH' 127
	starts_next
}

@test "a command below something that is no directory is 127" {
	: >"$scratch/file"
	fails 127 "exec: $scratch/file/x: Not a directory" \
	    "${both[@]}" "$scratch/file/x"
}

@test "a command that may not be executed is 126" {
	: >"$scratch/plain"
	fails 126 "exec: $scratch/plain: Permission denied" \
	    "${both[@]}" "$scratch/plain"
	expect_failure exec 'Permission denied' 126
	starts_next
}

@test "a command in PATH that may not be executed is 126, and where it is" {
	mkdir "$scratch/bin"
	: >"$scratch/bin/no-such-command"
	PATH="$scratch/bin:$PATH" \
	    fails 126 "exec: $scratch/bin/no-such-command: Permission denied" \
	    "${both[@]}" no-such-command
}

@test "a directory is 126, and is called one" {
	mkdir "$scratch/dir"
	fails 126 "exec: $scratch/dir: is a directory" \
	    "${both[@]}" "$scratch/dir"
}

@test "a loop of links is 126" {
	ln -s loop "$scratch/loop"
	fails 126 "exec: $scratch/loop: $eloop" \
	    "${both[@]}" "$scratch/loop"
}

@test "a dangling link is 127" {
	ln -s nowhere "$scratch/link"
	fails 127 "exec: $scratch/link: No such file or directory" \
	    "${both[@]}" "$scratch/link"
}

@test "a script whose interpreter is missing is 127, and names it" {
	printf '#! /no/interpreter -x\n' >"$scratch/script"
	chmod 755 "$scratch/script"
	fails 127 "exec: $scratch/script: interpreter /no/interpreter: No such file or directory" \
	    "${both[@]}" "$scratch/script"
	starts_next
}

@test "a missing interpreter is named wherever in PATH the script lies" {
	mkdir "$scratch/bin"
	printf '#!/no/such/sh\n' >"$scratch/bin/crooked"
	chmod +x "$scratch/bin/crooked"
	PATH=$PATH:$scratch/bin fails 127 \
	    "exec: $scratch/bin/crooked: interpreter /no/such/sh: No such file or directory" crooked
	# The carriage return is the reason, so it is shown.
	printf '#!/bin/sh\r\n' >"$scratch/bin/crooked"
	fails 127 \
	    "exec: $scratch/bin/crooked: interpreter /bin/sh\\x0d: No such file or directory" \
	    "$scratch/bin/crooked"
}

# bats test_tags=root
@test "a directory of PATH the user may not search is none" {
	root_only
	share_scratch
	mkdir -m 700 "$scratch/bin"
	PATH=$scratch/bin:$PATH fails 127 'exec: nosuch: not found in PATH' \
	    -u nobody nosuch
}

@test "a program the kernel gives up loading is 126" {
	fails 126 'exec: sleep: killed by signal SEGV as it was loaded (is the file whole, a limit too low?)' \
	    --rlimit as=1 -p "$scratch/p" sleep 600
	head -c 3000 "$(command -v sleep)" >"$scratch/cut"
	chmod +x "$scratch/cut"
	fails 126 "exec: $scratch/cut: killed by signal SEGV as it was loaded (is the file whole, a limit too low?)" \
	    -p "$scratch/p" "$scratch/cut"
}

@test "a script whose interpreter is not executable is 126, and names it" {
	: >"$scratch/interpreter"
	printf '#!%s\n' "$scratch/interpreter" >"$scratch/script"
	chmod 755 "$scratch/script"
	fails 126 "exec: $scratch/script: interpreter $scratch/interpreter: Permission denied" \
	    "${both[@]}" "$scratch/script"
}

@test "a program whose loader is missing is 127, and names it" {
	LC_ALL=C sed 's|/lib64/ld-|/nolib/ld-|' /bin/true >"$scratch/program"
	chmod 755 "$scratch/program"
	grep -q /nolib/ld- "$scratch/program" || skip 'another loader here'
	fails 127 "exec: $scratch/program: interpreter /nolib/ld-linux-x86-64.so.2: No such file or directory" \
	    "${both[@]}" "$scratch/program"
}

@test "a program being written to is 126" {
	local fd
	cp /bin/true "$scratch/busy"
	exec {fd}>>"$scratch/busy"
	fails 126 "exec: $scratch/busy: Text file busy" \
	    "${both[@]}" "$scratch/busy"
	exec {fd}>&-
}

@test "a damaged program is 126" {
	head -c 100 /bin/true >"$scratch/damaged"
	chmod 755 "$scratch/damaged"
	run_fresh daemonize "${both[@]}" --ready=alive:2 "$scratch/damaged"
	[[ $status -eq 126 || $status -eq 4 ]] || told 'expected a failure'
	[[ -z $(strays) && ! -e $scratch/p ]]
}

@test "arguments that are too many are 126" {
	# One string may have 128 KiB.
	{
		printf LONG=
		head -c 200000 /dev/zero | tr '\0' x
	} >"$scratch/env"
	fails 126 'exec: /bin/true: Argument list too long' \
	    "${both[@]}" --env-file "$scratch/env" /bin/true
	expect_failure exec 'Argument list too long' 126
}

@test "a text file without #! runs under sh, with its arguments" {
	printf 'echo "$#:$1:$0" >"$2"\n' >"$scratch/text"
	chmod 755 "$scratch/text"
	run_fresh daemonize "$scratch/text" 'a b' "$scratch/out"
	expect_status 0
	silent
	eventually 5 test -s "$scratch/out"
	[[ $(<"$scratch/out") == "2:a b:$scratch/text" ]]
}

@test "a text file in PATH without #! runs under sh" {
	mkdir "$scratch/bin"
	printf 'echo "$0" >"$1"\n' >"$scratch/bin/some-text"
	chmod 755 "$scratch/bin/some-text"
	PATH="$scratch/bin:$PATH" run_fresh daemonize some-text "$scratch/out"
	expect_status 0
	eventually 5 test -s "$scratch/out"
	[[ $(<"$scratch/out") == "$scratch/bin/some-text" ]]
}

@test "a relative command is one of the caller's directory, not of the new" {
	cp "$BUILD/t/condition" "$scratch/here"
	cd "$scratch"
	run_fresh daemonize ./here "$scratch/c" pause
	expect_status 0
	eventually 5 test -e "$scratch/c"
	expect_key "$scratch/c" cwd /
	expect_key "$scratch/c" argv.0 ./here
	mkdir below
	cd below
	run_fresh daemonize "${both[@]}" ./here
	expect_status 127
	one_line_stderr " $scratch/below/./here: No such file or directory\$"
}

@test "a directory of the pidfile that is missing is told, and nothing runs" {
	fails 1 "pidfile: $scratch/none/p: No such file or directory" \
	    -n svc -p "$scratch/none/p" condition "$scratch/c" pause
	[[ ! -e $scratch/run/svc ]]
}

# bats test_tags=root
@test "a pidfile that cannot be written is told, and nothing runs" {
	root_only
	mkdir "$scratch/full"
	unshare -m bash -c '
		mount -t tmpfs -o size=16k none "$1/full" || exit 77
		cat /dev/zero >"$1/full/zero" 2>/dev/null
		shift
		exec "$@"' - "$scratch" \
	    daemonize -n svc -p "$scratch/full/p" condition "$scratch/c" pause \
	    2>"$scratch.err" 3>&- && status=0 || status=$?
	((status != 77)) || skip 'no tmpfs here'
	((status == 1))
	[[ $(<"$scratch.err") == \
	    "daemonize: pidfile: $scratch/full/p: No space left on device" ]]
	[[ -z $(strays) && ! -e $scratch/c && ! -e $scratch/run/svc/pid ]]
	expect_failure pidfile 'No space left on device' 1
}

# bats test_tags=root
@test "a record that cannot be written is told, and nothing runs" {
	root_only
	unshare -m bash -c '
		mount -t tmpfs -o size=16k,mode=700 none "$1/run" || exit 77
		mkdir "$1/run/svc"
		: >"$1/run/svc/lock"
		chmod 600 "$1/run/svc/lock"
		cat /dev/zero >"$1/run/zero" 2>/dev/null
		shift
		exec "$@"' - "$scratch" \
	    daemonize "${both[@]}" condition "$scratch/c" pause \
	    2>"$scratch.err" 3>&- && status=0 || status=$?
	((status != 77)) || skip 'no tmpfs here'
	((status == 1))
	[[ $(<"$scratch.err") == \
	    "daemonize: record: svc: No space left on device" ]]
	[[ -z $(strays) && ! -e $scratch/c && ! -e $scratch/p ]]
}

# bats test_tags=root
@test "a pidfile on a read-only file system is told" {
	root_only
	mkdir "$scratch/ro"
	unshare -m bash -c '
		mount -t tmpfs -o ro none "$1/ro" || exit 77
		shift
		exec "$@"' - "$scratch" \
	    daemonize -n svc -p "$scratch/ro/p" condition "$scratch/c" pause \
	    2>"$scratch.err" 3>&- && status=0 || status=$?
	((status != 77)) || skip 'no tmpfs here'
	((status == 1))
	[[ $(<"$scratch.err") == \
	    "daemonize: pidfile: $scratch/ro/p: Read-only file system" ]]
	[[ -z $(strays) && ! -e $scratch/run/svc ]]
}

# bats test_tags=root
@test "a program on a file system without execution is 126" {
	root_only
	mkdir "$scratch/noexec"
	unshare -m bash -c '
		mount -t tmpfs -o noexec none "$1/noexec" || exit 77
		cp /bin/true "$1/noexec/true"
		shift
		exec "$@"' - "$scratch" \
	    daemonize "${both[@]}" "$scratch/noexec/true" \
	    2>"$scratch.err" 3>&- && status=0 || status=$?
	((status != 77)) || skip 'no tmpfs here'
	((status == 126))
	[[ $(<"$scratch.err") == \
	    "daemonize: exec: $scratch/noexec/true: Permission denied" ]]
	[[ -z $(strays) && ! -e $scratch/p ]]
}

@test "an unknown user is told, and no pidfile is left" {
	fails 1 'user: no-such-user: no such user' \
	    "${both[@]}" -u no-such-user true
	[[ ! -e $scratch/run/svc ]]
}

@test "an unknown group is told, and no pidfile is left" {
	fails 1 'group: no-such-group: no such group' \
	    "${both[@]}" -g no-such-group true
	[[ ! -e $scratch/run/svc ]]
}

@test "a working directory that is missing is told" {
	fails 1 "cwd: $scratch/none: No such file or directory" \
	    "${both[@]}" -c "$scratch/none" condition "$scratch/c" pause
	expect_failure cwd 'No such file or directory' 1
	starts_next
}

@test "a working directory that is a file is told" {
	: >"$scratch/file"
	fails 1 "cwd: $scratch/file: Not a directory" \
	    "${both[@]}" -c "$scratch/file" condition "$scratch/c" pause
}

# bats test_tags=root
@test "a working directory the user may not enter is told" {
	root_only
	mkdir -m 700 "$scratch/private"
	fails 1 "cwd: $scratch/private: Permission denied" \
	    "${both[@]}" -u nobody -c "$scratch/private" true
}

# bats test_tags=root
@test "a command the user may not execute is 126" {
	root_only
	cp /bin/true "$scratch/program"
	chmod 700 "$scratch/program"
	fails 126 "exec: $scratch/program: Permission denied" \
	    "${both[@]}" -u nobody "$scratch/program"
}

@test "a root that is missing is told" {
	fails 1 "root: $scratch/none: No such file or directory" \
	    "${both[@]}" --root "$scratch/none" true
}

# bats test_tags=root
@test "a command that is not in the root is 127" {
	root_only
	mkdir "$scratch/jail"
	fails 127 'exec: /bin/true: No such file or directory' \
	    "${both[@]}" --root "$scratch/jail" /bin/true
}

@test "an output that cannot be opened is told, for each of the two" {
	local o word
	for o in '-o stdout' '-e stderr' '-a -o stdout' '-a -e stderr'; do
		word=${o##* }
		# shellcheck disable=SC2086 # two words
		fails 1 "$word: $scratch/none/out: No such file or directory" \
		    "${both[@]}" ${o% *} "$scratch/none/out" true
		# shellcheck disable=SC2086
		fails 1 "$word: $scratch: Is a directory" \
		    "${both[@]}" ${o% *} "$scratch" true
	done
	[[ ! -e $scratch/run/svc ]]
}

@test "an output that is a FIFO nobody reads is told, not waited for" {
	mkfifo "$scratch/fifo"
	fails 1 "stdout: $scratch/fifo: a FIFO nobody reads" \
	    "${both[@]}" -o "$scratch/fifo" true
}

@test "an input that is missing or a directory is told" {
	fails 1 "stdin: $scratch: Is a directory" "${both[@]}" -i "$scratch" true
	fails 1 "stdin: $scratch/none: No such file or directory" \
	    "${both[@]}" -i "$scratch/none" true
}

@test "an input that is a FIFO nobody writes to is not waited for" {
	mkfifo "$scratch/fifo"
	TEST_LIMIT=10 watch_start
	starts "${both[@]}" -i "$scratch/fifo"
	expect_key "$scratch/c" fd.0 "$scratch/fifo"
	expect_key "$scratch/c" fd.0.nonblock no
}

@test "outputs made for a start that then failed are removed again" {
	fails 127 'exec: no-such-command: not found in PATH' "${both[@]}" \
	    -o "$scratch/out" -e "$scratch/err" no-such-command
	fails 1 'keep-fd: 77: is not open' "${both[@]}" \
	    -o "$scratch/out" -e "$scratch/err" --keep-fd 77 true
	fails 1 "cwd: $scratch/none: No such file or directory" "${both[@]}" \
	    -o "$scratch/out" -e "$scratch/err" -c "$scratch/none" true
}

@test "outputs that were there keep what was in them" {
	echo precious >"$scratch/out"
	fails 127 'exec: no-such-command: not found in PATH' "${both[@]}" \
	    -a -o "$scratch/out" -e "$scratch/out" no-such-command
	fails 1 "cwd: $scratch/none: No such file or directory" "${both[@]}" \
	    -o "$scratch/out" -e "$scratch/out" -c "$scratch/none" true
	fails 127 'exec: no-such-command: not found in PATH' \
	    -o "$scratch/out" no-such-command
	[[ $(<"$scratch/out") == precious ]]
}

@test "outputs of a command that did not live are removed while empty" {
	fails 4 'ready: false: ended with status 1 before it was ready' \
	    --ready=alive:0.2 -o "$scratch/o" false
	run_fresh daemonize --ready=alive:0.2 -o "$scratch/o" sh -c 'echo why; exit 1'
	expect_status 4
	[[ $(<"$scratch/o") == why ]]
}

# bats test_tags=root
@test "root without -u follows nobody's links to outputs" {
	root_only
	share_scratch
	echo secret >"$scratch/secret"
	mkdir "$scratch/theirs"
	ln -s "$scratch/secret" "$scratch/theirs/o"
	ln "$scratch/secret" "$scratch/theirs/hard"
	chown -hR nobody "$scratch/theirs"
	chown root "$scratch/secret"
	fails 1 "stdout: $scratch/theirs/o: is a symbolic link that somebody else may have put there" \
	    -o "$scratch/theirs/o" sleep 600
	fails 1 "stderr: $scratch/theirs/hard: has more than one name (hard link), in a directory of somebody else's" \
	    -a -e "$scratch/theirs/hard" sleep 600
	fails 1 "stdin: $scratch/theirs/o: is a symbolic link that somebody else may have put there" \
	    -i "$scratch/theirs/o" sleep 600
	[[ $(<"$scratch/secret") == secret ]]
	starts -o "$scratch/theirs/new"
	[[ -e $scratch/theirs/new ]]
}

@test "a check leaves no process behind" {
	fails 1 'check: sleep 600 & exit 1: failed with status 1' \
	    --check 'sleep 600 & exit 1' true
	starts --check 'sleep 600 & true'
	[[ $(strays) == "$pid" ]]
}

@test "a descriptor to keep that is not open is told" {
	fails 1 'keep-fd: 77: is not open' "${both[@]}" --keep-fd 77 true
}

@test "an environment file that is missing or unreadable is told" {
	fails 1 "env-file: $scratch/none: No such file or directory" \
	    "${both[@]}" --env-file "$scratch/none" true
	fails 1 "env-file: $scratch: is not a regular file" \
	    "${both[@]}" --env-file "$scratch" true
	mkfifo "$scratch/fifo"
	fails 1 "env-file: $scratch/fifo: is not a regular file" \
	    "${both[@]}" --env-file "$scratch/fifo" true
}

@test "a limit that leaves no descriptors is told" {
	fails 1 'stdio: /dev/null: no descriptors 0 to 2 (limit nofile too low?)' \
	    "${both[@]}" --rlimit nofile=0 true
}

@test "a limit the kernel refuses is told" {
	fails 1 'limit: nofile=99999999999: Operation not permitted' \
	    "${both[@]}" --rlimit nofile=99999999999 true
	expect_failure limit 'Operation not permitted' 1
}

# bats test_tags=root
@test "a priority that is not ours to have is told" {
	root_only
	mkdir -m 700 "$scratch/theirs"
	chown nobody "$scratch/theirs"
	export DAEMONIZE_RUNDIR=$scratch/theirs
	run_fresh as_nobody daemonize -n svc --nice -5 condition "$scratch/c"
	expect_status 1
	one_line_stderr '^daemonize: nice: -5: Permission denied$'
	[[ -z $(strays) ]]
}

# bats test_tags=root
@test "a fork that fails is told" {
	root_only
	mkdir -m 700 "$scratch/theirs"
	chown nobody "$scratch/theirs"
	export DAEMONIZE_RUNDIR=$scratch/theirs
	run_fresh as_nobody odd nproc=0 -- daemonize -n svc \
	    condition "$scratch/c"
	expect_status 1
	one_line_stderr '^daemonize: fork: Resource temporarily unavailable$'
	[[ -z $(strays) ]]
}

@test "a directory of records that is not absolute is told" {
	fails 2 'option: --rundir: here: not an absolute path' \
	    "${both[@]}" --rundir here true
}

# bats test_tags=root
@test "a directory of records others may write to is refused" {
	root_only
	chmod 777 "$scratch/run"
	fails 1 "rundir: $scratch/run: can be written by others (uid 0)" \
	    "${both[@]}" true
	chmod 700 "$scratch/run"
	chown nobody "$scratch/run"
	fails 1 "rundir: $scratch/run: belongs to uid 65534, not to us (use --rundir)" \
	    "${both[@]}" true
}

@test "a second instance is 3, and names the first" {
	starts "${both[@]}"
	run_fresh daemonize "${both[@]}" condition "$scratch/c2" pause
	expect_status 3
	one_line_stderr "^daemonize: start: svc: already running, pid $pid, since .* \(daemonctl status svc\)\$"
	alive "$pid"
	[[ $(<"$scratch/p") == "$pid" && ! -e $scratch/c2 ]]
	run_fresh daemonize -p "$scratch/p" condition "$scratch/c2" pause
	expect_status 3
	one_line_stderr "already running, pid $pid, since "
	run_fresh daemonize -n svc condition "$scratch/c2" pause
	expect_status 3
	one_line_stderr "already running, pid $pid, since "
	alive "$pid"
	[[ ! -e $scratch/c2 ]]
}

@test "a second instance by its pidfile alone is told how to ask about it" {
	starts -p "$scratch/p"
	run_fresh daemonize -p "$scratch/p" condition "$scratch/c2" pause
	expect_status 3
	one_line_stderr "^daemonize: start: $scratch/p: already running, pid $pid, since .* \(daemonctl status -p $scratch/p\)\$"
}

@test "once the first is dead a second one starts, pidfile or not" {
	starts "${both[@]}"
	first=$pid
	kill -KILL "$pid"
	eventually 5 gone "$pid"
	starts "${both[@]}"
	((pid != first))
	[[ $(<"$scratch/p") == "$pid" ]]
}

@test "--oknodo: already running is success, and still one" {
	starts "${both[@]}"
	run_fresh daemonize "${both[@]}" --oknodo condition "$scratch/c2" pause
	expect_status 0
	silent
	[[ ! -e $scratch/c2 && $(strays) == "$pid" ]]
	run_fresh daemonize "${both[@]}" --oknodo -v condition "$scratch/c2"
	expect_status 0
	[[ $stderr == *'daemonize: exec '* && $stderr != *running* ]]
}

@test "--oknodo starts what does not run, and hides no failure" {
	fails 127 'exec: no-such-command: not found in PATH' "${both[@]}" \
	    --oknodo no-such-command
	starts "${both[@]}" --oknodo
}

@test "a command that ends at once was executed: 0, with any status" {
	local n
	for n in 0 3; do
		run_fresh daemonize -n "svc$n" sh -c "exit $n"
		expect_status 0
		silent
	done
	run_fresh daemonize -n svc sh -c 'kill -KILL $$'
	expect_status 0
	silent
}
