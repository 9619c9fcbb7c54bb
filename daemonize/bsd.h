/* SPDX-License-Identifier: ISC */
/* What the programs take from libbsd.  The lean build has no libbsd for its
 * C library, and brings the few lines itself (bsd.c). */
#ifndef BSD_H
#define BSD_H

#ifdef LEAN
long long
strtonum(const char *text, long long min, long long max, const char **errstr);
#else
#include <bsd/stdlib.h>
#endif

#endif
