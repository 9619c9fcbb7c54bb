#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# The pidfile and what lies beside it: whole, exact, and whose.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start

setup()
{
	scratch_setup
	((EUID != 0)) || share_scratch
	p=$scratch/p
}

# modes ROOT: mode, owner and name of everything there.
modes() { find "$1" -mindepth 1 -printf '%m %U:%G %P\n' | sort -k 3; }

# whole FILE: exactly a pid and a newline, and it executes our program.
whole()
{
	local text word
	IFS= read -r -d '' text <"$1" || :
	[[ $text =~ ^([1-9][0-9]*)$'\n'$ ]] || {
		echo "$1: '$text'"
		return 1
	}
	read -r -d '' word <"/proc/${BASH_REMATCH[1]}/cmdline"
	[[ $word == "$scratch/sleep" ]]
}

@test "two hundred starts: the pidfile is whole whenever we return" {
	local i
	cp "$(command -v sleep)" "$scratch/sleep"
	for i in {1..200}; do
		daemonize -p "$p.$i" "$scratch/sleep" 600 3>&-
		whole "$p.$i"
	done
}

@test "the pid under the name is whole whenever we return" {
	local i
	cp "$(command -v sleep)" "$scratch/sleep"
	for i in {1..50}; do
		daemonize -n "s$i" "$scratch/sleep" 600 3>&-
		whole "$scratch/run/s$i/pid"
	done
}

@test "modes are the same under every umask" {
	local mask want
	for mask in 000 022 077 0777; do
		rm -rf "$scratch/run" "$scratch/d"
		mkdir "$scratch/d"
		run_fresh odd umask="$mask" -- daemonize -n svc \
		    -p "$scratch/d/p" -l "$scratch/d/l" sleep 600
		expect_status 0
		remember "$(<"$scratch/d/p")"
		chmod 700 "$scratch/d"
		[[ $(modes "$scratch/d") == "600 $EUID:$(id -g) l
644 $EUID:$(id -g) p" ]] || { modes "$scratch/d"; return 1; }
		want="755 svc
600 svc/lock
644 svc/pid
644 svc/public
600 svc/state"
		[[ $(modes "$scratch/run" | sed 's/ [^ ]*//; /%/d') == "$want" ]] ||
		    { modes "$scratch/run"; return 1; }
		[[ $(stat -c %a "$scratch/run") == $((EUID == 0 ? 755 : 700)) ]]
	done
}

@test "an output that is made has mode 0640, less the caller's umask" {
	local mask want
	for mask in 000=640 022=640 077=600 0777=0; do
		rm -f "$scratch/o"
		run_fresh odd umask="${mask%=*}" -- daemonize -o "$scratch/o" true
		expect_status 0
		[[ $(stat -c %a "$scratch/o") == "${mask#*=}" ]]
	done
}

# bats test_tags=root
@test "an output that is made belongs to the user of -u, who can open it again" {
	root_only
	share_scratch
	mkdir -m 755 "$scratch/log"
	echo old >"$scratch/log/mine"
	run_fresh daemonize -n svc -u nobody \
	    -a -o "$scratch/log/new" -e "$scratch/log/mine" \
	    sh -c 'echo out >/dev/stdout'
	expect_status 0
	eventually 5 test -s "$scratch/log/new"
	[[ $(stat -c '%a %U:%G' "$scratch/log/new") == '640 nobody:nogroup' ]]
	[[ $(stat -c %U "$scratch/log/mine") == root ]]
	[[ $(<"$scratch/log/new") == out && $(<"$scratch/log/mine") == old ]]
}

# bats test_tags=root
@test "with -u the pidfile stays root's" {
	root_only
	others_write
	starts -n svc -u nobody -p "$p"
	[[ $(stat -c '%a %U:%G' "$p") == '644 root:root' ]]
	[[ $(stat -c '%a %U:%G' "$scratch/run/svc/pid") == '644 root:root' ]]
	expect_key "$c" uid "$(id -u nobody)"
}

@test "a relative pidfile is one of the caller's directory, and one only" {
	cd "$scratch"
	starts -p here.pid
	[[ $(<"$scratch/here.pid") == "$pid" && ! -e /here.pid ]]
	mkdir there
	starts -c / -p ./there/../other.pid
	[[ $(<"$scratch/other.pid") == "$pid" ]]
}

@test "a stale pidfile is replaced, by a new file" {
	echo 4000000 >"$p"
	inode=$(stat -c %i "$p")
	exec 9<"$p"
	starts -p "$p"
	printf '%s\n' "$pid" | cmp "$p" -
	# Who had the old one open still reads the old.
	[[ $(stat -c %i "$p") != "$inode" && $(cat <&9) == 4000000 ]]
	exec 9<&-
}

@test "an empty pidfile, made by touch, is replaced" {
	: >"$p"
	chmod 600 "$p"
	starts -p "$p"
	printf '%s\n' "$pid" | cmp "$p" -
	[[ $(stat -c %a "$p") == 644 ]]
}

# bats test_tags=root
@test "a pidfile the old tool gave to the -u user is replaced by root's" {
	root_only
	others_write
	echo 4000000 >"$p"
	chown nobody "$p"
	starts -u nobody -p "$p"
	printf '%s\n' "$pid" | cmp "$p" -
	[[ $(stat -c %U "$p") == root ]]
}

# bats test_tags=root
@test "a pidfile in the -u user's own directory is root's all the same" {
	root_only
	others_write
	mkdir "$scratch/theirs"
	chown nobody "$scratch/theirs"
	starts -u nobody -p "$scratch/theirs/p"
	[[ $(<"$scratch/theirs/p") == "$pid" ]]
	[[ $(stat -c %U "$scratch/theirs/p") == root ]]
}

@test "a pidfile through /var/run is the one in /run" {
	mkdir "$scratch/r" "$scratch/var"
	ln -s ../r "$scratch/var/run"
	starts -p "$scratch/var/run/x"
	[[ $(<"$scratch/r/x") == "$pid" ]]
	run_fresh daemonize -p "$scratch/r/x" condition "$scratch/c2"
	expect_status 3
	one_line_stderr "already running, pid $pid"
	run_fresh daemonize -p "$scratch/var/../r/./x" condition "$scratch/c2"
	expect_status 3
	one_line_stderr "already running, pid $pid"
	[[ ! -e $scratch/c2 ]]
}

@test "a file another daemon wrote refuses the start while that one lives" {
	cp "$BUILD/t/condition" "$scratch/prog"
	launch "$scratch/prog" "$scratch/old" pause
	eventually 5 test -e "$scratch/old"
	echo "$launched" >"$p"
	run_fresh daemonize -p "$p" "$scratch/prog" "$scratch/c" pause
	expect_status 3
	one_line_stderr "^daemonize: start: $p: already running, pid $launched, not started by us\$"
	[[ $(<"$p") == "$launched" && ! -e $scratch/c ]]
	kill -KILL "$launched"
	eventually 5 gone "$launched"
	run_fresh daemonize -p "$p" "$scratch/prog" "$scratch/c" pause
	expect_status 0
}

@test "a file that names a process of another kind does not" {
	launch decoy "$scratch/decoy"
	eventually 5 test -e "$scratch/decoy"
	echo "$launched" >"$p"
	starts -p "$p"
	[[ $(<"$p") == "$pid" ]]
	alive "$launched"
	[[ $(wc -l <"$scratch/decoy") == 1 ]]
}

@test "the longest name a file may have is fine, one more is not" {
	local long
	long=$(printf '%0255d' 0)
	starts -p "$scratch/$long"
	[[ $(<"$scratch/$long") == "$pid" ]]
	finish "$pid"
	starts -p "$scratch/$long"
	[[ $(<"$scratch/$long") == "$pid" ]]
	finish "$pid"
	fails 1 "pidfile: $scratch/1$long: $enametoolong" \
	    -p "$scratch/1$long" true
}

@test "blanks, quotes, newlines in the path are a path" {
	local odd=$scratch/'a b"c'$'\n\e[1m'\'$'\xff'
	mkdir "$odd"
	starts -p "$odd/p"
	[[ $(<"$odd/p") == "$pid" ]]
	run_fresh daemonize -p "$odd/p" true
	expect_status 3
	((${#stderr_lines[@]} == 1))
	[[ $stderr == *'\x0a\x1b[1m'* && $stderr != *$'\e'* ]]
}

@test "two pidfiles of one name in two directories are two services" {
	mkdir "$scratch/a" "$scratch/b"
	starts -p "$scratch/a/x"
	first=$pid
	starts -p "$scratch/b/x"
	[[ $(<"$scratch/a/x") == "$first" && $(<"$scratch/b/x") == "$pid" ]]
}

@test "a name and its pidfile: either refuses, whatever comes with it" {
	starts -n one -p "$p"
	for args in "-n one" "-p $p" "-n two -p $p" "-n one -p $p.other"; do
		# shellcheck disable=SC2086 # words
		run_fresh daemonize $args condition "$scratch/c2"
		expect_status 3
		one_line_stderr "already running, pid $pid"
	done
	[[ ! -e $scratch/c2 && ! -e $p.other && $(<"$p") == "$pid" ]]
	finish "$pid"
	starts -n two -p "$p"
	[[ $(<"$p") == "$pid" ]]
}

@test "without a name or a pidfile no file is made" {
	rmdir "$scratch/run"
	cd "$scratch"
	starts
	[[ $(ls -A "$scratch") == c ]]
}

@test "a name must be one" {
	for name in '' . .. a/b -x .hidden 'a b' $'a\n' "$(printf %065d 0)" ä %x; do
		run_fresh daemonize --name="$name" true
		expect_status 2
		one_line_stderr '^daemonize: option: -n: '
	done
	[[ -z $(ls -A "$scratch/run") ]]
	for name in a A.b_c@d:e-f 0 _ "$(printf %064d 0)"; do
		run_fresh daemonize -n "$name" true
		expect_status 0
	done
}
