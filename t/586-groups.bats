#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# The control group of a service: nobody leaves it, it goes with it; and what
# is done where there can be none.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised

# has_groups: the command of a service can have a control group of its own.
has_groups()
{
	[[ -n $(record run/svc/state cgroup) ]]
}

# bats test_tags=root
@test "what forks without end is stopped, where there is a control group" {
	root_only
	chain='import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.setsid()
while True:
	if os.fork(): os._exit(0)'
	# In a pid namespace of its own, and with a limit: it is a fork bomb.
	limit=/sys/fs/cgroup/pids/daemonize-chain-$$
	mkdir "$limit" 2>/dev/null || skip 'no limit can be set on processes'
	echo 300 >"$limit/pids.max"
	cat >inside <<-E
		echo \$\$ >$limit/cgroup.procs
		daemonize -n svc -c $scratch -r --stop TERM/0.5/KILL/5 \
		    sh -c 'trap "" TERM; "\$0" -c "\$1" & touch up; sleep 600 & wait; wait' "$python" '$chain'
		until test -e up; do sleep 0.02; done
		sleep 0.5
		daemonctl stop svc; echo "status \$?"
		sleep 0.2
		pgrep -c -f 'os.fork' || :
	E
	run_fresh unshare --pid --fork --mount-proc --kill-child bash inside
	group=$(record run/svc/state cgroup) || group=
	rmdir "$limit"
	[[ -n $group ]] || skip 'no control group can be made'
	expect_status 0
	[[ $output == 'svc: stopped in '*'had to be killed'*'status 0
0' ]] || told
	not test -e "$group"
}

# bats test_tags=root
@test "it starts, and starts again, in a group that was killed as a whole" {
	root_only
	supervised -- sleep 600
	has_groups || skip 'no control group can be made'
	group=$(dirname "$(record run/svc/state cgroup)")/daemonize-test-$$
	stops svc
	mkdir "$group"
	echo 1 >"$group/cgroup.kill"
	run_fresh sh -c 'echo $$ >"$1/cgroup.procs"
		exec daemonize -n svc -r -R 0.1 sleep 600' sh "$group"
	expect_status 0
	super=$(supervisor)
	remember "$super" "$(<run/svc/pid)"
	first=$(<run/svc/pid)
	kill -KILL "$first"
	eventually 5 is_anew "$first"
	remember "$(<run/svc/pid)"
	grep -qx "$(<run/svc/pid)" "$(record run/svc/state cgroup)/cgroup.procs"
	ctl restart svc
	expect_status 0
	stops svc
	eventually 5 rmdir "$group"
	nothing_runs
}

@test "it is restarted in its control group, in a new one where that lets nobody live" {
	root_only
	supervised -r -R 0.1 -- sleep 600
	has_groups || skip 'no control group can be made'
	group=$(record run/svc/state cgroup)
	made=$(stat -c %i "$group")
	first=$(<run/svc/pid)
	kill -KILL "$first"
	eventually 5 is_anew "$first"
	remember "$(<run/svc/pid)"
	[[ $(stat -c %i "$group") == "$made" ]]
	grep -qx "$(<run/svc/pid)" "$group/cgroup.procs"
	first=$(<run/svc/pid)
	echo 1 >"$group/cgroup.freeze"
	kill -KILL "$first"
	eventually 5 is_anew "$first"
	remember "$(<run/svc/pid)"
	grep -qx "$(<run/svc/pid)" "$group/cgroup.procs"
	grep -qx 'frozen 0' "$group/cgroup.events"
	first=$(<run/svc/pid)
	echo 1 >"$group/cgroup.kill"
	eventually 5 is_anew "$first"
	remember "$(<run/svc/pid)"
	grep -qx "$(<run/svc/pid)" "$group/cgroup.procs"
	stops svc
	nothing_runs
}

@test "its control group goes with it" {
	supervised -- sleep 600
	has_groups || skip 'no control group can be made'
	group=$(record run/svc/state cgroup)
	grep -qx "$(<run/svc/pid)" "$group/cgroup.procs"
	not grep -qx "$super" "$group/cgroup.procs"
	ctl status svc
	[[ $output == *'what is left of its cgroup'* ]] || told
	ctl pause svc
	expect_status 0
	eventually 5 grep -q 'frozen 1' "$group/cgroup.events"
	ctl restart svc
	expect_status 0
	grep -qx "$(<run/svc/pid)" "$group/cgroup.procs"
	stops svc
	eventually 5 not test -e "$group"
	# of a start that failed, and of one whose end nobody saw
	run_fresh daemonize -n svc -r false
	group=$(record run/svc/state cgroup)
	not test -e "$group"
	supervised -- sleep 600
	group=$(record run/svc/state cgroup)
	kill -KILL "$super" "$(<run/svc/pid)"
	eventually 5 gone "$super"
	supervised -- sleep 600
	not test -e "$group"
	stops svc
}

# below NAME: a command that makes a group below its own, where something lives
# that has left everybody else, and ignores TERM.
below=('import os, signal
with open("/proc/self/mounts") as f:
	base = [m.split()[1] for m in f if m.split()[2] == "cgroup2"][0]
with open("/proc/self/cgroup") as f:
	base += [g[3:].strip() for g in f if g.startswith("0::")][0]
os.mkdir(base + "/below")
if os.fork() == 0:
	open(base + "/below/cgroup.procs", "w").write("0")
	os.setsid()
	if os.fork(): os._exit(0)
	os.setsid()
	signal.signal(signal.SIGTERM, signal.SIG_IGN)
	open("hidden.new", "w").write(str(os.getpid()))
	os.rename("hidden.new", "hidden")
	os.execve("/bin/sleep", ["sleep", "601"], {})
os.execvp("sleep", ["sleep", "602"])')

# hides ARG...: svc runs it, with $hidden in the group $sub below its own.
sub=below
hides()
{
	rm -f hidden
	supervised "$@" -- "$python" -c "${below[0]//below/$sub}"
	eventually 5 test -e hidden
	hidden=$(<hidden)
	remember "$hidden"
	group=$(record run/svc/state cgroup)
	grep -qx "$hidden" "$group/$sub/cgroup.procs"
}

# bats test_tags=root
@test "a group below it hides nobody, and goes with it" {
	root_only
	supervised -- sleep 600
	has_groups || skip 'no control group can be made'
	stops svc
	hides --stop TERM/0.3/KILL/5
	run_fresh daemonctl stop svc
	expect_status 0
	gone "$hidden"
	eventually 5 not test -e "$group"

	hides --stop TERM/0.3
	run_fresh daemonctl stop svc
	expect_status 9
	run_fresh daemonctl stop --stop KILL/5 svc
	expect_status 0
	gone "$hidden"
	eventually 5 not test -e "$group"

	# Without its supervisor, too, and whatever it is called.
	sub=.below
	hides --stop TERM/0.3
	kill -KILL "$super"
	eventually 5 gone "$super"
	run_fresh daemonctl stop svc
	expect_status 9
	alive "$hidden"
	run_fresh daemonctl stop --stop KILL/5 svc
	expect_status 0
	gone "$hidden"
	not test -e "$group"
	nothing_runs
}

# all_stopped PID...
all_stopped()
{
	local pid
	for pid; do
		in_state "$pid" T || return
	done
}

# bats test_tags=root
@test "without one: paused is who is stopped, and who helps with it is not upgraded away" {
	root_only
	needs strace
	[[ -z ${SANITIZE:-} ]] || skip 'a sanitized program does not start while it is traced'
	launch unshare -m sh -c 'umount -R /sys/fs/cgroup
	exec daemonize -n svc -r -c "$0" --stop TERM/0.2/KILL/5 \
	    sh -c "for n in 1 2 3 4 5 6; do sleep 60\$n & done; wait"' "$scratch"
	eventually 5 is ready 0 svc
	super=$(supervisor) pid=$(<run/svc/pid)
	remember "$super" "$pid"
	not has_groups || skip 'it has a control group all the same'
	eventually 5 eval '[[ $(wc -w <"/proc/$pid/task/$pid/children") == 6 ]]'
	read -r -a all <"/proc/$pid/task/$pid/children" || :
	# Slow it is seen better.
	launch strace -qq -f -o /dev/null -e trace=pidfd_send_signal,setsid \
	    -e inject=pidfd_send_signal:delay_enter=60000 \
	    -e inject=setsid:delay_exit=100000 -p "$super"
	eventually 5 grep -q "^TracerPid:.$launched\$" "/proc/$super/status"
	does 0 "svc: paused, pid $pid" pause svc
	all_stopped "$pid" "${all[@]}"
	does 0 "svc: resumed, pid $pid" resume svc
	not all_stopped "$pid" "${all[@]}"
	launch daemonctl pause svc
	does 0 "svc: supervisor upgraded, pid $super" upgrade svc
	all_stopped "$pid" "${all[@]}"
	launch daemonctl upgrade svc
	kill -INT "$(sed -n 's/^TracerPid:.//p' "/proc/$super/status")"
	stops svc
	# What it has started as a service of its own is not paused with it.
	launch unshare -m sh -c 'umount -R /sys/fs/cgroup
	exec daemonize -n svc -r -c "$0" -E PATH="$PATH" -E DAEMONIZE_RUNDIR="$0/run" -E DAEMONIZE_LOGDIR="$0.log" \
	    sh -c "daemonize -n other -r sleep 608; exec sleep 609"' "$scratch"
	eventually 5 is ready 0 svc
	eventually 5 is ready 0 other
	remember "$(supervisor)" "$(<run/svc/pid)" \
	    "$(record run/other/public supervisor)" "$(<run/other/pid)"
	ctl pause svc
	expect_status 0
	in_state "$(<run/svc/pid)" T
	for pid in "$(record run/other/public supervisor)" "$(<run/other/pid)"; do
		in_state "$pid" S
	done
	ctl stop svc other
	expect_status 0
	# And nobody has kept the lock.
	supervised -- sleep 600
	stops svc
	nothing_runs
}
