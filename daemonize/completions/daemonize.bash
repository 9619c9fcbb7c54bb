# The command's own completion, with the line cut before the command at $1:
# bash-completion's way where it is loaded, otherwise by its function.
_daemonize_command()
{
	local offset=${at[$1]} line=$COMP_LINE spec i
	if declare -F _command_offset >/dev/null; then
		_command_offset "$offset"
		return
	fi
	if ((offset == COMP_CWORD)); then
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -c -- "$cur"; compgen -d -- "$cur")
		return
	fi
	for ((i = 0; i < offset; i++)); do
		line=${line#*"${COMP_WORDS[i]}"}
	done
	line=${line#"${line%%[![:blank:]]*}"}
	((COMP_POINT -= ${#COMP_LINE} - ${#line}))
	COMP_LINE=$line
	COMP_WORDS=("${COMP_WORDS[@]:offset}")
	((COMP_CWORD -= offset))
	spec=$(complete -p -- "${COMP_WORDS[0]##*/}" 2>/dev/null)
	if [[ $spec =~ \ -F\ ([^ ]+) ]]; then
		"${BASH_REMATCH[1]}" "${COMP_WORDS[0]}" "$cur" \
		    "${COMP_WORDS[COMP_CWORD - 1]}"
	else
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	fi
}

_daemonize()
{
	local cur before='' kind='' rundir='' states='' i=1
	local offered='@OPTIONS@'
	local -a words at
	COMPREPLY=()
	_daemonize_words
	while ((i < ${#words[@]})) && [[ ${words[i]} == -?* ]]; do
		if [[ ${words[i]} == -- ]]; then
			_daemonize_command $((i + 1))
			return
		fi
		_daemonize_option
	done
	if ((i > ${#words[@]})); then
		_daemonize_value
	elif ((i == ${#words[@]})) && [[ $cur == -* ]]; then
		_daemonize_dashed
	else
		_daemonize_command "$i"
		return
	fi
	_daemonize_offer
}

complete -F _daemonize daemonize
