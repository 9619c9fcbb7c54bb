#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# Servers of others that take a socket they are given, as workers: reloaded and
# scaled under load.

# shellcheck disable=SC2016,SC2034,SC2154
load helper
load start
load 500-ctl
load 596-supervised
load 546-keeper
load 542-workers

# gets: the page.
gets() { curl -sf -m 10 --http1.0 "http://127.0.0.1:$port/"; }

# gets_for SECONDS: how many of how many requests failed, by three at once.
gets_for()
{
	"$python" -c '
import sys, threading, time, urllib.request
url, end = "http://127.0.0.1:" + sys.argv[1] + "/", time.time() + float(sys.argv[2])
bad, n, lock = [], [0], threading.Lock()
def get():
	while time.time() < end:
		try: assert urllib.request.urlopen(url, timeout=10).status == 200
		except Exception as e:
			with lock: bad.append(str(e))
		with lock: n[0] += 1
t = [threading.Thread(target=get) for i in range(3)]
[x.start() for x in t]; [x.join() for x in t]
assert n[0] > 20, n
print(len(bad), n[0], *bad[:3])' "$port" "$1"
}

# rolls PAGE CMD...: svc, two workers that answer with what is in the file
# "page", is reloaded and scaled under load; none is lost.
rolls()
{
	echo one >page
	gets_for 8 >got 3>&- &
	asking=$!
	eventually 5 eval '[[ $(gets) == one* ]]'
	for i in two three four; do
		echo "$i" >page
		ctl reload svc
		expect_status 0
		[[ $(gets) == "$i"* ]]
		ctl scale svc 3
		expect_status 0
		ctl scale svc 2
		expect_status 0
	done
	keep_in_mind
	wait "$asking"
	[[ $(<got) == '0 '* ]] || { cat got; false; }
	stops svc
	nothing_runs
}

@test "gunicorn, which knows systemd's variables" {
	needs gunicorn curl
	echo one >page
	cat >app.py <<'END'
page = open("page", "rb").read()
def app(environ, start):
	start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(page)))])
	return [page]
END
	# its master stops in peace at TERM
	works -w 2 --drain=TERM/20 -- gunicorn --workers 1 --worker-tmp-dir "$scratch" app:app
	rolls
}

@test "node, which is told the number" {
	needs node curl
	echo one >page
	cat >app.js <<'END'
const page = require("fs").readFileSync("page");
const server = require("http").createServer((q, a) => {
	a.setHeader("Connection", "close");
	a.end(page);
});
server.listen({ fd: Number(process.argv[2]) });
process.on("SIGQUIT", () => server.close());
END
	port=$(free_port)
	logged='' supervised -w 2 --listen "web=127.0.0.1:$port" --ready=alive:500ms -- node app.js '{fd:web}'
	keep_in_mind
	rolls
}

@test "a C program that asks libsystemd" {
	needs cc curl
	[[ -e /usr/include/systemd/sd-daemon.h ]] || skip 'needs libsystemd-dev'
	cat >app.c <<'END'
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

static volatile sig_atomic_t quitting;
static void quit(int sig) { (void)sig; quitting = 1; }

int
main(void)
{
	char page[64] = "", text[256], **names = NULL;
	struct sigaction sa = { .sa_handler = quit };
	int c, n = sd_listen_fds_with_names(1, &names), at = SD_LISTEN_FDS_START;
	struct pollfd p = { .fd = at, .events = POLLIN };
	FILE *f = fopen("page", "r");
	sigset_t block, open;

	if (n != 1 || strcmp(names[0], "web") != 0)
		errx(1, "%d sockets, %s", n, n > 0 ? names[0] : "");
	if (sd_is_socket_inet(at, AF_INET, SOCK_STREAM, 1, 0) <= 0)
		errx(1, "not one that listens");
	if (f == NULL || fgets(page, sizeof page, f) == NULL)
		err(1, "page");
	fcntl(at, F_SETFL, O_NONBLOCK);
	sigemptyset(&block);
	sigaddset(&block, SIGQUIT);
	sigprocmask(SIG_BLOCK, &block, &open);
	sigaction(SIGQUIT, &sa, NULL);
	snprintf(text, sizeof text, "HTTP/1.0 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(page), page);
	if (sd_notify(1, "READY=1") <= 0)
		errx(1, "nobody listens");
	while (!quitting) {
		if (ppoll(&p, 1, NULL, &open) == -1)
			continue;
		c = accept4(at, NULL, NULL, SOCK_NONBLOCK);
		if (c == -1)
			continue;
		struct pollfd in = { .fd = c, .events = POLLIN };
		char line[1024];
		(void)poll(&in, 1, 1000);
		if (read(c, line, sizeof line) > 0)
			(void)!write(c, text, strlen(text));
		(void)shutdown(c, SHUT_RDWR);
		close(c);
	}
	return 0;
}
END
	cc -D_GNU_SOURCE -o app app.c -lsystemd
	port=$(free_port)
	echo one >page
	logged='' supervised -w 2 --listen "web=127.0.0.1:$port" --ready=notify -- ./app
	keep_in_mind
	rolls
}
