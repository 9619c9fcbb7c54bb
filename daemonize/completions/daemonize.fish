function __daemonize_options
    test -z "$(__daemonize_operands first)"
end

# The command itself, and then what it completes.
function __daemonize_rest
    set -l words (__daemonize_operands first)
    test "$words[1]" = --
    and set -e words[1]
    set -a words (commandline -ct)
    set -q words[2]
    or not string match -q -- '-*' $words
    and complete --do-complete=(string join ' ' -- $words)
end

complete -c daemonize -f
complete -c daemonize -a '(__daemonize_rest)'
@OPTIONS@
