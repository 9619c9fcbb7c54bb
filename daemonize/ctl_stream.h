/* SPDX-License-Identifier: ISC */
/* What one service has written to a file, and to those before it, as lines. */
#ifndef CTL_STREAM_H
#define CTL_STREAM_H

#include <sys/types.h>

#include "../libdaemon/list.h"
#include "../libdaemon/output/lines.h"

/* How all that are read are shown. */
struct stream_how {
	long long lines; /* the last; -1: all */
	int64_t since_us; /* of the epoch */
	int terminal, paints;
	int many; /* there are others */
};

/* A file that a service writes to. */
struct stream {
	char *path;
	int fd; /* -1: it is not there (yet) */
	int zipped; /* it is compressed */
	off_t at; /* what is before that was read */
	long long skip; /* lines that are not asked for */
	struct daemon_bytes half; /* of a line, so far */
	int rotates; /* what was in it before is in PATH.1, PATH.2 and so on */
	char *name; /* of the service, if there are others; NULL */
	int is_err; /* standard error, alone */
	struct daemon_layout layout; /* of its lines */
	int waits; /* for the first line that is late enough */
	int damaged; /* a file of it was */
	const struct stream_how *how;
};

/* Where the lines that are asked for begin, which may be in a former file. */
void stream_begin(struct stream *s);

/* All that came, in that file and in those after it, is printed.  0;
 * -1/errno. */
int stream_read(struct stream *s);

/* ctl_streamlines.c: print the whole lines that s has; the rest stays, if that
 * is not too much.  -1/errno. */
int stream_print_lines(struct stream *s);

/* ctl_streamlines.c: of a line that has not ended what there is.  ends: there
 * comes no more. */
int stream_print_half(struct stream *s, int ends);

void stream_clear(struct stream *s);

#endif
