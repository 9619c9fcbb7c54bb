/* SPDX-License-Identifier: ISC */
/*
 * stop FILE: TERM for whoever the pidfile names, and the wait for its death.
 * No proof of identity, no schedule, no tree.
 */
#include <sys/syscall.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	struct pollfd death = { .events = POLLIN };
	char text[16] = "";
	int fd;

	if (argc != 2)
		return 2;
	fd = open(argv[1], O_RDONLY);
	if (fd == -1 || read(fd, text, sizeof text - 1) <= 0)
		return 1;
	death.fd = (int)syscall(SYS_pidfd_open, atoi(text), 0);
	if (death.fd == -1)
		return 1;
	if (syscall(SYS_pidfd_send_signal, death.fd, SIGTERM, NULL, 0) == -1)
		return 1;
	return poll(&death, 1, -1) != 1;
}
