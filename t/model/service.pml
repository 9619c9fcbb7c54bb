/* SPDX-License-Identifier: ISC */
/*
 * One service and all who act on it at once, in every order there is: two
 * starts, an adoption, a stop, their supervisors, the copies of the command,
 * and an adversary who kills any of them at any step.  Checked by spin.sh.
 *
 * This is the protocol between processes: the lock, the record, who forks
 * whom.  What a supervisor decides is walk.c's, with the machine itself; time,
 * failing system calls and the tree below the command are not here.  The
 * design: DESIGN.md, "the way of a start", "files and identity of a service".
 *
 * Bounded is only how many: KILLS, COPIES.  More of them take minutes:
 * spin.sh service.pml -DKILLS=3.  A BUG_* that is defined plants a bug, and
 * breaks a promise.
 */

/* A supervisor has its launcher's number.  Number 0 is nobody. */
#define ADOPTER	3 /* the third launcher; the others start */
#define ACTORS	4 /* and nobody */
#ifndef KILLS
#define KILLS	2 /* of the adversary, at most */
#endif
#ifndef COPIES
#define COPIES	3 /* of the command, ever forked */
#endif

mtype = { none, forked, runs, dead, wanted, ended, failed };

mtype launcher[ACTORS] = none;
mtype supervisor[ACTORS] = none;
mtype copy[4] = none; /* 3 at most */
byte maker[4], child[ACTORS]; /* its supervisor; and the other way */
byte made;
byte stopper, victim; /* whose child, which may outlive it, ends which copy */

/* How many hold the open file that is locked: who is forked holds it with its
 * parent, and the last who closes it, or dies, sets it free. */
byte lock;
bool launcher_holds[ACTORS], copy_holds[4];

/* The record: replaced by a rename, so read and written at once. */
mtype state = none; /* wanted: somebody is to watch over it */
byte recorded, watcher;

/* The pipe to the launcher; the control socket, and who is asked there. */
mtype verdict[ACTORS] = none;
bool listens[ACTORS], answered;
byte asked;

/* What only the promises know.  The stop has begun, has returned; whether the
 * lock was taken since it began, and what was forked under such a one. */
bool stop_began, stopped, late, copy_late[4];
bool promised[4]; /* somebody was told that it runs */

/* Who is killed is gone at once: nobody else moves before.  _pid is in the
 * order of init. */
byte dying;
#define AT_ONCE		provided (dying == 0 || dying == _pid)
#define COPY(n)		(1 + n)
#define SUPERVISOR(i)	(4 + i)
#define LAUNCHER(i)	(7 + i)
#define GONE(what)	atomic { what == dead -> dying = 0 }

#define LIVES(n)	(copy[n] == forked || copy[n] == runs)
#define NONE_LIVES	(!LIVES(1) && !LIVES(2) && !LIVES(3))
#define NONE_RUNS	(copy[1] != runs && copy[2] != runs && copy[3] != runs)

/* What the record says, held against who is there. */
#define WATCHED		(supervisor[watcher] == runs)
#define LIVE		(LIVES(recorded) || WATCHED)
#define ORPHANED	(state == wanted && !WATCHED)

inline record(what, who, by)
{
	d_step { state = what; recorded = who; watcher = by }
}

/* SIGKILL, or an exit, and what the kernel closes then. */
inline end_copy(n)
{
	d_step {
		if
		:: LIVES(n) ->
			lock = lock - copy_holds[n];
			copy_holds[n] = false;
			copy_late[n] = false;
			promised[n] = false;
			dying = (copy[n] == forked -> COPY(n) : 0);
			maker[n] = 0;
			copy[n] = dead
		:: else
		fi
	}
}

inline end_supervisor(i)
{
	d_step {
		supervisor[i] = dead;
		listens[i] = false;
		child[i] = 0;
		lock--
	}
}

inline unlock(i)
{
	d_step {
		lock = lock - launcher_holds[i];
		launcher_holds[i] = false;
		verdict[i] = none
	}
}

/* What was told to run, runs on until somebody stops it. */
#define MAY_END(n)	(!LIVES(n) || !promised[n] || stop_began)

/* ---- a copy of the command, until it executes ---- */

proctype instance(byte n) AT_ONCE
{
end:	{
		copy[n] == forked;
#ifdef BUG_CHILD_LETS_GO
		d_step { copy_holds[n] = false; lock-- }
#endif
#ifndef BUG_NO_RECORD
		record(wanted, n, maker[n]);
#endif
		d_step { /* the exec closes the lock */
			assert(recorded == n); /* on record before */
			assert(NONE_RUNS); /* one means one */
			assert(!stopped || copy_late[n]); /* stopped is gone */
			copy[n] = runs;
			lock = lock - copy_holds[n];
			copy_holds[n] = false
		}
	} unless { GONE(copy[n]) }
}

/* ---- a supervisor, and its child that ends a copy ---- */

proctype stop_tree() AT_ONCE
{
end:	do
	:: d_step {
		stopper != 0 && LIVES(victim) ->
		assert(MAY_END(victim));
		end_copy(victim)
	}
	:: d_step {
		stopper != 0 && !LIVES(victim) ->
		stopper = 0;
		victim = 0;
		lock--
	}
	od
}

/* Who waits is told once. */
inline tell()
{
	d_step {
		if
		:: launcher[i] == runs && verdict[i] == none ->
			verdict[i] = runs;
			promised[child[i]] = LIVES(child[i])
		:: else
		fi
	}
}

proctype supervise(byte i) AT_ONCE
{
end:	{
		supervisor[i] == runs;
		if
		:: i == ADOPTER -> child[i] = recorded
		:: else
		fi;
		d_step {
			assert(!WATCHED);
			state = wanted; recorded = child[i]; watcher = i
		}
		listens[i] = true;
		if
		:: i == ADOPTER ->
			tell();
			if
			:: child[i] != 0 -> goto ready
			:: else
			fi
		:: else
		fi;
backoff:
		if
		:: asked == i -> goto over
		:: goto over /* the policy: no restart */
		:: made < COPIES
		fi;
		d_step {
			assert(NONE_LIVES); /* nor is a second one begun */
			made++;
			child[i] = made;
			copy[child[i]] = forked;
			maker[child[i]] = i;
			copy_late[child[i]] = late;
			copy_holds[child[i]] = true;
			lock++
		}
		if /* meanwhile the record is the child's to write */
		:: asked == i -> goto stopping
		:: copy[child[i]] == dead -> goto died
		:: copy[child[i]] == runs
		fi;
		record(wanted, child[i], i);
		tell();
ready:
end_ready:	if
		:: asked == i -> goto stopping
		:: copy[child[i]] == dead
		fi;
died:
		child[i] = 0;
		record(wanted, 0, i);
		goto backoff;
stopping:
		atomic {
			assert(stopper == 0);
			stopper = i;
			victim = child[i];
			lock++
		}
		stopper == 0 && copy[child[i]] == dead;
over:
		skip;
		record(ended, 0, 0);
		d_step {
			if
			:: launcher[i] == runs && verdict[i] == none ->
				verdict[i] = failed
			:: else
			fi;
			answered = (asked == i)
		}
		end_supervisor(i)
	} unless { GONE(supervisor[i]) }
}

/* ---- daemonize, and daemonctl adopt ---- */

/* The launcher reads an end-of-file when all who could write are gone: the
 * exec closes this, too. */
#define WRITES(n, i)	(copy[n] == forked && maker[n] == i)
#define SILENT(i)	(verdict[i] == none && supervisor[i] == dead && \
			    stopper != i && !WRITES(1, i) && \
			    !WRITES(2, i) && !WRITES(3, i))

inline lock_it(i)
{
	lock++;
	launcher[i] = runs;
	launcher_holds[i] = true;
	late = stop_began
}

proctype launch(byte i) AT_ONCE
{
	{
		if
		:: i != ADOPTER ->
			/* Which of the starts is the first, is the same. */
			i == 1 || launcher[1] != none;
			if
			:: atomic { lock == 0 -> lock_it(i) }
			:: LIVE -> goto done /* already running */
			fi;
			if
			:: LIVE -> goto done
			:: else
			fi
		:: i == ADOPTER ->
end_idle:		ORPHANED;
			if
#ifdef BUG_ADOPTS_UNLOCKED
			:: atomic { lock_it(i) }
#else
			:: atomic { lock == 0 -> lock_it(i) }
#endif
			:: !ORPHANED -> goto done
			fi;
			if
			:: !ORPHANED -> goto done
			:: else
			fi
		fi;
		d_step { supervisor[i] = runs; lock++ }
		if
		:: verdict[i] == runs
		:: verdict[i] == failed -> supervisor[i] == dead
#ifndef BUG_ADOPTER_CLEANS_UP
		:: i == ADOPTER && SILENT(i) /* it runs on */
		:: i != ADOPTER && SILENT(i) ->
#else
		:: SILENT(i) ->
#endif
			d_step { assert(MAY_END(recorded)); end_copy(recorded) }
			record(ended, 0, 0)
		fi;
done:
		skip;
		unlock(i);
		launcher[i] = dead
	} unless { GONE(launcher[i]) }
}

/* ---- daemonctl stop ---- */

proctype stop() AT_ONCE
{
	stop_began = true;
	lock == 0 || LIVE; /* a start under way is waited for */
look:
	if
	:: state == none -> goto unknown
	:: atomic { state != none && WATCHED -> asked = watcher }; goto ask
	:: state != none && !WATCHED
	fi;
#ifdef BUG_STOPS_UNLOCKED
	/* The lock, if it can be had at once, else without: and wait then. */
	if
	:: lock != 0 ->
		end_copy(recorded);
		lock == 0 || LIVE;
		goto success
	:: else
	fi;
#endif
	/* Under the lock, or by a supervisor; never without either. */
	if
	:: atomic { lock == 0 -> lock++ }
	:: WATCHED -> goto look
	fi;
	end_copy(recorded);
	record(ended, 0, 0);
	lock--;
	goto success;
ask:
	/* It may not listen yet, or no more. */
	listens[asked] || supervisor[asked] == dead;
	if
	:: answered
	:: !answered && supervisor[asked] == dead -> goto look
	fi;
success:
	atomic {
		assert((!LIVES(1) || copy_late[1]) &&
		    (!LIVES(2) || copy_late[2]) &&
		    (!LIVES(3) || copy_late[3]));
		stopped = true
	}
unknown:
	skip
}

/* ---- who kills, and who watches ---- */

byte deaths = KILLS; /* still to come; any number of them may not */

#define MAY_KILL(i) \
	:: atomic { \
		deaths > 0 && launcher[i] == runs -> \
		deaths--; launcher[i] = dead; unlock(i); dying = LAUNCHER(i) } \
	:: atomic { \
		deaths > 0 && supervisor[i] == runs -> \
		deaths--; end_supervisor(i); dying = SUPERVISOR(i) } \
	:: atomic { deaths > 0 && LIVES(i) -> deaths--; end_copy(i) }

proctype adversary() AT_ONCE
{
end:	do
	MAY_KILL(1)
	MAY_KILL(2)
	MAY_KILL(3)
	:: deaths > 0 -> deaths = 0
	od
}

#define UNKNOWN(n)	(copy[n] == forked || (copy[n] == runs && recorded != n))
#define FREE_AND_UNKNOWN \
	(lock == 0 && (UNKNOWN(1) || UNKNOWN(2) || UNKNOWN(3)))

proctype promises() AT_ONCE
{
	if
	/* A free lock means: recorded, or dead. */
	:: atomic { FREE_AND_UNKNOWN -> assert(!FREE_AND_UNKNOWN) }
	/* When all is quiet, nothing stands in the way of an adoption. */
	:: timeout -> assert(!ORPHANED || lock == 0)
	fi
}

init {
	atomic {
		run promises();
		run instance(1);
		run instance(2);
		run instance(3);
		run supervise(1);
		run supervise(2);
		run supervise(ADOPTER);
		run launch(1);
		run launch(2);
		run launch(ADOPTER);
		run stop();
		run adversary();
		run stop_tree()
	}
}
