# bash completion for @PROGRAM@(1), made from its option table.

# The words up to the cursor, whole, though bash cuts them at "=", ":" and
# "@": those before it in words, and where each begins in COMP_WORDS in at;
# the one under it in cur.
_@PROGRAM@_words()
{
	local line=${COMP_LINE:0:COMP_POINT} i w
	words=() at=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		w=${COMP_WORDS[i]}
		if ((i == 0)) || [[ -z $line || $line == [[:blank:]]* ]]; then
			line=${line#"${line%%[![:blank:]]*}"}
			words+=("") at+=("$i")
		fi
		((i < COMP_CWORD)) || w=$line
		words[-1]+=$w
		line=${line#"$w"}
	done
	cur=${words[-1]}
	unset 'words[-1]'
}

# kind: what the value of an option is; empty for flags.
_@PROGRAM@_kind()
{
	case $1 in
@KINDS@
	*) kind= ;;
	esac
}

# The option words[i] and its value are passed: i is on the next word, and
# past the end if the value is still to come, of the kind in kind.  That of
# --rundir is kept: it is where the names are.
_@PROGRAM@_option()
{
	local w=${words[i++]} j
	kind=
	case $w in
	--rundir=*) rundir=${w#*=} ;;
	--*=*) ;;
	--*)
		_@PROGRAM@_kind "$w"
		[[ $w != --rundir ]] || rundir=${words[i]-}
		[[ -z $kind ]] || ((i++))
		;;
	*)
		for ((j = 1; j < ${#w}; j++)); do
			_@PROGRAM@_kind "-${w:j:1}"
			[[ -n $kind ]] || continue
			((j < ${#w} - 1)) || ((i++))
			break
		done
		;;
	esac
}

# Among the words given, those that begin with $cur, after $before.
_@PROGRAM@_among()
{
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "${cur#"$before"}")
}

# Those in one of $states, if it is set.
_@PROGRAM@_names()
{
	local in=()
	[[ -z $rundir ]] || in=(--rundir "${rundir/#~\//$HOME/}")
	_@PROGRAM@_among "$(daemonctl list --json "${in[@]}" 2>/dev/null |
	    sed -En 's/^\{"name": "([^"%]*)", "state": "('"$states"').*/\1/p')"
}

# A value of the kind in kind, after $before.
_@PROGRAM@_value()
{
	local how=
	case $kind in
	name) _@PROGRAM@_names ;;
	limit) _@PROGRAM@_among '@LIMITS@' ;;
	ready) _@PROGRAM@_among 'exec alive: notify fd fd: pidfile pidfile: tcp: unix: cmd:' ;;
	restart) _@PROGRAM@_among 'always on-failure never' ;;
	schedule) _@PROGRAM@_among '@SCHEDULES@' ;;
	file) how=-f ;;
	dir) how=-d ;;
	user)
		how=-u
		if [[ ${cur#"$before"} == *:* ]]; then
			before=${cur%"${cur#*:}"}
			how=-g
		fi
		;;
	group) how=-g ;;
	command) how=-c ;;
	esac
	[[ $kind != file && $kind != dir ]] || compopt -o filenames
	[[ -z $how ]] ||
	    mapfile -t COMPREPLY < <(compgen "$how" -- "${cur#"$before"}")
}

# An option, or the value in --option=value.
_@PROGRAM@_dashed()
{
	if [[ $cur == --*=* ]]; then
		before=${cur%%=*}=
		_@PROGRAM@_kind "${cur%%=*}"
		_@PROGRAM@_value
	else
		_@PROGRAM@_among "$offered"
	fi
}

# What bash shall put in place of its own idea of the word.
_@PROGRAM@_offer()
{
	local cut=${COMP_WORDBREAKS//[^=:@]/} have='' i
	[[ -z $cut || $cur != *["$cut"]* ]] || have=${cur%"${cur##*["$cut"]}"}
	for i in "${!COMPREPLY[@]}"; do
		COMPREPLY[i]=$before${COMPREPLY[i]}
		COMPREPLY[i]=${COMPREPLY[i]#"$have"}
	done
	[[ ${COMPREPLY-} != *[=:] ]] || compopt -o nospace
}

