/* SPDX-License-Identifier: ISC */
/*
 * The breakpoint at the entry point.  See entry.h.
 */
#include <sys/auxv.h>
#include <sys/ptrace.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <unistd.h>

#include "entry.h"
#include "regs.h"

int
entry_plant(struct task *t)
{
	ElfW(auxv_t) aux[64];
	char path[40];
	unsigned long word;
	bool loader = false;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%d/auxv", t->pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	n = read(fd, aux, sizeof aux);
	(void)close(fd);
	for (ssize_t i = 0; i < n / (ssize_t)sizeof *aux; i++) {
		if (aux[i].a_type == AT_ENTRY)
			t->entry = aux[i].a_un.a_val;
		if (aux[i].a_type == AT_BASE && aux[i].a_un.a_val != 0)
			loader = true;
	}
	/* With a loader the library has started up before the entry. */
	t->warm = loader;
	errno = 0;
	word = (unsigned long)ptrace(PTRACE_PEEKTEXT, t->pid, t->entry, NULL);
	if (errno != 0)
		return -1;
	t->word = word;
	word = (word & ~regs_trap_mask) | regs_trap;
	return ptrace(PTRACE_POKETEXT, t->pid, t->entry, word) == -1 ? -1 : 0;
}

bool
entry_met(struct task *t)
{
	struct regs r;

	if (t->entry == 0 || regs_get(t->pid, &r) == -1)
		return false;
	if (regs_trapped_at(&r) != t->entry)
		return false;
	if (ptrace(PTRACE_POKETEXT, t->pid, t->entry, t->word) == -1)
		return false;
	regs_set_ip(&r, t->entry);
	if (regs_set(t->pid, &r) == -1)
		return false;
	t->entry = 0;
	t->started = !t->target;
	t->entered = t->target;
	return true;
}
