# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What the tests of daemonize share, beside helper.bash: starting something
# and proving that a refused start left nothing.  `load start` after helper.

# listing: every file of the test but the records, with all that may change.
listing()
{
	find "$scratch" -mindepth 1 -path "$scratch/run" -prune -o \
	    -printf '%P %y %m %U:%G %n %s %l\n' | sort
}

# nothing_left BEFORE: no process, no file (BEFORE: listing's words), and of
# the records no pid and nothing half-made.
nothing_left()
{
	local what
	what=$(strays)
	[[ -z $what ]] || {
		echo "still runs:" "$(tr '\0' ' ' <"/proc/${what%%$'\n'*}/cmdline")"
		return 1
	}
	[[ $1 == "$(listing)" ]] || {
		echo "changed:" "$(diff <(echo "$1") <(listing))"
		return 1
	}
	what=$(find "$scratch/run" \( -name pid -o -name '*.new' \))
	[[ -z $what ]] || {
		echo "left: $what"
		return 1
	}
}

# fails STATUS LINE ARG...: daemonize ARG... ends so, says exactly "daemonize:
# LINE" on stderr, and leaves nothing.
fails()
{
	local want=$1 line=$2 before
	shift 2
	before=$(listing)
	run_fresh daemonize "$@"
	expect_status "$want" || return
	[[ -z $output && $stderr == "daemonize: $line" ]] ||
	    told "expected: daemonize: $line" || return
	nothing_left "$before"
}

# starts ARG...: daemonize ARG... condition $c pause succeeds, says nothing,
# and $pid is the command's.  $c is $scratch/c unless set.
starts()
{
	: "${c:=$scratch/c}"
	rm -f "$c"
	run_fresh daemonize "$@" condition "$c" pause
	expect_status 0 && silent || return
	eventually 5 test -e "$c" || return
	pid=$(key "$c" pid)
	remember "$pid"
}

# For commands of another user: $c where he can write it.
others_write()
{
	share_scratch
	mkdir -m 777 "$scratch/open"
	c=$scratch/open/c
}

# finish PID: end what starts started.
finish()
{
	kill -TERM "$1" && eventually 5 gone "$1"
}

# record FILE KEY: the (last) value of a field of a record.
record()
{
	awk -v key="$2" 'found { value = $0; found = 0; seen = 1; next }
	$1 == key && NF == 2 { found = 1 }
	END { if (seen) print value; exit !seen }' "$1"
}

# expect_record FILE KEY VALUE
expect_record()
{
	local value
	value=$(record "$1" "$2") || {
		echo "$1: no $2"
		return 1
	}
	[[ $value == "$3" ]] || {
		echo "$2: expected '$3', is '$value'"
		return 1
	}
}

# nobody_may CMD...: as the user nobody, without groups.
as_nobody() { setpriv --reuid nobody --regid nogroup --clear-groups "$@"; }
