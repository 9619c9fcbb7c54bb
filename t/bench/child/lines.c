/* SPDX-License-Identifier: ISC */
/*
 * lines BYTES CHUNK RESULT: lines of 100 bytes, CHUNK bytes at a time; how many
 * ns that took goes to RESULT.  It stays until it is told to end: what takes
 * them may be looked at.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 100 };

static long long
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int
tell(const char *path, long long ns)
{
	char temporary[4096];
	FILE *f;

	(void)snprintf(temporary, sizeof temporary, "%s.new", path);
	f = fopen(temporary, "w");
	if (f == NULL)
		return -1;
	(void)fprintf(f, "%lld\n", ns);
	return fclose(f) == 0 ? rename(temporary, path) : -1;
}

int
main(int argc, char **argv)
{
	long long left = argc == 4 ? atoll(argv[1]) : 0, from;
	size_t chunk = argc == 4 ? (size_t)atoll(argv[2]) : 0, i;
	char *p = malloc(chunk + LINE);
	ssize_t n;

	if (argc != 4 || p == NULL)
		return 2;
	for (i = 0; i < chunk; i++)
		p[i] =
		    i % LINE == LINE - 1 ? '\n' : (char)('a' + i % LINE % 26);
	from = now();
	for (; left > 0; left -= n) {
		n = write(STDOUT_FILENO, p,
		    left < (long long)chunk ? (size_t)left : chunk);
		if (n == -1)
			return 1;
	}
	if (tell(argv[3], now() - from) == -1)
		return 1;
	for (;;)
		(void)pause();
}
