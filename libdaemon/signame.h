/* SPDX-License-Identifier: ISC */
/*
 * Signals as people write them.
 */
#ifndef DAEMON_SIGNAME_H
#define DAEMON_SIGNAME_H

/*
 * "TERM", "SIGTERM", "sigterm", "15", "RTMIN", "RTMIN+3", "SIGRTMAX-1", and
 * the aliases IOT, POLL, CLD.  The number, or -1 for anything else (0, a
 * number without a signal, the two real-time signals of the C library).
 */
int daemon_signal_parse(const char *text);

/* "TERM" of 15, "RTMIN+3" of 37; NULL: no such signal.  The text is
 * constant and not to be freed. */
const char *daemon_signal_name(int sig);

#endif
