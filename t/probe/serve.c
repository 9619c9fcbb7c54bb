/* SPDX-License-Identifier: ISC */
/*
 * serve [TEXT...]: answers each connection to the socket it was given, one at
 * a time, with "WORKER ID PID TEXT...": after a line from there, and where
 * that is "slow MS", so much later, a file "busy" meanwhile.  At SIGQUIT it answers who is there, and
 * ends; SIGHUP and SIGUSR1 are printed.
 */
#define _GNU_SOURCE
#include <sys/socket.h>

#include <poll.h>
#include <time.h>

#include "probe.h"

static volatile sig_atomic_t quitting, said;

static void
on_signal(int sig)
{
	if (sig == SIGQUIT)
		quitting = 1;
	else
		said = sig;
}

static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value != NULL ? value : "-";
}

static void
be_busy(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	(void)close(creat("busy", 0600));
	while (nanosleep(&t, &t) == -1 && errno == EINTR)
		continue;
	(void)unlink("busy");
}

static void
answer(int fd, const char *text)
{
	char line[64];
	ssize_t n;

	do
		n = read(fd, line, sizeof line - 1);
	while (n == -1 && errno == EINTR);
	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	if (strncmp(line, "slow ", 5) == 0)
		be_busy(number(line + 5, 10, 0, 60000));
	if (n > 0)
		(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
	(void)close(fd);
}

static void
say(int sig)
{
	char name[12], line[64];

	(void)snprintf(line, sizeof line, "%s %s\n",
	    variable("DAEMONIZE_WORKER"), signal_name(sig, name));
	write_all(STDOUT_FILENO, line, strlen(line));
}

int
main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct pollfd p = { .fd = 3, .events = POLLIN };
	sigset_t blocked, open;
	char text[1024];
	int fd, i, n;

	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGQUIT);
	(void)sigaddset(&blocked, SIGHUP);
	(void)sigaddset(&blocked, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &blocked, &open);
	(void)sigaction(SIGQUIT, &sa, NULL);
	(void)sigaction(SIGHUP, &sa, NULL);
	(void)sigaction(SIGUSR1, &sa, NULL);
	if (fcntl(3, F_SETFL, O_NONBLOCK) == -1)
		err(BROKEN, "socket");
	n = snprintf(text, sizeof text, "%s %s %ld",
	    variable("DAEMONIZE_WORKER"), variable("DAEMONIZE_ID"),
	    (long)getpid());
	for (i = 1; i < argc && n < (int)sizeof text; i++)
		n +=
		    snprintf(text + n, sizeof text - (size_t)n, " %s", argv[i]);
	while (!quitting) {
		if (ppoll(&p, 1, NULL, &open) == -1 && said != 0)
			say(said);
		said = 0;
		fd = accept4(3, NULL, NULL, SOCK_CLOEXEC);
		if (fd != -1)
			answer(fd, text);
	}
	return 0;
}
