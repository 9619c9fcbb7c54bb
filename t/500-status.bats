#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# status: every state, for a person and for a program, in words and in codes.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl

setup()
{
	scratch_setup
	p=$scratch/p
	clock='[0-9][0-9]:[0-9][0-9]:[0-9][0-9]'
}

@test "ready: 0" {
	starts -n svc
	is ready 0 svc
	[[ ${lines[0]} =~ ^svc:\ ready,\ pid\ $pid,\ for\ [0-9]+s$ ]]
}

@test "starting, until it has been ready as asked: 0" {
	launch daemonize -n svc --ready=alive:30s condition "$scratch/c" pause
	eventually 5 test -e "$scratch/c"
	is starting 0 svc
	[[ ${lines[0]} =~ ^svc:\ starting,\ pid\ $(key "$scratch/c" pid), ]]
	finish "$(key "$scratch/c" pid)"
	eventually 5 gone "$launched"
	is failed 1 svc
}

@test "starting becomes ready also where nobody is left to say so" {
	launch daemonize -n svc --ready=alive:1s condition "$scratch/c" pause
	eventually 5 test -e "$scratch/c"
	eventually 5 daemonctl status svc
	kill -KILL "$launched"
	eventually 5 is ready 0 svc
	alive "$(key "$scratch/c" pid)"
}

@test "failed: 1, with the step, the reason and the status" {
	run_fresh daemonize -n svc --ready=alive:5s sh -c 'exit 7'
	expect_status 4
	is failed 1 svc
	[[ ${lines[0]} == 'svc: failed' ]]
	grep -Eqx "  failed    $clock ready: sh: ended with status 7 before it was ready \(status 4\)" \
	    <<<"$output"
	run_fresh daemonize -n svc "$scratch/none"
	expect_status 127
	is failed 1 svc
	[[ $output == *" exec: $scratch/none: "*' (status 127)'* ]]
}

@test "stopped: 3" {
	starts -n svc -p "$p"
	stops svc
	is stopped 3 svc
	[[ ${lines[0]} =~ ^svc:\ stopped\ [0-9]+s\ ago$ ]]
	grep -Eqx "  last      $clock stopped" <<<"$output"
}

@test "exited, nothing left: 3" {
	starts -n svc
	finish "$pid"
	is exited 3 svc
	[[ ${lines[0]} == 'svc: exited' ]]
	# When it ended nobody saw: only what is known is told.
	grep -Eqx "  last      started $clock, ended since, not by stop; when and how was not recorded" <<<"$output"
	ctl status --json svc
	[[ $output == *'"state": "exited",'*' "since_ms": 0, "started_ms": 1'* ]]
}

@test "exited, its pidfile left: 1" {
	starts -n svc -p "$p"
	finish "$pid"
	is exited 1 svc
	[[ ${lines[0]} == 'svc: exited, but its pidfile is still there' ]]
	rm "$p"
	is exited 3 svc
}

@test "a zombie is not running" {
	launch unreaped -s "$scratch/u" daemonize -n svc \
	    condition "$scratch/c" pause
	eventually 5 test -e "$scratch/c"
	pid=$(key "$scratch/c" pid)
	is ready 0 svc
	kill -TERM "$pid"
	eventually 5 in_state "$pid" Z
	is exited 3 svc
}

@test "unknown name: 4, and one line" {
	refuses 4 'status: nope: no such service' status nope
	refuses 4 'status: nope: no such service' status --json nope
	refuses 4 'status: a/b: not a name' status a/b
	refuses 4 'status: no*: matches no service' status 'no*'
	for bad in %/../../etc %a/b ..; do
		ctl status "$bad"
		expect_status 4
		one_line_stderr
	done
}

@test "several: the greatest of their codes, each is shown" {
	starts -n b
	run_fresh daemonize -n a "$scratch/none"
	ctl status b
	expect_status 0
	ctl status b a
	expect_status 1
	[[ ${lines[0]} == b:\ ready* ]]
	ctl status a nope b
	expect_status 4
	[[ $output == a:\ failed*b:\ ready* ]]
	ctl status
	expect_status 1
	[[ $output == a:\ failed*b:\ ready* ]]
	ctl status --all
	expect_status 1
	ctl status '[b-z]*'
	expect_status 0
	[[ ${lines[0]} == b:\ ready* ]]
}

@test "nothing there: nothing said, 0" {
	ctl status
	expect_status 0
	silent
	rmdir "$scratch/run"
	ctl status
	expect_status 0
	silent
}

@test "options of other verbs are refused; names or --all" {
	starts -n svc
	for call in 'stop --timeout 1' 'start --json' 'status --secrets' \
	    'status --stop 1' \
	    'list --secrets' 'wait --stop 1' 'show --json'; do
		# shellcheck disable=SC2086 # words
		ctl $call svc
		expect_status 2
		one_line_stderr '^daemonctl: option: --[a-z]*: [a-z]* does not take it$'
	done
	refuses 2 'usage: names or --all, not both' stop --all svc
	alive "$pid"
}

@test "another name for the command is no other command" {
	run_fresh daemonize -n svc --argv0 'my name' sleep 600
	expect_status 0
	ctl status --json svc
	[[ $output == *'"command": ["sleep", "600"]'* ]]
}

@test "for people: all there is to know, line by line" {
	mkdir "$scratch/d"
	starts -n svc -p "$p" -c "$scratch/d" -o "$scratch/o" -e "$scratch/e" \
	    --stop INT/5
	ctl status svc
	expect_status 0
	[[ ${lines[0]} =~ ^svc:\ ready,\ pid\ $pid,\ for\ [0-9]+s$ ]]
	[[ ${lines[1]} == "  command   condition $scratch/c pause" ]]
	[[ ${lines[2]} == "            in $scratch/d" ]]
	[[ ${lines[3]} =~ ^\ \ started\ \ \ $clock\ by\ $(id -un)$ ]]
	[[ ${lines[4]} =~ ^\ \ uses\ {6}[0-9.]+[KM]\ of\ memory,\ [0-9]+\.[0-9][0-9]\ s\ of\ CPU$ ]]
	[[ ${lines[5]} == "  pidfile   $p" ]]
	[[ ${lines[6]} == "  stdout    $scratch/o" ]]
	[[ ${lines[7]} == "  stderr    $scratch/e" ]]
	[[ ${lines[8]} == '  stop      INT/5 to the process, then to what is left of its tree' ]]
	[[ ${#lines[@]} == 9 ]]
}

# bats test_tags=root
@test "for people: its user, group and root" {
	root_only
	others_write
	starts -n svc -u nobody -g nogroup -c "$scratch/open"
	ctl status svc
	[[ ${lines[2]} == "            in $scratch/open as nobody:nogroup" ]]
	run_fresh daemonize -n jail --root / -c "$scratch/open" -u nobody \
	    sleep 600
	expect_status 0
	ctl status jail
	[[ ${lines[2]} == "            in $scratch/open as nobody, root /" ]]
}

@test "bytes that are no UTF-8 are U+0080 to U+00FF in JSON" {
	run_fresh daemonize -n svc sh -c 'exec sleep 600' $'\xff\x80' 'ä'
	expect_status 0
	ctl status --json svc
	json 'assert o[0]["command"][3:] == ["\u00ff\u0080", "\u00e4"]'
}

@test "for people: one file for both outputs, and when it was stopped" {
	run_fresh daemonize -n svc -a -o "$scratch/o" -e "$scratch/o" sleep 600
	expect_status 0
	ctl status svc
	grep -qx "  output    $scratch/o" <<<"$output"
	[[ $output != *$'\n  stderr'* ]]
	stops svc
	ctl status svc
	[[ ${lines[0]} =~ ^svc:\ stopped\ [0-9]+s\ ago$ ]]
}

@test "several empty arguments in a row are shown as one, and more" {
	run_fresh daemonize -n svc sh -c 'exec sleep 600' '' '' '' x '' '' y ''
	expect_status 0
	ctl status svc
	grep -qx "  command   sh -c 'exec sleep 600' '' ... x '' ... y ''" \
	    <<<"$output"
	ctl status --json svc
	json 'assert o[0]["command"][3:] == ["", "", "", "x", "", "", "y", ""]'
}

# bats test_tags=root
@test "who started it, also without a name" {
	root_only
	share_scratch
	mkdir -m 700 "$scratch/his"
	chown 4711 "$scratch/his"
	export DAEMONIZE_RUNDIR=$scratch/his
	run_fresh setpriv --reuid 4711 --clear-groups daemonize -n svc sleep 600
	expect_status 0
	run_fresh setpriv --reuid 4711 --clear-groups daemonctl status svc
	[[ $output == *' by uid 4711'* ]]
}

@test "CPU and memory are those of the process" {
	run_fresh daemonize -n svc bash -c 'x=$(printf %20000000s x)
		x=$x${#x}; while :; do :; done'
	expect_status 0
	busy()
	{
		ctl status --json svc
		[[ $output =~ \"cpu_ms\":\ ([0-9]+),\ \"memory_bytes\":\ ([0-9]+) ]]
		((BASH_REMATCH[1] >= 50 && BASH_REMATCH[2] > 20000000))
	}
	eventually 10 busy
	((BASH_REMATCH[2] < 400000000))
	stops svc
}

@test "--json is JSON, with the fields of the manual in its order" {
	needs python3
	starts -n svc -p "$p" -o "$scratch/o" -e "$scratch/e" -c "$scratch"
	run_fresh daemonize -n bad --stop INT/5 "$scratch/none"
	starts -p "$scratch/q"
	ctl status --json
	expect_status 1
	printf '%s\n' "${lines[@]}" >"$scratch/lines"
	while read -r line; do
		"$python" -m json.tool <<<"$line"
	done <"$scratch/lines"
	fields=$(sed -n '/^\.Ss JSON/,/^\.El/s/^\.It Cm //p' \
	    "$here/../man/daemonctl.1" | paste -sd ' ')
	[[ $fields == 'name state status pid '* ]]
	json "
for e in o: assert ' '.join(e) == '$fields', e
q, bad, svc = o
assert svc['name'] == 'svc' and svc['state'] == 'ready', svc
assert svc['status'] == 0 and svc['pid'] == $(<"$p"), svc
assert svc['command'] == ['condition', '$scratch/c', 'pause'], svc
assert svc['cwd'] == '$scratch' and svc['pidfile'] == '$p', svc
assert svc['stdout'] == '$scratch/o' and svc['stderr'] == '$scratch/e', svc
assert svc['user'] is svc['group'] is svc['root'] is None, svc
assert svc['stop'] == 'TERM/30/KILL/5', svc
assert svc['cpu_ms'] >= 0 and svc['memory_bytes'] > 100000, svc
assert svc['failed_step'] is svc['failed_reason'] is None, svc
assert svc['failed_status'] == 0, svc
assert 0 <= $(date +%s%3N) - svc['started_ms'] < 60000, svc
assert svc['since_ms'] >= svc['started_ms'], svc
assert bad['state'] == 'failed' and bad['status'] == 1, bad
assert bad['pid'] == 0 and bad['cpu_ms'] == bad['memory_bytes'] == -1, bad
assert bad['failed_step'] == 'exec' and bad['failed_status'] == 127, bad
assert bad['failed_object'] == '$scratch/none' and bad['failed_reason'], bad
assert bad['stop'] == 'INT/5', bad
assert q['name'][:3] == '%q-' and q['pidfile'] == '$scratch/q', q
"
}

@test "-q: only the status" {
	starts -n svc
	ctl status -q svc
	expect_status 0
	silent
	stops svc
	ctl status --quiet --json svc
	expect_status 3
	silent
}

@test "a reader that goes away, a full disk: no lie, no silence" {
	starts -n svc
	run_fresh sh -c 'daemonctl status svc >/dev/full'
	expect_status 4
	one_line_stderr 'stdout: No space left on device$'
	run_fresh sh -c 'daemonctl list >/dev/full'
	expect_status 1
	one_line_stderr 'stdout: No space left on device$'
	alive "$pid"
}

@test "help and version that cannot be written are failures" {
	local o why='No space left on device'
	# What fails before the last flush musl forgets the reason of.
	! lean || why="($why|could not be written)"
	for o in --help --version; do
		run_fresh sh -c "daemonctl $o >/dev/full"
		expect_status 1
		one_line_stderr "^daemonctl: stdout: $why\$"
	done
}

# bats test_tags=root
@test "everybody who reaches the record may look" {
	root_only
	share_scratch
	chmod 755 "$scratch/run"
	starts -n svc -E SECRET=xyzzy
	run_fresh as_nobody daemonctl status svc
	expect_status 0
	[[ ${lines[0]} == "svc: ready, pid $pid,"* && $output != *xyzzy* ]]
	run_fresh as_nobody daemonctl list
	expect_status 0
	[[ ${lines[1]} == svc*ready*"$pid"* ]]
	run_fresh as_nobody daemonctl wait --timeout 0 svc
	expect_status 1
	for verb in show stop restart forget 'signal CONT'; do
		# shellcheck disable=SC2086 # words
		run_fresh as_nobody daemonctl $verb svc
		expect_status 4
	done
	run_fresh daemonize -n his -u nobody sleep 600
	expect_status 0
	run_fresh as_nobody daemonctl signal CONT his
	expect_status 0
	chmod 700 "$scratch/run"
	run_fresh as_nobody daemonctl status svc
	expect_status 4
	one_line_stderr 'Permission denied$'
}
