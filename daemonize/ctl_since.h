/* SPDX-License-Identifier: ISC */
/* Times that people write, and those that lines of a log begin with. */
#ifndef CTL_SINCE_H
#define CTL_SINCE_H

#include <stdint.h>

/*
 * "10m" (ago), "09:30" (today), "2026-11-22", "2026-11-22 09:30:10" (with T
 * for the blank, and Z behind it if that is not local time), "@1795324211".
 * *us of the epoch.  -1/EINVAL.
 */
int since_parse(const char *text, int64_t now_us, int64_t *us);

#endif
