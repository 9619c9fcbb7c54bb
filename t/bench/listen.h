/* SPDX-License-Identifier: ISC */
/*
 * The fifo's reading end.
 */
#ifndef BENCH_LISTEN_H
#define BENCH_LISTEN_H

#include <sys/types.h>

#include <stdbool.h>

#include "record.h"

/* The fifo at PATH, or -1. */
int listen_open(const char *path);

/* The next record there is, without waiting. */
bool listen_next(int fd, struct record *r);

/* The next record of kind WHAT, of PID where that is not 0, within MS. */
bool
listen_for(int fd, enum record_what what, pid_t pid, int ms, struct record *r);

/* Forgets what is there. */
void listen_drain(int fd);

#endif
