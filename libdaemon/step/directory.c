/* SPDX-License-Identifier: ISC */
/* The working directory. */
#include <unistd.h>

#include "../step.h"

int
daemon_directory_change(const char *path)
{
	return chdir(path);
}
