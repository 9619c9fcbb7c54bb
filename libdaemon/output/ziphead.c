/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "ziphead.h"

enum { GZIP_EXTRA = 4, GZIP_FIXED = 10, GZIP_FIELD = 4, ZSTD_HEAD = 8 };

enum daemon_zip
daemon_zip_parse(const char *word)
{
	return strcmp(word, "gzip") == 0 ? DAEMON_ZIP_GZIP
	    : strcmp(word, "zstd") == 0	 ? DAEMON_ZIP_ZSTD
					 : DAEMON_ZIP_NONE;
}

const char *
daemon_zip_suffix(enum daemon_zip how)
{
	static const char *const suffixes[] = { "", ".gz", ".zst" };

	return suffixes[how];
}

size_t
daemon_ziphead_text(
    char buf[DAEMON_ZIPHEAD_MAX], const struct daemon_ziphead *h)
{
	return (size_t)snprintf(
	    buf, DAEMON_ZIPHEAD_MAX, "daemonize %llu %llu", h->dev, h->ino);
}

/* Where the text would be; NULL: nowhere. */
static const unsigned char *
text_of(const unsigned char *p, size_t n)
{
	if (n > GZIP_FIXED + 2 + GZIP_FIELD && p[0] == 0x1f && p[1] == 0x8b &&
	    (p[3] & GZIP_EXTRA) != 0)
		return p + GZIP_FIXED + 2 + GZIP_FIELD;
	if (n > ZSTD_HEAD && (p[0] & 0xf0) == 0x50 && p[1] == 0x2a &&
	    p[2] == 0x4d && p[3] == 0x18)
		return p + ZSTD_HEAD;
	return NULL;
}

int
daemon_ziphead_read(struct daemon_ziphead *h, const unsigned char *p, size_t n)
{
	char text[DAEMON_ZIPHEAD_MAX] = "";
	const unsigned char *from = text_of(p, n);
	size_t left;

	if (from == NULL)
		return -1;
	left = n - (size_t)(from - p);
	(void)memcpy(text, from, left < sizeof text ? left : sizeof text - 1);
	return sscanf(text, "daemonize %20llu %20llu", &h->dev, &h->ino) == 2
	    ? 0
	    : -1;
}
