/* SPDX-License-Identifier: ISC */
/*
 * Formatting tables.  The first column stands left, numbers right.
 */
#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

struct row *
table_row(struct table *t, double key, bool ours)
{
	struct row *r = &t->row[t->rows++];

	assert(t->rows <= ROWS_MAX);
	*r = (struct row){ .key = isnan(key) ? INFINITY : key, .ours = ours };
	return r;
}

void
table_cell(struct row *r, const char *format, ...)
{
	va_list ap;

	assert(r->cells < COLUMNS_MAX);
	va_start(ap, format);
	(void)vsnprintf(r->cell[r->cells++], CELL_MAX, format, ap);
	va_end(ap);
}

void
table_number(struct row *r, double v, int digits)
{
	if (isfinite(v))
		table_cell(r, "%.*f", digits, v);
	else
		table_cell(r, "-");
}

void
table_ratio(struct row *r, double v, double base)
{
	if (isfinite(v / base))
		table_cell(r, "%.2fx", v / base);
	else
		table_cell(r, "-");
}

static int
order(const void *a, const void *b)
{
	double x = ((const struct row *)a)->key;
	double y = ((const struct row *)b)->key;

	return (x > y) - (x < y);
}

static int
width(const struct table *t, int column)
{
	size_t n, most = strlen(t->head[column]);
	int i;

	for (i = 0; i < t->rows; i++) {
		n = strlen(t->row[i].cell[column]);
		most = n > most ? n : most;
	}
	return (int)most;
}

static void
print_text(const struct table *t)
{
	int i, c;

	printf("%s\n\n  %-*s", t->title, width(t, 0), t->head[0]);
	for (c = 1; t->head[c] != NULL; c++)
		printf("  %*s", width(t, c), t->head[c]);
	putchar('\n');
	for (i = 0; i < t->rows; i++) {
		printf("%c %-*s", t->row[i].ours ? '>' : ' ', width(t, 0),
		    t->row[i].cell[0]);
		for (c = 1; c < t->row[i].cells; c++)
			printf("  %*s", width(t, c), t->row[i].cell[c]);
		putchar('\n');
	}
	putchar('\n');
}

static void
print_markdown(const struct table *t)
{
	const char *bold;
	int i, c;

	printf("**%s**\n\n|", t->title);
	for (c = 0; t->head[c] != NULL; c++)
		printf(" %s |", t->head[c]);
	printf("\n|");
	for (c = 0; t->head[c] != NULL; c++)
		printf(c == 0 ? "---|" : "--:|");
	putchar('\n');
	for (i = 0; i < t->rows; i++) {
		bold = t->row[i].ours ? "**" : "";
		printf("| %s%s%s |", bold, t->row[i].cell[0], bold);
		for (c = 1; c < t->row[i].cells; c++)
			printf(" %s |", t->row[i].cell[c]);
		putchar('\n');
	}
	putchar('\n');
}

void
table_print(struct table *t, bool markdown)
{
	qsort(t->row, (size_t)t->rows, sizeof *t->row, order);
	if (markdown)
		print_markdown(t);
	else
		print_text(t);
	(void)fflush(stdout);
}
