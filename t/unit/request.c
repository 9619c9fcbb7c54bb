/* SPDX-License-Identifier: ISC */
/*
 * Packets on the control socket: every kind there and back, and a million
 * that nobody sensible has sent.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../libdaemon/supervise/request.h"
#include "report.h"

enum { ROUNDS = 1000000, ROOM = 2 * DAEMON_PACKET_MAX };

/* The same every time. */
static uint64_t state = 0x9e3779b97f4a7c15;

static unsigned
chance(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 32) % n;
}

/* A copy of n bytes and no more, so that a read beyond them is found. */
static char *
exactly(const char *packet, size_t n)
{
	char *p = malloc(n > 0 ? n : 1);

	if (p == NULL)
		abort();
	return memcpy(p, packet, n);
}

/* Kind and schedule come back as they were put. */
static int
comes_back(enum daemon_request_kind k, const char *schedule)
{
	struct daemon_schedule want = { .n = 0 };
	struct daemon_request r = { 0 };
	char packet[DAEMON_PACKET_MAX];
	size_t n = daemon_request_put(packet, k, schedule);

	return n > 0 && daemon_request_parse(&r, packet, n) == 0 &&
	    r.kind == k && r.has_schedule == (schedule != NULL) &&
	    (schedule == NULL ||
		(daemon_schedule_parse(&want, schedule, NULL) == 0 &&
		    want.n == r.schedule.n &&
		    want.repeat == r.schedule.repeat &&
		    memcmp(want.item, r.schedule.item,
			want.n * sizeof *want.item) == 0));
}

/* A number does, where there has to be one. */
static int
number_comes_back(const char *text, unsigned n)
{
	struct daemon_request r = { 0 };
	char packet[DAEMON_PACKET_MAX];
	size_t len = daemon_request_put(packet, DAEMON_REQUEST_SCALE, text);

	return daemon_request_parse(&r, packet, len) == 0 &&
	    r.kind == DAEMON_REQUEST_SCALE && !r.has_schedule && r.n == n;
}

static void
requests(void)
{
	static const char *const schedules[] = { "TERM/30/KILL/5", "5",
		"TERM/forever", "TERM/1/forever/KILL/1", "HUP/0.1/9" };
	enum daemon_request_kind k;
	size_t i;

	ok(number_comes_back("1", 1) && number_comes_back("4096", 4096) &&
		!number_comes_back(NULL, 0) && !number_comes_back("0", 0) &&
		!number_comes_back("4097", 4097) &&
		!number_comes_back("3x", 3) && !number_comes_back("-1", 1),
	    "scale: to a number that may be");
	for (k = 0; k < DAEMON_REQUESTS; k++)
		ok((k == DAEMON_REQUEST_SCALE || comes_back(k, NULL)) &&
			(daemon_request_event(k) != DAEMON_EVENTS) ==
			    (k < DAEMON_REQUEST_UPGRADE),
		    "%s: there and back", daemon_request_word(k));
	for (i = 0; i < sizeof schedules / sizeof *schedules; i++)
		ok(comes_back(DAEMON_REQUEST_STOP, schedules[i]) &&
			comes_back(DAEMON_REQUEST_RESTART, schedules[i]) &&
			!comes_back(DAEMON_REQUEST_START, schedules[i]) &&
			!comes_back(DAEMON_REQUEST_RELEASE, schedules[i]),
		    "%s: of stop and restart only", schedules[i]);
}

static void
refused(void)
{
	static const char *const bad[] = { "", "daemonize", "daemonize 1 ",
		"daemonize 1", "daemonize 2 stop", "daemonize 1 stopp",
		"daemonize 1 sto", "daemonize 1  stop", "daemonize 1 STOP",
		"daemonize 1 stop\t", "daemonize 1 stop  5",
		"daemonize 1 stop 5 ", "daemonize 1 stop TERM",
		"daemonize 1 start 5", "daemonize 1 scale", "daemonize 1 heard",
		" daemonize 1 stop", "xdaemonize 1 stop" };
	struct daemon_request r, before;
	char long_one[ROOM], packet[DAEMON_PACKET_MAX];
	size_t i;

	(void)memset(&r, 0xa5, sizeof r);
	before = r;
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		char *p = exactly(bad[i], strlen(bad[i]));

		errno = 0;
		ok(daemon_request_parse(&r, p, strlen(bad[i])) == -1 &&
			errno == EPROTO && memcmp(&r, &before, sizeof r) == 0,
		    "refused: \"%.20s\"", bad[i]);
		free(p);
	}
	ok(daemon_request_parse(&r, "daemonize 1 stop\0", 17) == -1,
	    "refused: a NUL in it");
	(void)memset(long_one, '/', sizeof long_one);
	(void)memcpy(long_one, "daemonize 1 stop ", 17);
	ok(daemon_request_parse(&r, long_one, DAEMON_PACKET_MAX) == -1 &&
		daemon_request_parse(&r, long_one, sizeof long_one) == -1,
	    "refused: more than a packet, of which n counts all");
	long_one[sizeof long_one - 1] = '\0';
	ok(daemon_request_put(packet, DAEMON_REQUEST_STOP, long_one) == 0,
	    "no packet for a schedule that does not fit");
}

static void
answers(void)
{
	static const char *const texts[] = { NULL, "", "0.1 s", " two words ",
		"line\nbreak\x1b[m" };
	enum daemon_answer_kind k, got;
	char packet[DAEMON_PACKET_MAX + 1], long_one[ROOM];
	const char *text;
	size_t i, n;
	int good;

	for (k = DAEMON_ANSWER_HEARD; k <= DAEMON_ANSWER_STUCK; k++) {
		good = 1;
		for (i = 0; i < sizeof texts / sizeof *texts; i++) {
			n = daemon_answer_put(packet, k, texts[i]);
			packet[n] = '\0';
			good &=
			    daemon_answer_parse(&got, &text, packet, n) == 0 &&
			    got == k &&
			    strcmp(text, texts[i] != NULL ? texts[i] : "") == 0;
		}
		ok(good, "answer %d: there and back, with any text", (int)k);
	}
	(void)memset(long_one, 'x', sizeof long_one - 1);
	long_one[sizeof long_one - 1] = '\0';
	n = daemon_answer_put(packet, DAEMON_ANSWER_DONE, long_one);
	packet[n] = '\0';
	ok(n == DAEMON_PACKET_MAX - 1 &&
		daemon_answer_parse(&got, &text, packet, n) == 0 &&
		got == DAEMON_ANSWER_DONE && strlen(text) < n &&
		strspn(text, "x") == strlen(text),
	    "a text that is too long is cut");
}

/* Something like a packet: pieces of real ones, then some bytes changed. */
static size_t
fuzz(char packet[ROOM])
{
	static const char *const pieces[] = { "daemonize 1 ", "daemonize ",
		"1 ", "stop", "start", "restart", "release", "heard", "done",
		"failed", "stuck", " ", "TERM/", "KILL/", "5", "/", "forever",
		"/forever/", "0.1", "99999999999999999999", "-9/", "ms", "\n",
		"%s%n", "\xff\xfe", "TERM/1/TERM/1/TERM/1/TERM/1/" };
	size_t n = 0, len, i, count;
	const char *p;

	if (chance(8) != 0) {
		(void)memcpy(packet, pieces[0], strlen(pieces[0]));
		n = strlen(pieces[0]);
	}
	for (count = chance(chance(16) == 0 ? 60 : 6); count > 0; count--) {
		p = pieces[chance(sizeof pieces / sizeof *pieces)];
		len = strlen(p);
		(void)memcpy(packet + n, p, len);
		n += len;
	}
	if (chance(64) == 0)
		while (n < ROOM && chance(1200) != 0)
			packet[n++] = (char)chance(256);
	if (n > 0 && chance(3) == 0)
		for (i = chance(4); i > 0; i--)
			packet[chance((unsigned)n)] = (char)chance(256);
	return n > 0 && chance(4) == 0 ? chance((unsigned)n + 1) : n;
}

/* It means what it says, or nothing was done with it. */
static int
request_holds(const char *packet, size_t n, unsigned *taken)
{
	struct daemon_request r, before;
	int parsed;

	(void)memset(&r, 0xa5, sizeof r);
	before = r;
	errno = 0;
	parsed = daemon_request_parse(&r, packet, n);
	if (parsed == -1)
		return errno == EPROTO && memcmp(&r, &before, sizeof r) == 0;
	++*taken;
	return parsed == 0 && n < DAEMON_PACKET_MAX &&
	    (unsigned)r.kind < DAEMON_REQUESTS &&
	    (r.has_schedule == 0 || r.has_schedule == 1) &&
	    (!r.has_schedule ||
		(r.schedule.n > 0 && r.schedule.n <= DAEMON_SCHEDULE_MAX));
}

/* Its text lies in the packet, up to the NUL behind it. */
static int
answer_holds(const char *packet, size_t n, unsigned *taken)
{
	static const char none[] = "none";
	enum daemon_answer_kind k = (enum daemon_answer_kind)77;
	const char *text = none;
	int parsed;

	errno = 0;
	parsed = daemon_answer_parse(&k, &text, packet, n);
	if (parsed == -1)
		return errno == EPROTO && (int)k == 77 && text == none;
	++*taken;
	return parsed == 0 && k <= DAEMON_ANSWER_STUCK && text >= packet &&
	    text + strlen(text) == packet + n;
}

static void
fuzzed(void)
{
	unsigned asked = 0, answered = 0, bad_asked = 0, bad_answered = 0;
	char room[ROOM + 1], *p;
	size_t n;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		n = fuzz(room);
		p = exactly(room, n);
		bad_asked += !request_holds(p, n, &asked);
		free(p);
		room[n] = '\0';
		p = exactly(room, n + 1);
		bad_answered += !answer_holds(p, n, &answered);
		free(p);
	}
	ok(bad_asked == 0, "%d packets: %u are requests, %u wrongly read",
	    ROUNDS, asked, bad_asked);
	ok(bad_answered == 0, "and %u answers, %u wrongly read", answered,
	    bad_answered);
	ok(asked > ROUNDS / 1000 && asked < ROUNDS / 2 &&
		answered > ROUNDS / 1000 && answered < ROUNDS / 2,
	    "some of them are sensible, and most are not");
}

int
main(void)
{
	requests();
	refused();
	answers();
	fuzzed();
	return finish();
}
