/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_TITLE_H
#define DAEMON_TITLE_H

/* There is room for a title where main()'s words are, which move. */
void daemon_title_begin(char **argv);

/* "TITLE: WHAT"; of "" it is what it was. */
void daemon_title_set(const char *title, const char *what);

#endif
