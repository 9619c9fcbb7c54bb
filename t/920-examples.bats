#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# What the manuals, the README and the examples tell people to type works.

# Set by load, or for it.
# shellcheck disable=SC2013,SC2016,SC2034,SC2154
load helper
load servers

setup()
{
	scratch_setup
	src=$here/..
	mkdir -p "$scratch"/bin "$scratch"/root/{run,etc,tmp,var/log,usr/sbin} \
	    "$scratch"/root/srv/mail/bin "$scratch"/root/srv/web "$scratch"/root/srv/www
	: >"$scratch/root/srv/mail/mail.conf"
	: >"$scratch/root/etc/mail.env"
	cp "$(command -v sleep)" "$scratch/root/usr/sbin/otherd"
	printf '#!/bin/sh\n[ "$1" = --once ] && exit\nexec sleep 60\n' \
	    >"$scratch/bin/feed"
	cp "$scratch/bin/feed" "$scratch/bin/gunicorn"
	command -v nginx >/dev/null || cp "$scratch/bin/feed" "$scratch/bin/nginx"
	cp "$scratch/bin/feed" "$scratch/root/srv/mail/bin/mail"
	chmod 755 "$scratch"/bin/* "$scratch"/root/srv/mail/bin/*
	PATH=$scratch/bin:$PATH
	port=$(free_port) second=$(free_port) third=$(free_port)
	nginx_conf '' "listen 0.0.0.0:$third; return 200 hello;"
	mv "$scratch/nginx.conf" "$scratch/root/srv/www/"
	share_scratch
	cd "$scratch" || return
}

# here_in_scratch: the machine's paths and ports become the test's own.
here_in_scratch()
{
	sed "s#/\(run\|etc\|tmp\|srv\|var/log\|usr/sbin\)/#$scratch/root&#g
	    s/\<8017\>/$port/g; s/\<8018\>/$second/g; s/\<8019\>/$third/g; s/--user root/--user $(id -un)/" |
	    if ((EUID == 0)); then cat; else sed 's/-u www-data//'; fi
}

# examples PAGE: the commands of its EXAMPLES, as a script.
examples()
{
	awk '/^\.Sh/ { on = /EXAMPLES/ } /^\.Ed/ { in_bd = 0 }
		on && in_bd; /^\.Bd/ { in_bd = 1 }' "$src/man/$1.1" |
	    sed 's/^[$>] //; s/\\e/\\/g' | here_in_scratch
}

# run_examples PAGE AT_LEAST
run_examples()
{
	examples "$1" >"$scratch/script"
	[ "$(wc -l <"$scratch/script")" -ge "$2" ]
	run_fresh bash -e "$scratch/script"
	expect_status 0
}

@test "the examples of daemonize(1) work" {
	run_examples daemonize 12
	[ -z "$stderr" ]
}

@test "the examples of daemonctl(1) work" {
	launch "$scratch/root/usr/sbin/otherd" 60
	echo "$launched" >"$scratch/root/run/otherd.pid"
	run_examples daemonctl 12
	gone "$launched"
}

# displays PAGE BEGIN END: what it shows as code between these two headings.
displays()
{
	sed -n "/^\.Sh $2/,/^\.Sh $3/p" "$src/man/$1.3" |
	    awk '/^\.Ed/ { on = 0 } on; /^\.Bd -literal/ { on = 1 }' |
	    sed 's/^\\&\.\.\.$/;/; s/\\e/\\/g'
}

# compiles FILE
compiles()
{
	"${CC:-gcc}" -std=gnu11 -Wall -Wextra -Werror -I "$src" -c \
	    -o "$scratch/example.o" "$1"
}

@test "the examples of daemon_*(3) compile with the headers of their page" {
	local page
	for page in "$src"/man/daemon_*.3; do
		page=${page##*/}
		page=${page%.3}
		displays "$page" EXAMPLES ERRORS >"$scratch/code"
		[ "$(wc -l <"$scratch/code")" -ge 2 ]
		if grep -q '^main(' "$scratch/code"; then # it is whole
			cp "$scratch/code" "$scratch/$page.c"
			compiles "$scratch/$page.c"
			continue
		fi
		{
			# shellcheck disable=SC2046 # words
			printf '#include <%s>\n' err.h errno.h unistd.h \
			    $(sed -n 's/^\.In //p' "$src/man/$page.3")
			# What is the reader's to write.
			echo 'int open_it_myself(void);'
			echo 'void open_what_only_root_can(void);'
			echo 'void example(void);'
			echo 'void example(void) {'
			cat "$scratch/code"
			echo '}'
		} >"$scratch/$page.c"
		compiles "$scratch/$page.c"
	done
}

@test "daemon_user(3) shows the structure as it is" {
	displays daemon_user DESCRIPTION EXAMPLES >"$scratch/shown"
	members "$scratch/shown" >"$scratch/manual"
	[ "$(wc -l <"$scratch/manual")" -eq 6 ]
	members "$src/libdaemon/user.h" | diff - "$scratch/manual"
}

# members FILE: those of struct daemon_user there, without the comments.
members()
{
	sed -n '/^struct daemon_user {/,/^};/p' "$1" |
	    sed 's#[[:blank:]]*/\*.*\*/##; 1d; $d'
}

# normal: numbers and the machine's own, made alike.
normal()
{
	sed -E "s#$scratch/root##g; s/[0-9]+(\.[0-9]+)?/N/g; s/N:N:N/TIME/g
	    s/\(Ns\)|\bNs\b/N s/g; s/ +/ /g; s/ \$//; s/NM|NK/NB/g"
}

# happens HEADING: the commands below it in the README say what is there.
happens()
{
	awk -v heading="$1" '/^## / { on = index($0, heading) } on && /^    /' \
	    "$src/README.md" | sed 's/^    //' >"$scratch/tour"
	[ "$(grep -c '^\$ ' "$scratch/tour")" -ge 6 ]
	local line
	while read -r line; do
		printf '$ %s\n' "$line"
		here_in_scratch <<<"$line" >"$scratch/line"
		DAEMONIZE_LOGDIR=$scratch/root/var/log/daemonize \
		    bash "$scratch/line" 2>&1 3>&- || :
	done < <(sed -n 's/^\$ //p' "$scratch/tour") >"$scratch/got"
	diff <(normal <"$scratch/tour") \
	    <(sed "s/\<$port\>/8017/g" "$scratch/got" | normal)
}

@test "the README's tour is what happens" {
	root_only 'it says who started it'
	happens tour
}

@test "the README's service is kept running as it says" {
	root_only 'it says who started it'
	needs systemd-notify
	happens 'Kept running'
}

@test "the README's workers are what it says" {
	root_only 'it says who started it'
	happens 'Several of it'
}

@test "the README's old letters start what serves, and stop it" {
	needs python3
	awk '/^## / { on = /letters/ } on && /^    /' "$src/README.md" |
	    here_in_scratch >"$scratch/letters"
	[ "$(wc -l <"$scratch/letters")" -eq 2 ]
	: >"$scratch/root/srv/web/index.html"
	run_fresh bash -c "$(sed -n 1p "$scratch/letters")"
	expect_status 0
	silent
	eventually 5 http_get "$port"
	eventually 5 grep -q GET "$scratch/root/var/log/web.log"
	run_fresh bash -c "$(sed -n 2p "$scratch/letters")"
	expect_status 0
	[[ $output == *': stopped in '* ]]
	[ -z "$(strays)" ]
}

@test "what the README calls by name is there" {
	local path
	for path in $(grep -o '`[a-z]*/[a-zA-Z0-9_/.-]*`' "$src/README.md" |
	    tr -d '`'); do
		[ -e "$src/$path" ] || {
			echo "README: $path is not there" >&2
			return 1
		}
	done
	for path in $(grep -o '`make [a-z]*`' "$src/README.md" "$src/INSTALL" |
	    sed 's/.*make //; s/`//'); do
		grep -q "^$path:" "$src/GNUmakefile"
	done
}

@test "the demo shows a daemon and leaves nothing behind" {
	needs python3
	mkdir "$scratch/t"
	TMPDIR=$scratch/t run_fresh sh "$src/daemonize/examples/demo.sh"
	expect_status 0
	[[ $output == *'Hello from a daemon.'* ]]
	[[ $output == *'demo: ready, pid '* ]]
	[[ $output == *'demo: stopped in '* ]]
	[ -z "$stderr" ]
	[ -z "$(ls "$scratch/t")" ]
	[ -z "$(strays)" ]
}

@test "the demo fails where the daemon does" {
	needs python3
	mkdir "$scratch/t" "$scratch/broken"
	printf '#!/bin/sh\n[ "$1" = -c ] && { echo 1; exit; }\nexit 3\n' \
	    >"$scratch/broken/python3"
	chmod 755 "$scratch/broken/python3"
	TMPDIR=$scratch/t PATH=$scratch/broken:$PATH \
	    run_fresh sh "$src/daemonize/examples/demo.sh"
	expect_status 4
	[ -z "$(ls "$scratch/t")" ]
	[ -z "$(strays)" ]
}

# web VERB STATUS: the init script.
web()
{
	run_fresh sh "$scratch/web" "$1"
	expect_status "$2"
}

# bats test_tags=root
@test "the init script starts, is asked, reloads and stops as the LSB says" {
	root_only
	here_in_scratch <"$src/daemonize/examples/web.init" |
	    sed "s/^COMMAND=.*/COMMAND=feed/
		s#^PATH=#PATH=$BUILD:$scratch/bin:#" >"$scratch/web"
	web status 3
	web stop 0
	web try-restart 0
	[ -z "$(strays)" ]
	web start 0
	web start 0
	web status 0
	[[ $output == 'web: ready, pid '* ]]
	web reload 3
	web restart 0
	web try-restart 0
	web stop 0
	web stop 0
	web status 3
	[ -z "$(strays)" ]
	web nonsense 2
	sed -i "s/^COMMAND=.*/COMMAND=not-installed/" "$scratch/web"
	web start 5
	sed -i "s/^COMMAND=.*/COMMAND=false/" "$scratch/web"
	web start 1
}
