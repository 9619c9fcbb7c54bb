#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# make install and uninstall, and a program built against what was installed.

# Set by load, or for it.
# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl

setup()
{
	scratch_setup
	TEST_LIMIT=120
	watch_start
	src=$here/..
	dest=$scratch/dest
}

install_it()
{
	run_fresh make -s -C "$src" B="$BUILD" DESTDIR="$dest" PREFIX=/usr \
	    "$@" install
	expect_status 0
}

# compiler WORD...: which one make takes, run by env WORD...
compiler()
{
	env -u CC -u MAKEFLAGS -u MAKEOVERRIDES "$@" \
	    --eval 'compiler: ; @echo $(CC)' compiler
}

@test "the compiler is gcc, unless told otherwise" {
	[ "$(compiler make -s -C "$src")" = gcc ]
	[ "$(compiler CC=clang make -s -C "$src")" = clang ]
	[ "$(compiler make -s -C "$src" CC=clang)" = clang ]
}

@test "make install is complete" {
	install_it
	(cd "$dest" && find . -type f | sort) >"$scratch/files"
	local f
	for f in bin/daemonize bin/daemonctl \
	    libexec/daemonize/daemonize-supervisor lib/libdaemon.a \
	    lib/pkgconfig/libdaemon.pc include/libdaemon/init.h \
	    lib/libdaemon-supervise.a lib/pkgconfig/libdaemon-supervise.pc include/libdaemon/master.h \
	    share/man/man1/daemonize.1 share/man/man1/daemonctl.1 \
	    share/man/man3/libdaemon.3 share/man/man7/libdaemon.7 \
	    share/bash-completion/completions/daemonize \
	    share/bash-completion/completions/daemonctl \
	    share/zsh/site-functions/_daemonize \
	    share/zsh/site-functions/_daemonctl \
	    share/fish/vendor_completions.d/daemonize.fish \
	    share/fish/vendor_completions.d/daemonctl.fish \
	    share/doc/daemonize/README.md share/doc/daemonize/LICENSE \
	    share/doc/daemonize/INSTALL share/doc/daemonize/CHANGELOG.md \
	    share/doc/daemonize/examples/demo.sh \
	    share/doc/daemonize/examples/web.init \
	    share/doc/daemonize/examples/feed.init \
	    share/doc/daemonize/examples/feed.rc \
	    share/doc/daemonize/examples/exporter.init; do
		grep -qx "./usr/$f" "$scratch/files" || {
			echo "not installed: $f" >&2
			return 1
		}
	done
	# Every manual, every public header, and nothing outside of the prefix.
	for f in "$src"/man/*.[137]; do
		grep -q "/${f##*/}$" "$scratch/files"
	done
	not grep -qv '^\./usr/' "$scratch/files"
	# Debian's libdaemon has the shared one's name.
	not grep -q 'libdaemon\.so' "$scratch/files"
}

@test "what is installed has the modes of a system's files" {
	umask 077
	install_it
	[ -z "$(find "$dest/usr" -type f -path '*/bin/*' ! -perm 755)" ]
	[ -z "$(find "$dest/usr" -type f ! -path '*/bin/*' \
	    ! -path '*/libexec/*' ! -perm 644)" ]
}

@test "what is installed runs" {
	install_it
	run_fresh "$dest/usr/bin/daemonize" -n web sleep 60
	expect_status 0
	run_fresh "$dest/usr/bin/daemonctl" stop web
	expect_status 0
	# the supervisor beside it, not that of the build
	run_fresh "$dest/usr/bin/daemonize" -n web -r sleep 60
	expect_status 0
	[[ $(readlink "/proc/$(ps -o ppid= "$(<"$scratch/run/web/pid")" | tr -d ' ')/exe") == \
	    "$(realpath "$dest")/usr/libexec/daemonize/daemonize-supervisor" ]]
	run_fresh "$dest/usr/bin/daemonctl" stop web
	expect_status 0
}

@test "nothing installed names the tree it was built in" {
	install_it
	local tree
	tree=$(cd "$src" && pwd)
	not grep -rlF "$tree/" "$dest/usr/share" "$dest/usr/lib/pkgconfig" \
	    "$dest/usr/include"
}

@test "the installed headers need nothing that is not installed" {
	install_it
	local h
	for h in "$dest"/usr/include/libdaemon/*.h; do
		echo "#include <libdaemon/${h##*/}>" |
		    gcc -std=c11 -D_GNU_SOURCE -Wall -Wextra -pedantic -Werror \
			-I"$dest/usr/include" -fsyntax-only -x c -
	done
}

@test "the master of the manual builds against what is installed, and serves under load" {
	needs pkg-config gcc
	[[ -z ${SANITIZE:-} ]] || skip 'the library is instrumented'
	install_it
	sed -n '/^\.Bd -literal$/,/^\.Ed/p' "$src/man/daemon_master.3" |
	    sed '1d;$d;s/\\e/\\/g' >"$scratch/greeter.c"
	local flags
	flags=$(PKG_CONFIG_SYSROOT_DIR=$dest PKG_CONFIG_PATH=$dest/usr/lib/pkgconfig \
	    pkg-config --cflags --libs libdaemon-supervise)
	# shellcheck disable=SC2086 # a list of flags
	gcc -std=gnu11 -Wall -Wextra -pedantic -Werror -o "$scratch/greeter" \
	    "$scratch/greeter.c" $flags
	port=$(free_port)
	greets() { "$python" -c '
import socket, sys, time
end, n, bad, last = time.time() + float(sys.argv[2]), 0, 0, b""
while True:
	try: last = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5).recv(99)
	except OSError: last = b""
	n += 1; bad += not last
	if time.time() > end: break
print(bad, last.decode().strip())' "$port" "$1" 2>/dev/null; }
	launch "$scratch/greeter" "127.0.0.1:$port"
	local master=$launched i
	eventually 5 eval '[[ $(greets 0) == "0 hello" ]]' || { cat "$scratch/greeter.err"; false; }
	for i in $(ps -o pid= --ppid "$master"); do remember "$i"; done
	greets 4 >"$scratch/greeted" 3>&- &
	for i in 1 2 3 4 5 6 7 8 9 10; do
		echo "again $i" >greeting
		run_fresh daemonctl reload greeter
		expect_status 0
		run_fresh daemonctl scale greeter $((4 + i % 2))
		expect_status 0
	done
	wait $!
	[[ $(<"$scratch/greeted") == '0 again 10' ]] || { cat "$scratch/greeted"; false; }
	# its workers do not outlive it
	local pid workers
	workers=$(ps -o pid= --ppid "$master")
	kill -KILL "$master"
	for pid in $workers; do eventually 5 gone "$pid"; done
	run_fresh daemonctl stop greeter
	expect_status 0
}

@test "a C program builds against what is installed, and becomes a daemon" {
	needs pkg-config gcc
	[[ -z ${SANITIZE:-} ]] || skip 'the library is instrumented'
	install_it
	cat >"$scratch/small.c" <<-'C'
	#include <libdaemon/init.h>

	#include <stdio.h>
	#include <unistd.h>

	int
	main(int argc, char **argv)
	{
		struct daemon_options o = { .name = "small" };
		FILE *f;

		if (argc != 2 || daemon_init(&o) == -1)
			return 1;
		f = fopen(argv[1], "w");
		if (f == NULL || fprintf(f, "%ld\n", (long)getpid()) < 0 ||
		    fclose(f) == EOF)
			return 1;
		pause();
		return 0;
	}
	C
	local flags
	flags=$(PKG_CONFIG_SYSROOT_DIR=$dest \
	    PKG_CONFIG_LIBDIR=$dest/usr/lib/pkgconfig \
	    pkg-config --cflags --libs libdaemon)
	# shellcheck disable=SC2086 # a list of flags
	gcc -Wall -Wextra -Werror -o "$scratch/small" "$scratch/small.c" $flags
	[ "$(PKG_CONFIG_LIBDIR=$dest/usr/lib/pkgconfig \
	    pkg-config --modversion libdaemon)" = \
	    "$(daemonize --version | cut -d ' ' -f 2)" ]
	run_fresh "$scratch/small" "$scratch/pid"
	expect_status 0
	eventually 5 test -s "$scratch/pid"
	local pid
	read -r pid <"$scratch/pid"
	remember "$pid"
	alive "$pid"
	[ "$(readlink "/proc/$pid/cwd")" = / ]
}

@test "uninstall leaves nothing" {
	install_it
	run_fresh make -s -C "$src" B="$BUILD" DESTDIR="$dest" PREFIX=/usr \
	    uninstall
	expect_status 0
	[ -z "$(find "$dest" -type f)" ]
	[ ! -d "$dest/usr/include/libdaemon" ]
	[ ! -d "$dest/usr/share/doc/daemonize" ]
}

@test "uninstall leaves alone what is not ours" {
	install_it
	: >"$dest/usr/bin/other"
	: >"$dest/usr/share/man/man1/other.1"
	run_fresh make -s -C "$src" B="$BUILD" DESTDIR="$dest" PREFIX=/usr \
	    uninstall
	expect_status 0
	[ "$(find "$dest" -type f | wc -l)" -eq 2 ]
}

@test "another PREFIX is honoured, also by the pkg-config file" {
	install_it
	install_it PREFIX=/opt/d
	grep -qx 'prefix=/opt/d' "$dest/opt/d/lib/pkgconfig/libdaemon.pc"
	grep -qx 'prefix=/usr' "$dest/usr/lib/pkgconfig/libdaemon.pc"
	[ -x "$dest/opt/d/bin/daemonize" ]
}
