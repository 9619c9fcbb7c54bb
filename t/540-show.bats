#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# show: the command line that would start it again.  forget: the end of it.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl

setup()
{
	scratch_setup
	p=$scratch/p
	c=$scratch/c
}

@test "a plain one: the whole text" {
	local nice=
	(($(nice) == 0)) || nice="--nice $(nice) " # as the tests run
	starts -n svc
	ctl show svc
	expect_status 0
	[[ ${lines[0]} == "daemonize -n svc -c / -m 022 $nice--stop TERM/30/KILL/5 -- condition $c pause" ]]
	[[ ${lines[1]} == '# environment: '* && ${#lines[@]} == 2 ]]
}

@test "values of variables are shown only to those who ask" {
	PASSWORD=hunter2 starts -n svc -E TOKEN=xyzzy
	ctl show svc
	expect_status 0
	[[ $output != *hunter2* && $output != *xyzzy* ]]
	[[ ${lines[0]} == *' -E TOKEN=... '* && ${lines[1]} == *' PASSWORD'* ]]
	ctl show --secrets svc
	expect_status 0
	[[ ${lines[0]} == *' -E TOKEN=xyzzy '* ]]
	[[ ${lines[1]} == *' PASSWORD=hunter2'* ]]
	# Nor does anything else, or anything that others may read.
	for verb in status 'status --json' list 'list --json'; do
		# shellcheck disable=SC2086 # words
		ctl $verb
		[[ $output != *hunter2* && $output != *xyzzy* ]]
	done
	not grep -rq -e hunter2 -e xyzzy "$scratch/run/svc/public"
	[[ $(stat -c %a "$scratch/run/svc/state") == 600 ]]
}

# definition: what is recorded, but for what a shell in between changes.
definition()
{
	local dir=$scratch/run/svc
	[[ -d $dir ]] || dir=$(echo "$scratch"/run/%*)
	grep -aEv '^(env [0-9]*|(_|SHLVL|OLDPWD)=.*)$' "$dir/state" | sort
}

# born: the condition of the command, likewise.
born()
{
	grep -Ev '^env.*=(_|SHLVL|OLDPWD)=|^(pid|ppid|pgid|sid|envc)=|inode=|offset=' \
	    "$c" | sed 's/^env\.[0-9]*/env/' | sort
}

# round_trip ARG...: the line shown for daemonize ARG... starts the same.
round_trip()
{
	run_fresh daemonize "$@"
	expect_status 0
	eventually 5 test -e "$c"
	ctl show --secrets --all
	expect_status 0
	tame
	printf '%s\n' "${lines[0]}" >"$scratch/line"
	definition >"$scratch/first"
	born >"$scratch/before"
	ctl stop --all
	rm "$c"
	run_fresh bash "$scratch/line"
	expect_status 0
	eventually 5 test -e "$c"
	diff "$scratch/first" <(definition)
	diff "$scratch/before" <(born)
	ctl stop --all
	ctl forget --all
}

@test "the line shown, run again, is the same start" {
	mkdir "$scratch/d"
	echo FILE=1 >"$scratch/env"
	round_trip -n svc -p "$p" -l "$scratch/l" -c "$scratch/d" -m 027 \
	    --nice 4 --rlimit nofile=200:300 --rlimit core=0 -i /dev/zero \
	    -o "$scratch/o" -e "$scratch/e" -a --ignore-sigchld \
	    --env-file "$scratch/env" --env-file "-$scratch/none" -E A=1 \
	    -E "B=it's \"two\" words" --check true --stop INT/1/KILL/1 \
	    --ready=alive:200ms --argv0 'a name' condition "$c" pause -x --y=z ''
	round_trip -p "$p" --env-clear "$BUILD/t/condition" "$c" pause
}

@test "the line shown is the same after restarts" {
	starts -n svc -p "$p" -o "$scratch/o"
	ctl show svc
	first=$output
	ctl restart svc
	expect_status 0
	ctl restart svc
	expect_status 0
	ctl show svc
	[[ $output == "$first" ]] || told "was: $first"
}

@test "so it is with words that no shell likes" {
	round_trip -n svc -E $'NL=a\nb\t\e[2Jc' -E 'D=$HOME`id`$(id)' \
	    -E "Q='" -E 'BS=\n\\' condition "$c" pause '' ' ' "'" "''" '"' '\' \
	    '$x' '*' '~' '#' '!' ';' '&' $'a\nb' $'\e[2J' $'\x7f' 'ä' $'\xe4' \
	    $'\xc2\x9b' $'\x01''1' "it's"$'\n'"\\n" '=' '--' '-n' "$(printf 'x%.0s' {1..20000})"
}

@test "a relative command: argv[0] is as it was" {
	cp "$(command -v condition)" "$scratch/prog"
	cd "$scratch"
	round_trip -n svc ./prog "$c" pause
}

# bats test_tags=root
@test "so it is with users, groups and roots" {
	root_only
	others_write
	round_trip -n svc -u nobody -g nogroup --root / -c "$scratch/open" \
	    condition "$c" pause
}

@test "unknown: 6, strangers: 6, nothing named: 2" {
	refuses 6 'show: nope: no such service' show nope
	refuses 2 'usage: show what? NAME, GLOB, --all or -p PIDFILE' show
	refuses 6 "show: $p: not started by daemonize" show -p "$p"
}

@test "show of one that failed, and of one that is stopped" {
	run_fresh daemonize -n bad "$scratch/none" 'a b'
	starts -n svc
	stops svc
	ctl show bad svc
	expect_status 0
	[[ ${lines[0]} == *" -- $scratch/none 'a b'" ]]
	[[ ${lines[2]} == 'daemonize -n svc '* ]]
}

@test "forget: the record is gone, and nothing of it is left" {
	starts -n svc -p "$p"
	stops svc
	[[ -n $(ls -A "$scratch/run") ]]
	does 0 'svc: forgotten' forget svc
	[[ -z $(ls -A "$scratch/run") ]]
	refuses 6 'forget: svc: no such service' forget svc
	starts -p "$p"
	stops_it() { name=$p stops -p "$p"; }
	stops_it
	does 0 "$p: forgotten" forget -p "$p"
	[[ -z $(ls -A "$scratch/run") ]]
	run_fresh daemonize -n bad "$scratch/none"
	does 0 '' forget -q bad
	[[ -z $(ls -A "$scratch/run") ]]
	# every pidfile it had, and of one whose directory is gone; not another's
	mkdir "$scratch/dir"
	for pidfile in "$scratch/dir/p" "$p" "$scratch/now"; do
		starts -n svc -p "$pidfile"
		stops svc
	done
	rm -r "$scratch/dir"
	starts -n other -p "$p"
	does 0 'svc: forgotten' forget svc
	[[ $(cd "$scratch/run" && echo %* other) == "%$(basename "$p")-"*' other' ]]
	[[ $(ls -A "$scratch/run" | wc -l) == 2 ]]
}

@test "forget: what a supervisor that was killed has left goes, too" {
	run_fresh daemonize -n svc -r --ready=notify -c "$scratch" \
	    "$python" -c 'import os, socket, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(os.environ["NOTIFY_SOCKET"])
s.send(b"READY=1")
time.sleep(600)'
	expect_status 0
	super=$(record "$scratch/run/svc/public" supervisor)
	remember "$super" "$(<"$scratch/run/svc/pid")"
	test -S "$scratch/run/svc/notify"
	kill -KILL "$super"
	eventually 5 gone "$super"
	ctl stop svc
	expect_status 0
	does 0 'svc: forgotten' forget svc
	not test -e "$scratch/run/svc"
}

@test "forget: not while it runs, by name or by pidfile" {
	starts -n svc -p "$p"
	refuses 1 "forget: svc: runs, pid $pid: stop it first" forget svc
	refuses 1 "forget: svc: runs, pid $pid: stop it first" forget -p "$p"
	is ready 0 svc
	c=$scratch/c2 starts -n two
	name=two stops two
	ctl forget --all
	expect_status 1
	[[ $output == 'two: forgotten' ]]
	is ready 0 svc
	ctl list
	[[ ${lines[-1]} == '1 service: 1 ready' ]]
}

@test "forget leaves a pidfile that is another's by now" {
	starts -n old -p "$p"
	name=old stops old
	starts -p "$p"
	does 0 'old: forgotten' forget old
	is ready 0 -p "$p"
	name=$p stops -p "$p"
	starts -n old -p "$p"
	finish "$pid"
	starts -n new -p "$p"
	does 0 'old: forgotten' forget old
	is ready 0 -p "$p"
	run_fresh daemonize -p "$p" true
	expect_status 3
	name=new stops -p "$p"
}

@test "forget: unknown: 6, strangers: 6, nothing named: 2" {
	refuses 6 'forget: nope: no such service' forget nope
	refuses 2 'usage: forget what? NAME, GLOB, --all or -p PIDFILE' forget
	refuses 6 "forget: $p: no record of it" forget -p "$p"
}

@test "a name that was forgotten can be used anew, also by a start in between" {
	starts -n svc -p "$p"
	stops svc
	run_fresh storm 20 daemonctl forget svc
	[[ $output == *'status 0 '* && $output != *'status 1 '* ]]
	starts -n svc -p "$p"
	is ready 0 svc
	stops svc
}

@test "show: a supervised one, as it would be started again" {
	run_fresh daemonize -n svc -r -R 3 --max-restarts 5/1m --final-status 9 \
	    --success-status 3 --ready=cmd:true --ready-timeout 5s --watchdog 1m \
	    --max-runtime 1h --before 'exit 0' --on-exit 'echo "x y"' \
	    --keep-trying sleep 600
	expect_status 0
	remember "$(<"$scratch/run/svc/pid")" \
	    "$(record "$scratch/run/svc/public" supervisor)"
	ctl show svc
	expect_status 0
	again=$(sed -n '1s/^daemonize /daemonize --dry-run /p' <<<"$output")
	for word in '--ready cmd:true' '--ready-timeout 5s' '--restart always' \
	    '-R 3' '--max-restarts 5/1m' '--final-status 9' '--success-status 3' \
	    '--watchdog 1m' '--max-runtime 1h' "--before 'exit 0'" \
	    "--on-exit 'echo \"x y\"'" --keep-trying; do
		[[ $output == *" $word "* ]] || told "no $word"
	done
	run_fresh sh -c "$again"
	expect_status 0
}
