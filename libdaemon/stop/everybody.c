/* SPDX-License-Identifier: ISC */
/* One signal to the whole of a tree, for those that do not end it. */
#include <errno.h>
#include <stdio.h>

#include "tree.h"

enum { ROUNDS_MAX = 50 };

/* Until nobody new comes: who is stopped forks no more. */
static int
send_all(struct daemon_tree *t, int sig)
{
	size_t before;
	int round = 0;

	do {
		before = t->n;
		if (daemon_tree_look(t) == -1)
			return -1;
		(void)daemon_tree_send(t, DAEMON_STOP_REST, sig, round > 0);
	} while (round++ < ROUNDS_MAX && (t->n != before || round < 2));
	return 0;
}

int
daemon_signal_tree(const struct daemon_identity *id, int sig,
    const struct daemon_stop_notes *notes)
{
	enum daemon_proof proof;
	struct daemon_tree t;
	int fd = daemon_identity_open(id, &proof), r;

	if (fd == -1) {
		errno = proof == DAEMON_PROOF_DEAD ? ESRCH : errno;
		return -1;
	}
	r = daemon_tree_begin(&t, id, fd, notes);
	if (r == 0)
		r = send_all(&t, sig);
	daemon_tree_end(&t);
	return r;
}
