/* SPDX-License-Identifier: ISC */
/*
 * The one reader of times and of sizes: every option, limit and schedule
 * understands the same words.  Pure.
 */
#ifndef DAEMON_DURATION_H
#define DAEMON_DURATION_H

/*
 * "500ms" "30s" "5m" "2h" "7d"; a bare number is seconds.  Decimals may
 * follow one point ("0.2s"); what is finer than a millisecond is rounded
 * up, so that a time that was asked for never becomes none.
 * 0 with *ms, or -1 with *ms untouched: EINVAL for anything else (signs and
 * blanks too), ERANGE for more than a long long holds.
 */
int daemon_duration_parse(const char *text, long long *ms);

/*
 * "4096", "64K", "10M", "2G", either case, powers of 1024; a bare number is
 * bytes.  No decimals.  As above.
 */
int daemon_size_parse(const char *text, long long *bytes);

#endif
