/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lines.h"

enum { US_IN_S = 1000000, NS_IN_US = 1000 };

/* TAI was 10 s ahead when it and the Unix clock began to be counted so. */
#define TAI_EPOCH UINT64_C(4611686018427387914)

int
daemon_stamps_parse(enum daemon_stamps *s, const char *text)
{
	static const char *const words[] = {
		[DAEMON_STAMPS_NONE] = "",
		[DAEMON_STAMPS_ISO] = "iso",
		[DAEMON_STAMPS_UNIX] = "unix",
		[DAEMON_STAMPS_TAI64N] = "tai64n",
	};
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(words[i], text) == 0) {
			*s = (enum daemon_stamps)i;
			return 0;
		}
	errno = EINVAL;
	return -1;
}

static size_t
stamp(char buf[DAEMON_LINE_HEAD], enum daemon_stamps how, int64_t us)
{
	time_t s = (time_t)(us / US_IN_S);
	long rest = (long)(us % US_IN_S);
	struct tm tm = { 0 };
	size_t n = 0;

	switch (how) {
	case DAEMON_STAMPS_NONE: break;
	case DAEMON_STAMPS_ISO:
		(void)gmtime_r(&s, &tm);
		n = strftime(buf, DAEMON_LINE_HEAD, "%Y-%m-%dT%H:%M:%S", &tm);
		n += (size_t)snprintf(
		    buf + n, DAEMON_LINE_HEAD - n, ".%06ldZ", rest);
		break;
	case DAEMON_STAMPS_UNIX:
		n = (size_t)snprintf(
		    buf, DAEMON_LINE_HEAD, "%lld.%06ld", (long long)s, rest);
		break;
	case DAEMON_STAMPS_TAI64N:
		n = (size_t)snprintf(buf, DAEMON_LINE_HEAD, "@%016llx%08lx",
		    (unsigned long long)(TAI_EPOCH + (uint64_t)s),
		    rest * NS_IN_US);
		break;
	}
	return n;
}

size_t
daemon_line_head(char buf[DAEMON_LINE_HEAD], const struct daemon_layout *how,
    int64_t us, char whose)
{
	size_t n = stamp(buf, how->stamps, us);

	if (how->tags && n > 0)
		buf[n++] = ' ';
	if (how->tags || (whose == '!' && n > 0))
		buf[n++] = whose;
	if (n > 0)
		buf[n++] = ' ';
	return n;
}

/* So many digits of a base: how many there were. */
static size_t
digits(const char *p, size_t n, size_t most, unsigned base, uint64_t *value)
{
	size_t i;
	unsigned d;

	*value = 0;
	for (i = 0; i < n && i < most; i++) {
		d = p[i] >= '0' && p[i] <= '9'	 ? (unsigned)(p[i] - '0')
		    : p[i] >= 'a' && p[i] <= 'f' ? (unsigned)(p[i] - 'a') + 10
						 : base;
		if (d >= base)
			break;
		*value = *value * base + d;
	}
	return i;
}

/* ".123456", of a second. */
static size_t
fraction(const char *p, size_t n, int64_t *us)
{
	uint64_t value;

	if (n < 7 || p[0] != '.' || digits(p + 1, n - 1, 6, 10, &value) != 6)
		return 0;
	*us += (int64_t)value;
	return 7;
}

static size_t
iso_time(const char *p, size_t n, int64_t *us)
{
	static const char like[] = "0000-00-00T00:00:00";
	const size_t at[] = { 0, 5, 8, 11, 14, 17 },
		     long_[] = { 4, 2, 2, 2, 2, 2 };
	uint64_t v[6];
	struct tm tm;
	size_t i, k;

	if (n < sizeof like)
		return 0;
	for (i = 0; i < sizeof like - 1; i++)
		if (like[i] != '0' && p[i] != like[i])
			return 0;
	for (i = 0; i < 6; i++)
		if (digits(p + at[i], long_[i], long_[i], 10, &v[i]) !=
		    long_[i])
			return 0;
	tm = (struct tm){ .tm_year = (int)v[0] - 1900,
		.tm_mon = (int)v[1] - 1,
		.tm_mday = (int)v[2],
		.tm_hour = (int)v[3],
		.tm_min = (int)v[4],
		.tm_sec = (int)v[5] };
	*us = (int64_t)timegm(&tm) * US_IN_S;
	k = sizeof like - 1;
	k += fraction(p + k, n - k, us);
	return k < n && p[k] == 'Z' ? k + 1 : 0;
}

static size_t
unix_time(const char *p, size_t n, int64_t *us)
{
	enum { MOST = 12 };
	uint64_t s;
	size_t k = digits(p, n, MOST, 10, &s);

	*us = (int64_t)s * US_IN_S;
	return k == 0 ? 0 : k + fraction(p + k, n - k, us);
}

static size_t
tai_time(const char *p, size_t n, int64_t *us)
{
	enum { SECONDS = 16, REST = 8 };
	uint64_t s, ns;

	if (n < 1 + SECONDS + REST || p[0] != '@' ||
	    digits(p + 1, SECONDS, SECONDS, 16, &s) != SECONDS ||
	    digits(p + 1 + SECONDS, REST, REST, 16, &ns) != REST ||
	    s < TAI_EPOCH)
		return 0;
	*us = (int64_t)(s - TAI_EPOCH) * US_IN_S + (int64_t)(ns / NS_IN_US);
	return 1 + SECONDS + REST;
}

size_t
daemon_line_time(const char *p, size_t n, enum daemon_stamps how, int64_t *us)
{
	switch (how) {
	case DAEMON_STAMPS_NONE: break;
	case DAEMON_STAMPS_ISO: return iso_time(p, n, us);
	case DAEMON_STAMPS_UNIX: return unix_time(p, n, us);
	case DAEMON_STAMPS_TAI64N: return tai_time(p, n, us);
	}
	return 0;
}

size_t
daemon_lines_first(const char *p, size_t n)
{
	const char *end = n > 0 ? memchr(p, '\n', n) : NULL;

	return end != NULL ? (size_t)(end + 1 - p) : n;
}

size_t
daemon_lines_whole(const char *p, size_t n)
{
	const char *end = n > 0 ? memrchr(p, '\n', n) : NULL;

	return end != NULL ? (size_t)(end + 1 - p) : 0;
}

size_t
daemon_lines_count(const char *p, size_t n)
{
	size_t lines = 0, first;

	for (; n > 0; p += first, n -= first) {
		first = daemon_lines_first(p, n);
		lines += p[first - 1] == '\n';
	}
	return lines;
}

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t
daemon_lines_next(struct daemon_lines *l, char *buf, size_t size)
{
	size_t done = 0, k;

	if (l->lead && size > 0) {
		buf[done++] = '\n';
		l->lead = 0;
	}
	while (l->n > 0 && done < size) {
		if (!l->middle && l->given < l->nhead) {
			k = smaller(l->nhead - l->given, size - done);
			(void)memcpy(buf + done, l->head + l->given, k);
			l->given += k;
		} else {
			l->given = 0;
			k = smaller(size - done, l->n);
			k = daemon_lines_first(l->p, k);
			(void)memcpy(buf + done, l->p, k);
			l->middle = l->p[k - 1] != '\n';
			l->p += k;
			l->n -= k;
		}
		done += k;
	}
	return done;
}

size_t
daemon_lines_done(const struct daemon_lines *l, size_t done, size_t *rest)
{
	size_t n = 0, first, head;
	int middle = l->middle;

	*rest = 0;
	if (l->lead && done > 0)
		done--;
	for (; done > 0 && n < l->n; n += first, middle = 0) {
		head = middle ? 0 : l->nhead;
		if (done <= head) {
			*rest = done;
			break;
		}
		done -= head;
		first = daemon_lines_first(l->p + n, l->n - n);
		if (first > done)
			first = done;
		done -= first;
	}
	return n;
}

size_t
daemon_lines_length(const char *p, size_t n, int middle, size_t nhead)
{
	size_t begun;

	if (nhead == 0 || n == 0)
		return n;
	begun = daemon_lines_count(p, n) + (p[n - 1] != '\n') - (middle != 0);
	return n + begun * nhead;
}

size_t
daemon_lines_fit(const char *p, size_t n, int middle, size_t nhead, size_t room)
{
	size_t fits = 0, first, k, left = n;

	if (nhead == 0)
		return n <= room ? n : daemon_lines_whole(p, room);
	for (; left > 0; p += first, left -= first, middle = 0) {
		first = daemon_lines_first(p, left);
		k = first + (middle ? 0 : nhead);
		if (k > room)
			return fits;
		room -= k;
		fits += first;
	}
	return n;
}
