/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "oom.h"

/* As low as the field has it: above what is never to be ended. */
enum { LOW = -900 };

static const char adjustment[] = "/proc/self/oom_score_adj";

static int
set(int score)
{
	char text[16];
	int fd = open(adjustment, O_WRONLY | O_CLOEXEC), n, r;

	if (fd == -1)
		return -1;
	n = snprintf(text, sizeof text, "%d", score);
	r = write(fd, text, (size_t)n) == n ? 0 : -1;
	(void)close(fd);
	return r;
}

int
daemon_oom_lower(void)
{
	char text[16];
	int fd = open(adjustment, O_RDONLY | O_CLOEXEC), was;
	ssize_t n;

	if (fd == -1)
		return DAEMON_OOM_AS_IT_WAS;
	n = read(fd, text, sizeof text - 1);
	(void)close(fd);
	if (n <= 0)
		return DAEMON_OOM_AS_IT_WAS;
	text[n] = '\0';
	was = atoi(text);
	return was > LOW && set(LOW) == 0 ? was : DAEMON_OOM_AS_IT_WAS;
}

void
daemon_oom_restore(int was)
{
	if (was != DAEMON_OOM_AS_IT_WAS)
		(void)set(was);
}
