/* SPDX-License-Identifier: ISC */
/* What the programs say, and to whom. */
#ifndef MESSAGES_H
#define MESSAGES_H

#include <stddef.h>

#include "../libdaemon/fault.h"

/* The first word of every message: "daemonize", "daemonctl". */
void message_program(const char *name);

/* "PROGRAM: STEP: OBJECT: REASON", one line, control bytes escaped, to
 * stderr in one write. */
void message_fault(const struct daemon_fault *f);

/* "PROGRAM: option: SHOWN: why" */
void message_option(const char *shown, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* "PROGRAM: text" */
void message(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Write out stdout, and say so if that fails: 0, or -1. */
int message_flush(void);

/* At most ten last lines of text, each behind "| ", escaped. */
void message_last_lines(const char *text);

/* Copy in to out, every byte that could move a cursor or forge a line, or is
 * no UTF-8, as \xHH; truncated to fit. */
void message_escape(char *out, size_t size, const char *in);

/* Is there a control character at p? */
int message_is_control(const unsigned char *p);

#endif
