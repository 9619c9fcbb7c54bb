#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# The scripts of daemonize/examples, as three kinds of users have them: each
# verb, in every order that occurs, with its status and what is left.

# shellcheck disable=SC2016,SC2034,SC2154
load helper

setup()
{
	scratch_setup
	root_only 'they start as another user'
	root=$scratch/root
	mkdir -p "$scratch/bin" "$root"/{run,etc/default,srv/feed,var/log,usr/sbin}
	# One that can reload, and one that would die of it.
	cat >"$scratch/bin/feed" <<-'SH'
	#!/bin/sh
	trap 'echo reloaded' HUP
	echo "begun $*"
	while :; do sleep 60 & wait; done
	SH
	printf '#!/bin/sh\necho "begun $*"\nexec sleep 60\n' \
	    >"$root/usr/sbin/exporter"
	chmod 755 "$scratch/bin/feed" "$root/usr/sbin/exporter"
	share_scratch
	chmod 755 "$root" "$root"/* "$root/srv/feed"
}

# script NAME: it becomes ours, as `does` runs it.
script()
{
	sed "s#\([=[:blank:]]\)/\(run\|srv\|var/log\|usr/sbin/\\$\|etc/default\)#\1$root/\2#g
	    s#^PATH=#&$BUILD:$scratch/bin:#; s/=\(www-data\|prometheus\)\$/=nobody/" \
	    "$here/../daemonize/examples/$1" >"$scratch/script"
}

# does VERB STATUS [OUTPUT]: it begins so.
does()
{
	run_fresh sh "$scratch/script" "$1"
	expect_status "$2" || return
	[[ $output == "${3:-}"* ]] || told "expected: $3"
}

# has TEXT FILE
has() { grep -q -- "$1" "$2"; }

# is_another FILE PID: there is one in it, not that.
is_another() { [[ -s $1 && $(<"$1") != "$2" ]]; }

nothing_runs() { [[ -z $(strays) ]]; }

# remembers: what is recorded, to be ended with the test.
remembers()
{
	# shellcheck disable=SC2046 # numbers
	remember $(awk 'p { print; p = 0 } /^(pid|supervisor|keeper) [0-9]+$/ { p = 1 }' \
	    "$scratch"/run/*/public)
}

# bats test_tags=root
@test "feed.init: supervised, and as the Linux Standard Base says" {
	script feed.init
	does status 3 'feed: never started'
	does stop 0
	does try-restart 0
	nothing_runs
	does start 0
	remembers
	does start 0
	does status 0 'feed: ready, pid '
	has '^begun --port 7000$' "$root/var/log/feed.log"
	first=$(<"$scratch/run/feed/pid")
	[ "$(stat -c %U "/proc/$first")" = nobody ]
	does reload 0
	eventually 5 has '^reloaded$' "$root/var/log/feed.log"
	does force-reload 0
	[ "$(<"$scratch/run/feed/pid")" = "$first" ]
	kill -KILL "$first"
	eventually 5 is_another "$scratch/run/feed/pid" "$first"
	eventually 5 does status 0 'feed: ready, pid '
	# What was changed in the script is what a restart starts.
	sed -i 's/7000/7001/' "$scratch/script"
	does start 0
	does restart 0
	remembers
	eventually 5 has '^begun --port 7001$' "$root/var/log/feed.log"
	does try-restart 0
	remembers
	does stop 0 'feed: stopped in '
	does stop 0 'feed: not running'
	does status 3 'feed: stopped'
	does reload 7
	eventually 5 nothing_runs
	does restart 0
	remembers
	sed -i 's/^COMMAND=.*/COMMAND=not-installed/' "$scratch/script"
	does restart 5
	does status 0 'feed: ready, pid '
	does stop 0
	does start 5
	does status 1 'feed: failed'
	sed -i 's/^COMMAND=.*/COMMAND=false/' "$scratch/script"
	does start 1
	does nonsense 2
	eventually 5 nothing_runs
}

# has_another_than PID: a supervisor is on record, and not that one.
has_another_than()
{
	local now
	now=$(awk 'p { print; exit } /^supervisor [0-9]/ { p = 1 }' \
	    "$scratch/run/feed/public")
	[[ -n $now && $now != "$1" ]] && alive "$now"
}

# bats test_tags=root
@test "feed.init: its supervisor dies, and there is another" {
	script feed.init
	does start 0
	first=$(<"$scratch/run/feed/pid")
	remembers
	super=$(awk 'p { print; exit } /^supervisor [0-9]/ { p = 1 }' \
	    "$scratch/run/feed/public")
	kill -KILL "$super"
	eventually 5 gone "$super"
	remembers
	eventually 5 has_another_than "$super"
	remembers
	does start 0
	does status 0 'feed: ready, pid '
	[ "$(<"$scratch/run/feed/pid")" = "$first" ]
	does stop 0
	eventually 5 nothing_runs
}

# bats test_tags=root
@test "feed.rc: as FreeBSD's daemon(8) is used, by both pidfiles" {
	script feed.rc
	does status 1 'feed is not running.'
	does stop 1 "feed not running? (check $root/run/feed.pid)."
	does start 0 'Starting feed.'
	remembers
	super=$(<"$root/run/feed.pid")
	first=$(<"$root/run/feed.child.pid")
	[ "$(tr -d '\0' <"/proc/$super/cmdline")" = feed ]
	[ "$(stat -c %U "/proc/$first")" = nobody ]
	does start 1 "feed already running? (pid=$super)."
	does status 0 "feed is running as pid $super."
	does restart 0 'Stopping feed.'
	remembers
	gone "$super"
	gone "$first"
	does stop 0 'Stopping feed.'
	not test -e "$root/run/feed.pid"
	not test -e "$root/run/feed.child.pid"
	does stop 1
	does restart 0 'feed not running?'
	remembers
	# As rc.subr(8) stops it.
	super=$(<"$root/run/feed.pid")
	kill -TERM "$super"
	eventually 5 gone "$super"
	not test -e "$root/run/feed.pid"
	does status 1
	does nonsense 1
	eventually 5 nothing_runs
}

# bats test_tags=root
@test "exporter.init: one start, one stop, nothing to wait for" {
	script exporter.init
	does status 3
	does stop 0
	does try-restart 0
	nothing_runs
	echo 'ARGS=--all' >"$root/etc/default/exporter"
	does start 0 'Starting exporter of metrics: exporter'
	remembers
	first=$(<"$root/run/exporter.pid")
	[ "$(stat -c %U "/proc/$first")" = nobody ]
	has '^begun --all$' "$root/var/log/exporter.log"
	does start 0
	[ "$(<"$root/run/exporter.pid")" = "$first" ]
	does status 0
	does restart 0
	remembers
	gone "$first"
	does stop 0
	not test -e "$root/run/exporter.pid"
	nothing_runs
	does stop 0
	does status 3
	does nonsense 2
	printf '#!/bin/sh\nexit 3\n' >"$root/usr/sbin/exporter"
	does start 1
	rm "$root/usr/sbin/exporter"
	does start 5
	does stop 0
	nothing_runs
}
