/* SPDX-License-Identifier: ISC */
/* A session without a terminal. */
#include <unistd.h>

#include "../step.h"

int
daemon_session_start(void)
{
	return setsid() == -1 ? -1 : 0;
}
