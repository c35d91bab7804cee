/*
 * Just enough of a kernel to run generated stubs in user space. Every function
 * that a stub may call writes a word to the trace; mock_kernel.c has them.
 */
#ifndef MOCK_KERNEL_H
#define MOCK_KERNEL_H

#include <asm/errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define __user
#define likely(x) (x)
#define unlikely(x) (x)
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define static_assert _Static_assert
#define __same_type(a, b) __builtin_types_compatible_p(__typeof__(a), __typeof__(b))
#define typeof_member(T, m) __typeof__(((T *)0)->m)
#define min_t(type, a, b) ((type)(a) < (type)(b) ? (type)(a) : (type)(b))

#define O_NONBLOCK 04000
#define MSG_DONTWAIT 0x40
#define MSG_EOR 0x80
#define MSG_ERRQUEUE 0x2000
#define SOCK_STREAM 1
#define SOCK_SEQPACKET 5
#define MAY_WRITE 2
#define MAY_READ 4
#define ITER_DEST 0
#define ITER_SOURCE 1
#define MAX_RW_COUNT 0x7ffff000

struct iov_iter {
	int direction;
	void *ubuf;
	size_t count;
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

struct sock;
struct socket;

struct proto {
	int (*recvmsg)(struct sock *sk, struct msghdr *msg, size_t len, int flags, int *addr_len);
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

struct file_operations {
	int unused;
};

struct file {
	unsigned int f_flags;
	const struct file_operations *f_op;
	void *private_data;
	int references;
};

#ifdef MOCK_LINUX_6_12
struct fd {
	unsigned long word;
};
#define fd_file(f) ((struct file *)((f).word & ~3UL))
#define fd_empty(f) (!(f).word)
int fsnotify_file_area_perm(struct file *file, int mask, const loff_t *ppos, size_t count);
void trace_sock_recv_length(struct sock *sk, int ret, int flags);
void trace_sock_send_length(struct sock *sk, int ret, int flags);
#else
struct fd {
	struct file *file;
	unsigned int flags;
};
#endif

struct task_struct {
	int unused;
};

extern struct task_struct *current;

static inline size_t msg_data_left(const struct msghdr *msg)
{
	return msg->msg_iter.count;
}

struct fd fdget(unsigned int fd);
void fdput(struct fd f);
struct socket *sock_from_file(struct file *file);
ssize_t ksys_read(unsigned int fd, char *buf, size_t count);
ssize_t ksys_write(unsigned int fd, const char *buf, size_t count);
bool access_ok(const void *buf, size_t count);
int security_file_permission(struct file *file, int mask);
int security_socket_recvmsg(struct socket *sock, struct msghdr *msg, int size, int flags);
int security_socket_sendmsg(struct socket *sock, struct msghdr *msg, int size);
void iov_iter_ubuf(struct iov_iter *iter, unsigned int direction, void *buf, size_t count);
void sock_rps_record_flow(const struct sock *sk);
int tcp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags, int *addr_len);
int tcp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size);
void fsnotify_access(struct file *file);
void fsnotify_modify(struct file *file);
void add_rchar(struct task_struct *task, ssize_t amount);
void add_wchar(struct task_struct *task, ssize_t amount);
void inc_syscr(struct task_struct *task);
void inc_syscw(struct task_struct *task);

ssize_t shortcut_tcp_read(int fd, void *buf, size_t count);
ssize_t shortcut_tcp_write(int fd, const void *buf, size_t count);

#endif
