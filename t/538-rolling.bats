#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# A generation of workers goes, another comes: reload, drain, resume.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised
load 546-keeper
load 542-workers
load servers

@test "a new generation that fails leaves the old one serving" {
	printf '#!/bin/sh\nexec serve "$@"\n' >app
	chmod +x app
	for how in rolling batch; do
		works -w 2 --reload=$how -- ./app
		before=$(pids)
		printf '#!/bin/sh\necho "no such table"; exit 3\n' >app.new
		chmod +x app.new
		mv app.new app
		ctl reload svc
		expect_status 1
		[[ $stderr == *'worker '[01]': ready: '*'/app: ended with status 3 before it was ready'*'| no such table'* ]] || told
		[[ $(pids) == "$before" && $(generations) == 1 ]]
		printf '#!/bin/sh\necho "does not handle QUIT"; sleep 600\n' >app
		# not ready in time
		kill -HUP "$super"
		eventually 5 eval '[[ $(generations) == 3 ]]'
		keep_in_mind
		printf '#!/bin/sh\nexec serve "$@"\n' >app
		stops svc
		nothing_runs
		rm -f log
	done
}

@test "a deploy by symbolic link: the new ones are of what is there now" {
	mkdir one two
	for d in one two; do
		printf '#!/bin/sh\nexec serve %s "$(cat config)"\n' "$d" >$d/app
		chmod +x $d/app
		echo "of-$d" >$d/config
	done
	ln -s one current
	works -w 2 -c "$scratch/current" -- ./current/app
	[[ $(says x) == *' one of-one' ]]
	ln -s two next
	mv -T next current
	ctl restart svc
	expect_status 0
	[[ $(says x) == *' two of-two' ]]
	ln -s one next
	mv -T next current
	ctl reload svc
	expect_status 0
	for i in 1 2 3 4; do [[ $(says x) == *' one of-one' ]] || false; done
	keep_in_mind
	stops svc
}

@test "a reload that is asked for while another runs, or the service starts, is queued" {
	works -w 2 -- serve
	daemonctl reload svc >first 3>&- &
	eventually 5 is reloading 0 svc
	ctl reload svc
	expect_status 0
	wait $!
	[[ $(<first) == 'svc: reloaded, 2 workers, generation 2' ]]
	[[ $output == 'svc: reloaded, 2 workers, generation 3' ]] || told
	keep_in_mind
	stops svc
	daemonize -n svc -c "$scratch" --log=none -w 2 --ready=alive:500ms sleep 600 3>&- &
	starting=$!
	eventually 5 is starting 0 svc
	ctl reload svc
	expect_status 0
	[[ $output == 'svc: reloaded, 2 workers, generation 2' ]] || told
	wait "$starting"
	super=$(supervisor)
	keep_in_mind
	stops svc
}

@test "drained: its workers have finished, connections wait for it to resume" {
	works -w 2 -- serve
	(says 'slow 600') >slow 3>&- &
	eventually 5 test -e busy
	ctl drain svc
	expect_status 0
	[[ $output == 'svc: drained, its sockets stay (daemonctl resume svc)' ]] || told
	wait $!
	[[ $(<slow) == [01]' '* ]]
	is paused 0 svc
	[[ -z $(pids) ]]
	(says x) >later 3>&- &
	asking=$!
	sleep 0.3
	[[ ! -s later ]]
	does 0 'svc: drained, and to resume with, 3 workers' scale svc 3
	ctl resume svc
	expect_status 0
	wait "$asking"
	[[ $(<later) == [012]' '* ]]
	[[ $(workers '[len(w)]') == 3 ]]
	keep_in_mind
	# WINCH drains, too
	kill -WINCH "$super"
	eventually 5 is paused 0 svc
	old=$(supervisor)
	kill -KILL "$old"
	eventually 5 another_supervisor_than "$old"
	eventually 5 is paused 0 svc
	ctl resume svc
	expect_status 0
	keep_in_mind
	stops svc
}

@test "QUIT lets them finish, TERM does not wait" {
	works -w 2 -- serve
	(says 'slow 700') >slow 3>&- &
	eventually 5 test -e busy
	kill -QUIT "$super"
	wait $!
	[[ $(<slow) == [01]' '* ]]
	eventually 5 gone "$super"
	is stopped 3 svc
	works -w 2 -- serve
	(says 'slow 5000' 2>/dev/null || echo lost) >slow 3>&- &
	eventually 5 test -e busy
	kill -TERM "$super"
	eventually 3 gone "$super"
	wait $!
	[[ $(<slow) != [01]' '* ]]
	nothing_runs
}

@test "TERM hurries those who finish" {
	works -w 2 -- serve
	(says 'slow 20000' 2>/dev/null || echo lost) >slow 3>&- &
	eventually 5 test -e busy
	kill -QUIT "$super"
	eventually 5 is stopping 0 svc
	kill -TERM "$super"
	eventually 3 gone "$super"
	wait $!
	[[ $(<slow) != [01]' '* ]]
	nothing_runs
}

@test "who does not finish and had to be killed is named: in a reload, a scale, a drain" {
	works -w 2 --drain=QUIT/50ms --stop=TERM/50ms/KILL/5 -- sh -c 'trap "" QUIT TERM; while :; do sleep 1; done'
	ctl reload svc
	[[ $output == 'svc: reloaded, 2 workers, generation 2;'*' worker 0: pid '*' "sh"'*' had to be killed'* &&
		$output == *'; worker 1: pid '* && ${#lines[@]} == 1 ]] || told
	ctl scale svc 1
	[[ $output == 'svc: runs, 1 worker; worker 1: pid '*' had to be killed' ]] || told
	ctl drain svc
	[[ $output == *'(daemonctl resume svc); worker 0: pid '*' had to be killed' ]] || told
	ctl drain svc
	[[ $output != *killed* ]] || told
	ctl resume svc
	keep_in_mind
	ctl stop svc
	[[ $output == 'svc: stopped in '*' s; worker 0: pid '*' had to be killed' ]] || told
	nothing_runs
}

@test "a reload by a signal, or by a command; and the check before each" {
	logged='' works -w 2 -o 'out.{worker}' --reload=HUP -- serve
	ctl reload svc
	expect_status 0
	eventually 5 eval '[[ $(<out.0) == "0 HUP" && $(<out.1) == "1 HUP" ]]'
	kill -HUP "$super"
	eventually 5 eval '[[ $(<out.0) == "0 HUP"$'"'\\n'"'"0 HUP" ]]'
	stops svc
	rm -f no
	logged='' works -w 2 --check='test ! -e no' --reload=cmd:'echo "$DAEMONIZE_NAME" >>ran; test ! -e bad' -- serve
	before=$(pids)
	ctl reload svc
	expect_status 0
	[[ $(<ran) == svc && $(pids) == "$before" ]]
	touch bad
	ctl reload svc
	expect_status 1
	[[ $stderr == 'daemonctl: reload: svc: reload: echo "$DAEMONIZE_NAME" >>ran; test ! -e bad: failed with status 1' ]] || told
	touch no
	ctl reload svc
	expect_status 1
	[[ $stderr == 'daemonctl: reload: svc: check: test ! -e no: failed with status 1' ]] || told
	ctl status svc
	[[ $output == *'reload failed: check: test ! -e no: failed with status 1'* ]] || told
	rm no
	stops svc
	works -w 2 --reload=HUP -- sh -c 'exec sleep 600'
	before=$(pids)
	ctl reload svc
	expect_status 1
	[[ $stderr == 'daemonctl: reload: svc: worker '[01]' does not handle HUP, it would die' && $(pids) == "$before" ]] || told
	stops svc
	works -w 2 --reload=cmd:'echo $DAEMONIZE_PID $DAEMONIZE_WORKERS >told' -- serve
	ctl reload svc
	expect_status 0
	[[ $(<told) == "$super $(pids)" ]] || { cat told; false; }
	stops svc
	works -w 2 --check='sleep 0.3; echo c >>checks; ! test -e no || { echo there is a no; false; }' -- serve
	: >checks
	for i in 1 2 3; do daemonctl reload svc >"got.$i" 3>&- & done
	wait
	[[ $(sort got.* | uniq -c | tr -s ' ') == *' svc: reloaded, 2 workers, generation 2'*' svc: reloaded, 2 workers, generation 3' ]] || { cat got.*; false; }
	has_lines 2 checks
	touch no
	ctl reload svc
	expect_status 1
	[[ $stderr == *$'\n''| there is a no' && $(generations) == 3 ]] || told
	keep_in_mind
	stops svc
}

@test "drained while the check before a reload runs: that says so" {
	works -w 1 --check='! test -e checks || { rm checks; sleep 1; }' -- serve
	touch checks
	daemonctl reload svc 2>said 3>&- &
	asking=$!
	eventually 5 eval '[[ ! -e checks ]]'
	ctl drain svc
	expect_status 0
	run_fresh wait "$asking"
	[[ $(<said) == 'daemonctl: reload: svc: it was paused, drained or stopped meanwhile' ]]
	stops svc
}

@test "one of the new ones that goes before the others have come says why" {
	how='import os, socket, time
a = os.environ["NOTIFY_SOCKET"]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
a = "\0" + a[1:] if a[0] == "@" else a
late, again = os.environ["DAEMONIZE_WORKER"] != "0", os.path.exists("again")
for i in range(30 if late and again else 0):
	s.sendto(b"WATCHDOG=1", a)
	time.sleep(0.1)
s.sendto(b"READY=1", a)
if again and not late and os.path.exists("says"): s.sendto(b"STOPPING=1\nSTATUS=no such table", a)
while not again or late or os.path.exists("says"):
	s.sendto(b"WATCHDOG=1", a)
	time.sleep(0.1)
time.sleep(600)'
	logged=--log=none works -w 2 --ready=notify --reload=batch --watchdog=1s --stop TERM/1/KILL/5 --drain TERM/1 -- "$python" -c "$how"
	before=$(pids)
	touch again
	ctl reload svc
	expect_status 1
	[[ $stderr == 'daemonctl: reload: svc: worker 0: no sign of life in time (--watchdog)' ]] || told
	touch says
	ctl reload svc
	expect_status 1
	[[ $stderr == 'daemonctl: reload: svc: worker 0: says that it ends: no such table' ]] || told
	[[ $(pids) == "$before" ]]
	stops svc
}

@test "nginx takes part" {
	needs nginx
	mkdir -p www
	echo one >www/index.html
	port=$(free_port)
	who=
	((EUID != 0)) || who='user root;'
	nginx_conf "daemon off; $who worker_processes 1;" \
	    "listen 127.0.0.1:$port; root $scratch/www; add_header X-Pid \$pid;"
	run_fresh daemonize -n svc -c "$scratch" -w 2 --log=none --listen "127.0.0.1:$port" \
	    --listen-env=nginx --ready=alive:200ms nginx -p "$scratch" -c "$scratch/nginx.conf" -g 'pid nginx-{worker}.pid;'
	expect_status 0
	super=$(supervisor)
	keep_in_mind
	cat >ask.py <<'END'
import http.client, sys, time
end, bad, n, pids = time.time() + 5, 0, 0, set()
while time.time() < end:
	try:
		c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
		c.request("GET", "/")
		r = c.getresponse()
		bad += r.status != 200 or r.read() != b"one\n"
		pids.add(r.getheader("X-Pid"))
		c.close()
	except OSError as e:
		bad += 1
	n += 1
assert n > 50 and len(pids) > 3, (n, pids)
print(bad)
END
	"$python" ask.py "$port" >bad 3>&- &
	asking=$!
	for i in 1 2 3; do
		ctl reload svc
		expect_status 0
		keep_in_mind
	done
	wait "$asking"
	[[ $(<bad) == 0 ]]
	stops svc
	nothing_runs
}
