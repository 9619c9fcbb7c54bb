/* SPDX-License-Identifier: ISC */
/* What an end means, for every status and every signal. */
#include <errno.h>
#include <signal.h>

#include "../../libdaemon/supervise/ending.h"
#include "report.h"

/* As wait(2) has them. */
static int
exited(int status)
{
	return status << 8;
}

static enum daemon_ending
of(int status)
{
	return daemon_ending_of(
	    status, &DAEMON_ENDINGS_SUCCESS, &DAEMON_ENDINGS_FINAL);
}

static void
defaults(void)
{
	int i, good = 1;

	for (i = 0; i < 256; i++)
		good &= of(exited(i)) ==
		    (i == 0			  ? DAEMON_ENDING_SUCCESS
			    : i == 78 || i == 125 ? DAEMON_ENDING_FINAL
						  : DAEMON_ENDING_FAILURE);
	ok(good, "0 is success, 78 and 125 are final, all else is failure");
	good = 1;
	for (i = 1; i <= 64; i++)
		good &= of(i) ==
		    (i == SIGHUP || i == SIGINT || i == SIGTERM || i == SIGPIPE
			    ? DAEMON_ENDING_SUCCESS
			    : DAEMON_ENDING_FAILURE);
	ok(good, "of signals HUP, INT, TERM and PIPE are success");
	ok(of(SIGSEGV | 0x80) == DAEMON_ENDING_FAILURE, "a core is failure");
}

static void
parsed(void)
{
	static const char *const bad[] = { "", ",", "1,", ",1", "256", "-1",
		"1 ", "NOSUCH", "0x1", "1,,2", "TERM,x", "0001" };
	struct daemon_endings e = { .signal = 0 };
	size_t i;

	ok(daemon_endings_parse(&e, "255") == 0 &&
		daemon_endings_parse(&e, "0,64,SIGUSR1,kill,3") == 0,
	    "statuses and signals, by name");
	ok(daemon_ending_of(exited(255), &e, &DAEMON_ENDINGS_FINAL) ==
		    DAEMON_ENDING_SUCCESS &&
		daemon_ending_of(exited(64), &e, &DAEMON_ENDINGS_FINAL) ==
		    DAEMON_ENDING_SUCCESS &&
		daemon_ending_of(exited(63), &e, &DAEMON_ENDINGS_FINAL) ==
		    DAEMON_ENDING_FAILURE,
	    "these statuses, and no others");
	ok(daemon_ending_of(SIGUSR1, &e, &e) == DAEMON_ENDING_FINAL &&
		daemon_ending_of(SIGKILL, &e, &DAEMON_ENDINGS_FINAL) ==
		    DAEMON_ENDING_SUCCESS &&
		daemon_ending_of(3, &e, &DAEMON_ENDINGS_FINAL) ==
		    DAEMON_ENDING_FAILURE,
	    "these signals; final beats success; 3 is no signal");
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct daemon_endings before = e;

		errno = 0;
		ok(daemon_endings_parse(&e, bad[i]) == -1 && errno == EINVAL &&
			e.signal == before.signal &&
			e.status[0] == before.status[0],
		    "%s", bad[i]);
	}
}

int
main(void)
{
	defaults();
	parsed();
	return finish();
}
