#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Sockets that outlive the processes they are for: --listen.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised
load 546-keeper
load servers

# serves ARG...: svc answers at its first socket, 127.0.0.1:$port, with its pid, and prints
# what it was given.
serves()
{
	cat >server <<'END'
import os, socket, sys
assert int(os.environ["LISTEN_PID"]) == os.getpid()
print(os.environ["LISTEN_FDS"], os.environ["LISTEN_FDNAMES"], os.environ.get("NGINX"), *sys.argv[1:], flush=True)
s = socket.socket(fileno=3)
s.setblocking(True) # nginx is given others
while True:
	c, _ = s.accept()
	c.sendall(b"%d" % os.getpid())
	c.close()
END
	port=$(free_port)
	logged=${logged---log=$scratch/log} supervised --listen "127.0.0.1:$port" "$@"
}

# answers: who does, at the port.
answers()
{
	"$python" -c '
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
print(s.recv(99).decode())' "$port"
}

# asks SECONDS: how many of the connections of so long were refused, or not answered.
asks()
{
	"$python" -c '
import socket, sys, time
end, bad, n = time.time() + float(sys.argv[2]), 0, 0
while time.time() < end:
	try:
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
		s.settimeout(10)
		bad += s.recv(99) == b""
		s.close()
	except OSError:
		bad += 1
	n += 1
assert n > 10
print(bad)' "$port" "$1"
}

@test "a command gets its sockets as systemd gives them, and by its arguments" {
	serves --listen api=unix:sock --listen-env=nginx -- "$python" server '{fd:api}' 'at={fd:api}{fd' '{fd:'
	eventually 5 test -s log
	[[ $(<log) == "2 $port:api 3;4; 4 at=4{fd {fd:" ]]
	[[ $(answers) == "$(<run/svc/pid)" ]]
	[[ $(stat -c %a sock) == 660 ]]
	ctl status svc
	[[ $output == *"listens   127.0.0.1:$port"$'\n'"            api=unix:$scratch/sock,mode=660"* ]] || told
	ctl status --json svc
	json "assert o[0]['listen'] == ['127.0.0.1:$port', 'api=unix:$scratch/sock,mode=660']"
	ctl show svc
	[[ $output == *" --listen 127.0.0.1:$port --listen api=unix:$scratch/sock,mode=660 --listen-env nginx "* ]] || told
	stops svc
	[[ ! -e sock && ! -e run/svc/sockets ]]
	nothing_runs
	run_fresh answers
	((status != 0))
}

@test "no connection is refused, whatever is restarted or killed" {
	serves -- "$python" server
	asks 6 >bad 3>&- &
	asking=$!
	for i in 1 2 3; do
		ctl restart svc
		expect_status 0
		kill -KILL "$(<run/svc/pid)"
		eventually 5 eval 'is ready 0 svc'
		old=$(supervisor)
		kill -KILL "$old"
		eventually 5 another_supervisor_than "$old"
		k=$(keeper)
		kill -KILL "$k"
		eventually 5 another_than "$k"
	done
	ctl upgrade svc
	expect_status 0
	ctl restart svc
	expect_status 0
	wait "$asking"
	# who is killed with a connection in its hands has lost that one
	(($(<bad) <= 7)) || { cat bad; false; }
	stops svc
	nothing_runs
}

@test "a socket that somebody has shut down listens again for the next" {
	cat >shutter <<'END'
import os, socket
s = socket.socket(fileno=3)
c, _ = s.accept()
s.shutdown(socket.SHUT_RDWR)
c.sendall(b"shut")
END
	port=$(free_port)
	logged='' supervised --listen "127.0.0.1:$port" --restart-delay=50ms -- "$python" shutter
	for i in 1 2 3; do
		eventually 5 eval '[[ $(answers 2>/dev/null) == shut ]]'
	done
	ctl stop svc
	expect_status 0
}

@test "a socket that somebody has connected hears everybody again for the next" {
	cat >one <<'END'
import socket
s = socket.socket(fileno=3)
_, a = s.recvfrom(99)
s.sendto(b"only you", a)
s.connect(a)
END
	cat >asks <<'END'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(1)
s.sendto(b"x", ("127.0.0.1", int(sys.argv[1])))
print(s.recv(99).decode())
END
	port=$(free_port)
	logged='' supervised --listen "udp:127.0.0.1:$port" --restart-delay=50ms -- "$python" one
	for i in 1 2 3; do
		eventually 5 eval '[[ $("$python" asks "$port" 2>/dev/null) == "only you" ]]'
	done
	ctl stop svc
	expect_status 0
}

@test "its supervisor dies during a restart: it is done all the same" {
	serves --ready=alive:50ms -- "$python" server
	for ms in 002 006 010 014 018 022 026 030; do
		gone=$(record run/svc/public supervisor)
		daemonctl restart svc >said 2>&1 3>&- &
		sleep "0.$ms"
		kill -KILL "$gone"
		wait $! || { cat said; false; }
		eventually 5 answers
		eventually 5 is ready 0 svc
		remember "$(record run/svc/public supervisor)" "$(<run/svc/pid)"
	done
	stops svc
	nothing_runs
}

@test "both are killed: the next supervisor takes them from the command" {
	serves -- "$python" server
	old=$(supervisor)
	kill -STOP "$(keeper)"
	kill -KILL "$old" "$(keeper)"
	eventually 5 gone "$old"
	ctl adopt svc
	expect_status 0
	[[ $(answers) == "$(<run/svc/pid)" ]]
	ctl restart svc
	expect_status 0
	[[ $(answers) == "$(<run/svc/pid)" ]]
	stops svc
}

@test "both are killed, and the command has put another in its place: that is not taken" {
	cat >swap <<'END'
import os, socket, time
other = socket.create_server(("127.0.0.1", 0))
os.dup2(3, 10)
os.dup2(other.fileno(), 3)
time.sleep(600)
END
	port=$(free_port)
	logged=--log=none supervised --listen "127.0.0.1:$port" -- "$python" swap
	super=$(supervisor)
	remember "$super" "$(<run/svc/pid)" "$(keeper)"
	kill -STOP "$(keeper)"
	kill -KILL "$super" "$(keeper)"
	eventually 5 gone "$super"
	ctl adopt svc
	expect_status 1
	[[ $stderr == *"127.0.0.1:$port: nobody has its sockets any more: stop it, and start it" ]] || told
	ctl stop svc
	expect_status 0
}

@test "all of it is killed: who adopts it opens them anew" {
	serves --listen unix:sock --ready=alive:50ms -- "$python" server
	gone=$(<run/svc/pid)
	kill -STOP "$super"
	kill -KILL "$gone" "$(keeper)" "$super"
	eventually 5 gone "$gone"
	ctl adopt svc
	expect_status 0
	eventually 5 answers
	[[ -S sock ]]
	remember "$(record run/svc/public supervisor)" "$(<run/svc/pid)" "$(keeper)"
	stops svc
	nothing_runs
}

@test "stopped without a supervisor, or started after both were killed: nothing is in the way" {
	for log in none "$scratch/log"; do
		logged=--log=$log serves --listen unix:sock -- "$python" server
		kill -STOP "$(keeper)"
		old=$(supervisor)
		kill -KILL "$old" "$(keeper)"
		eventually 5 gone "$old"
		ctl stop svc
		expect_status 0
		[[ ! -e sock && ! -e run/svc/sockets ]]
		run_fresh answers
		((status != 0))
		nothing_runs
		logged=--log=$log serves -- "$python" server
		kill -STOP "$(keeper)"
		kill -KILL "$(supervisor)" "$(keeper)" "$(<run/svc/pid)"
		eventually 5 gone "$(<run/svc/pid)"
		ctl start svc
		expect_status 0
		[[ $(answers) == "$(<run/svc/pid)" ]]
		remember "$(supervisor)" "$(<run/svc/pid)" "$(keeper)"
		stops svc
	done
}

@test "a keeper that keeps no log holds them, too" {
	logged=--log=none serves -- "$python" server
	k=$(keeper)
	alive "$k"
	old=$(supervisor)
	kill -KILL "$old"
	eventually 5 another_supervisor_than "$old"
	[[ $(answers) == "$(<run/svc/pid)" ]]
	ctl restart svc
	expect_status 0
	[[ $(answers) == "$(<run/svc/pid)" ]]
	stops svc
	nothing_runs
}

@test "in the foreground, and all of this machine" {
	port=$(free_port)
	launch daemonize -F -r --listen "web=:$port" "$python" -c '
import os, socket
assert os.environ["LISTEN_FDNAMES"] == "web"
s = socket.socket(fileno=3)
while True:
	c, _ = s.accept()
	c.sendall(b"%d" % os.getpid())
	c.close()'
	eventually 5 answers
	kill -TERM "$launched"
	eventually 5 gone "$launched"
	nothing_runs
}

@test "what cannot be had is told before anything is started" {
	serves -- "$python" server
	refused='run_fresh daemonize -n other -c . --listen'
	$refused ":$port" touch started
	expect_status 1
	[[ $stderr =~ ^daemonize:\ listen:\ :$port:\ pid\ [0-9]+\ has\ it$ ]] || told
	$refused "127.0.0.1:$(free_port)" --listen "127.0.0.1:$port" --listen unix:new touch started
	expect_status 1
	[[ $stderr =~ "$port: pid "[0-9]+' has it' && ! -e new ]] || told
	: >file
	$refused unix:file touch started
	[[ $stderr == "daemonize: listen: unix:$scratch/file,mode=660: something else is there" ]] || told
	$refused 192.0.2.1:80 touch started
	[[ $stderr == 'daemonize: listen: 192.0.2.1:80: Cannot assign requested address' ]] || told
	[[ ! -e started ]]
	stops svc
}

@test "the file of a socket: left by the dead, or of the living, and in whose directory" {
	"$python" -c 'import socket; socket.socket(socket.AF_UNIX).bind("sock")'
	[[ -S sock ]]
	run_fresh daemonize -n one -c . --log=none --listen unix:sock,mode=600 sleep 600
	expect_status 0
	remember "$(record run/one/public supervisor)" "$(<run/one/pid)"
	[[ $(stat -c %a sock) == 600 ]]
	run_fresh daemonize -n two -c . --log=none --listen unix:sock sleep 600
	expect_status 1
	[[ $stderr =~ :\ pid\ ([0-9]+)\ has\ it$ ]] || told
	[[ " $(record run/one/public supervisor) $(record run/one/public keeper) $(<run/one/pid) " == *" ${BASH_REMATCH[1]} "* ]]
	ctl stop one
	[[ ! -e sock ]]
	"$python" -c 'import socket, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("other")
time.sleep(60)' 3>&- &
	holder=$!
	remember "$holder"
	eventually 5 test -S other
	run_fresh daemonize -n two -c . --log=none --listen unix:other sleep 600
	expect_status 1
	[[ -S other && $stderr == "daemonize: listen: unix:$scratch/other,mode=660: somebody listens there" ]] || told
	kill "$holder"
	mkdir -m 777 theirs
	run_fresh daemonize -n two -c . --log=none --listen unix:theirs/sock sleep 600
	expect_status 1
	[[ ! -e theirs/sock ]]
}

# bats test_tags=root
@test "its owner and its group" {
	root_only
	run_fresh daemonize -n one -c . --log=none --listen unix:sock,mode=620,owner=nobody:daemon sleep 600
	expect_status 0
	remember "$(record run/one/public supervisor)" "$(<run/one/pid)"
	[[ $(stat -c '%a %U %G' sock) == '620 nobody daemon' ]]
	ctl stop one
	run_fresh daemonize -n one -c . --listen unix:sock,owner=no-such sleep 600
	expect_status 1
	[[ $stderr == *': no-such: no such user or group' ]] || told
}

# bats test_tags=root
@test "in a directory of its owner it is made as he could have" {
	root_only
	share_scratch
	mkdir theirs
	chown nobody theirs
	run_fresh daemonize -n one -c . --log=none --listen unix:theirs/sock,owner=nobody sleep 600
	expect_status 0
	remember "$(record run/one/public supervisor)" "$(<run/one/pid)"
	[[ $(stat -c '%a %U' theirs/sock) == '660 nobody' ]]
	ctl stop one
	[[ ! -e theirs/sock ]]
	chmod 555 theirs # he could not
	run_fresh daemonize -n one -c . --log=none --listen unix:theirs/sock,owner=nobody sleep 600
	expect_status 1
	[[ $stderr == *': Permission denied' ]] || told
}

@test "an address that is none is refused" {
	port=8080
	fails 2 'option: --listen: 8080: not HOST:PORT, :PORT or unix:PATH' -n x --listen 8080 true
	fails 2 'option: --listen: :0: its port is no number from 1 to 65535' -n x --listen :0 true
	fails 2 'option: --listen: :65536: its port is no number from 1 to 65535' -n x --listen :65536 true
	fails 2 'option: --listen: ::1:80: an IPv6 address is in brackets: [ADDRESS]:PORT' -n x --listen ::1:80 true
	fails 2 'option: --listen: a b=:80: its name is none' -n x --listen 'a b=:80' true
	fails 2 'option: --listen: unix:: has no path' -n x --listen unix: true
	fails 2 'option: --listen: unix:x,mode=9: its mode is no octal number' -n x --listen unix:x,mode=9 true
	fails 2 'option: --listen: unix:x,what: not mode=OCTAL or owner=USER' -n x --listen unix:x,what true
	fails 2 'option: --listen: unix:@x: is abstract, and has no mode or owner: give a path' -n x --listen unix:@x true
	long=/tmp/$(printf '%0103d' 0)
	fails 2 "option: --listen: unix:$long: its path is longer than 107 bytes" -n x --listen "unix:$long" true
	fails 2 "option: --listen: $PWD/${long:5}: is longer than 107 bytes" -n x --listen "unix:${long:5}" true
	fails 2 'option: --listen: 127.0.0.1:80: is given twice' -n x --listen 127.0.0.1:80 --listen tcp:127.0.0.1:80 true
	fails 2 'option: --listen: {fd:b}: none has that name' -n x --listen a=:80 true '{fd:b}'
	fails 2 'option: --listen: {fd:b}: none has that name' -n x --listen a=:80 -E 'S={fd:b}' true
	fails 2 'option: --listen: {fd:80}: several have that name' -n x --listen 127.0.0.1:80 --listen 127.0.0.2:80 true '{fd:80}'
	fails 2 'option: --ready: unix:/x: is open as soon as we have it (--listen)' -n x --listen unix:/x --ready=unix:/x true
	fails 2 'option: --ready: tcp:127.0.0.1:80: is open as soon as we have it (--listen)' -n x --listen :80 --ready=tcp:127.0.0.1:80 true
	fails 2 'option: --listen-env: apache: not nginx' -n x --listen :80 --listen-env=apache true
	fails 2 'option: --backlog: only with --listen' -n x -r --backlog=5 true
	fails 2 'option: --reuseport: only with --listen' -n x --reuseport true
	fails 2 'option: --listen: needs a name (-n), a pidfile (-p) or -F' --listen :80 true
}

@test "haproxy takes one" {
	needs haproxy
	port=$(free_port)
	cat >conf <<-'END'
	defaults
		mode http
		timeout client 5s
		timeout server 5s
		timeout connect 5s
	frontend f
		bind "fd@${SOCK}"
		bind fd@3
		http-request return status 200 content-type text/plain string "hello"
	END
	run_fresh daemonize -n svc -c "$scratch" --log="$scratch/log" --listen "127.0.0.1:$port" --listen unix:sock \
	    -E 'SOCK={fd:sock}' haproxy -db -f conf
	expect_status 0
	remember "$(record run/svc/public supervisor)" "$(<run/svc/pid)"
	eventually 5 eval '[[ $(http_get "$port" /) == *hello* ]]'
	ctl restart svc
	expect_status 0
	eventually 5 eval '[[ $(http_get "$port" /) == *hello* ]]'
	stops svc
}

@test "nginx takes them, and does not detach" {
	needs nginx curl
	port=$(free_port)
	mkdir -p logs
	nginx_conf "daemon on; pid $scratch/nginx.pid;" "listen 127.0.0.1:$port; listen unix:$scratch/sock; return 200 hello;"
	run_fresh daemonize -n svc -c "$scratch" --log="$scratch/log" --listen "127.0.0.1:$port" --listen unix:sock --listen-env=nginx \
	    nginx -p "$scratch" -c "$scratch/nginx.conf"
	expect_status 0
	remember "$(record run/svc/public supervisor)" "$(<run/svc/pid)"
	grep -q 'using inherited sockets' log
	flags=$(sed -n 's/^flags:[[:space:]]*//p' "/proc/$(<run/svc/pid)/fdinfo/3")
	((8#$flags & 8#4000)) # does not block
	eventually 5 eval '[[ $(http_get "$port" /) == *hello* ]]'
	ctl restart svc
	expect_status 0
	eventually 5 eval '[[ $(http_get "$port" /) == *hello* ]]'
	[[ $(curl -sf --unix-socket sock http://localhost/) == hello ]]
	[[ $(grep -c bind nginx.log) == 0 ]]
	stops svc
	nothing_runs
}
