/* SPDX-License-Identifier: ISC */
/*
 * Tables for people: as text, or as Markdown for a README.  Rows are sorted
 * by their key, best first.
 */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include <stdbool.h>

enum { COLUMNS_MAX = 10, ROWS_MAX = 32, CELL_MAX = 48 };

struct row {
	double key;
	bool ours;
	int cells;
	char cell[COLUMNS_MAX][CELL_MAX];
};

struct table {
	const char *title;
	const char *const *head; /* ends with NULL */
	int rows;
	struct row row[ROWS_MAX];
};

/* A new row of T; NAN and infinity as keys come last. */
struct row *table_row(struct table *t, double key, bool ours);

/* The next cell of R. */
void table_cell(struct row *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The next cell: V with DIGITS after the point, "-" where V is none. */
void table_number(struct row *r, double v, int digits);

/* The next cell: V / BASE, as "1.23x". */
void table_ratio(struct row *r, double v, double base);

void table_print(struct table *t, bool markdown);

#endif
