/* SPDX-License-Identifier: ISC */
/* What a record consists of: one table says which member is which key;
 * writing, reading, comparing and clearing all walk it. */
#ifndef DAEMON_FIELDS_H
#define DAEMON_FIELDS_H

#include "record.h"

enum daemon_field_kind {
	DAEMON_FIELD_TEXT, /* char * */
	DAEMON_FIELD_LIST, /* struct daemon_list */
	DAEMON_FIELD_NUMBER /* long long */
};

struct daemon_field {
	const char *key;
	enum daemon_field_kind kind;
	int private; /* not in "public": values of variables */
	int brought; /* by the starter, not asked for */
	size_t offset;
};

extern const struct daemon_field daemon_definition_fields[];
extern const size_t daemon_definition_count;
extern const struct daemon_field daemon_status_fields[];
extern const size_t daemon_status_count;

/* Where it is in base, a definition or a status. */
void *daemon_field_of(const void *base, const struct daemon_field *f);

enum { DAEMON_FIELD_NUMBER_MAX = 24 };

/* A number as it is written. */
const char *daemon_field_number(char buf[DAEMON_FIELD_NUMBER_MAX], long long n);

/* record.c: as it is in a record.  -1/ENOMEM. */
int daemon_field_put(
    struct daemon_bytes *out, const void *base, const struct daemon_field *f);

#endif
