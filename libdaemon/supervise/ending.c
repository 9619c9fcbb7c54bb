/* SPDX-License-Identifier: ISC */
#include <sys/wait.h>

#include <errno.h>
#include <string.h>

#include "../signame.h"
#include "ending.h"

enum { WORD_MAX_ = 16, BITS = 64 };

static int
number(const char *text, size_t n)
{
	int value = 0;
	size_t i;

	if (n == 0 || n > 3)
		return -1;
	for (i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value <= 255 ? value : -1;
}

static int
add(struct daemon_endings *e, const char *text, size_t n)
{
	char word[WORD_MAX_];
	int value = number(text, n);

	if (value != -1) {
		e->status[value / BITS] |= 1ull << value % BITS;
		return 0;
	}
	if (n == 0 || n >= sizeof word)
		return -1;
	(void)memcpy(word, text, n);
	word[n] = '\0';
	value = daemon_signal_parse(word);
	if (value <= 0 || value > BITS)
		return -1;
	e->signal |= 1ull << (value - 1);
	return 0;
}

int
daemon_endings_parse(struct daemon_endings *e, const char *text)
{
	struct daemon_endings new = *e;
	size_t n;

	for (;;) {
		n = strcspn(text, ",");
		if (add(&new, text, n) == -1) {
			errno = EINVAL;
			return -1;
		}
		if (text[n] == '\0')
			break;
		text += n + 1;
	}
	*e = new;
	return 0;
}

static int
has(const struct daemon_endings *e, int status)
{
	if (WIFSIGNALED(status))
		return (int)(e->signal >> (WTERMSIG(status) - 1) & 1);
	return (int)(e->status[WEXITSTATUS(status) / BITS] >>
		WEXITSTATUS(status) % BITS &
	    1);
}

enum daemon_ending
daemon_ending_of(int status, const struct daemon_endings *success,
    const struct daemon_endings *final)
{
	if (has(final, status))
		return DAEMON_ENDING_FINAL;
	return has(success, status) ? DAEMON_ENDING_SUCCESS
				    : DAEMON_ENDING_FAILURE;
}
