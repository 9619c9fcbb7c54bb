/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_SPELL_H
#define DAEMON_SPELL_H

/* text, with what replaced wherever it is: owned by the caller.
 * NULL/ENOMEM. */
char *daemon_spell(const char *text, const char *what, const char *with);

#endif
