/* Every scenario runs twice, each time in a process of its own with fresh descriptors: once through
 * the system call, once through the stub, which stands on one side of a connection only. What a
 * process notes of results and after-effects must be equal, word for word.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
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
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "call.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef TCP_ULP
#define TCP_ULP 31
#endif
#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define MAX_RW 0x7ffff000L
#define BIG ((size_t)0x80000000 + 0x10000)

enum { SYSCALL, STUB, GENERIC };
static int side, device;
static char *big, *half; /* 2 GiB; 8 bytes before a page that can't be used */

/* Notes, shared with the process that compares them. */
struct notes {
	size_t used;
	bool skipped;
	char text[8000];
};
static struct notes *notes;

static void say(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	notes->used += vsnprintf(notes->text + notes->used, sizeof(notes->text) - notes->used, format, list);
	va_end(list);
	if (notes->used > sizeof(notes->text) - 1)
		notes->used = sizeof(notes->text) - 1;
}

static void must(bool good, const char *what)
{
	if (good)
		return;
	say("setup of %s: %s;", what, strerror(errno));
	_exit(9);
}

static void skip(void)
{
	notes->skipped = true;
	_exit(0);
}

/* The call under test: a result or a negative errno. */
static long call(int op, int fd, const void *buf, size_t count)
{
	struct stub_call c = { .op = op, .fd = fd, .buf = (uintptr_t)buf, .count = count };
	long ret;

	if (side == SYSCALL) {
		ret = syscall(op == STUB_WRITE ? SYS_write : SYS_read, fd, buf, count);
		return ret < 0 ? -errno : ret;
	}
	if (side == GENERIC)
		c.op |= STUB_GENERIC;
	return ioctl(device, STUB_CALL, &c) < 0 ? -errno : c.ret;
}

static long rd(int fd, void *buf, size_t count) { return call(STUB_READ, fd, buf, count); }
static long wr(int fd, const void *buf, size_t count) { return call(STUB_WRITE, fd, buf, count); }

static void nap(int ms) { poll(NULL, 0, ms); }

static void nonblocking(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

/* Writes until nothing goes for a while; byte by byte at last. */
static void fill(int fd)
{
	nonblocking(fd, true);
	for (int idle = 0; idle < 7; idle++) { /* longer than the first window probe takes */
		for (size_t chunk = 65536; chunk; chunk /= 16)
			while (write(fd, big, chunk) > 0)
				idle = 0;
		nap(60);
	}
	nonblocking(fd, false);
}

static unsigned hash(const void *data, size_t length)
{
	const unsigned char *p = data;
	unsigned h = 2166136261u;

	while (length--)
		h = (h ^ *p++) * 16777619u;
	return h;
}

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool ready(int fd, int events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, ms) > 0;
}

/* ---- what stands behind a descriptor ---- */

struct ends {
	int fd, peer; /* the one under test, and who sees what it does */
	bool quiet;   /* the data hold random numbers */
};

static const char hello[] = "hello, this is data of the peer; there is more than one read takes";

static void pair(struct ends *e, int family, int protocol)
{
	struct sockaddr_storage a = { .ss_family = family };
	socklen_t length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	int size = 400000, one = 1, l = socket(family, SOCK_STREAM, protocol);

	if (l < 0 && protocol == IPPROTO_MPTCP)
		skip();
	if (family == AF_INET)
		((struct sockaddr_in *)&a)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		((struct sockaddr_in6 *)&a)->sin6_addr = in6addr_loopback;
	setsockopt(l, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)); /* and so it never changes */
	must(!bind(l, (void *)&a, length) && !listen(l, 5), "listener");
	getsockname(l, (void *)&a, &length);
	e->fd = socket(family, SOCK_STREAM, protocol);
	setsockopt(e->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(e->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	must(!connect(e->fd, (void *)&a, length), "connect");
	e->peer = accept(l, NULL, NULL);
	must(e->peer >= 0, "accept");
	close(l);
}

static void data(struct ends *e)
{
	must(write(e->peer, hello, sizeof(hello)) == sizeof(hello), "data");
	ready(e->fd, POLLIN, 2000);
}

static void k_tcp(struct ends *e) { pair(e, AF_INET, 0); }
static void k_tcp_data(struct ends *e) { k_tcp(e); data(e); }
static void k_tcp6_data(struct ends *e) { pair(e, AF_INET6, 0); data(e); }
static void k_mptcp(struct ends *e) { pair(e, AF_INET, IPPROTO_MPTCP); }
static void k_mptcp_data(struct ends *e) { k_mptcp(e); data(e); }
static void k_tcp_unconnected(struct ends *e) { e->fd = socket(AF_INET, SOCK_STREAM, 0); }
static void k_tcp6_unconnected(struct ends *e) { e->fd = socket(AF_INET6, SOCK_STREAM, 0); }
static void k_mptcp_unconnected(struct ends *e)
{
	e->fd = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
	if (e->fd < 0)
		skip();
}
static void k_tcp_listening(struct ends *e) { k_tcp_unconnected(e); listen(e->fd, 5); }
static void k_tcp_closed(struct ends *e)
{
	k_tcp(e);
	close(e->peer);
	e->peer = -1;
	ready(e->fd, POLLIN, 2000);
}
static void k_tcp_data_closed(struct ends *e)
{
	k_tcp_data(e);
	close(e->peer);
	e->peer = -1;
	ready(e->fd, POLLRDHUP, 2000);
}
static void k_tcp_reset(struct ends *e)
{
	struct linger hard = { 1, 0 };

	k_tcp(e);
	setsockopt(e->peer, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(e->peer);
	e->peer = -1;
	ready(e->fd, POLLRDHUP, 2000);
}
static void k_tcp_epipe(struct ends *e) /* closed, and the reset has been seen */
{
	k_tcp_closed(e);
	must(send(e->fd, "x", 1, MSG_NOSIGNAL) == 1, "send");
	nap(20);
}
static void k_tcp_half(struct ends *e) { k_tcp_data(e); shutdown(e->peer, SHUT_WR); ready(e->fd, POLLRDHUP, 2000); }
static void k_tcp_shut_read(struct ends *e) { k_tcp_data(e); shutdown(e->fd, SHUT_RD); }
static void k_tcp_shut_write(struct ends *e) { k_tcp_data(e); shutdown(e->fd, SHUT_WR); }
static void k_tcp_urgent(struct ends *e)
{
	k_tcp(e);
	must(write(e->peer, "before", 6) == 6 && send(e->peer, "!", 1, MSG_OOB) == 1 && write(e->peer, "after", 5) == 5, "urgent");
	ready(e->fd, POLLPRI, 2000);
	nap(10);
}
static void k_tcp_cork(struct ends *e)
{
	int one = 1;

	k_tcp_data(e);
	setsockopt(e->fd, IPPROTO_TCP, TCP_CORK, &one, sizeof(one));
}
static void k_tcp_accepted(struct ends *e) { k_tcp(e); int f = e->fd; e->fd = e->peer; e->peer = f; data(e); }
static void k_tcp_dup(struct ends *e) { k_tcp_data(e); e->fd = dup(e->fd); }
static void k_tcp_full(struct ends *e)
{
	k_tcp(e);
	fill(e->fd);
	e->peer = -1;
	e->quiet = true;
}
static int closed_port(struct sockaddr_in *a)
{
	socklen_t length = sizeof(*a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	*a = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	bind(fd, (void *)a, length);
	getsockname(fd, (void *)a, &length);
	return fd; /* bound, not listening */
}
static void k_tcp_refused(struct ends *e)
{
	struct sockaddr_in a;

	closed_port(&a);
	e->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	connect(e->fd, (void *)&a, sizeof(a));
	ready(e->fd, POLLIN, 2000);
}
static void k_tcp_fastopen(struct ends *e) /* connects with the first write */
{
	struct sockaddr_in a;
	int one = 1, l = closed_port(&a);

	listen(l, 5);
	e->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (setsockopt(e->fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof(one)))
		skip();
	connect(e->fd, (void *)&a, sizeof(a));
}

static bool tls(int fd, int direction)
{
	struct tls12_crypto_info_aes_gcm_128 info = {
		.info = { TLS_1_2_VERSION, TLS_CIPHER_AES_GCM_128 },
		.iv = "ivivivi", .key = "keykeykeykeykey", .salt = "sal", .rec_seq = "\0\0\0\0\0\0\0",
	};

	if (setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", 3))
		return false;
	return !setsockopt(fd, 282 /* SOL_TLS */, direction, &info, sizeof(info));
}
static void k_tls_tx(struct ends *e) /* the peer sees the wire */
{
	k_tcp(e);
	if (!tls(e->fd, TLS_TX))
		skip();
}
static void k_tls_tx_data(struct ends *e) { k_tls_tx(e); data(e); }
static void k_tls_rx(struct ends *e)
{
	k_tcp(e);
	if (!tls(e->fd, TLS_RX) || !tls(e->peer, TLS_TX))
		skip();
	data(e);
}
static void k_tls_rx_garbage(struct ends *e)
{
	k_tcp(e);
	if (!tls(e->fd, TLS_RX))
		skip();
	data(e);
}
static void k_tls_ulp(struct ends *e) /* neither direction is on yet */
{
	k_tcp(e);
	if (setsockopt(e->fd, IPPROTO_TCP, TCP_ULP, "tls", 3))
		skip();
	data(e);
}

static void unix_pair(struct ends *e, int type)
{
	int two[2];

	must(!socketpair(AF_UNIX, type, 0, two), "socketpair");
	e->fd = two[0];
	e->peer = two[1];
}
static void k_unix_stream(struct ends *e) { unix_pair(e, SOCK_STREAM); data(e); }
static void k_unix_stream_empty(struct ends *e) { unix_pair(e, SOCK_STREAM); }
static void k_unix_dgram(struct ends *e) { unix_pair(e, SOCK_DGRAM); data(e); }
static void k_unix_seqpacket(struct ends *e) { unix_pair(e, SOCK_SEQPACKET); data(e); }
static void k_unix_closed(struct ends *e) { k_unix_stream_empty(e); close(e->peer); e->peer = -1; }
static void k_unix_unconnected(struct ends *e) { e->fd = socket(AF_UNIX, SOCK_STREAM, 0); }
static void k_udp_unconnected(struct ends *e) { e->fd = socket(AF_INET, SOCK_DGRAM, 0); }
static void udp(struct ends *e, int family)
{
	struct sockaddr_storage a = { .ss_family = family };
	socklen_t length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);

	if (family == AF_INET)
		((struct sockaddr_in *)&a)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		((struct sockaddr_in6 *)&a)->sin6_addr = in6addr_loopback;
	e->fd = socket(family, SOCK_DGRAM, 0);
	e->peer = socket(family, SOCK_DGRAM, 0);
	must(!bind(e->peer, (void *)&a, length) && !getsockname(e->peer, (void *)&a, &length) && !connect(e->fd, (void *)&a, length), "udp");
	getsockname(e->fd, (void *)&a, &length);
	must(!connect(e->peer, (void *)&a, length), "udp");
	data(e);
}
static void k_udp(struct ends *e) { udp(e, AF_INET); }
static void k_udp6(struct ends *e) { udp(e, AF_INET6); }
static void k_raw(struct ends *e)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	e->fd = socket(AF_INET, SOCK_RAW, 253);
	must(e->fd >= 0 && !connect(e->fd, (void *)&a, sizeof(a)), "raw");
	e->quiet = true;
}
static void k_packet(struct ends *e) { e->fd = socket(AF_PACKET, SOCK_DGRAM, 0); if (e->fd < 0) skip(); }
static void k_netlink(struct ends *e) { e->fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE); }

static void k_minus(struct ends *e) { e->fd = -1; }
static void k_9999(struct ends *e) { e->fd = 9999; }
static void k_gone(struct ends *e) { k_tcp(e); close(e->fd); }
static void k_o_path(struct ends *e) { e->fd = open("/lab/tester", O_PATH); }
static void k_o_path_socket(struct ends *e)
{
	char name[40];

	k_tcp_data(e);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", e->fd);
	e->fd = open(name, O_PATH);
	must(e->fd >= 0, "O_PATH");
}
static void pipes(struct ends *e, int end)
{
	int two[2];

	must(!pipe(two), "pipe");
	e->fd = two[end];
	e->peer = two[!end];
	if (!end)
		data(e);
}
static void k_pipe_read(struct ends *e) { pipes(e, 0); }
static void k_pipe_write(struct ends *e) { pipes(e, 1); }
static void k_pipe_broken(struct ends *e) { pipes(e, 1); close(e->peer); e->peer = -1; }
static void k_pipe_ended(struct ends *e) { pipes(e, 0); close(e->peer); e->peer = -1; }
static void k_eventfd(struct ends *e) { e->fd = eventfd(3, 0); }
static void k_eventfd_0(struct ends *e) { e->fd = eventfd(0, EFD_SEMAPHORE); }
static void k_epoll(struct ends *e) { e->fd = epoll_create1(0); }
static void k_signalfd(struct ends *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	e->fd = signalfd(-1, &set, 0);
	raise(SIGUSR2);
	e->quiet = true;
}
static void k_timerfd(struct ends *e)
{
	struct itimerspec soon = { .it_value.tv_nsec = 1000000 };

	e->fd = timerfd_create(CLOCK_MONOTONIC, 0);
	timerfd_settime(e->fd, 0, &soon, NULL);
	ready(e->fd, POLLIN, 2000);
}
static void k_inotify(struct ends *e)
{
	e->fd = inotify_init();
	inotify_add_watch(e->fd, "/tmp", IN_CREATE);
	close(open("/tmp/created", O_CREAT | O_WRONLY, 0600));
	unlink("/tmp/created");
}
static void file(struct ends *e, int flags)
{
	e->fd = open("/dev/shm/file", O_CREAT | O_TRUNC | O_RDWR, 0600);
	must(write(e->fd, hello, sizeof(hello)) == sizeof(hello), "file");
	e->peer = e->fd;
	e->fd = open("/dev/shm/file", flags);
	must(lseek(e->fd, 5, SEEK_SET) == 5 && lseek(e->peer, 0, SEEK_SET) == 0, "file");
}
static void k_file(struct ends *e) { file(e, O_RDWR); }
static void k_file_append(struct ends *e) { file(e, O_RDWR | O_APPEND); }
static void k_file_read_only(struct ends *e) { file(e, O_RDONLY); }
static void k_file_write_only(struct ends *e) { file(e, O_WRONLY); }
static void k_directory(struct ends *e) { e->fd = open("/tmp", O_RDONLY); }
static void k_null(struct ends *e) { e->fd = open("/dev/null", O_RDWR); }
static void k_full(struct ends *e) { e->fd = open("/dev/full", O_WRONLY); }
static void k_proc(struct ends *e) { e->fd = open("/proc/version", O_RDONLY); }
static void k_seq(struct ends *e) { e->fd = open("/proc/filesystems", O_RDONLY); }
static void k_sysfs(struct ends *e) { e->fd = open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY); }
static void k_memfd(struct ends *e) { e->fd = memfd_create("m", 0); e->peer = -1; }

#define KIND(name) { #name, k_##name }
static const struct {
	const char *name;
	void (*make)(struct ends *e);
} kinds[] = {
	KIND(tcp), KIND(tcp_data), KIND(tcp6_data), KIND(tcp_accepted), KIND(tcp_dup),
	KIND(tcp_unconnected), KIND(tcp6_unconnected), KIND(tcp_listening), KIND(tcp_closed),
	KIND(tcp_data_closed), KIND(tcp_reset), KIND(tcp_epipe), KIND(tcp_half), KIND(tcp_shut_read),
	KIND(tcp_shut_write), KIND(tcp_urgent), KIND(tcp_cork), KIND(tcp_full), KIND(tcp_refused),
	KIND(tcp_fastopen), KIND(tls_tx), KIND(tls_tx_data), KIND(tls_rx), KIND(tls_rx_garbage),
	KIND(tls_ulp), KIND(mptcp), KIND(mptcp_data), KIND(mptcp_unconnected), KIND(unix_stream),
	KIND(unix_stream_empty), KIND(unix_dgram), KIND(unix_seqpacket), KIND(unix_closed),
	KIND(unix_unconnected), KIND(udp), KIND(udp6), KIND(udp_unconnected), KIND(raw), KIND(packet),
	KIND(netlink), KIND(minus), KIND(9999), KIND(gone), KIND(o_path), KIND(o_path_socket),
	KIND(pipe_read), KIND(pipe_write), KIND(pipe_broken), KIND(pipe_ended), KIND(eventfd),
	KIND(eventfd_0), KIND(epoll), KIND(signalfd), KIND(timerfd), KIND(inotify), KIND(file),
	KIND(file_append), KIND(file_read_only), KIND(file_write_only), KIND(directory), KIND(null),
	KIND(full), KIND(proc), KIND(seq), KIND(sysfs), KIND(memfd),
};

/* ---- one nonblocking call on each of them ---- */

enum { GOOD, NOTHING, KERNEL, TOP, HALF };
static const struct {
	const char *name;
	int op, where;
	size_t count;
} operations[] = {
	{ "read_16", STUB_READ, GOOD, 16 },
	{ "read_0", STUB_READ, GOOD, 0 },
	{ "read_100000", STUB_READ, GOOD, 100000 },
	{ "read_7ffff000", STUB_READ, GOOD, MAX_RW },
	{ "read_2G", STUB_READ, GOOD, 0x80000000 },
	{ "read_4G_5", STUB_READ, GOOD, 0x100000005 },
	{ "read_minus_1", STUB_READ, GOOD, (size_t)-1 },
	{ "read_minus_5000", STUB_READ, NOTHING, (size_t)-5000 },
	{ "read_min", STUB_READ, GOOD, (size_t)1 << 63 },
	{ "read_null", STUB_READ, NOTHING, 16 },
	{ "read_null_0", STUB_READ, NOTHING, 0 },
	{ "read_kernel", STUB_READ, KERNEL, 16 },
	{ "read_kernel_0", STUB_READ, KERNEL, 0 },
	{ "read_top", STUB_READ, TOP, 16 },
	{ "read_half", STUB_READ, HALF, 16 },
	{ "write_16", STUB_WRITE, GOOD, 16 },
	{ "write_0", STUB_WRITE, GOOD, 0 },
	{ "write_100000", STUB_WRITE, GOOD, 100000 },
	{ "write_7ffff000", STUB_WRITE, GOOD, MAX_RW },
	{ "write_2G", STUB_WRITE, GOOD, 0x80000000 },
	{ "write_4G_5", STUB_WRITE, GOOD, 0x100000005 },
	{ "write_minus_1", STUB_WRITE, GOOD, (size_t)-1 },
	{ "write_min", STUB_WRITE, GOOD, (size_t)1 << 63 },
	{ "write_null", STUB_WRITE, NOTHING, 16 },
	{ "write_null_0", STUB_WRITE, NOTHING, 0 },
	{ "write_kernel", STUB_WRITE, KERNEL, 16 },
	{ "write_top", STUB_WRITE, TOP, 16 },
	{ "write_half", STUB_WRITE, HALF, 16 },
};

static volatile sig_atomic_t pipe_signals, size_signals, user_signals;
static void on_pipe(int s) { (void)s; pipe_signals++; }
static void on_size(int s) { (void)s; size_signals++; }
static void on_user(int s) { (void)s; user_signals++; }

static void on(int number, void (*handler)(int), int flags)
{
	struct sigaction a = { .sa_handler = handler, .sa_flags = flags };

	sigaction(number, &a, NULL);
}

/* Returns what reading it adds to it. */
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

static void say_result(long ret)
{
	if (ret == MAX_RW)
		say(" max");
	else if (ret > 100000)
		say(" partial");
	else
		say(" %ld", ret);
}

static void say_peer(const struct ends *e, long expected)
{
	static char received[100000];
	long total = 0, got = -1;

	if (e->peer < 0)
		return;
	nonblocking(e->peer, true);
	while (total < (long)sizeof(received)) {
		if (expected > total)
			ready(e->peer, POLLIN, 500);
		got = read(e->peer, received + total, sizeof(received) - total);
		if (got <= 0)
			break;
		total += got;
	}
	if (expected > 100000)
		say("; peer %d", hash(received, 16));
	else
		say("; peer %ld %x then %ld %d", total, e->quiet ? 0 : hash(received, total), got, got < 0 ? errno : 0);
}

static void matrix(int kind, int operation)
{
	struct ends e = { -1, -1, false };
	int op = operations[operation].op, error = 0, left = 0;
	socklen_t length = sizeof(error);
	long before[4], after[4], ret, own;
	char name[40], events[1000], rest[16];
	struct pollfd p;
	char *buf = big;

	kinds[kind].make(&e);
	if (e.fd >= 0)
		nonblocking(e.fd, true);
	if (operations[operation].where == NOTHING)
		buf = NULL;
	else if (operations[operation].where == KERNEL)
		buf = (char *)0xffffffff81000000;
	else if (operations[operation].where == TOP)
		buf = (char *)0x7ffffffff000 - 8;
	else if (operations[operation].where == HALF)
		buf = half;
	int watch = inotify_init1(IN_NONBLOCK);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", e.fd);
	bool watched = inotify_add_watch(watch, name, IN_ACCESS | IN_MODIFY) >= 0;

	own = account(before);
	ret = call(op, e.fd, buf, operations[operation].count);
	account(after);
	say("ret");
	say_result(ret);
	say("; io");
	for (int i = 0; i < 4; i++)
		say(" %ld", after[i] - before[i] - (ret > 0 && i == op ? ret : 0) - (i == 0 ? own : i == 2));
	if (watched) {
		long n = read(watch, events, sizeof(events));

		say("; events");
		for (long i = 0; i + (long)sizeof(struct inotify_event) <= n;) {
			struct inotify_event *event = (void *)(events + i);

			say(" %x", event->mask);
			i += sizeof(*event) + event->len;
		}
	}
	close(watch);
	if (op == STUB_READ && ret > 0 && ret <= 100000)
		say("; data %x", e.quiet ? 0 : hash(buf, ret));
	if (op == STUB_READ)
		say("; beyond %x; half %x", e.quiet ? 0 : hash(big, 1000), e.quiet ? 0 : hash(half, 8));
	say("; signals %d %d", pipe_signals, size_signals);
	say("; position %ld; flags %x", (long)lseek(e.fd, 0, SEEK_CUR), fcntl(e.fd, F_GETFL));
	say_peer(&e, op == STUB_WRITE ? ret : 0);
	p = (struct pollfd){ .fd = e.fd, .events = POLLIN | POLLPRI | POLLRDHUP };
	poll(&p, 1, 0);
	if (ioctl(e.fd, FIONREAD, &left))
		left = -errno;
	say("; poll %x; left %d", p.revents, left);
	if (!getsockopt(e.fd, SOL_SOCKET, SO_ERROR, &error, &length))
		say("; error %d", error);
	ret = read(e.fd, rest, sizeof(rest));
	say("; then read %ld %d %x", ret, ret < 0 ? errno : 0, e.quiet || ret < 0 ? 0 : hash(rest, ret));
	ret = write(e.fd, "12345678", 8);
	say(", write %ld %d, signals %d", ret, ret < 0 ? errno : 0, pipe_signals);
	e.quiet |= operations[operation].count > 100000;
	if (!e.quiet)
		say_peer(&e, ret);
}

/* ---- blocking, signals, threads ---- */

static struct ends shared;

static void *idle(void *unused)
{
	pause();
	return unused;
}

/* A second thread makes fdget() take a reference. */
static void second_thread(void *(*body)(void *))
{
	pthread_t thread;
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	pthread_create(&thread, NULL, body, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void *send_later(void *unused)
{
	nap(60);
	if (write(shared.peer, hello, sizeof(hello)) < 0)
		say("late data: %d", errno);
	return unused;
}
static void *drain_later(void *unused)
{
	static char sink[65536];

	nap(120);
	while (read(shared.peer, sink, sizeof(sink)) > 0)
		;
	return unused;
}
static void *close_later(void *unused) { nap(60); close(shared.peer); return unused; }
static void *reset_later(void *unused)
{
	struct linger hard = { 1, 0 };

	nap(60);
	setsockopt(shared.peer, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(shared.peer);
	return unused;
}
static void *shut_later(void *unused) { nap(60); shutdown(shared.fd, SHUT_RDWR); return unused; }
static void *close_own_later(void *unused) { nap(60); close(shared.fd); return send_later(unused); }
static void *replace_later(void *unused)
{
	nap(60);
	dup2(open("/dev/null", O_RDWR), shared.fd);
	return send_later(unused);
}

static void signal_later(int first, int second)
{
	pid_t me = getpid();

	if (fork())
		return;
	nap(60);
	kill(me, first);
	if (second) {
		nap(60);
		kill(me, second);
	}
	_exit(0);
}

static void say_blocking_read(void)
{
	char text[100] = "";
	long start = now(), ret = rd(shared.fd, text, 20);

	say("read %ld %s, waited %d, signals %d", ret, text, now() - start >= 50, user_signals);
	ret = recv(shared.fd, text, 100, MSG_DONTWAIT);
	say("; then %ld %d", ret, ret < 0 ? errno : 0);
}

static void say_blocking_write(size_t count, bool filled)
{
	long start, ret;

	if (filled)
		fill(shared.fd);
	start = now();
	ret = wr(shared.fd, big, count);
	say("write");
	say_result(ret);
	say(", waited %d, signals %d %d", now() - start >= 50, user_signals, pipe_signals);
}

typedef void (*maker)(struct ends *e);
static maker blocking_kind;
static void start(int flags)
{
	blocking_kind(&shared);
	on(SIGUSR1, on_user, flags);
}
static void b_read_late(void) { start(0); second_thread(send_later); say_blocking_read(); }
static void b_read_closed(void) { start(0); second_thread(close_later); say_blocking_read(); }
static void b_read_reset(void) { start(0); second_thread(reset_later); say_blocking_read(); }
static void b_read_shut(void) { start(0); second_thread(shut_later); say_blocking_read(); }
static void b_read_own_closed(void) { start(0); second_thread(close_own_later); say_blocking_read(); }
static void b_read_replaced(void) { start(0); second_thread(replace_later); say_blocking_read(); }
static void b_read_eintr(void) { start(0); signal_later(SIGUSR1, 0); say_blocking_read(); }
static void b_read_eintr_threads(void) { start(0); second_thread(idle); signal_later(SIGUSR1, 0); say_blocking_read(); }
static void b_read_restart(void)
{
	start(SA_RESTART);
	signal_later(SIGUSR1, SIGUSR1);
	if (!fork()) {
		nap(250);
		_exit(write(shared.peer, hello, sizeof(hello)) < 0);
	}
	say_blocking_read();
}
static void b_read_stopped(void)
{
	start(0);
	signal_later(SIGSTOP, SIGCONT);
	if (!fork()) {
		nap(250);
		_exit(write(shared.peer, hello, sizeof(hello)) < 0);
	}
	say_blocking_read();
}
static void b_read_killed(void) { start(0); signal_later(SIGTERM, 0); say_blocking_read(); }
static void b_read_two_signals(void) { start(0); on(SIGUSR2, on_user, SA_RESTART); signal_later(SIGUSR2, SIGUSR1); say_blocking_read(); }
static void timeout(int option)
{
	struct timeval t = { 0, 100000 };

	setsockopt(shared.fd, SOL_SOCKET, option, &t, sizeof(t));
}
static void b_read_timeout(void) { start(0); timeout(SO_RCVTIMEO); say_blocking_read(); }
static void b_read_timeout_signal(void) { start(SA_RESTART); timeout(SO_RCVTIMEO); signal_later(SIGUSR1, 0); say_blocking_read(); }
static void b_write_timeout(void) { start(0); timeout(SO_SNDTIMEO); say_blocking_write(16, true); }
static void b_write_eintr(void) { start(0); signal_later(SIGUSR1, 0); nap(0); say_blocking_write(16, false); say(";"); say_blocking_write(100000, false); }
static void b_write_full_eintr(void)
{
	start(0);
	fill(shared.fd);
	signal_later(SIGUSR1, 0);
	say_blocking_write(16, false);
}
static void b_write_partial_eintr(void) { start(0); signal_later(SIGUSR1, 0); say_blocking_write(64 << 20, false); }
static void b_write_restart(void)
{
	start(SA_RESTART);
	fill(shared.fd);
	signal_later(SIGUSR1, 0);
	second_thread(drain_later);
	say_blocking_write(16, false);
}
static void b_write_closed(void) { start(0); second_thread(close_later); say_blocking_write(64 << 20, false); say(";"); say_blocking_write(16, false); }
static void b_toggle(void)
{
	start(0);
	for (int i = 0; i < 3; i++) {
		nonblocking(shared.fd, true);
		say("%ld ", rd(shared.fd, big, 16));
		nonblocking(shared.fd, false);
		if (write(shared.peer, hello, 16) != 16)
			say("?");
		say("%ld ", rd(shared.fd, big, 16));
	}
	second_thread(send_later);
	say_blocking_read();
}

#define BLOCKING(name) { #name, b_##name }
static const struct {
	const char *name;
	void (*body)(void);
} blocking[] = {
	BLOCKING(read_late), BLOCKING(read_closed), BLOCKING(read_reset), BLOCKING(read_shut), BLOCKING(read_own_closed),
	BLOCKING(read_replaced), BLOCKING(read_eintr), BLOCKING(read_eintr_threads),
	BLOCKING(read_restart), BLOCKING(read_stopped), BLOCKING(read_killed),
	BLOCKING(read_two_signals), BLOCKING(read_timeout), BLOCKING(read_timeout_signal),
	BLOCKING(write_timeout), BLOCKING(write_eintr), BLOCKING(write_full_eintr),
	BLOCKING(write_partial_eintr), BLOCKING(write_restart), BLOCKING(write_closed), BLOCKING(toggle),
};

static void k_pair_tcp6(struct ends *e) { pair(e, AF_INET6, 0); }
static void k_pair_tls(struct ends *e)
{
	k_tcp(e);
	if (!tls(e->fd, TLS_RX) || !tls(e->peer, TLS_TX))
		skip();
}
static const struct {
	const char *name;
	maker make;
} blocking_kinds[] = {
	{ "tcp", k_tcp }, { "tcp6", k_pair_tcp6 }, { "tls", k_pair_tls }, { "mptcp", k_mptcp },
	{ "unix", k_unix_stream_empty },
};

/* ---- the rest ---- */

static void say_end(int peer)
{
	char c;

	ready(peer, POLLIN | POLLRDHUP, 1000);
	say(" end %ld", (long)recv(peer, &c, 1, MSG_DONTWAIT));
}

static void o_references(void)
{
	char text[16];

	k_tcp(&shared);
	second_thread(idle);
	for (int i = 0; i < 1000; i++) {
		if (wr(shared.fd, "x", 1) != 1 || read(shared.peer, text, 16) != 1 ||
		    write(shared.peer, "y", 1) != 1 || rd(shared.fd, text, 16) != 1)
			say("lost at %d", i);
	}
	close(shared.fd);
	say_end(shared.peer);
}
static void o_references_failing(void)
{
	for (unsigned i = 0; i < LENGTH(operations); i++) {
		k_tcp(&shared);
		if (!i)
			second_thread(idle);
		if (operations[i].op == STUB_WRITE && operations[i].count > 16)
			continue;
		nonblocking(shared.fd, true);
		rd(shared.fd, NULL, 16);
		rd(shared.fd, big, (size_t)-1);
		rd(shared.fd, big, 0);
		rd(shared.fd, big, 16);
		wr(shared.fd, NULL, 16);
		wr(shared.fd, (void *)0xffffffff81000000, 16);
		wr(shared.fd, big, 0);
		call(operations[i].op, shared.fd, operations[i].where == GOOD ? big : NULL, operations[i].count > 100000 ? 0 : operations[i].count);
		recv(shared.peer, big, 100000, MSG_DONTWAIT);
		close(shared.fd);
		say_end(shared.peer);
		close(shared.peer);
	}
}
static void o_references_other_kinds(void)
{
	second_thread(idle);
	for (unsigned k = 0; k < 5; k++) {
		void (*make[])(struct ends *) = { k_unix_stream_empty, k_unix_seqpacket, k_mptcp, k_tls_tx, k_pipe_write };

		shared.peer = -1;
		make[k](&shared);
		nonblocking(shared.fd, true);
		for (int i = 0; i < 100; i++) {
			rd(shared.fd, big, 16);
			rd(shared.fd, NULL, 16);
			wr(shared.fd, NULL, 16);
		}
		close(shared.fd);
		ready(shared.peer, POLLIN | POLLRDHUP | POLLHUP, 1000);
		nonblocking(shared.peer, true);
		say(" %ld", (long)read(shared.peer, big, 16));
	}
}
static int parameter(const char *name)
{
	char path[80], text[20] = "";
	int fd;

	snprintf(path, sizeof(path), "/sys/module/ukl_stubs/parameters/%s", name);
	fd = open(path, O_RDONLY);
	must(read(fd, text, sizeof(text) - 1) > 0, path);
	close(fd);
	return atoi(text);
}
static void o_hops(void) /* the stub runs without the hops, the system call through them */
{
	char text[16];
	int first;

	k_tcp(&shared);
	first = parameter("hops");
	for (int i = 0; i < 1000; i++) {
		wr(shared.fd, "x", 1);
		recv(shared.peer, text, 16, 0);
		send(shared.peer, "y", 1, 0);
		rd(shared.fd, text, 16);
	}
	say("as it must be: %d", parameter("hops") - first == (side == STUB ? 0 : 2000));
	if (parameter("hops") - first != (side == STUB ? 0 : 2000))
		say(", but %d", parameter("hops") - first);
}
static void o_sigpipe_ignored(void)
{
	on(SIGPIPE, SIG_IGN, 0);
	k_tcp_epipe(&shared);
	say("%ld %ld", wr(shared.fd, "x", 1), wr(shared.fd, "x", 1));
}
static void o_sigpipe_default(void)
{
	on(SIGPIPE, SIG_DFL, 0);
	k_tcp_epipe(&shared);
	say("%ld", wr(shared.fd, "x", 1));
}
static void o_pending_signal(void) /* data there: no interruption */
{
	sigset_t set;
	char text[16];

	k_tcp_data(&shared);
	on(SIGUSR1, on_user, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	say("%ld %ld signals %d", rd(shared.fd, text, 16), wr(shared.fd, text, 16), user_signals);
}
static void o_fionbio(void)
{
	int one = 1;

	k_tcp(&shared);
	ioctl(shared.fd, FIONBIO, &one);
	say("%ld", rd(shared.fd, big, 16));
}
static void o_big_write(void) /* 2 GiB less a page is the most one call moves */
{
	k_tcp(&shared);
	second_thread(drain_later);
	say_result(wr(shared.fd, big, 0x80000000));
}
static void o_unconnected_signals(void)
{
	k_tcp_unconnected(&shared);
	say("%ld %ld signals %d", wr(shared.fd, "x", 1), rd(shared.fd, big, 1), pipe_signals);
}
static void o_shared_by_fork(void)
{
	char text[20] = "";

	k_tcp(&shared);
	if (!fork()) {
		wr(shared.fd, "child", 5);
		_exit(0);
	}
	wait(NULL);
	wr(shared.fd, "+parent", 7);
	nap(20);
	say("%ld %s", (long)recv(shared.peer, text, 12, MSG_WAITALL), text);
}
static void *echo_loop(void *argument)
{
	long bad = 0, count = (long)argument;
	struct ends e;
	char out[64], in[64];

	pair(&e, AF_INET, 0);
	for (long i = 0; i < count; i++) {
		size_t length = 1 + i % 64;

		memset(out, i, length);
		bad += wr(e.fd, out, length) != (long)length;
		bad += recv(e.peer, in, length, MSG_WAITALL) != (long)length || memcmp(in, out, length);
		bad += send(e.peer, out, length, 0) != (long)length;
		bad += rd(e.fd, in, sizeof(in)) != (long)length || memcmp(in, out, length);
	}
	close(e.fd);
	bad += read(e.peer, in, 1) != 0;
	return (void *)bad;
}
static void o_stress(void)
{
	pthread_t threads[2];
	void *bad[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, echo_loop, (void *)50000L);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], &bad[i]);
	say("wrong %ld %ld", (long)bad[0], (long)bad[1]);
}
static void *writer(void *unused)
{
	unsigned char text[1000];
	long sent = 0;

	while (sent < 20000000) {
		long n = 1 + sent * 7 % 1000;

		for (long i = 0; i < n; i++)
			text[i] = (sent + i) % 251;
		n = wr(shared.fd, text, n);
		if (n <= 0)
			break;
		sent += n;
	}
	shutdown(shared.fd, SHUT_WR);
	return unused;
}
static void o_stream(void) /* 20 MB, stub writing, and nothing is lost or out of order */
{
	unsigned char text[4096];
	long got = 0, bad = 0, n;

	k_tcp(&shared);
	second_thread(writer);
	while ((n = read(shared.peer, text, sizeof(text))) > 0)
		for (long i = 0; i < n; i++)
			bad += text[i] != got++ % 251;
	say("got %ld, wrong %ld", got, bad);
}

#define OTHER(name) { #name, o_##name }
static const struct {
	const char *name;
	void (*body)(void);
} others[] = {
	OTHER(hops), OTHER(references), OTHER(references_failing), OTHER(references_other_kinds),
	OTHER(sigpipe_ignored), OTHER(sigpipe_default), OTHER(pending_signal), OTHER(fionbio),
	OTHER(unconnected_signals), OTHER(shared_by_fork), OTHER(big_write), OTHER(stream),
	OTHER(stress),
};

/* ---- both sides, and the comparison ---- */

static void child(int first, int second, int group)
{
	struct rlimit limit = { 65536, 65536 };
	char *page;

	setpgid(0, 0);
	setrlimit(RLIMIT_FSIZE, &limit);
	big = mmap(NULL, BIG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(big != MAP_FAILED && page != MAP_FAILED, "buffers");
	mprotect(page + 4096, 4096, PROT_NONE);
	half = page + 4096 - 8;
	memcpy(half, "halfhalf", 8);
	for (int i = 0; i < 1000; i++)
		big[i] = i * 7;
	on(SIGPIPE, on_pipe, 0);
	on(SIGXFSZ, on_size, 0);
	alarm(group == 2 ? 100 : 8);
	if (group == 0) {
		matrix(first, second);
	} else if (group == 1) {
		blocking_kind = blocking_kinds[first].make;
		blocking[second].body();
	} else {
		others[first].body();
	}
	_exit(0);
}

static void run(struct notes *seen, int which, int first, int second, int group)
{
	int status;
	pid_t pid;

	memset(notes, 0, sizeof(*notes));
	side = which;
	pid = fork();
	if (!pid)
		child(first, second, group);
	waitpid(pid, &status, 0);
	kill(-pid, SIGKILL); /* helpers that are still there */
	say(" | status %x", status);
	*seen = *notes;
}

/* ---- what the host reads: a JSON object a line ---- */

static int events = STDOUT_FILENO;

static void text(char *line, size_t size, size_t *used, const char *key, const char *value)
{
	*used += snprintf(line + *used, size - *used, ", \"%s\": \"", key);
	for (const unsigned char *c = (const void *)value; *c && *used < size - 16; c++)
		*used += snprintf(line + *used, size - *used, *c < ' ' || *c > '~' || *c == '"' || *c == '\\' ? "\\u%04x" : "%c", *c);
	*used += snprintf(line + *used, size - *used, "\"");
}

static void tell(const char *key, const char *name, const char *result, const char *expected, const char *seen)
{
	static char line[2 * sizeof(notes->text) + 400];
	size_t used = 0;

	text(line, sizeof(line), &used, key, name);
	if (result)
		text(line, sizeof(line), &used, "result", result);
	if (expected)
		text(line, sizeof(line), &used, "expected", expected);
	if (seen)
		text(line, sizeof(line), &used, "seen", seen);
	line[0] = '{';
	memcpy(line + used, "}\n", 2);
	for (size_t done = 0; done < used + 2;) {
		ssize_t n = write(events, line + done, used + 2 - done);

		if (n < 0 && errno != EINTR)
			return;
		done += n < 0 ? 0 : n;
	}
}

/* A difference stands unless the system call itself, asked again, also does what the stub did. What
 * needs no timing is done twice by the stub and must come out alike.
 */
static bool compare(const char *name, int first, int second, int group, int other_side)
{
	static struct notes before, seen, again;
	int tries = 0;

	tell("start", name, NULL, NULL, NULL);
	run(&before, SYSCALL, first, second, group);
	run(&seen, other_side, first, second, group);
	if (group == 0 && !seen.skipped && !strcmp(before.text, seen.text))
		run(&seen, other_side, first, second, group);
	if (before.skipped && seen.skipped) {
		tell("scenario", name, "skipped", NULL, NULL);
		return true;
	}
	if (!strcmp(before.text, seen.text)) {
		tell("scenario", name, "equal", NULL, seen.text);
		return true;
	}
	do
		run(&again, SYSCALL, first, second, group);
	while (strcmp(again.text, seen.text) && ++tries < 5);
	tell("scenario", name, tries < 5 ? "unstable" : "different", before.text, seen.text);
	return tries < 5;
}

struct job {
	int side;
	bool list, first_difference; /* only print names; end at the first difference */
	char **prefixes, *names;     /* either may be NULL: all */
};

static bool wanted(const char *name, const struct job *job)
{
	size_t length = strlen(name);
	char **list = job->prefixes;

	if (job->names) {
		for (char *at = job->names; (at = strstr(at, name)); at++)
			if ((at == job->names || at[-1] == '\n') && at[length] == '\n')
				return true;
		return false;
	}
	if (!*list)
		return true;
	for (; *list; list++)
		if (!strncmp(name, *list, strlen(*list)))
			return true;
	return false;
}

/* Returns whether to go on. */
static bool scenario(const char *name, int first, int second, int group, const struct job *job)
{
	if (!wanted(name, job))
		return true;
	if (job->list)
		return puts(name) >= 0;
	return compare(name, first, second, group, job->side) || !job->first_difference;
}

static bool all_scenarios(const struct job *job)
{
	char name[80];

	for (unsigned k = 0; k < LENGTH(kinds); k++)
		for (unsigned i = 0; i < LENGTH(operations); i++) {
			snprintf(name, sizeof(name), "%s/%s", kinds[k].name, operations[i].name);
			if (!scenario(name, k, i, 0, job))
				return false;
		}
	for (unsigned k = 0; k < LENGTH(blocking_kinds); k++)
		for (unsigned i = 0; i < LENGTH(blocking); i++) {
			snprintf(name, sizeof(name), "blocking_%s/%s", blocking_kinds[k].name, blocking[i].name);
			if (!scenario(name, k, i, 1, job))
				return false;
		}
	for (unsigned i = 0; i < LENGTH(others); i++)
		if (!scenario(others[i].name, i, 0, 2, job))
			return false;
	return true;
}

static char *contents(const char *path)
{
	struct stat about;
	int fd = open(path, O_RDONLY);
	char *text;

	if (fd < 0 || fstat(fd, &about) || !(text = calloc(1, about.st_size + 1)) || read(fd, text, about.st_size) != about.st_size) {
		perror(path);
		exit(3);
	}
	close(fd);
	return text;
}

int main(int argc, char **argv)
{
	struct job job = { .side = STUB };
	int option;

	while ((option = getopt(argc, argv, "s:e:n:fl")) != -1)
		switch (option) {
		case 's': /* what stands beside the system call */
			job.side = !strcmp(optarg, "stub") ? STUB : !strcmp(optarg, "generic") ? GENERIC : SYSCALL;
			break;
		case 'e': /* where results go */
			events = fcntl(open(optarg, O_WRONLY | O_NOCTTY), F_DUPFD, 501);
			break;
		case 'n': /* a file of names, one a line */
			job.names = contents(optarg);
			break;
		case 'f':
			job.first_difference = true;
			break;
		case 'l':
			job.list = true;
			break;
		default:
			return 3;
		}
	job.prefixes = argv + optind;
	if (job.list)
		return !all_scenarios(&job);
	device = fcntl(open("/dev/ukl_stubs", O_RDWR), F_DUPFD, 500);
	notes = mmap(NULL, sizeof(*notes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (device < 0 || events < 0 || notes == MAP_FAILED) {
		perror("/dev/ukl_stubs");
		return 3;
	}
	all_scenarios(&job);
	snprintf(notes->text, sizeof(notes->text), "%d", parameter("reissued"));
	tell("reissued", notes->text, NULL, NULL, NULL);
	return 0;
}
