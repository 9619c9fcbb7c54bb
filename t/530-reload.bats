#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# reload and signal: one signal, to the process that was proved, or none.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl

setup()
{
	scratch_setup
	p=$scratch/p
}

received() { [[ $(signals) == "$1" ]]; }

# deaf NAME WHY: it does not catch HUP; reload says so and sends nothing.
deaf() { refuses 3 "reload: $1: $2: use restart" reload "$1"; }

@test "HUP for those who catch it, and silence" {
	decoys -n svc -p "$p"
	does 0 '' reload svc
	eventually 5 received HUP
	does 0 '' reload -p "$p"
	eventually 5 received 'HUP HUP'
	alive "$pid"
	is ready 0 svc
}

@test "none for those who would die of it, or do not hear it: 3" {
	starts -n svc
	deaf svc 'does not handle HUP, it would die'
	alive "$pid"
	run_fresh daemonize -n hard sh -c \
	    'trap "" HUP; exec condition "$1/i" ignore' - "$scratch"
	expect_status 0
	eventually 5 test -e "$scratch/i"
	deaf hard 'ignores HUP'
	alive "$pid"
}

@test "restart is advised only where it can help" {
	again='does not handle HUP, it would die: stop it and start it as before'
	run_fresh "$BUILD/t/unit/initd" -p "$p" pause
	expect_status 0
	refuses 3 "reload: $p: $again" reload -p "$p"
	ctl stop -p "$p"
	expect_status 0
	launch sleep 60
	echo "$launched" >"$p"
	refuses 3 "reload: $p: $again" reload -p "$p" --exec "$(type -P sleep)"
	exec {fd}</dev/null
	starts -n kept --keep-fd "$fd"
	exec {fd}<&-
	refuses 3 "reload: kept: $again" reload kept
	alive "$pid"
}

@test "who is not running: 7; unknown: 6; nothing named: 2" {
	starts -n svc -p "$p"
	finish "$pid"
	for verb in reload 'signal HUP'; do
		# shellcheck disable=SC2086 # two words
		refuses 7 "${verb% *}: svc: not running" $verb svc
		# shellcheck disable=SC2086 # two words
		refuses 6 "${verb% *}: nope: no such service" $verb nope
	done
	refuses 2 'usage: reload what? NAME, GLOB, --all or -p PIDFILE' reload
	refuses 2 'usage: signal what? NAME, GLOB, --all or -p PIDFILE' \
	    signal HUP
	refuses 2 'usage: daemonctl signal SIG NAME' signal
	stops_said() { does 0 'svc: not running' stop svc; }
	stops_said
	refuses 7 'reload: svc: not running' reload svc
}

@test "several: the greatest status, each is done" {
	decoys -n a
	starts -n b
	ctl reload b a
	expect_status 3
	eventually 5 received HUP
	ctl reload a nope
	expect_status 6
	eventually 5 received 'HUP HUP'
	ctl signal USR1 'a*'
	expect_status 0
	eventually 5 received 'HUP HUP USR1'
}

@test "signal: by name, with SIG, in any case, by number, real-time ones" {
	decoys -n svc
	want=
	for sig in USR1 SIGUSR2 hup sigint 15 RTMIN+1 40; do
		does 0 '' signal "$sig" svc
		case $sig in
		hup) sig=HUP ;;
		sigint) sig=INT ;;
		15) sig=TERM ;;
		esac
		want="$want ${sig#SIG}"
		heard()
		{
			[[ $(signals | wc -w) == "$(wc -w <<<"$want")" ]]
		}
		eventually 5 heard
	done
	[[ $(signals) == 'USR1 USR2 HUP INT TERM '* ]]
	[[ $(grep -c "uid=$EUID\$" "$decoy") == 7 ]]
}

@test "signal: what is none is refused, and nobody is signalled" {
	decoys -n svc
	for bad in '' FOO 0 65 -1 TERMX SIG 9999999999 '1 ' TERM+1 RTMIN+99; do
		ctl signal -- "$bad" svc
		expect_status 2
		one_line_stderr "^daemonctl: signal: .*: no such signal$"
	done
	untouched "$pid"
}

@test "signal: STOP and CONT, KILL" {
	starts -n svc -p "$p"
	does 0 '' signal STOP svc
	eventually 5 in_state "$pid" T
	does 0 '' signal CONT svc
	eventually 5 in_state "$pid" S
	does 0 '' signal KILL svc
	eventually 5 gone "$pid"
	is exited 1 svc
}

@test "only the main process is signalled" {
	run_fresh daemonize -n svc sh -c 'decoy "$1/kid" & exec decoy "$1/decoy"' \
	    - "$scratch"
	eventually 5 test -e "$scratch/kid"
	eventually 5 test -e "$scratch/decoy"
	decoy=$scratch/decoy
	does 0 '' signal USR1 svc
	does 0 '' reload svc
	received_both() { [[ $(signals | wc -w) == 2 ]]; }
	eventually 5 received_both
	decoy=$scratch/kid untouched "$(key "$scratch/kid" pid)"
	ctl stop --stop KILL/5 svc
	expect_status 0
}

@test "who executes himself anew just now is given a moment" {
	run_fresh daemonize -n svc -c "$scratch" "$python" -c '
import signal, time
time.sleep(0.2)
signal.signal(signal.SIGHUP, lambda *_: open("heard", "w"))
time.sleep(600)'
	expect_status 0
	does 0 '' reload svc
	eventually 5 test -e "$scratch/heard"
}
