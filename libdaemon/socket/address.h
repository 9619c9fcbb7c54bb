/* SPDX-License-Identifier: ISC */
/* Where to listen, as text.  Pure. */
#ifndef DAEMON_ADDRESS_H
#define DAEMON_ADDRESS_H

#include <sys/types.h>

enum {
	DAEMON_ADDRESS_NAME = 32,
	DAEMON_ADDRESS_HOST = 256,
	DAEMON_ADDRESS_OWNER = 128,
	DAEMON_ADDRESS_PATH = 108, /* that of a struct sockaddr_un */
	DAEMON_ADDRESS_TEXT = 512
};

struct daemon_address {
	char name[DAEMON_ADDRESS_NAME]; /* in LISTEN_FDNAMES; "": none was
	    given */
	enum {
		DAEMON_ADDRESS_TCP,
		DAEMON_ADDRESS_UDP,
		DAEMON_ADDRESS_UNIX
	} kind;
	char host[DAEMON_ADDRESS_HOST]; /* "": all of this machine's */
	char port[6]; /* 1 to 65535 */
	char path[DAEMON_ADDRESS_PATH]; /* of UNIX */
	mode_t mode; /* and that file's */
	char owner[DAEMON_ADDRESS_OWNER], group[DAEMON_ADDRESS_OWNER]; /* "":
	    ours */
};

/*
 *	[NAME=][tcp:|udp:][HOST]:PORT, or [V6] in its brackets
 *	[NAME=]unix:PATH[,mode=OCTAL][,owner=USER[:GROUP]]
 *
 * -1: *why it is none, in words.
 */
int daemon_address_parse(
    struct daemon_address *a, const char *text, const char **why);

/* What it goes by: its name, else its port, or the last part of its path. */
void daemon_address_label(
    char label[DAEMON_ADDRESS_NAME], const struct daemon_address *a);

/* And back.  -1: too long. */
int daemon_address_text(
    char text[DAEMON_ADDRESS_TEXT], const struct daemon_address *a);

#endif
