#!/bin/sh
# SPDX-License-Identifier: ISC
# mutate.sh SUPERVISE MODEL: plants each bug in a copy of the machine,
# and sees whether the walk finds the promise that it breaks.  1: one was not.
set -u
supervise=$1 model=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/libdaemon" "$work/t"
tab=$(printf '\t')
planted=0 caught=0

# plant FILE THERE INSTEAD: the first of what is there.
plant() {
	THERE=$2 INSTEAD=$3 awk '
		!done && (at = index($0, ENVIRON["THERE"])) {
			$0 = substr($0, 1, at - 1) ENVIRON["INSTEAD"] \
			    substr($0, at + length(ENVIRON["THERE"]))
			done = 1
		}
		{ print }
		END { exit !done }' "$supervise/$1" \
	    >"$work/libdaemon/supervise/$1"
}

# parts FILE: the machine it is of, and the walk of that.
parts() {
	rm -rf "$work/libdaemon/supervise" "$work/t/model"
	mkdir "$work/libdaemon/supervise" "$work/t/model"
	cp "$model"/seen.[ch] "$work/t/model"
	case $1 in
	roll*)
		cp "$model/rollwalk.c" "$work/t/model"
		set -- roll rollmoves rollwords
		;;
	*)
		cp "$model"/walk.c "$model"/world.[ch] "$work/t/model"
		set -- backoff follow machine moves words
		;;
	esac
	for part; do
		cp "$supervise/$part".[ch] "$work/libdaemon/supervise" 2>/dev/null
	done
}

# What the walk says of it: the promise, or nothing.
verdict() {
	${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -O1 -w -o "$work/walk" \
	    "$work"/t/model/*.c "$work"/libdaemon/supervise/*.c || return
	"$work/walk" 2>&1 >"$work/table" | sed -n 's/^broken: //p'
}

while IFS=$tab read -r file there instead promise; do
	case $file in '#'* | '') continue ;; esac
	planted=$((planted + 1))
	parts "$file"
	if ! plant "$file" "$there" "$instead"; then
		echo "mutants: $file has no \"$there\""
		continue
	fi
	broken=$(verdict)
	if [ "$broken" = "$promise" ]; then
		caught=$((caught + 1))
	else
		echo "$file: \"$instead\" for \"$there\": broken is" \
		    "\"$broken\", not \"$promise\""
	fi
done <"$model/mutants"
echo "$caught of $planted planted bugs were caught"
[ "$caught" = "$planted" ] && [ "$planted" -gt 0 ]
