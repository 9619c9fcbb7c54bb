/* SPDX-License-Identifier: ISC */
/*
 * recycle [-d] PID command [args]	run the command as exactly that pid
 * recycle -t PID			be a process with a thread of that id
 *
 * Forces what the kernel does by chance: a number that was somebody else's.
 * The pid must be free, also as a process group and as a session.  Without
 * -d it stays as the parent and ends with the command's status.
 */
#define _GNU_SOURCE 1

#include <sys/syscall.h>

#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>

#include "probe.h"

__attribute__((noreturn)) static void *
tell(void *where)
{
	pid_t *tid = where;

	__atomic_store_n(tid, gettid(), __ATOMIC_RELEASE);
	for (;;)
		pause();
}

/* The next id is the one after ns_last_pid, if nobody forks meanwhile. */
static void
thread(pid_t want)
{
	int fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);

	if (fd == -1)
		err(BROKEN, "/proc/sys/kernel/ns_last_pid");
	for (int try = 0; try < 100; try++) {
		pid_t tid = 0;
		pthread_t t;

		if (dprintf(fd, "%d", want - 1) < 0)
			err(BROKEN, "ns_last_pid");
		if ((errno = pthread_create(&t, NULL, tell, &tid)) != 0)
			err(BROKEN, "pthread_create");
		while (__atomic_load_n(&tid, __ATOMIC_ACQUIRE) == 0)
			(void)sched_yield();
		if (tid == want) {
			printf("%d\n", want);
			(void)fflush(stdout);
			for (;;)
				pause();
		}
		(void)pthread_cancel(t);
		(void)pthread_join(t, NULL);
	}
	errx(BROKEN, "%d: no thread would take it", want);
}

int
main(int argc, char *argv[])
{
	int c, detached = 0, threaded = 0;
	pid_t want, pid;
	struct clone_args args = { .exit_signal = SIGCHLD, .set_tid_size = 1 };

	while ((c = getopt(argc, argv, "+dt")) != -1)
		if (c == 'd')
			detached = 1;
		else if (c == 't')
			threaded = 1;
		else
			return BROKEN;
	argc -= optind;
	argv += optind;
	if (threaded ? argc != 1 || detached : argc < 2)
		errx(BROKEN, "usage: recycle [-d] PID command | -t PID");
	want = (pid_t)number(argv[0], 10, 2, INT_MAX);
	if (threaded)
		thread(want);

	args.set_tid = (uint64_t)(uintptr_t)&want;
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	if (pid == -1)
		err(BROKEN, "pid %d", want);
	if (pid == 0)
		become(argv + 1);
	return detached ? 0 : shell_status(pid);
}
