/* SPDX-License-Identifier: ISC */
/*
 * The one table of signals.  Real-time ones count from SIGRTMIN as the C
 * library has it (34 with glibc, 35 with musl), so their names stand in the
 * table by distance.
 */
#include <signal.h>
#include <string.h>
#include <strings.h>

#include "signame.h"

/* The first name of a number is the one that is shown. */
static const struct {
	int number;
	const char *name;
} table[] = {
	{ SIGHUP, "HUP" },
	{ SIGINT, "INT" },
	{ SIGQUIT, "QUIT" },
	{ SIGILL, "ILL" },
	{ SIGTRAP, "TRAP" },
	{ SIGABRT, "ABRT" },
	{ SIGBUS, "BUS" },
	{ SIGFPE, "FPE" },
	{ SIGKILL, "KILL" },
	{ SIGUSR1, "USR1" },
	{ SIGSEGV, "SEGV" },
	{ SIGUSR2, "USR2" },
	{ SIGPIPE, "PIPE" },
	{ SIGALRM, "ALRM" },
	{ SIGTERM, "TERM" },
#ifdef SIGSTKFLT
	{ SIGSTKFLT, "STKFLT" },
#endif
	{ SIGCHLD, "CHLD" },
	{ SIGCONT, "CONT" },
	{ SIGSTOP, "STOP" },
	{ SIGTSTP, "TSTP" },
	{ SIGTTIN, "TTIN" },
	{ SIGTTOU, "TTOU" },
	{ SIGURG, "URG" },
	{ SIGXCPU, "XCPU" },
	{ SIGXFSZ, "XFSZ" },
	{ SIGVTALRM, "VTALRM" },
	{ SIGPROF, "PROF" },
	{ SIGWINCH, "WINCH" },
	{ SIGIO, "IO" },
#ifdef SIGPWR
	{ SIGPWR, "PWR" },
#endif
	{ SIGSYS, "SYS" },
	{ SIGABRT, "IOT" },
	{ SIGIO, "POLL" },
	{ SIGCHLD, "CLD" },
};

/* clang-format off */
/* RTMIN+0 ... RTMIN+30; the last of all is shown as RTMAX. */
static const char realtime[][9] = {
	"RTMIN", "RTMIN+1", "RTMIN+2", "RTMIN+3", "RTMIN+4",
	"RTMIN+5", "RTMIN+6", "RTMIN+7", "RTMIN+8", "RTMIN+9",
	"RTMIN+10", "RTMIN+11", "RTMIN+12", "RTMIN+13", "RTMIN+14",
	"RTMIN+15", "RTMIN+16", "RTMIN+17", "RTMIN+18", "RTMIN+19",
	"RTMIN+20", "RTMIN+21", "RTMIN+22", "RTMIN+23", "RTMIN+24",
	"RTMIN+25", "RTMIN+26", "RTMIN+27", "RTMIN+28", "RTMIN+29",
	"RTMIN+30",
};
/* clang-format on */

static int
in_range(int sig)
{
	return sig >= SIGRTMIN && sig <= SIGRTMAX ? sig : -1;
}

/* Decimal digits and nothing else; -1. */
static int
number(const char *p)
{
	int n = 0;

	if (*p == '\0' || strlen(p) > 3 || p[strspn(p, "0123456789")] != '\0')
		return -1;
	for (; *p != '\0'; p++)
		n = n * 10 + (*p - '0');
	return n;
}

/* What follows "RTMIN" or "RTMAX": nothing, or its sign and a distance. */
static int
distant(int from, const char *rest, char sign)
{
	int n;

	if (*rest == '\0')
		return from;
	if (*rest != sign || (n = number(rest + 1)) == -1)
		return -1;
	return in_range(sign == '+' ? from + n : from - n);
}

int
daemon_signal_parse(const char *text)
{
	size_t i;

	if (*text >= '0' && *text <= '9') {
		int n = number(text);

		return daemon_signal_name(n) != NULL ? n : -1;
	}
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	if (strncasecmp(text, "RTMIN", 5) == 0)
		return distant(SIGRTMIN, text + 5, '+');
	if (strncasecmp(text, "RTMAX", 5) == 0)
		return distant(SIGRTMAX, text + 5, '-');
	for (i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcasecmp(table[i].name, text) == 0)
			return table[i].number;
	return -1;
}

const char *
daemon_signal_name(int sig)
{
	size_t i;

	if (sig == SIGRTMAX)
		return "RTMAX";
	if (in_range(sig) != -1) {
		i = (size_t)(sig - SIGRTMIN);
		return i < sizeof realtime / sizeof realtime[0] ? realtime[i]
								: NULL;
	}
	for (i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].number == sig)
			return table[i].name;
	return NULL;
}
