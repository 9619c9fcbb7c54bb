/* SPDX-License-Identifier: ISC */
/* The last line of one instance is not the beginning of the next one's first. */
#ifndef DAEMON_LINEEND_H
#define DAEMON_LINEEND_H

struct daemon_supervisor;

/* Where what a keeper takes ends within a line, nobody is left to go on with
 * it: it ends here. */
void daemon_lines_end(const struct daemon_supervisor *s);

#endif
