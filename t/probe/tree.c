/* SPDX-License-Identifier: ISC */
/*
 * tree FILE [LABEL:]TRAIT[+TRAIT]...
 *
 * Makes one child for each word and stays.  FILE appears, complete, when all
 * of them are as asked: "self=PID" and a line "LABEL=PID" for each (without
 * LABEL the traits are the label).  The label `self` is the process itself.
 *
 *	child		nothing special: same group, same session
 *	group		its own process group
 *	session		its own session
 *	double		forked twice: its parent is gone
 *	ignore		ignores TERM
 *	cleared		no environment to be seen in /proc
 *	stopped		stopped by SIGSTOP
 *	exit		gone: as a child a zombie, never reaped; self:exit
 *			ends with 0 once FILE is there, leaving the rest
 */
#define _GNU_SOURCE 1

#include "probe.h"

enum trait {
	GROUP = 1u << 0,
	SESSION = 1u << 1,
	DOUBLE = 1u << 2,
	IGNORE = 1u << 3,
	CLEARED = 1u << 4,
	STOPPED = 1u << 5,
	EXIT = 1u << 6,
	CHILD = 1u << 7,
};

static const struct {
	const char *name;
	unsigned bit;
} traits[] = {
	{ "child", CHILD },
	{ "group", GROUP },
	{ "session", SESSION },
	{ "double", DOUBLE },
	{ "ignore", IGNORE },
	{ "cleared", CLEARED },
	{ "stopped", STOPPED },
	{ "exit", EXIT },
};

extern char **environ;

static unsigned
parse(const char *words)
{
	char *copy = strdup(words), *rest = copy, *word;
	unsigned set = 0;

	while ((word = strsep(&rest, "+")) != NULL) {
		size_t i = 0;

		while (i < sizeof traits / sizeof *traits &&
		    strcmp(traits[i].name, word) != 0)
			i++;
		if (i == sizeof traits / sizeof *traits)
			errx(BROKEN, "%s: no trait of mine", word);
		set |= traits[i].bit;
	}
	free(copy);
	if ((set & DOUBLE) && (set & EXIT))
		errx(BROKEN, "%s: would leave nothing", words);
	return set;
}

/* Waits for state S in /proc: T after SIGSTOP, Z after exit. */
static void
await(pid_t pid, char state)
{
	char path[64], line[512], now;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
	for (;;) {
		FILE *f = fopen(path, "re");
		const char *after;

		if (f == NULL || fgets(line, sizeof line, f) == NULL ||
		    (after = strrchr(line, ')')) == NULL ||
		    sscanf(after, ") %c", &now) != 1)
			err(BROKEN, "%s", path);
		fclose(f);
		if (now == state)
			return;
		(void)usleep(1000);
	}
}

/* What a process does to itself.  It says its pid when all but STOP is done. */
static void
be(unsigned set, int tell)
{
	pid_t pid = getpid();

	if ((set & SESSION) && setsid() == -1)
		err(BROKEN, "setsid");
	if ((set & GROUP) && setpgid(0, 0) == -1)
		err(BROKEN, "setpgid");
	if (set & IGNORE)
		(void)signal(SIGTERM, SIG_IGN);
	/* /proc/PID/environ shows this very memory. */
	if (set & CLEARED)
		for (char **e = environ; *e != NULL; e++)
			memset(*e, 0, strlen(*e));
	if (tell == -1)
		return;
	write_all(tell, (const char *)&pid, sizeof pid);
	close(tell);
	if (set & EXIT)
		_exit(0);
	for (;;)
		pause();
}

static pid_t
make(unsigned set)
{
	pid_t first, pid;
	int p[2];

	if (pipe(p) == -1 || (first = fork()) == -1)
		err(BROKEN, "fork");
	if (first == 0) {
		close(p[0]);
		if (set & DOUBLE) {
			pid = fork();
			if (pid != 0)
				_exit(pid == -1 ? BROKEN : 0);
		}
		be(set, p[1]);
	}
	close(p[1]);
	if (read(p[0], &pid, sizeof pid) != sizeof pid)
		errx(BROKEN, "a child ended early");
	close(p[0]);
	if (set & DOUBLE)
		(void)shell_status(first);
	if (set & STOPPED) {
		(void)kill(pid, SIGSTOP);
		await(pid, 'T');
	}
	if (set & EXIT)
		await(pid, 'Z');
	return pid;
}

int
main(int argc, char *argv[])
{
	unsigned self = 0;
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (argc < 3)
		errx(BROKEN, "usage: tree FILE [LABEL:]TRAIT[+TRAIT]...");
	(void)signal(SIGCHLD, SIG_DFL);
	if ((out = open_memstream(&text, &len)) == NULL)
		err(BROKEN, "open_memstream");
	fprintf(out, "self=%d\n", getpid());
	for (int i = 2; i < argc; i++) {
		char *colon = strchr(argv[i], ':');
		unsigned set = parse(colon != NULL ? colon + 1 : argv[i]);

		if (colon != NULL)
			*colon = '\0';
		if (strcmp(argv[i], "self") == 0)
			self = set;
		else
			fprintf(out, "%s=%d\n", argv[i], make(set));
		/* What stdio holds must not be printed by the next child. */
		(void)fflush(out);
	}
	if (fclose(out) == EOF)
		err(BROKEN, "memory");
	be(self, -1);
	publish(argv[1], text, len);
	if (self & EXIT)
		return 0;
	if (self & STOPPED)
		(void)raise(SIGSTOP);
	for (;;)
		pause();
}
