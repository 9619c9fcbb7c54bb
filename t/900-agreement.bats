#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# What is written in several places says the same in each: the option tables,
# --help, the manuals and the completions; exit.h and the tables of statuses;
# words of states and steps.

# Set by load, or for it.
# shellcheck disable=SC2001,SC2013,SC2016,SC2034,SC2154
load helper

setup()
{
	scratch_setup
	needs mandoc
	src=$here/..
	make -s -C "$src" B="$BUILD" "$BUILD/completions" >/dev/null 3>&-
}

# items SECTION PAGE: what its .It lines say, in order.
items()
{
	awk -v name="$1" '/^\.S[hs] / { on = substr($0, 5) == name }
		on && /^\.It / { print substr($0, 5) }' "$src/man/$2.1"
}

# plain: the macros of an .It line as they are printed.
plain()
{
	sed 's/Fl Fl /--/g; s/Fl /-/g; s/Cm //; s/Ns Oo - Oc Ns Ar /[-]/
	    s/ Ns Op = Ns Ar \([A-Z]*\)/[=\1]/; s/Ns Op : Ns Ar \([A-Z]*\)/[:\1]/; s/ Ns = Ns Ar /=/g
	    s/ Ns = /=/; s/ , /, /; s/ \[:/[:/; s/= *\[/=[/; s/ Ns =/=/'
}

# options_of PROGRAM: "-n, --name=NAME" from --help, one a line.
options_of()
{
	"$1" --help | sed -n 's/^  \(-.\(, --[^ ]*\)\?\|    --[^ ]*\) .*/\1/p' |
	    sed 's/^ *//'
}

# statuses PREFIX FILE: the numbers in exit.h whose names begin so.
statuses()
{
	sed -n "s/^	$1[A-Z_]* = \([0-9]*\).*/\1/p" \
	    "$here/../daemonize/exit.h"
}

completion()
{
	cat "$src/daemonize/completions/common.$1" \
	    "$src/daemonize/completions/$2.$1" |
	    "$BUILD/completions" "$1" "$2"
}

@test "the manuals have every option of --help, in its order, and no other" {
	local p
	for p in daemonize daemonctl; do
		options_of "$p" >"$scratch/help"
		[ "$(wc -l <"$scratch/help")" -ge 10 ]
		items Options "$p" | plain >"$scratch/manual"
		diff "$scratch/help" "$scratch/manual"
	done
}

@test "every option of the tables is in --help" {
	local p file
	for p in daemonize:options.c daemonctl:ctl_options.c; do
		file=$src/daemonize/${p#*:}
		sed -n '/option_spec daemon.*options\[\]/,/^};/p' "$file" |
		    grep -o "^	{ [A-Z_0-9]*, [^,]*, \"[a-z0-9-]*\"" |
		    sed 's/.*"\(.*\)"/\1/' >"$scratch/table"
		options_of "${p%:*}" | sed 's/.*--\([a-z0-9-]*\).*/\1/' \
		    >"$scratch/help"
		diff "$scratch/table" "$scratch/help"
	done
}

@test "no line of --help is wider than a terminal" {
	local p
	for p in daemonize daemonctl; do
		run_fresh "$p" --help
		expect_status 0
		[ "${#lines[@]}" -ge 20 ]
		[ -z "$(awk 'length > 80' <<<"$output")" ]
	done
}

@test "the completions have every option of --help" {
	local p o long short
	for p in daemonize daemonctl; do
		completion bash "$p" >"$scratch/bash"
		completion zsh "$p" >"$scratch/zsh"
		completion fish "$p" >"$scratch/fish"
		not grep -q '@[A-Z]*@' "$scratch"/{bash,zsh,fish}
		while read -r o; do
			long=${o##*--}
			long=${long%%[[=]*}
			short=
			[[ $o != -?,* ]] || short=${o:1:1}
			grep -qw -e "--$long" "$scratch/bash"
			grep -q -e "--${long}[='{}]" "$scratch/zsh"
			grep -q -e " -l $long -d" "$scratch/fish"
			[[ -n $short ]] || continue
			grep -q -e "[ ']-$short --$long" "$scratch/bash"
			grep -q -e "{-$short+\?,--$long" "$scratch/zsh"
			grep -q -e " -s $short -l $long" "$scratch/fish"
		done < <(options_of "$p")
	done
}

@test "an option takes a value in the completions exactly where --help says so" {
	local o long
	completion fish daemonize >"$scratch/fish"
	while read -r o; do
		long=${o##*--}
		if [[ $long == *'[='* ]]; then # one only behind a "="
			not grep -q -e " -l ${long%%[[]*} -d .* -[xr] " "$scratch/fish"
		elif [[ $long == *=* ]]; then
			grep -q -e " -l ${long%%=*} -d .* -[xr] " "$scratch/fish"  \
			    || grep -q -e " -l ${long%%=*} -d .* -r -F$" "$scratch/fish"
		else
			not grep -q -e " -l $long -d .* -[xr] " "$scratch/fish"
		fi
	done < <(options_of daemonize)
}

@test "daemonctl has the same verbs in --help, manual and completions" {
	daemonctl --help | sed -n 's/^  \([a-z]\{4,\}\) .*/\1/p' >"$scratch/help"
	[ "$(wc -l <"$scratch/help")" -eq 21 ]
	items Verbs daemonctl | sed 's/Cm \([a-z]*\).*/\1/' >"$scratch/manual"
	diff "$scratch/help" "$scratch/manual"
	completion bash daemonctl |
	    sed -n "/operands == 0/,/among/s/.*among '\(.*\)'/\1/p" |
	    tr ' ' '\n' >"$scratch/completed"
	diff "$scratch/help" "$scratch/completed"
	completion zsh daemonctl | sed -n "s/^	'\([a-z]*\):.*/\1/p" |
	    diff "$scratch/help" -
	completion fish daemonctl |
	    sed -n 's/.* -n __daemonctl_verb -a \([a-z]*\) .*/\1/p' |
	    diff "$scratch/help" -
}

@test "every verb of --help exists" {
	local verb
	for verb in $(daemonctl --help | sed -n 's/^  \([a-z]\{4,\}\) .*/\1/p'); do
		run_fresh daemonctl "$verb" TERM nobody-of-this-name
		[[ $stderr != *"no such verb"* ]]
	done
}

@test "daemonize's exit statuses are the same in exit.h, manual and --help" {
	statuses EXIT_ >"$scratch/source"
	items 'EXIT STATUS' daemonize >"$scratch/manual"
	diff "$scratch/source" "$scratch/manual"
	daemonize --help | tr '\n' ' ' | sed 's/.*exit: //; s/ See .*//' \
	    >"$scratch/help"
	local n
	for n in $(cat "$scratch/source"); do
		grep -qw "$n" "$scratch/help"
	done
}

@test "daemonctl's exit statuses are the same in exit.h, manual and --help" {
	{
		statuses CTL_
		statuses STATUS_
		statuses CHECK_
	} >"$scratch/source"
	items 'EXIT STATUS' daemonctl >"$scratch/manual"
	diff "$scratch/source" "$scratch/manual"
	daemonctl --help | tr '\n' ' ' |
	    sed 's/.*exit: \(.*\); status: \(.*\); check: /\1, \2, /; s/$/,/' | tr ',' '\n' |
	    sed -n 's/^ *\([0-9]\+\) .*/\1/p' >"$scratch/help"
	diff "$scratch/source" "$scratch/help"
}

@test "daemon_init(3) has every word of failed_step, and no other" {
	local init=$src/libdaemon/start/init
	{
		grep -ho 'step = "[a-z]*"' "$init.c" "${init}_hold.c"
		grep -o '"std[a-z]*"' "${init}_hold.c"
	} | sed 's/.*"\(.*\)".*/\1/' | sort -u >"$scratch/source"
	[ "$(wc -l <"$scratch/source")" -ge 10 ]
	sed -n '/failed_step"/,/^or, in the/s/^\.Ql \([a-z]*\).*/\1/p' \
	    "$src/man/daemon_init.3" | sort | diff "$scratch/source" -
}

@test "the manual has every word of a state, and no other" {
	sed -n '/ words\[\] = {/,/};/s/.*DAEMON_STATE_.*"\([a-z]*\)".*/\1/p' \
	    "$src/libdaemon/identity/record.c" >"$scratch/source"
	[ -s "$scratch/source" ]
	sed -n '/^\.Ss States/,/^\.Ss Starting/s/^\.\(It \)\?Cm \([a-z]*\).*/\2/p' \
	    "$src/man/daemonctl.1" | grep -vx "stop\|pause\|drain\|resume" >"$scratch/manual"
	diff <(sort "$scratch/source") <(sort "$scratch/manual")
}

@test "the manual lists the steps in the order --dry-run prints them" {
	run_fresh daemonize --dry-run -n web -p "$scratch/p" -u nobody -a \
	    --root / --nice 5 --rlimit nofile=64 --ignore-sigchld true
	expect_status 0
	sed 's/ .*//' <<<"$output" >"$scratch/plan"
	items Steps daemonize | sed 's/Cm //' >"$scratch/manual"
	diff "$scratch/plan" \
	    <(grep -vx -e find -e truncate -e group -e tied -e affinity \
		"$scratch/manual")
	for call in "-o $scratch/o true" '-g 0 true'; do
		# shellcheck disable=SC2086 # words
		run_fresh daemonize --dry-run $call
		sed 's/ .*//' <<<"$output" >"$scratch/plan"
		diff "$scratch/plan" \
		    <(grep -Fxf "$scratch/plan" "$scratch/manual" | uniq)
	done
}

@test "the manual has every word for a step" {
	local word
	for word in $(sed -n 's/.*case DAEMON_STEP_[A-Z_]*: return "\([a-z]*\)".*/\1/p' \
	    "$src/libdaemon/start/plan.c"); do
		items Steps daemonize | grep -qx "Cm $word"
	done
}

@test "the manual has every limit" {
	local name
	for name in $(sed -n 's/^	{ "\([a-z]*\)", RLIMIT_.*/\1/p' \
	    "$src/libdaemon/start/limits.c"); do
		grep -qw -e "$name" <(sed -n \
		    '/^\.It Fl Fl rlimit/,/setrlimit/p' "$src/man/daemonize.1")
	done
}

@test "the manual has every field of --json, in its order" {
	daemonize -n web sleep 60 3>&-
	daemonctl status --json web |
	    python3 -c 'import json, sys; print(*json.load(sys.stdin), sep="\n")' \
	    >"$scratch/fields"
	items JSON daemonctl | sed 's/Cm //' >"$scratch/manual"
	diff "$scratch/fields" "$scratch/manual"
}

@test "the manual names what is not inherited" {
	local name
	for name in $(sed -n '/not_inherited\[\]/,/};/s/.*"\([A-Z_]*\)=\?",$/\1/p' \
	    "$src/libdaemon/start/environment.c"); do
		grep -q "^\.Ev $name" "$src/man/daemonize.1"
	done
}

@test "the manuals are clean" {
	run mandoc -T lint -W warning "$src"/man/*.1
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "the manuals have nginx's sections, in its order" {
	local p
	for p in daemonize daemonctl; do
		sed -n 's/^\.Sh //p' "$src/man/$p.1" >"$scratch/sections"
		printf '%s\n' NAME SYNOPSIS DESCRIPTION SIGNALS ENVIRONMENT \
		    FILES 'EXIT STATUS' EXAMPLES DIAGNOSTICS 'SEE ALSO' \
		    STANDARDS HISTORY CAVEATS | diff - "$scratch/sections"
	done
}

@test "the manuals have one sentence a line" {
	not grep -nE '^[^.].*[a-z)]\. +[A-Z]' "$src"/man/daemon*.1
}

@test "each test that behaviours.md names is there" {
	local file title
	grep -o '`[0-9][0-9][0-9]: [^`]*`' "$src/t/behaviours.md" | tr -d '`' >"$scratch/named"
	[ "$(wc -l <"$scratch/named")" -eq 47 ]
	while IFS= read -r title; do
		file=${title%%:*} title=${title#*: }
		grep -qxF "@test \"$title\" {" "$src/t/$file"-*.bats || {
			echo "not there: $file: $title" >&2
			return 1
		}
	done <"$scratch/named"
}

@test "both programs have the version of the source" {
	local version
	version=$(sed -n 's/.*DAEMONIZE_VERSION "\(.*\)"/\1/p' \
	    "$src/daemonize/version.h")
	[ "$(daemonize --version)" = "daemonize $version" ]
	[ "$(daemonctl --version)" = "daemonctl $version" ]
	grep -q "^## \[$version\]" "$src/CHANGELOG.md"
}
