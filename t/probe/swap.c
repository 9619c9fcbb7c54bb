/* SPDX-License-Identifier: ISC */
/*
 * swap A B
 *
 * Exchanges two paths as fast as the machine can, until TERM or INT; both
 * always exist.  Then both are back where they were and "swaps=N missed=M"
 * is printed: missed are the times when somebody else had taken one away.
 */
#define _GNU_SOURCE 1

#include "probe.h"

static volatile sig_atomic_t over;

static void
stop(int sig)
{
	over = sig;
}

int
main(int argc, char *argv[])
{
	struct sigaction act = { .sa_handler = stop };
	unsigned long done = 0, missed = 0;

	if (argc != 3)
		errx(BROKEN, "usage: swap A B");
	(void)sigaction(SIGTERM, &act, NULL);
	(void)sigaction(SIGINT, &act, NULL);
	for (;;) {
		if (renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2],
			RENAME_EXCHANGE) == 0)
			done++;
		else if (errno == ENOENT && (done > 0 || missed > 0 || over))
			missed++;
		else
			err(BROKEN, "%s, %s", argv[1], argv[2]);
		/* An even count is home; gone for good, nothing is. */
		if (over && (done % 2 == 0 || missed > 1000000))
			break;
	}
	printf("swaps=%lu missed=%lu\n", done, missed);
	return 0;
}
