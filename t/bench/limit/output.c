/* SPDX-License-Identifier: ISC */
/*
 * output FILE BYTES {plain | iso}: the least a logger does.  What comes in is
 * appended to FILE, 256 kB at a time, with a time before each line if asked
 * for; at BYTES it is cut at a line's end, and four before it are kept.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { AT_ONCE = 256 << 10, PIPE = 1 << 20, STAMP = 28, KEPT = 4 };

static const char *path;
static long long size, max;
static int out;

static void
begin(int rotates)
{
	char from[4096], to[4096];
	int k;

	for (k = KEPT; rotates && k > 0; k--) {
		(void)snprintf(to, sizeof to, "%s.%d", path, k);
		(void)snprintf(from, sizeof from, "%s.%d", path, k - 1);
		(void)rename(k > 1 ? from : path, to);
	}
	if (rotates)
		(void)close(out);
	out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	size = 0;
}

static void
put(const char *p, size_t n)
{
	const char *end;
	size_t fits = n;

	if (size + (long long)n > max) {
		end = memrchr(p, '\n', n);
		fits = end != NULL ? (size_t)(end + 1 - p) : n;
	}
	if (write(out, p, fits) == -1)
		exit(1);
	size += (long long)fits;
	if (fits < n) {
		begin(1);
		put(p + fits, n - fits);
	}
}

/* Each line of p begins with one time, which is read once. */
static void
put_stamped(const char *p, size_t n)
{
	static char text[AT_ONCE + STAMP];
	static int middle;
	const char *end = p + n, *next;
	char stamp[64];
	struct timespec t;
	struct tm tm;
	size_t k = 0, len;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	(void)gmtime_r(&t.tv_sec, &tm);
	len = strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(
	    stamp + len, sizeof stamp - len, ".%06ldZ ", t.tv_nsec / 1000);
	for (; p < end; p = next) {
		next = memchr(p, '\n', (size_t)(end - p));
		next = next != NULL ? next + 1 : end;
		if (k + STAMP + (size_t)(next - p) > sizeof text) {
			put(text, k);
			k = 0;
		}
		if (!middle) {
			(void)memcpy(text + k, stamp, STAMP);
			k += STAMP;
		}
		(void)memcpy(text + k, p, (size_t)(next - p));
		k += (size_t)(next - p);
		middle = next[-1] != '\n';
	}
	put(text, k);
}

int
main(int argc, char **argv)
{
	static char buf[AT_ONCE];
	ssize_t n;

	if (argc != 4)
		return 2;
	path = argv[1];
	max = atoll(argv[2]);
	begin(0);
	(void)fcntl(STDIN_FILENO, F_SETPIPE_SZ, PIPE);
	while ((n = read(STDIN_FILENO, buf, sizeof buf)) > 0)
		if (strcmp(argv[3], "iso") == 0)
			put_stamped(buf, (size_t)n);
		else
			put(buf, (size_t)n);
	return n != 0;
}
