#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# -p: services by their pidfile, and daemons that others started: acted upon
# only where the file is sound, not older than the process, and --exec or
# --user says what it is.

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
	decoy=$scratch/decoy
}

# stranger: a decoy that nobody recorded, its pid in $pid and in the file $p.
stranger()
{
	rm -f "$decoy"
	launch decoy "$decoy"
	eventually 5 test -e "$decoy"
	pid=$launched
	echo "$pid" >"$p"
}

heard() { [[ $(signals) == "$1" ]]; }

# --- services of ours ------------------------------------------------------

@test "a service of ours, by its pidfile alone" {
	starts -p "$p"
	is ready 0 -p "$p"
	[[ ${lines[0]} == "$p: ready, pid $pid,"* ]]
	name=$p stops -p "$p"
	is stopped 3 -p "$p"
	gone "$pid"
	[[ ! -e $p ]]
}

@test "the pidfile of a named service leads to that" {
	starts -n svc -p "$p"
	ctl status -p "$p"
	expect_status 0
	[[ ${lines[0]} == "svc: ready, pid $pid,"* ]]
	stops -p "$p"
	is stopped 3 svc
	is stopped 3 -p "$p"
}

@test "however its path is written" {
	mkdir -p "$scratch/d/e"
	ln -s d "$scratch/link"
	starts -n svc -p "$scratch/d/p"
	cd "$scratch/d"
	for path in p ./p e/../p "$scratch/link/p" "$scratch//d/./p"; do
		ctl status -p "$path"
		expect_status 0
		[[ ${lines[0]} == "svc: ready, pid $pid,"* ]]
	done
	stops --pidfile=p
	gone "$pid"
}

@test "the file itself need not be there, and what it says is not asked" {
	starts -n svc -p "$p"
	rm "$p"
	stranger
	owner=$pid
	pid=$(<"$scratch/run/svc/pid")
	stops -p "$p"
	gone "$pid"
	untouched "$owner"
	# It names somebody else: it is not ours to remove.
	[[ $(<"$p") == "$owner" ]]
}

@test "no such file, no such directory: stopped" {
	is stopped 3 -p "$p"
	does 0 "$p: not running" stop -p "$p"
	is stopped 3 -p "$scratch/none/p"
	does 0 "$scratch/none/p: not running" stop -p "$scratch/none/p"
	for bad in '' / . .. /. "$scratch/"; do
		ctl stop -p "$bad"
		((status == 1 || status == 2))
		one_line_stderr
	done
}

@test "a pidfile that names another daemon now is that one's" {
	starts -p "$p"
	name=$p stops -p "$p"
	stranger
	refuses 4 "status: $p: not started by daemonize: say what it is with --exec FILE or --user USER" \
	    status -p "$p"
	is ready 0 -p "$p" --exec "$BUILD/t/decoy"
	refuses 3 "start: $p: not started by daemonize: it can be stopped, not started" \
	    start -p "$p" --exec "$BUILD/t/decoy"
	refuses 3 "restart: $p: not started by daemonize: it can be stopped, not started" \
	    restart -p "$p" --exec "$BUILD/t/decoy"
	untouched "$pid"
	ctl stop -p "$p" --exec "$BUILD/t/decoy" --stop KILL/5
	expect_status 0
	gone "$pid"
}

@test "--exec is the file, by whatever name" {
	stranger
	ln -s "$(command -v decoy)" "$scratch/link"
	is ready 0 -p "$p" --exec "$scratch/link"
	# A word of it that is no path is no file.
	sleep 600 3>&- &
	remember "$!"
	echo "$!" >"$p"
	ctl status -p "$p" --exec 600
	expect_status 4
	is ready 0 -p "$p" --exec "$(command -v sleep)"
	[[ $output != *600:* ]]
	ctl status -p "$p" --exec "$(command -v sleep)"
	[[ $output == *'sleep 600'* ]]
	finish "$(<"$p")"
}

@test "a start that is refused leaves the pidfile its owner's" {
	starts -n one -p "$p"
	run_fresh daemonize -n two -p "$p" sleep 600
	expect_status 3
	is ready 0 -p "$p"
	name=one stops -p "$p"
}

@test "a start that fails early leaves the pidfile to the service it was of" {
	starts -n one -p "$p"
	name=one stops one
	for other in '-n two' ''; do
		# shellcheck disable=SC2086
		run_fresh daemonize $other -p "$p" -u no-such-user sleep 600
		expect_status 1
		is stopped 3 -p "$p"
		ctl start -p "$p"
		expect_status 0
		[[ $output == "one: running, "* ]]
		name=one stops -p "$p"
	done
}

@test "a pidfile that became something else is not the stop's concern" {
	for what in 'ln -s /etc/passwd' mkfifo mkdir; do
		for lock in "" "$p"; do
			starts -n one -p "$p" ${lock:+-l "$lock"}
			rm "$p"
			$what "$p"
			# A FIFO with both ends would have us wait.
			[[ ! -p $p ]] || exec {both}<>"$p"
			name=one stops one
			is stopped 3 one
			[[ ! -f $p || -L $p ]]
			rm -d "$p"
			[[ -z ${both:-} ]] || exec {both}>&-
			both=
		done
	done
}

@test "a pidfile whose directory is gone has gone with it" {
	for what in 'ln -s nowhere' touch ''; do
		mkdir "$scratch/d"
		starts -n one -p "$scratch/d/p"
		rm -r "$scratch/d"
		[[ -z $what ]] || $what "$scratch/d"
		name=one stops one
		is stopped 3 one
		rm -f "$scratch/d"
	done
}

# --- strangers -------------------------------------------------------------

@test "without --exec or --user nothing is done: 4" {
	stranger
	for verb in status stop reload 'signal TERM' wait; do
		# shellcheck disable=SC2086 # two words
		refuses 4 "${verb% *}: $p: not started by daemonize: say what it is with --exec FILE or --user USER" \
		    $verb -p "$p"
	done
	untouched "$pid"
	[[ $(<"$p") == "$pid" ]]
}

@test "--exec is the file, the first word or the second" {
	stranger
	for exec in decoy "$(readlink "/proc/$pid/exe")" "$decoy"; do
		is ready 0 -p "$p" --exec "$exec"
		[[ ${lines[0]} == "$p: ready, pid $pid,"* ]]
	done
	for exec in deco /usr/bin/decoy "$BUILD/t/" ecoy '' 'deco*'; do
		ctl stop -p "$p" --exec "$exec"
		expect_status 4
		one_line_stderr "^daemonctl: stop: $p: pid $pid is .*, not "
	done
	untouched "$pid"
	does 0 '' reload -p "$p" --exec decoy
	eventually 5 heard HUP
	does 0 '' signal USR1 -p "$p" --exec decoy
	eventually 5 heard 'HUP USR1'
	refuses 1 "wait: $p: still running" wait --timeout 0 -p "$p" \
	    --exec decoy
	ctl stop --stop TERM/0.1/KILL/5 -p "$p" --exec decoy
	expect_status 0
	[[ $output == "$p: stopped in"*"pid $pid \"decoy\" had to be killed" ]]
	gone "$pid"
	[[ ! -e $p ]]
	is stopped 3 -p "$p"
}

@test "a script is known by its second word" {
	printf '#!/bin/sh\ncondition "$1" pause; :\n' >"$scratch/script"
	chmod +x "$scratch/script"
	launch "$scratch/script" "$c"
	eventually 5 test -e "$c"
	echo "$launched" >"$p"
	name=$p stops -p "$p" --exec "$scratch/script"
	gone "$launched"
	gone "$(key "$c" pid)"
}

# bats test_tags=root
@test "--user is whose it is; with --exec both must be true" {
	root_only
	others_write
	decoy=$scratch/open/decoy
	launch setpriv --reuid nobody --regid nogroup --clear-groups \
	    decoy "$decoy"
	eventually 5 test -e "$decoy"
	pid=$launched
	echo "$pid" >"$p"
	is ready 0 -p "$p" --user nobody
	is ready 0 -p "$p" --user 65534
	is ready 0 -p "$p" --user nobody --exec decoy
	chown nobody "$p"
	is ready 0 -p "$p" --user nobody
	refuses 4 "status: $p: pidfile: belongs to somebody else (--user says whose it may be)" \
	    status -p "$p" --exec decoy
	chown root "$p"
	for wrong in '--user root' '--user 1' '--user nobody --exec sleep' \
	    '--user root --exec decoy'; do
		# shellcheck disable=SC2086 # words
		ctl stop -p "$p" $wrong
		expect_status 4
		one_line_stderr
	done
	ctl stop -p "$p" --user no-such-user
	expect_status 1
	one_line_stderr 'user: no-such-user: no such user'
	untouched "$pid"
	ctl stop --stop KILL/5 -p "$p" --user nobody
	expect_status 0
	gone "$pid"
}

@test "a process younger than the file is another one: 4" {
	stranger
	touch -d '1 hour ago' "$p"
	for verb in status stop reload 'signal TERM' wait; do
		# shellcheck disable=SC2086 # two words
		refuses 4 "${verb% *}: $p: pid $pid is younger than the pidfile: not the same process" \
		    $verb -p "$p" --exec decoy
	done
	untouched "$pid"
	[[ $(<"$p") == "$pid" ]]
}

@test "one that has died is not running" {
	stranger
	kill -KILL "$pid"
	eventually 5 gone "$pid"
	wait "$pid" || :
	is exited 1 -p "$p" --exec decoy
	refuses 7 "reload: $p: not running" reload -p "$p" --exec decoy
	does 0 "$p: not running" stop -p "$p" --exec decoy
}

@test "an empty file is nobody's" {
	: >"$p"
	is stopped 3 -p "$p" --exec decoy
	does 0 "$p: not running" stop -p "$p" --exec decoy
}

# hostile: $p is refused by every verb, and nothing changes.
hostile()
{
	local verb before
	before=$(listing)
	for verb in status stop reload 'signal TERM' wait; do
		# shellcheck disable=SC2086 # words
		ctl $verb --exec decoy -p "$p"
		expect_status 4 || return
		one_line_stderr "^daemonctl: ${verb%% *}: $p: pidfile: " || return
		untouched "$pid" || return
	done
	[[ $before == "$(listing)" ]] || {
		diff <(echo "$before") <(listing)
		return 1
	}
}

@test "hostile files are refused untouched: links, pipes, directories" {
	stranger
	mv "$p" "$scratch/real"
	ln -s real "$p"
	hostile
	rm "$p"
	ln "$scratch/real" "$p"
	hostile
	rm "$p" "$scratch/real"
	mkfifo "$p"
	hostile
	rm "$p"
	mkdir "$p"
	hostile
}

@test "hostile files are refused untouched: writable by all, in such a directory" {
	stranger
	chmod 666 "$p"
	hostile
	chmod 644 "$p"
	mkdir "$scratch/d"
	chmod 777 "$scratch/d"
	mv "$p" "$scratch/d/p"
	p=$scratch/d/p
	hostile
	chmod 775 "$scratch/d"
	hostile
	chmod 755 "$scratch/d"
	is ready 0 -p "$p" --exec decoy
}

# bats test_tags=root
@test "hostile files are refused untouched: somebody else's" {
	root_only
	stranger
	chown nobody "$p"
	hostile
	chown root "$p"
	mkdir "$scratch/d"
	mv "$p" "$scratch/d/p"
	chown nobody "$scratch/d"
	p=$scratch/d/p
	hostile
	# Unless that is whom we say: then he may aim, at his own.
	ctl status -p "$p" --user nobody
	expect_status 4
	one_line_stderr "pid $pid belongs to uid 0$"
	ctl stop -p "$p" --user nobody
	expect_status 4
	untouched "$pid"
}

@test "hostile files are refused untouched: what is no pid" {
	stranger
	for text in "$pid $pid" "-$pid" "+$pid" "0$pid" "0x10" "$pid"$'\n\n1' \
	    "$pid.0" "pid $pid" $'\n'"$pid" "${pid}a" 0 -1 99999999999999999999 \
	    18446744073709551617 4294967297 $'\e[2J'; do
		printf '%s\n' "$text" >"$p"
		echo "text: $text"
		hostile
	done
	printf '%s\0\n' "$pid" >"$p"
	hostile
	head -c 100000 /dev/zero | tr '\0' 1 >"$p"
	hostile
}

# bats test_tags=root
@test "pid 1 is never stopped" {
	root_only
	echo 1 >"$p"
	# Nothing it would feel, should we be wrong.
	ctl stop --stop CONT/0.1 -p "$p" --user root
	expect_status 4
	one_line_stderr "^daemonctl: stop: $p: 1: pid 1 is not ours to stop\$"
	[[ $(<"$p") == 1 ]]
}

# --- daemons of other tools ------------------------------------------------

@test "one of start-stop-daemon's" {
	needs start-stop-daemon
	run_fresh start-stop-daemon --start --background --make-pidfile \
	    --pidfile "$p" --exec "$BUILD/t/decoy" -- "$decoy"
	expect_status 0
	eventually 5 test -e "$decoy"
	eventually 5 test -s "$p"
	pid=$(<"$p")
	remember "$pid"
	is ready 0 -p "$p" --exec "$BUILD/t/decoy"
	does 0 '' reload -p "$p" --exec "$BUILD/t/decoy"
	eventually 5 heard HUP
	ctl stop --stop KILL/5 -p "$p" --exec "$BUILD/t/decoy"
	expect_status 0
	gone "$pid"
	[[ ! -e $p ]]
}

@test "one of the old daemonize's" {
	[[ -x /usr/sbin/daemonize || -x /usr/bin/daemonize ]] ||
	    skip 'needs the daemonize of Debian'
	old=/usr/sbin/daemonize
	[[ -x $old ]] || old=/usr/bin/daemonize
	run_fresh "$old" -p "$p" "$BUILD/t/condition" "$c" pause
	expect_status 0
	eventually 5 test -e "$c"
	eventually 5 test -s "$p"
	pid=$(<"$p")
	remember "$pid"
	refuses 4 "stop: $p: not started by daemonize: say what it is with --exec FILE or --user USER" \
	    stop -p "$p"
	is ready 0 -p "$p" --exec "$BUILD/t/condition"
	name=$p stops -p "$p" --exec "$BUILD/t/condition"
	gone "$pid"
	[[ ! -e $p ]]
}

@test "redis as its own daemon" {
	needs redis-server
	port=$(free_port)
	run_fresh redis-server --daemonize yes --pidfile "$p" --port "$port" \
	    --bind 127.0.0.1 --save '' --dir "$scratch" --logfile "$scratch/log"
	expect_status 0
	eventually 10 test -s "$p"
	pid=$(<"$p")
	remember "$pid"
	exe=$(readlink "/proc/$pid/exe")
	refuses 4 "stop: $p: not started by daemonize: say what it is with --exec FILE or --user USER" \
	    stop -p "$p"
	is ready 0 -p "$p" --exec "$exe"
	name=$p stops -p "$p" --exec "$exe"
	gone "$pid"
	[[ ! -e $p ]]
}

@test "nginx as its own daemon, with its workers" {
	needs nginx
	cat >"$scratch/nginx.conf" <<-EOF2
		pid $p;
		error_log $scratch/log;
		worker_processes 3;
		events { }
	EOF2
	run_fresh nginx -e "$scratch/log" -c "$scratch/nginx.conf"
	expect_status 0
	eventually 10 test -s "$p"
	pid=$(<"$p")
	remember "$pid"
	workers() { [[ $(wc -w <"/proc/$pid/task/$pid/children") == 3 ]]; }
	eventually 10 workers
	# shellcheck disable=SC2046 # numbers
	remember $(<"/proc/$pid/task/$pid/children")
	exe=$(readlink "/proc/$pid/exe")
	is ready 0 -p "$p" --exec "$exe"
	does 0 '' reload -p "$p" --exec "$exe"
	ctl stop -p "$p" --exec "$exe"
	expect_status 0
	gone "$pid"
	[[ -z $(strays) && ! -e $p ]]
}
