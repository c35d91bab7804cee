/*
 * Calls one stub in a situation given by key=value arguments and prints what
 * it did, one word for each call, then its result, the file's references, and
 * its position if it has one.
 *
 *   call=read|write|…     which stub of the family that was compiled in
 *   count=N               the length (default 5); of a vector, its bytes in two elements
 *   flags=N               of recvfrom, sendto, recvmsg, sendmsg
 *   addr=1                with an address
 *   control=N             bytes of ancillary data
 *   pos=N                 of pread64 and pwrite64; elsewhere the file's (default 3)
 *   descriptor=closed|pipe  (pipe: of another kind)
 *   mode=N                how the file was opened, FMODE_* (default: all)
 *   shared=1              the file table is shared: the descriptor is counted
 *   nonblock=1            O_NONBLOCK
 *   type=seqpacket        of the socket
 *   proto=tls|ipv6        sk_prot, or for Unix sockets the ops, has other functions
 *   swap=1                that becomes tls while the LSM is asked
 *   deny=file|socket|fanotify
 *   address=bad           access_ok() says no
 *   vector=bad|large      import_iovec() fails; allocates
 *   header=bad            the message header can't be copied
 *   bind=fails            inet_send_prepare() fails
 *   leaf=N                result of the function that does the work (default: the length)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mock_kernel.h"

static int argument_count;
static char **arguments;
static char buffer[16], large[16];
static struct iovec vector[2] = { { buffer, 0 }, { buffer, 0 } };
static struct sockaddr address;
static int address_length;
static struct user_msghdr header;
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

#ifdef MOCK_NONBLOCK
#define ALL_FLAGS (nonblock | flags)
#else
#define ALL_FLAGS flags
#endif

static int tls_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, NONBLOCK_PARAMETER int flags, int *addr_len)
{
	(void)sk, (void)msg, (void)len, (void)ALL_FLAGS, (void)addr_len;
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

static void check_iterator(const struct iov_iter *iter, int direction)
{
	if (iter->direction != direction || (iter->ubuf != buffer && iter->ubuf != vector && iter->ubuf != large))
		printf("WRONG-ITERATOR ");
}

/* Only what the call is about may be set in a msghdr, and it must be right. */
static void check(const struct msghdr *msg, int direction)
{
	bool named = is("addr", "1") || is("call", "recvmsg");

	if (!msg->msg_name != !named || (direction == READ && msg->msg_namelen) ||
	    (msg->msg_namelen && msg->msg_namelen != 7) || msg->msg_iocb)
		printf("DIRTY-MSGHDR ");
	if (!is("call", "recvmsg") && (msg->msg_control || msg->msg_controllen))
		printf("DIRTY-MSGHDR ");
	check_iterator(&msg->msg_iter, direction);
}

static int inet_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	(void)sock;
	check(msg, READ);
	printf("ops.recvmsg(%zu,%#x) ", len, flags);
	return leaf(len);
}

static int inet_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	(void)sock;
	check(msg, WRITE);
	printf("ops.sendmsg(%zu,%#x) ", len, msg->msg_flags);
	return leaf(len);
}

static struct proto tcp_prot = { tcp_recvmsg, tcp_sendmsg };
static struct proto tls_prot = { tls_recvmsg, tls_sendmsg };
static const struct proto_ops inet_stream_ops = { inet_recvmsg, inet_sendmsg };
static int udp_bpf_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, NONBLOCK_PARAMETER int flags, int *addr_len)
{
	(void)sk, (void)msg, (void)len, (void)ALL_FLAGS, (void)addr_len;
	return -EPROTO;
}

static const struct proto_ops other_ops = { inet_recvmsg, inet_sendmsg };
static const struct proto_ops unix_stream_ops = { unix_stream_recvmsg, unix_stream_sendmsg };
static struct proto udp_prot = { udp_recvmsg, udp_sendmsg };
static struct proto udpv6_prot = { udpv6_recvmsg, udpv6_sendmsg };
static struct proto udp_bpf_prot = { udp_bpf_recvmsg, tls_sendmsg };
static const struct file_operations socket_file_ops, other_fops;
const struct file_operations pipefifo_fops = { .read_iter = pipe_read, .write_iter = pipe_write };
const struct file_operations eventfd_fops = { .read_iter = eventfd_read, .write = eventfd_write };
const struct file_operations shmem_file_operations = {
	.read_iter = shmem_file_read_iter, .write_iter = generic_file_write_iter
};
static struct inode inode = { 1 };
static struct sock sk = { &tcp_prot };
static struct file file;
static struct socket sock = { SOCK_STREAM, &sk, &inet_stream_ops, &file };
static struct file file = { .f_op = &socket_file_ops, .private_data = &sock, .references = 1 };

#define STRING(family) STRING_(family)
#define STRING_(family) #family

static bool family(const char *name)
{
	return !strcmp(STRING(FAMILY), name);
}

static struct fd descriptor(struct file *target, unsigned int flags)
{
	struct fd f;

	memset(&f, 0, sizeof(f));
#ifdef MOCK_WORD
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
#ifdef MOCK_WORD
	file.references -= f.word & 1;
#else
	file.references -= f.flags & 1;
#endif
	printf("fdput ");
}

struct fd fdget_pos(unsigned int fd)
{
	printf("lock ");
	return fdget(fd);
}

void fdput_pos(struct fd f)
{
	printf("unlock ");
	fdput(f);
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

ssize_t ksys_pread64(unsigned int fd, char *buf, size_t count, loff_t pos)
{
	printf("ksys_pread64(%u,%s,%zu,%lld) ", fd, buf == buffer ? "buf" : "?", count, pos);
	return 77;
}

ssize_t ksys_pwrite64(unsigned int fd, const char *buf, size_t count, loff_t pos)
{
	printf("ksys_pwrite64(%u,%s,%zu,%lld) ", fd, buf == buffer ? "buf" : "?", count, pos);
	return 77;
}

ssize_t shortcut_ordinary_readv(int fd, const struct iovec *vec, unsigned long vlen)
{
	printf("do_readv(%d,%s,%lu) ", fd, vec == vector ? "vec" : "?", vlen);
	return 77;
}

ssize_t shortcut_ordinary_writev(int fd, const struct iovec *vec, unsigned long vlen)
{
	printf("do_writev(%d,%s,%lu) ", fd, vec == vector ? "vec" : "?", vlen);
	return 77;
}

int __sys_recvfrom(int fd, void *buf, size_t size, unsigned int flags, struct sockaddr *addr, int *addr_len)
{
	printf("__sys_recvfrom(%d,%s,%zu,%#x,%d) ", fd, buf == buffer ? "buf" : "?", size, flags, addr && addr_len);
	return 77;
}

int __sys_sendto(int fd, void *buf, size_t size, unsigned int flags, struct sockaddr *addr, int addr_len)
{
	printf("__sys_sendto(%d,%s,%zu,%#x,%d) ", fd, buf == buffer ? "buf" : "?", size, flags, addr ? addr_len : 0);
	return 77;
}

long __sys_recvmsg(int fd, struct user_msghdr *msg, unsigned int flags, bool forbid_compat)
{
	printf("__sys_recvmsg(%d,%s,%#x,%d) ", fd, msg == &header ? "msg" : "?", flags, forbid_compat);
	return 77;
}

long __sys_sendmsg(int fd, struct user_msghdr *msg, unsigned int flags, bool forbid_compat)
{
	printf("__sys_sendmsg(%d,%s,%#x,%d) ", fd, msg == &header ? "msg" : "?", flags, forbid_compat);
	return 77;
}

long __sys_sendmsg_sock(struct socket *target, struct msghdr *msg, unsigned int flags)
{
	printf("sendmsg_sock(%s%zu,%zu,%#x) ", target == &sock ? "" : "?", msg->msg_iter.count, msg->msg_controllen, flags);
	return 66;
}

int __sys_accept4(int fd, struct sockaddr *addr, int *addr_len, int flags)
{
	printf("__sys_accept4(%d,%d,%#x) ", fd, addr && addr_len, flags);
	return 77;
}

int shortcut_copy_msghdr(struct msghdr *msg, struct user_msghdr *umsg, struct sockaddr **save_addr, struct iovec **iov)
{
	printf("copy_msghdr ");
	if (umsg != &header || (!save_addr && !msg->msg_name))
		printf("WRONG-ARGUMENT ");
	if (is("header", "bad"))
		return -EFAULT;
	if (save_addr)
		*save_addr = is("addr", "1") ? &address : NULL;
	else if (!is("addr", "1"))
		msg->msg_name = NULL;
	msg->msg_namelen = is("addr", "1") ? 7 : 0;
	msg->msg_flags = umsg->msg_flags;
	msg->msg_control = *setting("control") ? buffer : NULL;
	msg->msg_controllen = *setting("control") ? strtoul(setting("control"), NULL, 0) : 0;
	msg->msg_iter = (struct iov_iter){ save_addr ? READ : WRITE, vector, vector[0].iov_len + vector[1].iov_len };
	*iov = is("vector", "large") ? (struct iovec *)large : NULL;
	return 0;
}

int shortcut_move_addr_to_user(struct sockaddr_storage *kaddr, int length, void *uaddr, int *ulen)
{
	printf("addr_to_user(%d,%s) ", length, kaddr && uaddr == &address &&
	       (ulen == &address_length || ulen == &header.msg_namelen) ? "addr" : "?");
	return is("addrcopy", "bad") ? -EFAULT : 0;
}

int move_addr_to_kernel(void *uaddr, int ulen, struct sockaddr_storage *kaddr)
{
	printf("addr_to_kernel(%s,%d) ", uaddr == &address && kaddr ? "addr" : "?", ulen);
	return is("addrcopy", "bad") ? -EFAULT : 0;
}

static int import(int type, void *buf, size_t len, struct iov_iter *iter)
{
	if (len > MAX_RW_COUNT)
		len = MAX_RW_COUNT;
	printf("import(%s,%#zx) ", buf == buffer ? "buf" : "?", len);
	*iter = (struct iov_iter){ type, buf, len };
	return is("address", "bad") ? -EFAULT : 0;
}

#ifdef MOCK_IMPORT_UBUF
int import_ubuf(int type, void *buf, size_t len, struct iov_iter *iter)
{
	return import(type, buf, len, iter);
}
#else
int import_single_range(int type, void *buf, size_t len, struct iovec *iov, struct iov_iter *iter)
{
	iov->iov_base = buf;
	return import(type, buf, len, iter);
}
#endif

ssize_t import_iovec(int type, const struct iovec *vec, unsigned int vlen, unsigned int fast, struct iovec **iov, struct iov_iter *iter)
{
	size_t count = vec[0].iov_len + vec[1].iov_len;

	printf("import_iovec(%s,%u,%u) ", vec == vector ? "vec" : "?", vlen, fast);
	*iov = NULL;
	if (is("vector", "bad"))
		return -EFAULT;
	if (is("vector", "large"))
		*iov = (struct iovec *)large;
	*iter = (struct iov_iter){ type, vector, count };
	return count;
}

void kfree(const void *pointer)
{
	if (pointer)
		printf(pointer == large ? "kfree " : "kfree? ");
}

void mock_put(const void *place)
{
	printf(place == &header.msg_flags ? "put_flags " : place == &header.msg_controllen ? "put_controllen " : "put? ");
}

int rw_verify_area(int way, struct file *target, const loff_t *pos, size_t count)
{
	printf("verify(%s%d,%lld,%zu) ", target == &file ? "" : "?", way, *pos, count);
	return is("deny", "file") ? -EACCES : 0;
}

void file_start_write(struct file *target)
{
	printf(target == &file ? "start_write " : "start_write? ");
}

void file_end_write(struct file *target)
{
	printf(target == &file ? "end_write " : "end_write? ");
}

static ssize_t iterate(const char *name, struct kiocb *iocb, struct iov_iter *iter, int direction)
{
	ssize_t ret = leaf(iter->count);

	check_iterator(iter, direction);
	if (iocb->ki_filp != &file || iocb->ki_flags != file.f_iocb_flags)
		printf("WRONG-KIOCB ");
	printf("%s(%zu,%lld) ", name, iter->count, iocb->ki_pos);
	iocb->ki_pos += ret > 0 ? ret : 1000; /* what an error leaves there must not matter */
	return ret;
}

ssize_t pipe_read(struct kiocb *iocb, struct iov_iter *iter) { return iterate("pipe_read", iocb, iter, READ); }
ssize_t pipe_write(struct kiocb *iocb, struct iov_iter *iter) { return iterate("pipe_write", iocb, iter, WRITE); }
ssize_t eventfd_read(struct kiocb *iocb, struct iov_iter *iter) { return iterate("eventfd_read", iocb, iter, READ); }
ssize_t shmem_file_read_iter(struct kiocb *iocb, struct iov_iter *iter) { return iterate("shmem_read", iocb, iter, READ); }
ssize_t generic_file_write_iter(struct kiocb *iocb, struct iov_iter *iter) { return iterate("generic_write", iocb, iter, WRITE); }

ssize_t eventfd_write(struct file *target, const char *buf, size_t count, loff_t *pos)
{
	(void)pos;
	printf("eventfd_write(%s,%zu) ", target == &file && buf == buffer ? "buf" : "?", count);
	return leaf(count);
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
	if (is("swap", "1")) {
		sk.sk_prot = &tls_prot;
		if (family("unix_stream"))
			sock.ops = &other_ops;
	}
	return is("deny", "socket") ? -EPERM : 0;
}

int security_socket_recvmsg(struct socket *target, struct msghdr *msg, int size, int flags)
{
	check(msg, READ);
	if (msg->msg_iter.count != (size_t)size || target != &sock)
		printf("WRONG-SIZE ");
	printf("socket_recvmsg(%d,%#x) ", size, flags);
	return socket_permission();
}

int security_socket_sendmsg(struct socket *target, struct msghdr *msg, int size)
{
	check(msg, WRITE);
	if (msg->msg_iter.count != (size_t)size || target != &sock)
		printf("WRONG-SIZE ");
	printf("socket_sendmsg(%d,%#x) ", size, msg->msg_flags);
	return socket_permission();
}

#ifdef MOCK_NO_UBUF
void iov_iter_init(struct iov_iter *iter, unsigned int direction, const struct iovec *iov, unsigned long segments, size_t count)
{
	if (segments != 1 || iov->iov_len != count)
		printf("WRONG-SEGMENTS ");
	*iter = (struct iov_iter){ (int)direction, iov->iov_base, count };
}
#else
void iov_iter_ubuf(struct iov_iter *iter, unsigned int direction, void *buf, size_t count)
{
	*iter = (struct iov_iter){ (int)direction, buf, count };
}
#endif

void sock_rps_record_flow(const struct sock *target)
{
	printf(target == &sk ? "rps " : "rps? ");
}

int inet_send_prepare(struct sock *target)
{
	printf(target == &sk ? "prepare " : "prepare? ");
	return is("bind", "fails");
}

static int receive(const char *name, struct sock *target, struct msghdr *msg, size_t len, int flags, int *addr_len)
{
	check(msg, READ);
	if (target != &sk || *addr_len)
		printf("WRONG-ARGUMENT ");
	*addr_len = 9;
	printf("%s(%zu,%#x) ", name, len, flags);
	return leaf(len);
}

static int send(const char *name, struct msghdr *msg, size_t len)
{
	check(msg, WRITE);
	printf("%s(%zu,%#x,%d) ", name, len, msg->msg_flags, msg->msg_namelen);
	return leaf(len);
}

int udp_recvmsg(struct sock *target, struct msghdr *msg, size_t len, NONBLOCK_PARAMETER int flags, int *addr_len) { return receive("udp_recvmsg", target, msg, len, ALL_FLAGS, addr_len); }
int udpv6_recvmsg(struct sock *target, struct msghdr *msg, size_t len, NONBLOCK_PARAMETER int flags, int *addr_len) { return receive("udpv6_recvmsg", target, msg, len, ALL_FLAGS, addr_len); }
int udp_sendmsg(struct sock *target, struct msghdr *msg, size_t len) { return target == &sk ? send("udp_sendmsg", msg, len) : -1; }
int udpv6_sendmsg(struct sock *target, struct msghdr *msg, size_t len) { return target == &sk ? send("udpv6_sendmsg", msg, len) : -1; }
int unix_stream_sendmsg(struct socket *target, struct msghdr *msg, size_t len) { return target == &sock ? send("unix_sendmsg", msg, len) : -1; }

int unix_stream_recvmsg(struct socket *target, struct msghdr *msg, size_t len, int flags)
{
	int addr_len = 0, ret = receive("unix_recvmsg", target->sk, msg, len, flags, &addr_len);

	msg->msg_namelen = 11;
	return ret;
}

int tcp_recvmsg(struct sock *target, struct msghdr *msg, size_t len, NONBLOCK_PARAMETER int flags, int *addr_len)
{
	check(msg, READ);
	if (target != &sk || *addr_len)
		printf("WRONG-ARGUMENT ");
	printf("tcp_recvmsg(%zu,%#x) ", len, ALL_FLAGS);
	return leaf(len);
}

int tcp_sendmsg(struct sock *target, struct msghdr *msg, size_t size)
{
	check(msg, WRITE);
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

#ifdef MOCK_AREA_PERM
int fsnotify_file_area_perm(struct file *target, int mask, const loff_t *ppos, size_t count)
{
	printf("fanotify(%s%d,%zu) ", target == &file && !ppos ? "" : "?", mask, count);
	return is("deny", "fanotify") ? -EPERM : 0;
}
#endif

#ifdef MOCK_LENGTHS
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
	file.f_mode = *setting("mode") ? strtoul(setting("mode"), NULL, 0) : FMODE_READ | FMODE_WRITE | FMODE_PREAD | FMODE_PWRITE;
	file.f_iocb_flags = 0x20;
	file.f_inode = &inode;
	file.f_pos = *setting("pos") ? atoll(setting("pos")) : 3;
	header.msg_flags = 0x5500;
	if (family("pipe"))
		file.f_op = &pipefifo_fops;
	if (family("eventfd"))
		file.f_op = &eventfd_fops;
	if (family("tmpfs") || family("file"))
		file.f_op = &shmem_file_operations;
	if (family("udp"))
		sk.sk_prot = is("proto", "ipv6") ? &udpv6_prot : is("proto", "tls") ? &udp_bpf_prot : &udp_prot;
	if (family("unix_stream"))
		sock.ops = is("proto", "tls") ? &other_ops : &unix_stream_ops;
	if (is("type", "seqpacket"))
		sock.type = SOCK_SEQPACKET;
	if (family("tcp") && is("proto", "tls"))
		sk.sk_prot = &tls_prot;
	if (is("descriptor", "pipe")) {
		file.f_op = &other_fops;
		file.private_data = (void *)0xdead000000000100;
	}
}

#ifndef CALLS
#define CALLS CALL(read, buffer, count) CALL(write, buffer, count)
#endif

static ssize_t call(size_t count)
{
	unsigned int flags = strtoul(setting("flags"), NULL, 0);
	struct sockaddr *addr = is("addr", "1") ? &address : NULL;
	loff_t pos = *setting("pos") ? atoll(setting("pos")) : 3;
	unsigned long vlen = 2;

	(void)flags, (void)addr, (void)pos, (void)vlen;
	vector[0].iov_len = count / 2;
	vector[1].iov_len = count - count / 2;
#define CALL(name, ...) if (is("call", #name)) return STUB(name)(3, __VA_ARGS__);
	CALLS
	abort();
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
	result = call(count);
	printf("= %zd refs=%d", result, file.references);
	if (family("tmpfs") || family("file"))
		printf(" pos=%lld", file.f_pos);
	putchar('\n');
	return 0;
}
