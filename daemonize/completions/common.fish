# fish completion for @PROGRAM@(1), made from its option table.

# The value of --rundir before the cursor, or nothing.
function __@PROGRAM@_rundir
    set -l words (commandline -opc)
    set -l dir
    while set -q words[1]
        switch $words[1]
            case '--rundir=*'
                set dir (string replace -- --rundir= '' $words[1])
            case --rundir
                set dir $words[2]
        end
        set -e words[1]
    end
    string replace -r '^~(?=/)' $HOME -- $dir
end

function __@PROGRAM@_name
    daemonctl list --json --rundir=(__@PROGRAM@_rundir) 2>/dev/null |
        string replace -fr '^\{"name": "([^"%]*)", "state": "('"$argv[1]"').*' '$1'
end

function __@PROGRAM@_ready
    string split ' ' 'exec alive: notify fd fd: pidfile pidfile: tcp: unix: cmd:'
end

function __@PROGRAM@_restart
    string split ' ' 'always on-failure never'
end

function __@PROGRAM@_schedule
    string split ' ' '@SCHEDULES@'
end

function __@PROGRAM@_limit
    string split ' ' '@LIMITS@'
end

function __@PROGRAM@_text
end

function __@PROGRAM@_dir
    __fish_complete_directories
end

function __@PROGRAM@_user
    __fish_complete_users
end

function __@PROGRAM@_group
    __fish_complete_groups
end

function __@PROGRAM@_command
    complete --do-complete=(commandline -ct | string replace -r '^--[^=]*=' '')
end

# The words before the cursor without the options and their values; "--"
# stays, and with "first" all from the first of them on.
function __@PROGRAM@_operands
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        switch $words[1]
            case --
                string escape -- $words
                return
            case '-?*'
                if contains -- $words[1] @VALUES@
                    or string match -qr '^-[@FLAGS@]*[^-@FLAGS@]$' -- $words[1]
                    set -e words[1]
                end
                set -e words[1]
            case '*'
                if test "$argv[1]" = first
                    string escape -- $words
                    return
                end
                string escape -- $words[1]
                set -e words[1]
        end
    end
end

