# The command's own; with a "--" before it that is not of them.
_daemonize_arguments()
{
	if [[ $words[1] == -- ]]; then
		shift words
		((CURRENT--))
	fi
	_normal
}

_daemonize()
{
	local curcontext=$curcontext state line
	local -A opt_args
	local -a options
	options=(
@OPTIONS@
	)
	_arguments -s -S $options \
	    '(-)1:command:_command_names -e' '*::arguments:_daemonize_arguments'
}

if [[ $funcstack[1] == _daemonize ]]; then
	_daemonize "$@"
else
	compdef _daemonize daemonize
fi
