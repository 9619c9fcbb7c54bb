/* SPDX-License-Identifier: ISC */
/*
 * The words of schedules and limits: durations, sizes, signals.
 */
#include <limits.h>

#include "../../libdaemon/duration.h"
#include "../../libdaemon/signame.h"
#include "stop_unit.h"

struct row {
	const char *text;
	long long value; /* -1: refused */
	int error;
};

static const struct row durations[] = {
	{ "500ms", 500, 0 },
	{ "30s", 30000, 0 },
	{ "5m", 300000, 0 },
	{ "2h", 7200000, 0 },
	{ "7d", 604800000, 0 },
	{ "30", 30000, 0 },
	{ "0", 0, 0 },
	{ "0ms", 0, 0 },
	{ "007", 7000, 0 },
	{ "0.2s", 200, 0 },
	{ "0.2", 200, 0 },
	{ "1.5m", 90000, 0 },
	{ "0.3", 300, 0 },
	{ "0.0001", 1, 0 },
	{ "1.0000000000", 1000, 0 },
	{ "1.0000000001", 1001, 0 },
	{ "0.5ms", 1, 0 },
	{ "9223372036854775807ms", LLONG_MAX, 0 },
	{ "9223372036854775808ms", -1, ERANGE },
	{ "9223372036854775807.5ms", -1, ERANGE },
	{ "9223372036854775807", -1, ERANGE },
	{ "106751991168d", -1, ERANGE },
	{ "99999999999999999999999", -1, ERANGE },
	{ "", -1, EINVAL },
	{ "s", -1, EINVAL },
	{ "ms", -1, EINVAL },
	{ ".5", -1, EINVAL },
	{ "5.", -1, EINVAL },
	{ "5.s", -1, EINVAL },
	{ "1.2.3", -1, EINVAL },
	{ "-1", -1, EINVAL },
	{ "+1", -1, EINVAL },
	{ " 1", -1, EINVAL },
	{ "1 ", -1, EINVAL },
	{ "1 s", -1, EINVAL },
	{ "1S", -1, EINVAL },
	{ "1sec", -1, EINVAL },
	{ "1w", -1, EINVAL },
	{ "1h30m", -1, EINVAL },
	{ "0x10", -1, EINVAL },
	{ "1e3", -1, EINVAL },
	{ "inf", -1, EINVAL },
	{ "99999999999999999999999x", -1, EINVAL },
};

static const struct row sizes[] = {
	{ "0", 0, 0 },
	{ "4096", 4096, 0 },
	{ "64K", 65536, 0 },
	{ "64k", 65536, 0 },
	{ "10M", 10485760, 0 },
	{ "10m", 10485760, 0 },
	{ "2G", 2147483648, 0 },
	{ "2g", 2147483648, 0 },
	{ "9223372036854775807", LLONG_MAX, 0 },
	{ "8589934591G", 9223372035781033984, 0 },
	{ "8589934592G", -1, ERANGE },
	{ "9223372036854775808", -1, ERANGE },
	{ "", -1, EINVAL },
	{ "K", -1, EINVAL },
	{ "1KB", -1, EINVAL },
	{ "1KiB", -1, EINVAL },
	{ "1T", -1, EINVAL },
	{ "1.5M", -1, EINVAL },
	{ "-1", -1, EINVAL },
	{ " 1", -1, EINVAL },
	{ "1 K", -1, EINVAL },
	{ "0x10", -1, EINVAL },
};

static void
read_all(const char *what, int (*read_one)(const char *, long long *),
    const struct row *row, size_t n)
{
	long long value;
	int r;

	for (; n-- > 0; row++) {
		value = -42;
		errno = 0;
		r = read_one(row->text, &value);
		if (row->value == -1)
			ok(r == -1 && errno == row->error && value == -42,
			    "%s \"%s\" is refused", what, row->text);
		else
			ok(r == 0 && value == row->value, "%s \"%s\" is %lld",
			    what, row->text, row->value);
	}
}

static const struct {
	const char *text;
	int number;
	const char *name; /* as shown */
} signals[] = {
	{ "TERM", SIGTERM, "TERM" },
	{ "SIGTERM", SIGTERM, "TERM" },
	{ "sigterm", SIGTERM, "TERM" },
	{ "Term", SIGTERM, "TERM" },
	{ "15", SIGTERM, "TERM" },
	{ "9", SIGKILL, "KILL" },
	{ "IOT", SIGABRT, "ABRT" },
	{ "POLL", SIGIO, "IO" },
	{ "CLD", SIGCHLD, "CHLD" },
	{ "WINCH", SIGWINCH, "WINCH" },
	{ "", -1, NULL },
	{ "SIG", -1, NULL },
	{ "SIGSIGTERM", -1, NULL },
	{ "TERMX", -1, NULL },
	{ "0", -1, NULL },
	{ "65", -1, NULL },
	{ "15x", -1, NULL },
	{ "-15", -1, NULL },
	{ "4294967311", -1, NULL },
	{ "RTMIN-1", -1, NULL },
	{ "RTMAX+1", -1, NULL },
	{ "RTMIN+", -1, NULL },
	{ "RTMIN+99", -1, NULL },
	{ "RTMAX-99", -1, NULL },
	{ "RTMIN+ 1", -1, NULL },
};

static void
read_signals(void)
{
	const char *name;
	size_t i;
	int sig, good = 1;

	for (i = 0; i < sizeof signals / sizeof signals[0]; i++) {
		sig = daemon_signal_parse(signals[i].text);
		ok(sig == signals[i].number &&
			(sig == -1 ||
			    strcmp(daemon_signal_name(sig), signals[i].name) ==
				0),
		    "signal \"%s\" is %d", signals[i].text, signals[i].number);
	}
	ok(daemon_signal_parse("SIGRTMIN") == SIGRTMIN &&
		daemon_signal_parse("rtmin+3") == SIGRTMIN + 3 &&
		daemon_signal_parse("RTMAX") == SIGRTMAX &&
		daemon_signal_parse("SIGRTMAX-2") == SIGRTMAX - 2,
	    "real-time signals by distance");
	for (sig = -1; sig <= SIGRTMAX + 1; sig++) {
		name = daemon_signal_name(sig);
		if (sig < 1 || (sig > 31 && sig < SIGRTMIN) || sig > SIGRTMAX)
			good = good && name == NULL;
		else
			good = good && name != NULL &&
			    daemon_signal_parse(name) == sig;
	}
	ok(good, "every signal has a name that leads back to it");
}

int
main(void)
{
	read_all("duration", daemon_duration_parse, durations,
	    sizeof durations / sizeof durations[0]);
	read_all(
	    "size", daemon_size_parse, sizes, sizeof sizes / sizeof sizes[0]);
	read_signals();
	return finish();
}
