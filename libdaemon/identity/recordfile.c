/* SPDX-License-Identifier: ISC */
/*
 * Records on disk: read with suspicion, replaced whole.
 */
#include <sys/stat.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../at.h"
#include "record.h"

enum { RECORD_MAX = 4 << 20 }; /* arguments and environment fit in it */

/* Files are replaced, never written again: size is where it ends. */
static int
load(int fd, size_t size, struct daemon_bytes *b)
{
	ssize_t n;

	if (size > RECORD_MAX) {
		errno = EPROTO;
		return -1;
	}
	if (daemon_bytes_reserve(b, size) == -1)
		return -1;
	while (b->n < size) {
		n = read(fd, b->p + b->n, size - b->n);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		b->n += (size_t)n;
	}
	return 0;
}

/* The directory's owner is the service's; nobody else may speak for it. */
static int
is_genuine(int dir, const struct stat *st)
{
	struct stat d;

	if (fstat(dir, &d) == -1)
		return 0;
	/* No name: replaced since we opened it, and true until then. */
	return S_ISREG(st->st_mode) && st->st_nlink <= 1 &&
	    st->st_uid == d.st_uid && (st->st_mode & 022) == 0;
}

int
daemon_record_load(int dir, const char *file, struct daemon_bytes *b)
{
	int fd, r = -1, saved;
	struct stat st;

	fd = openat(dir, file,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1 || !is_genuine(dir, &st))
		errno = EPERM;
	else
		r = load(fd, (size_t)st.st_size, b);
	saved = errno;
	(void)close(fd);
	errno = saved;
	return r;
}

int
daemon_record_read(int dir, const char *file, struct daemon_definition *d,
    struct daemon_status *s)
{
	struct daemon_bytes b = { 0 };
	int r, saved;

	r = daemon_record_load(dir, file, &b);
	if (r == 0)
		r = daemon_record_parse(d, s, b.p != NULL ? b.p : "", b.n);
	saved = errno;
	daemon_bytes_clear(&b);
	errno = saved;
	return r;
}

int
daemon_record_fault(
    struct daemon_fault *f, const char *name, int dir, const char *file)
{
	char path[PATH_MAX];
	int saved = errno;

	(void)daemon_at_path(dir, path, sizeof path);
	errno = saved;
	return daemon_fault_set(f, "record", name,
	    "%.600s/%s: cannot be read: %s", path, file,
	    saved == EPROTO ? "damaged, or of another version (if it does "
			      "not run, remove its directory)"
			    : strerror(saved));
}

const char *
daemon_record_mark(int dir, char buf[DAEMON_MARK_MAX])
{
	struct daemon_definition d = { 0 };
	const char *mark = NULL;

	if (daemon_record_read(dir, DAEMON_RECORD_STATE, &d, NULL) == 0)
		mark = daemon_definition_mark(buf, &d);
	daemon_definition_clear(&d);
	return mark;
}

static int
write_both(
    int fd, const char *head, size_t nhead, const char *tail, size_t ntail)
{
	struct iovec v[2] = {
		{ .iov_base = (char *)(uintptr_t)head, .iov_len = nhead },
		{ .iov_base = (char *)(uintptr_t)tail, .iov_len = ntail },
	};
	struct iovec *p = v;
	ssize_t n;

	while (p < v + 2) {
		n = writev(fd, p, (int)(v + 2 - p));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		while (p < v + 2 && (size_t)n >= p->iov_len) {
			n -= (ssize_t)p->iov_len;
			p++;
		}
		if (p < v + 2) {
			p->iov_base = (char *)p->iov_base + n;
			p->iov_len -= (size_t)n;
		}
	}
	return 0;
}

int
daemon_record_write(int dir, const char *file, const char *head, size_t nhead,
    const char *tail, size_t ntail)
{
	mode_t mode = strcmp(file, DAEMON_RECORD_STATE) == 0 ? 0600 : 0644;
	char new[32];
	int fd, saved;

	(void)stpcpy(stpcpy(new, file), ".new");
	fd = openat(dir, new,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return -1;
	if (fchmod(fd, mode) == -1 ||
	    write_both(fd, head, nhead, tail, ntail) == -1)
		goto fail;
	if (close(fd) == -1) {
		fd = -1;
		goto fail;
	}
	fd = -1;
	if (renameat(dir, new, dir, file) == 0)
		return 0;
fail:
	saved = errno;
	if (fd != -1)
		(void)close(fd);
	(void)unlinkat(dir, new, 0);
	errno = saved;
	return -1;
}

int
daemon_record_publish(
    int dir, const struct daemon_definition *d, const struct daemon_status *s)
{
	char tail[DAEMON_RECORD_TAIL_MAX];
	struct daemon_bytes b = { 0 };
	int r, saved;

	r = daemon_record_public(&b, d, s);
	if (r == 0)
		r = daemon_record_write(dir, DAEMON_RECORD_PUBLIC, b.p, b.n,
		    tail, daemon_record_tail(tail, &s->id));
	saved = errno;
	daemon_bytes_clear(&b);
	errno = saved;
	return r;
}

/* "state"; the others are no larger, and written one after the other. */
int
daemon_record_reserve(int dir, const struct daemon_definition *d)
{
	struct daemon_bytes b = { 0 };
	int fd, saved;

	if (daemon_record_state(&b, d) == -1) {
		daemon_bytes_clear(&b);
		errno = ENOMEM;
		return -1;
	}
	fd = openat(dir, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
	if (fd == -1 && (errno == EISDIR || errno == EINVAL))
		errno = EOPNOTSUPP;
	saved = errno;
	if (fd != -1 && write_both(fd, b.p, b.n, "", 0) == -1) {
		saved = errno;
		(void)close(fd);
		fd = -1;
	}
	daemon_bytes_clear(&b);
	errno = saved;
	return fd;
}
