/* SPDX-License-Identifier: ISC */
/*
 * initd [options] [WORD [ARGUMENT]]...
 *
 * A daemon made of words: calls daemon_init() with what the options say,
 * then does one word after the other.  Where daemon_init() returns -1 it
 * prints "refused STEP ERRNO" (and " PID" of who runs) and exits 77.
 *
 *	-b TEXT before: left in stdout's buffer   -T before: start a thread
 *	-n -m -d -u -g -p -i -o -e ARG  members of struct daemon_options
 *	-P FILE before: a pidfile's handle, kept
 *	-k FD kept   -K keep all   -C keep SIGCHLD   -F foreground   -t MS
 */
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "libdaemon/init.h"
#include "libdaemon/notify.h"
#include "libdaemon/pidfile.h"

#include "errname.h"

static int keep[16], nkeep;
static struct daemon_pidfile *handle;

static void *
idle(void *arg)
{
	for (;;)
		(void)pause();
	return arg;
}

static void *
ready_in_thread(void *arg)
{
	*(int *)arg = daemon_ready();
	return NULL;
}

static FILE *
begin(const char *path, char tmp[4096])
{
	FILE *f;

	(void)snprintf(tmp, 4096, "%s.new", path);
	f = fopen(tmp, "we");
	if (f == NULL)
		_exit(78);
	return f;
}

static void
end(FILE *f, const char *tmp, const char *path)
{
	if (fclose(f) != 0 || rename(tmp, path) == -1)
		_exit(78);
}

/* Our pid, session, and descriptors as they are, before any is opened. */
static void
state(const char *path)
{
	char fds[8192] = "", name[32], tmp[4096];
	FILE *f;
	int fd;

	for (fd = 0; fd < 70000; fd++)
		if (fcntl(fd, F_GETFD) != -1) {
			(void)snprintf(name, sizeof name, "%s%d",
			    fds[0] != '\0' ? " " : "", fd);
			(void)strcat(fds, name);
		}
	f = begin(path, tmp);
	(void)fprintf(f, "pid=%d\nppid=%d\npgid=%d\nsid=%d\nfds=%s\n",
	    (int)getpid(), (int)getppid(), (int)getpgrp(), (int)getsid(0), fds);
	end(f, tmp, path);
}

/* Whether what was dropped can be had again. */
static void
regain(const char *path)
{
	char tmp[4096];
	FILE *f;
	int got = setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0;

	f = begin(path, tmp);
	(void)fprintf(f, "regained=%s\n", got ? "yes" : "no");
	end(f, tmp, path);
}

/* Not system(3): that is a shell, with its own ideas of signals. */
static void
run(char *command)
{
	char *argv[8] = { NULL };
	pid_t pid;

	for (int i = 0; i < 7; i++) {
		argv[i] = strtok(i == 0 ? command : NULL, " ");
		if (argv[i] == NULL)
			break;
	}
	pid = fork();
	if (pid == 0) {
		(void)execvp(argv[0], argv);
		_exit(127);
	}
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
}

static void
await(const char *path)
{
	while (access(path, F_OK) == -1)
		(void)poll(NULL, 0, 5);
}

static void
child_says_ready(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(daemon_ready() == 0 ? 0 : 1);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
}

static void
child_fails(void)
{
	pid_t pid = fork();

	if (pid == 0)
		daemon_failed(9, "of the child");
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
}

/* A child that holds the report, and says nothing. */
static void
child_stays(void)
{
	if (fork() == 0)
		idle(NULL);
}

static void
thread_says_ready(void)
{
	pthread_t t;
	int r = -1;

	if (pthread_create(&t, NULL, ready_in_thread, &r) != 0 ||
	    pthread_join(t, NULL) != 0 || r != 0)
		_exit(78);
}

static void
at_exit(void)
{
	(void)fprintf(stderr, "exit handler\n");
}

static void
init_again(void)
{
	int r = daemon_init(NULL);

	(void)printf("again %d %s\n", r, errname(errno));
	(void)fflush(stdout);
}

static void
open_handle(const char *path)
{
	unsigned n;
	int fd;

	handle = daemon_pidfile_open(path, (uid_t)-1, NULL);
	if (handle == NULL)
		exit(78);
	for (n = 0; (fd = daemon_pidfile_descriptor(handle, n)) != -1; n++)
		keep[nkeep++] = fd;
}

static void
done(int r)
{
	if (r == -1) {
		perror("initd");
		exit(78);
	}
}

/* How many of argv were used. */
static int
word(char **a)
{
	const char *w = a[0], *arg = a[1];

	if (strcmp(w, "ready") == 0)
		return daemon_ready() == -1 ? (perror("ready"), 1) : 1;
	if (strcmp(w, "pause") == 0)
		idle(NULL);
	if (strcmp(w, "child-ready") == 0)
		return child_says_ready(), 1;
	if (strcmp(w, "child-failed") == 0)
		return child_fails(), 1;
	if (strcmp(w, "child-stays") == 0)
		return child_stays(), 1;
	if (strcmp(w, "thread-ready") == 0)
		return thread_says_ready(), 1;
	if (strcmp(w, "again") == 0)
		return init_again(), 1;
	if (strcmp(w, "close-all") == 0) {
		for (int fd = 3; fd < 1024; fd++)
			(void)close(fd);
		return 1;
	}
	if (strcmp(w, "own-session") == 0)
		return setpgid(0, 0), (void)setsid(), 1;
	if (strcmp(w, "write-pid") == 0)
		return done(daemon_pidfile_write(handle)), 1;
	if (strcmp(w, "remove-pid") == 0)
		return done(daemon_pidfile_remove(handle)), 1;
	if (strcmp(w, "exit") == 0)
		exit(atoi(arg));
	if (strcmp(w, "failed") == 0)
		daemon_failed(atoi(arg), "%s", a[2]);
	if (strcmp(w, "die") == 0)
		return (void)raise(atoi(arg)), 2;
	if (strcmp(w, "ignore") == 0)
		return (void)signal(atoi(arg), SIG_IGN), 2;
	if (strcmp(w, "state") == 0)
		return state(arg), 2;
	if (strcmp(w, "regain") == 0)
		return regain(arg), 2;
	if (strcmp(w, "run") == 0)
		return run(a[1]), 2;
	if (strcmp(w, "await") == 0)
		return await(arg), 2;
	if (strcmp(w, "say") == 0)
		return fprintf(stderr, "%s\n", arg), 2;
	if (strcmp(w, "print") == 0)
		return printf("%s\n", arg), fflush(stdout), 2;
	if (strcmp(w, "log") == 0)
		return syslog(LOG_INFO, "%s", arg), 2;
	(void)fprintf(stderr, "initd: %s: what?\n", w);
	exit(79);
}

static void
option(struct daemon_options *o, int c)
{
	pthread_t t;

	switch (c) {
	case 'b': (void)printf("%s", optarg); break;
	case 'T':
		if (pthread_create(&t, NULL, idle, NULL) != 0)
			exit(78);
		break;
	case 'X': (void)atexit(at_exit); break;
	case 'n': o->name = optarg; break;
	case 'm': o->umask = optarg; break;
	case 'd': o->cwd = optarg; break;
	case 'u': o->user = optarg; break;
	case 'g': o->group = optarg; break;
	case 'p': o->pidfile = optarg; break;
	case 'i': o->in = optarg; break;
	case 'o': o->out = optarg; break;
	case 'e': o->err = optarg; break;
	case 'P': open_handle(optarg); break;
	case 'k':
		if (nkeep < 15)
			keep[nkeep++] = atoi(optarg);
		break;
	case 'K': o->keep_all = 1; break;
	case 'C': o->keep_sigchld = 1; break;
	case 'F': o->foreground = 1; break;
	case 't': o->ready_timeout_ms = atoi(optarg); break;
	default: exit(79);
	}
}

int
main(int argc, char **argv)
{
	const char *step = "?";
	pid_t running = 0;
	struct daemon_options o = {
		.failed_step = &step,
		.running = &running,
		.keep = keep,
	};
	int c;

	while (
	    (c = getopt(argc, argv, "+b:TXn:m:d:u:g:p:P:i:o:e:k:KCFt:")) != -1)
		option(&o, c);
	keep[nkeep] = -1;
	if (daemon_init(&o) == -1) {
		c = errno;
		(void)printf("refused %s %s", step, errname(c));
		if (running != 0)
			(void)printf(" %ld", (long)running);
		(void)printf("\n");
		return 77;
	}
	for (argv += optind; *argv != NULL;)
		argv += word(argv);
	return 0;
}
