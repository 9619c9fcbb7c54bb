/* SPDX-License-Identifier: ISC */
/*
 * One way to say something went wrong.  What comes from outside (a path, a
 * command's words) never reaches a terminal with its control bytes alive.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../libdaemon/utf8.h"
#include "messages.h"

enum { LINE_MAX_ = 4096, LAST_LINES = 10 };

static const char *program = "daemonize";

void
message_program(const char *name)
{
	program = name;
}

/* U+200E, 200F, 2028 to 202E, 2066 to 2069 and 061C: marks that turn the
 * order of what is around them, and separators of lines. */
static int
is_format(const unsigned char *p)
{
	if (p[0] == 0xd8)
		return p[1] == 0x9c;
	if (p[0] != 0xe2)
		return 0;
	return (p[1] == 0x80 &&
		   (p[2] == 0x8e || p[2] == 0x8f ||
		       (p[2] >= 0xa8 && p[2] <= 0xae))) ||
	    (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9);
}

int
message_is_control(const unsigned char *p)
{
	/* C1 controls hide in UTF-8 as C2 80..9F. */
	return *p < 0x20 || *p == 0x7f ||
	    (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0) || is_format(p);
}

void
message_escape(char *out, size_t size, const char *in)
{
	const unsigned char *p = (const unsigned char *)in;
	size_t n = 0, len;

	while (*p != '\0' && n + 5 < size) {
		len = message_is_control(p) ? 0 : daemon_utf8_length(p);
		if (len == 0)
			n += (size_t)snprintf(
			    out + n, size - n, "\\x%02x", *p++);
		for (; len > 0; len--)
			out[n++] = (char)*p++;
	}
	out[n] = '\0';
}

static void
say(const char *line)
{
	struct sigaction old, ignore = { .sa_handler = SIG_IGN };
	size_t n = strlen(line);
	ssize_t w;

	/* A report that cannot be made must not become another failure. */
	(void)sigaction(SIGPIPE, &ignore, &old);
	do
		w = write(STDERR_FILENO, line, n);
	while (w == -1 && errno == EINTR);
	(void)sigaction(SIGPIPE, &old, NULL);
}

static void vmessage(const char *head, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
vmessage(const char *head, const char *fmt, va_list ap)
{
	char raw[LINE_MAX_], safe[LINE_MAX_], line[LINE_MAX_ + 512];

	(void)vsnprintf(raw, sizeof raw, fmt, ap);
	message_escape(safe, sizeof safe, raw);
	(void)snprintf(line, sizeof line, "%s: %s%s\n", program, head, safe);
	say(line);
}

void
message(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vmessage("", fmt, ap);
	va_end(ap);
}

void
message_option(const char *shown, const char *fmt, ...)
{
	char safe[256], head[sizeof safe + 16];
	va_list ap;

	message_escape(safe, sizeof safe, shown);
	(void)snprintf(head, sizeof head, "option: %s: ", safe);
	va_start(ap, fmt);
	vmessage(head, fmt, ap);
	va_end(ap);
}

void
message_fault(const struct daemon_fault *f)
{
	const char *reason = daemon_fault_reason(f);

	if (f->object[0] == '\0')
		message("%s: %s", f->step, reason);
	else
		message("%s: %s: %s", f->step, f->object, reason);
}

int
message_flush(void)
{
	while (fflush(stdout) == EOF) {
		if (errno != EINTR) {
			message("stdout: %s", strerror(errno));
			return -1;
		}
		clearerr(stdout);
	}
	/* Failed before: musl drops what it could not write then. */
	if (ferror(stdout)) {
		message("stdout: could not be written");
		return -1;
	}
	return 0;
}

void
message_last_lines(const char *text)
{
	const char *p = text + strlen(text), *end;
	char raw[512], safe[1024], line[1100];
	int lines = 0;

	if (p > text && p[-1] == '\n')
		p--;
	for (; p > text; p--)
		if (p[-1] == '\n' && ++lines == LAST_LINES)
			break;
	while (*p != '\0') {
		end = p + strcspn(p, "\n");
		(void)snprintf(raw, sizeof raw, "%.*s", (int)(end - p), p);
		message_escape(safe, sizeof safe, raw);
		(void)snprintf(line, sizeof line, "| %s\n", safe);
		say(line);
		p = *end != '\0' ? end + 1 : end;
	}
}
