/* SPDX-License-Identifier: ISC */
/*
 * End-of-file on the report pipe proves nothing alone: a child killed before
 * the exec, or by the kernel in the middle of it, closes it just the same.
 * The kernel knows who has executed: PF_FORKNOEXEC is clear, also in a
 * zombie, and ours stays a zombie until we reap it; and who lives has a
 * program.
 */
#include <sys/wait.h>

#include <signal.h>

#include "../identity/process.h"
#include "executed.h"

enum { FEW_PAGES = 32 };

/* Of one that is dead, or without /proc.  Who ended by itself executed it,
 * because we do not without a report. */
static enum daemon_progress
presume(pid_t pid)
{
	siginfo_t si = { 0 };

	if (waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT) == -1)
		return DAEMON_PROGRESS_NONE;
	return si.si_pid == 0 || si.si_code == CLD_EXITED
	    ? DAEMON_PROGRESS_DONE
	    : DAEMON_PROGRESS_NONE;
}

/*
 * Of a zombie that had begun: SIGSEGV, SIGKILL and SIGBUS are what the kernel
 * sends where a program cannot be loaded after the old one is gone.  One that
 * came to such an end by itself has touched more pages, or has been so quick
 * that it makes no difference.
 */
static enum daemon_progress
was_torn(pid_t pid, const struct daemon_process_stat *st, long before)
{
	siginfo_t si = { 0 };

	if (waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT) == -1)
		return DAEMON_PROGRESS_DONE;
	return (si.si_code == CLD_KILLED || si.si_code == CLD_DUMPED) &&
		(si.si_status == SIGSEGV || si.si_status == SIGKILL ||
		    si.si_status == SIGBUS) &&
		st->faults < (unsigned long long)before + FEW_PAGES
	    ? DAEMON_PROGRESS_TORN
	    : DAEMON_PROGRESS_DONE;
}

/* The pipe is closed, and PF_FORKNOEXEC clear, before the new program is
 * loaded, which may yet fail: with a file that was cut, or a limit that is too
 * low. */
enum daemon_progress
daemon_executed(pid_t pid, int proc_ours, long before)
{
	struct daemon_process_stat st;

	if (!proc_ours || daemon_process_stat(pid, &st) == -1)
		return presume(pid);
	if ((st.flags & DAEMON_PF_FORKNOEXEC) != 0)
		return DAEMON_PROGRESS_NONE;
	if (st.code != 0)
		return DAEMON_PROGRESS_DONE;
	if (st.state == 'Z' || st.state == 'X')
		return was_torn(pid, &st, before);
	return DAEMON_PROGRESS_LOADING;
}
