/* SPDX-License-Identifier: ISC */
/*
 * Giving back what only a beginning needs: the pages of the stack below us,
 * which reading a record and opening a socket have touched, and the free end
 * of the heap.  A supervisor sleeps for months; a thousand of them may.
 */
#include <sys/mman.h>

#include <stdint.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "supervisor.h"

enum { DEPTH = 64 * 1024, RED_ZONE = 256 };

void
daemon_supervisor_trim(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	uintptr_t end = (here - RED_ZONE) / page * page;

	/* What is not mapped there is skipped. */
	(void)madvise((void *)(end - DEPTH), DEPTH, MADV_DONTNEED);
#ifdef __GLIBC__
	(void)malloc_trim(0);
#endif
}
