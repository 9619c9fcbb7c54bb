_daemonctl_verb()
{
	local -a verbs
	verbs=(
@VERBS@
	)
	_describe -t verbs verb verbs
}

_daemonctl()
{
	local curcontext=$curcontext state line
	local -A opt_args
	local -a options
	local states='' verb=${words[2,CURRENT-1][(r)(@VERBNAMES@)]}
	options=(
@OPTIONS@
	)
@SOME@
	[[ $verb != (start|forget) ]] || states='stopped|exited|failed'
	_arguments -s -S -C $options \
	    '1:verb:_daemonctl_verb' '*:operand:->operand' && return
	[[ $state == operand ]] || return
	if [[ $line[1] == signal ]] && ((${#line} == 2)); then
		_wanted signals expl signal compadd @SIGNALS@
	else
		_daemonctl_name
	fi
}

if [[ $funcstack[1] == _daemonctl ]]; then
	_daemonctl "$@"
else
	compdef _daemonctl daemonctl
fi
