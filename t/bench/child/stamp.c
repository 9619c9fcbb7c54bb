/* SPDX-License-Identifier: ISC */
/*
 * The command that is started: notes the time of its first instruction,
 * says so, waits for TERM, lingers BENCH_LINGER_MS, notes its last and ends.
 * Static, so that hardly anything of its own is measured.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "../record.h"

enum { LIFE_S = 600 }; /* nobody may forget it for longer */

static void
say(int fd, uint64_t ns, enum record_what what)
{
	struct record r = { .ns = ns, .pid = getpid(), .what = (int32_t)what };

	if (write(fd, &r, sizeof r) != (ssize_t)sizeof r)
		_exit(1);
}

static void
nap(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&t, &t) == -1)
		continue;
}

int
main(void)
{
	uint64_t born = clock_ns();
	const char *fifo = getenv("BENCH_FIFO");
	const char *linger = getenv("BENCH_LINGER_MS");
	sigset_t term;
	int fd, sig;

	if (fifo == NULL || linger == NULL)
		return 2;
	fd = open(fifo, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return 1;
	(void)alarm(LIFE_S);
	/* Blocked before we are known, so that none comes too early. */
	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &term, NULL);
	say(fd, born, RECORD_BORN);
	(void)sigwait(&term, &sig);
	nap(atol(linger));
	say(fd, clock_ns(), RECORD_DIED);
	_exit(0);
}
