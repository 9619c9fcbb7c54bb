/* SPDX-License-Identifier: ISC */
/*
 * crowd N STATUS: N orphans that end in the same instant as their parent,
 * which ends with STATUS.  125: so many could not be made.
 */
#include <stdlib.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	int ends[2], i;
	char byte;
	pid_t pid;

	if (argc != 3 || pipe(ends) == -1)
		return 125;
	for (i = 0; i < atoi(argv[1]); i++) {
		pid = fork();
		if (pid == -1)
			return 125;
		if (pid == 0) {
			/* The end of the file is the end of the parent. */
			(void)close(ends[1]);
			_exit(read(ends[0], &byte, 1) == 0 ? i % 100 : 99);
		}
	}
	return atoi(argv[2]);
}
