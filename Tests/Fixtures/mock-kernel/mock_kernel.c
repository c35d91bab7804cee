/*
 * Calls one stub in a situation given by key=value arguments and prints what
 * it did, one word for each call, then its result and the file's references.
 *
 *   call=read|write       which stub
 *   count=N               the length (default 5)
 *   descriptor=tcp|closed|pipe
 *   shared=1              the file table is shared: the descriptor is counted
 *   nonblock=1            O_NONBLOCK
 *   type=seqpacket        of the socket
 *   proto=tls             sk_prot has functions of its own
 *   swap=1                sk_prot becomes tls while the LSM is asked
 *   deny=file|socket|fanotify
 *   address=bad           access_ok() says no
 *   leaf=N                result of the function that does the work (default: the length)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mock_kernel.h"

static int argument_count;
static char **arguments;
static char buffer[16];
static struct task_struct task;
struct task_struct *current = &task;

static const char *setting(const char *key)
{
	size_t length = strlen(key);

	for (int i = 1; i < argument_count; i++)
		if (!strncmp(arguments[i], key, length) && arguments[i][length] == '=')
			return arguments[i] + length + 1;
	return "";
}

static bool is(const char *key, const char *value)
{
	return !strcmp(setting(key), value);
}

static int tls_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags, int *addr_len)
{
	(void)sk, (void)msg, (void)len, (void)flags, (void)addr_len;
	return -EPROTO;
}

static int tls_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	(void)sk, (void)msg, (void)len;
	return -EPROTO;
}

static int leaf(size_t len)
{
	return *setting("leaf") ? atoi(setting("leaf")) : (int)len;
}

/* Only what the call is about may be set in a msghdr, and it must be right. */
static void check(const struct msghdr *msg, int direction)
{
	if (msg->msg_name || msg->msg_namelen || msg->msg_control || msg->msg_controllen ||
	    msg->msg_iocb)
		printf("DIRTY-MSGHDR ");
	if (msg->msg_iter.direction != direction || msg->msg_iter.ubuf != buffer)
		printf("WRONG-ITERATOR ");
}

static int inet_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	(void)sock;
	check(msg, ITER_DEST);
	printf("ops.recvmsg(%zu,%#x) ", len, flags);
	return leaf(len);
}

static int inet_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	(void)sock;
	check(msg, ITER_SOURCE);
	printf("ops.sendmsg(%zu,%#x) ", len, msg->msg_flags);
	return leaf(len);
}

static struct proto tcp_prot = { tcp_recvmsg, tcp_sendmsg };
static struct proto tls_prot = { tls_recvmsg, tls_sendmsg };
static const struct proto_ops inet_stream_ops = { inet_recvmsg, inet_sendmsg };
static const struct file_operations socket_file_ops, pipefifo_fops;
static struct sock sk = { &tcp_prot };
static struct file file;
static struct socket sock = { SOCK_STREAM, &sk, &inet_stream_ops, &file };
static struct file file = { 0, &socket_file_ops, &sock, 1 };

static struct fd descriptor(struct file *target, unsigned int flags)
{
	struct fd f;

	memset(&f, 0, sizeof(f));
#ifdef MOCK_LINUX_6_12
	f.word = (unsigned long)target | flags;
#else
	f.file = target;
	f.flags = flags;
#endif
	return f;
}

struct fd fdget(unsigned int fd)
{
	printf("fdget(%u) ", fd);
	if (is("descriptor", "closed"))
		return descriptor(NULL, 0);
	file.references += is("shared", "1");
	return descriptor(&file, is("shared", "1"));
}

void fdput(struct fd f)
{
#ifdef MOCK_LINUX_6_12
	file.references -= f.word & 1;
#else
	file.references -= f.flags & 1;
#endif
	printf("fdput ");
}

struct socket *sock_from_file(struct file *target)
{
	return target->f_op == &socket_file_ops ? target->private_data : NULL;
}

ssize_t ksys_read(unsigned int fd, char *buf, size_t count)
{
	printf("ksys_read(%u,%s,%zu) ", fd, buf == buffer ? "buf" : "?", count);
	return 77;
}

ssize_t ksys_write(unsigned int fd, const char *buf, size_t count)
{
	printf("ksys_write(%u,%s,%zu) ", fd, buf == buffer ? "buf" : "?", count);
	return 77;
}

bool access_ok(const void *buf, size_t count)
{
	printf("access_ok(%s,%#zx) ", buf == buffer ? "buf" : "?", count);
	return !is("address", "bad");
}

int security_file_permission(struct file *target, int mask)
{
	printf("file_permission(%s%d) ", target == &file ? "" : "?", mask);
	return is("deny", "file") ? -EACCES : 0;
}

static int socket_permission(void)
{
	if (is("swap", "1"))
		sk.sk_prot = &tls_prot;
	return is("deny", "socket") ? -EPERM : 0;
}

int security_socket_recvmsg(struct socket *target, struct msghdr *msg, int size, int flags)
{
	check(msg, ITER_DEST);
	if (msg->msg_iter.count != (size_t)size || target != &sock)
		printf("WRONG-SIZE ");
	printf("socket_recvmsg(%d,%#x) ", size, flags);
	return socket_permission();
}

int security_socket_sendmsg(struct socket *target, struct msghdr *msg, int size)
{
	check(msg, ITER_SOURCE);
	if (msg->msg_iter.count != (size_t)size || target != &sock)
		printf("WRONG-SIZE ");
	printf("socket_sendmsg(%d,%#x) ", size, msg->msg_flags);
	return socket_permission();
}

void iov_iter_ubuf(struct iov_iter *iter, unsigned int direction, void *buf, size_t count)
{
	*iter = (struct iov_iter){ (int)direction, buf, count };
}

void sock_rps_record_flow(const struct sock *target)
{
	printf(target == &sk ? "rps " : "rps? ");
}

int tcp_recvmsg(struct sock *target, struct msghdr *msg, size_t len, int flags, int *addr_len)
{
	check(msg, ITER_DEST);
	if (target != &sk || *addr_len)
		printf("WRONG-ARGUMENT ");
	printf("tcp_recvmsg(%zu,%#x) ", len, flags);
	return leaf(len);
}

int tcp_sendmsg(struct sock *target, struct msghdr *msg, size_t size)
{
	check(msg, ITER_SOURCE);
	if (target != &sk)
		printf("WRONG-ARGUMENT ");
	printf("tcp_sendmsg(%zu,%#x) ", size, msg->msg_flags);
	return leaf(size);
}

void fsnotify_access(struct file *target)
{
	printf(target == &file ? "access " : "access? ");
}

void fsnotify_modify(struct file *target)
{
	printf(target == &file ? "modify " : "modify? ");
}

void add_rchar(struct task_struct *target, ssize_t amount)
{
	printf("rchar(%s%zd) ", target == current ? "" : "?", amount);
}

void add_wchar(struct task_struct *target, ssize_t amount)
{
	printf("wchar(%s%zd) ", target == current ? "" : "?", amount);
}

void inc_syscr(struct task_struct *target)
{
	printf(target == current ? "syscr " : "syscr? ");
}

void inc_syscw(struct task_struct *target)
{
	printf(target == current ? "syscw " : "syscw? ");
}

#ifdef MOCK_LINUX_6_12
int fsnotify_file_area_perm(struct file *target, int mask, const loff_t *ppos, size_t count)
{
	printf("fanotify(%s%d,%zu) ", target == &file && !ppos ? "" : "?", mask, count);
	return is("deny", "fanotify") ? -EPERM : 0;
}

void trace_sock_recv_length(struct sock *target, int ret, int flags)
{
	printf("recv_length(%s%d,%#x) ", target == &sk ? "" : "?", ret, flags);
}

void trace_sock_send_length(struct sock *target, int ret, int flags)
{
	printf("send_length(%s%d,%#x) ", target == &sk ? "" : "?", ret, flags);
}
#endif

/* What a careless stub leaves unset on its stack shall not be zero by luck. */
static __attribute__((noinline)) void poison_stack(void)
{
	volatile char garbage[4096];

	for (size_t i = 0; i < sizeof(garbage); i++)
		garbage[i] = (char)0xaa;
}

static void prepare(void)
{
	file.f_flags = is("nonblock", "1") ? O_NONBLOCK : 0;
	if (is("type", "seqpacket"))
		sock.type = SOCK_SEQPACKET;
	if (is("proto", "tls"))
		sk.sk_prot = &tls_prot;
	if (is("descriptor", "pipe")) {
		file.f_op = &pipefifo_fops;
		file.private_data = (void *)0xdead000000000100;
	}
}

int main(int argc, char **argv)
{
	size_t count;
	ssize_t result;

	argument_count = argc;
	arguments = argv;
	setvbuf(stdout, NULL, _IONBF, 0);
	prepare();
	count = *setting("count") ? strtoull(setting("count"), NULL, 0) : 5;
	poison_stack();
	if (is("call", "read"))
		result = shortcut_tcp_read(3, buffer, count);
	else
		result = shortcut_tcp_write(3, buffer, count);
	printf("= %zd refs=%d\n", result, file.references);
	return 0;
}
