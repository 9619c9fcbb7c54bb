/* SPDX-License-Identifier: ISC */
#ifndef OPTION_LISTEN_H
#define OPTION_LISTEN_H

#include "../libdaemon/start/start.h"

/* The option that says how sockets are; NULL: none was given. */
const char *listen_about(const struct daemon_definition *d);

/* -1: they make no sense, and it was said why. */
int listen_settle(const struct daemon_definition *d);

#endif
