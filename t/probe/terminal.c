/* SPDX-License-Identifier: ISC */
/*
 * terminal command [args]
 *
 * Runs the command as the leader of a session with a terminal of its own on
 * 0, 1 and 2, copies what appears there to our output, and hangs up when the
 * command has ended or we have: whoever is still on that terminal gets HUP.
 * Its status is ours.
 */
#define _GNU_SOURCE 1

#include <sys/pidfd.h>

#include <poll.h>
#include <pty.h>
#include <termios.h>

#include "probe.h"

int
main(int argc, char *argv[])
{
	struct pollfd p[2] = { { .events = POLLIN }, { .events = POLLIN } };
	char buf[4096];
	ssize_t n;
	pid_t pid;

	if (argc < 2)
		errx(BROKEN, "usage: terminal command [args]");
	(void)signal(SIGCHLD, SIG_DFL);
	if ((pid = forkpty(&p[0].fd, NULL, NULL, NULL)) == -1)
		err(BROKEN, "forkpty");
	if (pid == 0) {
		struct termios t;

		/* A newline stays a newline: tests compare lines. */
		if (tcgetattr(0, &t) == -1)
			err(BROKEN, "tcgetattr");
		t.c_oflag &= ~(tcflag_t)OPOST;
		(void)tcsetattr(0, TCSANOW, &t);
		become(argv + 1);
	}
	(void)fcntl(p[0].fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(p[0].fd, F_SETFL, O_NONBLOCK);
	if ((p[1].fd = pidfd_open(pid, 0)) == -1)
		err(BROKEN, "pidfd_open");
	while (p[1].revents == 0) {
		if (poll(p, 2, -1) == -1)
			err(BROKEN, "poll");
		/* Also after the death: its last words are in the buffer. */
		while ((n = read(p[0].fd, buf, sizeof buf)) > 0)
			write_all(STDOUT_FILENO, buf, (size_t)n);
		/* Nobody has it open any more: only the death is awaited. */
		if (n == -1 && errno == EIO)
			p[0].events = 0;
		if (p[0].revents & POLLHUP)
			p[0].fd = p[0].events == 0 ? -1 : p[0].fd;
	}
	return shell_status(pid);
}
