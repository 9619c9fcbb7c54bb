/* SPDX-License-Identifier: ISC */
/*
 * condition FILE [exit N | die SIG | pause | catch | ignore | hup]
 *
 * Prints the condition it was born in as key=value lines, then goes on as
 * told.  It looks before it touches: descriptors are listed before any is
 * opened, signals before any is caught.  Asks system calls rather than /proc
 * where it can, so that most keys survive a root without /proc.
 */
#define _GNU_SOURCE 1

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include <dirent.h>
#include <grp.h>
#include <sched.h>
#include <stdint.h>

#include "probe.h"

extern char **environ;

static const struct {
	const char *name;
	int id;
} limits[] = {
	{ "as", RLIMIT_AS },
	{ "core", RLIMIT_CORE },
	{ "cpu", RLIMIT_CPU },
	{ "data", RLIMIT_DATA },
	{ "fsize", RLIMIT_FSIZE },
	{ "locks", RLIMIT_LOCKS },
	{ "memlock", RLIMIT_MEMLOCK },
	{ "msgqueue", RLIMIT_MSGQUEUE },
	{ "nice", RLIMIT_NICE },
	{ "nofile", RLIMIT_NOFILE },
	{ "nproc", RLIMIT_NPROC },
	{ "rss", RLIMIT_RSS },
	{ "rtprio", RLIMIT_RTPRIO },
	{ "rttime", RLIMIT_RTTIME },
	{ "sigpending", RLIMIT_SIGPENDING },
	{ "stack", RLIMIT_STACK },
};

/* What the probe lifts for itself while it writes, and puts back. */
struct lifted {
	struct rlimit nofile, fsize;
};

static volatile sig_atomic_t caught;

static void
lift_one(int id, rlim_t need, struct rlimit *old)
{
	struct rlimit new;

	if (getrlimit((__rlimit_resource_t)id, old) == -1)
		err(BROKEN, "getrlimit");
	if (old->rlim_cur >= need)
		return;
	new = (struct rlimit){ .rlim_cur = need, .rlim_max = old->rlim_max };
	if (new.rlim_max < need)
		new.rlim_max = need;
	/* Without privilege the hard limit is the end of it. */
	if (setrlimit((__rlimit_resource_t)id, &new) == -1) {
		new.rlim_cur = new.rlim_max = old->rlim_max;
		(void)setrlimit((__rlimit_resource_t)id, &new);
	}
}

static void
lift(struct lifted *old)
{
	lift_one(RLIMIT_NOFILE, 4096, &old->nofile);
	lift_one(RLIMIT_FSIZE, 1 << 24, &old->fsize);
}

static void
lower(const struct lifted *old)
{
	(void)setrlimit(RLIMIT_NOFILE, &old->nofile);
	(void)setrlimit(RLIMIT_FSIZE, &old->fsize);
}

/* One line a key, whatever the value holds. */
static void
quoted(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '\\')
			fputs("\\\\", out);
		else if (c < ' ' || c == 0x7f)
			fprintf(out, "\\x%02x", c);
		else
			putc(c, out);
	}
	putc('\n', out);
}

static void
link_target(FILE *out, const char *key, const char *path)
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof target - 1);

	fprintf(out, "%s=", key);
	target[n < 0 ? 0 : n] = '\0';
	quoted(out, n < 0 ? "unknown" : target);
}

static void
descriptor(FILE *out, int fd)
{
	static const char *const modes[] = { "r", "w", "rw", "none" };
	char key[32], path[64];
	int mode = fcntl(fd, F_GETFL);
	int flags = fcntl(fd, F_GETFD);
	off_t at = lseek(fd, 0, SEEK_CUR);
	struct stat st;

	(void)snprintf(key, sizeof key, "fd.%d", fd);
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	link_target(out, key, path);
	fprintf(out, "%s.mode=%s\n", key,
	    mode & O_PATH ? "path" : modes[mode & O_ACCMODE]);
	fprintf(out, "%s.append=%s\n", key, mode & O_APPEND ? "yes" : "no");
	fprintf(out, "%s.nonblock=%s\n", key, mode & O_NONBLOCK ? "yes" : "no");
	fprintf(out, "%s.cloexec=%s\n", key, flags & FD_CLOEXEC ? "yes" : "no");
	if (at == -1)
		fprintf(out, "%s.offset=none\n", key);
	else
		fprintf(out, "%s.offset=%jd\n", key, (intmax_t)at);
	if (fstat(fd, &st) == 0)
		fprintf(out, "%s.inode=%ju:%ju\n%s.perm=%04o\n", key,
		    (uintmax_t)st.st_dev, (uintmax_t)st.st_ino, key,
		    (unsigned)st.st_mode & 07777u);
}

static void
descriptors(FILE *out)
{
	DIR *dir = opendir("/proc/self/fd");
	const char *space = "";
	struct dirent *e;

	fprintf(out, "fds=");
	if (dir == NULL) {
		/* No /proc: ask each number; those above 65535 go unseen. */
		for (int fd = 0; fd < 65536; fd++)
			if (fcntl(fd, F_GETFD) != -1) {
				fprintf(out, "%s%d", space, fd);
				space = " ";
			}
		fprintf(out, "\n");
		return;
	}
	while ((e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.' && atoi(e->d_name) != dirfd(dir)) {
			fprintf(out, "%s%s", space, e->d_name);
			space = " ";
		}
	fprintf(out, "\n");
	rewinddir(dir);
	while ((e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.' && atoi(e->d_name) != dirfd(dir))
			descriptor(out, atoi(e->d_name));
	closedir(dir);
}

static void
signal_set(FILE *out, const char *hex, const char *names, uint64_t set)
{
	const char *comma = "";
	char buf[12];

	if (hex != NULL)
		fprintf(out, "%s=%016jx\n", hex, (uintmax_t)set);
	fprintf(out, "%s=", names);
	for (int sig = 1; sig <= 64; sig++) {
		if ((set >> (sig - 1) & 1u) == 0)
			continue;
		fprintf(out, "%s%s", comma, signal_name(sig, buf));
		comma = ",";
	}
	putc('\n', out);
}

/* By raw calls: the C library hides signals 32 and 33 from everyone. */
static void
signals(FILE *out)
{
	uint64_t blocked = 0, pending = 0, ignored = 0, handled = 0;

	(void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, &blocked, 8);
	(void)syscall(SYS_rt_sigpending, &pending, 8);
	for (int sig = 1; sig <= 64; sig++) {
		unsigned long act[8] = { 0 }; /* the handler comes first */

		if (syscall(SYS_rt_sigaction, sig, NULL, act, 8) == -1)
			continue;
		if (act[0] == (unsigned long)SIG_IGN)
			ignored |= UINT64_C(1) << (sig - 1);
		else if (act[0] != (unsigned long)SIG_DFL)
			handled |= UINT64_C(1) << (sig - 1);
	}
	signal_set(out, "sigblk", "blocked", blocked);
	signal_set(out, "sigpnd", "pending", pending);
	/* 32 and 33, which make(1) leaves ignored, only among the bits. */
	fprintf(out, "sigign=%016jx\n", (uintmax_t)ignored);
	signal_set(out, NULL, "ignored", ignored & ~(UINT64_C(3) << 31));
	signal_set(out, "sigcgt", "caught", handled);
}

static void
timers(FILE *out)
{
	static const char *const names[] = { "real", "virtual", "prof" };
	struct itimerval t;

	for (int which = 0; which < 3; which++) {
		if (getitimer((__itimer_which_t)which, &t) == -1)
			continue;
		fprintf(out, "itimer.%s=%jd.%06ld\n", names[which],
		    (intmax_t)t.it_value.tv_sec, (long)t.it_value.tv_usec);
		/* alarm(2) is the same timer, in seconds rounded up. */
		if (which == ITIMER_REAL)
			fprintf(out, "alarm=%jd\n",
			    (intmax_t)t.it_value.tv_sec +
				(t.it_value.tv_usec > 0));
	}
}

static void
ids(FILE *out)
{
	gid_t groups[1024];
	uid_t r, e, s;
	gid_t rg, eg, sg;
	int n;

	if (getresuid(&r, &e, &s) == -1 || getresgid(&rg, &eg, &sg) == -1)
		err(BROKEN, "getresuid");
	fprintf(out, "uid=%u\neuid=%u\nsuid=%u\n", r, e, s);
	fprintf(out, "gid=%u\negid=%u\nsgid=%u\n", rg, eg, sg);
	n = getgroups(1024, groups);
	fprintf(out, "groups=");
	for (int i = 0; i < n; i++)
		fprintf(out, "%s%u", i > 0 ? " " : "", groups[i]);
	putc('\n', out);
}

/* The lines of /proc/self/status and stat that no system call tells. */
static void
from_proc(FILE *out)
{
	static const struct {
		const char *field, *key;
	} wanted[] = {
		{ "CapInh:\t", "cap.inh" },
		{ "CapPrm:\t", "cap.prm" },
		{ "CapEff:\t", "cap.eff" },
		{ "CapBnd:\t", "cap.bnd" },
		{ "CapAmb:\t", "cap.amb" },
		{ "Seccomp:\t", "seccomp" },
		{ "TracerPid:\t", "tracer" },
		{ "Threads:\t", "threads" },
	};
	char line[8192];
	const char *after;
	FILE *f;
	int tty;

	if ((f = fopen("/proc/self/status", "re")) != NULL) {
		while (fgets(line, sizeof line, f) != NULL)
			for (size_t i = 0; i < sizeof wanted / sizeof *wanted;
			     i++) {
				size_t n = strlen(wanted[i].field);

				if (strncmp(line, wanted[i].field, n) == 0)
					fprintf(out, "%s=%s", wanted[i].key,
					    line + n);
			}
		fclose(f);
	}
	/* "PID (COMM) S PPID PGID SID TTY_NR": COMM may hold ") ". */
	if ((f = fopen("/proc/self/stat", "re")) != NULL) {
		if (fgets(line, sizeof line, f) != NULL &&
		    (after = strrchr(line, ')')) != NULL &&
		    sscanf(after, ") %*c %*d %*d %*d %d", &tty) == 1)
			fprintf(out, "tty=%d\n", tty);
		fclose(f);
	}
	if ((f = fopen("/proc/self/oom_score_adj", "re")) != NULL) {
		if (fgets(line, sizeof line, f) != NULL)
			fprintf(out, "oom_score_adj=%s", line);
		fclose(f);
	}
	if ((f = fopen("/proc/self/cgroup", "re")) != NULL) {
		if (fgets(line, sizeof line, f) != NULL)
			fprintf(out, "cgroup=%s", line);
		fclose(f);
	}
}

static void
attributes(FILE *out)
{
	static const char *const classes[] = { "other", "fifo", "rr", "batch",
		"?", "idle", "deadline" };
	int on = 0, class = sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
	char comm[17] = "";

	(void)prctl(PR_GET_NAME, comm);
	fprintf(out, "comm=");
	quoted(out, comm);
	errno = 0;
	fprintf(out, "nice=%d\n", getpriority(PRIO_PROCESS, 0));
	fprintf(
	    out, "sched=%s\n", class >= 0 && class < 7 ? classes[class] : "?");
	fprintf(out, "nnp=%d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	fprintf(out, "dumpable=%d\n", prctl(PR_GET_DUMPABLE));
	fprintf(out, "keepcaps=%d\n", prctl(PR_GET_KEEPCAPS));
	fprintf(out, "securebits=%d\n", prctl(PR_GET_SECUREBITS));
	if (prctl(PR_GET_CHILD_SUBREAPER, &on) == 0)
		fprintf(out, "subreaper=%d\n", on);
	if (prctl(PR_GET_PDEATHSIG, &on) == 0)
		fprintf(out, "pdeathsig=%d\n", on);
}

static void
place(FILE *out)
{
	char cwd[PATH_MAX];
	mode_t mask = umask(0);
	int fd;

	(void)umask(mask);
	fprintf(out, "pid=%d\nppid=%d\n", getpid(), getppid());
	fprintf(out, "pgid=%d\nsid=%d\n", getpgrp(), getsid(0));
	fprintf(out, "leader=%s\n", getsid(0) == getpid() ? "yes" : "no");
	fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	fprintf(out, "devtty=%s\n", fd == -1 ? "no" : "yes");
	if (fd != -1)
		close(fd);
	fprintf(out, "umask=%03o\n", (unsigned)mask);
	fprintf(out, "cwd=");
	quoted(out, getcwd(cwd, sizeof cwd) != NULL ? cwd : strerror(errno));
	link_target(out, "root", "/proc/self/root");
	link_target(out, "exe", "/proc/self/exe");
}

static void
words(FILE *out, int argc, char *argv[])
{
	int n = 0;

	fprintf(out, "argc=%d\n", argc);
	for (int i = 0; i < argc; i++) {
		fprintf(out, "argv.%d=", i);
		quoted(out, argv[i]);
	}
	for (; environ != NULL && environ[n] != NULL; n++) {
		fprintf(out, "env.%d=", n);
		quoted(out, environ[n]);
	}
	fprintf(out, "envc=%d\n", n);
}

static void
limit_lines(FILE *out)
{
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		struct rlimit r;

		if (getrlimit((__rlimit_resource_t)limits[i].id, &r) == -1)
			continue;
		fprintf(out, "rlimit.%s=", limits[i].name);
		if (r.rlim_cur == RLIM_INFINITY)
			fprintf(out, "unlimited:");
		else
			fprintf(out, "%ju:", (uintmax_t)r.rlim_cur);
		if (r.rlim_max == RLIM_INFINITY)
			fprintf(out, "unlimited\n");
		else
			fprintf(out, "%ju\n", (uintmax_t)r.rlim_max);
	}
}

static void
note(int sig)
{
	caught = sig;
}

/* Stays; each SIG becomes a line.  What was blocked at birth stays so. */
static void
stay(const char *file, int sig, int last, const sigset_t *birth)
{
	for (;;) {
		struct lifted old;
		char line[32], buf[12];

		caught = 0;
		(void)sigsuspend(birth);
		if (caught == 0)
			continue;
		lift(&old);
		(void)snprintf(
		    line, sizeof line, "got=%s\n", signal_name(sig, buf));
		append(file, line);
		lower(&old);
		if (last)
			exit(0);
	}
}

int
main(int argc, char *argv[])
{
	const char *file = argc > 1 ? argv[1] : "-";
	const char *mode = argc > 2 ? argv[2] : "exit";
	int hup = strcmp(mode, "hup") == 0;
	int polite = strcmp(mode, "catch") == 0;
	struct sigaction act = { .sa_handler = note };
	sigset_t birth, held;
	struct lifted old;
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if ((out = open_memstream(&text, &len)) == NULL)
		err(BROKEN, "open_memstream");
	limit_lines(out);
	signals(out);
	timers(out);
	lift(&old);
	descriptors(out);
	place(out);
	ids(out);
	attributes(out);
	from_proc(out);
	words(out, argc, argv);
	if (fclose(out) == EOF)
		err(BROKEN, "memory");

	/* Ready to be signalled before the file says that we are. */
	sigemptyset(&held);
	sigaddset(&held, hup ? SIGHUP : SIGTERM);
	(void)sigprocmask(hup || polite ? SIG_BLOCK : SIG_UNBLOCK,
	    hup || polite ? &held : NULL, &birth);
	if (hup || polite)
		(void)sigaction(hup ? SIGHUP : SIGTERM, &act, NULL);
	if (strcmp(mode, "ignore") == 0)
		(void)signal(SIGTERM, SIG_IGN);
	publish(file, text, len);
	lower(&old);

	if (strcmp(mode, "exit") == 0)
		return argc > 3 ? (int)number(argv[3], 10, 0, 255) : 0;
	if (strcmp(mode, "die") == 0 && argc > 3) {
		(void)raise(signal_number(argv[3]));
		return BROKEN;
	}
	if (hup || polite)
		stay(file, hup ? SIGHUP : SIGTERM, polite, &birth);
	if (strcmp(mode, "pause") != 0 && strcmp(mode, "ignore") != 0)
		errx(BROKEN, "%s: exit N, die SIG, pause, catch, ignore, hup",
		    mode);
	for (;;)
		pause();
}
