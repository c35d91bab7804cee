/*
 * Calls on TCP and on kinds of descriptors that the catalogue does not list, each kind from a
 * function of its own, so many rounds as the argument says. Prints which descriptor is which.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if_alg.h>
#include <linux/tipc.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Whatever is called stays a call, not a jump. */
#define SITE __attribute__((noinline, optimize("no-optimize-sibling-calls"))) static void

static char buffer[8192];
static volatile ssize_t result;

SITE tcp_put(int fd) { result = write(fd, buffer, 100); }
SITE tcp_get(int fd) { result = read(fd, buffer, 100); }
SITE hash_put(int fd) { result = write(fd, buffer, 4096); }
SITE hash_get(int fd) { result = read(fd, buffer, 32); }
SITE tipc_put(int fd) { result = send(fd, buffer, 1024, 0); }
SITE tipc_get(int fd) { result = recv(fd, buffer, 1024, 0); }
SITE environment_get(int fd) { result = pread(fd, buffer, 512, 0); }
SITE mark_put(int fd) { result = write(fd, "round", 5); }
SITE log_get(int fd)
{
	if (read(fd, buffer, sizeof(buffer)) < 0)
		lseek(fd, 0, SEEK_SET);
}

static inline __attribute__((always_inline)) void checked_read(int fd)
{
	if (read(fd, buffer, 64) < 0)
		abort();
}

SITE pipe_or_zero_get(int fd)
{
	checked_read(fd);
	result = 1;
}

static int need(int fd, const char *name)
{
	if (fd < 0) {
		perror(name);
		exit(1);
	}
	printf("%s %d\n", name, fd);
	return fd;
}

static int hash(void)
{
	struct sockaddr_alg address = {
		.salg_family = AF_ALG, .salg_type = "hash", .salg_name = "sha256"
	};
	int fd = socket(AF_ALG, SOCK_SEQPACKET, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return -1;
	return accept(fd, NULL, 0);
}

/* Both ends of a connection over the loopback. */
static int connection(int ends[2])
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	ends[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&address, &size) ||
	    connect(ends[0], (struct sockaddr *)&address, size))
		return -1;
	ends[1] = accept(listener, NULL, NULL);
	return ends[1];
}

int main(int argc, char **argv)
{
	long rounds = argc > 1 ? atol(argv[1]) : 1000;
	int hashed = need(hash(), "hash"), tipc[2], ends[2], tcp[2] = { -1, -1 };
	int environment = need(open("/proc/self/environ", O_RDONLY), "environment");
	int mark = need(open("/sys/kernel/tracing/trace_marker", O_WRONLY), "mark");
	int log = need(open("/dev/kmsg", O_RDONLY | O_NONBLOCK), "log");
	int zero = need(open("/dev/zero", O_RDONLY), "zero");

	need(socketpair(AF_TIPC, SOCK_STREAM, 0, tipc), "tipc");
	need(pipe(ends), "pipe");
	need(connection(tcp), "tcp");
	printf("pipe_end %d\n", ends[0]);
	fflush(stdout);
	for (long round = 0; round < rounds; round++) {
		tcp_put(tcp[0]);
		tcp_get(tcp[1]);
		hash_put(hashed);
		hash_get(hashed);
		tipc_put(tipc[0]);
		tipc_get(tipc[1]);
		environment_get(environment);
		mark_put(mark);
		log_get(log);
		if (write(ends[1], buffer, 64) != 64)
			return 1;
		pipe_or_zero_get(ends[0]);
		pipe_or_zero_get(zero);
	}
	return 0;
}
