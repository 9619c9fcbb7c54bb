#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# The completions, in the shells they are for.

# Set by load, or for it.
# shellcheck disable=SC2016,SC2034,SC2154
load helper

setup()
{
	scratch_setup
	local sh p
	for sh in bash zsh fish; do
		for p in daemonize daemonctl; do
			make -s -C "$here/.." B="$BUILD" \
			    "$BUILD/completion/$p.$sh" >/dev/null 3>&-
		done
	done
	mkdir "$scratch/dir"
	: >"$scratch/dir/file"
	cd "$scratch" || return
}

# in_bash LINE: what bash would put in place of the last word, cut as it
# cuts it at its word breaks.
in_bash()
{
	bash --norc --noprofile -c '
	source "$BUILD/completion/${1%% *}.bash"
	[[ -z ${EXTRA-} ]] || source "$EXTRA"
	compopt() { :; }
	_other() { COMPREPLY=("${COMP_WORDS[*]}|$COMP_CWORD|$COMP_LINE|$COMP_POINT"); }
	complete -F _other other
	COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=()
	read -ra raw <<<"$1"
	for w in "${raw[@]}"; do
		while [[ $w =~ ^([^=:@]*)([=:@]+)(.*)$ ]]; do
			[[ -z ${BASH_REMATCH[1]} ]] || COMP_WORDS+=("${BASH_REMATCH[1]}")
			COMP_WORDS+=("${BASH_REMATCH[2]}")
			w=${BASH_REMATCH[3]}
		done
		[[ -z $w ]] || COMP_WORDS+=("$w")
	done
	[[ $1 != *" " ]] || COMP_WORDS+=("")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	"_${1%% *}" "${1%% *}" "" ""
	echo "${COMPREPLY[*]}"' bash "$1"
}

# in_fish LINE: the completions, on a line.
in_fish()
{
	HOME=$scratch fish --no-config -c '
	complete -c other -f -a "alpha beta"
	complete -c other -l foo
	source $argv[1]
	complete -C $argv[2]' "$BUILD/completion/${1%% *}.fish" "$1" |
	    cut -f 1 | tr '\n' ' ' | sed 's/ $//'
}

# in_zsh LINE: the line after a tab.
in_zsh()
{
	zsh -f -c '
	zmodload zsh/zpty
	zpty z zsh -f -i
	zpty -w z "PROMPT= RPS1=; autoload -Uz compinit; compinit -D -u
	    source $1; _other() { compadd alphaone }; compdef _other other
	    w() { zle complete-word; print -r -- \"<<\$BUFFER>>\"; exit }
	    zle -N w; bindkey \"^I\" w; print -r -- rea\"\"dy"
	while zpty -r z line && [[ $line != *ready* ]]; do :; done
	zpty -w -n z "$2"$'"'\t'"'
	zpty -r -m z out "*>>*"
	print -r -- "${${out##*<<}%%>>*}"
	zpty -d z' zsh "$BUILD/completion/${1%% *}.zsh" "$1" 3>&-
}

# offers SHELL LINE EXPECTED
offers()
{
	local got
	got=$("in_$1" "$2")
	[[ $got == "$3" ]] || {
		echo "$1: $2: expected '$3', is '$got'" >&2
		return 1
	}
}

services()
{
	run_fresh daemonize -n over1 --ready=alive:9s false
	daemonize -n live1 sleep 60 3>&-
	daemonize -n on:a@b sleep 60 3>&-
	daemonize -p "$scratch/only.pid" sleep 60 3>&-
}

@test "bash completes options and their values" {
	services
	offers bash 'daemonize --pid' --pidfile=
	offers bash 'daemonize --dry' --dry-run
	offers bash 'daemonize -p dir/f' dir/file
	offers bash 'daemonize --pidfile=dir/f' dir/file
	offers bash 'daemonize -c d' dir
	offers bash 'daemonize -u roo' root
	offers bash 'daemonize -g roo' root
	offers bash 'daemonize -u nobody:daem' daemon
	offers bash 'daemonize --user=nobody:daem' daemon
	offers bash 'daemonize --ready=' 'exec alive: notify fd fd: pidfile pidfile: tcp: unix: cmd:'
	offers bash 'daemonize --ready al' alive:
	offers bash 'daemonize --stop TE' TERM/30/KILL/5
	offers bash 'daemonize --rlimit=nof' nofile=
	offers bash 'daemonize -n l' live1
	offers bash 'daemonize --name=on:a' a@b
	offers bash 'daemonize -E A=b:c -u roo' root
}

@test "bash completes the command itself, with its own completion" {
	offers bash 'daemonize -E A=b -aFo x other on t' 'other on t|2|other on t|10'
	offers bash 'daemonize -p x -- other ' 'other |1|other |6'
	offers bash 'daemonize --env=A=b other --pid' 'other --pid|1|other --pid|11'
	offers bash 'daemonize cat dir/f' dir/file
	[[ $(in_bash 'daemonize daemonct') == *daemonctl* ]]
}

@test "bash completes the command as bash-completion does, where that is loaded" {
	printf '%s\n' '_command_offset() { COMPREPLY=("at $1"); }' >"$scratch/extra"
	EXTRA=$scratch/extra offers bash 'daemonize -E A=b -p x other a' 'at 7'
}

@test "bash completes verbs, names and signals of daemonctl" {
	services
	offers bash 'daemonctl st' 'status stop start'
	offers bash 'daemonctl stop ' 'live1 on:a@b over1'
	offers bash 'daemonctl stop on:a@' b
	offers bash 'daemonctl stop --stop TERM/3 l' live1
	offers bash 'daemonctl signal US' 'USR1 USR2'
	offers bash 'daemonctl signal USR1 l' live1
	offers bash 'daemonctl --js' --json
	offers bash 'daemonctl status -p dir/f' dir/file
	offers bash 'daemonctl -q stop --user=roo' root
	offers bash 'daemonctl status --js' --json
	offers bash 'daemonctl stop --js' ''
	offers bash 'daemonctl restart --st' --stop=
	offers bash 'daemonctl restart --stop=KI' KILL/5
	offers bash 'daemonctl start ' over1
	offers bash 'daemonctl forget ' over1
}

# elsewhere: two services whose records are in directories of their own.
elsewhere()
{
	services
	mkdir -m 700 "$scratch/there" "$scratch/other run"
	daemonize --rundir "$scratch/there" -n far1 sleep 60 3>&-
	daemonize --rundir "$scratch/other run" -n far2 sleep 60 3>&-
}

@test "bash completes the names of the --rundir on the line" {
	elsewhere
	offers bash "daemonctl --rundir $scratch/there stop " far1
	offers bash "daemonctl stop --rundir=$scratch/there -q f" far1
	HOME=$scratch offers bash 'daemonctl stop --rundir ~/there ' far1
	offers bash "daemonize --rundir $scratch/there -n " far1
	offers bash "daemonctl stop --rundir $scratch/dir " ''
	offers bash "daemonctl --rundir $scratch/th" "$scratch/there"
	offers bash 'daemonctl stop l' live1
}

@test "zsh completes the names of the --rundir on the line" {
	needs zsh
	elsewhere
	local before
	for before in "daemonctl --rundir $scratch/there stop" \
	    "daemonctl stop --rundir=$scratch/there" \
	    "daemonize --rundir $scratch/there -n"; do
		offers zsh "$before fa" "$before far1 "
	done
	before="daemonctl stop --rundir $scratch/other\\ run"
	offers zsh "$before fa" "$before far2 "
}

@test "fish completes the names of the --rundir on the line" {
	needs fish
	elsewhere
	offers fish "daemonctl --rundir $scratch/there stop " far1
	offers fish "daemonctl stop --rundir=$scratch/there f" far1
	offers fish "daemonctl stop --rundir '$scratch/other run' f" far2
	offers fish "daemonize --rundir $scratch/there -n " far1
}

@test "bash loads them as they are installed" {
	run bash --norc --noprofile -c 'source "$BUILD/completion/daemonize.bash" &&
	    source "$BUILD/completion/daemonctl.bash" &&
	    complete -p daemonize daemonctl'
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = 'complete -F _daemonize daemonize' ]
	[ "${lines[1]}" = 'complete -F _daemonctl daemonctl' ]
}

@test "fish completes options, values, the command, verbs, names and signals" {
	needs fish
	services
	offers fish 'daemonize --pid' --pidfile
	offers fish 'daemonize -p dir/f' dir/file
	offers fish 'daemonize --pidfile=dir/f' --pidfile=dir/file
	offers fish 'daemonize --cwd=d' --cwd=dir/
	offers fish 'daemonize -u roo' root
	offers fish 'daemonize --rlimit=nof' --rlimit=nofile=
	offers fish 'daemonize -n l' live1
	offers fish 'daemonize -E A=b -aFo x other al' alpha
	offers fish 'daemonize -- other be' beta
	offers fish 'daemonize other --fo' --foo
	offers fish 'daemonctl st' 'start status stop'
	offers fish 'daemonctl stop ' 'live1 on:a@b over1'
	offers fish 'daemonctl signal US' 'USR1 USR2'
	offers fish 'daemonctl signal USR1 l' live1
	offers fish 'daemonctl status --js' --json
	offers fish 'daemonctl stop --js' ''
	offers fish 'daemonctl --js' --json
	offers fish 'daemonctl start ' over1
	offers fish 'daemonize --ready=al' --ready=alive:
	offers fish 'daemonize --stop KI' KILL/5
}

@test "zsh completes options, values, the command, verbs, names and signals" {
	needs zsh
	services
	offers zsh 'daemonize --pidf' 'daemonize --pidfile='
	offers zsh 'daemonize -p dir/f' 'daemonize -p dir/file '
	offers zsh 'daemonize --name=li' 'daemonize --name=live1 '
	offers zsh 'daemonize --rlimit=nof' 'daemonize --rlimit=nofile='
	offers zsh 'daemonize -E A=b -aFo x other al' \
	    'daemonize -E A=b -aFo x other alphaone '
	offers zsh 'daemonize -- other al' 'daemonize -- other alphaone '
	offers zsh 'daemonize other --pidf' 'daemonize other --pidf'
	offers zsh 'daemonctl rest' 'daemonctl restart '
	offers zsh 'daemonctl stop li' 'daemonctl stop live1 '
	offers zsh 'daemonctl signal TER' 'daemonctl signal TERM '
	offers zsh 'daemonctl signal TERM li' 'daemonctl signal TERM live1 '
	offers zsh 'daemonctl -q status --js' 'daemonctl -q status --json '
	offers zsh 'daemonctl -q stop --js' 'daemonctl -q stop --js'
	offers zsh 'daemonctl --js' 'daemonctl --json '
	offers zsh 'daemonctl start ' 'daemonctl start over1 '
	offers zsh 'daemonize --ready=al' 'daemonize --ready=alive:'
	offers zsh 'daemonize --ready=ex' 'daemonize --ready=exec '
	offers zsh 'daemonctl stop --stop=KI' 'daemonctl stop --stop=KILL/5 '
	offers zsh 'daemonize -u nobody:daem' 'daemonize -u nobody:daemon '
}
