#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# The steps between fork and exec, one by one, as the command sees them.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start

setup()
{
	scratch_setup
	c=$scratch/c
}

# sees KEY VALUE ARG...: the command started with ARG... finds it so.
sees()
{
	local key=$1 value=$2
	shift 2
	starts "$@" && expect_key "$c" "$key" "$value" && finish "$pid"
}

@test "umask: 022, or what -m says" {
	umask 077
	sees umask 022
	sees umask 000 -m 0
	sees umask 027 -m 027
	sees umask 777 --umask=0777
}

@test "cwd: the root directory, or what -c says" {
	mkdir "$scratch/dir"
	cd "$scratch"
	sees cwd /
	sees cwd "$scratch/dir" -c "$scratch/dir"
	sees cwd "$scratch/dir" --cwd dir
	ln -s dir link
	sees cwd "$scratch/dir" -c link
}

@test "a session of its own, which it does not lead, without a terminal" {
	starts
	expect_key "$c" leader no
	expect_key "$c" tty 0
	expect_key "$c" devtty no
	sid=$(key "$c" sid)
	[[ $sid != "$pid" && $sid == "$(key "$c" pgid)" && ! -e /proc/$sid ]]
	[[ $sid != "$(cut -d' ' -f6 "/proc/$$/stat")" ]]
}

@test "its parent is not us: somebody takes orphans in" {
	starts
	# The launcher is gone, and so is who forked it.
	parent=$(cut -d' ' -f4 "/proc/$pid/stat")
	[[ $parent != "$$" && $(state "$parent") != Z ]]
	alive "$parent"
}

@test "descriptors: 0, 1 and 2, which are /dev/null" {
	exec 7</dev/zero 9>"$scratch/leak"
	starts
	exec 7<&- 9>&-
	expect_key "$c" fds '0 1 2'
	for n in 0 1 2; do
		expect_key "$c" "fd.$n" /dev/null
		expect_key "$c" "fd.$n.mode" rw
		expect_key "$c" "fd.$n.cloexec" no
	done
}

@test "-i, -o and -e: each where it should go, and no other descriptor" {
	echo input >"$scratch/in"
	starts -i "$scratch/in" -o "$scratch/out" -e "$scratch/err"
	expect_key "$c" fds '0 1 2'
	expect_key "$c" fd.0 "$scratch/in"
	expect_key "$c" fd.0.mode r
	expect_key "$c" fd.1 "$scratch/out"
	expect_key "$c" fd.1.mode w
	expect_key "$c" fd.2 "$scratch/err"
	expect_key "$c" fd.2.mode w
	for n in 0 1 2; do
		expect_key "$c" "fd.$n.nonblock" no
		expect_key "$c" "fd.$n.cloexec" no
	done
}

@test "-o or -e alone: the others are /dev/null" {
	starts -o "$scratch/out"
	expect_key "$c" fd.0 /dev/null
	expect_key "$c" fd.1 "$scratch/out"
	expect_key "$c" fd.2 /dev/null
	finish "$pid"
	starts -e "$scratch/err"
	expect_key "$c" fd.0 /dev/null
	expect_key "$c" fd.1 /dev/null
	expect_key "$c" fd.2 "$scratch/err"
}

@test "outputs are emptied once, -a appends" {
	echo old >"$scratch/out"
	run_fresh daemonize -a -o "$scratch/out" echo new
	expect_status 0
	eventually 5 grep -qx new "$scratch/out"
	[[ $(<"$scratch/out") == $'old\nnew' ]]
	starts -a -o "$scratch/out"
	expect_key "$c" fd.1.append yes
	finish "$pid"
	run_fresh daemonize -o "$scratch/out" echo newer
	expect_status 0
	eventually 5 grep -qx newer "$scratch/out"
	[[ $(<"$scratch/out") == newer ]]
}

@test "stdout and stderr in one file share an offset: no line is lost" {
	run_fresh daemonize -o "$scratch/log" -e "$scratch/log" sh -c \
	    'echo a; echo b >&2; echo c; echo d >&2; echo end'
	expect_status 0
	eventually 5 grep -qx end "$scratch/log"
	[[ $(<"$scratch/log") == $'a\nb\nc\nd\nend' ]]
}

@test "an output may be a FIFO somebody reads, a terminal, /dev/full" {
	mkfifo "$scratch/fifo"
	exec 8<>"$scratch/fifo"
	run_fresh daemonize -o "$scratch/fifo" echo through
	expect_status 0
	read -r -t 5 line <&8
	exec 8<&-
	[[ $line == through ]]
	sees fd.1 /dev/full -o /dev/full
}

@test "relative inputs and outputs are the caller's" {
	mkdir "$scratch/dir"
	cd "$scratch"
	echo input >in
	starts -c "$scratch/dir" -i in -o out -e ./err
	expect_key "$c" fd.0 "$scratch/in"
	expect_key "$c" fd.1 "$scratch/out"
	expect_key "$c" fd.2 "$scratch/err"
}

@test "signals: nothing blocked, ignored, pending or caught" {
	run_fresh odd default=ALRM ignore=USR1,PIPE,HUP,34 block=USR2,TERM -- \
	    daemonize condition "$c" pause
	expect_status 0
	eventually 5 test -e "$c"
	for k in blocked ignored pending; do
		expect_key "$c" "$k" ''
	done
	expect_key "$c" sigcgt 0000000000000000
	expect_key "$c" sigign 0000000000000000
}

@test "--ignore-sigchld ignores that one alone" {
	sees ignored CHLD --ignore-sigchld
	sees ignored ''
}

@test "--nice, and the caller's without it" {
	sees nice "$(nice)"
	sees nice 7 --nice 7
	sees nice 19 --nice=19
}

# bats test_tags=root
@test "--nice below ours, by root" {
	root_only
	sees nice -5 --nice=-5
	others_write
	sees nice -5 --nice -5 -u nobody
}

@test "--rlimit: one value for both, two for each, sizes, unlimited" {
	sees rlimit.nofile 100:100 --rlimit nofile=100
	sees rlimit.nofile 50:100 --rlimit nofile=50:100
	sees rlimit.core 2097152:3145728 --rlimit core=2M:3m
	sees rlimit.fsize 1024:1073741824 --rlimit fsize=1K:1G
	sees rlimit.core 0:unlimited --rlimit core=0:unlimited
	starts --rlimit nofile=90 --rlimit core=0 --rlimit nofile=80
	expect_key "$c" rlimit.nofile 80:80
	expect_key "$c" rlimit.core 0:0
}

@test "--rlimit knows every limit the system has" {
	local n=0 name value
	while IFS='=' read -r name value; do
		sees "$name" "$value" --rlimit "${name#*.}=$value"
		((++n))
	done < <(condition - exit 0 | grep '^rlimit\.')
	((n == 16))
}

@test "limits are the caller's without --rlimit" {
	ulimit -S -n 123
	ulimit -S -c 4
	sees rlimit.nofile "123:$(ulimit -H -n)"
	sees rlimit.fsize "$(key <(condition - exit 0) rlimit.fsize)"
}

# bats test_tags=root
@test "--rlimit above the hard one, by root, before the user changes" {
	root_only
	others_write
	ulimit -n 100
	bash -c 'ulimit -n 200' 2>/dev/null || skip 'needs CAP_SYS_RESOURCE'
	sees rlimit.nofile 200:200 -u nobody --rlimit nofile=200
}

@test "--argv0, and argv as given" {
	starts --argv0 'some name'
	expect_key "$c" argv.0 'some name'
	expect_key "$c" argc 3
	expect_key "$c" exe "$BUILD/t/condition"
	finish "$pid"
	starts --argv0 ''
	expect_key "$c" argv.0 ''
	finish "$pid"
	starts --argv0 first --argv0 last
	expect_key "$c" argv.0 last
	expect_key "$c" argc 3
	finish "$pid"
	run_fresh daemonize condition "$c" pause -x --pidfile '' $'\n' 'a  b'
	eventually 5 test -e "$c"
	starts
	expect_key "$c" argv.0 condition
}

@test "-- ends the options, and so does the command" {
	starts -- 
	expect_key "$c" argc 3
	run_fresh daemonize sh -c 'echo "$1" >"$2"' - -v "$scratch/out"
	expect_status 0
	silent
	eventually 5 test -s "$scratch/out"
	[[ $(<"$scratch/out") == -v ]]
}

# bats test_tags=root
@test "--root: the command, its directory and its files' ways are in there" {
	root_only
	mkdir -p "$scratch/jail/dir" "$scratch/jail/bin"
	cp "$BUILD/t/condition" "$scratch/jail/bin"
	run_fresh daemonize --root "$scratch/jail" -o "$scratch/out" -c /dir \
	    -p "$scratch/p" /bin/condition /dir/c pause
	expect_status 0
	eventually 5 test -e "$scratch/jail/dir/c"
	c=$scratch/jail/dir/c
	remember "$(key "$c" pid)"
	expect_key "$c" cwd /dir
	[[ $(readlink "/proc/$(<"$scratch/p")/root") == "$scratch/jail" ]]
	[[ $(readlink "/proc/$(<"$scratch/p")/fd/1") == "$scratch/out" ]]
	finish "$(key "$c" pid)"
	rm "$c"
	# Without -c: the new root, not the old one left open.
	run_fresh daemonize --root "$scratch/jail" /bin/condition /dir/c pause
	expect_status 0
	eventually 5 test -e "$c"
	remember "$(key "$c" pid)"
	expect_key "$c" cwd /
	expect_key "$c" fds '0 1 2' || ! grep -q '^fds=' "$c"
}

# bats test_tags=root
@test "--root, looked for in PATH: there, and as the user" {
	root_only
	mkdir -p "$scratch/jail/bin"
	mkdir -m 777 "$scratch/jail/tmp"
	cp "$BUILD/t/condition" "$scratch/jail/bin"
	share_scratch
	PATH=/bin run_fresh "$BUILD/daemonize" --root "$scratch/jail" \
	    -u nobody condition /tmp/c pause
	expect_status 0
	c=$scratch/jail/tmp/c
	eventually 5 test -e "$c"
	remember "$(key "$c" pid)"
	expect_key "$c" uid "$(id -u nobody)"
}

@test "--keep-fd keeps what it names, the others go" {
	exec 7</dev/zero 8</dev/zero 9>"$scratch/kept"
	starts --keep-fd 7 --keep-fd=9
	exec 7<&- 8<&- 9>&-
	expect_key "$c" fds '0 1 2 7 9'
	expect_key "$c" fd.7 /dev/zero
	expect_key "$c" fd.9 "$scratch/kept"
	expect_key "$c" fd.7.cloexec no
}

@test "--keep-fd with a high number, twice the same, above the limit" {
	exec 200</dev/zero
	starts --keep-fd 200 --keep-fd 200
	expect_key "$c" fds '0 1 2 200'
	finish "$pid"
	rm "$c"
	run_fresh bash -c 'ulimit -S -n 100; exec "$@"' - \
	    daemonize --keep-fd 200 condition "$c" pause
	exec 200<&-
	expect_status 0
	eventually 5 test -e "$c"
	expect_key "$c" fds '0 1 2 200'
}

@test "--keep-fd never names one of ours" {
	# The lock, the report pipe and the rest are on low numbers.
	for n in {3..15}; do
		[[ ! -e /proc/$$/fd/$n || $n == 3 ]] || continue
		fails 1 "keep-fd: $n: is not open" -n svc -p "$scratch/p" \
		    -o "$scratch/out" --keep-fd "$n" true
	done
}

@test "-l and --keep-fd together" {
	exec 7</dev/zero
	starts -l "$scratch/l" --keep-fd 7
	exec 7<&-
	fds=$(key "$c" fds)
	[[ $(wc -w <<<"$fds") == 5 && " $fds " == *' 7 '* ]]
}
