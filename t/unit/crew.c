/* SPDX-License-Identifier: ISC */
/*
 * crew [OPTION=VALUE...]: a master whose workers answer at the address `listen`
 * and whose agents do what their words say; see 545 and man/daemon_master.3.
 *
 * A worker answers a connection with "WORKER GENERATION PID TEXT", TEXT being
 * what the file "text" had when the master read it last; after a line
 *	slow MS     so much later, a file "busy" meanwhile
 *	exit N      not at all: it ends
 *	run CMD     with what that prints
 *	self        with who it is, as far as its process knows
 *	open PATH   with the first line of a file that the master opens for it
 *	tell WORD   after it has sent WORD to the master
 *	many N      not at all: it sends N messages, and ends
 *	empty       after it has sent descriptors to the master, and no bytes
 * Events go to the file "events".
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "libdaemon/init.h"
#include "libdaemon/master.h"

enum { AGENTS = 3 };

struct crew {
	char text[64]; /* of this generation */
	const char *fail; /* when a worker is to fail: "early", "told" */
	int late_ms; /* so much later it is ready */
	int daemon;
};

static void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void
note(const char *fmt, ...)
{
	char line[600];
	va_list ap;
	int fd =
	    open("events", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof line - 1, fmt, ap);
	va_end(ap);
	line[n] = '\n';
	(void)!write(fd, line, (size_t)n + 1);
	(void)close(fd);
}

static void
wait_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&t, &t) == -1 && errno == EINTR)
		continue;
}

static void
be_busy(long ms)
{
	(void)close(creat("busy", 0600));
	wait_ms(ms);
	(void)unlink("busy");
}

/* --- a worker ----------------------------------------------------------- */

static void
say_self(const struct daemon_self *self, char *to, size_t size)
{
	struct rlimit files = { 0 };
	char cwd[256] = "?";
	cpu_set_t cpus;
	mode_t mask = umask(0);
	sigset_t blocked;

	(void)umask(mask);
	(void)getrlimit(RLIMIT_NOFILE, &files);
	(void)sched_getaffinity(0, sizeof cpus, &cpus);
	(void)sigprocmask(SIG_BLOCK, NULL, &blocked);
	(void)snprintf(to, size,
	    "uid=%d gid=%d groups=%d umask=%03o nice=%d nofile=%llu cwd=%s "
	    "cpus=%d blocked=%d leader=%d hup=%d listeners=%zu core=%d",
	    (int)getuid(), (int)getgid(), getgroups(0, NULL), (unsigned)mask,
	    getpriority(PRIO_PROCESS, 0), (unsigned long long)files.rlim_cur,
	    getcwd(cwd, sizeof cwd), CPU_COUNT(&cpus),
	    sigismember(&blocked, SIGTERM) || sigismember(&blocked, SIGQUIT),
	    getsid(0) == getpid(), signal(SIGHUP, SIG_DFL) == SIG_DFL,
	    self->listeners, prctl(PR_GET_DUMPABLE));
}

static void
run_command(const char *command, char *to, size_t size)
{
	FILE *p = popen(command, "r");
	size_t n = p != NULL ? fread(to, 1, size - 1, p) : 0;

	to[n] = '\0';
	if (p != NULL)
		(void)pclose(p);
}

static void
wait_for(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (poll(&p, 1, 5000) == -1 && errno == EINTR)
		continue;
}

/* Through the master. */
static void
open_file(
    const struct daemon_self *self, const char *line, char *to, size_t size)
{
	char said[64];
	size_t nfd = 1;
	int fd = -1;
	ssize_t n;

	if (daemon_channel_send(self->channel, line, strlen(line), NULL, 0) ==
	    -1) {
		(void)snprintf(to, size, "send: %s", strerror(errno));
		return;
	}
	wait_for(self->channel);
	n = daemon_channel_receive(self->channel, said, sizeof said, &fd, &nfd);
	if (n <= 0 || nfd != 1) {
		(void)snprintf(to, size, "%.*s", n > 0 ? (int)n : 0, said);
		return;
	}
	n = read(fd, to, size - 1);
	to[n > 0 ? n : 0] = '\0';
	to[strcspn(to, "\n")] = '\0';
	(void)close(fd);
}

/* It must not keep them. */
static void
send_empty(int channel)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(4 * sizeof(int))];
	} rights = { .room = { 0 } };
	const int fd[4] = { 0, 1, 2, 0 };
	struct iovec none = { .iov_base = NULL };
	struct msghdr m = { .msg_iov = &none,
		.msg_iovlen = 1,
		.msg_control = rights.room,
		.msg_controllen = sizeof rights.room };

	rights.align.cmsg_level = SOL_SOCKET;
	rights.align.cmsg_type = SCM_RIGHTS;
	rights.align.cmsg_len = CMSG_LEN(sizeof fd);
	(void)memcpy(CMSG_DATA(&rights.align), fd, sizeof fd);
	(void)sendmsg(channel, &m, MSG_NOSIGNAL);
}

static void
send_many(int channel, int n)
{
	while (n-- > 0)
		while (daemon_channel_send(
			   channel, "one of many", 11, NULL, 0) == -1 &&
		    errno == EAGAIN)
			wait_ms(1);
	_exit(0);
}

static void
answer(const struct daemon_self *self, const struct crew *c, int fd)
{
	char line[256], text[4096];
	ssize_t n;

	do
		n = read(fd, line, sizeof line - 1);
	while (n == -1 && errno == EINTR);
	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	(void)snprintf(text, sizeof text, "%u %u %ld %s", self->worker,
	    self->generation, (long)getpid(), c->text);
	if (strncmp(line, "slow ", 5) == 0)
		be_busy(atol(line + 5));
	else if (strncmp(line, "exit ", 5) == 0)
		exit(atoi(line + 5));
	else if (strncmp(line, "run ", 4) == 0)
		run_command(line + 4, text, sizeof text);
	else if (strcmp(line, "self") == 0)
		say_self(self, text, sizeof text);
	else if (strncmp(line, "open ", 5) == 0)
		open_file(self, line, text, sizeof text);
	else if (strncmp(line, "many ", 5) == 0)
		send_many(self->channel, atoi(line + 5));
	else if (strcmp(line, "empty") == 0)
		send_empty(self->channel);
	else if (strncmp(line, "tell ", 5) == 0)
		(void)daemon_channel_send(
		    self->channel, line + 5, strlen(line + 5), NULL, 0);
	if (n > 0)
		(void)send(fd, text, strlen(text), MSG_NOSIGNAL);
	(void)close(fd);
}

static int
work(struct daemon_self *self, void *data)
{
	const struct crew *c = data;
	struct pollfd p[3] = { { .fd = self->told, .events = POLLIN },
		{ .fd = self->listeners > 0 ? self->listener[0] : -1,
		    .events = POLLIN },
		{ .fd = self->channel } };
	int fd;

	if (c->fail != NULL && strcmp(c->fail, "early") == 0 &&
	    access("ok", F_OK) == -1)
		return 7;
	if (c->fail != NULL && strcmp(c->fail, "done") == 0 &&
	    self->worker == 0)
		return 0;
	if (p[1].fd != -1)
		(void)fcntl(p[1].fd, F_SETFL, O_NONBLOCK);
	wait_ms(c->late_ms);
	(void)daemon_self_ready(self);
	printf("worker %u begins\n", self->worker);
	note("worker %u is %d", self->worker, (int)getpid());
	for (;;) {
		(void)poll(p, 3, -1);
		switch (daemon_told(self)) {
		case DAEMON_TOLD_QUIT: return 0;
		case DAEMON_TOLD_REOPEN:
			note("worker %u reopens", self->worker);
			break;
		case DAEMON_TOLD_NOTHING: break;
		}
		if (p[2].revents & POLLHUP) {
			note("worker %u is alone", self->worker);
			return 0;
		}
		fd = p[1].fd != -1 ? accept4(p[1].fd, NULL, NULL, SOCK_CLOEXEC)
				   : -1;
		if (fd != -1)
			answer(self, c, fd);
	}
}

/* --- agents -------------------------------------------------------------- */

/* As long as it is there, it sends what is in the file "asks". */
static int
ask(struct daemon_self *self, void *data)
{
	char word[64];
	ssize_t n;
	int fd;

	(void)data;
	note("agent %s begins, uid %d, %zu listeners", self->agent,
	    (int)getuid(), self->listeners);
	while (daemon_told(self) != DAEMON_TOLD_QUIT) {
		wait_ms(50);
		fd = open("asks", O_RDONLY | O_CLOEXEC);
		if (fd == -1)
			continue;
		n = unlink("asks") == 0 ? read(fd, word, sizeof word) : 0;
		(void)close(fd);
		if (n > 1)
			(void)daemon_channel_send(
			    self->channel, word, (size_t)n - 1, NULL, 0);
	}
	return 0;
}

static int
tick(struct daemon_self *self, void *data)
{
	(void)data;
	note("agent %s ticks", self->agent);
	/* Whom it leaves has its end of the channel, for a while. */
	if (strcmp(self->agent, "father") == 0 && fork() == 0) {
		(void)setsid();
		wait_ms(3000);
		_exit(0);
	}
	return 0;
}

/* --- the master ---------------------------------------------------------- */

static int
read_text(struct crew *c)
{
	FILE *f = fopen("text", "re");

	if (f == NULL)
		return -1;
	if (fgets(c->text, sizeof c->text, f) == NULL)
		c->text[0] = '\0';
	c->text[strcspn(c->text, "\n")] = '\0';
	(void)fclose(f);
	return 0;
}

static int
on_reload(struct daemon_master *m, void *data)
{
	(void)m;
	note("reload");
	return read_text(data);
}

static void
on_ready(struct daemon_master *m, void *data)
{
	struct crew *c = data;

	(void)m;
	note("ready");
	if (c->daemon)
		(void)daemon_ready();
}

/* Where it was called itself. */
static void
on_reopen(struct daemon_master *m, void *data)
{
	const struct daemon_master_options another = { .run = work,
		.data = data };
	char why[200];

	(void)m;
	note("reopen");
	if (daemon_master(&another, why, sizeof why) == -1)
		note("%s: %s", why, strerror(errno));
}

static void
on_quit(struct daemon_master *m, void *data)
{
	(void)m;
	(void)data;
	note("quit");
}

static void
on_tell(struct daemon_master *m, void *data, const char *text)
{
	(void)m;
	(void)data;
	note("%s", text);
}

static void
hand_out(const struct daemon_peer *to, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	(void)daemon_channel_send(to->channel, fd == -1 ? "no" : "yes",
	    fd == -1 ? 2 : 3, &fd, fd != -1);
	if (fd != -1)
		(void)close(fd);
}

static void
count(void *arg, const struct daemon_peer *peer)
{
	int *n = arg;

	*n += peer->agent == NULL && peer->pid > 0;
}

static void
on_heard(struct daemon_master *m, void *data, const struct daemon_peer *from,
    const void *p, size_t n, const int *fd, size_t nfd)
{
	char text[256];
	int there = 0;

	(void)data;
	(void)snprintf(text, sizeof text, "%.*s", (int)n, (const char *)p);
	while (nfd > 0)
		(void)close(fd[--nfd]);
	if (strncmp(text, "open ", 5) == 0) {
		hand_out(from, text + 5);
		return;
	}
	daemon_master_each(m, count, &there);
	note("%s %s says %s, %d workers",
	    from->agent != NULL ? "agent" : "worker",
	    from->agent != NULL ? from->agent : "", text, there);
	if (strncmp(text, "scale ", 6) == 0 &&
	    daemon_master_scale(m, (unsigned)atoi(text + 6)) == -1)
		note("scale: %s", strerror(errno));
	else if (strcmp(text, "reload") == 0)
		(void)kill(getpid(), SIGHUP);
}

struct setup {
	struct daemon_master_options o;
	struct daemon_master_agent agent[AGENTS];
	const char *listen[3], *rlimit[3];
	struct daemon_options d;
	int thread, times;
};

static void
add_agent(struct setup *s, char *value)
{
	struct daemon_master_agent *a = &s->agent[s->o.agents++];
	const char *word;

	*a = (struct daemon_master_agent){ .name = strsep(&value, " "),
		.run = ask };
	while ((word = strsep(&value, " ")) != NULL)
		if (strcmp(word, "once") == 0)
			a->once = 1;
		else if (strncmp(word, "every=", 6) == 0) {
			a->every_ms = atoi(word + 6);
			a->run = tick;
		} else if (strncmp(word, "delay=", 6) == 0)
			a->delay_ms = atoi(word + 6);
		else if (strncmp(word, "user=", 5) == 0)
			a->user = word + 5;
}

static void
set(struct setup *s, struct crew *c, char *arg)
{
	const struct {
		const char *key, **to;
	} texts[] = { { "name", &s->o.name }, { "rundir", &s->o.rundir },
		{ "title", &s->o.title }, { "umask", &s->o.umask },
		{ "nice", &s->o.nice }, { "cpus", &s->o.cpu_affinity },
		{ "rlimit", &s->rlimit[0] }, { "user", &s->o.user },
		{ "group", &s->o.group }, { "cwd", &s->o.cwd },
		{ "stop", &s->o.stop }, { "drain", &s->o.drain },
		{ "restart", &s->o.restart },
		{ "restart-delay", &s->o.restart_delay },
		{ "max-restarts", &s->o.max_restarts },
		{ "ready-timeout", &s->o.ready_timeout },
		{ "listen", &s->listen[0] }, { "fail", &c->fail } };
	char *value = arg;
	const char *key = strsep(&value, "=");
	size_t i;

	if (value == NULL)
		errx(2, "%s: no value", arg);
	for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (strcmp(texts[i].key, key) == 0) {
			*texts[i].to = value;
			return;
		}
	if (strcmp(key, "workers") == 0)
		s->o.workers = (unsigned)atoi(value);
	else if (strcmp(key, "ready") == 0)
		s->o.ready_ms = atoi(value);
	else if (strcmp(key, "late") == 0)
		c->late_ms = atoi(value);
	else if (strcmp(key, "batch") == 0)
		s->o.batch = atoi(value);
	else if (strcmp(key, "daemon") == 0)
		c->daemon = atoi(value);
	else if (strcmp(key, "thread") == 0)
		s->thread = atoi(value);
	else if (strcmp(key, "times") == 0)
		s->times = atoi(value);
	else if (strcmp(key, "agent") == 0 && s->o.agents < AGENTS)
		add_agent(s, value);
	else
		errx(2, "%s: no such option", key);
}

/* What a process has that a master changes, as text. */
static void
look(char *to, size_t size)
{
	struct sigaction child;
	sigset_t blocked;
	int fd, n = 0, fds = 0, sig, reaper = -1;

	for (fd = 0; fd < 1024; fd++)
		fds += fcntl(fd, F_GETFD) != -1;
	(void)sigprocmask(SIG_BLOCK, NULL, &blocked);
	for (sig = 1; sig < 32; sig++)
		n += sigismember(&blocked, sig);
	(void)sigaction(SIGCHLD, NULL, &child);
	(void)prctl(PR_GET_CHILD_SUBREAPER, &reaper);
	(void)snprintf(to, size, "%d descriptors, %d blocked, %s, subreaper %d",
	    fds, n, child.sa_handler == SIG_IGN ? "ignored" : "default",
	    reaper);
}

static int
serve(const struct setup *s, char *why, size_t size)
{
	char before[200], after[200];
	int i, r = 0, saved = 0;

	(void)signal(SIGCHLD, SIG_IGN);
	for (i = 0; r == 0 && i < s->times; i++) {
		look(before, sizeof before);
		r = daemon_master(&s->o, why, size);
		saved = errno;
		look(after, sizeof after);
		note("%s: %s",
		    strcmp(before, after) == 0 ? "as before" : before, after);
	}
	errno = saved;
	return r;
}

static void *
sleep_long(void *arg)
{
	wait_ms(60000);
	return arg;
}

int
main(int argc, char **argv)
{
	pthread_t thread;
	struct crew c = { .late_ms = 0 };
	struct setup s = { .o = { .run = work,
			       .data = &c,
			       .argv = argv,
			       .ready = on_ready,
			       .reload = on_reload,
			       .reopen = on_reopen,
			       .quit = on_quit,
			       .heard = on_heard,
			       .tell = on_tell },
		.times = 1 };
	char why[600];
	FILE *buffered;
	int i, r;

	s.o.agent = s.agent;
	s.o.listen = s.listen;
	s.o.rlimit = s.rlimit;
	for (i = 1; i < argc; i++)
		set(&s, &c, strdup(argv[i]));
	if (read_text(&c) == -1)
		(void)strcpy(c.text, "-");
	s.d = (struct daemon_options){ .cwd = "", .ready_timeout_ms = 10000 };
	if (c.daemon && daemon_init(&s.d) == -1)
		err(1, "daemon_init");
	if (s.thread && pthread_create(&thread, NULL, sleep_long, NULL) != 0)
		errx(1, "no thread");
	buffered = fopen("buffered", "ae");
	if (buffered != NULL)
		(void)fputs("once\n", buffered);
	r = serve(&s, why, sizeof why);
	if (r == -1 && c.daemon)
		daemon_failed(1, "%s", why);
	if (r == -1)
		warnx("%s (%s)", why, strerror(errno));
	return r == 0 ? 0 : 1;
}
