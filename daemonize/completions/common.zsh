#compdef @PROGRAM@
# zsh completion for @PROGRAM@(1), made from its option table.

_@PROGRAM@_name()
{
	local -a names in
	# Once for how opt_args keeps a word, once for how it was typed.
	[[ -z $opt_args[--rundir] ]] ||
	    in=(--rundir ${(Q)~${(Q)opt_args[--rundir]}})
	names=(${(f)"$(daemonctl list --json $in 2>/dev/null |
	    sed -En 's/^\{"name": "([^"%]*)", "state": "('"$states"').*/\1/p')"})
	_wanted services expl service compadd -a names
}

_@PROGRAM@_limit()
{
	_wanted limits expl limit compadd -S '' @LIMITS@
}

_@PROGRAM@_ready()
{
	_alternative 'words:when:(exec notify fd pidfile)' 'times:when:compadd -S "" alive: fd: pidfile: tcp: unix: cmd:'
}

_@PROGRAM@_restart()
{
	_wanted words expl when compadd always on-failure never
}

_@PROGRAM@_schedule() { _wanted schedules expl schedule compadd @SCHEDULES@ }
_@PROGRAM@_text() { _message value }
_@PROGRAM@_file() { _files }
_@PROGRAM@_dir() { _files -/ }
_@PROGRAM@_user() { if compset -P '*:'; then _groups; else _users; fi }
_@PROGRAM@_group() { _groups }
_@PROGRAM@_command() { _command_names -e }

