/* SPDX-License-Identifier: ISC */
/*
 * A pid as the text of a pidfile, both ways.  kill(0) and kill(-1) are the
 * classic disasters, so nothing but a plain number is one.
 */
#include "../decimal.h"
#include "pidtext.h"

pid_t
daemon_pid_parse(const char *text, size_t n)
{
	long pid = 0;
	size_t i;

	if (n == 0)
		return 0;
	if (text[n - 1] == '\n')
		n--;
	if (n == 0 || n > 10 || text[0] == '0')
		return -1;
	for (i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		pid = pid * 10 + (text[i] - '0');
	}
	return pid > 1 << 22 ? -1 : (pid_t)pid;
}

size_t
daemon_pid_text(char buf[DAEMON_PID_TEXT_MAX], pid_t pid)
{
	char *end = daemon_decimal(buf, (unsigned long long)pid);

	*end = '\n';
	return (size_t)(end + 1 - buf);
}
