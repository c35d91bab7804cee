/* Every stub of the module beside its system call: on its own kinds of descriptors with all
 * operations, on all other kinds with a few. Each scenario runs twice, each time in a process of its
 * own with fresh descriptors; what a process notes must be equal, word for word.
 *
 *   families [-q] [prefix...]    scenarios whose names, STUB/KIND/OPERATION, begin so
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ukl_shortcut_ioctl.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define AREA 16384

/* ---- notes, shared with the process that compares them ---- */

static struct {
	size_t used;
	char text[4000];
} *notes;

static void say(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	notes->used += vsnprintf(notes->text + notes->used, sizeof(notes->text) - notes->used, format, list);
	va_end(list);
	if (notes->used > sizeof(notes->text) - 1)
		notes->used = sizeof(notes->text) - 1;
}

static unsigned hash(const void *data, size_t length)
{
	const unsigned char *p = data;
	unsigned h = 2166136261u;

	while (length--)
		h = (h ^ *p++) * 16777619u;
	return h;
}

static void must(bool good, const char *what)
{
	if (good)
		return;
	say("setup of %s: %s", what, strerror(errno));
	_exit(9);
}

/* ---- descriptors ---- */

struct ends {
	int fd, peer;
	struct sockaddr_storage where; /* an address to send to */
	socklen_t where_length;
};

static const char hello[] = "hello, this is what the peer has to say, and it is longer than one read takes";

static void pair(struct ends *e, int family, int type)
{
	struct sockaddr_storage a = { .ss_family = family };
	socklen_t length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	int listener = socket(family, type, 0);

	if (family == AF_INET)
		((struct sockaddr_in *)&a)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		((struct sockaddr_in6 *)&a)->sin6_addr = in6addr_loopback;
	must(!bind(listener, (void *)&a, length), "bind");
	must(!getsockname(listener, (void *)&a, &length), "getsockname");
	e->where = a;
	e->where_length = length;
	e->fd = socket(family, type, 0);
	if (type == SOCK_STREAM) {
		must(!listen(listener, 5), "listen");
		must(!connect(e->fd, (void *)&a, length), "connect");
		e->peer = accept(listener, NULL, NULL);
		close(listener);
		return;
	}
	must(!connect(e->fd, (void *)&a, length), "connect");
	e->peer = listener;
	must(!getsockname(e->fd, (void *)&a, &length), "getsockname");
	must(!connect(listener, (void *)&a, length), "connect back");
}

static void filled(struct ends *e)
{
	must(write(e->peer, hello, sizeof(hello)) == sizeof(hello), "data");
	must(write(e->peer, "second", 6) == 6, "data");
	struct pollfd p = { .fd = e->fd, .events = POLLIN };
	must(poll(&p, 1, 1000) == 1, "arrival");
}

static void k_tcp(struct ends *e) { pair(e, AF_INET, SOCK_STREAM); }
static void k_tcp_data(struct ends *e) { k_tcp(e); filled(e); }
static void k_tcp6_data(struct ends *e) { pair(e, AF_INET6, SOCK_STREAM); filled(e); }
static void k_tcp_closed(struct ends *e) { k_tcp(e); close(e->peer); e->peer = -1; usleep(20000); }
static void k_tcp_oob(struct ends *e) { k_tcp_data(e); send(e->peer, "!", 1, MSG_OOB); usleep(10000); }
static void k_tcp_new(struct ends *e) { e->fd = socket(AF_INET, SOCK_STREAM, 0); }
static void listening(struct ends *e, bool pending)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(a);

	e->fd = socket(AF_INET, SOCK_STREAM, 0);
	must(!bind(e->fd, (void *)&a, length) && !listen(e->fd, 5), "listen");
	getsockname(e->fd, (void *)&a, &length);
	if (pending) {
		e->peer = socket(AF_INET, SOCK_STREAM, 0);
		must(!connect(e->peer, (void *)&a, length), "connect");
	}
}
static void k_tcp_listen(struct ends *e) { listening(e, false); }
static void k_tcp_pending(struct ends *e) { listening(e, true); }
static void k_udp(struct ends *e) { pair(e, AF_INET, SOCK_DGRAM); }
static void k_udp_data(struct ends *e) { k_udp(e); filled(e); }
static void k_udp6_data(struct ends *e) { pair(e, AF_INET6, SOCK_DGRAM); filled(e); }
static void k_udp_open(struct ends *e) /* not connected, no port yet */
{
	pair(e, AF_INET, SOCK_DGRAM);
	close(e->fd);
	close(e->peer);
	e->peer = socket(AF_INET, SOCK_DGRAM, 0);
	must(!bind(e->peer, (void *)&e->where, e->where_length), "bind");
	e->fd = socket(AF_INET, SOCK_DGRAM, 0);
}
static void k_udp_refused(struct ends *e)
{
	k_udp(e);
	close(e->peer);
	e->peer = -1;
	must(send(e->fd, "x", 1, 0) == 1, "send");
	usleep(10000);
}
static void k_udp_mapped(struct ends *e) /* an IPv6 socket that talks IPv4 */
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6 };
	struct sockaddr_in *to = (void *)&e->where;

	k_udp_open(e);
	close(e->fd);
	e->fd = socket(AF_INET6, SOCK_DGRAM, 0);
	a.sin6_port = to->sin_port;
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &a.sin6_addr);
	must(!connect(e->fd, (void *)&a, sizeof(a)), "connect");
}
static void unix_pair(struct ends *e, int type)
{
	int fds[2];

	must(!socketpair(AF_UNIX, type, 0, fds), "socketpair");
	e->fd = fds[0];
	e->peer = fds[1];
}
static void k_unix_stream(struct ends *e) { unix_pair(e, SOCK_STREAM); }
static void k_unix_stream_data(struct ends *e) { k_unix_stream(e); filled(e); }
static void k_unix_stream_closed(struct ends *e) { k_unix_stream(e); close(e->peer); e->peer = -1; }
static void k_unix_stream_rights(struct ends *e)
{
	char control[CMSG_SPACE(sizeof(int))] = "";
	struct iovec iov = { (void *)hello, 20 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	k_unix_stream(e);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &e->peer, sizeof(int));
	must(sendmsg(e->peer, &m, 0) == 20, "rights");
}
static void k_unix_dgram(struct ends *e) { unix_pair(e, SOCK_DGRAM); }
static void k_unix_dgram_data(struct ends *e) { k_unix_dgram(e); filled(e); }
static void k_unix_dgram_named(struct ends *e) /* the sender has an address */
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "\0families-peer" };
	struct sockaddr_un b = { .sun_family = AF_UNIX, .sun_path = "\0families-own" };

	e->fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	e->peer = socket(AF_UNIX, SOCK_DGRAM, 0);
	must(!bind(e->peer, (void *)&a, 16) && !bind(e->fd, (void *)&b, 15), "bind");
	must(!connect(e->peer, (void *)&b, 15), "connect");
	memcpy(&e->where, &a, sizeof(a));
	e->where_length = 16;
	filled(e);
}
static void k_unix_seqpacket_data(struct ends *e) { unix_pair(e, SOCK_SEQPACKET); filled(e); }
static void pipe_ends(struct ends *e, bool reading)
{
	int fds[2];

	must(!pipe(fds), "pipe");
	e->fd = fds[!reading];
	e->peer = fds[reading];
}
static void k_pipe_read(struct ends *e) { pipe_ends(e, true); }
static void k_pipe_data(struct ends *e) { pipe_ends(e, true); must(write(e->peer, hello, sizeof(hello)) > 0, "data"); }
static void k_pipe_eof(struct ends *e) { k_pipe_data(e); close(e->peer); e->peer = -1; }
static void k_pipe_write(struct ends *e) { pipe_ends(e, false); }
static void k_pipe_broken(struct ends *e) { pipe_ends(e, false); close(e->peer); e->peer = -1; }
static void k_pipe_full(struct ends *e)
{
	static char block[4096];

	pipe_ends(e, false);
	fcntl(e->fd, F_SETFL, O_NONBLOCK | O_WRONLY);
	while (write(e->fd, block, sizeof(block)) > 0)
		;
}
static void k_fifo(struct ends *e)
{
	unlink("/tmp/fifo");
	must(!mkfifo("/tmp/fifo", 0600), "mkfifo");
	e->fd = open("/tmp/fifo", O_RDWR | O_NONBLOCK);
	must(write(e->fd, hello, sizeof(hello)) > 0, "data");
}
static void k_eventfd(struct ends *e) { e->fd = eventfd(0, EFD_NONBLOCK); }
static void k_eventfd_5(struct ends *e) { e->fd = eventfd(5, EFD_NONBLOCK); }
static void k_eventfd_sem(struct ends *e) { e->fd = eventfd(5, EFD_NONBLOCK | EFD_SEMAPHORE); }
static void k_eventfd_full(struct ends *e)
{
	uint64_t most = UINT64_MAX - 1;

	e->fd = eventfd(0, EFD_NONBLOCK);
	must(write(e->fd, &most, 8) == 8, "count");
}
static void file(struct ends *e, const char *path, int flags)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	must(fd >= 0, path);
	must(write(fd, hello, sizeof(hello)) == sizeof(hello), path);
	close(fd);
	e->fd = open(path, flags);
	must(e->fd >= 0, path);
	lseek(e->fd, 3, SEEK_SET);
	e->peer = -2; /* a file: its content is looked at */
}
static void k_tmpfs(struct ends *e) { file(e, "/tmp/f", O_RDWR); }
static void k_tmpfs_append(struct ends *e) { file(e, "/tmp/f", O_RDWR | O_APPEND); }
static void k_tmpfs_rdonly(struct ends *e) { file(e, "/tmp/f", O_RDONLY); }
static void k_tmpfs_wronly(struct ends *e) { file(e, "/tmp/f", O_WRONLY); }
static void k_tmpfs_direct(struct ends *e) { e->fd = -1; file(e, "/tmp/f", O_RDWR | O_SYNC); }
static void k_tmpfs_end(struct ends *e) { k_tmpfs(e); lseek(e->fd, 0, SEEK_END); }
static void k_tmpfs_far(struct ends *e) { k_tmpfs(e); lseek(e->fd, 0x7ffffffffffff000L, SEEK_SET); }
static void k_memfd_sealed(struct ends *e)
{
	e->fd = memfd_create("sealed", MFD_ALLOW_SEALING);
	must(write(e->fd, hello, sizeof(hello)) > 0, "memfd");
	fcntl(e->fd, F_ADD_SEALS, F_SEAL_WRITE);
	lseek(e->fd, 3, SEEK_SET);
	e->peer = -2;
}
static void k_ext4(struct ends *e) { file(e, "/ext4/f", O_RDWR); }
static void k_ext4_append(struct ends *e) { file(e, "/ext4/f", O_RDWR | O_APPEND); }
static void k_ext4_rdonly(struct ends *e) { file(e, "/ext4/f", O_RDONLY); }
static void k_ext4_wronly(struct ends *e) { file(e, "/ext4/f", O_WRONLY); }
static void k_ext4_direct(struct ends *e) { file(e, "/ext4/f", O_RDWR | O_DIRECT); }
static void k_ext4_sync(struct ends *e) { file(e, "/ext4/f", O_RDWR | O_SYNC); }
static void k_ramfs(struct ends *e) { file(e, "/ramfs/f", O_RDWR); }
static void k_ramfs_append(struct ends *e) { file(e, "/ramfs/f", O_RDWR | O_APPEND); }
static void k_ramfs_wronly(struct ends *e) { file(e, "/ramfs/f", O_WRONLY); }
static void k_directory(struct ends *e) { e->fd = open("/tmp", O_RDONLY); }
static void k_path(struct ends *e) { file(e, "/tmp/f", O_PATH); }
static void k_null(struct ends *e) { e->fd = open("/dev/null", O_RDWR); }
static void k_proc(struct ends *e) { e->fd = open("/proc/version", O_RDONLY); }
static void k_epoll(struct ends *e) { e->fd = epoll_create1(0); }
static void k_timerfd(struct ends *e) { e->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK); }
static void k_closed(struct ends *e) { e->fd = -1; }
static void k_not_open(struct ends *e) { e->fd = 400; }

static const struct kind {
	const char *name, *family;
	void (*make)(struct ends *e);
	bool typical; /* stubs of other families see it, too */
} kinds[] = {
#define KIND(family, name) { #name, family, k_##name, false }
#define TYPICAL(family, name) { #name, family, k_##name, true }
	KIND("tcp", tcp), TYPICAL("tcp", tcp_data), KIND("tcp", tcp6_data), KIND("tcp", tcp_closed), KIND("tcp", tcp_oob),
	KIND("tcp", tcp_new), KIND("tcp", tcp_listen), KIND("tcp", tcp_pending),
	KIND("udp", udp), TYPICAL("udp", udp_data), KIND("udp", udp6_data), KIND("udp", udp_open), KIND("udp", udp_refused), KIND("udp", udp_mapped),
	KIND("unix_stream", unix_stream), TYPICAL("unix_stream", unix_stream_data), KIND("unix_stream", unix_stream_closed), KIND("unix_stream", unix_stream_rights),
	KIND("unix_dgram", unix_dgram), TYPICAL("unix_dgram", unix_dgram_data), KIND("unix_dgram", unix_dgram_named),
	TYPICAL("", unix_seqpacket_data),
	KIND("pipe", pipe_read), TYPICAL("pipe", pipe_data), KIND("pipe", pipe_eof), KIND("pipe", pipe_write), KIND("pipe", pipe_broken), KIND("pipe", pipe_full), KIND("pipe", fifo),
	KIND("eventfd", eventfd), TYPICAL("eventfd", eventfd_5), KIND("eventfd", eventfd_sem), KIND("eventfd", eventfd_full),
	TYPICAL("tmpfs", tmpfs), KIND("tmpfs", tmpfs_append), KIND("tmpfs", tmpfs_rdonly), KIND("tmpfs", tmpfs_wronly), KIND("tmpfs", tmpfs_direct),
	KIND("tmpfs", tmpfs_end), KIND("tmpfs", tmpfs_far), KIND("tmpfs", memfd_sealed),
	TYPICAL("ext4", ext4), KIND("ext4", ext4_append), KIND("ext4", ext4_rdonly), KIND("ext4", ext4_wronly), KIND("ext4", ext4_direct), KIND("ext4", ext4_sync),
	TYPICAL("file", ramfs), KIND("file", ramfs_append), KIND("file", ramfs_wronly),
	TYPICAL("", directory), TYPICAL("", path), TYPICAL("", null), TYPICAL("", proc), TYPICAL("", epoll), TYPICAL("", timerfd), TYPICAL("", closed), TYPICAL("", not_open),
};

/* ---- operations ---- */

static struct ends e;
static char *area, *half;         /* AREA bytes; 8 bytes before a page that can't be used */
static struct sockaddr_storage *address;
static socklen_t *address_length;
static struct msghdr *header;
static struct iovec *vector;
static char *control;

struct operation {
	const char *name, *call;
	bool basic; /* also on kinds that aren't the stub's */
	long a[6];  /* arguments behind the descriptor; see below */
};

/* Places in place of addresses. */
enum { AREA_AT = -100, HALF_AT, KERNEL_AT, ADDRESS_AT, LENGTH_AT, WHERE_AT, WHERE_LENGTH, HEADER_AT, VECTOR_AT, BAD_AT = 16 };

#define READS(c) \
	{ "16", c, true, { AREA_AT, 16 } }, { "0", c, true, { AREA_AT, 0 } }, { "null", c, true, { 0, 16 } }, \
	{ "1", c, false, { AREA_AT, 1 } }, { "8", c, false, { AREA_AT, 8 } }, { "7", c, false, { AREA_AT, 7 } }, { "5000", c, false, { AREA_AT, 5000 } }, \
	{ "half", c, false, { HALF_AT, 16 } }, { "kernel", c, false, { KERNEL_AT, 16 } }, { "2G", c, false, { AREA_AT, 0x80000000 } }, \
	{ "minus", c, false, { AREA_AT, -1 } }, { "null_0", c, false, { 0, 0 } }
#define VECTORS(c) \
	{ "two", c, true, { VECTOR_AT, 2 } }, { "none", c, true, { VECTOR_AT, 0 } }, { "bad", c, true, { BAD_AT, 2 } }, \
	{ "one", c, false, { VECTOR_AT, 1 } }, { "nine", c, false, { VECTOR_AT, 9 } }, { "empty", c, false, { VECTOR_AT + 1000, 1 } }, \
	{ "bad_part", c, false, { VECTOR_AT + 2000, 2 } }, { "bad_first", c, false, { VECTOR_AT + 3000, 2 } }, { "negative", c, false, { VECTOR_AT + 4000, 2 } }, \
	{ "huge", c, false, { VECTOR_AT + 5000, 2 } }, { "many", c, false, { VECTOR_AT, 1025 } }, { "minus", c, false, { VECTOR_AT, -1 } }, \
	{ "half", c, false, { VECTOR_AT + 6000, 2 } }

#define PLACED(c) \
	{ "16_at_0", c, true, { AREA_AT, 16, 0 } }, { "16_at_5", c, true, { AREA_AT, 16, 5 } }, { "16_at_minus_1", c, true, { AREA_AT, 16, -1 } }, \
	{ "16_at_end", c, false, { AREA_AT, 16, sizeof(hello) } }, { "16_beyond", c, false, { AREA_AT, 16, 10000 } }, \
	{ "16_at_most", c, false, { AREA_AT, 16, INT64_MAX - 5 } }, { "0_at_5", c, false, { AREA_AT, 0, 5 } }, { "null_at_0", c, false, { 0, 16, 0 } }, \
	{ "half_at_0", c, false, { HALF_AT, 16, 0 } }, { "2G_at_0", c, false, { AREA_AT, 0x80000000, 0 } }, { "minus_at_0", c, false, { AREA_AT, -1, 0 } }, \
	{ "512_at_0", c, false, { AREA_AT, 512, 0 } }

static const struct operation operations[] = {
	READS("read"), READS("write"), VECTORS("readv"), VECTORS("writev"), PLACED("pread64"), PLACED("pwrite64"),
#define R "recvfrom"
	{ "16", R, true, { AREA_AT, 16, 0, 0, 0 } }, { "16_address", R, true, { AREA_AT, 16, 0, ADDRESS_AT, LENGTH_AT } }, { "null", R, true, { BAD_AT, 16, MSG_DONTWAIT, 0, 0 } },
	{ "kernel", R, true, { KERNEL_AT, 16, 0, 0, 0 } }, { "0", R, false, { AREA_AT, 0, 0, 0, 0 } }, { "5000", R, false, { AREA_AT, 5000, 0, ADDRESS_AT, LENGTH_AT } },
	{ "peek", R, false, { AREA_AT, 16, MSG_PEEK, 0, 0 } }, { "dontwait", R, false, { AREA_AT, 16, MSG_DONTWAIT, 0, 0 } }, { "oob", R, false, { AREA_AT, 1, MSG_OOB, 0, 0 } },
	{ "trunc", R, false, { AREA_AT, 4, MSG_TRUNC, 0, 0 } }, { "errqueue", R, false, { AREA_AT, 16, MSG_ERRQUEUE, ADDRESS_AT, LENGTH_AT } },
	{ "no_length", R, false, { AREA_AT, 16, 0, ADDRESS_AT, BAD_AT } }, { "bad_address", R, false, { AREA_AT, 16, 0, BAD_AT, LENGTH_AT } },
	{ "half", R, false, { HALF_AT, 16, 0, 0, 0 } }, { "compat", R, false, { AREA_AT, 16, 0x80000000, 0, 0 } }, { "minus", R, false, { AREA_AT, -1, MSG_DONTWAIT, 0, 0 } },
#define S "sendto"
	{ "16", S, true, { AREA_AT, 16, 0, 0, 0 } }, { "16_to", S, true, { AREA_AT, 16, 0, WHERE_AT, WHERE_LENGTH } }, { "null", S, true, { BAD_AT, 16, 0, 0, 0 } },
	{ "kernel", S, true, { KERNEL_AT, 16, 0, 0, 0 } }, { "0", S, false, { AREA_AT, 0, 0, 0, 0 } }, { "nosignal", S, false, { AREA_AT, 16, MSG_NOSIGNAL, 0, 0 } },
	{ "5000", S, false, { AREA_AT, 5000, 0, 0, 0 } }, { "more", S, false, { AREA_AT, 16, MSG_MORE, 0, 0 } }, { "oob", S, false, { AREA_AT, 1, MSG_OOB, 0, 0 } },
	{ "internal", S, false, { AREA_AT, 16, 0x8000000, 0, 0 } }, { "internal2", S, false, { AREA_AT, 16, 0x180000, 0, 0 } },
	{ "bad_to", S, false, { AREA_AT, 16, 0, BAD_AT, 16 } }, { "negative_to", S, false, { AREA_AT, 16, 0, WHERE_AT, -1 } }, { "long_to", S, false, { AREA_AT, 16, 0, WHERE_AT, 200 } },
	{ "zero_to", S, false, { AREA_AT, 16, 0, WHERE_AT, 0 } }, { "half", S, false, { HALF_AT, 16, 0, 0, 0 } }, { "minus", S, false, { AREA_AT, -1, MSG_DONTWAIT, 0, 0 } },
	{ "zerocopy", S, false, { AREA_AT, 16, 0x4000000, 0, 0 } }, { "compat", S, false, { AREA_AT, 16, 0x80000000, 0, 0 } },
#define M(c) \
	{ "plain", c, true, { HEADER_AT, 0 } }, { "bad", c, true, { BAD_AT, 0 } }, { "compat", c, true, { HEADER_AT, 0x80000000 } }, \
	{ "name", c, false, { HEADER_AT + 1000, 0 } }, { "control", c, false, { HEADER_AT + 2000, 0 } }, { "nine", c, false, { HEADER_AT + 3000, 0 } }, \
	{ "many", c, false, { HEADER_AT + 4000, 0 } }, { "negative_name", c, false, { HEADER_AT + 5000, 0 } }, { "bad_vector", c, false, { HEADER_AT + 6000, 0 } }, \
	{ "bad_name", c, false, { HEADER_AT + 7000, 0 } }, { "bad_control", c, false, { HEADER_AT + 8000, 0 } }, { "huge_control", c, false, { HEADER_AT + 9000, 0 } }, \
	{ "no_vector", c, false, { HEADER_AT + 10000, 0 } }, { "dontwait", c, false, { HEADER_AT, MSG_DONTWAIT } }, { "peek", c, false, { HEADER_AT, MSG_PEEK } }, \
	{ "cloexec", c, false, { HEADER_AT + 2000, 0x40000000 } }, { "errqueue", c, false, { HEADER_AT + 2000, MSG_ERRQUEUE } }, \
	{ "nosignal", c, false, { HEADER_AT, MSG_NOSIGNAL } }, { "internal", c, false, { HEADER_AT, 0x8180000 } }
	M("recvmsg"), M("sendmsg"),
	{ "plain", "accept4", true, { 0, 0, 0 } }, { "address", "accept4", true, { ADDRESS_AT, LENGTH_AT, 0 } }, { "flags", "accept4", false, { ADDRESS_AT, LENGTH_AT, SOCK_NONBLOCK | SOCK_CLOEXEC } },
	{ "bad_flags", "accept4", false, { 0, 0, 1 } }, { "bad_address", "accept4", false, { BAD_AT, LENGTH_AT, 0 } }, { "no_length", "accept4", false, { ADDRESS_AT, BAD_AT, 0 } },
	{ "plain", "accept", true, { 0, 0 } }, { "address", "accept", true, { ADDRESS_AT, LENGTH_AT } },
};

static void fill_vector(int variant)
{
	for (int i = 0; i < 1100; i++)
		vector[i] = (struct iovec){ area + i % 100 * 16, 3 + i % 5 };
	switch (variant) {
	case 1: vector[0].iov_len = 0; break;
	case 2: vector[1].iov_base = (void *)16; break;
	case 3: vector[0].iov_base = (void *)0xffffffff81000000; break;
	case 4: vector[1].iov_len = -5; break;
	case 5: vector[0].iov_len = vector[1].iov_len = 0x7ffff000; vector[0].iov_base = vector[1].iov_base = area; break;
	case 6: vector[1] = (struct iovec){ half, 16 }; break;
	}
}

static void fill_header(int variant, bool sends)
{
	struct cmsghdr *c = (void *)control;

	fill_vector(0);
	*header = (struct msghdr){ .msg_iov = vector, .msg_iovlen = 2, .msg_flags = 0x55 };
	if (variant == 1) {
		header->msg_name = sends ? (void *)&e.where : (void *)address;
		header->msg_namelen = sends ? e.where_length : sizeof(*address);
	}
	if (variant == 2) {
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memset(CMSG_DATA(c), 0, sizeof(int));
		header->msg_control = control;
		header->msg_controllen = sends ? CMSG_SPACE(sizeof(int)) : 200;
	}
	if (variant == 3)
		header->msg_iovlen = 9;
	if (variant == 4)
		header->msg_iovlen = 1025;
	if (variant == 5) {
		header->msg_name = address;
		header->msg_namelen = -1;
	}
	if (variant == 6)
		vector[1].iov_base = (void *)16;
	if (variant == 7) {
		header->msg_name = (void *)16;
		header->msg_namelen = 16;
	}
	if (variant == 8) {
		header->msg_control = (void *)16;
		header->msg_controllen = 64;
	}
	if (variant == 9) {
		header->msg_control = control;
		header->msg_controllen = 0x80000000ul;
	}
	if (variant == 10)
		header->msg_iovlen = 0;
}

static uint64_t place(long a, bool sends)
{
	if (a >= VECTOR_AT && a < VECTOR_AT + 7000 && (a - VECTOR_AT) % 1000 == 0) {
		fill_vector((a - VECTOR_AT) / 1000);
		return (uintptr_t)vector;
	}
	if (a >= HEADER_AT && a < HEADER_AT + 11000 && (a - HEADER_AT) % 1000 == 0) {
		fill_header((a - HEADER_AT) / 1000, sends);
		return (uintptr_t)header;
	}
	switch (a) {
	case AREA_AT: return (uintptr_t)area;
	case HALF_AT: return (uintptr_t)half;
	case KERNEL_AT: return 0xffffffff81000000;
	case ADDRESS_AT: return (uintptr_t)address;
	case LENGTH_AT: return (uintptr_t)address_length;
	case WHERE_AT: return (uintptr_t)&e.where;
	case WHERE_LENGTH: return e.where_length;
	default: return a;
	}
}

/* ---- the call ---- */

enum { SYSCALL, STUB, ORDINARY };
static int device;

static int number(const char *call)
{
	static const struct { const char *name; int number; } all[] = {
		{ "read", SYS_read }, { "write", SYS_write }, { "readv", SYS_readv }, { "writev", SYS_writev }, { "pread64", SYS_pread64 },
		{ "pwrite64", SYS_pwrite64 }, { "recvfrom", SYS_recvfrom }, { "sendto", SYS_sendto }, { "recvmsg", SYS_recvmsg },
		{ "sendmsg", SYS_sendmsg }, { "accept", SYS_accept }, { "accept4", SYS_accept4 },
	};

	for (unsigned i = 0; i < LENGTH(all); i++)
		if (!strcmp(all[i].name, call))
			return all[i].number;
	abort();
}

static bool find(const char *family, const char *call, __u32 *index)
{
	struct ukl_shortcut_name name = {};

	snprintf(name.name, sizeof(name.name), "shortcut_%s_%s", family, call);
	if (ioctl(device, UKL_SHORTCUT_FIND, &name))
		return false;
	*index = name.index;
	return true;
}

static long make_call(int side, __u32 index, const struct operation *o)
{
	struct ukl_shortcut_call c = { .index = index, .flags = side == ORDINARY ? UKL_SHORTCUT_ORDINARY : 0 };
	bool sends = strchr(o->call, 's') != NULL;
	long ret;

	c.arguments[0] = e.fd;
	/* Only positions and flags may look like places: they come behind the buffer and its length. */
	for (int i = 0; i < 5; i++)
		c.arguments[i + 1] = i == 1 || (i == 2 && o->call[0] == 'p') ? (uint64_t)o->a[i] : place(o->a[i], sends);
	if (!strncmp(o->call, "accept", 6))
		c.arguments[2] = place(o->a[1], false);
	if (side == SYSCALL) {
		ret = syscall(number(o->call), c.arguments[0], c.arguments[1], c.arguments[2], c.arguments[3], c.arguments[4], c.arguments[5]);
		return ret < 0 ? -errno : ret;
	}
	return ioctl(device, UKL_SHORTCUT_CALL, &c) < 0 ? -errno : c.result;
}

/* ---- what a process notes ---- */

static volatile sig_atomic_t pipe_signals, size_signals;
static void on_pipe(int s) { (void)s; pipe_signals++; }
static void on_size(int s) { (void)s; size_signals++; }

static long account(long *values)
{
	char text[400] = "";
	int fd = open("/proc/self/io", O_RDONLY);
	long length = read(fd, text, sizeof(text) - 1);

	must(length > 0, "/proc/self/io");
	close(fd);
	sscanf(text, "rchar: %ld wchar: %ld syscr: %ld syscw: %ld", values, values + 1, values + 2, values + 3);
	return length;
}

static void say_events(int watch)
{
	char events[1000];
	long n = read(watch, events, sizeof(events));

	say("; events");
	for (long i = 0; i + (long)sizeof(struct inotify_event) <= n;) {
		struct inotify_event *event = (void *)(events + i);

		say(" %x", event->mask);
		i += sizeof(*event) + event->len;
	}
}

static void say_peer(void)
{
	static char text[70000];
	struct sockaddr_storage from = {};
	socklen_t length = sizeof(from);
	struct pollfd p = { .fd = e.peer, .events = POLLIN };
	long n;

	if (e.peer == -2) {
		n = pread(e.fd, text, sizeof(text), 0);
		say("; content %ld %x size %ld", n, n > 0 ? hash(text, n) : 0, (long)lseek(e.fd, 0, SEEK_END));
	}
	if (e.peer < 0)
		return;
	poll(&p, 1, 2);
	fcntl(e.peer, F_SETFL, fcntl(e.peer, F_GETFL) | O_NONBLOCK);
	n = recvfrom(e.peer, text, sizeof(text), MSG_DONTWAIT, (void *)&from, &length);
	if (n < 0 && errno == ENOTSOCK)
		n = read(e.peer, text, sizeof(text));
	say("; peer %ld %x from %d", n, n > 0 ? hash(text, n) : (unsigned)errno, n >= 0 ? (int)from.ss_family : 0);
	if (n >= 0)
		say(" then %ld", (long)read(e.peer, text, sizeof(text)));
}

static void scenario(int side, __u32 index, const struct kind *k, const struct operation *o)
{
	long before[4], after[4], ret, own;
	char path[40], rest[16] = "";
	int left = 0, error = 0;
	socklen_t length = sizeof(error);
	struct pollfd p;

	e = (struct ends){ .fd = -1, .peer = -1 };
	k->make(&e);
	if (e.fd >= 0 && strcmp(k->family, "ext4") && strcmp(k->family, "tmpfs"))
		fcntl(e.fd, F_SETFL, fcntl(e.fd, F_GETFL) | O_NONBLOCK);
	*address_length = sizeof(*address);
	int watch = inotify_init1(IN_NONBLOCK);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", e.fd);
	bool watched = inotify_add_watch(watch, path, IN_ACCESS | IN_MODIFY) >= 0;

	own = account(before);
	ret = make_call(side, index, o);
	account(after);
	say("ret %ld; io", ret);
	for (int i = 0; i < 4; i++)
		say(" %ld", after[i] - before[i] - (i == 0 ? own : i == 2));
	if (watched)
		say_events(watch);
	close(watch);
	say("; area %x half %x address %x %d header %d %x %ld %x control %x", hash(area, AREA), hash(half, 8), hash(address, 2) ^ hash((char *)address + 4, 20), *address_length,
	    (int)header->msg_namelen, header->msg_flags, (long)header->msg_controllen, 0, hash(control, 16));
	say("; signals %d %d position %ld flags %x", pipe_signals, size_signals, (long)lseek(e.fd, 0, SEEK_CUR), fcntl(e.fd, F_GETFL));
	if (!strncmp(o->call, "accept", 6) && ret >= 0)
		say("; accepted %x %x", fcntl(ret, F_GETFL), fcntl(ret, F_GETFD));
	say_peer();
	p = (struct pollfd){ .fd = e.fd, .events = POLLIN | POLLOUT | POLLPRI };
	poll(&p, e.fd >= 0, 0);
	ioctl(e.fd, FIONREAD, &left);
	getsockopt(e.fd, SOL_SOCKET, SO_ERROR, &error, &length);
	say("; poll %x left %d error %d", p.revents, left, error);
	if (e.peer != -2) {
		ret = read(e.fd, rest, sizeof(rest));
		say("; next %ld %x", ret < 0 ? -errno : ret, hash(rest, sizeof(rest)));
	}
}

/* ---- both sides, and the comparison ---- */

static void child(int side, __u32 index, const struct kind *k, const struct operation *o)
{
	struct rlimit limit = { 65536, 65536 };
	struct sigaction a = { .sa_handler = on_pipe };

	sigaction(SIGPIPE, &a, NULL);
	a.sa_handler = on_size;
	sigaction(SIGXFSZ, &a, NULL);
	setrlimit(RLIMIT_FSIZE, &limit);
	alarm(3);
	scenario(side, index, k, o);
	_exit(0);
}

static void prepare(void)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(page != MAP_FAILED, "memory");
	mprotect(page + 4096, 4096, PROT_NONE);
	half = page + 4096 - 8;
	memcpy(half, "halfhalf", 8);
	/* Room behind it, so that 2 GiB are there to write from. */
	area = mmap(NULL, 0x80010000ul, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	must(area != MAP_FAILED, "area");
	for (int i = 0; i < AREA; i++)
		area[i] = i * 7 % 251;
	area[0] = 1; /* an eventfd's count is small */
	memset(area + 1, 0, 7);
	address = calloc(1, sizeof(*address));
	address_length = calloc(1, sizeof(*address_length));
	header = calloc(1, sizeof(*header));
	vector = calloc(1100, sizeof(*vector));
	control = calloc(1, 4096);
}

static const char *run(int side, __u32 index, const struct kind *k, const struct operation *o)
{
	static char text[2][4100];
	static int which;
	int status;
	pid_t pid;

	notes->used = 0;
	notes->text[0] = 0;
	fflush(stdout);
	pid = fork();
	if (!pid)
		child(side, index, k, o);
	waitpid(pid, &status, 0);
	say(" | status %x", status);
	which = !which;
	return strcpy(text[which], notes->text);
}

static bool wanted(const char *name, char **list)
{
	if (!*list)
		return true;
	for (; *list; list++)
		if (!strncmp(name, *list, strlen(*list)))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	static const char *const families[] = { "tcp", "udp", "unix_stream", "unix_dgram", "pipe", "eventfd", "tmpfs", "ext4", "file" };
	int equal = 0, different = 0, unstable = 0, other = STUB;
	char name[120], **list = argv + 1;

	(void)argc;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (*list && !strcmp(*list, "-o")) {
		other = ORDINARY;
		list++;
	}
	device = fcntl(open("/dev/ukl_shortcut", O_RDWR), F_DUPFD, 500);
	notes = mmap(NULL, sizeof(*notes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (device < 0 || notes == MAP_FAILED) {
		perror("/dev/ukl_shortcut");
		return 3;
	}
	prepare();
	for (unsigned f = 0; f < LENGTH(families); f++) {
		printf("%s: %d equal before it\n", families[f], equal);
		for (unsigned k = 0; k < LENGTH(kinds); k++)
			for (unsigned i = 0; i < LENGTH(operations); i++) {
				const struct operation *o = &operations[i];
				const char *first, *second;
				__u32 index;

				if (strcmp(kinds[k].family, families[f]) && !(o->basic && kinds[k].typical))
					continue;
				snprintf(name, sizeof(name), "%s_%s/%s/%s", families[f], o->call, kinds[k].name, o->name);
				if (!wanted(name, list) || !find(families[f], o->call, &index))
					continue;
				first = run(SYSCALL, index, &kinds[k], o);
				second = run(other, index, &kinds[k], o);
				if (!strcmp(first, second)) {
					equal++;
					continue;
				}
				char keep[2][4100];
				strcpy(keep[0], first);
				strcpy(keep[1], second);
				int tries = 0;
				while (tries < 5 && strcmp(run(SYSCALL, index, &kinds[k], o), keep[1]))
					tries++;
				if (tries < 5)
					unstable++;
				else
					different++;
				printf("%s %s:\n  syscall: %s\n  stub:    %s\n", tries < 5 ? "unstable" : "DIFF", name, keep[0], keep[1]);
			}
	}
	printf("%d equal, %d different, %d unstable\n", equal, different, unstable);
	return different != 0;
}
