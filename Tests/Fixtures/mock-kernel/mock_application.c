/*
 * Calls a wrapper of ukl_shortcut.h once and prints which functions it called,
 * its result and errno. Arguments: read|write, and what the stub returns.
 * It has wrappers of its own, as an application without libc.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long stub_result;
static char buffer[4];

static long wrapper(int fd, const void *buf, unsigned long count)
{
	printf("wrapper%s ", fd == 3 && buf == buffer && count == 4 ? "" : "?");
	return 42;
}

#define read(fd, buf, count) wrapper(fd, buf, count)
#define write(fd, buf, count) wrapper(fd, buf, count)

#include "ukl_shortcut.h"

#ifdef UKL_SHORTCUT
void exit_user(void)
{
	printf("exit ");
}

void enter_user(void)
{
	printf("enter ");
}

long shortcut_tcp_read(int fd, void *buf, unsigned long count)
{
	printf("stub%s ", fd == 3 && buf == buffer && count == 4 ? "" : "?");
	return stub_result;
}

long shortcut_tcp_write(int fd, const void *buf, unsigned long count)
{
	printf("stub%s ", fd == 3 && buf == buffer && count == 4 ? "" : "?");
	return stub_result;
}
#endif

int main(int argc, char **argv)
{
	long result;

	if (argc != 3)
		return 2;
	stub_result = atol(argv[2]);
	errno = 0;
	if (!strcmp(argv[1], "read"))
		result = ukl_shortcut_tcp_read(3, buffer, 4);
	else
		result = ukl_shortcut_tcp_write(3, buffer, 4);
	printf("= %ld errno=%d\n", result, errno);
	return 0;
}
