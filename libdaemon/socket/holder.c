/* SPDX-License-Identifier: ISC */
/* Who has a port: found as fuser(1) does it, by the numbers of sockets. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bind.h"

enum { TCP_LISTEN = 10 };

/* Its inode, in one of the tables of /proc/net; 0. */
static unsigned long
find_inode(const char *table, unsigned port, int udp)
{
	char line[512];
	unsigned local, state;
	unsigned long inode, found = 0;
	FILE *f = fopen(table, "re");

	while (f != NULL && found == 0 && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line,
			"%*d: %*[0-9A-Fa-f]:%x %*s %x %*s %*s %*s %*s %*s %lu",
			&local, &state, &inode) == 3 &&
		    local == port && (udp || state == TCP_LISTEN))
			found = inode;
	if (f != NULL)
		(void)fclose(f);
	return found;
}

/* Has a process that socket? */
static int
has(const char *pid, const char *socket)
{
	char dir[64], link[sizeof dir + 256], text[64];
	const struct dirent *e;
	int found = 0;
	ssize_t n;
	DIR *d;

	(void)snprintf(dir, sizeof dir, "/proc/%.20s/fd", pid);
	d = opendir(dir);
	while (d != NULL && !found && (e = readdir(d)) != NULL) {
		(void)snprintf(link, sizeof link, "%s/%s", dir, e->d_name);
		n = readlink(link, text, sizeof text - 1);
		text[n > 0 ? n : 0] = '\0';
		found = strcmp(text, socket) == 0;
	}
	if (d != NULL)
		(void)closedir(d);
	return found;
}

static pid_t
find_process(unsigned long inode)
{
	char socket[64];
	const struct dirent *e;
	pid_t pid = 0;
	DIR *d = opendir("/proc");

	(void)snprintf(socket, sizeof socket, "socket:[%lu]", inode);
	while (d != NULL && pid == 0 && (e = readdir(d)) != NULL)
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' &&
		    has(e->d_name, socket))
			pid = (pid_t)atol(e->d_name);
	if (d != NULL)
		(void)closedir(d);
	return pid;
}

pid_t
daemon_port_holder(unsigned port, int udp)
{
	static const char *const tables[][2] = {
		{ "/proc/net/tcp6", "/proc/net/tcp" },
		{ "/proc/net/udp6", "/proc/net/udp" },
	};
	unsigned long inode;
	int i;

	for (i = 0; i < 2; i++) {
		inode = find_inode(tables[udp != 0][i], port, udp);
		if (inode != 0)
			return find_process(inode);
	}
	return 0;
}
