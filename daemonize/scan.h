/* SPDX-License-Identifier: ISC */
/*
 * Options by table.  Not getopt_long(3), which takes abbreviations: a script
 * that relies on one breaks the day another option begins alike.
 */
#ifndef SCAN_H
#define SCAN_H

/* What a value is, for completion. */
enum option_kind {
	OPTION_FLAG, /* takes none; with arg, "[=KIND]", one after a "=" */
	OPTION_TEXT,
	OPTION_FILE,
	OPTION_DIR,
	OPTION_USER,
	OPTION_GROUP,
	OPTION_NAME, /* of a service */
	OPTION_COMMAND,
	OPTION_LIMIT,
	OPTION_READY,
	OPTION_SCHEDULE,
	OPTION_RESTART
};

struct option_spec {
	int id; /* the program's own enum */
	char letter; /* 0: none */
	const char *name; /* without "--"; NULL: none */
	enum option_kind kind;
	const char *arg; /* "FILE"; NULL for flags */
	const char *help;
};

struct option_scan {
	const struct option_spec *table; /* ended by help == NULL */
	char **argv;
	int i; /* the next argument; at the end the first operand */
	const char *rest; /* of a cluster of letters, or NULL */
	char error[160]; /* why the last call returned -1 */
	char shown[64]; /* the option as the user wrote it */
};

/*
 * The next option: its spec, *value its argument; NULL at the end of the
 * options, or on a mistake, with error set ("" at the end).
 */
const struct option_spec *
option_next(struct option_scan *s, const char **value);

#endif
