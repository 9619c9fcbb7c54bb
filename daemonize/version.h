/* SPDX-License-Identifier: ISC */
#ifndef VERSION_H
#define VERSION_H

#define DAEMONIZE_VERSION "1.0.0"

#endif
