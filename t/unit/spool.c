/* SPDX-License-Identifier: ISC */
/* A spool that is opened again has what was in it, whatever was intended. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../libdaemon/output/spool.h"

static int failed;

static void
expect(int ok, const char *what)
{
	if (ok)
		return;
	(void)printf("spool: %s\n", what);
	failed = 1;
}

static void
fill(struct daemon_spool *s, unsigned stream, const char *text)
{
	int ends[2];

	if (pipe(ends) == -1 || write(ends[1], text, strlen(text)) == -1)
		abort();
	expect(daemon_spool_take(s, stream, ends[0]) == (ssize_t)strlen(text),
	    "takes what is in the pipe");
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static int
has(const struct daemon_spool *s, unsigned stream, const char *text)
{
	return daemon_spool_pending(s, DAEMON_TO_LOG, stream) == strlen(text) &&
	    memcmp(daemon_spool_bytes(s, DAEMON_TO_LOG, stream), text,
		strlen(text)) == 0;
}

static void
open_again(struct daemon_spool *s, int dir)
{
	pid_t keeper;

	daemon_spool_close(s);
	if (daemon_spool_open(s, dir, &keeper) == -1)
		abort();
}

/* Both streams are there again, and what was intended. */
static void
survives(struct daemon_spool *s, int dir, struct daemon_intent intent)
{
	struct daemon_moment m = daemon_spool_copy(s);

	m.intent = intent;
	daemon_spool_commit(s, &m);
	open_again(s, dir);
	expect(has(s, 0, "one\ntwo\n") && has(s, 1, "three\n"),
	    "has what was in it");
	expect(daemon_spool_now(s)->intent.kind == intent.kind,
	    "has what was intended");
}

static void
damaged(struct daemon_spool *s, int dir)
{
	struct daemon_moment m = daemon_spool_copy(s);

	m.intent = (struct daemon_intent){ .kind = DAEMON_INTENT_LINES,
		.n = DAEMON_RING };
	daemon_spool_commit(s, &m);
	open_again(s, dir);
	expect(daemon_spool_backlog(s) == 0, "is made anew, if damaged");
}

int
main(void)
{
	char path[] = "/tmp/spool.XXXXXX", name[64];
	struct daemon_spool s;
	struct daemon_moment m;
	pid_t keeper;
	int dir = mkdtemp(path) != NULL ? open(path, O_RDONLY) : -1;

	if (dir == -1 || daemon_spool_open(&s, dir, &keeper) == -1)
		return 2;
	fill(&s, 0, "zero\none\ntwo\n");
	fill(&s, 1, "three\n");
	m = daemon_spool_copy(&s);
	daemon_spool_skip(&m, DAEMON_TO_LOG, 0, strlen("zero\n"));
	daemon_spool_commit(&s, &m);
	expect(daemon_spool_peek(dir) == 14, "tells others how much is in it");
	survives(&s, dir, (struct daemon_intent){ .kind = DAEMON_INTENT_NONE });
	survives(&s, dir,
	    (struct daemon_intent){
		.kind = DAEMON_INTENT_LINES, .stream = 1, .n = 6 });
	survives(&s, dir,
	    (struct daemon_intent){
		.kind = DAEMON_INTENT_NOTICE, .error = ENOSPC });
	damaged(&s, dir);
	daemon_spool_close(&s);
	(void)snprintf(name, sizeof name, "%s/%s", path, DAEMON_SPOOL);
	(void)unlink(name);
	(void)rmdir(path);
	return failed;
}
