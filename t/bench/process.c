/* SPDX-License-Identifier: ISC */
/*
 * Reading of /proc: sums of lines that say "KEY: NUMBER".
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "process.h"

enum { KEYS_MAX = 2 };

static double
sum(pid_t pid, const char *name, const char *const keys[KEYS_MAX])
{
	char path[64], key[64], line[256];
	double all = NAN, v;
	FILE *f;
	int i;

	(void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	f = fopen(path, "re");
	if (f == NULL)
		return NAN;
	while (fgets(line, sizeof line, f) != NULL)
		for (i = 0; i < KEYS_MAX && keys[i] != NULL; i++)
			if (sscanf(line, "%63[^:]: %lf", key, &v) == 2 &&
			    strcmp(key, keys[i]) == 0)
				all = isnan(all) ? v : all + v;
	(void)fclose(f);
	return all;
}

double
process_private_kb(pid_t pid)
{
	static const char *const keys[KEYS_MAX] = { "Private_Clean",
		"Private_Dirty" };

	return sum(pid, "smaps_rollup", keys);
}

double
process_share_kb(pid_t pid)
{
	static const char *const keys[KEYS_MAX] = { "Pss" };

	return sum(pid, "smaps_rollup", keys);
}

double
process_switches(pid_t pid)
{
	static const char *const keys[KEYS_MAX] = { "voluntary_ctxt_switches",
		"nonvoluntary_ctxt_switches" };

	return sum(pid, "status", keys);
}

pid_t
process_parent(pid_t pid)
{
	static const char *const keys[KEYS_MAX] = { "PPid" };
	double parent = sum(pid, "status", keys);

	return isnan(parent) ? -1 : (pid_t)parent;
}
