# Whether an option can stand here, with arguments: of these verbs.
function __daemonctl_options
    set -l words (__daemonctl_operands)
    contains -- -- $words
    and return 1
    not set -q argv[1]
    or not set -q words[1]
    or contains -- $words[1] $argv
end

function __daemonctl_verb
    test (count (__daemonctl_operands)) = 0
end

function __daemonctl_signal
    test "$(__daemonctl_operands)" = signal
end

function __daemonctl_service
    not __daemonctl_verb
    and not __daemonctl_signal
end

function __daemonctl_services
    set -l words (__daemonctl_operands)
    if contains -- $words[1] start forget
        __daemonctl_name 'stopped|exited|failed'
    else
        __daemonctl_name
    end
end

complete -c daemonctl -f
complete -c daemonctl -n __daemonctl_signal -a '@SIGNALS@'
complete -c daemonctl -n __daemonctl_service -a '(__daemonctl_services)'
@VERBS@
@OPTIONS@
