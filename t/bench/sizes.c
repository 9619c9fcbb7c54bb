/* SPDX-License-Identifier: ISC */
/*
 * Sizes: what each program weighs on disk, without its symbols.
 */
#include <sys/stat.h>

#include <math.h>
#include <stdio.h>

#include "bench.h"
#include "command.h"
#include "spawn.h"
#include "table.h"

enum { STRIP_MS = 10000 };

static const struct program {
	const char *name;
	const char *path;
	bool ours;
} programs[] = {
	{ "limit: start, static musl", "{B}/start-musl-vfork", false },
	{ "limit: start, glibc", "{B}/start-glibc-fork", false },
	{ "limit: stop, static musl", "{B}/stop-musl", false },
	{ "daemonize, lean", "{L}/daemonize", true },
	{ "daemonctl, lean", "{L}/daemonctl", true },
	{ "daemonize", "{O}/daemonize", true },
	{ "daemonctl", "{O}/daemonctl", true },
	{ "old daemonize", "@daemonize", false },
	{ "start-stop-daemon", "@start-stop-daemon", false },
	{ "daemon", "@daemon", false },
	{ "busybox", "@busybox", false },
};

/* Kilobytes of the stripped copy of PATH, NAN where that fails. */
static double
stripped(const struct bench *b, const char *path)
{
	const char *words[WORDS_MAX] = { "@strip", "-o", "{pid}", path };
	char copy[PATH_SIZE];
	struct command c;
	struct stat st;
	uint64_t at;

	scratch_pidfile(&b->scratch, 0, copy, sizeof copy);
	command_make(b, words, 0, &c);
	if (spawn_wait(spawn(c.argv), STRIP_MS, &at) != 0 ||
	    stat(copy, &st) == -1)
		return NAN;
	return (double)st.st_size / 1024;
}

void
bench_sizes(struct bench *b)
{
	static const char *const head[] = { "program", "kB", NULL };
	struct table t = { .title = "Sizes, stripped", .head = head };
	const struct program *p;
	char path[PATH_SIZE];
	struct row *r;
	double kb;

	for (p = programs; p < programs + sizeof programs / sizeof *programs;
	     p++) {
		if (command_program(b, p->path, path) == -1)
			continue;
		kb = stripped(b, path);
		r = table_row(&t, kb, p->ours);
		table_cell(r, "%s", p->name);
		table_number(r, kb, 1);
		scratch_empty(&b->scratch);
	}
	table_print(&t, b->markdown);
}
