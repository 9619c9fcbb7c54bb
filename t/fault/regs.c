/* SPDX-License-Identifier: ISC */
/*
 * Registers, processor by processor.  See regs.h.
 */
#include <sys/ptrace.h>
#include <sys/uio.h>

#include <elf.h>

#include "regs.h"

int
regs_get(pid_t pid, struct regs *r)
{
	struct iovec v = { &r->all, sizeof r->all };

	return ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v) == -1 ? -1 : 0;
}

int
regs_set(pid_t pid, struct regs *r)
{
	struct iovec v = { &r->all, sizeof r->all };

	return ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &v) == -1 ? -1 : 0;
}

#if defined(__x86_64__)

const unsigned long regs_trap = 0xcc, regs_trap_mask = 0xff;

unsigned long
regs_arg(const struct regs *r, int i)
{
	return i == 0 ? r->all.rdi : i == 1 ? r->all.rsi : r->all.rdx;
}

void
regs_set_arg(struct regs *r, int i, unsigned long value)
{
	if (i == 0)
		r->all.rdi = value;
	else if (i == 1)
		r->all.rsi = value;
	else
		r->all.rdx = value;
}

long
regs_result(const struct regs *r)
{
	return (long)r->all.rax;
}

void
regs_set_result(struct regs *r, long value)
{
	r->all.rax = (unsigned long)value;
}

int
regs_skip(pid_t pid, struct regs *r, long result)
{
	r->all.orig_rax = (unsigned long)-1;
	regs_set_result(r, result);
	return regs_set(pid, r);
}

unsigned long
regs_trapped_at(const struct regs *r)
{
	return r->all.rip - 1; /* int3 has been executed */
}

void
regs_set_ip(struct regs *r, unsigned long ip)
{
	r->all.rip = ip;
}

#elif defined(__aarch64__)

const unsigned long regs_trap = 0xd4200000, regs_trap_mask = 0xffffffff;

unsigned long
regs_arg(const struct regs *r, int i)
{
	return r->all.regs[i];
}

void
regs_set_arg(struct regs *r, int i, unsigned long value)
{
	r->all.regs[i] = value;
}

long
regs_result(const struct regs *r)
{
	return (long)r->all.regs[0];
}

void
regs_set_result(struct regs *r, long value)
{
	r->all.regs[0] = (unsigned long)value;
}

int
regs_skip(pid_t pid, struct regs *r, long result)
{
	int none = -1;
	struct iovec v = { &none, sizeof none };

	regs_set_result(r, result);
	if (ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &v) == -1)
		return -1;
	return regs_set(pid, r);
}

unsigned long
regs_trapped_at(const struct regs *r)
{
	return r->all.pc;
}

void
regs_set_ip(struct regs *r, unsigned long ip)
{
	r->all.pc = ip;
}

#else
#error "t/fault: teach regs.c the registers of this processor"
#endif
