/* SPDX-License-Identifier: ISC */
/*
 * The list of traced tasks and their roles.  See task.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "task.h"

struct task *
task_find(struct task *list, pid_t pid)
{
	while (list != NULL && list->pid != pid)
		list = list->next;
	return list;
}

struct task *
task_add(struct task **list, pid_t pid)
{
	struct task *t = calloc(1, sizeof *t);

	if (t == NULL)
		return NULL;
	t->pid = pid;
	t->noted = -1;
	t->altered = -1;
	t->next = *list;
	*list = t;
	return t;
}

void
task_remove(struct task **list, pid_t pid)
{
	struct task *gone;

	while (*list != NULL && (*list)->pid != pid)
		list = &(*list)->next;
	if ((gone = *list) == NULL)
		return;
	*list = gone->next;
	free(gone);
}

void
task_inherit(struct task *child, struct task *parent)
{
	size_t len = strlen(parent->role);

	/* Twenty generations or more are not told apart, and not counted. */
	if (len != 0 && len < sizeof child->role - 12)
		(void)snprintf(child->role, sizeof child->role, "%.*s.%u",
		    (int)len, parent->role, parent->children);
	parent->children++;
	child->started = parent->started;
	child->warm = parent->warm;
	child->target = parent->target;
	child->failing = parent->failing;
	/* A breakpoint not yet met lies in the copied memory too. */
	child->entry = parent->entry;
	child->word = parent->word;
}

void
task_renew(struct task *t, bool command_itself)
{
	size_t len = strlen(t->role);

	if (!command_itself && len != 0 && len < sizeof t->role - 1)
		memcpy(t->role + len, "e", 2);
	memset(t->calls, 0, sizeof t->calls);
	t->children = 0;
	t->started = t->warm = t->entered = t->itself = false;
	t->executed = true;
	t->entry = 0;
}
