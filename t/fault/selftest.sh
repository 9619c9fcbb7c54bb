#!/bin/sh
# Proves that the injector injects and that the sweep finds planted bugs.
#
#	sh t/fault/selftest.sh build/t

set -u
here=$(dirname "$0")
tools=$(realpath "${1:-build/t}")
fault=$tools/fault
TMPDIR=$(mktemp -d) && chmod 755 "$TMPDIR" || exit
export TMPDIR LC_ALL=C
trap 'rm -rf "$TMPDIR"' EXIT
cd "$TMPDIR" || exit
here=$(cd "$OLDPWD" && realpath "$here")
failed=0

# says SENTENCE PATTERN: the last output and status hold it
says()
{
	if printf '%s\nstatus %s\n' "$out" "$rc" | grep -q -- "$2"; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		printf '%s\nstatus %s\n' "$out" "$rc" | sed 's/^/#	/'
		failed=1
	fi
}

run()
{
	out=$("$fault" "$@" 2>&1 </dev/null)
	rc=$?
}

seq 400 >file

run inject 0:openat:1=EACCES cat file
says 'an injected error is what the program sees' 'file: Permission denied'
says 'its exit status is passed on' 'status 1'

run inject 0:openat:9=EACCES cat file
says 'a point that is not reached strikes nothing' 'struck 0'

run inject 0:openat:1=EIO cat file file
says 'one fault strikes once' 'struck 1'
run inject 0:openat:1=EIO+ cat file file
says 'a lasting fault strikes on' 'struck 2'

run inject '0:close:1=EIO~' cat file
says 'a struck close reports the error' 'file: Input/output error'
says 'and has been done after all' '^400'

run inject 0:read:1=short+ cat file
says 'short reads are short' 'struck 1[0-9][0-9][0-9]'
[ "$(printf '%s\n' "$out" | grep -v '^fault:')" = "$(cat file)" ]
rc=$?
says 'and lose nothing' 'status 0'

run inject 0:openat:1=KILL cat file
says 'a task can be killed at a call' 'status 137'
run inject 0:openat:1=TERM cat file
says 'or be sent a signal' 'status 143'
run inject 0:openat:1=STOP cat file
says 'or be stopped, and continued' 'status 0'

run inject 0.1e:openat:1=EIO sh -c 'cat file; cat file; :'
says 'roles tell the second child from the first' 'struck 1'
says 'and only it fails' '^400'

run inject 0:openat:1=EIO+ sh -c 'exec 3<file'
says 'a shell is struck in its own role' 'struck 1'
run inject 0:brk:1=ENOMEM+ cat file
says 'a failed brk is survived as the kernel would have it' 'status 0'

run points cat file
says 'points are role, call, number' '^0 openat 1 file$'
[ "$(printf '%s' "$out" | grep -c 'ld.so')" = 0 ]
rc=$?
says 'the loader makes none' 'status 0'

run points "$tools/fault-sloppy"
says 'a static start-up is marked' '^0 arch_prctl 1.*(start-up)'
says 'and what main does is not' '^0 write[v]* 1$'

run inject 0:exit_group:1=CHLD sh -c 'sleep 1000 & exit 3'
says 'what outlives the command is seen' 'alive 1'
says 'without changing its status' 'status 3'

run inject nonsense true
says 'a fault that is none is refused' 'status 2'

run list -b "$tools" "$here/scenarios/sloppy.sc"
first=$(printf '%s' "$out" | cut -d ' ' -f 1-3 | sort)
run list -b "$tools" "$here/scenarios/sloppy.sc"
[ "$first" = "$(printf '%s' "$out" | cut -d ' ' -f 1-3 | sort)" ]
rc=$?
says 'two runs have the same points' 'status 0'

run run -b "$tools" "$here/scenarios/sloppy.sc" 0:rename:1=EIO
says 'one point can be repeated' '^silent failure'

run sweep -b "$tools" "$here/scenarios/refusal.sc"
says 'a program that only refuses is clean' 'status 0'

run sweep -v -k e -b "$tools" "$here/scenarios/sloppy.sc"
says 'a sloppy one is not' 'status 1'
for class in 'success without a daemon' 'failure but daemon left' \
	'failure but pidfile left' 'silent failure' 'two copies' 'hang' \
	'left-over' 'second start or stop refused' \
	'daemon runs, not as asked' 'wrong status, report or pidfile'; do
	says "found in it: $class" "=.*: .*$class"
done

sed 's/^start.*/&\nstop \/bin\/true\ninject stop/' \
	"$here/scenarios/sloppy.sc" >liar.sc
run sweep -v -b "$tools" liar.sc
says 'a stop that stops nothing is noticed' 'exit 0, yet it runs'

rc=$(find "$TMPDIR" -mindepth 1 -name 'fault.*' | wc -l)
says 'no scratch directory is left' 'status 0'

exit "$failed"
