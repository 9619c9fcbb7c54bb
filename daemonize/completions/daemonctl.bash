# What the verb takes, and whom: before there is one, anything.
_daemonctl_suit()
{
	offered='@OPTIONS@'
@SOME@
	case $verb in
	start | forget) states='stopped|exited|failed' ;;
	esac
}

_daemonctl()
{
	local cur before='' kind='' rundir='' i=1 verb='' operands=0 literal=0
	local offered states=''
	local -a words at
	COMPREPLY=()
	_daemonctl_words
	while ((i < ${#words[@]})); do
		if ((!literal)) && [[ ${words[i]} == -- ]]; then
			literal=1
			((i++))
		elif ((!literal)) && [[ ${words[i]} == -?* ]]; then
			_daemonctl_option
		else
			((operands++)) || verb=${words[i]}
			((i++))
		fi
	done
	_daemonctl_suit
	if ((i > ${#words[@]})); then
		_daemonctl_value
	elif ((!literal)) && [[ $cur == -* ]]; then
		_daemonctl_dashed
	elif ((operands == 0)); then
		_daemonctl_among '@VERBS@'
	elif ((operands == 1)) && [[ $verb == signal ]]; then
		_daemonctl_among '@SIGNALS@'
	else
		_daemonctl_names
	fi
	_daemonctl_offer
}

complete -F _daemonctl daemonctl
