/* SPDX-License-Identifier: ISC */
/* Who has a port: found as fuser(1) does it, by the numbers of sockets. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bind.h"

enum { TCP_LISTEN = 10, ADDRESS = 33 };

/* What is looked for. */
struct place {
	char address[ADDRESS]; /* as the tables have it: word by word */
	unsigned port;
};

static void
spell(struct place *p, const void *address, size_t words, in_port_t port)
{
	const uint32_t *word = address;
	size_t i;

	for (i = 0; i < words; i++)
		(void)snprintf(p->address + 8 * i, sizeof p->address - 8 * i,
		    "%08X", word[i]);
	p->port = ntohs(port);
}

static void
place_of(struct place *p, const struct sockaddr *at)
{
	const struct sockaddr_in6 *v6 = (const void *)at;
	const struct sockaddr_in *v4 = (const void *)at;

	if (at->sa_family == AF_INET6)
		spell(p, &v6->sin6_addr, 4, v6->sin6_port);
	else
		spell(p, &v4->sin_addr, 1, v4->sin_port);
}

static int
is_any(const char *address)
{
	return address[strspn(address, "0")] == '\0';
}

/* Who is there is in the way of whoever wants that. */
static int
is_in_the_way(const char *there, const char *want)
{
	static const char mapped[] = "0000000000000000FFFF0000";
	const size_t n = sizeof mapped - 1;

	return is_any(there) || is_any(want) || strcmp(there, want) == 0 ||
	    (strncmp(there, mapped, n) == 0 && strcmp(there + n, want) == 0);
}

/* Its inode, in one of the tables of /proc/net; 0. */
static unsigned long
find_inode(const char *table, const struct place *p, int udp)
{
	char line[512], address[ADDRESS];
	unsigned local, state;
	unsigned long inode, found = 0;
	FILE *f = fopen(table, "re");

	while (f != NULL && found == 0 && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line,
			"%*d: %32[0-9A-F]:%x %*s %x %*s %*s %*s %*s %*s %lu",
			address, &local, &state, &inode) == 4 &&
		    local == p->port && is_in_the_way(address, p->address) &&
		    (udp || state == TCP_LISTEN))
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
daemon_port_holder(const struct sockaddr *at, int udp)
{
	static const char *const tables[][2] = {
		{ "/proc/net/tcp6", "/proc/net/tcp" },
		{ "/proc/net/udp6", "/proc/net/udp" },
	};
	unsigned long inode;
	struct place p;
	int i;

	place_of(&p, at);
	for (i = 0; i < 2; i++) {
		inode = find_inode(tables[udp != 0][i], &p, udp);
		if (inode != 0)
			return find_process(inode);
	}
	return 0;
}

pid_t
daemon_file_holder(const char *path)
{
	char line[512], bound[128];
	unsigned long inode, found = 0;
	FILE *f = fopen("/proc/net/unix", "re");

	while (f != NULL && found == 0 && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "%*s %*s %*s %*s %*s %*s %lu %127[^\n]",
			&inode, bound) == 2 &&
		    strcmp(bound, path) == 0)
			found = inode;
	if (f != NULL)
		(void)fclose(f);
	return found != 0 ? find_process(found) : 0;
}
