/* A module of tables.c's kernel: tables of its own and of the kernel's structures. */
typedef long ssize_t;
typedef long loff_t;
struct file;
struct inode;
struct sock;
struct msghdr;
struct kiocb;
struct iov_iter;
struct module { char name[56]; };

struct file_operations {
	struct module *owner;
	loff_t (*llseek)(struct file *file, loff_t offset, int whence);
	ssize_t (*read_iter)(struct kiocb *, struct iov_iter *);
	ssize_t (*write_iter)(struct kiocb *, struct iov_iter *);
	int (*release)(struct inode *, struct file *);
};

/* Only the module knows it. */
struct line_operations {
	int (*open)(struct file *, int);
	void (*hangup)(struct file *);
	int speed;
};

#define FUNCTION __attribute__((noinline, noclone, used))
extern volatile long sink;
extern struct sock first_socket;
extern loff_t noop_llseek(struct file *, loff_t, int);
extern ssize_t sock_read_iter(struct kiocb *, struct iov_iter *);

struct module __this_module __attribute__((section(".gnu.linkonce.this_module"))) = { "line" };

FUNCTION static ssize_t line_write_iter(struct kiocb *k, struct iov_iter *from) { sink = 1; return 1; }
FUNCTION static int line_close(struct inode *i, struct file *f) { sink = 2; return 0; }
FUNCTION static int line_open(struct file *f, int speed) { sink = 3; return speed; }
FUNCTION static void line_hangup(struct file *f) { sink = 4; }
/* A jump to a function of the kernel. */
FUNCTION static ssize_t line_read_iter(struct kiocb *k, struct iov_iter *to)
{
	sink = 5;
	return sock_read_iter(k, to);
}

static const struct file_operations line_fops __attribute__((used)) = {
	.owner = &__this_module, .llseek = noop_llseek, .read_iter = line_read_iter,
	.write_iter = line_write_iter, .release = line_close,
};
struct line_operations line_operations[2] = {
	{ .open = line_open, .hangup = line_hangup, .speed = 9600 },
	{ .open = line_open, .speed = 19200 },
};
static struct line_operations late_line __attribute__((used));
__attribute__((used, section(".init.text"))) static int line_init(void)
{
	late_line.open = line_open;
	late_line.hangup = line_hangup;
	return 0;
}
/* A variable of the kernel where a function might stand. */
struct sock *const sockets[2] = { &first_socket, &first_socket };

static const char info[] __attribute__((used, section(".modinfo"))) =
	"name=line\0vermagic=6.1.0-test SMP";
