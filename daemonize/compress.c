/* SPDX-License-Identifier: ISC */
/*
 * The compressor of logs: executed by their keeper, and by daemonctl(1), never
 * by hand.  From standard input to standard output, with no right to anything
 * else.
 *
 *	daemonize-compress {gzip | zstd} DEV INO	compress; it was that file
 *	daemonize-compress expand			whatever it is
 *	daemonize-compress {gzip | zstd}		can it be done?
 */
#include <sys/prctl.h>
#include <sys/resource.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "../libdaemon/output/ziphead.h"
#include "../libdaemon/user.h"
#include "exit.h"

enum {
	PIECE = 128 << 10,
	NOBODY = 65534,
	NICE = 10,
	MEMORY = 256 << 20 /* what a file may make us need */
};

static unsigned char in[PIECE];

/* How many bytes there are, at most PIECE; 0: the end; -1/errno. */
static ssize_t
take(void)
{
	ssize_t n;

	do
		n = read(STDIN_FILENO, in, sizeof in);
	while (n == -1 && errno == EINTR);
	return n;
}

#if defined(HAVE_ZLIB) || defined(HAVE_ZSTD)
static unsigned char out[PIECE];

static int
give(const void *p, size_t n)
{
	const char *from = p;
	ssize_t w;

	for (; n > 0; from += w, n -= (size_t)w) {
		w = write(STDOUT_FILENO, from, n);
		if (w == -1 && errno == EINTR)
			w = 0;
		if (w == -1)
			return -1;
	}
	return 0;
}
#endif

#ifdef HAVE_ZLIB
enum { WINDOW = 15, AS_GZIP = 16, LEVEL = 6, MEM_LEVEL = 8 };

/* All that comes out of what is in z, which may be the last. */
static int
deflate_piece(z_stream *z, int last)
{
	int r;

	do {
		z->next_out = out;
		z->avail_out = sizeof out;
		r = deflate(z, last ? Z_FINISH : Z_NO_FLUSH);
		if (r == Z_STREAM_ERROR ||
		    give(out, sizeof out - z->avail_out) == -1)
			return -1;
	} while (z->avail_out == 0 || (last && r != Z_STREAM_END));
	return 0;
}

static int
gzip_all(z_stream *z)
{
	ssize_t n;

	do {
		n = take();
		if (n == -1)
			return -1;
		z->next_in = in;
		z->avail_in = (unsigned)n;
		if (deflate_piece(z, n == 0) == -1)
			return -1;
	} while (n > 0);
	return 0;
}

static int
as_gzip(const char *text, size_t n)
{
	unsigned char extra[4 + DAEMON_ZIPHEAD_MAX] = { 'd', 'z',
		(unsigned char)n, 0 };
	gz_header head = { .os = 3, /* Unix */
		.extra = extra,
		.extra_len = (unsigned)(4 + n) };
	z_stream z = { 0 };
	int r;

	(void)memcpy(extra + 4, text, n);
	if (deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW + AS_GZIP, MEM_LEVEL,
		Z_DEFAULT_STRATEGY) != Z_OK)
		return -1;
	(void)deflateSetHeader(&z, &head);
	r = gzip_all(&z);
	(void)deflateEnd(&z);
	return r;
}

/* One piece: 0; -1: it is damaged, or cannot be written. */
static int
inflate_piece(z_stream *z, int *ended)
{
	int r;

	do {
		if (*ended && inflateReset(z) != Z_OK)
			return -1;
		z->next_out = out;
		z->avail_out = sizeof out;
		r = inflate(z, Z_NO_FLUSH);
		if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
			return -1;
		*ended = r == Z_STREAM_END;
		if (give(out, sizeof out - z->avail_out) == -1)
			return -1;
	} while (z->avail_in > 0 || z->avail_out == 0);
	return 0;
}

static int
from_gzip(size_t n)
{
	z_stream z = { 0 };
	int ended = 0, r = inflateInit2(&z, WINDOW + AS_GZIP) == Z_OK ? 0 : -1;
	ssize_t more = (ssize_t)n;

	while (r == 0 && more > 0) {
		z.next_in = in;
		z.avail_in = (unsigned)more;
		r = inflate_piece(&z, &ended);
		more = r == 0 ? take() : 0;
	}
	(void)inflateEnd(&z);
	return r == 0 && more == 0 && ended ? 0 : -1;
}
#else
static int
as_gzip(const char *text, size_t n)
{
	(void)text;
	(void)n;
	return -1;
}

static int
from_gzip(size_t n)
{
	(void)n;
	return -1;
}
#endif

#ifdef HAVE_ZSTD
enum { ZSTD_LEVEL = 3 };

static int
zstd_piece(ZSTD_CCtx *z, size_t n, int last)
{
	ZSTD_inBuffer from = { in, n, 0 };
	ZSTD_outBuffer to;
	size_t left;

	do {
		to = (ZSTD_outBuffer){ out, sizeof out, 0 };
		left = ZSTD_compressStream2(
		    z, &to, &from, last ? ZSTD_e_end : ZSTD_e_continue);
		if (ZSTD_isError(left) || give(out, to.pos) == -1)
			return -1;
	} while (last ? left > 0 : from.pos < from.size);
	return 0;
}

static int
skippable(const char *text, size_t n)
{
	const unsigned char head[8] = { 0x5d, 0x2a, 0x4d, 0x18,
		(unsigned char)n };

	return give(head, sizeof head) == 0 ? give(text, n) : -1;
}

static int
as_zstd(const char *text, size_t n)
{
	ZSTD_CCtx *z = ZSTD_createCCtx();
	ssize_t got = 1;
	int r = z != NULL && skippable(text, n) == 0 ? 0 : -1;

	if (r == 0) {
		(void)ZSTD_CCtx_setParameter(
		    z, ZSTD_c_compressionLevel, ZSTD_LEVEL);
		(void)ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
	}
	while (r == 0 && got > 0) {
		got = take();
		r = got == -1 ? -1 : zstd_piece(z, (size_t)got, got == 0);
	}
	(void)ZSTD_freeCCtx(z);
	return r;
}

/* One piece; *left: 0 at the end of a frame. */
static int
expand_piece(ZSTD_DCtx *z, size_t n, size_t *left)
{
	ZSTD_inBuffer from = { in, n, 0 };
	ZSTD_outBuffer to;

	do {
		to = (ZSTD_outBuffer){ out, sizeof out, 0 };
		*left = ZSTD_decompressStream(z, &to, &from);
		if (ZSTD_isError(*left) || give(out, to.pos) == -1)
			return -1;
	} while (from.pos < from.size || (to.pos == to.size && *left != 0));
	return 0;
}

static int
from_zstd(size_t n)
{
	ZSTD_DCtx *z = ZSTD_createDCtx();
	ssize_t more = (ssize_t)n;
	size_t left = 0;
	int r = z != NULL ? 0 : -1;

	while (r == 0 && more > 0) {
		r = expand_piece(z, (size_t)more, &left);
		more = r == 0 ? take() : 0;
	}
	(void)ZSTD_freeDCtx(z);
	return r == 0 && more == 0 && left == 0 ? 0 : -1;
}
#else
static int
as_zstd(const char *text, size_t n)
{
	(void)text;
	(void)n;
	return -1;
}

static int
from_zstd(size_t n)
{
	(void)n;
	return -1;
}
#endif

static int
is_known(enum daemon_zip how)
{
	switch (how) {
	case DAEMON_ZIP_NONE: return 0;
	case DAEMON_ZIP_GZIP:
#ifdef HAVE_ZLIB
		return 1;
#else
		return 0;
#endif
	case DAEMON_ZIP_ZSTD:
#ifdef HAVE_ZSTD
		return 1;
#else
		return 0;
#endif
	}
	return 0;
}

/* Two descriptors are all that is needed; what is read may be anybody's. */
static int
give_up_rights(void)
{
	const struct rlimit memory = { MEMORY, MEMORY };
	gid_t group = NOBODY;
	const struct daemon_user nobody = {
		.uid = NOBODY, .gid = NOBODY, .groups = &group, .ngroups = 1
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    setrlimit(RLIMIT_AS, &memory) == -1)
		return -1;
	return geteuid() == 0 ? daemon_user_drop(&nobody) : 0;
}

static int
expand(void)
{
	ssize_t n = take();

	if (n <= 0)
		return n == 0 ? 0 : -1;
	return n > 1 && in[0] == 0x1f && in[1] == 0x8b ? from_gzip((size_t)n)
						       : from_zstd((size_t)n);
}

/* On disk before its original goes. */
static int
compress_as(enum daemon_zip how, const struct daemon_ziphead *h)
{
	char text[DAEMON_ZIPHEAD_MAX];
	size_t n = daemon_ziphead_text(text, h);
	int r = how == DAEMON_ZIP_GZIP ? as_gzip(text, n) : as_zstd(text, n);

	return r == 0 && (fsync(STDOUT_FILENO) == 0 || errno == EINVAL) ? 0
									: -1;
}

int
main(int argc, char **argv)
{
	enum daemon_zip how =
	    argc > 1 ? daemon_zip_parse(argv[1]) : DAEMON_ZIP_NONE;
	struct daemon_ziphead h;

	if (argc == 2 && how != DAEMON_ZIP_NONE)
		return is_known(how) ? EXIT_RUNS : EXIT_NOT_FOUND;
	if ((argc != 4 || how == DAEMON_ZIP_NONE) &&
	    (argc != 2 || strcmp(argv[1], "expand") != 0)) {
		(void)fputs("daemonize-compress: usage: daemonize "
			    "--log-compress starts it\n",
		    stderr);
		return EXIT_USAGE;
	}
	if (give_up_rights() == -1)
		return EXIT_STEP;
	if (argc == 2)
		return expand() == 0 ? EXIT_RUNS : EXIT_STEP;
	(void)!nice(NICE);
	h = (struct daemon_ziphead){ .dev = strtoull(argv[2], NULL, 10),
		.ino = strtoull(argv[3], NULL, 10) };
	return compress_as(how, &h) == 0 ? EXIT_RUNS : EXIT_STEP;
}
