/* SPDX-License-Identifier: ISC */
/*
 * What has left a command's pipe and is not in its log yet: a file in the
 * service's directory, so that whoever dies between the two loses nothing and
 * repeats nothing.
 *
 * Bytes enter it by splice(2), with an offset that lies in the file's first
 * page: the kernel moves both in one call, which a SIGKILL comes before or
 * after.  Everything else there is known of them changes in one store: there
 * are two moments, and "now" says which one counts.
 */
#ifndef DAEMON_SPOOL_H
#define DAEMON_SPOOL_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#define DAEMON_SPOOL "spool"

enum {
	DAEMON_STREAMS = 2, /* standard output, standard error */
	DAEMON_RING = 1 << 20, /* bytes; that many less a page fit */
	DAEMON_RING_SURE = 64 << 10 /* of those, the ones there is room for
	    whatever happens to the file system */
};

/* Where it goes. */
enum daemon_outlet { DAEMON_TO_LOG, DAEMON_TO_SYSLOG };

enum { DAEMON_OUTLETS = DAEMON_TO_SYSLOG + 1 };

/* Places in a ring, as offsets in the file. */
struct daemon_ring {
	int64_t in; /* of the next byte to come */
	int64_t out[DAEMON_OUTLETS]; /* of the first that has not gone there */
};

/* Dropped, and nobody was told. */
struct daemon_lost {
	int64_t lines, bytes;
	uint32_t cut; /* 1 << stream: what comes first there is the rest of a
	    line whose beginning was dropped */
};

/* What is being written now. */
struct daemon_intent {
	uint32_t kind; /* enum daemon_intended */
	uint32_t stream; /* of LINES */
	int64_t error; /* of a NOTICE: why lines were lost */
	int64_t n; /* bytes of the ring that will have been written then; of a
	    NOTICE those that were lost */
	int64_t lines; /* of a NOTICE or afloat: how many those were */
	int64_t stamp_us; /* of its lines; us of the epoch */
	uint64_t dev, ino; /* where to */
	int64_t size; /* of that, before */
	int64_t afloat; /* 0: they are first in the ring.  Else they are in it
	    no more, and how long their text is */
	int64_t next; /* afloat: the ring's out was there then */
};

enum daemon_intended {
	DAEMON_INTENT_NONE,
	DAEMON_INTENT_LINES,
	DAEMON_INTENT_NOTICE /* of what was lost */
};

struct daemon_moment {
	struct daemon_ring ring[DAEMON_STREAMS];
	struct daemon_intent intent;
	uint32_t middle; /* the log ends within a line: 1 + whose; else 0 */
	uint32_t outlets; /* 1 << outlet: what comes goes there */
	int64_t began_ms; /* the log, ms of the epoch; 0: not known */
	int64_t revived_ms; /* when a supervisor was called last, steady */
	uint32_t rotates; /* the log is being moved out of the way */
	uint32_t revivals; /* how often in a row, within a second each */
	struct daemon_lost lost[DAEMON_OUTLETS];
};

struct daemon_spool {
	int fd; /* locked; -1: closed */
	struct daemon_head *head;
	char *bytes[DAEMON_STREAMS]; /* each ring, twice in a row */
	char *afloat; /* a ring's former place in memory; NULL */
	int tight; /* no room beyond the sure part */
};

/*
 * A place for one is the service's directory, or, where there is none, a
 * memfd, which is one.
 *
 * Open or make it there, and lock it: whoever has it locked keeps this
 * service's log.  What is damaged or of another version is made anew.
 * EWOULDBLOCK: somebody has; *keeper is who.  -1/errno.
 */
int daemon_spool_open(struct daemon_spool *s, int place, pid_t *keeper);
void daemon_spool_close(struct daemon_spool *s);

/* Of a spool that somebody else may have locked: how many bytes are in it.  -1:
 * there is none. */
ssize_t daemon_spool_peek(int place);

/* Does what came from a stream end within a line? */
int daemon_spool_ends_within(int place, unsigned stream);

/* Has somebody?  His pid; 0: nobody. */
pid_t daemon_spool_keeper(int place);

/* What is wrong where he writes to, or was with the last one's: an errno; 0.
 * Or say so of ours. */
int daemon_spool_trouble(int place, enum daemon_outlet to);
void
daemon_spool_tell(struct daemon_spool *s, enum daemon_outlet to, int error);

/* How many bytes are not there yet, or never will be and nobody was told. */
long long daemon_spool_left(int place, enum daemon_outlet to);

/* What counts now: to be read. */
const struct daemon_moment *daemon_spool_now(const struct daemon_spool *s);

/* A copy of it, to be changed. */
struct daemon_moment daemon_spool_copy(const struct daemon_spool *s);

/* From now on that counts. */
void daemon_spool_commit(struct daemon_spool *s, const struct daemon_moment *m);

/* From now on what comes goes to these: of 1 << enum daemon_outlet. */
void daemon_spool_serve(struct daemon_spool *s, uint32_t outlets);

/* How many bytes have not gone where they are to go. */
size_t daemon_spool_backlog(const struct daemon_spool *s);

/* Of a stream those that have not gone to one: how many, and where they are. */
size_t daemon_spool_pending(
    const struct daemon_spool *s, enum daemon_outlet to, unsigned stream);
const char *daemon_spool_bytes(
    const struct daemon_spool *s, enum daemon_outlet to, unsigned stream);

/* The n that were first have. */
void daemon_spool_skip(
    struct daemon_moment *m, enum daemon_outlet to, unsigned stream, size_t n);

/* How many more fit. */
size_t daemon_spool_room(const struct daemon_spool *s, unsigned stream);

/* What is in the pipe: how many bytes came; 0: none, or no room; -1/errno:
 * EAGAIN, there is nothing. */
ssize_t daemon_spool_take(struct daemon_spool *s, unsigned stream, int pipe);

/*
 * Who writes the first n bytes of a stream may never come back from it: they
 * stay where he sees them, until they are landed, and the ring is free of them
 * as soon as that is committed.  -1/ENOMEM.
 */
int daemon_spool_cast_off(struct daemon_spool *s, unsigned stream, size_t n);
void daemon_spool_land(struct daemon_spool *s);

/* Nothing will come for a while: memory is given back. */
void daemon_spool_trim(struct daemon_spool *s);

#endif
