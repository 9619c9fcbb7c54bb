# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2154 # svc: of the sweep
# What the sweeps that kill have in common: the record of the service in $svc,
# and who lives.

# of FILE KEY: of a record, "" if there is none.
of() {
	awk -v key="$2" 'found { print; exit } $1 == key && NF == 2 { found = 1 }' \
	    "$svc/$1" 2>/dev/null
}
field() { of public "$1"; }
gone() { case $(ps -o state= -p "$1" 2>/dev/null) in "" | Z*) ;; *) false ;; esac }

# until_ms MS COMMAND...
until_ms() {
	left=$(($1 / 20)) && shift
	while ! "$@"; do
		[ $((left -= 1)) -ge 0 ] || return 1
		sleep 0.02
	done
}
