/* SPDX-License-Identifier: ISC */
/*
 * The table of calls.  Errors are those the manual page names and a machine
 * in trouble gives (no memory, no descriptors, a full or sick disk, a refusal,
 * an old kernel), not those that only a wrong argument could cause.
 */
#include <sys/syscall.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"

#define SAFE   CALL_SAFE
#define START  CALL_STARTUP
#define WAITS  CALL_WAITS
#define COUNTS CALL_COUNTS
#define RUNS   CALL_RUNS
#define DOUBT  CALL_DOUBTFUL
#define PATH0  CALL_PATH0
#define PATH1  CALL_PATH1
#define ENDS   CALL_ENDS

#define CALL(name, traits, ...) \
	{ \
		SYS_##name, #name, traits, \
		{ \
			__VA_ARGS__ \
		} \
	}

static const struct call calls[] = {
	/* files */
	CALL(openat, PATH1, ENOENT, EACCES, EMFILE, ENFILE, ENOSPC, EROFS, EIO,
	    ENOMEM, EINTR),
	CALL(openat2, PATH1, ENOSYS, EACCES, EMFILE, ENOSPC, EIO, EAGAIN),
	CALL(close, RUNS, EIO, EINTR, ENOSPC),
	CALL(close_range, 0, ENOSYS, EMFILE, ENOMEM),
	CALL(read, WAITS | COUNTS, EIO, EINTR, EAGAIN, ENOMEM),
	CALL(write, WAITS | COUNTS, EIO, EINTR, EAGAIN, ENOSPC, EDQUOT, EPIPE,
	    EFBIG),
	CALL(pread64, WAITS | COUNTS, EIO, EINTR, ENOMEM),
	CALL(pwrite64, WAITS | COUNTS, EIO, EINTR, ENOSPC, EDQUOT, EFBIG),
	CALL(readv, WAITS, EIO, EINTR, EAGAIN),
	CALL(writev, WAITS, EIO, EINTR, EAGAIN, ENOSPC, EPIPE),
	CALL(lseek, 0, EINVAL, ESPIPE),
	CALL(fsync, 0, EIO, ENOSPC, EINTR),
	CALL(fdatasync, 0, EIO, ENOSPC, EINTR),
	CALL(ftruncate, 0, EIO, EINTR, EROFS, EFBIG),
	CALL(truncate, PATH0, EIO, EACCES, EROFS),
	CALL(fallocate, 0, ENOSPC, EOPNOTSUPP, EIO),
	CALL(flock, WAITS, EAGAIN, EINTR, ENOLCK),
	CALL(fcntl, 0, EMFILE, EAGAIN, EINTR, ENOLCK, EINVAL),
	CALL(ioctl, 0, ENOTTY, EIO, EPERM),
	CALL(dup, 0, EMFILE),
	CALL(dup3, 0, EMFILE, EBUSY, EINTR),
	CALL(newfstatat, PATH1, ENOENT, EACCES, EIO, ENOMEM, ELOOP),
	CALL(fstat, 0, EIO, ENOMEM),
	CALL(statx, PATH1, ENOENT, EACCES, EIO, ENOSYS),
	CALL(fstatfs, 0, EIO, ENOSYS),
	CALL(statfs, PATH0, EIO, EACCES, ENOSYS),
	CALL(faccessat, PATH1, EACCES, ENOENT, EIO),
	CALL(faccessat2, PATH1, EACCES, ENOENT, ENOSYS),
	CALL(readlinkat, PATH1 | START, ENOENT, EACCES, EIO, ENOMEM),
	CALL(getdents64, 0, EIO, ENOENT),
	CALL(getcwd, 0, ENOENT, EACCES, ENOMEM),
	CALL(chdir, PATH0, EACCES, ENOENT, EIO, ENOMEM),
	CALL(fchdir, 0, EACCES, EIO),
	CALL(chroot, PATH0, EPERM, EACCES, EIO),
	CALL(mkdirat, PATH1 | DOUBT, EACCES, ENOSPC, EROFS, EIO, EMLINK),
	CALL(unlinkat, PATH1 | DOUBT, EACCES, EROFS, EIO, EBUSY),
	CALL(renameat, PATH1 | DOUBT, EACCES, ENOSPC, EROFS, EIO),
	CALL(renameat2, PATH1 | DOUBT, EACCES, ENOSPC, EROFS, EIO, ENOSYS,
	    EINVAL),
	CALL(linkat, PATH1 | DOUBT, EACCES, EMLINK, ENOSPC, EROFS, EPERM),
	CALL(symlinkat, PATH1 | DOUBT, EACCES, ENOSPC, EROFS, EIO),
	CALL(fchmod, 0, EPERM, EROFS, EIO),
	CALL(fchmodat, PATH1, EPERM, EROFS, EIO),
	CALL(fchown, 0, EPERM, EROFS, EIO),
	CALL(fchownat, PATH1, EPERM, EROFS, EIO),
	CALL(utimensat, PATH1, EACCES, EROFS),
	CALL(fgetxattr, 0, ENODATA, EOPNOTSUPP),
	CALL(fsetxattr, 0, ENOSPC, EOPNOTSUPP),
	CALL(name_to_handle_at, PATH1, EOPNOTSUPP, EOVERFLOW),
	CALL(mount, PATH0, EPERM, ENOMEM),
	CALL(umount2, PATH0, EPERM, EBUSY),
	CALL(inotify_init1, 0, EMFILE, ENFILE, ENOMEM),
	CALL(inotify_add_watch, PATH1, ENOSPC, EACCES, ENOENT, ENOMEM),
	CALL(memfd_create, PATH0, EMFILE, ENFILE, ENOMEM, ENOSYS),
	/* descriptors to wait on */
	CALL(pipe2, 0, EMFILE, ENFILE),
	CALL(eventfd2, 0, EMFILE, ENFILE, ENOMEM),
	CALL(signalfd4, 0, EMFILE, ENFILE, ENOMEM),
	CALL(timerfd_create, 0, EMFILE, ENFILE, ENOMEM),
	CALL(timerfd_settime, 0, EINVAL),
	CALL(epoll_create1, 0, EMFILE, ENFILE, ENOMEM),
	CALL(epoll_ctl, 0, ENOMEM, ENOSPC, EPERM),
	CALL(epoll_pwait, WAITS, EINTR),
	CALL(ppoll, WAITS, EINTR, ENOMEM),
	CALL(pselect6, WAITS, EINTR, ENOMEM),
	CALL(pidfd_open, 0, ENOSYS, EMFILE, ENFILE, ENOMEM, ESRCH, EPERM),
	CALL(pidfd_send_signal, 0, EPERM, ESRCH, ENOSYS),
	CALL(pidfd_getfd, 0, EPERM, EMFILE, ESRCH, ENOSYS),
	/* sockets */
	CALL(socket, 0, EMFILE, ENFILE, ENOBUFS, EACCES, EAFNOSUPPORT),
	CALL(socketpair, 0, EMFILE, ENFILE, ENOBUFS),
	CALL(bind, 0, EADDRINUSE, EACCES, ENOSPC, EROFS),
	CALL(listen, 0, EADDRINUSE),
	CALL(connect, WAITS, ECONNREFUSED, ENOENT, EACCES, EAGAIN, EINTR),
	CALL(accept4, WAITS, EMFILE, ENFILE, ECONNABORTED, EINTR, ENOMEM),
	CALL(sendto, WAITS, ECONNREFUSED, EPIPE, ENOBUFS, EAGAIN, EINTR),
	CALL(sendmsg, WAITS, ECONNREFUSED, EPIPE, ENOBUFS, EAGAIN, EINTR),
	CALL(recvfrom, WAITS, ECONNRESET, ENOMEM, EAGAIN, EINTR),
	CALL(recvmsg, WAITS, ECONNRESET, ENOMEM, EAGAIN, EINTR),
	CALL(getsockopt, 0, ENOPROTOOPT, ENOBUFS),
	CALL(setsockopt, 0, ENOPROTOOPT, ENOBUFS, EPERM),
	CALL(getsockname, 0, ENOBUFS),
	CALL(getpeername, 0, ENOTCONN, ENOBUFS),
	CALL(shutdown, 0, ENOTCONN),
	/* processes */
	CALL(clone, 0, EAGAIN, ENOMEM, EPERM),
	CALL(clone3, 0, ENOSYS, EAGAIN, ENOMEM, EPERM),
	CALL(execve, PATH0, ENOENT, EACCES, ENOMEM, E2BIG, ETXTBSY, EIO,
	    ELIBBAD, EAGAIN),
	CALL(execveat, PATH1, ENOENT, EACCES, ENOMEM, ETXTBSY, EIO, ENOSYS),
	CALL(wait4, WAITS, EINTR, ECHILD),
	CALL(waitid, WAITS, EINTR, ECHILD, EINVAL),
	CALL(kill, 0, EPERM, ESRCH),
	CALL(tgkill, 0, EPERM, ESRCH),
	CALL(setsid, 0, EPERM),
	CALL(setpgid, 0, EPERM, EACCES),
	CALL(getsid, 0, EPERM),
	CALL(setuid, 0, EPERM, EAGAIN),
	CALL(setgid, 0, EPERM, EAGAIN),
	CALL(setreuid, 0, EPERM, EAGAIN),
	CALL(setregid, 0, EPERM, EAGAIN),
	CALL(setresuid, 0, EPERM, EAGAIN),
	CALL(setresgid, 0, EPERM, EAGAIN),
	CALL(setgroups, 0, EPERM, ENOMEM),
	CALL(getgroups, 0, EINVAL),
	CALL(capget, 0, EPERM),
	CALL(capset, 0, EPERM),
	CALL(prctl, 0, EPERM, EINVAL),
	CALL(seccomp, 0, EINVAL, ENOMEM, ENOSYS),
	CALL(unshare, 0, EPERM, ENOSPC, ENOMEM),
	CALL(setns, 0, EPERM, ENOMEM),
	CALL(prlimit64, START, EPERM, EINVAL),
	CALL(setpriority, 0, EPERM, EACCES),
	CALL(getpriority, 0, ESRCH),
	CALL(sched_setscheduler, 0, EPERM),
	CALL(sched_setaffinity, 0, EPERM, EINVAL),
	CALL(sched_getaffinity, 0, EINVAL),
	CALL(ioprio_set, 0, EPERM),
	CALL(personality, 0, EINVAL),
	CALL(ptrace, 0, EPERM),
	CALL(setitimer, 0, EINVAL),
	/* signals: they fail only on a wrong argument, yet some check */
	CALL(rt_sigaction, 0, EINVAL),
	CALL(rt_sigtimedwait, WAITS, EINTR, EAGAIN),
	CALL(rt_sigsuspend, WAITS, EINTR),
	CALL(sigaltstack, 0, ENOMEM),
	CALL(nanosleep, WAITS, EINTR),
	CALL(clock_nanosleep, WAITS, EINTR),
	/* memory */
	CALL(brk, START, ENOMEM),
	CALL(mmap, START, ENOMEM),
	CALL(mremap, START, ENOMEM),
	CALL(mprotect, START, ENOMEM),
	CALL(getrandom, START, ENOSYS, EINTR),
	/* cannot fail, or nothing could be done */
	/* glibc 2.36 aborts in its name service when the mask cannot be set */
	CALL(rt_sigprocmask, SAFE, 0),
	CALL(munmap, SAFE | START, 0),
	CALL(madvise, SAFE, 0),
	CALL(getpid, SAFE, 0),
	CALL(getppid, SAFE, 0),
	CALL(gettid, SAFE, 0),
	CALL(getuid, SAFE, 0),
	CALL(geteuid, SAFE, 0),
	CALL(getgid, SAFE, 0),
	CALL(getegid, SAFE, 0),
	CALL(getpgid, SAFE, 0),
	CALL(getresuid, SAFE, 0),
	CALL(getresgid, SAFE, 0),
	CALL(umask, SAFE, 0),
	CALL(uname, SAFE | START, 0),
	CALL(sysinfo, SAFE, 0),
	CALL(times, SAFE, 0),
	CALL(clock_gettime, SAFE, 0),
	CALL(clock_getres, SAFE, 0),
	CALL(gettimeofday, SAFE, 0),
	CALL(sched_yield, SAFE, 0),
	CALL(futex, SAFE, 0),
	CALL(set_tid_address, SAFE | START, 0),
	CALL(set_robust_list, SAFE | START, 0),
	CALL(rseq, SAFE | START, 0),
	CALL(rt_sigreturn, SAFE, 0),
	CALL(rt_sigpending, SAFE, 0),
	CALL(restart_syscall, SAFE, 0),
	CALL(exit, SAFE | ENDS, 0),
	CALL(exit_group, SAFE | ENDS, 0),
/* the old names, where the processor still has them */
#ifdef SYS_open
	CALL(arch_prctl, SAFE | START, 0),
	CALL(getpgrp, SAFE, 0),
	CALL(time, SAFE, 0),
	CALL(pause, SAFE, 0),
	CALL(alarm, SAFE, 0),
	CALL(open, PATH0, ENOENT, EACCES, EMFILE, ENFILE, ENOSPC, EROFS, EIO,
	    ENOMEM, EINTR),
	CALL(creat, PATH0, EACCES, EMFILE, ENOSPC, EROFS, EIO),
	CALL(stat, PATH0, ENOENT, EACCES, EIO, ENOMEM, ELOOP),
	CALL(lstat, PATH0, ENOENT, EACCES, EIO, ENOMEM),
	CALL(access, PATH0, EACCES, ENOENT, EIO),
	CALL(readlink, PATH0 | START, ENOENT, EACCES, EIO, ENOMEM),
	CALL(mkdir, PATH0 | DOUBT, EACCES, ENOSPC, EROFS, EIO, EMLINK),
	CALL(rmdir, PATH0 | DOUBT, EACCES, EROFS, EIO, EBUSY),
	CALL(unlink, PATH0 | DOUBT, EACCES, EROFS, EIO, EBUSY),
	CALL(rename, PATH0 | DOUBT, EACCES, ENOSPC, EROFS, EIO),
	CALL(link, PATH0 | DOUBT, EACCES, EMLINK, ENOSPC, EROFS, EPERM),
	CALL(symlink, PATH0 | DOUBT, EACCES, ENOSPC, EROFS, EIO),
	CALL(chmod, PATH0, EPERM, EROFS, EIO),
	CALL(chown, PATH0, EPERM, EROFS, EIO),
	CALL(lchown, PATH0, EPERM, EROFS, EIO),
	CALL(dup2, 0, EMFILE, EBUSY, EINTR),
	CALL(pipe, 0, EMFILE, ENFILE),
	CALL(fork, 0, EAGAIN, ENOMEM),
	CALL(vfork, 0, EAGAIN, ENOMEM),
	CALL(poll, WAITS, EINTR, ENOMEM),
	CALL(select, WAITS, EINTR, ENOMEM),
	CALL(epoll_wait, WAITS, EINTR),
	CALL(signalfd, 0, EMFILE, ENFILE, ENOMEM),
	CALL(eventfd, 0, EMFILE, ENFILE, ENOMEM),
	CALL(inotify_init, 0, EMFILE, ENFILE, ENOMEM),
#endif
};

static const unsigned rows = sizeof calls / sizeof *calls;
static const struct call unknown = { -1, "?", 0, { EPERM, ENOSYS } };

const struct call *
call_row(unsigned i)
{
	return i < rows ? &calls[i] : NULL;
}

const struct call *
call_by_number(long nr)
{
	for (unsigned i = 0; i < rows; i++)
		if (calls[i].nr == nr)
			return &calls[i];
	return &unknown;
}

long
call_number(const char *name)
{
	char *end;
	long nr;

	for (unsigned i = 0; i < rows; i++)
		if (strcmp(calls[i].name, name) == 0)
			return calls[i].nr;
	if (strncmp(name, "call_", 5) != 0)
		return -1;
	nr = strtol(name + 5, &end, 10);
	return *end == '\0' && nr >= 0 && nr < CALL_NUMBERS ? nr : -1;
}

const char *
call_name(long nr, char buf[24])
{
	const struct call *c = call_by_number(nr);

	if (c != &unknown)
		return c->name;
	(void)snprintf(buf, 24, "call_%ld", nr);
	return buf;
}
