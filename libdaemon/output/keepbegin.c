/* SPDX-License-Identifier: ISC */
#include <sys/signalfd.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../at.h"
#include "../clock.h"
#include "../duration.h"
#include "../identity/service.h"
#include "keeper.h"

enum { INHERIT_MS = 5000 /* for another to end */ };

/* For reading only: it hangs up when nobody is left to write. */
static int
open_pipe(int given)
{
	char name[DAEMON_AT_NAME];
	int fd;

	if (given == -1)
		return -1;
	(void)fcntl(given, F_SETPIPE_SZ, DAEMON_RING);
	fd = open(
	    daemon_at_name(given, name), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return given;
	(void)close(given);
	return fd;
}

static int
open_signals(void)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t set;

	(void)sigaction(SIGCHLD, &dfl, NULL);
	(void)sigfillset(&set);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGUSR1);
	(void)sigaddset(&set, SIGUSR2);
	(void)sigaddset(&set, SIGCHLD);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
daemon_keep_inherit(struct daemon_spool *s, int dir)
{
	pid_t other = 0;
	int fd;

	if (daemon_spool_open(s, dir, &other) == 0)
		return 0;
	if (errno != EWOULDBLOCK || other <= 1)
		return -1;
	fd = daemon_pidfd_open(other);
	/* Its number is its own for as long as it has the lock.  One whose log
	 * does not answer ends when that does. */
	if (fd != -1 && daemon_spool_open(s, dir, &other) == -1 &&
	    errno == EWOULDBLOCK) {
		(void)daemon_pidfd_send(fd, SIGTERM);
		(void)daemon_pidfd_wait(fd,
		    daemon_spool_trouble(dir, DAEMON_TO_LOG) == DAEMON_SINK_HUNG
			? 0
			: INHERIT_MS);
	}
	if (fd != -1)
		(void)close(fd);
	return s->fd != -1 ? 0 : daemon_spool_open(s, dir, &other);
}

static int
read_options(struct daemon_keeper *k, const struct daemon_definition *d)
{
	struct daemon_sink *s = &k->sink;
	long long n;

	s->log.layout.tags = d->log_tags != 0;
	k->blocks = d->log_block != 0;
	s->files = k->zip.files = (unsigned)d->log_files;
	if (d->log_compress != NULL)
		k->zip.how = daemon_zip_parse(d->log_compress);
	k->zip.wanted = 1;
	if (d->log_timestamps != NULL &&
	    daemon_stamps_parse(&s->log.layout.stamps, d->log_timestamps) == -1)
		return -1;
	k->syslog.tag = d->syslog_tag != NULL ? d->syslog_tag : d->name;
	if (d->syslog != NULL &&
	    daemon_syslog_parse(d->syslog, &k->syslog.priority) == -1)
		return -1;
	if (d->log_age != NULL) {
		if (daemon_duration_parse(d->log_age, &n) == -1)
			return -1;
		s->log.max_age_ms = n;
	}
	if (d->log_size == NULL)
		return 0;
	if (daemon_size_parse(d->log_size, &n) == -1)
		return -1;
	s->log.max_size = n;
	return 0;
}

int
daemon_keep_is_stdout(const struct daemon_definition *d)
{
	return d->log != NULL && strcmp(d->log, DAEMON_LOG_STDOUT) == 0;
}

const char *
daemon_keep_path(const struct daemon_definition *d)
{
	return daemon_keep_is_stdout(d) ? DAEMON_LOG_STDOUT
	    : d->captured		? d->out
					: NULL;
}

/* Where nobody can ask for them they only stay open. */
static void
hold_sockets(struct daemon_keeper *k, const char *text)
{
	k->asked = -1;
	daemon_handback_parse(&k->sockets, text);
	if (k->sockets.n > 0 && k->revive != NULL)
		k->asked = daemon_handback_open(k->dir);
}

int
daemon_keeper_begin(struct daemon_keeper *k, const struct daemon_keeping *how)
{
	const struct daemon_definition *d = k->h.d;
	int i;

	k->sink = (struct daemon_sink){ .h = &k->h,
		.path = daemon_keep_path(d),
		.fd = -1,
		.leave = daemon_standin_leave,
		.back = daemon_standin_back,
		.arg = k };
	k->zip = DAEMON_COMPRESSING_NONE;
	k->syslog = DAEMON_SYSLOG_NONE;
	k->syslog.heard_ms = daemon_clock_steady(); /* or will be */
	k->came_ms = daemon_clock_steady();
	k->signals = open_signals();
	if (faccessat(k->dir, DAEMON_DEGRADED, F_OK, 0) == 0)
		k->trouble = ""; /* of another */
	k->supervisor = daemon_pidfd_open(k->watched);
	k->spool = (struct daemon_spool){ .fd = -1 };
	for (i = 0; i < DAEMON_STREAMS; i++)
		k->pipe[i] = open_pipe(how->pipes[i]);
	hold_sockets(k, how->sockets);
	if (daemon_standin_begin(k) == -1 || k->signals == -1 ||
	    (k->pipe[0] == -1 && k->sockets.n == 0) ||
	    read_options(k, d) == -1 ||
	    daemon_keep_inherit(&k->spool, k->dir) == -1)
		return -1;
	daemon_spool_serve(&k->spool,
	    (k->sink.path != NULL ? 1u << DAEMON_TO_LOG : 0) |
		(d->syslog != NULL ? 1u << DAEMON_TO_SYSLOG : 0));
	/* Whoever has started us may have died before we had its pidfd. */
	if (k->supervisor == -1 || getppid() != k->watched)
		daemon_keeper_note_death(k);
	return 0;
}

/* What a link of ours leads to is what grows, and is rotated. */
static const char *
path_of_log(const struct daemon_keeper *k)
{
	const char *path = k->h.d->out, *base;
	struct daemon_walk w;
	struct stat st;
	char *real = NULL;

	if (daemon_walk_to_parent(&w, path, &base, "log", NULL) == -1)
		return path;
	if (w.foreign == (uid_t)-1 &&
	    fstatat(w.fd, base, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode) && (st.st_uid == 0 || st.st_uid == geteuid()))
		real = realpath(path, NULL);
	(void)close(w.fd);
	return real != NULL ? real : path; /* for as long as we live */
}

/* Whose it is, the pipe tells: its command's user. */
void
daemon_keeper_find_log(struct daemon_keeper *k)
{
	struct stat st;

	daemon_standin_leave(k);
	if (k->sink.path == k->h.d->out)
		k->sink.path = path_of_log(k);
	daemon_standin_back(k);
	if (k->pipe[0] == -1 || fstat(k->pipe[0], &st) == -1)
		return;
	k->group = st.st_gid;
	k->h.user = (struct daemon_user){ .uid = st.st_uid,
		.gid = st.st_gid,
		.groups = &k->group,
		.ngroups = 1 };
	k->h.has_user = st.st_uid != geteuid();
}

void
daemon_keeper_end(struct daemon_keeper *k)
{
	size_t n;
	int i;

	daemon_standin_end(k);
	daemon_compress_end(&k->zip, &k->h, k->sink.path);
	daemon_syslog_close(&k->syslog);
	k->sink.leave = k->sink.back = NULL;
	daemon_sink_close(&k->sink);
	if (k->spool.fd != -1)
		daemon_spool_close(&k->spool);
	for (i = 0; i < DAEMON_STREAMS; i++)
		if (k->pipe[i] != -1)
			(void)close(k->pipe[i]);
	for (n = 0; n < k->sockets.n; n++)
		(void)close(k->sockets.fd[n]);
	if (k->asked != -1)
		(void)close(k->asked);
	if (k->supervisor != -1)
		(void)close(k->supervisor);
	if (k->signals != -1)
		(void)close(k->signals);
}
