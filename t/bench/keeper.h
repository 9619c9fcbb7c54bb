/* SPDX-License-Identifier: ISC */
/*
 * The process that cleans up, however the one that measures ends.
 */
#ifndef BENCH_KEEPER_H
#define BENCH_KEEPER_H

#include "scratch.h"

/*
 * Returns in a new process; the old one stays behind it, ends whatever it
 * leaves, removes S, and exits with its status.
 */
void keeper_start(const struct scratch *s);

#endif
