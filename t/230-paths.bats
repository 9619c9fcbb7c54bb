#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Pidfiles and locks where somebody put something else: refused, with the
# reason, and what is there stays as it is to the byte and the second.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start

setup()
{
	scratch_setup
	((EUID != 0)) || share_scratch
	mkdir "$scratch/d"
	p=$scratch/d/p
	precious=$scratch/precious
	echo precious >"$precious"
	chmod 600 "$precious"
	touch -d '2001-02-03 04:05:06' "$precious"
}

# image PATH...: all of a file that anybody could change.
image()
{
	local f
	for f; do
		stat -c '%n %F %i %a %u:%g %h %s %y %z' "$f"
		[[ ! -f $f || -L $f ]] || cksum "$f"
	done
}

# refused REASON PATH...: a pidfile, a lock, or both at $p is refused, and
# $p and every PATH stay.
refused()
{
	local reason=$1 before word args
	shift
	before=$(image "$p" "$@")
	for word in pidfile lock '(lock|pidfile)'; do
		case $word in
		pidfile) args=(-p "$p") ;;
		lock) args=(-l "$p") ;;
		*) args=(-p "$p" -l "$p") ;;
		esac
		run_fresh daemonize "${who[@]}" "${args[@]}" condition "$scratch/c"
		expect_status 1
		one_line_stderr "^daemonize: $word: $p: .*$reason"
		[[ $(image "$p" "$@") == "$before" ]] || {
			diff <(echo "$before") <(image "$p" "$@")
			return 1
		}
		[[ ! -e $scratch/c && -z $(strays) ]]
	done
}

@test "a link to a file" {
	ln -s "$precious" "$p"
	refused 'is a symbolic link' "$precious"
}

@test "a dangling link" {
	ln -s "$scratch/nowhere" "$p"
	refused 'is a symbolic link'
	[[ ! -e $scratch/nowhere ]]
}

@test "a link to itself" {
	ln -s p "$p"
	refused 'is a symbolic link'
}

@test "a hard link" {
	ln "$precious" "$p"
	refused 'has more than one name \(hard link\)' "$precious"
}

@test "a FIFO, without waiting for its other end" {
	mkfifo "$p"
	TEST_LIMIT=10 watch_start
	refused 'is not a regular file'
}

# bats test_tags=root
@test "a device" {
	root_only
	mknod "$p" c 1 3
	refused 'is not a regular file'
	rm "$p"
	mknod "$p" c 5 0
	refused 'No such device or address|is not a regular file'
}

@test "a directory" {
	mkdir "$p"
	refused 'Is a directory|is not a regular file'
}

@test "a socket" {
	python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$p"
	refused 'No such device or address|is not a regular file'
}

# What may be wrong with a pidfile is not wrong with a lock.
refuses_pidfile()
{
	local before
	before=$(image "$p")
	run_fresh daemonize "${who[@]}" -p "$p" condition "$scratch/c"
	expect_status 1
	one_line_stderr "^daemonize: pidfile: $p: $1\$"
	[[ $(image "$p") == "$before" && ! -e $scratch/c && -z $(strays) ]]
}

@test "a file everybody may write to" {
	echo 4000000 >"$p"
	chmod 666 "$p"
	refuses_pidfile 'can be written by everybody'
}

# bats test_tags=root
@test "a file of somebody else's" {
	root_only
	echo 4000000 >"$p"
	chown 12345 "$p"
	refuses_pidfile 'belongs to somebody else'
	who=(-u nobody)
	refuses_pidfile 'belongs to somebody else'
}

@test "a path that is a directory by its words" {
	for tail in / /. /..; do
		fails 1 "pidfile: $scratch/d$tail: Is a directory" \
		    -p "$scratch/d$tail" true
		fails 1 "lock: $scratch/d$tail: Is a directory" \
		    -l "$scratch/d$tail" true
	done
}

@test "a path that is too long" {
	local long=$scratch
	while ((${#long} < 5000)); do
		long+=/$(printf %0200d 0)
	done
	for o in -p -l; do
		run_fresh daemonize $o "$long" true
		expect_status 1
		one_line_stderr "$enametoolong\$"
		run_fresh daemonize $o "${long:0:4095}" true
		expect_status 1
		one_line_stderr "($enametoolong|No such file or directory)\$"
	done
}

@test "a directory everybody may write to" {
	chmod 777 "$scratch/d"
	: >"$p"
	refused 'can be changed by others \(chmod go-w\)'
	chmod 775 "$scratch/d"
	refused 'can be changed by others \(chmod go-w\)'
	# With the sticky bit nobody can exchange what is ours.
	chmod 1777 "$scratch/d"
	starts -p "$p"
}

@test "a directory further up that everybody may write to" {
	mkdir "$scratch/d/e"
	chmod 777 "$scratch/d"
	fails 1 "pidfile: $scratch/d/e/p: $scratch/d can be changed by others (chmod go-w)" \
	    -p "$scratch/d/e/p" true
}

# bats test_tags=root
@test "a directory of somebody else's" {
	root_only
	: >"$p"
	chown 12345 "$scratch/d"
	refused 'a directory on the way belongs to uid 12345'
	who=(-u nobody)
	refused 'a directory on the way belongs to uid 12345'
}

# bats test_tags=root
@test "a directory of somebody else's further up, below the user's own" {
	root_only
	mkdir "$scratch/d/e"
	p=$scratch/d/e/p
	: >"$p"
	chown 12345 "$scratch/d"
	chown nobody "$scratch/d/e"
	who=(-u nobody)
	refused 'belongs to somebody else'
}

# bats test_tags=root
@test "a link somebody else made on the way" {
	root_only
	mkdir "$scratch/t"
	chmod 1777 "$scratch/t"
	ln -s "$scratch/d" "$scratch/t/link"
	chown -h nobody "$scratch/t/link"
	for who in root nobody; do
		fails 1 "pidfile: $scratch/t/link/p: $scratch/t holds a symbolic link of somebody else's" \
		    -u "$who" -p "$scratch/t/link/p" true
	done
	ln -s "$scratch/d" "$scratch/t/ours"
	starts -p "$scratch/t/ours/p"
	[[ $(<"$p") == "$pid" ]]
}

@test "a loop of links on the way" {
	ln -s b "$scratch/a"
	ln -s a "$scratch/b"
	fails 1 "pidfile: $scratch/a/p: $eloop" \
	    -p "$scratch/a/p" true
}

# --- the records -----------------------------------------------------------

@test "records that are links or special are not followed" {
	mkdir "$scratch/run/svc"
	ln -s "$precious" "$scratch/run/svc/lock"
	before=$(image "$precious")
	fails 1 "lock: svc: $eloop" -n svc true
	rm "$scratch/run/svc/lock"
	ln "$precious" "$scratch/run/svc/lock"
	before_hard=$(image "$precious")
	fails 1 'lock: svc: the lock file is not ours' -n svc true
	[[ $(image "$precious") == "$before_hard" ]]
	rm "$scratch/run/svc/lock"
	mkfifo "$scratch/run/svc/lock"
	fails 1 'lock: svc: the lock file is not ours' -n svc true
	rm "$scratch/run/svc/lock"
	for f in public state pid public.new state.new .pid.new; do
		ln -s "$precious" "$scratch/run/svc/$f"
	done
	run_fresh daemonize -n svc condition "$scratch/c" pause
	((status == 0 || status == 1))
	grep -qx precious "$precious"
	[[ $(stat -c '%s %a' "$precious") == '9 600' ]]
}

@test "a service's directory that is a link is not followed" {
	mkdir "$scratch/elsewhere"
	ln -s "$scratch/elsewhere" "$scratch/run/svc"
	run_fresh daemonize -n svc true
	expect_status 1
	one_line_stderr '^daemonize: lock: svc: '
	[[ -z $(ls -A "$scratch/elsewhere") ]]
}

# bats test_tags=root
@test "a lock file of somebody else's is not taken" {
	root_only
	mkdir "$scratch/run/svc"
	: >"$scratch/run/svc/lock"
	chown nobody "$scratch/run/svc/lock"
	fails 1 'lock: svc: the lock file is not ours' -n svc true
}

# --- outputs in somebody else's directory ----------------------------------

# bats test_tags=root
@test "an output in the user's directory is opened with his rights" {
	root_only
	others_write
	mkdir "$scratch/theirs"
	chown nobody "$scratch/theirs"
	ln -s "$precious" "$scratch/theirs/out"
	before=$(image "$precious")
	for o in -o -e; do
		run_fresh daemonize -u nobody $o "$scratch/theirs/out" true
		expect_status 1
		one_line_stderr ": $scratch/theirs/out: Permission denied\$"
		run_fresh daemonize -u nobody -a $o "$scratch/theirs/out" true
		expect_status 1
	done
	run_fresh daemonize -u nobody -i "$scratch/theirs/out" true
	expect_status 1
	one_line_stderr ": $scratch/theirs/out: Permission denied\$"
	[[ $(image "$precious") == "$before" ]]
	rm "$scratch/theirs/out"
	starts -u nobody -o "$scratch/theirs/out"
	[[ $(stat -c %U "$scratch/theirs/out") == nobody ]]
	rm "$scratch/theirs/out"
	# A link out of it creates nothing that he could not.
	ln -s "$scratch/made" "$scratch/theirs/out"
	run_fresh daemonize -u nobody -o "$scratch/theirs/out" true
	expect_status 1
	[[ ! -e $scratch/made ]]
}

# bats test_tags=root
@test "an output among others' files is no link, nor anybody else's" {
	root_only
	mkdir "$scratch/tmp"
	chmod 1777 "$scratch/tmp"
	before=$(image "$precious")
	ln -s "$precious" "$scratch/tmp/out"
	run_fresh daemonize -o "$scratch/tmp/out" true
	expect_status 1
	one_line_stderr "^daemonize: stdout: $scratch/tmp/out: "
	rm "$scratch/tmp/out"
	: >"$scratch/tmp/out"
	chown 12345 "$scratch/tmp/out"
	run_fresh daemonize -o "$scratch/tmp/out" true
	expect_status 1
	one_line_stderr "^daemonize: stdout: $scratch/tmp/out: "
	rm "$scratch/tmp/out"
	ln "$precious" "$scratch/tmp/out"
	before_hard=$(image "$precious")
	run_fresh daemonize -o "$scratch/tmp/out" true
	expect_status 1
	[[ $(image "$precious") == "$before_hard" ]]
}

# bats test_tags=root
@test "nor is an output or input among them a FIFO of somebody else's" {
	root_only
	mkdir "$scratch/tmp"
	chmod 1777 "$scratch/tmp"
	mkfifo -m 666 "$scratch/tmp/f"
	chown 12345 "$scratch/tmp/f"
	exec {both}<>"$scratch/tmp/f"
	for o in -o -e -i; do
		run_fresh daemonize $o "$scratch/tmp/f" condition "$scratch/c"
		expect_status 1
		one_line_stderr "^daemonize: std[a-z]*: $scratch/tmp/f: is, or is reached over, somebody else's\$"
		[[ ! -e $scratch/c ]]
	done
	chown root "$scratch/tmp/f"
	starts -o "$scratch/tmp/f"
	exec {both}>&-
}

# bats test_tags=root
@test "root as nobody else does not follow somebody's link to a directory" {
	root_only
	mkdir "$scratch/theirs" "$scratch/root"
	cp -p "$precious" "$scratch/root/out"
	ln -s "$scratch/root" "$scratch/theirs/log"
	chown -h 12345 "$scratch/theirs" "$scratch/theirs/log"
	before=$(image "$scratch/root" "$scratch/root/out")
	for o in -o -e; do
		for file in out new; do
			run_fresh daemonize $o "$scratch/theirs/log/$file" \
			    condition "$scratch/c"
			expect_status 1
			one_line_stderr "^daemonize: std[a-z]*: $scratch/theirs/log/$file: "
		done
	done
	[[ $(image "$scratch/root" "$scratch/root/out") == "$before" ]]
	[[ ! -e $scratch/root/new && ! -e $scratch/c ]]
}

# bats test_tags=root
@test "while a directory and a link are exchanged at full speed nothing outside is touched" {
	root_only
	others_write
	mkdir "$scratch/theirs" "$scratch/theirs/d" "$scratch/victim"
	for f in p o l; do
		cp -p "$precious" "$scratch/victim/$f"
	done
	ln -s "$scratch/victim" "$scratch/theirs/link"
	chown -h nobody "$scratch/theirs" "$scratch/theirs/d" \
	    "$scratch/theirs/link"
	# The victim's own directory is somebody's who could be harmed: root.
	before=$(image "$scratch/victim" "$scratch"/victim/*)
	launch setpriv --reuid nobody --regid nogroup --clear-groups \
	    swap "$scratch/theirs/d" "$scratch/theirs/link"
	swapper=$launched
	won=0 refused=0
	for i in {1..300}; do
		run_fresh daemonize -u nobody -p "$scratch/theirs/d/p" \
		    -o "$scratch/theirs/d/o" -l "$scratch/theirs/d/l" true
		case $status in
		0) ((++won)) ;;
		1) ((++refused)) ;;
		3) ;; # it has not ended yet
		*) expect_status 0 ;;
		esac
	done
	kill -TERM "$swapper"
	eventually 5 gone "$swapper"
	[[ $(image "$scratch/victim" "$scratch"/victim/*) == "$before" ]]
	echo "won=$won refused=$refused" "$(<"$scratch/setpriv.out")"
	((won > 0 && refused > 0))
	[[ $(<"$scratch/setpriv.out") == swaps=* ]]
}
