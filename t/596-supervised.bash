# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What the tests of supervised services share; `load 596-supervised` after
# 500-ctl.

# Each test begins in its scratch directory.
setup()
{
	scratch_setup
	cd "$scratch" || return
}

# supervisor: the pid on record.
supervisor() { record "$scratch/run/svc/public" supervisor; }

# supervised ARG... -- CMD...: daemonize -n svc -c $scratch -r ARG... CMD... succeeds; its
# supervisor is $super.  It has no keeper, who would call another supervisor,
# unless $logged is set, to options for its log or to nothing.
supervised()
{
	# shellcheck disable=SC2086 # options
	run_fresh daemonize -n svc -c "$scratch" -r ${logged---log=none} "$@"
	expect_status 0 && silent || return
	super=$(supervisor)
	remember "$super" "$(<"$scratch/run/svc/pid")"
}

# has_lines N FILE
has_lines() { [[ $(wc -l <"$2") -eq $1 ]]; }

# started N: the command has been started N times; each adds a line to runs.
started() { has_lines "$1" "$scratch/runs"; }

# is_anew PID: it is ready, and not that one any more.
is_anew() { pid_changes "$scratch/run/svc/pid" "$1" && is ready 0 svc; }

# pid_changes FILE PID: there is another one in it.
pid_changes() { [[ -s $1 && $(<"$1") != "$2" ]]; }

no_strays() { [[ -z $(strays) ]]; }

# no_group: those on record are gone.
no_group()
{
	local group
	while read -r group; do
		[[ ! -d $group ]] || return
	done < <(groups_on_record)
}

# nothing_runs: no process of this test does, and no cgroup of one is left.
nothing_runs()
{
	local what
	eventually 5 no_strays && {
		eventually 5 no_group && return
		echo "a cgroup is left:" "$(groups_on_record)"
		return 1
	}
	what=$(strays)
	echo "still runs:" "$(tr '\0' ' ' <"/proc/${what%%$'\n'*}/cmdline")"
	return 1
}

# supervisor_of_now: the same, if it lives.
supervisor_of_now()
{
	local pid
	pid=$(supervisor)
	! alive "$pid" || echo "$pid"
}
