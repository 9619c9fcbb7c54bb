/* SPDX-License-Identifier: ISC */
#include <fnmatch.h>
#include <string.h>

#include "ctl.h"
#include "ctl_words.h"
#include "messages.h"

static int
has_glob(const char *s)
{
	return strpbrk(s, "*?[") != NULL;
}

/* Named twice it is acted upon once. */
static int
add_name(struct daemon_list *names, const char *name)
{
	size_t i;

	for (i = 0; i < names->n; i++)
		if (strcmp(names->v[i], name) == 0)
			return CTL_DONE;
	return daemon_list_add(names, name) == -1 ? CTL_FAILED : CTL_DONE;
}

/* The names that a word means: itself, or those it matches. */
static int
add_matching(const struct ctl *c, struct daemon_list *names, const char *word,
    const struct daemon_list *every)
{
	int found = 0;
	size_t j;

	if (!has_glob(word))
		return add_name(names, word);
	for (j = 0; j < every->n; j++)
		if (fnmatch(word, every->v[j], 0) == 0) {
			found = 1;
			if (add_name(names, every->v[j]) != CTL_DONE)
				return CTL_FAILED;
		}
	if (found)
		return CTL_DONE;
	message("%s: %s: matches no service", c->verb, word);
	return CTL_UNKNOWN;
}

static int
has_globs(const struct daemon_list *words)
{
	size_t i;

	for (i = 0; i < words->n; i++)
		if (has_glob(words->v[i]))
			return 1;
	return 0;
}

int
ctl_expand(const struct ctl *c, const struct ctl_verb *v,
    const struct daemon_list *words, struct daemon_list *names, int *partly)
{
	char *const *word = words->v;
	struct daemon_list every = { 0 };
	int all = c->all || (words->n == 0 && v->empty_means_all);
	int r = CTL_DONE, bad = CTL_DONE;
	size_t j;

	/* Others' services may be looked at, but are not ours to act on. */
	if (all || has_globs(words))
		bad = target_names(
		    &every, c, v->empty_means_all ? &c->places : &c->dirs);
	for (j = 0; all && r == CTL_DONE && j < every.n; j++)
		if (daemon_list_add(names, every.v[j]) == -1)
			r = CTL_FAILED;
	for (; r == CTL_DONE && word != NULL && *word != NULL; word++)
		r = add_matching(c, names, *word, &every);
	daemon_list_clear(&every);
	*partly = bad;
	return r;
}
