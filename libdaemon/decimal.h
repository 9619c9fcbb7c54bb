/* SPDX-License-Identifier: ISC */
/* Numbers as text where stdio may not be used, or costs too much. */
#ifndef DAEMON_DECIMAL_H
#define DAEMON_DECIMAL_H

enum { DAEMON_DECIMAL_MAX = 21 };

/* Write n to p, at most DAEMON_DECIMAL_MAX bytes with the NUL; returns
 * where the NUL is, as stpcpy(3).  Async-signal-safe. */
char *daemon_decimal(char *p, unsigned long long n);

/* All of text, digits alone, is a number from 0 to most.  -1/EINVAL. */
int daemon_decimal_read(long long *n, const char *text, long long most);

/* All of text is an octal mask, from 0 to 0777, of at most four digits.
 * -1/EINVAL. */
int daemon_mask_read(long long *mask, const char *text);

#endif
