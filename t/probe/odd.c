/* SPDX-License-Identifier: ISC */
/*
 * odd CONDITION... -- command [args]
 *
 * Becomes the command under the conditions of an odd caller.  Words on the
 * command line are only stored; they are applied in the order of the table
 * below, because some would keep others from being made (no descriptor can
 * be opened after nofile=3, no message printed after close=2).
 */
#define _GNU_SOURCE 1

#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>

#include "probe.h"

extern char **environ;

struct odd {
	const char *name;
	void (*apply)(const struct odd *);
	int id; /* of a limit */
	const char *form; /* of the argument; NULL: takes none */
	const char *arg; /* as given; "" without one; NULL: not asked */
};

/* Calls back for each word of a list: "0,2" or "CHLD,PIPE". */
static void
each(const char *list, void (*take)(const char *))
{
	char *copy = strdup(list), *rest = copy, *word;

	if (copy == NULL)
		err(BROKEN, "strdup");
	while ((word = strsep(&rest, ",")) != NULL)
		take(word);
	free(copy);
}

static void
set_limit(int id, rlim_t soft, rlim_t hard)
{
	struct rlimit r = { .rlim_cur = soft, .rlim_max = hard };

	if (setrlimit((__rlimit_resource_t)id, &r) == -1)
		err(BROKEN, "setrlimit");
}

static rlim_t
quantity(const char *text)
{
	if (strcmp(text, "unlimited") == 0)
		return RLIM_INFINITY;
	return (rlim_t)number(text, 10, 0, LONG_MAX);
}

/* SOFT[:HARD]; without HARD the hard limit stays, as with ulimit -S. */
static void
limit(const struct odd *o)
{
	char *soft = strdup(o->arg), *hard;
	struct rlimit r;

	if (soft == NULL || getrlimit((__rlimit_resource_t)o->id, &r) == -1)
		err(BROKEN, "getrlimit");
	if ((hard = strchr(soft, ':')) != NULL)
		*hard++ = '\0';
	set_limit(
	    o->id, quantity(soft), hard != NULL ? quantity(hard) : r.rlim_max);
	free(soft);
}

/* A mount namespace of its own, in which /proc is an empty directory. */
static void
noproc(const struct odd *o)
{
	(void)o;
	if (unshare(CLONE_NEWNS) == -1 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("none", "/proc", "tmpfs", MS_RDONLY, NULL) == -1)
		err(BROKEN, "noproc");
}

/* The tracer stays outside, passes signals on and repeats the status. */
static void
trace(void)
{
	pid_t pid = fork();
	int status, sig;

	if (pid == -1)
		err(BROKEN, "fork");
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1)
			err(BROKEN, "ptrace");
		return;
	}
	for (;;) {
		if (waitpid(pid, &status, 0) == -1)
			err(BROKEN, "waitpid");
		if (!WIFSTOPPED(status))
			exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status)
						 : WEXITSTATUS(status));
		/* The trap tells of its execve: ours to see, not its. */
		sig = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
		(void)ptrace(PTRACE_CONT, pid, NULL, (long)sig);
	}
}

static void
deletedcwd(const struct odd *o)
{
	char dir[] = "/tmp/odd.XXXXXX";

	(void)o;
	if (mkdtemp(dir) == NULL || chdir(dir) == -1 || rmdir(dir) == -1)
		err(BROKEN, "%s", dir);
}

/* Children the command never made: a wait for anybody finds them. */
static void
zombies(const struct odd *o)
{
	long n = number(o->arg, 10, 0, 10000);
	siginfo_t info;

	(void)signal(SIGCHLD, SIG_DFL);
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == -1)
			err(BROKEN, "fork");
		if (pid == 0)
			_exit(42);
		(void)waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	}
}

static int
null_above(int min)
{
	int fd = open("/dev/null", O_RDWR), high;

	if (fd == -1 || (high = fcntl(fd, F_DUPFD, min)) == -1)
		err(BROKEN, "/dev/null");
	close(fd);
	return high;
}

/* Opened under a lifted limit: more than the limit is odd, not an error. */
static void
fds(const struct odd *o)
{
	long n = number(o->arg, 10, 0, 1000000);
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == -1)
		err(BROKEN, "getrlimit");
	set_limit(RLIMIT_NOFILE, r.rlim_max, r.rlim_max);
	for (long i = 0; i < n; i++)
		(void)null_above(3);
	set_limit(RLIMIT_NOFILE, r.rlim_cur, r.rlim_max);
}

/* FD:LIMIT: an open descriptor that the soft limit says cannot be. */
static void
high(const struct odd *o)
{
	char *fd = strdup(o->arg), *lim;
	struct rlimit r;
	int at;

	if (fd == NULL || getrlimit(RLIMIT_NOFILE, &r) == -1)
		err(BROKEN, "getrlimit");
	if ((lim = strchr(fd, ':')) == NULL)
		errx(BROKEN, "high=FD:LIMIT");
	*lim++ = '\0';
	at = (int)number(fd, 10, 3, 1 << 20);
	set_limit(RLIMIT_NOFILE, r.rlim_max, r.rlim_max);
	if (fcntl(at, F_GETFD) == -1 && null_above(at) != at)
		errx(BROKEN, "descriptor %d cannot be opened", at);
	set_limit(RLIMIT_NOFILE, quantity(lim), r.rlim_max);
	free(fd);
}

static void
mask(const struct odd *o)
{
	(void)umask((mode_t)number(o->arg, 8, 0, 0777));
}

static void
niceness(const struct odd *o)
{
	if (setpriority(PRIO_PROCESS, 0, (int)number(o->arg, 10, -20, 19)) ==
	    -1)
		err(BROKEN, "nice");
}

static void
idle(const struct odd *o)
{
	struct sched_param p = { 0 };

	(void)o;
	if (sched_setscheduler(0, SCHED_IDLE, &p) == -1)
		err(BROKEN, "sched_setscheduler");
}

static void
emptyenv(const struct odd *o)
{
	(void)o;
	if (clearenv() != 0)
		err(BROKEN, "clearenv");
}

static void
bigenv(const struct odd *o)
{
	long left = number(o->arg, 10, 0, 1 << 24);

	/* The kernel takes no single string above 128 KiB. */
	for (int i = 0; left > 0; i++) {
		size_t n = left > 65536 ? 65536 : (size_t)left;
		char *value = calloc(1, n + 1), name[32];

		if (value == NULL)
			err(BROKEN, "calloc");
		memset(value, 'x', n);
		(void)snprintf(name, sizeof name, "ODD_BIG_%d", i);
		if (setenv(name, value, 1) == -1)
			err(BROKEN, "setenv");
		free(value);
		left -= (long)n;
	}
}

static void
default_one(const char *name)
{
	if (signal(signal_number(name), SIG_DFL) == SIG_ERR)
		err(BROKEN, "default %s", name);
}

/* What runs the tests may itself be odd: GNU parallel ignores ALRM. */
static void
defaults(const struct odd *o)
{
	each(o->arg, default_one);
}

static void
ignore_one(const char *name)
{
	if (signal(signal_number(name), SIG_IGN) == SIG_ERR)
		err(BROKEN, "ignore %s", name);
}

static void
ignore(const struct odd *o)
{
	each(o->arg, ignore_one);
}

static void
block_one(const char *name)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal_number(name));
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

static void
block(const struct odd *o)
{
	each(o->arg, block_one);
}

/* All 64, with the two that the C library would leave out. */
static void
blockall(const struct odd *o)
{
	uint64_t all = ~UINT64_C(0);

	(void)o;
	if (syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, NULL, 8) == -1)
		err(BROKEN, "rt_sigprocmask");
}

static void
pend_one(const char *name)
{
	block_one(name);
	(void)kill(getpid(), signal_number(name));
}

static void
pending(const struct odd *o)
{
	each(o->arg, pend_one);
}

static void
timer(time_t sec, suseconds_t usec)
{
	struct itimerval t = { .it_value = { .tv_sec = sec, .tv_usec = usec } };

	if (setitimer(ITIMER_REAL, &t, NULL) == -1)
		err(BROKEN, "setitimer");
}

static void
alarmed(const struct odd *o)
{
	timer(number(o->arg, 10, 1, 1000000), 0);
}

static void
itimer(const struct odd *o)
{
	long ms = number(o->arg, 10, 1, 1000000000);

	timer(ms / 1000, ms % 1000 * 1000);
}

static void
break_one(const char *fd)
{
	int p[2];

	if (pipe(p) == -1 || dup2(p[1], (int)number(fd, 10, 0, 2)) == -1)
		err(BROKEN, "pipe");
	close(p[0]);
	close(p[1]);
}

/* Standard descriptors on a pipe that nobody reads any more. */
static void
brokenpipe(const struct odd *o)
{
	each(o->arg, break_one);
}

static void
nonewprivs(const struct odd *o)
{
	(void)o;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		err(BROKEN, "no_new_privs");
}

static struct __user_cap_data_struct caps[2];

static void
drop_cap(int cap)
{
	uint32_t bit = 1u << (cap % 32);

	if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1 &&
	    prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == -1)
		err(BROKEN, "bounding set, capability %d", cap);
	caps[cap / 32].effective &= ~bit;
	caps[cap / 32].permitted &= ~bit;
	caps[cap / 32].inheritable &= ~bit;
}

static void
drop_one(const char *name)
{
	static const struct {
		const char *name;
		int cap;
	} known[] = {
		{ "chown", CAP_CHOWN },
		{ "dac_override", CAP_DAC_OVERRIDE },
		{ "fowner", CAP_FOWNER },
		{ "kill", CAP_KILL },
		{ "setgid", CAP_SETGID },
		{ "setpcap", CAP_SETPCAP },
		{ "setuid", CAP_SETUID },
		{ "sys_admin", CAP_SYS_ADMIN },
		{ "sys_chroot", CAP_SYS_CHROOT },
		{ "sys_nice", CAP_SYS_NICE },
		{ "sys_ptrace", CAP_SYS_PTRACE },
		{ "sys_resource", CAP_SYS_RESOURCE },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i].name, name) == 0) {
			drop_cap(known[i].cap);
			return;
		}
	errx(BROKEN, "%s: no capability I know", name);
}

/* From the bounding set too: otherwise root has them back after execve. */
static void
dropcaps(const struct odd *o)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};

	if (syscall(SYS_capget, &head, caps) == -1)
		err(BROKEN, "capget");
	if (*o->arg != '\0')
		each(o->arg, drop_one);
	else
		for (int cap = 0; cap < 64; cap++)
			drop_cap(cap);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capset, &head, caps) == -1)
		err(BROKEN, "capset");
}

static void
close_one(const char *fd)
{
	close((int)number(fd, 10, 0, 2));
}

static void
closed(const struct odd *o)
{
	each(o->arg, close_one);
}

/* In the order in which they are applied; the first three by go() itself. */
enum { TRACED, THREADS, ARGC0 };

static struct odd table[] = {
	[TRACED] = { "traced", NULL, 0, NULL, NULL },
	[THREADS] = { "threads", NULL, 0, "N", NULL },
	[ARGC0] = { "argc0", NULL, 0, NULL, NULL },
	{ "noproc", noproc, 0, NULL, NULL },
	{ "deletedcwd", deletedcwd, 0, NULL, NULL },
	{ "zombies", zombies, 0, "N", NULL },
	{ "fds", fds, 0, "N", NULL },
	{ "high", high, 0, "FD:LIMIT", NULL },
	{ "umask", mask, 0, "OCTAL", NULL },
	{ "nice", niceness, 0, "N", NULL },
	{ "idle", idle, 0, NULL, NULL },
	{ "emptyenv", emptyenv, 0, NULL, NULL },
	{ "bigenv", bigenv, 0, "BYTES", NULL },
	{ "default", defaults, 0, "SIG,...", NULL },
	{ "ignore", ignore, 0, "SIG,...", NULL },
	{ "block", block, 0, "SIG,...", NULL },
	{ "blockall", blockall, 0, NULL, NULL },
	{ "pending", pending, 0, "SIG,...", NULL },
	{ "alarm", alarmed, 0, "SECONDS", NULL },
	{ "itimer", itimer, 0, "MS", NULL },
	{ "brokenpipe", brokenpipe, 0, "FD,...", NULL },
	{ "nonewprivs", nonewprivs, 0, NULL, NULL },
	{ "as", limit, RLIMIT_AS, "SOFT[:HARD]", NULL },
	{ "core", limit, RLIMIT_CORE, "SOFT[:HARD]", NULL },
	{ "cpu", limit, RLIMIT_CPU, "SOFT[:HARD]", NULL },
	{ "data", limit, RLIMIT_DATA, "SOFT[:HARD]", NULL },
	{ "fsize", limit, RLIMIT_FSIZE, "SOFT[:HARD]", NULL },
	{ "memlock", limit, RLIMIT_MEMLOCK, "SOFT[:HARD]", NULL },
	{ "nofile", limit, RLIMIT_NOFILE, "SOFT[:HARD]", NULL },
	{ "nproc", limit, RLIMIT_NPROC, "SOFT[:HARD]", NULL },
	{ "sigpending", limit, RLIMIT_SIGPENDING, "SOFT[:HARD]", NULL },
	{ "stack", limit, RLIMIT_STACK, "SOFT[:HARD]", NULL },
	{ "dropcaps", dropcaps, 0, "[CAP,...]", NULL },
	{ "close", closed, 0, "FD,...", NULL },
};

#define NTABLE (sizeof table / sizeof *table)

static void
usage(void)
{
	fprintf(stderr, "usage: odd CONDITION... -- command [args]\n");
	for (size_t i = 0; i < NTABLE; i++)
		fprintf(stderr, "\t%s%s%s\n", table[i].name,
		    table[i].form != NULL ? "=" : "",
		    table[i].form != NULL ? table[i].form : "");
	exit(BROKEN);
}

static void
store(const char *word)
{
	size_t n = strcspn(word, "=");

	for (size_t i = 0; i < NTABLE; i++) {
		const char *form = table[i].form;

		if (strncmp(table[i].name, word, n) != 0 ||
		    table[i].name[n] != '\0')
			continue;
		if ((form == NULL && word[n] == '=') ||
		    (form != NULL && *form != '[' && word[n] != '='))
			usage();
		table[i].arg = word[n] == '=' ? word + n + 1 : "";
		return;
	}
	warnx("%s: no condition of mine", word);
	usage();
}

/* Where PATH has it: looked up while there is still a PATH. */
static const char *
found(const char *name)
{
	static char path[PATH_MAX];
	char *dirs = strdup(getenv("PATH") != NULL ? getenv("PATH") : "/bin");
	char *rest = dirs, *dir;

	if (strchr(name, '/') != NULL || dirs == NULL)
		return name;
	while ((dir = strsep(&rest, ":")) != NULL) {
		int n = snprintf(path, sizeof path, "%s/%s", dir, name);

		if (n > 0 && (size_t)n < sizeof path && access(path, X_OK) == 0)
			return path;
	}
	return name;
}

/* Applies what was asked and becomes the command. */
static void *
go(void *words)
{
	char *none[] = { NULL }, **argv = words;
	const char *path = found(argv[0]);

	for (size_t i = 0; i < NTABLE; i++)
		if (table[i].arg != NULL && table[i].apply != NULL)
			table[i].apply(&table[i]);
	(void)execve(path, table[ARGC0].arg != NULL ? none : argv,
	    environ != NULL ? environ : none);
	err(errno == ENOENT ? 127 : 126, "%s", path);
}

__attribute__((noreturn)) static void *
loiter(void *unused)
{
	(void)unused;
	for (;;)
		pause();
}

/* The command is executed by a thread that is not the first one. */
static void
go_threaded(char *argv[])
{
	long n = number(table[THREADS].arg, 10, 1, 1000);
	pthread_t thread;

	for (long i = 0; i < n; i++)
		if ((errno = pthread_create(
			 &thread, NULL, i + 1 < n ? loiter : go, argv)) != 0)
			err(BROKEN, "pthread_create");
	loiter(NULL);
}

int
main(int argc, char *argv[])
{
	int i = 1;

	for (; i < argc && strcmp(argv[i], "--") != 0; i++)
		store(argv[i]);
	if (i + 1 >= argc)
		usage();
	argv += i + 1;
	if (table[ARGC0].arg != NULL && argv[1] != NULL)
		errx(BROKEN, "argc0 leaves no room for arguments");
	if (table[TRACED].arg != NULL)
		trace();
	if (table[THREADS].arg != NULL)
		go_threaded(argv);
	go(argv);
}
