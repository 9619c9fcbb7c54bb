/* SPDX-License-Identifier: ISC */
/* UTF-8, RFC 3629. */
#ifndef DAEMON_UTF8_H
#define DAEMON_UTF8_H

#include <stddef.h>

/* The length of the character at p, which a NUL follows somewhere; 0: it is
 * none. */
size_t daemon_utf8_length(const unsigned char *p);

#endif
