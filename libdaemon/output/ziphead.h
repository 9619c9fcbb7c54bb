/* SPDX-License-Identifier: ISC */
/*
 * Which file a compressed log was: who follows one that is open, and gone from
 * its directory, finds its place among the others by that.  It stands where
 * both formats have room for what is not theirs: a skippable frame of zstd's
 * (RFC 8878, 3.1.2), an extra field of gzip's (RFC 1952, 2.3.1.1).
 */
#ifndef DAEMON_ZIPHEAD_H
#define DAEMON_ZIPHEAD_H

#include <sys/types.h>

#include <stddef.h>

enum daemon_zip { DAEMON_ZIP_NONE, DAEMON_ZIP_GZIP, DAEMON_ZIP_ZSTD };

/* "gzip" or "zstd"; NONE: it is neither. */
enum daemon_zip daemon_zip_parse(const char *word);

/* ".gz", ".zst", "". */
const char *daemon_zip_suffix(enum daemon_zip how);

struct daemon_ziphead {
	unsigned long long dev, ino;
};

enum { DAEMON_ZIPHEAD_MAX = 96 };

/* "daemonize DEV INO": its length. */
size_t daemon_ziphead_text(
    char buf[DAEMON_ZIPHEAD_MAX], const struct daemon_ziphead *h);

/* Of the first bytes of a file: 0; -1: it has none. */
int
daemon_ziphead_read(struct daemon_ziphead *h, const unsigned char *p, size_t n);

#endif
