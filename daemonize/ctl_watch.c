/* SPDX-License-Identifier: ISC */
#include <sys/inotify.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libdaemon/at.h"
#include "ctl_watch.h"
#include "exit.h"
#include "messages.h"

/* Where nobody tells us. */
enum { LOOK_MS = 200 };

/* Not what reading does: we would wake ourselves. */
static const unsigned changes = IN_CREATE | IN_MOVED_TO | IN_MODIFY |
    IN_DELETE | IN_DELETE_SELF | IN_CLOSE_WRITE;

void
watch_open(struct watch *w)
{
	*w = (struct watch){ .fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC) };
}

/* One directory that cannot be watched is why all are looked at. */
static void
give_up(struct watch *w)
{
	if (w->fd != -1)
		(void)close(w->fd);
	w->fd = -1;
}

void
watch_close(struct watch *w)
{
	give_up(w);
	free(w->also);
}

void
watch_directory(struct watch *w, int dir)
{
	char name[DAEMON_AT_NAME];

	if (w->fd != -1 &&
	    inotify_add_watch(w->fd, daemon_at_name(dir, name), changes) == -1)
		give_up(w);
}

void
watch_begin(struct watch *w)
{
	w->n = 0;
}

void
watch_also(struct watch *w, int fd, short events)
{
	struct pollfd *p;

	if (fd == -1)
		return;
	if (w->n == w->room) {
		p = reallocarray(w->also, w->room + 16, sizeof *p);
		if (p == NULL) {
			message("wait: %s", strerror(errno));
			exit(CTL_FAILED);
		}
		w->also = p;
		w->room += 16;
	}
	w->also[w->n++] = (struct pollfd){ .fd = fd, .events = events };
}

/* That something has changed is all we want to know. */
static void
drain(int fd)
{
	char buf[4096];

	while (read(fd, buf, sizeof buf) > 0)
		;
}

void
watch_wait(struct watch *w, long long timeout_ms)
{
	if (timeout_ms > INT_MAX)
		timeout_ms = INT_MAX;
	if (w->fd == -1 && (timeout_ms == -1 || timeout_ms > LOOK_MS))
		timeout_ms = LOOK_MS;
	watch_also(w, w->fd, POLLIN);
	if (poll(w->also, (nfds_t)w->n, (int)timeout_ms) > 0 && w->fd != -1 &&
	    watch_happened(w, w->fd))
		drain(w->fd);
}

int
watch_happened(const struct watch *w, int fd)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->also[i].fd == fd)
			return w->also[i].revents != 0;
	return 0;
}

int
watch_for_reader(struct watch *w, long long timeout_ms)
{
	if (fflush(stdout) == EOF)
		return 0; /* main() says so */
	watch_begin(w);
	watch_also(w, STDOUT_FILENO, 0);
	watch_wait(w, timeout_ms);
	return !watch_happened(w, STDOUT_FILENO);
}
