typedef long ssize_t;
typedef long loff_t;
struct file;
struct inode;
struct sock;
struct msghdr;
struct module;
struct kiocb;
struct iov_iter;

struct file_operations {
	struct module *owner;
	loff_t (*llseek)(struct file *file, loff_t offset, int whence);
	ssize_t (*read_iter)(struct kiocb *, struct iov_iter *);
	ssize_t (*write_iter)(struct kiocb *, struct iov_iter *);
	int (*release)(struct inode *, struct file *);
};

struct proto {
	void (*close)(struct sock *sk, long timeout);
	int (*recvmsg)(struct sock *sk, struct msghdr *msg, unsigned long len, int flags);
	union {
		void *hashinfo;
		unsigned long number;
	} h;
	unsigned int obj_size : 24, is_small : 8;
	char name[12];
	int (*sendmsg)(struct sock *sk, struct msghdr *msg, unsigned long len);
};

/* As proto, but for the type of one parameter. */
struct other {
	void (*close)(struct sock *sk, int timeout);
	int (*recvmsg)(struct sock *sk, struct msghdr *msg, unsigned long len, int flags);
};

struct timer {
	struct timer *next;
	unsigned long expires;
	void (*function)(struct timer *);
	unsigned int flags, cpu, idle, slack, start, site, comm, key;
};

struct holder {
	struct file_operations fops;
	int number;
};

#define FUNCTION __attribute__((noinline, noclone, used))
volatile long sink;

FUNCTION loff_t noop_llseek(struct file *f, loff_t o, int w) { sink = 1; return o; }
FUNCTION ssize_t sock_read_iter(struct kiocb *k, struct iov_iter *to) { sink = 2; return 2; }
FUNCTION ssize_t sock_write_iter(struct kiocb *k, struct iov_iter *from) { sink = 3; return 3; }
FUNCTION static int sock_close(struct inode *i, struct file *f) { sink = 4; return 0; }
FUNCTION void tcp_close(struct sock *s, long t) { sink = 5; }
FUNCTION int tcp_recvmsg(struct sock *s, struct msghdr *m, unsigned long l, int f) { sink = 6; return 6; }
FUNCTION int udp_recvmsg(struct sock *s, struct msghdr *m, unsigned long l, int f) { sink = 7; return 7; }
FUNCTION int tcp_sendmsg(struct sock *s, struct msghdr *m, unsigned long l) { sink = 8; return 8; }
FUNCTION void tick(struct timer *t) { sink = 9; }
FUNCTION void other_close(struct sock *s, int t) { sink = 10; }
/* Another name of one address. */
extern ssize_t also_read_iter(struct kiocb *, struct iov_iter *) __attribute__((alias("sock_read_iter")));

const struct file_operations socket_file_ops = {
	.llseek = noop_llseek, .read_iter = sock_read_iter, .write_iter = sock_write_iter,
	.release = sock_close,
};
static const struct file_operations seek_fops __attribute__((used)) = { .llseek = noop_llseek };
struct proto tcp_prot = {
	.close = tcp_close, .recvmsg = tcp_recvmsg, .sendmsg = tcp_sendmsg, .obj_size = 100, .name = "TCP",
};
struct proto prots[2] = {
	{ .close = tcp_close, .recvmsg = udp_recvmsg, .name = "one" },
	{ .close = tcp_close, .sendmsg = tcp_sendmsg, .name = "two" },
};
struct other other_ops = { .close = other_close, .recvmsg = udp_recvmsg };
struct timer timer = { .function = tick };
struct holder held = { .fops = { .read_iter = sock_read_iter, .release = sock_close }, .number = 1 };
struct proto late_prot;
FUNCTION void fill(void) { late_prot.recvmsg = udp_recvmsg; late_prot.sendmsg = tcp_sendmsg; }

char first_socket[64] = { 1 };

struct file { void *private_data; const struct file_operations *f_op; };
FUNCTION ssize_t vfs_read(struct file *f, struct kiocb *k, struct iov_iter *to)
{
	ssize_t r = f->f_op->read_iter(k, to);
	sink = r;
	return r;
}

/* The compiler's own word on what BTF says. */
const unsigned long sizes[] __attribute__((used)) = {
	sizeof(struct file_operations), sizeof(struct proto),
	__builtin_offsetof(struct proto, sendmsg), __builtin_offsetof(struct proto, h),
};
void _start(void) { fill(); }
