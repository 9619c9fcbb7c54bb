/* SPDX-License-Identifier: ISC */
/*
 * The tables.  {B} is where the harness was built, {O} our ordinary build,
 * {L} our lean one; {child} the command, {pid} a pidfile, {dir} where it is,
 * {n} a number of its own; @tool a system's program, by absolute path.
 */
#include <stddef.h>

#include "contenders.h"

/* clang-format off */
#define LIMIT_START	{ "{B}/start-musl-vfork", "-p", "{pid}", "{child}" }
#define ANY_START	{ "{B}/start-static", "-p", "{pid}", "{child}" }
#define LIMIT_STOP	{ "{B}/stop-musl", "{pid}" }
#define OUR_START	{ "{O}/daemonize", "-p", "{pid}", "{child}" }
#define OUR_STOP	{ "{O}/daemonctl", "stop", "-p", "{pid}" }
#define LEAN_START	{ "{L}/daemonize", "-p", "{pid}", "{child}" }
#define LEAN_STOP	{ "{L}/daemonctl", "stop", "-p", "{pid}" }
#define OLD_START	{ "@daemonize", "-p", "{pid}", "{child}" }
#define KILL_STOP	{ "@sh", "-c", "kill $(cat {pid})" }
#define SSD_START	{ "@start-stop-daemon", "--start", "--background", \
			  "--make-pidfile", "--pidfile", "{pid}", \
			  "--startas", "{child}" }
#define SSD_KILL	{ "@start-stop-daemon", "--stop", "--pidfile", "{pid}" }
#define SSD_STOP	{ "@start-stop-daemon", "--stop", "--pidfile", "{pid}", \
			  "--retry", "TERM/5/KILL/5" }
#define BUSY_START	{ "@busybox", "start-stop-daemon", "-S", "-b", "-m", \
			  "-p", "{pid}", "-a", "{child}" }
#define BUSY_KILL	{ "@busybox", "start-stop-daemon", "-K", "-p", "{pid}" }
#define DAEMON_START	{ "@daemon", "-U", "-F", "{pid}", "--", "{child}" }
#define DAEMON_NAMED	{ "@daemon", "-U", "-n", "{n}", "-P", "{dir}", "--", \
			  "{child}" }
#define DAEMON_KILL	{ "@daemon", "--stop", "-n", "{n}", "-P", "{dir}" }
/* clang-format on */

const struct contender contenders_start[] = {
	{ .name = "limit: static musl, two vforks",
	    .kind = LIMIT,
	    .linkage = MUSL,
	    .start = LIMIT_START },
	{ .name = "limit: glibc, two vforks",
	    .kind = LIMIT,
	    .start = { "{B}/start-glibc-vfork", "-p", "{pid}", "{child}" } },
	{ .name = "limit: glibc, two forks",
	    .kind = LIMIT,
	    .start = { "{B}/start-glibc-fork", "-p", "{pid}", "{child}" } },
	{ .name = "daemonize, lean",
	    .kind = OURS,
	    .linkage = MUSL,
	    .start = LEAN_START },
	{ .name = "daemonize", .kind = OURS, .start = OUR_START },
	{ .name = "old daemonize", .kind = REFERENCE, .start = OLD_START },
	{ .name = "sh &",
	    .kind = PEER,
	    .start = { "@sh", "-c",
		"{child} </dev/null >/dev/null 2>&1 & echo $! >{pid}" } },
	{ .name = "setsid -f",
	    .kind = PEER,
	    .no_pidfile = true,
	    .start = { "@setsid", "-f", "{child}" } },
	{ .name = "start-stop-daemon -b -m", .kind = PEER, .start = SSD_START },
	{ .name = "busybox start-stop-daemon",
	    .kind = PEER,
	    .start = BUSY_START },
	{ .name = "daemon -F",
	    .kind = PEER,
	    .no_pidfile = true,
	    .start = DAEMON_START },
	{ .name = NULL },
};

/* As the example of each manual has it: a directory with the program run. */
#define OURS_AGAIN "-F", "-r", "--ready", "exec", "-q", "{child}"
#define SCANNED(tool) \
	"@sh", "-c", \
	    "mkdir {dir}/{n} && ln -s {child} {dir}/{n}/run && exec " tool \
	    " {dir}/{n}"
#define DAEMON_AGAIN "@daemon", "-U", "-f", "-r", "--", "{child}"

const struct contender contenders_restart[] = {
	{ .name = "limit: static musl, vfork",
	    .kind = LIMIT,
	    .linkage = MUSL,
	    .start = { "{B}/restart-musl", "{child}" } },
	{ .name = "limit: static musl, fork",
	    .kind = LIMIT,
	    .linkage = MUSL,
	    .start = { "{B}/restart-musl-fork", "{child}" } },
	{ .name = "limit: glibc, fork",
	    .kind = REFERENCE,
	    .start = { "{B}/restart-glibc", "{child}" } },
	{ .name = "daemonize -F -r, lean",
	    .kind = OURS,
	    .linkage = MUSL,
	    .start = { "{L}/daemonize", OURS_AGAIN } },
	{ .name = "daemonize -F -r",
	    .kind = OURS,
	    .start = { "{O}/daemonize", OURS_AGAIN } },
	{ .name = "runsv",
	    .kind = PEER,
	    .needs = "@runsv",
	    .start = { SCANNED("runsv") } },
	{ .name = "supervise (daemontools)",
	    .kind = PEER,
	    .needs = "@supervise",
	    .start = { SCANNED("supervise") } },
	{ .name = "s6-supervise",
	    .kind = PEER,
	    .needs = "@s6-supervise",
	    .start = { SCANNED("s6-supervise") } },
	{ .name = "daemon -r", .kind = PEER, .start = { DAEMON_AGAIN } },
	{ .name = NULL },
};

/* Ours has a name, a record and a socket here: it is a service. */
#define OUR_SERVICE \
	"-n", "{n}", "-r", "--ready", "exec", "--log=none", "-q", "{child}"

const struct contender contenders_idle[] = {
	{ .name = "limit: static musl",
	    .kind = LIMIT,
	    .linkage = MUSL,
	    .start = { "{B}/restart-musl-fork", "{child}" } },
	{ .name = "limit: glibc",
	    .kind = LIMIT,
	    .start = { "{B}/restart-glibc", "{child}" } },
	{ .name = "daemonize -r, lean",
	    .kind = OURS,
	    .linkage = MUSL,
	    .start = { "{L}/daemonize", OUR_SERVICE } },
	{ .name = "daemonize -r",
	    .kind = OURS,
	    .start = { "{O}/daemonize", OUR_SERVICE } },
	{ .name = "runsv",
	    .kind = REFERENCE,
	    .needs = "@runsv",
	    .start = { SCANNED("runsv") } },
	{ .name = "supervise (daemontools)",
	    .kind = PEER,
	    .needs = "@supervise",
	    .start = { SCANNED("supervise") } },
	{ .name = "s6-supervise",
	    .kind = PEER,
	    .needs = "@s6-supervise",
	    .start = { SCANNED("s6-supervise") } },
	{ .name = "daemon -r", .kind = PEER, .start = { DAEMON_AGAIN } },
	{ .name = NULL },
};

/* Those that trust a pidfile get theirs from the fastest start. */
const struct contender contenders_stop[] = {
	{ .name = "limit: pidfd and poll",
	    .kind = LIMIT,
	    .linkage = MUSL,
	    .start = ANY_START,
	    .stop = LIMIT_STOP },
	{ .name = "limit: the same, glibc",
	    .kind = LIMIT,
	    .start = ANY_START,
	    .stop = { "{B}/stop-glibc", "{pid}" } },
	{ .name = "daemonctl stop, lean",
	    .kind = OURS,
	    .linkage = MUSL,
	    .start = LEAN_START,
	    .stop = LEAN_STOP },
	{ .name = "daemonctl stop",
	    .kind = OURS,
	    .start = OUR_START,
	    .stop = OUR_STOP },
	{ .name = "start-stop-daemon --retry",
	    .kind = REFERENCE,
	    .start = ANY_START,
	    .stop = SSD_STOP },
	{ .name = "start-stop-daemon --stop",
	    .kind = PEER,
	    .start = ANY_START,
	    .stop = SSD_KILL },
	{ .name = "busybox start-stop-daemon -K",
	    .kind = PEER,
	    .start = ANY_START,
	    .stop = BUSY_KILL },
	{ .name = "daemon --stop",
	    .kind = PEER,
	    .start = DAEMON_NAMED,
	    .stop = DAEMON_KILL },
	{ .name = "sh, kill",
	    .kind = PEER,
	    .start = ANY_START,
	    .stop = KILL_STOP },
	{ .name = NULL },
};

const struct contender contenders_fan[] = {
	{ .name = "limit: static musl",
	    .kind = LIMIT,
	    .linkage = MUSL,
	    .start = LIMIT_START,
	    .stop = LIMIT_STOP },
	{ .name = "limit: glibc, forks",
	    .kind = LIMIT,
	    .start = { "{B}/start-glibc-fork", "-p", "{pid}", "{child}" },
	    .stop = { "{B}/stop-glibc", "{pid}" } },
	{ .name = "daemonize and daemonctl, lean",
	    .kind = OURS,
	    .linkage = MUSL,
	    .start = LEAN_START,
	    .stop = LEAN_STOP },
	{ .name = "daemonize and daemonctl",
	    .kind = OURS,
	    .start = OUR_START,
	    .stop = OUR_STOP },
	{ .name = "old daemonize, kill",
	    .kind = REFERENCE,
	    .start = OLD_START,
	    .stop = KILL_STOP },
	{ .name = "old daemonize, ssd --retry",
	    .kind = PEER,
	    .slow = true,
	    .start = OLD_START,
	    .stop = SSD_STOP },
	{ .name = "start-stop-daemon",
	    .kind = PEER,
	    .start = SSD_START,
	    .stop = SSD_KILL },
	{ .name = "start-stop-daemon --retry",
	    .kind = PEER,
	    .slow = true,
	    .start = SSD_START,
	    .stop = SSD_STOP },
	{ .name = "busybox start-stop-daemon",
	    .kind = PEER,
	    .start = BUSY_START,
	    .stop = BUSY_KILL },
	{ .name = "daemon",
	    .kind = PEER,
	    .start = DAEMON_NAMED,
	    .stop = DAEMON_KILL },
	{ .name = NULL },
};
