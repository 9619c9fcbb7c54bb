#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Real programs from Debian's packages: started, answering, with the right
# pidfile, and gone after a stop.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load servers

setup()
{
	scratch_setup
	((EUID != 0)) || share_scratch
	p=$scratch/p
}

# begins ARG...: daemonize -p $p ARG... succeeds, and $pid, alone in the file,
# lives.
begins()
{
	run_fresh daemonize -p "$p" -o "$scratch/log" -e "$scratch/log" "$@"
	expect_status 0
	silent
	pid=$(<"$p")
	remember "$pid"
	printf '%s\n' "$pid" | cmp - "$p"
	alive "$pid"
}

# ends: daemonctl stops it, with its pidfile and all it had started.
ends()
{
	run_fresh daemonctl stop -p "$p"
	expect_status 0
	gone "$pid"
	[[ ! -e $p && -z $(strays) ]]
}

answers() { [[ $("$@") == "$answer" ]]; }

runs() { [[ $(readlink "/proc/$pid/exe") == "$(readlink -f "$(command -v "$1")")" ]]; }

@test "nginx in the foreground: serves, is what the pidfile says, is gone" {
	needs nginx
	port=$(free_port)
	nginx_says "$port" 'nginx $pid'
	begins nginx -e "$scratch/nginx.log" -c "$scratch/nginx.conf" \
	    -g 'daemon off;'
	runs nginx
	eventually 10 http_get "$port"
	[[ $(http_get "$port") == nginx\ * ]]
	[[ $(<"$scratch/nginx.pid") == "$pid" ]]
	ends
	not http_get "$port"
}

# bats test_tags=root
@test "redis as nobody: answers, is nobody's, is gone" {
	root_only
	needs redis-server
	port=$(free_port)
	mkdir "$scratch/redis"
	chown nobody "$scratch/redis"
	begins -u nobody -c "$scratch/redis" \
	    redis-server --port "$port" --bind 127.0.0.1 --save ''
	answer=+PONG
	eventually 10 answers greeting "$port" PING
	[[ $(stat -c %U "/proc/$pid") == nobody && $(stat -c %U "$p") == root ]]
	ends
}

@test "redis, started twice, is there once" {
	needs redis-server
	port=$(free_port) answer=+PONG
	begins redis-server --port "$port" --bind 127.0.0.1 --save '' \
	    --dir "$scratch"
	eventually 10 answers greeting "$port" PING
	run_fresh daemonize -p "$p" redis-server --port "$port"
	expect_status 3
	one_line_stderr "already running, pid $pid"
	answers greeting "$port" PING
	ends
}

@test "memcached: answers and is gone" {
	needs memcached
	port=$(free_port)
	user=(-u nobody)
	((EUID == 0)) || user=()
	begins "${user[@]}" memcached -l 127.0.0.1 -p "$port" -U 0
	runs memcached
	eventually 10 greeting "$port" version
	[[ $(greeting "$port" version) == VERSION\ * ]]
	ends
}

@test "python3 -m http.server: serves its working directory, logs, is gone" {
	needs python3
	port=$(free_port)
	mkdir "$scratch/www"
	echo hello >"$scratch/www/index.html"
	begins -c "$scratch/www" \
	    python3 -u -m http.server --bind 127.0.0.1 "$port"
	answer=hello
	eventually 20 answers http_get "$port"
	grep -q '"GET / HTTP/' "$scratch/log"
	ends
}

# bats test_tags=root
@test "sshd in the foreground: greets and is gone" {
	root_only
	needs sshd ssh-keygen
	port=$(free_port)
	sshd_on "$port"
	begins "${sshd[@]}"
	runs sshd
	eventually 10 greeting "$port"
	[[ $(greeting "$port") == SSH-2.0-* ]]
	ends
}

# bats test_tags=root
@test "cron in the foreground: waits for its minute and is gone" {
	root_only
	needs cron
	# cron locks a pidfile of its own that cannot be moved.
	unshare -m true || skip 'no mount namespace'
	begins unshare -m sh -c 'mount -t tmpfs none /run && exec cron -f'
	eventually 10 runs cron
	eventually 10 in_state "$pid" S
	ends
}

@test "a shell loop with children: all of it is gone" {
	begins sh -c 'condition "$1/a" pause & condition "$1/b" pause & wait' \
	    - "$scratch"
	eventually 5 test -e "$scratch/a"
	eventually 5 test -e "$scratch/b"
	run_fresh daemonctl stop -p "$p"
	expect_status 0
	gone "$(key "$scratch/a" pid)"
	gone "$(key "$scratch/b" pid)"
	[[ -z $(strays) && ! -e $p ]]
}

@test "a plain kill is enough: the next start takes the pidfile over" {
	begins condition "$scratch/c" pause
	eventually 5 test -e "$scratch/c"
	first=$pid
	kill -TERM "$pid"
	eventually 5 gone "$pid"
	begins condition "$scratch/c" pause
	((pid != first))
}

# super PROGRAM...: supervised in the foreground; its pid is in $super.
super()
{
	launch daemonize -F -r --ready exec -q "$@"
	super=$launched
}

# main_one: the number of what $super supervises.
main_one() { tr -d ' ' <"/proc/$super/task/$super/children"; }

@test "supervised, redis and nginx are back after SIGKILL, and gone after TERM" {
	needs redis-server
	needs nginx
	port=$(free_port) answer=+PONG
	super redis-server --port "$port" --bind 127.0.0.1 --save '' \
	    --dir "$scratch"
	for round in 1 2; do
		eventually 10 answers greeting "$port" PING
		kill -KILL "$(main_one)"
	done
	eventually 10 answers greeting "$port" PING
	kill -TERM "$super"
	eventually 10 gone "$super"
	not answers greeting "$port" PING

	port=$(free_port)
	nginx_says "$port" 'nginx $pid'
	super nginx -e "$scratch/nginx.log" -c "$scratch/nginx.conf" \
	    -g 'daemon off;'
	eventually 10 http_get "$port"
	# Its workers, who still hold the port, are ended first.
	was=$(main_one)
	kill -KILL "$was"
	eventually 10 not alive "$was"
	eventually 10 http_get "$port"
	now=$(main_one)
	[[ $(wc -w <"/proc/$now/task/$now/children") == 2 ]]
	kill -TERM "$super"
	eventually 10 gone "$super"
	not http_get "$port"
	[[ -z $(strays) ]]
}
