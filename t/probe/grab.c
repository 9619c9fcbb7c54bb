/* SPDX-License-Identifier: ISC */
/*
 * grab FILE
 *
 * Tries what a daemon must not be able to do with terminals, and publishes:
 *
 *	devtty=yes|no		/dev/tty could be opened
 *	took=yes|no		opening a new terminal made it ours
 *	tiocsti=yes|no		a character could be typed on 0-2 or tty
 *	tioclinux=yes|no	the console's selection could be pasted there
 */
#define _GNU_SOURCE 1

#include <sys/ioctl.h>

#include <termios.h>

#include "probe.h"

static int
opens_tty(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd != -1)
		close(fd);
	return fd != -1;
}

static int
takes(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;

	if (master == -1 || grantpt(master) == -1 || unlockpt(master) == -1)
		err(BROKEN, "posix_openpt");
	/* Without O_NOCTTY: a session leader without terminal gets this. */
	if ((slave = open(ptsname(master), O_RDWR | O_CLOEXEC)) == -1)
		err(BROKEN, "%s", ptsname(master));
	return tcgetsid(slave) == getsid(0);
}

static int
types(unsigned long request)
{
	char key = request == TIOCSTI ? ' ' : 3; /* 3: paste */
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	int done = 0;

	for (int fd = 0; fd < 3; fd++)
		done |= ioctl(fd, request, &key) == 0;
	if (tty != -1) {
		done |= ioctl(tty, request, &key) == 0;
		close(tty);
	}
	return done;
}

int
main(int argc, char *argv[])
{
	static const char *const say[] = { "no", "yes" };
	char text[128];

	if (argc != 2)
		errx(BROKEN, "usage: grab FILE");
	/* A terminal won is lost again at our end, with a hangup. */
	(void)signal(SIGHUP, SIG_IGN);
	(void)snprintf(text, sizeof text,
	    "tiocsti=%s\ntioclinux=%s\ndevtty=%s\ntook=%s\n",
	    say[types(TIOCSTI)], say[types(TIOCLINUX)], say[opens_tty()],
	    say[takes()]);
	publish(argv[1], text, strlen(text));
	return 0;
}
