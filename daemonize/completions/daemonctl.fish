function __daemonctl_options
    not contains -- -- (__daemonctl_operands)
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

complete -c daemonctl -f
complete -c daemonctl -n __daemonctl_signal -a '@SIGNALS@'
complete -c daemonctl -n __daemonctl_service -a '(__daemonctl_name)'
@VERBS@
@OPTIONS@
