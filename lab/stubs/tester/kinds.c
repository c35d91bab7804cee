/* What stands behind a descriptor: every kind that a stub may be given. */
#include "tester.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/tls.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/un.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef EXT4_IOC_SHUTDOWN
#define EXT4_IOC_SHUTDOWN _IOR('X', 125, uint32_t)
#define EXT4_GOING_FLAGS_NOLOGFLUSH 2
#endif
#ifndef TCP_ULP
#define TCP_ULP 31
#endif

const char hello[67] = "hello, this is data of the peer; there is more than one read takes";

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
	ready(e->fd, 0, 2000);
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
static void k_tcp_urgent_inline(struct ends *e)
{
	int one = 1;

	k_tcp_urgent(e);
	setsockopt(e->fd, SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one));
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

static void sockmap(struct ends *e, enum sockmap_program which, bool pass)
{
	if (!into_sockmap(e->fd, which, pass))
		skip();
}
static void k_sockmap_sent(struct ends *e) { k_tcp_data(e); sockmap(e, ON_SEND, true); }
static void k_sockmap_not_sent(struct ends *e) { k_tcp_data(e); sockmap(e, ON_SEND, false); }
static void k_sockmap_received(struct ends *e) { k_tcp(e); sockmap(e, ON_RECEIVE, true); data(e); }
static void k_sockmap_not_received(struct ends *e)
{
	k_tcp(e);
	sockmap(e, ON_RECEIVE, false);
	must(write(e->peer, hello, sizeof(hello)) == sizeof(hello), "data");
	nap(20);
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
static void k_gone(struct ends *e) { k_tcp(e); close(e->fd); ready(e->peer, POLLIN, 2000); }
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
static void file(struct ends *e, const char *folder, int flags)
{
	char path[40];

	snprintf(path, sizeof(path), "%s/file", folder);
	e->peer = open(path, O_CREAT | O_TRUNC | O_RDWR, 0600);
	if (e->peer < 0)
		skip();
	must(write(e->peer, hello, sizeof(hello)) == sizeof(hello), "file");
	e->fd = open(path, flags);
	if (e->fd < 0)
		skip();
	must(lseek(e->fd, 5, SEEK_SET) == 5 && lseek(e->peer, 0, SEEK_SET) == 0, "file");
}
#define FILES(name, folder)                                                                      \
	static void k_##name(struct ends *e) { file(e, folder, O_RDWR); }                        \
	static void k_##name##_append(struct ends *e) { file(e, folder, O_RDWR | O_APPEND); }    \
	static void k_##name##_read_only(struct ends *e) { file(e, folder, O_RDONLY); }          \
	static void k_##name##_write_only(struct ends *e) { file(e, folder, O_WRONLY); }         \
	static void k_##name##_direct(struct ends *e) { file(e, folder, O_RDWR | O_DIRECT); }    \
	static void k_##name##_sync(struct ends *e) { file(e, folder, O_RDWR | O_SYNC); }        \
	static void k_##name##_at_end(struct ends *e)                                            \
	{                                                                                        \
		file(e, folder, O_RDWR);                                                         \
		must(lseek(e->fd, 0, SEEK_END) == sizeof(hello), "seek");                        \
	}                                                                                        \
	static void k_##name##_far(struct ends *e)                                               \
	{                                                                                        \
		file(e, folder, O_RDWR);                                                         \
		must(lseek(e->fd, 65530, SEEK_SET) == 65530, "seek"); /* the limit is 65536 */   \
	}                                                                                        \
	static void k_##name##_dup(struct ends *e)                                               \
	{                                                                                        \
		file(e, folder, O_RDWR);                                                         \
		e->fd = dup(e->fd);                                                              \
	}
FILES(tmpfs, "/dev/shm")
FILES(ext4, "/ext4")
FILES(ramfs, "/ramfs")
/* A file system that was shut down while the file was open. */
static void k_ext4_shut(struct ends *e)
{
	uint32_t at_once = EXT4_GOING_FLAGS_NOLOGFLUSH;

	mkdir("/ext4_shut", 0755);
	umount2("/ext4_shut", MNT_DETACH); /* the last scenario's */
	if (mount(spare_disk, "/ext4_shut", "ext4", 0, NULL))
		skip();
	file(e, "/ext4_shut", O_RDWR);
	must(!ioctl(e->fd, EXT4_IOC_SHUTDOWN, &at_once), "shutdown");
}
static void k_directory(struct ends *e) { e->fd = open("/tmp", O_RDONLY); }
/* Of /dev there is one for all rooms. */
static void character_device(struct ends *e, unsigned minor, int flags)
{
	unlink("/tmp/device");
	must(!mknod("/tmp/device", S_IFCHR | 0600, makedev(1, minor)), "mknod");
	e->fd = open("/tmp/device", flags);
}
static void k_null(struct ends *e) { character_device(e, 3, O_RDWR); }
static void k_full(struct ends *e) { character_device(e, 7, O_WRONLY); }
static void k_proc(struct ends *e) { e->fd = open("/proc/version", O_RDONLY); }
static void k_seq(struct ends *e) { e->fd = open("/proc/filesystems", O_RDONLY); }
static void k_sysfs(struct ends *e) { e->fd = open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY); }
static void k_memfd(struct ends *e) { e->fd = memfd_create("m", 0); e->peer = -1; }

static void k_tcp6_empty(struct ends *e) { pair(e, AF_INET6, 0); }
static void k_tls_both(struct ends *e)
{
	k_tcp(e);
	if (!tls(e->fd, TLS_RX) || !tls(e->peer, TLS_TX))
		skip();
}
static void k_eventfd_zero(struct ends *e) { e->fd = eventfd(0, 0); }
static void k_pipe_empty(struct ends *e)
{
	int two[2];

	must(!pipe(two), "pipe");
	e->fd = two[0];
	e->peer = two[1];
}
static void k_pipe_full(struct ends *e) { pipes(e, 1); fill(e->fd); e->peer = -1; }
static void k_pipe_packets(struct ends *e)
{
	int two[2];

	must(!pipe2(two, O_DIRECT), "pipe");
	e->fd = two[0];
	e->peer = two[1];
	data(e);
}
static void k_fifo(struct ends *e)
{
	mknod("/tmp/fifo", S_IFIFO | 0600, 0);
	e->fd = open("/tmp/fifo", O_RDWR);
	e->peer = open("/tmp/fifo", O_RDWR);
	must(e->fd >= 0 && e->peer >= 0, "fifo");
	data(e);
}
static void k_eventfd_full(struct ends *e)
{
	uint64_t most = UINT64_MAX - 1;

	e->fd = eventfd(0, 0);
	must(write(e->fd, &most, 8) == 8, "eventfd");
}
static void k_tcp_pending(struct ends *e) /* a listener that somebody waits at */
{
	struct sockaddr_in a;
	socklen_t length = sizeof(a);
	int flags;

	k_tcp_listening(e);
	getsockname(e->fd, (void *)&a, &length);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	e->peer = socket(AF_INET, SOCK_STREAM, 0);
	flags = fcntl(e->peer, F_GETFL);
	must(!connect(e->peer, (void *)&a, length) && flags >= 0, "pending");
	ready(e->fd, POLLIN, 2000);
}
static void k_tcp6_pending(struct ends *e)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
	socklen_t length = sizeof(a);

	e->fd = socket(AF_INET6, SOCK_STREAM, 0);
	must(!bind(e->fd, (void *)&a, length) && !listen(e->fd, 5), "pending");
	getsockname(e->fd, (void *)&a, &length);
	e->peer = socket(AF_INET6, SOCK_STREAM, 0);
	must(!connect(e->peer, (void *)&a, length), "pending");
	ready(e->fd, POLLIN, 2000);
}
static void k_udp_empty(struct ends *e) { char text[80]; udp(e, AF_INET); must(recv(e->fd, text, 80, 0) == sizeof(hello), "udp"); }
static void k_udp_two(struct ends *e) { udp(e, AF_INET); must(send(e->peer, "second", 6, 0) == 6, "udp"); nap(5); }
static void k_udp_refused(struct ends *e)
{
	udp(e, AF_INET);
	close(e->peer);
	e->peer = -1;
	must(send(e->fd, "x", 1, 0) == 1, "udp");
	nap(10);
}
static void k_udp_shut(struct ends *e) { udp(e, AF_INET); shutdown(e->fd, SHUT_RDWR); }
static void k_udp_empty_datagram(struct ends *e)
{
	k_udp_empty(e);
	must(send(e->peer, "", 0, 0) == 0, "udp");
	nap(5);
}
static void k_unix_full(struct ends *e) { k_unix_stream_empty(e); fill(e->fd); e->peer = -1; e->quiet = true; }
static void k_unix_shut(struct ends *e) { k_unix_stream(e); shutdown(e->fd, SHUT_RDWR); }
static void k_unix_dgram_empty(struct ends *e) { unix_pair(e, SOCK_DGRAM); }
static void k_unix_dgram_closed(struct ends *e) { k_unix_dgram_empty(e); close(e->peer); e->peer = -1; }
static void k_unix_dgram_unconnected(struct ends *e) { e->fd = socket(AF_UNIX, SOCK_DGRAM, 0); }
static void rights(struct ends *e)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .head = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct iovec v = { (void *)hello, 12 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };

	must(sendmsg(e->peer, &m, 0) == 12, "rights");
}
static void k_unix_sockmap(struct ends *e) { k_unix_stream_empty(e); sockmap(e, ON_RECEIVE, true); data(e); }
static void k_unix_dgram_sockmap(struct ends *e) { k_unix_dgram_empty(e); sockmap(e, ON_RECEIVE, true); data(e); }
static void k_udp_sockmap(struct ends *e)
{
	k_udp_empty(e);
	sockmap(e, ON_RECEIVE, true);
	data(e);
}
static void k_unix_rights(struct ends *e) { k_unix_stream_empty(e); rights(e); }
static void k_unix_dgram_rights(struct ends *e) { k_unix_dgram_empty(e); rights(e); }

#define KIND(name, family) { #name, family, k_##name, false }
#define ANONYMOUS(name, family) { #name, family, k_##name, true }
#define FILE_KINDS(name, family)                                                                 \
	KIND(name, family), KIND(name##_append, family), KIND(name##_read_only, family),         \
	KIND(name##_write_only, family), KIND(name##_direct, family), KIND(name##_sync, family), \
	KIND(name##_at_end, family), KIND(name##_far, family), KIND(name##_dup, family)
const struct kind kinds[] = {
	KIND(tcp, "tcp"), KIND(tcp_data, "tcp"), KIND(tcp6_data, "tcp"), KIND(tcp_accepted, "tcp"),
	KIND(tcp_dup, "tcp"), KIND(tcp_unconnected, "tcp"), KIND(tcp6_unconnected, "tcp"),
	KIND(tcp_listening, "tcp"), KIND(tcp_pending, "tcp"), KIND(tcp6_pending, "tcp"),
	KIND(tcp6_empty, "tcp"), KIND(tls_both, "tcp"),
	KIND(tcp_closed, "tcp"), KIND(tcp_data_closed, "tcp"), KIND(tcp_reset, "tcp"),
	KIND(tcp_epipe, "tcp"), KIND(tcp_half, "tcp"), KIND(tcp_shut_read, "tcp"),
	KIND(tcp_shut_write, "tcp"), KIND(tcp_urgent, "tcp"), KIND(tcp_cork, "tcp"),
	KIND(tcp_full, "tcp"), KIND(tcp_refused, "tcp"), KIND(tcp_fastopen, "tcp"),
	KIND(tls_tx, "tcp"), KIND(tls_tx_data, "tcp"), KIND(tls_rx, "tcp"),
	KIND(tls_rx_garbage, "tcp"), KIND(tls_ulp, "tcp"), KIND(mptcp, "tcp"),
	KIND(mptcp_data, "tcp"), KIND(mptcp_unconnected, "tcp"),
	KIND(tcp_urgent_inline, "tcp"), KIND(sockmap_sent, "tcp"), KIND(sockmap_not_sent, "tcp"),
	KIND(sockmap_received, "tcp"), KIND(sockmap_not_received, "tcp"), KIND(unix_stream, "unix_stream"),
	KIND(unix_stream_empty, "unix_stream"), KIND(unix_closed, "unix_stream"),
	KIND(unix_unconnected, "unix_stream"), KIND(unix_full, "unix_stream"),
	KIND(unix_shut, "unix_stream"), KIND(unix_rights, "unix_stream"),
	KIND(unix_sockmap, "unix_stream"),
	KIND(unix_seqpacket, ""), KIND(unix_dgram, "unix_dgram"), KIND(unix_dgram_empty, "unix_dgram"),
	KIND(unix_dgram_closed, "unix_dgram"), KIND(unix_dgram_unconnected, "unix_dgram"),
	KIND(unix_dgram_rights, "unix_dgram"), KIND(unix_dgram_sockmap, "unix_dgram"), KIND(udp, "udp"), KIND(udp6, "udp"),
	KIND(udp_empty, "udp"), KIND(udp_two, "udp"), KIND(udp_refused, "udp"), KIND(udp_shut, "udp"),
	KIND(udp_empty_datagram, "udp"), KIND(udp_sockmap, "udp"), KIND(udp_unconnected, "udp"), KIND(raw, ""), KIND(packet, ""),
	KIND(netlink, ""), KIND(minus, "none"), KIND(9999, ""), KIND(gone, ""), KIND(o_path, "none"),
	KIND(o_path_socket, ""), KIND(pipe_read, "pipe"), KIND(pipe_empty, "pipe"),
	KIND(pipe_write, "pipe"), KIND(pipe_full, "pipe"), KIND(pipe_packets, "pipe"),
	KIND(fifo, "pipe"), KIND(pipe_broken, "pipe"), KIND(pipe_ended, "pipe"),
	ANONYMOUS(eventfd, "eventfd"), ANONYMOUS(eventfd_0, "eventfd"),
	ANONYMOUS(eventfd_zero, "eventfd"), ANONYMOUS(eventfd_full, "eventfd"),
	ANONYMOUS(epoll, ""), ANONYMOUS(signalfd, ""), ANONYMOUS(timerfd, ""), ANONYMOUS(inotify, ""),
	FILE_KINDS(tmpfs, "tmpfs"), FILE_KINDS(ext4, "ext4"), KIND(ext4_shut, "ext4"), FILE_KINDS(ramfs, "file"),
	KIND(directory, ""), KIND(null, ""), KIND(full, ""), KIND(proc, ""), KIND(seq, ""),
	KIND(sysfs, ""), KIND(memfd, "tmpfs"),
};
const unsigned kind_count = LENGTH(kinds);

maker kind_named(const char *name)
{
	for (unsigned i = 0; i < kind_count; i++)
		if (!strcmp(kinds[i].name, name))
			return kinds[i].make;
	abort();
}

maker kind_of_files(void)
{
	static const char *const names[][2] = { { "tmpfs", "tmpfs" }, { "ext4", "ext4" }, { "file", "ramfs" } };

	for (unsigned i = 0; i < LENGTH(names); i++)
		if (!strcmp(under_test.family, names[i][0]))
			return kind_named(names[i][1]);
	return NULL;
}
