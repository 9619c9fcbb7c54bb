/* SPDX-License-Identifier: ISC */
/*
 * own_init
 *
 * One of the many programs with a daemon_init() of their own, of other
 * arguments, that uses the rest of the library.  Nothing may arrive there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libdaemon/notify.h"
#include "libdaemon/pidfile.h"
#include "libdaemon/step.h"

/* From <libdaemon/init.h>, which such a program cannot include. */
int daemon_ready(void);
void daemon_failed(int status, const char *fmt, ...) __attribute__((noreturn));

int daemon_init(const char *pname, int facility);

int
daemon_init(const char *pname, int facility)
{
	(void)printf("own daemon_init %s %d\n", pname, facility);
	return 0;
}

int
main(int argc, char **argv)
{
	struct daemon_pidfile *pf;

	if (daemon_init(argv[0][0] != '\0' ? "own" : "", 24) != 0 ||
	    daemon_umask_set(027) != 0 || daemon_notify("STATUS=x") == -1 ||
	    daemon_ready() != 0)
		return 1;
	if (argc > 1) {
		pf = daemon_pidfile_open(argv[1], (uid_t)-1, NULL);
		if (pf == NULL || daemon_pidfile_write(pf) == -1 ||
		    daemon_pidfile_remove(pf) == -1)
			return 1;
	}
	(void)fflush(stdout);
	daemon_failed(5, "on purpose");
}
