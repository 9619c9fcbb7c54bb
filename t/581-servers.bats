#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Debian's servers under a supervisor: each is ready by a way of its own, and
# when it is said to be, it answers.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised
load servers

# is_kept ARG... -- CMD...: the server answers as soon as its start returns, as
# soon as `wait` does after it was killed, and as its supervisor is; each time
# the hook is told; and it is gone after stop.
is_kept()
{
	supervised --on-ready 'cat "$DAEMONIZE_RUNDIR/svc/pid" >>told' \
	    -E DAEMONIZE_RUNDIR="$scratch/run" -E DAEMONIZE_LOGDIR="$DAEMONIZE_LOGDIR" "$@"
	answers
	pid=$(<run/svc/pid)
	kill -KILL "$pid"
	eventually 5 gone "$pid"
	does 0 '' wait --ready --timeout 20s svc
	answers
	now=$(<run/svc/pid)
	((now != pid))
	remember "$now"
	eventually 5 has_lines 2 told
	[[ $(<told) == "$pid"$'\n'"$now" ]]
	kill -KILL "$super"
	eventually 5 gone "$super"
	answers
	does 0 "svc: adopted, pid $now" adopt svc
	super=$(supervisor)
	remember "$super"
	does 0 '' wait --ready --timeout 20s svc
	answers
	stops svc
	not answers
	nothing_runs
}

@test "redis: by systemd's protocol" {
	needs redis-server
	port=$(free_port)
	answers() { [[ $(greeting "$port" PING) == +PONG ]]; }
	is_kept --ready=notify -- redis-server --port "$port" \
	    --bind 127.0.0.1 --dir "$scratch" --save '' --supervised systemd
}

# bats test_tags=root
@test "sshd: by systemd's protocol" {
	root_only
	needs sshd ssh-keygen
	port=$(free_port)
	sshd_on "$port"
	answers() { [[ $(greeting "$port") == SSH-2.0-* ]]; }
	is_kept --ready=notify -- "${sshd[@]}"
}

@test "haproxy: by systemd's protocol, its workers with it" {
	needs haproxy
	port=$(free_port)
	cat >haproxy.cfg <<-EOF2
		defaults
			mode http
			timeout client 5s
			timeout server 5s
			timeout connect 5s
		frontend here
			bind 127.0.0.1:$port
			http-request return status 200 content-type text/plain string one
	EOF2
	answers() { [[ $(http_get "$port") == one ]]; }
	is_kept --ready=notify -- haproxy -Ws -f "$scratch/haproxy.cfg"
}

@test "memcached: by its socket" {
	needs memcached
	answers() { "$python" -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.send(b"version\r\n")
sys.exit(s.recv(7) != b"VERSION")' "$scratch/socket" 2>/dev/null; }
	is_kept --ready=unix:"$scratch/socket" -- memcached -u root -s "$scratch/socket"
}

@test "nginx: by its port" {
	needs nginx
	port=$(free_port)
	nginx_says "$port" one
	answers() { [[ $(http_get "$port") == one ]]; }
	is_kept --ready=tcp:127.0.0.1:"$port" -- nginx -e "$scratch/nginx.log" \
	    -c "$scratch/nginx.conf" -g 'daemon off;'
}

@test "nginx: by its pidfile, as it detaches" {
	needs nginx
	port=$(free_port)
	nginx_says "$port" one
	answers() { [[ $(http_get "$port") == one ]]; }
	is_kept --ready=pidfile -p "$scratch/nginx.pid" -- \
	    nginx -e "$scratch/nginx.log" -c "$scratch/nginx.conf"
}

@test "python3 -m http.server: by a command that asks it" {
	needs python3
	port=$(free_port)
	mkdir www
	echo one >www/index.html
	answers() { [[ $(http_get "$port") == one ]]; }
	is_kept --ready="cmd:curl -fsS http://127.0.0.1:$port/" -- \
	    "$python" -u -m http.server --bind 127.0.0.1 --directory www "$port"
}

# handed_over PID: another process is the service now, which has not been
# restarted, and is watched over like the first.
handed_over()
{
	eventually 10 gone "$1"
	eventually 5 pid_changes run/svc/pid "$1"
	new=$(<run/svc/pid)
	remember "$new"
	[[ $(<pidfile) == "$new" ]]
	eventually 5 answers
	is ready 0 svc
	[[ $output == *"watched   by pid $super, restart always, 0 so far"* ]] || told
	kill -KILL "$new"
	eventually 10 is_anew "$new"
	eventually 5 answers
	remember "$(<run/svc/pid)"
	stops svc
	nothing_runs
}

nginx_by_its_pidfile()
{
	needs nginx
	port=$(free_port)
	nginx_says "$port" one
	sed -i "s|^pid .*|pid $scratch/pidfile;|" nginx.conf
	answers() { [[ $(http_get "$port") == one ]]; }
	supervised --ready=pidfile:"$scratch/pidfile" -- \
	    "$(command -v nginx)" -e "$scratch/nginx.log" -c "$scratch/nginx.conf"
}

# nginx_upgrades PID: by its own means, and goes on as another process.
nginx_upgrades()
{
	kill -USR2 "$1"
	eventually 10 test -s pidfile.oldbin
	eventually 10 pid_changes pidfile "$1"
	kill -QUIT "$1"
	handed_over "$1"
}

@test "nginx: an upgrade of its own is followed, by its pidfile" {
	nginx_by_its_pidfile
	old=$(<run/svc/pid)
	nginx_upgrades "$old"
}

# bats test_tags=root
# bats test_tags=root
@test "nginx: so is one of an adopted nginx, by its control group" {
	root_only
	nginx_by_its_pidfile
	[[ -n $(record run/svc/state cgroup) ]] || skip 'no control group can be made'
	old=$(<run/svc/pid)
	kill -KILL "$super"
	eventually 5 gone "$super"
	does 0 "svc: adopted, pid $old" adopt svc
	super=$(supervisor)
	remember "$super"
	nginx_upgrades "$old"
}

@test "sshd: a reload that detaches anew is followed, by its pidfile" {
	root_only
	needs sshd ssh-keygen
	port=$(free_port)
	sshd_on "$port"
	answers() { [[ $(greeting "$port") == SSH-2.0-* ]]; }
	sshd=("${sshd[@]/-D/-q}")
	supervised --ready=pidfile:"$scratch/pidfile" -- \
	    "${sshd[@]/PidFile=none/PidFile=$scratch/pidfile}"
	old=$(<run/svc/pid)
	ctl reload svc
	expect_status 0
	handed_over "$old"
}
