#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Records that are damaged, hostile, or of another version: refused aloud,
# and nothing is signalled because of them.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl

setup()
{
	scratch_setup
	((EUID != 0)) || share_scratch
	p=$scratch/p
	decoy=$scratch/decoy
	public=$scratch/run/svc/public
	acting=(stop 'signal TERM' reload 'wait --timeout 0' restart start)
}

# unread REGEX: every verb refuses the record in one line that matches, with a
# status that is a refusal, and the decoy is left alone.
unread()
{
	local verb
	for verb in status show forget "${acting[@]}"; do
		# shellcheck disable=SC2086 # words
		ctl $verb svc
		((status == 1 || status == 4)) || told "$verb: not refused" ||
		    return
		[[ $verb != status || $status == 4 ]] || told 'not 4' || return
		one_line_stderr "^daemonctl: [a-z]*: svc: record: $1" || return
		untouched "$pid" || return
	done
}

damaged='[^:]*/run/svc/public: cannot be read: damaged, or of another version'

@test "of another version, of none" {
	decoys -n svc -p "$p"
	cp "$public" "$scratch/good"
	for head in 'daemonize-record 2' 'daemonize-record 10' \
	    'daemonize-record 0' 'daemonize-record' 'Daemonize-record 1' '' \
	    ' daemonize-record 1' $'daemonize-record 1\r'; do
		echo "head: $head"
		sed "1s/.*/$head/" "$scratch/good" >"$public"
		unread "$damaged"
	done
	cp "$scratch/good" "$public"
	is ready 0 svc
}

@test "empty, cut off anywhere, with a byte changed: never believed wrongly" {
	decoys -n svc -p "$p" --stop KILL/1
	cp "$public" "$scratch/good"
	size=$(stat -c %s "$public")
	# All within the last fields, where the identity is, and some before.
	for ((n = 0; n < size - 1; n += n < size - 150 ? 23 : 1)); do
		head -c "$n" "$scratch/good" >"$public"
		ctl stop svc
		((status != 0)) || told "cut off after $n"
		one_line_stderr "$damaged"
	done
	untouched "$pid"
	cp "$scratch/good" "$public"
	is ready 0 svc
}

@test "fields out of all bounds" {
	decoys -n svc
	cp "$public" "$scratch/good"
	while read -r edit; do
		echo "edit: $edit"
		sed "$edit" "$scratch/good" >"$public"
		cmp -s "$public" "$scratch/good" && return 1
		unread "$damaged"
	done <<-'EOF2'
		/^pid /{n;s/.*/-1/}
		/^pid /{s/.*/pid 2/;n;s/.*/-1/}
		/^pid /{s/.*/pid 7/;n;s/.*/9999999/}
		/^pid /{s/.*/pid 20/;n;s/.*/18446744073709551617/}
		/^pid /{s/.*/pid 10/;n;s/.*/4294967297/}
		/^pid /{s/.*/pid 5/;n;s/.*/1 two/}
		/^pid /{s/.*/pid 0/;n;s/.*//}
		/^boot /{s/.*/boot 200/}
		/^boot /{s/.*/boot 70/;n;s/.*/0123456789012345678901234567890123456789012345678901234567890123456789/}
		/^name /s/.*/name 99999999/
		/^name /s/.*/name 9999999999999999999999/
		/^name /s/.*/name -3/
		/^name /s/.*/name  3/
		/^name /s/.*/name/
		/^condition /{n;s/.*/redy!/}
		/^umask /{n;s/./x/}
		/^end /s/.*/end/
		$d
	EOF2
}

@test "bytes that no text has, endless records" {
	decoys -n svc
	cp "$public" "$scratch/good"
	sed 's/^svc$/s\x00c/' "$scratch/good" >"$public"
	unread "$damaged"
	head -c 5000000 /dev/zero | tr '\0' 'x' >"$public"
	unread "$damaged"
	{
		head -n 1 "$scratch/good"
		printf 'argv 5000000\n'
		head -c 5000000 /dev/zero | tr '\0' 'x'
		tail -n +2 "$scratch/good"
	} >"$public"
	unread "$damaged"
}

@test "a link, a pipe, a directory, a second name, writable by others" {
	decoys -n svc
	cp "$public" "$scratch/good"
	ln -sf "$scratch/good" "$public"
	unread ''
	rm "$public"
	mkfifo "$public"
	unread ''
	rm "$public"
	mkdir "$public"
	unread ''
	rmdir "$public"
	ln "$scratch/good" "$public"
	unread ''
	rm "$public"
	cp "$scratch/good" "$public"
	for mode in 666 664 622; do
		chmod "$mode" "$public"
		unread ''
	done
	chmod 644 "$public"
	is ready 0 svc
}

# bats test_tags=root
@test "somebody else's" {
	root_only
	decoys -n svc
	chown nobody "$public"
	unread ''
	chown root "$public"
	is ready 0 svc
}

@test "the directory of a service is a link, a file, a pipe" {
	decoys -n svc
	mv "$scratch/run/svc" "$scratch/real"
	for make in 'ln -s ../real' touch mkfifo; do
		$make "$scratch/run/svc"
		for verb in status stop 'signal TERM' forget; do
			# shellcheck disable=SC2086 # words
			ctl $verb svc
			((status != 0))
			one_line_stderr
		done
		ctl list
		[[ ${lines[-1]} == '0 services: 0 ready' ]]
		rm "$scratch/run/svc"
	done
	untouched "$pid"
}

@test "the private half: damaged, hostile: no start, nothing stopped first" {
	decoys -n svc
	state=$scratch/run/svc/state
	cp "$state" "$scratch/good"
	refused()
	{
		for verb in restart show; do
			ctl "$verb" svc
			((status == 1 || status == 4 || status == 3)) || told no
			one_line_stderr
		done
		untouched "$pid"
	}
	sed '1s/1/2/' "$scratch/good" >"$state"
	refused
	head -c 300 "$scratch/good" >"$state"
	refused
	rm "$state"
	refused
	mkfifo "$state"
	refused
	rm "$state"
	ln -s "$scratch/good" "$state"
	refused
	rm "$state"
	cp "$scratch/good" "$state"
	chmod 602 "$state"
	refused
}

@test "files that do not belong there do no harm" {
	decoys -n svc
	mkdir "$scratch/run/.hidden" "$scratch/run/empty" "$scratch/run/a b"
	touch "$scratch/run/file" "$scratch/run/svc/other"
	ln -s / "$scratch/run/svc/name"
	ln -s /etc "$scratch/run/link"
	ctl list
	expect_status 0
	[[ ${lines[1]} == svc* && ${lines[2]} == '1 service: 1 ready' ]]
	refuses 4 'status: empty: no such service' status empty
	ctl stop --stop KILL/5 svc
	expect_status 0
}

@test "a link to a name leads nowhere but to a service" {
	decoys -n svc -p "$p"
	alias=$(echo "$scratch"/run/%*)/name
	[[ $(readlink "$alias") == svc ]]
	for target in ../svc /etc nope "$(printf 'x%.0s' {1..200})" -x .; do
		ln -sfn -- "$target" "$alias"
		ctl stop -p "$p"
		untouched "$pid"
		[[ -e $p ]]
		ctl status -p "$p"
		((status != 0))
	done
	ln -sfn svc "$alias"
	is ready 0 -p "$p"
}

@test "a lock of somebody else's, a link, a pipe: no stop is recorded" {
	starts -n svc
	lock=$scratch/run/svc/lock
	rm "$lock"
	ln -s "$scratch/target" "$lock"
	ctl forget svc
	((status != 0))
	one_line_stderr
	ctl stop svc
	expect_status 1
	[[ ${#stderr_lines[@]} == 1 && $stderr == 'daemonctl: stop: svc: record: '*': its record and pidfile stay, though it is dead' ]]
	[[ ! -e $scratch/target ]]
	gone "$pid"
	rm "$lock"
	is exited 3 svc
	does 0 'svc: not running' stop svc
	is stopped 3 svc
}
