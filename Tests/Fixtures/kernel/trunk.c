/* The way of read(2) to TCP, in functions of a few instructions that have the kernel's names and
 * call each other as the kernel's do. -DUNCLASSIFIED adds a call that is in no list; -DMOVED puts
 * it where no recording shows a frame. With the types that stubs are fitted to.
 */
struct sock; struct msghdr; struct kiocb; struct iov_iter; struct socket; struct file;
struct file_operations {
	void *owner;
	long (*llseek)(struct file *, long, int);
	long (*read)(struct file *, char *, long, long *);
	long (*write)(struct file *, const char *, long, long *);
	long (*read_iter)(struct kiocb *, struct iov_iter *);
};
struct proto_ops {
	int family;
	int (*sendmsg)(struct socket *, struct msghdr *, long);
	int (*recvmsg)(struct socket *, struct msghdr *, long, int);
	void (*splice_eof)(struct socket *);
};
struct proto {
	void (*close)(struct sock *, long);
	int (*sendmsg)(struct sock *, struct msghdr *, long);
	int (*recvmsg)(struct sock *, struct msghdr *, long, int, int *);
};
struct file { const struct file_operations *f_op; struct socket *socket; };
struct socket { const struct proto_ops *ops; struct sock *sk; };
struct sock { const struct proto *prot; };
struct fd { struct file *file; unsigned int flags; };
enum iter_type { ITER_IOVEC, ITER_UBUF };

#define FUNCTION __attribute__((noinline, noclone, used, noipa))
volatile long sink;

FUNCTION int tcp_recvmsg(struct sock *s, struct msghdr *m, long n, int f, int *l) { sink = n; return 1; }
FUNCTION int udp_recvmsg(struct sock *s, struct msghdr *m, long n, int f, int *l) { sink = n; return 2; }
FUNCTION struct file *__fdget_pos(unsigned int fd) { sink = fd; return (struct file *)sink; }
FUNCTION void fput(struct file *f) { sink = 3; }
FUNCTION int security_file_permission(struct file *f, int m) { sink = 4; return sink; }
FUNCTION int security_socket_recvmsg(struct socket *s, struct msghdr *m, long n) { sink = 5; return sink; }
FUNCTION void fsnotify(struct file *f) { sink = 6; }
FUNCTION void acme_audit_read(struct file *f) { sink = 7; }

FUNCTION int inet_recvmsg(struct socket *s, struct msghdr *m, long n, int f)
{
	int l;
	int (*receive)(struct sock *, struct msghdr *, long, int, int *) = s->sk->prot->recvmsg;
	int r = receive == tcp_recvmsg ? tcp_recvmsg(s->sk, m, n, f, &l) : receive(s->sk, m, n, f, &l);
	sink = r;
	return r;
}
FUNCTION int sock_recvmsg(struct socket *s, struct msghdr *m, int f)
{
	int r = security_socket_recvmsg(s, m, f);
	if (!r)
		r = s->ops->recvmsg(s, m, 1, f);
#ifdef MOVED
	acme_audit_read((struct file *)s);
#endif
	sink = r;
	return r;
}
FUNCTION long sock_read_iter(struct kiocb *k, struct iov_iter *i)
{
	int r = sock_recvmsg((struct socket *)k, (struct msghdr *)i, 0);
	sink = r;
	return r;
}
FUNCTION long read_null(struct file *f, char *b, long n, long *p) { sink = 10; return 0; }
FUNCTION long read_iter_null(struct kiocb *k, struct iov_iter *i) { sink = 11; return 0; }
const struct file_operations socket_file_ops = { .read_iter = sock_read_iter };
const struct file_operations null_fops = { .read = read_null, .read_iter = read_iter_null };
const struct proto_ops inet_stream_ops = { .recvmsg = inet_recvmsg };
const struct proto tcp_prot = { .recvmsg = tcp_recvmsg };
const struct proto udp_prot = { .recvmsg = udp_recvmsg };

FUNCTION int rw_verify_area(struct file *f) { sink = 8; return security_file_permission(f, 4); }
FUNCTION long vfs_read(struct file *f, char *b, long n)
{
	long r = rw_verify_area(f);
	if (!r)
		r = f->f_op->read ? f->f_op->read(f, b, n, 0)
				  : f->f_op->read_iter((struct kiocb *)f, (struct iov_iter *)b);
	if (r > 0)
		fsnotify(f);
#ifdef UNCLASSIFIED
	acme_audit_read(f);
#endif
	sink = r;
	return r;
}
FUNCTION long ksys_read(unsigned int fd, char *b, long n)
{
	struct fd f = { __fdget_pos(fd), 0 };
	long r = vfs_read(f.file, b, n);
	fput(f.file);
	sink = ITER_UBUF;
	return r;
}
FUNCTION long __x64_sys_read(unsigned int fd, char *b, long n) { sink = 9; return ksys_read(fd, b, n); }
void _start(void) { }
