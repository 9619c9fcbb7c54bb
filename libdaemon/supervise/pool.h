/* SPDX-License-Identifier: ISC */
/*
 * A service's workers: each is watched as the one command of another service
 * is, by the same machine and the same code, on record in a directory of its
 * own below the service's; what is done about all of them roll.h decides.
 *
 * Each has a supervisor's state, whose head is the service's: that has no
 * instance itself, but the log, the sockets, and who asks.
 */
#ifndef DAEMON_POOL_H
#define DAEMON_POOL_H

#include "../identity/workers.h"
#include "agent.h"
#include "roll.h"
#include "supervisor.h"

enum daemon_worker_role {
	DAEMON_WORKER_OF_CREW,
	DAEMON_WORKER_OF_TRIAL,
	DAEMON_WORKER_IS_AGENT, /* not counted */
	DAEMON_WORKER_LEAVES,
	DAEMON_WORKER_LEFT /* to be forgotten */
};

struct daemon_worker {
	struct daemon_supervisor s; /* first */
	struct daemon_definition d; /* s's: what differs is its own, the rest
	    borrowed */
	const char *place; /* where it is on record, and by what name */
	char name[DAEMON_WORKER_NAME_MAX];
	unsigned index, generation; /* of a worker */
	long long every_ms; /* of an agent; -1: it is begun again at once */
	long long begun_ms; /* when it was last, on the steady clock */
	enum daemon_worker_role role;
	enum daemon_worker_is is;
	int drains; /* it ends by the pool's drain: who says stop hurries it */
	int awaited; /* somebody waits for what comes of its next attempt */
	int stirred; /* something may have happened to it */
	int loading; /* it is to be looked at again soon */
};

struct daemon_pool {
	struct daemon_supervisor *head;
	struct daemon_worker **worker;
	size_t n, room;
	struct daemon_rolling how;
	struct daemon_roll roll;
	unsigned generation, last; /* of the crew; the last that was begun */
	unsigned turn; /* how many reloads have begun */
	unsigned reloaded; /* up to which they are done, to be told; 0 */
	int in_vain; /* one that was to begin has failed, and is tried again */
	int renew; /* agents are to begin anew, when the workers have */
	unsigned rescale; /* so many our own program wants; 0 */
	struct daemon_store *left; /* what is kept for who has that number
	    next */
	size_t nleft;
	int again; /* one was asked for while another is being prepared */
	struct daemon_schedule drain; /* in peace, then as ever */
	int in_peace; /* so the stop is to be that was asked for */
	enum {
		DAEMON_SWEEP_LATER,
		DAEMON_SWEEP_BEGUN,
		DAEMON_SWEEP_STUCK, /* until sweep_ms */
		DAEMON_SWEEP_DONE
	} sweep; /* what no worker is known to have left */
	long long sweep_ms;
	int deaths; /* somebody may have died */
	pid_t first_dead; /* who had, when looked last */
	unsigned actions; /* of enum daemon_do: for the launcher */
	struct pollfd *polled; /* what is waited for */
	struct daemon_worker **whose; /* and of whom; NULL: the service's */
	size_t polls;
	enum daemon_why over; /* why the last of those is that ended for good */
	long long stop_ms; /* since when all are to end, on the steady clock */
	char killed[500]; /* who had to be, since somebody asked:
	    "; worker 1: ..." */
	char why[600]; /* what was the matter with the last that failed */
	struct daemon_last_word word; /* the same, for a launcher */
};

/* That happens to it, when it is its turn. */
static inline void
daemon_worker_ask(struct daemon_worker *w, enum daemon_event_kind kind)
{
	daemon_supervisor_expect(&w->s, kind);
	w->stirred = 1;
}

/* Does our own program want another number now?  Not while all is paused. */
static inline int
daemon_pool_rescales(const struct daemon_pool *p)
{
	return p->rescale != 0 && p->roll.phase != DAEMON_ROLL_FROZEN;
}

/* Those of head, none yet.  NULL/errno. */
struct daemon_pool *daemon_pool_make(struct daemon_supervisor *head);
void daemon_pool_free(struct daemon_pool *p);

/* None of them is there any more. */
void daemon_pool_dissolve(struct daemon_pool *p);

/* Those on record, of a head that was read back.  -1/ENOMEM. */
int daemon_pool_resume(struct daemon_pool *p);

/* Is the record of one of them not there any more?  It is put back. */
int daemon_pool_has_gaps(const struct daemon_pool *p);
void daemon_pool_rebuild(struct daemon_pool *p);

/* Until it is over. */
void daemon_pool_run(struct daemon_pool *p);

/* Is it over, and nothing left? */
int daemon_pool_is_over(const struct daemon_pool *p);

/* May the supervisor become another program now? */
int daemon_pool_is_quiet(const struct daemon_pool *p);

/* Whose instance or helper that is; NULL. */
struct daemon_supervisor *
daemon_pool_owner(const struct daemon_pool *p, pid_t pid);

/* How many children we have begun that are not buried; -1: perhaps not all of
 * those we know are ours. */
int daemon_pool_children(const struct daemon_pool *p);

/* To all of them. */
void daemon_pool_signal(const struct daemon_pool *p, int sig);

/* worker.c: one more, which is to begin, or is on record by that name; NULL/
 * errno. */
struct daemon_worker *daemon_worker_make(struct daemon_pool *p, unsigned index,
    unsigned generation, const char *known);

/* workerdefine.c: w's definition, whose head, role, name and index are known;
 * -1/ENOMEM.  And what of it is its own is freed. */
int daemon_worker_define(struct daemon_worker *w);
int daemon_worker_define_agent(
    struct daemon_worker *w, const struct daemon_agent *a);
void daemon_worker_undefine(struct daemon_worker *w);

/* worker.c: the same of an agent; and it begins so much later. */
struct daemon_worker *
daemon_worker_make_agent(struct daemon_pool *p, const struct daemon_agent *a);
void daemon_worker_delay(struct daemon_worker *w, long long ms);

/* worker.c: before it is spawned: what it needs is there, its directory above
 * all.  -1 with f filled. */
int daemon_worker_prepare(struct daemon_worker *w, struct daemon_fault *f);

/* worker.c: it goes on from its record, and is heard again. */
void daemon_worker_resume(struct daemon_worker *w);

/* worker.c: its directory, if it has one.  -1/errno. */
int daemon_worker_reopen(struct daemon_worker *w);

/* worker.c: has that, or its record, vanished?  Both are put back. */
int daemon_worker_is_lost(const struct daemon_worker *w);
void daemon_worker_restore(struct daemon_worker *w);

/* Which of the workers it is; -1: none. */
int daemon_worker_index(const struct daemon_supervisor *s);

/* The name of the agent it is; NULL: none.  And is it one whose comings and
 * goings are no news? */
const char *daemon_worker_agent(const struct daemon_supervisor *s);
int daemon_worker_is_quiet(const struct daemon_supervisor *s);

/* "worker 2", "agent cache"; NULL: it is the service itself. */
enum { DAEMON_WORKER_TEXT_MAX = 80 };
const char *daemon_worker_text(
    char buf[DAEMON_WORKER_TEXT_MAX], const struct daemon_supervisor *s);

/* The worker that s is, if it is one. */
struct daemon_worker *daemon_worker_of(struct daemon_supervisor *s);

/* worker.c: gone, with its directory and group. */
void daemon_worker_free(struct daemon_worker *w);

/* pool.c: one more; -1/ENOMEM.  And those that have left are forgotten. */
int daemon_pool_add(struct daemon_pool *p, struct daemon_worker *w);
void daemon_pool_bury(struct daemon_pool *p);

/* pool.c: one more that is on record in dir, as it is there.  -1: it is freed. */
int
daemon_pool_take_up(struct daemon_pool *p, struct daemon_worker *w, int dir);

/* poolact.c: what happened to one of them, or is asked for; what follows is
 * done. */
void
daemon_pool_happens(struct daemon_pool *p, const struct daemon_roll_event *e);

/* agents.c: all of them, that are not there yet; those that are to end; and,
 * with a new generation, to begin anew. */
int daemon_pool_begin_agents(struct daemon_pool *p);
void
daemon_pool_end_agents(struct daemon_pool *p, const struct daemon_schedule *by);
void daemon_pool_renew_agents(struct daemon_pool *p);

/* agents.c: on record; each is taken up.  -1/ENOMEM. */
int daemon_pool_resume_agents(struct daemon_pool *p);

/* agents.c: have they all ended? */
int daemon_pool_agents_over(const struct daemon_pool *p);

/* poolact.c: that one is to end, by another schedule than its own if by is not
 * NULL; and the same of an agent. */
void daemon_pool_end(struct daemon_worker *w, const struct daemon_schedule *by);
void
daemon_worker_end(struct daemon_worker *w, const struct daemon_schedule *by);

/* poolact.c: by what whoever wants all to end has asked for; NULL: as ever. */
const struct daemon_schedule *daemon_pool_asked(const struct daemon_pool *p);

/* poolstore.c: what those have stored who have left, and nobody has followed
 * yet, is kept; w has that of its number; and at the end. */
void daemon_pool_keep_stores(struct daemon_pool *p);
void daemon_pool_give_store(struct daemon_pool *p, struct daemon_worker *w);
void daemon_pool_clear_stores(struct daemon_pool *p);

/* poolpublish.c: does anybody wait for what comes of a worker's attempt? */
int daemon_pool_is_awaited(const struct daemon_pool *p);

/* poolpublish.c: what is to be known of all together, made known. */
void daemon_pool_publish(struct daemon_pool *p);

/* poolnote.c: that is what has just become of one. */
void daemon_pool_note(struct daemon_pool *p, const struct daemon_worker *w,
    const struct daemon_supervised *now);

/* pool.c: the command of --reload=cmd:CMD; NULL: it is none.  And the signal of
 * --reload=SIGNAL; 0. */
const char *daemon_reload_command(const char *reload);
int daemon_reload_signal(const char *reload);

/* poolnote.c: a reload has failed, by p->why. */
void daemon_pool_note_reload(struct daemon_pool *p);

/* poolask.c: the check before a reload, or what is to be done in the place of
 * one, has ended so. */
void daemon_pool_prepared(struct daemon_pool *p, int checked, int status,
    const struct daemon_last_word *w);

/* poolask.c: what people want of the service: signals and requests.  1: there
 * was something; *child: somebody may have died. */
int daemon_pool_hear(struct daemon_pool *p, int *child);

#endif
