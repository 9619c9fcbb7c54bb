/* SPDX-License-Identifier: ISC */
/*
 * The daemon of the scenarios: executes nothing, writes nothing, pauses for
 * ever.  The driver knows it by its file, so that whatever else runs is not
 * the daemon.  Link it -static: it then makes hardly a call of its own.
 */
#include <unistd.h>

int
main(void)
{
	for (;;)
		(void)pause();
}
