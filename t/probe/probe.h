/* SPDX-License-Identifier: ISC */
/*
 * The few words every probe shares: strict numbers, names of signals, and a
 * file that appears whole or not at all, so that a test can wait for it.
 * Not for the product: nothing here is linked into what we install.
 */
#ifndef PROBE_H
#define PROBE_H

#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A probe's own failures; a command's status never looks like it by chance. */
#define BROKEN 125

static inline long
number(const char *text, int base, long min, long max)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, base);
	if (end == text || *end != '\0' || errno != 0 || n < min || n > max)
		errx(
		    BROKEN, "%s: not a number from %ld to %ld", text, min, max);
	return n;
}

/* "TERM" for 15; the kernel's own number where there is no name. */
static inline const char *
signal_name(int sig, char buf[12])
{
	const char *name = sigabbrev_np(sig);

	if (name != NULL)
		return name;
	(void)snprintf(buf, 12, "%d", sig);
	return buf;
}

static inline int
signal_number(const char *text)
{
	if (isdigit((unsigned char)*text))
		return (int)number(text, 10, 1, 64);
	if (strncmp(text, "SIG", 3) == 0)
		text += 3;
	for (int sig = 1; sig < 32; sig++) {
		const char *name = sigabbrev_np(sig);

		if (name != NULL && strcmp(name, text) == 0)
			return sig;
	}
	errx(BROKEN, "%s: no such signal", text);
}

static inline void
write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err(BROKEN, "write");
		text += n;
		len -= (size_t)n;
	}
}

/*
 * Writes beside the path and renames: whoever sees the file sees all of it.
 * "-" is standard output.  The mode ignores our umask, which may be 0777.
 */
static inline void
publish(const char *path, const char *text, size_t len)
{
	char tmp[PATH_MAX];
	int fd, n;

	if (strcmp(path, "-") == 0) {
		write_all(STDOUT_FILENO, text, len);
		return;
	}
	n = snprintf(tmp, sizeof tmp, "%s.%ld~", path, (long)getpid());
	if (n < 0 || (size_t)n >= sizeof tmp)
		errx(BROKEN, "%s: too long", path);
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd == -1 || fchmod(fd, 0644) == -1)
		err(BROKEN, "%s", tmp);
	write_all(fd, text, len);
	if (close(fd) == -1 || rename(tmp, path) == -1)
		err(BROKEN, "%s", path);
}

/* Adds one whole line to what was published; one write, so lines never mix. */
static inline void
append(const char *path, const char *line)
{
	int fd = STDOUT_FILENO;

	if (strcmp(path, "-") != 0)
		fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd == -1)
		err(BROKEN, "%s", path);
	write_all(fd, line, strlen(line));
	if (fd != STDOUT_FILENO)
		close(fd);
}

/* Waits for a child and says it as a shell would: 128 + N for signal N. */
static inline int
shell_status(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			err(BROKEN, "waitpid");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

/* Becomes the command, or ends as a shell does when it cannot. */
static inline void
become(char *argv[])
{
	(void)execvp(argv[0], argv);
	err(errno == ENOENT ? 127 : 126, "%s", argv[0]);
}

#endif
