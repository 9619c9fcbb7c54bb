/* SPDX-License-Identifier: ISC */
/*
 * Which bytes are a character.
 */
#include "utf8.h"

size_t
daemon_utf8_length(const unsigned char *p)
{
	size_t i,
	    n = *p < 0x80	     ? 1
	    : *p < 0xc2 || *p > 0xf4 ? 0
	    : *p < 0xe0		     ? 2
	    : *p < 0xf0		     ? 3
				     : 4;

	for (i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* Longer than needed, half of a surrogate pair, beyond the last. */
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] >= 0xa0) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] >= 0x90))
		return 0;
	return n;
}
