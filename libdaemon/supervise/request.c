/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../decimal.h"
#include "request.h"

static const char greeting[] = "daemonize 1 ";

static const char *const requests[DAEMON_REQUESTS] = {
	[DAEMON_REQUEST_STOP] = "stop",
	[DAEMON_REQUEST_START] = "start",
	[DAEMON_REQUEST_RESTART] = "restart",
	[DAEMON_REQUEST_RELEASE] = "release",
	[DAEMON_REQUEST_PAUSE] = "pause",
	[DAEMON_REQUEST_RESUME] = "resume",
	[DAEMON_REQUEST_UPGRADE] = "upgrade",
	[DAEMON_REQUEST_AWAIT] = "await",
	[DAEMON_REQUEST_RELOAD] = "reload",
	[DAEMON_REQUEST_SCALE] = "scale",
	[DAEMON_REQUEST_DRAIN] = "drain",
};

static const char *const answers[] = {
	[DAEMON_ANSWER_HEARD] = "heard",
	[DAEMON_ANSWER_DONE] = "done",
	[DAEMON_ANSWER_FAILED] = "failed",
	[DAEMON_ANSWER_STUCK] = "stuck",
	[DAEMON_ANSWER_CROWDED] = "crowded",
};

const char *
daemon_request_word(enum daemon_request_kind k)
{
	return requests[k];
}

static size_t
put(char *packet, const char *word, const char *text)
{
	int n = snprintf(packet, DAEMON_PACKET_MAX, "%s%s%s%s", greeting, word,
	    text != NULL && text[0] != '\0' ? " " : "",
	    text != NULL ? text : "");

	return n < DAEMON_PACKET_MAX ? (size_t)n : 0;
}

/* Which of the words it begins with; -1: none.  *text: what is behind it. */
static int
find(const char *const *words, size_t n, const char *p, const char **text)
{
	size_t i, len;

	for (i = 0; i < n; i++) {
		len = strlen(words[i]);
		if (strncmp(p, words[i], len) != 0 ||
		    (p[len] != ' ' && p[len] != '\0'))
			continue;
		*text = p + len + (p[len] == ' ');
		return (int)i;
	}
	return -1;
}

/* Behind the greeting, as a text; NULL: it is none of ours. */
static const char *
open_packet(char buf[DAEMON_PACKET_MAX], const char *packet, size_t n)
{
	size_t head = sizeof greeting - 1;

	if (n <= head || n >= DAEMON_PACKET_MAX ||
	    memchr(packet, '\0', n) != NULL ||
	    memcmp(packet, greeting, head) != 0)
		return NULL;
	(void)memcpy(buf, packet + head, n - head);
	buf[n - head] = '\0';
	return buf;
}

size_t
daemon_request_put(char packet[DAEMON_PACKET_MAX], enum daemon_request_kind k,
    const char *object)
{
	return put(packet, requests[k], object);
}

static int
takes_schedule(enum daemon_request_kind k)
{
	return k == DAEMON_REQUEST_STOP || k == DAEMON_REQUEST_RESTART;
}

/* Behind the word.  -1: it is not what belongs there. */
static int
parse_object(struct daemon_request *r, const char *text)
{
	long long n;

	if (r->kind == DAEMON_REQUEST_SCALE) {
		if (daemon_decimal_read(&n, text, DAEMON_WORKERS_MAX) == -1 ||
		    n == 0)
			return -1;
		r->n = (unsigned)n;
		return 0;
	}
	r->has_schedule = text[0] != '\0';
	if (!r->has_schedule)
		return 0;
	return takes_schedule(r->kind)
	    ? daemon_schedule_parse(&r->schedule, text, NULL)
	    : -1;
}

int
daemon_request_parse(struct daemon_request *r, const char *packet, size_t n)
{
	struct daemon_request new = { 0 };
	char buf[DAEMON_PACKET_MAX];
	const char *p = open_packet(buf, packet, n), *text = "";
	int kind = p != NULL ? find(requests, DAEMON_REQUESTS, p, &text) : -1;

	new.kind = (enum daemon_request_kind)kind;
	if (kind == -1 || parse_object(&new, text) == -1) {
		errno = EPROTO;
		return -1;
	}
	*r = new;
	return 0;
}

enum daemon_event_kind
daemon_request_event(enum daemon_request_kind k)
{
	switch (k) {
	case DAEMON_REQUEST_STOP: return DAEMON_EVENT_STOP;
	case DAEMON_REQUEST_START: return DAEMON_EVENT_START;
	case DAEMON_REQUEST_RESTART: return DAEMON_EVENT_RESTART;
	case DAEMON_REQUEST_RELEASE: return DAEMON_EVENT_RELEASE;
	case DAEMON_REQUEST_PAUSE: return DAEMON_EVENT_PAUSE;
	case DAEMON_REQUEST_RESUME: return DAEMON_EVENT_RESUME;
	case DAEMON_REQUEST_UPGRADE:
	case DAEMON_REQUEST_AWAIT:
	case DAEMON_REQUEST_RELOAD: /* roll.h */
	case DAEMON_REQUEST_SCALE:
	case DAEMON_REQUEST_DRAIN:
	case DAEMON_REQUESTS: break;
	}
	return DAEMON_EVENTS;
}

static enum daemon_answer_kind
stopped(const struct daemon_machine *m)
{
	if (m->phase == DAEMON_PHASE_OVER)
		return DAEMON_ANSWER_DONE;
	return m->phase == DAEMON_PHASE_STOPPING && m->stuck
	    ? DAEMON_ANSWER_STUCK
	    : DAEMON_ANSWER_HEARD;
}

/* Until it is ready, or has failed to become so. */
static enum daemon_answer_kind
started(const struct daemon_machine *m)
{
	switch (m->phase) {
	case DAEMON_PHASE_READY: return DAEMON_ANSWER_DONE;
	case DAEMON_PHASE_PAUSED:
	case DAEMON_PHASE_BACKOFF:
	case DAEMON_PHASE_OVER: return DAEMON_ANSWER_FAILED;
	case DAEMON_PHASE_STOPPING: return stopped(m);
	case DAEMON_PHASE_IDLE:
	case DAEMON_PHASE_PREPARING:
	case DAEMON_PHASE_SPAWNING:
	case DAEMON_PHASE_STARTING:
	case DAEMON_PHASE_RELOADING:
	case DAEMON_PHASE_LEAVING: break;
	}
	return DAEMON_ANSWER_HEARD;
}

enum daemon_answer_kind
daemon_request_answer(
    enum daemon_request_kind k, const struct daemon_machine *m)
{
	switch (k) {
	case DAEMON_REQUEST_STOP: return stopped(m);
	case DAEMON_REQUEST_START:
	case DAEMON_REQUEST_RESTART:
	case DAEMON_REQUEST_AWAIT: return started(m);
	case DAEMON_REQUEST_RELEASE:
		return m->why != DAEMON_WHY_RELEASED ? DAEMON_ANSWER_FAILED
		    : m->phase == DAEMON_PHASE_OVER  ? DAEMON_ANSWER_DONE
						     : DAEMON_ANSWER_HEARD;
	case DAEMON_REQUEST_PAUSE:
		return m->phase == DAEMON_PHASE_PAUSED ? DAEMON_ANSWER_DONE
						       : DAEMON_ANSWER_FAILED;
	case DAEMON_REQUEST_RESUME:
		return m->phase == DAEMON_PHASE_READY ? DAEMON_ANSWER_DONE
						      : DAEMON_ANSWER_FAILED;
	case DAEMON_REQUEST_UPGRADE: /* upgrade.c answers */
		return DAEMON_ANSWER_HEARD;
	case DAEMON_REQUEST_RELOAD: /* these two: poolpublish.c */
	case DAEMON_REQUEST_SCALE:
		return m->phase == DAEMON_PHASE_OVER ? DAEMON_ANSWER_FAILED
						     : DAEMON_ANSWER_HEARD;
	case DAEMON_REQUEST_DRAIN:
		return m->phase == DAEMON_PHASE_STOPPING ? DAEMON_ANSWER_HEARD
		    : m->phase == DAEMON_PHASE_PAUSED	 ? DAEMON_ANSWER_DONE
							 : DAEMON_ANSWER_FAILED;
	case DAEMON_REQUESTS: break;
	}
	return DAEMON_ANSWER_FAILED;
}

/* A text that is too long is cut, not lost. */
size_t
daemon_answer_put(
    char packet[DAEMON_PACKET_MAX], enum daemon_answer_kind k, const char *text)
{
	size_t n = put(packet, answers[k], text);

	return n != 0 ? n : DAEMON_PACKET_MAX - 1;
}

int
daemon_answer_parse(
    enum daemon_answer_kind *k, const char **text, const char *packet, size_t n)
{
	size_t head = sizeof greeting - 1;
	int kind = -1;

	if (n > head && memchr(packet, '\0', n) == NULL &&
	    memcmp(packet, greeting, head) == 0)
		kind = find(answers, sizeof answers / sizeof answers[0],
		    packet + head, text);
	if (kind == -1) {
		errno = EPROTO;
		return -1;
	}
	*k = (enum daemon_answer_kind)kind;
	return 0;
}
