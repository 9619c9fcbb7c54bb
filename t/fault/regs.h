/* SPDX-License-Identifier: ISC */
/*
 * The registers of a stopped task: the one seam between processor kinds.
 * x86-64 is in daily use; aarch64 is written from the kernel's headers and
 * has not been tried.  All return 0, or -1 with errno (ESRCH: killed).
 */
#ifndef FAULT_REGS_H
#define FAULT_REGS_H

#include <sys/types.h>
#include <sys/user.h>

struct regs {
	struct user_regs_struct all;
};

int regs_get(pid_t pid, struct regs *r);
int regs_set(pid_t pid, struct regs *r);

/* Argument I, 0 to 2, of the call the task is about to make. */
unsigned long regs_arg(const struct regs *r, int i);
void regs_set_arg(struct regs *r, int i, unsigned long value);

/* What the finished call returned; negative is an errno. */
long regs_result(const struct regs *r);
void regs_set_result(struct regs *r, long value);

/* Leaves the call out and makes the program see RESULT instead. */
int regs_skip(pid_t pid, struct regs *r, long result);

/* A breakpoint's instruction, and where a task stands that has met one. */
extern const unsigned long regs_trap, regs_trap_mask;
unsigned long regs_trapped_at(const struct regs *r);
void regs_set_ip(struct regs *r, unsigned long ip);

#endif
