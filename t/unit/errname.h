/* SPDX-License-Identifier: ISC */
/* "ENOENT" for ENOENT: what tests compare, whatever the C library. */
#ifndef UNIT_ERRNAME_H
#define UNIT_ERRNAME_H

#include <errno.h>
#include <stddef.h>

static inline const char *
errname(int error)
{
#define NAME(e) \
	{ \
		e, #e \
	}
	static const struct {
		int error;
		const char *name;
	} all[] = {
		NAME(EACCES),
		NAME(EAFNOSUPPORT),
		NAME(EALREADY),
		NAME(EBADF),
		NAME(EBUSY),
		NAME(ECONNREFUSED),
		NAME(EEXIST),
		NAME(EINVAL),
		NAME(EISDIR),
		NAME(ELOOP),
		NAME(EMFILE),
		NAME(ENAMETOOLONG),
		NAME(ENOENT),
		NAME(ENOTDIR),
		NAME(ENXIO),
		NAME(EPERM),
		NAME(EPIPE),
		NAME(ESRCH),
		NAME(ESTALE),
		NAME(ETIMEDOUT),
	};
#undef NAME
	size_t i;

	for (i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i].error == error)
			return all[i].name;
	return "E?";
}

#endif
