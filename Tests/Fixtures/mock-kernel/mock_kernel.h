/*
 * Just enough of a kernel to run generated stubs in user space. Every function
 * that a stub may call writes a word to the trace; mock_kernel.c has them.
 */
#ifndef MOCK_KERNEL_H
#define MOCK_KERNEL_H

/*
 * How kernels differ; without a MOCK_LINUX_*, as Linux 6.1:
 *   MOCK_NO_UBUF       no iterator of one buffer, no names for its directions (before 6.0)
 *   MOCK_NONBLOCK      recvmsg takes whether to block (before 5.19)
 *   MOCK_OWN_FLAGS     flags of send that only the kernel may set (6.5, and 6.1.y)
 *   MOCK_LENGTHS       tracepoints of lengths (6.3)
 *   MOCK_IMPORT_UBUF   import_ubuf() in place of import_single_range() (6.4)
 *   MOCK_TMPFS_WRITE   shmem_file_write_iter() in place of generic_file_write_iter() (6.6)
 *   MOCK_AREA_PERM     fanotify is asked beside the LSM (6.8)
 *   MOCK_WORD          a descriptor is a word (6.12)
 */
#if defined(MOCK_LINUX_5_14)
#define MOCK_NO_UBUF
#define MOCK_NONBLOCK
#elif defined(MOCK_LINUX_6_3)
#define MOCK_LENGTHS
#elif defined(MOCK_LINUX_6_6)
#define MOCK_LENGTHS
#define MOCK_OWN_FLAGS
#define MOCK_IMPORT_UBUF
#define MOCK_TMPFS_WRITE
#elif defined(MOCK_LINUX_6_12)
#define MOCK_LENGTHS
#define MOCK_OWN_FLAGS
#define MOCK_IMPORT_UBUF
#define MOCK_TMPFS_WRITE
#define MOCK_AREA_PERM
#define MOCK_WORD
#else
#define MOCK_OWN_FLAGS
#endif

#include <asm/errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define __user
#define likely(x) (x)
#define unlikely(x) (x)
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define static_assert _Static_assert
#define __same_type(a, b) __builtin_types_compatible_p(__typeof__(a), __typeof__(b))
#define BUILD_BUG_ON(condition) ((void)(condition))
#define typeof_member(T, m) __typeof__(((T *)0)->m)
#define min_t(type, a, b) ((type)(a) < (type)(b) ? (type)(a) : (type)(b))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define IS_BUILTIN(option) 1
#define S_ISREG(mode) ((mode) == 1)

#define READ 0
#define WRITE 1
#define O_NONBLOCK 04000
#define MSG_DONTWAIT 0x40
#define MSG_EOR 0x80
#define MSG_ERRQUEUE 0x2000
#define MSG_CMSG_CLOEXEC 0x40000000
#define MSG_CMSG_COMPAT 0x80000000
#ifdef MOCK_OWN_FLAGS
#define MSG_INTERNAL_SENDMSG_FLAGS 0x8000000
#endif
#define SOCK_STREAM 1
#define SOCK_SEQPACKET 5
#define MAY_WRITE 2
#define MAY_READ 4
#define FMODE_READ 1
#define FMODE_WRITE 2
#define FMODE_PREAD 8
#define FMODE_PWRITE 16
#define FMODE_STREAM 32
#ifndef MOCK_NO_UBUF
#define ITER_DEST READ
#define ITER_SOURCE WRITE
#endif
#define MAX_RW_COUNT 0x7ffff000
#define UIO_FASTIOV 8

typedef long long mock_loff_t;
#define loff_t mock_loff_t
typedef unsigned int fmode_t;

#ifdef MOCK_TMPFS_WRITE
#define generic_file_write_iter shmem_file_write_iter
#endif

#ifdef MOCK_NONBLOCK
#define NONBLOCK_PARAMETER int nonblock,
#else
#define NONBLOCK_PARAMETER
#endif

struct iovec {
	void *iov_base;
	size_t iov_len;
};

struct iov_iter {
	int direction;
	void *ubuf;
	size_t count;
};

struct sockaddr {
	int family;
};

struct sockaddr_storage {
	int family;
};

struct msghdr {
	void *msg_name;
	int msg_namelen;
	struct iov_iter msg_iter;
	void *msg_control;
	size_t msg_controllen;
	unsigned int msg_flags;
	void *msg_iocb;
};

struct user_msghdr {
	void *msg_name;
	int msg_namelen;
	struct iovec *msg_iov;
	size_t msg_iovlen;
	void *msg_control;
	size_t msg_controllen;
	unsigned int msg_flags;
};

#define __put_user(value, place) (mock_put(place), *(place) = (value), 0)
void mock_put(const void *place);

struct sock;
struct socket;

struct proto {
	int (*recvmsg)(struct sock *sk, struct msghdr *msg, size_t len, NONBLOCK_PARAMETER int flags, int *addr_len);
	int (*sendmsg)(struct sock *sk, struct msghdr *msg, size_t len);
};

struct proto_ops {
	int (*recvmsg)(struct socket *sock, struct msghdr *msg, size_t len, int flags);
	int (*sendmsg)(struct socket *sock, struct msghdr *msg, size_t len);
};

struct sock {
	struct proto *sk_prot;
};

struct file;

struct socket {
	int type;
	struct sock *sk;
	const struct proto_ops *ops;
	struct file *file;
};

struct kiocb {
	struct file *ki_filp;
	loff_t ki_pos;
	int ki_flags;
};

struct file_operations {
	ssize_t (*read)(struct file *file, char *buf, size_t count, loff_t *pos);
	ssize_t (*write)(struct file *file, const char *buf, size_t count, loff_t *pos);
	ssize_t (*read_iter)(struct kiocb *iocb, struct iov_iter *iter);
	ssize_t (*write_iter)(struct kiocb *iocb, struct iov_iter *iter);
};

struct inode {
	int i_mode;
};

struct file {
	unsigned int f_flags;
	const struct file_operations *f_op;
	void *private_data;
	int references;
	fmode_t f_mode;
	loff_t f_pos;
	int f_iocb_flags;
	struct inode *f_inode;
};

#ifdef MOCK_WORD
struct fd {
	unsigned long word;
};
#define fd_file(f) ((struct file *)((f).word & ~3UL))
#define fd_empty(f) (!(f).word)
#else
struct fd {
	struct file *file;
	unsigned int flags;
};
#endif

#ifdef MOCK_AREA_PERM
int fsnotify_file_area_perm(struct file *file, int mask, const loff_t *ppos, size_t count);
#else
int fsnotify_perm(struct file *file, int mask);
#endif

#ifdef MOCK_LENGTHS
void trace_sock_recv_length(struct sock *sk, int ret, int flags);
void trace_sock_send_length(struct sock *sk, int ret, int flags);
#endif

struct task_struct {
	int unused;
};

extern struct task_struct *current;

static inline size_t msg_data_left(const struct msghdr *msg)
{
	return msg->msg_iter.count;
}

static inline struct inode *file_inode(const struct file *file)
{
	return file->f_inode;
}

static inline void init_sync_kiocb(struct kiocb *iocb, struct file *file)
{
	*iocb = (struct kiocb){ .ki_filp = file, .ki_flags = file->f_iocb_flags };
}

struct fd fdget(unsigned int fd);
void fdput(struct fd f);
struct fd fdget_pos(unsigned int fd);
void fdput_pos(struct fd f);
struct socket *sock_from_file(struct file *file);
ssize_t ksys_read(unsigned int fd, char *buf, size_t count);
ssize_t ksys_write(unsigned int fd, const char *buf, size_t count);
bool access_ok(const void *buf, size_t count);
int security_file_permission(struct file *file, int mask);
int security_socket_recvmsg(struct socket *sock, struct msghdr *msg, int size, int flags);
int security_socket_sendmsg(struct socket *sock, struct msghdr *msg, int size);
#ifdef MOCK_NO_UBUF
void iov_iter_init(struct iov_iter *iter, unsigned int direction, const struct iovec *iov, unsigned long segments, size_t count);
#else
void iov_iter_ubuf(struct iov_iter *iter, unsigned int direction, void *buf, size_t count);
#endif
void sock_rps_record_flow(const struct sock *sk);
int tcp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, NONBLOCK_PARAMETER int flags, int *addr_len);
int tcp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size);
void fsnotify_access(struct file *file);
void fsnotify_modify(struct file *file);
void add_rchar(struct task_struct *task, ssize_t amount);
void add_wchar(struct task_struct *task, ssize_t amount);
void inc_syscr(struct task_struct *task);
void inc_syscw(struct task_struct *task);

ssize_t ksys_pread64(unsigned int fd, char *buf, size_t count, loff_t pos);
ssize_t ksys_pwrite64(unsigned int fd, const char *buf, size_t count, loff_t pos);
int __sys_recvfrom(int fd, void *buf, size_t size, unsigned int flags, struct sockaddr *addr, int *addr_len);
int __sys_sendto(int fd, void *buf, size_t size, unsigned int flags, struct sockaddr *addr, int addr_len);
long __sys_recvmsg(int fd, struct user_msghdr *msg, unsigned int flags, bool forbid_compat);
long __sys_sendmsg(int fd, struct user_msghdr *msg, unsigned int flags, bool forbid_compat);
long __sys_sendmsg_sock(struct socket *sock, struct msghdr *msg, unsigned int flags);
int __sys_accept4(int fd, struct sockaddr *addr, int *addr_len, int flags);
ssize_t shortcut_ordinary_readv(int fd, const struct iovec *vec, unsigned long vlen);
ssize_t shortcut_ordinary_writev(int fd, const struct iovec *vec, unsigned long vlen);
int shortcut_copy_msghdr(struct msghdr *msg, struct user_msghdr *umsg, struct sockaddr **save_addr, struct iovec **iov);
int shortcut_move_addr_to_user(struct sockaddr_storage *address, int length, void *uaddr, int *ulen);
int move_addr_to_kernel(void *uaddr, int ulen, struct sockaddr_storage *kaddr);
#ifdef MOCK_IMPORT_UBUF
int import_ubuf(int type, void *buf, size_t len, struct iov_iter *iter);
#else
int import_single_range(int type, void *buf, size_t len, struct iovec *iov, struct iov_iter *iter);
#endif
ssize_t import_iovec(int type, const struct iovec *vec, unsigned int vlen, unsigned int fast, struct iovec **iov, struct iov_iter *iter);
void kfree(const void *pointer);
int rw_verify_area(int way, struct file *file, const loff_t *pos, size_t count);
void file_start_write(struct file *file);
void file_end_write(struct file *file);
int inet_send_prepare(struct sock *sk);

int udp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, NONBLOCK_PARAMETER int flags, int *addr_len);
int udp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);
int udpv6_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, NONBLOCK_PARAMETER int flags, int *addr_len);
int udpv6_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);
int unix_stream_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags);
int unix_stream_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
ssize_t pipe_read(struct kiocb *iocb, struct iov_iter *iter);
ssize_t pipe_write(struct kiocb *iocb, struct iov_iter *iter);
ssize_t eventfd_read(struct kiocb *iocb, struct iov_iter *iter);
ssize_t eventfd_write(struct file *file, const char *buf, size_t count, loff_t *pos);
ssize_t shmem_file_read_iter(struct kiocb *iocb, struct iov_iter *iter);
ssize_t generic_file_write_iter(struct kiocb *iocb, struct iov_iter *iter);
extern const struct file_operations pipefifo_fops, eventfd_fops, shmem_file_operations;

/* The stubs under test: those of one family, FAMILY. */
#define STUB_NAME(family, call) STUB_NAME_(family, call)
#define STUB_NAME_(family, call) shortcut_##family##_##call
#define STUB(call) STUB_NAME(FAMILY, call)
ssize_t STUB(read)(int fd, void *buf, size_t count);
ssize_t STUB(write)(int fd, const void *buf, size_t count);
ssize_t STUB(readv)(int fd, const struct iovec *vec, unsigned long vlen);
ssize_t STUB(writev)(int fd, const struct iovec *vec, unsigned long vlen);
ssize_t STUB(pread64)(int fd, void *buf, size_t count, loff_t pos);
ssize_t STUB(pwrite64)(int fd, const void *buf, size_t count, loff_t pos);
ssize_t STUB(recvfrom)(int fd, void *buf, size_t count, unsigned int flags, struct sockaddr *addr, int *addr_len);
ssize_t STUB(sendto)(int fd, void *buf, size_t count, unsigned int flags, struct sockaddr *addr, int addr_len);
ssize_t STUB(recvmsg)(int fd, struct user_msghdr *umsg, unsigned int flags);
ssize_t STUB(sendmsg)(int fd, struct user_msghdr *umsg, unsigned int flags);
int STUB(accept)(int fd, struct sockaddr *addr, int *addr_len);
int STUB(accept4)(int fd, struct sockaddr *addr, int *addr_len, int flags);

#endif
