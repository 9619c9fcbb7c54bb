/* SPDX-License-Identifier: ISC */
/*
 * notified [-v] [-k | -u LINE] SOCKET command [args]
 *
 * Stands in for a manager that speaks sd_notify(3): binds SOCKET (a path, or
 * @name), runs the command with NOTIFY_SOCKET and prints each line received.
 * Ends with the command's status when it has ended; with -u, 0 as soon as
 * LINE came, from whoever; with -k never.  A descriptor that came along is
 * closed after its message was printed: that is the whole of BARRIER=1.
 * -v prints "message pid=P uid=U fds=N" before each message.
 */
#define _GNU_SOURCE 1

#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <poll.h>
#include <stddef.h>

#include "probe.h"

struct wish {
	const char *until;
	int verbose, keep;
};

static int
bound(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	socklen_t len;
	int s, on = 1;

	if (strlen(path) >= sizeof sun.sun_path)
		errx(BROKEN, "%s: too long for a socket", path);
	memcpy(sun.sun_path, path, strlen(path));
	len =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	if (*path == '@')
		sun.sun_path[0] = '\0';
	else
		(void)unlink(path);
	s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s == -1 || bind(s, (struct sockaddr *)&sun, len) == -1)
		err(BROKEN, "%s", path);
	if (setsockopt(s, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == -1)
		err(BROKEN, "SO_PASSCRED");
	return s;
}

/* Closes what came; says who sent it. */
static int
ancillary(struct msghdr *m, struct ucred *who, int shut)
{
	int fds = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
	     c = CMSG_NXTHDR(m, c)) {
		size_t n = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_type == SCM_CREDENTIALS)
			memcpy(who, CMSG_DATA(c), sizeof *who);
		if (c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n / sizeof(int); i++, fds++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
			if (shut)
				close(fd);
		}
	}
	return fds;
}

/* One message; 1 if it held the line waited for, -1 if there was none. */
static int
receive(int s, const struct wish *wish)
{
	char text[65536], *rest = text, *line;
	_Alignas(struct cmsghdr) char control[2048];
	struct iovec iov = { .iov_base = text, .iov_len = sizeof text - 1 };
	struct msghdr m = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof control,
	};
	struct ucred who = { 0 };
	int fds, seen = 0;
	ssize_t n = recvmsg(s, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return -1;
	text[n] = '\0';
	fds = ancillary(&m, &who, 0);
	if (wish->verbose)
		printf("message pid=%d uid=%u fds=%d\n", who.pid, who.uid, fds);
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (*line != '\0')
			printf("%s\n", line);
		if (wish->until != NULL && strcmp(line, wish->until) == 0)
			seen = 1;
	}
	/* The sender goes on when its descriptor closes: print first. */
	(void)fflush(stdout);
	(void)ancillary(&m, &who, 1);
	return seen;
}

static int
serve(int s, pid_t pid, const struct wish *wish)
{
	struct pollfd p[] = {
		{ .fd = s, .events = POLLIN },
		{ .fd = pidfd_open(pid, 0), .events = POLLIN },
	};

	if (p[1].fd == -1)
		err(BROKEN, "pidfd_open");
	for (;;) {
		int got;

		if (poll(p, 2, -1) == -1)
			err(BROKEN, "poll");
		/* A death seen now: all that it sent is in the queue. */
		while ((got = receive(s, wish)) == 0)
			;
		if (got == 1)
			return 0;
		if (p[1].revents == 0)
			continue;
		got = shell_status(pid);
		if (!wish->keep && wish->until == NULL)
			return got;
		close(p[1].fd);
		p[1].fd = -1;
	}
}

int
main(int argc, char *argv[])
{
	struct wish wish = { 0 };
	int c, s, status;
	pid_t pid;

	while ((c = getopt(argc, argv, "+vku:")) != -1)
		if (c == 'v')
			wish.verbose = 1;
		else if (c == 'k')
			wish.keep = 1;
		else if (c == 'u')
			wish.until = optarg;
		else
			return BROKEN;
	argv += optind;
	if (argc - optind < 2 || (wish.keep && wish.until != NULL))
		errx(BROKEN,
		    "usage: notified [-v] [-k | -u LINE] "
		    "SOCKET command [args]");
	(void)signal(SIGCHLD, SIG_DFL);
	s = bound(argv[0]);
	if ((pid = fork()) == -1)
		err(BROKEN, "fork");
	if (pid == 0) {
		if (setenv("NOTIFY_SOCKET", argv[0], 1) == -1)
			err(BROKEN, "setenv");
		become(argv + 1);
	}
	status = serve(s, pid, &wish);
	if (argv[0][0] != '@')
		(void)unlink(argv[0]);
	return status;
}
