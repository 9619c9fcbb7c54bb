/* SPDX-License-Identifier: ISC */
/*
 * sloppy PIDFILE COMMAND
 *
 * A daemoniser with a planted bug for each class of violation: selftest.sh
 * proves that the sweep finds them.  Never a model for anything.
 */
#define _GNU_SOURCE 1

#include <sys/stat.h>

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Bug: the child's calls go unchecked, so it may run not as asked. */
static _Noreturn void
child(char *argv[], int said)
{
	int null = open("/dev/null", O_RDWR);

	(void)setsid();
	(void)umask(022);
	for (int fd = 0; fd < 3; fd++)
		(void)dup2(null, fd);
	(void)close(null);
	/* Bug: a good word before the deed; nobody hears of a failed exec. */
	if (write(said, "+", 1) != 1)
		_exit(1);
	(void)fcntl(said, F_SETFD, FD_CLOEXEC);
	(void)execv(argv[0], argv);
	_exit(127);
}

/* Bug: on failure it leaves its temporary file, and the daemon. */
static void
record(const char *path, const char *tmp, pid_t pid)
{
	FILE *f = fopen(tmp, "we");

	if (f == NULL)
		errx(1, "%s: cannot be written", tmp);
	(void)fprintf(f, "%d\n", pid);
	if (fclose(f) == EOF)
		errx(1, "%s: cannot be written", tmp);
	if (rename(tmp, path) == -1)
		exit(1); /* Bug: without a word. */
}

int
main(int argc, char *argv[])
{
	int ends[2], old;
	char *tmp, buf[2];
	pid_t pid;

	if (argc < 3)
		errx(2, "usage: sloppy PIDFILE COMMAND");
	if (asprintf(&tmp, "%s~", argv[1]) == -1)
		errx(1, "no memory");
	/* Bug: whoever finds a pidfile gives up, dead or alive. */
	if ((old = open(argv[1], O_RDONLY | O_CREAT | O_CLOEXEC, 0644)) == -1)
		errx(1, "%s: cannot be opened", argv[1]);
	if (read(old, buf, sizeof buf) > 0)
		errx(3, "already running");
	if (pipe(ends) == -1)
		errx(1, "pipe"); /* Bug: the empty pidfile stays. */
	if ((pid = fork()) == 0)
		child(argv + 2, ends[1]);
	/* Bug: our own end stays open, so a dead child is waited for. */
	if (pid == -1 || read(ends[0], buf, 1) != 1)
		errx(1, "the child said nothing");
	record(argv[1], tmp, pid);
	return 0;
}
