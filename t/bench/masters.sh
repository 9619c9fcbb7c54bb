# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2154
#
# What the measurements of workers share: . masters.sh

# ms: the steady clock.
ms() { awk '{ printf "%.0f\n", $1 * 1000 }' /proc/uptime; }

# children PID: one on a line.
children() { tr ' ' '\n' 2>/dev/null <"/proc/$1/task/$1/children" | grep .; }

# has_kids PID N
has_kids() { [ "$(children "$1" | wc -l)" -eq "$2" ]; }

# until_it CONDITION...
until_it() { until "$@"; do sleep 0.005; done; }

is_gone() { ! [ -e "/proc/$1" ]; }

# renewed PID N FILE: it has N children, and none of those in FILE.
renewed() { has_kids "$1" "$2" && ! children "$1" | grep -qxF -f "$3"; }

# hup PID N: and wait until it has N other children.
hup() {
	children "$1" >"$dir/old"
	kill -HUP "$1"
	until_it renewed "$1" "$2" "$dir/old"
}

# median COLUMN FILE
median() {
	cut -d ' ' -f "$1" "$2" | sort -n |
	    awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# take_turns ROUNDS DIR: of $contenders, lines of "NAME;WHAT", each runs
# `round WHAT` in a fresh $dir; what it prints is added to DIR/NAME.
take_turns() {
	i=0
	while [ $((i += 1)) -le "$1" ]; do
		while IFS=';' read -r name what; do
			dir=$(mktemp -d "$2/XXXXXX")
			mkdir "$dir/run"
			export DAEMONIZE_RUNDIR="$dir/run"
			round "$what" </dev/null >>"$2/$name"
			rm -rf "$dir"
		done <<END
$contenders
END
	done
}
