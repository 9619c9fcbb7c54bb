/* SPDX-License-Identifier: ISC */
/*
 * Emptying and searching a directory tree.  See scratch.h.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fnmatch.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scratch.h"

static FTS *
walk(const char *dir)
{
	char *const roots[] = { (char *)(size_t)dir, NULL };

	return fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
}

int
scratch_empty(const char *dir, bool all)
{
	FTS *tree = walk(dir);
	FTSENT *e;
	int rc = 0;

	if (tree == NULL)
		return -1;
	while ((e = fts_read(tree)) != NULL) {
		if (e->fts_info == FTS_D || (e->fts_level == 0 && !all))
			continue;
		if (e->fts_info == FTS_DP ? rmdir(e->fts_accpath) == -1
					  : unlink(e->fts_accpath) == -1)
			rc = -1;
	}
	(void)fts_close(tree);
	return rc;
}

static bool
allowed(const char *path, char *const *lists[])
{
	for (; *lists != NULL; lists++)
		for (char *const *p = *lists; *p != NULL; p++)
			if (fnmatch(*p, path, FNM_PATHNAME) == 0)
				return true;
	return false;
}

void
scratch_search(const char *dir, char *const *lists[], const char *save,
    char *stray, size_t size)
{
	FTS *tree = walk(dir);
	size_t skip = strlen(dir) + 1;
	FTSENT *e;

	*stray = '\0';
	if (tree == NULL)
		return;
	while ((e = fts_read(tree)) != NULL) {
		if (e->fts_level == 0 || e->fts_info == FTS_DP ||
		    strcmp(e->fts_path, save) == 0 ||
		    allowed(e->fts_path + skip, lists))
			continue;
		(void)snprintf(stray, size, "%s", e->fts_path + skip);
		break;
	}
	(void)fts_close(tree);
}
