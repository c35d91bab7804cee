/* The system calls that stubs stand in for: their arguments, and what they leave in memory. */
#include "tester.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <x86intrin.h>

#include "ukl_shortcut_ioctl.h"

struct stub under_test;
uint64_t call_cycles;

enum { READ, WRITE, READV, WRITEV, PREAD, PWRITE, RECVFROM, SENDTO, RECVMSG, SENDMSG, ACCEPT, ACCEPT4 };
static const struct {
	const char *name;
	long number;
	enum way way;
	bool flags; /* whether it takes any */
} calls[] = {
	[READ] = { "read", SYS_read, READS }, [WRITE] = { "write", SYS_write, WRITES },
	[READV] = { "readv", SYS_readv, READS }, [WRITEV] = { "writev", SYS_writev, WRITES },
	[PREAD] = { "pread64", SYS_pread64, READS }, [PWRITE] = { "pwrite64", SYS_pwrite64, WRITES },
	[RECVFROM] = { "recvfrom", SYS_recvfrom, READS, true }, [SENDTO] = { "sendto", SYS_sendto, WRITES, true },
	[RECVMSG] = { "recvmsg", SYS_recvmsg, READS, true }, [SENDMSG] = { "sendmsg", SYS_sendmsg, WRITES, true },
	[ACCEPT] = { "accept", SYS_accept, ACCEPTS }, [ACCEPT4] = { "accept4", SYS_accept4, ACCEPTS },
};

enum way way_of_stub(void) { return calls[under_test.call].way; }

bool find_stub(const char *name)
{
	struct ukl_shortcut_name wanted = {};
	const char *call = strrchr(name, '_'), *family = strchr(name, '_');

	if (!call || !family || call <= family || call - family > (long)sizeof(under_test.family))
		return false;
	under_test = (struct stub){ .name = name };
	memcpy(under_test.family, family + 1, call - family - 1);
	for (unsigned i = 0; i < LENGTH(calls); i++)
		if (!strcmp(calls[i].name, call + 1)) {
			under_test.call = i;
			snprintf(wanted.name, sizeof(wanted.name), "%s", name);
			if (device >= 0 && ioctl(device, UKL_SHORTCUT_FIND, &wanted))
				return false;
			under_test.index = wanted.index;
			return true;
		}
	return false;
}

/* The call under test: a result or a negative errno. */
static long invoke(const long a[6])
{
	struct ukl_shortcut_call c = { .index = under_test.index, .flags = side == GENERIC ? UKL_SHORTCUT_ORDINARY : 0 };
	long ret;

	if (side == SYSCALL) {
		uint64_t start = __rdtsc();

		ret = syscall(calls[under_test.call].number, a[0], a[1], a[2], a[3], a[4], a[5]);
		call_cycles = __rdtsc() - start;
		return ret < 0 ? -errno : ret;
	}
	for (int i = 0; i < 6; i++)
		c.arguments[i] = a[i];
	ret = ioctl(device, UKL_SHORTCUT_CALL, &c) < 0 ? -errno : c.result;
	call_cycles = c.cycles;
	return ret;
}

bool stub_takes_flags(void) { return calls[under_test.call].flags; }
bool stub_takes_vectors(void)
{
	return under_test.call == READV || under_test.call == WRITEV || under_test.call == RECVMSG || under_test.call == SENDMSG;
}

/* A vector, in a header where the call takes one. */
static long with_vector(int fd, struct iovec *vector, size_t count, int flags)
{
	struct msghdr message = { .msg_iov = vector, .msg_iovlen = count };

	if (stub_takes_flags())
		return invoke((long[6]){ fd, (long)&message, flags });
	return invoke((long[6]){ fd, (long)vector, count });
}

/* One buffer in whichever way the call takes it; flags where it takes them. */
static long simple(int fd, void *buf, size_t count, int flags)
{
	struct iovec vector = { buf, count };

	if (stub_takes_vectors())
		return with_vector(fd, &vector, 1, flags);
	/* zeros stand for no address and position 0 */
	return invoke((long[6]){ fd, (long)buf, count, flags });
}

long rd(int fd, void *buf, size_t count)
{
	long ret;

	if (way_of_stub() == READS)
		return simple(fd, buf, count, 0);
	ret = read(fd, buf, count);
	return ret < 0 ? -errno : ret;
}

void call_with_pieces(int fd, unsigned count)
{
	static struct iovec vector[1024];

	with_vector(fd, vector, count, 0);
}

long rd_with(int fd, void *buf, size_t count, int flags) { return simple(fd, buf, count, flags); }

long wr(int fd, const void *buf, size_t count)
{
	long ret;

	if (way_of_stub() == WRITES)
		return simple(fd, (void *)buf, count, 0);
	ret = write(fd, buf, count);
	return ret < 0 ? -errno : ret;
}

/* ---- arguments worth trying ---- */

enum place { GOOD, NOTHING, KERNEL, TOP, HALF };
enum shape { ONE, THREE, NONE, EMPTY_PIECES, MINUS, MANY, TOO_MANY, NO_ARRAY, FIRST_BAD, SECOND_BAD, INTO_HALF, HUGE, NEGATIVE, KERNEL_PIECE };
enum address { NO_ADDRESS, ROOM, SHORT, NO_LENGTH, BAD_ADDRESS, NEGATIVE_LENGTH, SOMEBODY, LONG, WRONG_FAMILY };
enum control { NO_CONTROL, SPACE, TIGHT, BAD_CONTROL, RIGHTS, NONSENSE };

struct operation {
	const char *name;
	bool basic; /* also on descriptors of other families */
	enum place where;
	size_t count;
	long position;
	unsigned flags;
	enum shape shape;
	enum address address;
	enum control control;
	bool bad_header; /* a msghdr that can't be read */
};

static const struct operation plain[] = {
	{ "16", true, GOOD, 16 }, { "0", false, GOOD, 0 }, { "8", false, GOOD, 8 }, { "100000", false, GOOD, 100000 },
	{ "7ffff000", false, GOOD, MAX_RW }, { "2G", false, GOOD, 0x80000000 }, { "4G_5", false, GOOD, 0x100000005 },
	{ "minus_1", true, GOOD, (size_t)-1 }, { "minus_5000", false, NOTHING, (size_t)-5000 },
	{ "min", false, GOOD, (size_t)1 << 63 }, { "null", true, NOTHING, 16 }, { "null_0", false, NOTHING, 0 },
	{ "kernel", false, KERNEL, 16 }, { "kernel_0", false, KERNEL, 0 }, { "top", false, TOP, 16 }, { "half", false, HALF, 16 },
};
static const struct operation positioned[] = {
	{ "16_at_0", true, GOOD, 16, 0 }, { "16_at_3", false, GOOD, 16, 3 }, { "0_at_3", false, GOOD, 0, 3 },
	{ "16_at_end", false, GOOD, 16, sizeof(hello) }, { "16_beyond", false, GOOD, 16, 5000 },
	{ "16_at_minus_1", true, GOOD, 16, -1 }, { "0_at_minus_1", false, GOOD, 0, -1 },
	{ "16_at_limit", false, GOOD, 16, 65530 }, { "16_above_limit", false, GOOD, 16, 70000 },
	{ "16_at_last", false, GOOD, 16, INT64_MAX - 7 }, { "2G_at_0", false, GOOD, 0x80000000, 0 },
	{ "minus_1_at_0", false, GOOD, (size_t)-1, 0 }, { "null_at_0", false, NOTHING, 16, 0 },
	{ "kernel_at_0", false, KERNEL, 16, 0 }, { "half_at_0", false, HALF, 16, 0 }, { "512_at_0", false, GOOD, 512, 0 },
};
#define VECTORS                                                                                          \
	{ "one", false, .shape = ONE }, { "three", true, .shape = THREE }, { "none", false, .shape = NONE },       \
	{ "empty_pieces", false, .shape = EMPTY_PIECES }, { "minus_1", false, .shape = MINUS },           \
	{ "1024", false, .shape = MANY }, { "1025", false, .shape = TOO_MANY },                           \
	{ "no_array", false, .shape = NO_ARRAY }, { "first_bad", false, .shape = FIRST_BAD },             \
	{ "second_bad", true, .shape = SECOND_BAD },                                                      \
	{ "into_half", false, .shape = INTO_HALF }, { "huge", false, .shape = HUGE },                    \
	{ "negative", false, .shape = NEGATIVE }, { "kernel", false, .shape = KERNEL_PIECE }
static const struct operation vectored[] = { VECTORS };
static const struct operation received[] = {
	{ "16", true, GOOD, 16 }, { "0", false, GOOD, 0 }, { "100000", false, GOOD, 100000 }, { "2G", false, GOOD, 0x80000000 },
	{ "minus_1", false, GOOD, (size_t)-1 }, { "null", true, NOTHING, 16 }, { "kernel", false, KERNEL, 16 },
	{ "half", false, HALF, 16 }, { "peek", false, GOOD, 16, .flags = MSG_PEEK },
	{ "waitall", false, GOOD, 16, .flags = MSG_WAITALL }, { "dontwait", false, GOOD, 16, .flags = MSG_DONTWAIT },
	{ "oob", false, GOOD, 16, .flags = MSG_OOB }, { "trunc", false, GOOD, 16, .flags = MSG_TRUNC },
	{ "peek_all", false, GOOD, 100, .flags = MSG_PEEK }, { "peek_waitall", false, GOOD, 100, .flags = MSG_PEEK | MSG_WAITALL },
	{ "peek_oob", false, GOOD, 1, .flags = MSG_PEEK | MSG_OOB }, { "peek_trunc", false, GOOD, 16, .flags = MSG_PEEK | MSG_TRUNC },
	{ "waitall_all", false, GOOD, 67, .flags = MSG_WAITALL }, { "oob_0", false, GOOD, 0, .flags = MSG_OOB },
	{ "peek_bad", false, NOTHING, 16, .flags = MSG_PEEK }, { "errqueue", false, GOOD, 16, .flags = MSG_ERRQUEUE }, { "compat", false, GOOD, 16, .flags = 0x80000000 },
	{ "internal", false, GOOD, 16, .flags = 0x08000000 }, { "internal_6_12", false, GOOD, 16, .flags = 0x100000 },
	{ "address", true, GOOD, 16, .address = ROOM }, { "short_address", false, GOOD, 16, .address = SHORT },
	{ "no_length", false, GOOD, 16, .address = NO_LENGTH }, { "bad_address", false, GOOD, 16, .address = BAD_ADDRESS },
	{ "negative_length", false, GOOD, 16, .address = NEGATIVE_LENGTH },
};
static const struct operation sent[] = {
	{ "16", true, GOOD, 16 }, { "0", false, GOOD, 0 }, { "60000", false, GOOD, 60000 }, { "100000", false, GOOD, 100000 },
	{ "2G", false, GOOD, 0x80000000 }, { "minus_1", false, GOOD, (size_t)-1 }, { "null", true, NOTHING, 16 },
	{ "kernel", false, KERNEL, 16 }, { "half", false, HALF, 16 }, { "nosignal", false, GOOD, 16, .flags = MSG_NOSIGNAL },
	{ "dontwait", false, GOOD, 16, .flags = MSG_DONTWAIT }, { "more", false, GOOD, 16, .flags = MSG_MORE },
	{ "oob", false, GOOD, 1, .flags = MSG_OOB }, { "eor", false, GOOD, 16, .flags = MSG_EOR },
	{ "compat", false, GOOD, 16, .flags = 0x80000000 }, { "internal", false, GOOD, 16, .flags = 0x08000000 },
	{ "internal_6_12", false, GOOD, 16, .flags = 0x100000 }, { "nopolicy", false, GOOD, 16, .flags = 0x10000 },
	{ "address", true, GOOD, 16, .address = SOMEBODY }, { "long_address", false, GOOD, 16, .address = LONG },
	{ "bad_address", false, GOOD, 16, .address = BAD_ADDRESS },
	{ "negative_length", false, GOOD, 16, .address = NEGATIVE_LENGTH },
	{ "wrong_family", false, GOOD, 16, .address = WRONG_FAMILY },
};
static const struct operation received_messages[] = {
	VECTORS, { "no_header", false, .bad_header = true },
	{ "peek", false, .flags = MSG_PEEK }, { "oob", false, .flags = MSG_OOB }, { "trunc", false, .flags = MSG_TRUNC },
	{ "waitall", false, .flags = MSG_WAITALL }, { "peek_waitall", false, .flags = MSG_PEEK | MSG_WAITALL },
	{ "peek_oob", false, .flags = MSG_PEEK | MSG_OOB }, { "peek_trunc", false, .flags = MSG_PEEK | MSG_TRUNC },
	{ "compat", false, .flags = 0x80000000 }, { "cloexec", false, .flags = MSG_CMSG_CLOEXEC, .control = SPACE },
	{ "address", false, .address = ROOM }, { "short_address", false, .address = SHORT },
	{ "bad_address", false, .address = BAD_ADDRESS }, { "negative_length", false, .address = NEGATIVE_LENGTH },
	{ "control", true, .control = SPACE }, { "tight_control", false, .control = TIGHT },
	{ "bad_control", false, .control = BAD_CONTROL },
};
static const struct operation sent_messages[] = {
	VECTORS, { "no_header", false, .bad_header = true },
	{ "nosignal", false, .flags = MSG_NOSIGNAL }, { "oob", false, .flags = MSG_OOB },
	{ "compat", false, .flags = 0x80000000 }, { "internal", false, .flags = 0x100000 },
	{ "address", false, .address = SOMEBODY }, { "long_address", false, .address = LONG },
	{ "bad_address", false, .address = BAD_ADDRESS }, { "negative_length", false, .address = NEGATIVE_LENGTH },
	{ "rights", true, .control = RIGHTS }, { "nonsense", false, .control = NONSENSE },
	{ "bad_control", false, .control = BAD_CONTROL },
};
static const struct operation accepted[] = {
	{ "plain", true }, { "address", false, .address = ROOM }, { "short_address", false, .address = SHORT },
	{ "no_length", false, .address = NO_LENGTH }, { "bad_address", false, .address = BAD_ADDRESS },
	{ "negative_length", false, .address = NEGATIVE_LENGTH }, { "nonblock", false, .flags = SOCK_NONBLOCK },
	{ "cloexec", false, .flags = SOCK_CLOEXEC }, { "bad_flags", true, .flags = 1 },
};

#define ALL(list) { list, LENGTH(list) }
static const struct {
	const struct operation *list;
	unsigned count;
} operations[] = {
	[READ] = ALL(plain), [WRITE] = ALL(plain), [READV] = ALL(vectored), [WRITEV] = ALL(vectored),
	[PREAD] = ALL(positioned), [PWRITE] = ALL(positioned), [RECVFROM] = ALL(received), [SENDTO] = ALL(sent),
	[RECVMSG] = ALL(received_messages), [SENDMSG] = ALL(sent_messages), [ACCEPT] = ALL(accepted),
	[ACCEPT4] = ALL(accepted),
};

const struct operation *operation(unsigned number)
{
	return number < operations[under_test.call].count ? &operations[under_test.call].list[number] : NULL;
}
const char *operation_name(const struct operation *o) { return o->name; }
bool operation_is_basic(const struct operation *o) { return o->basic; }
const struct operation *first_basic_operation(void)
{
	const struct operation *o = operations[under_test.call].list;

	while (!o->basic)
		o++;
	return o;
}
bool operation_is_wrong(const struct operation *o)
{
	switch (o->shape) {
	case NONE: case MINUS: case TOO_MANY: case NO_ARRAY: case FIRST_BAD: case SECOND_BAD: case INTO_HALF: case NEGATIVE: case KERNEL_PIECE:
		return true;
	default:
		return o->where != GOOD || o->count > MAX_RW || o->bad_header || o->address == BAD_ADDRESS ||
		       o->address == NEGATIVE_LENGTH || o->control == BAD_CONTROL || o->control == NONSENSE;
	}
}
bool operation_is_large(const struct operation *o) { return o->count > 60000 || o->shape == HUGE; }

/* ---- the call with such arguments ---- */

static struct iovec vector[1025];
static char address[256], control[256];
static socklen_t address_length;
static struct msghdr message;

static char *place(enum place where)
{
	switch (where) {
	case NOTHING: return NULL;
	case KERNEL: return (char *)0xffffffff81000000;
	case TOP: return (char *)0x7ffffffff000 - 8;
	case HALF: return half;
	default: return big;
	}
}

/* Returns the number of pieces. */
static long pieces(enum shape shape)
{
	vector[0] = (struct iovec){ big, shape == ONE ? 16 : 5 };
	vector[1] = (struct iovec){ big + 200, 0 };
	vector[2] = (struct iovec){ big + 400, 11 };
	switch (shape) {
	case ONE: return 1;
	case NONE: return 0;
	case MINUS: return -1;
	case MANY:
	case TOO_MANY:
		for (int i = 0; i < 1025; i++)
			vector[i] = (struct iovec){ big + i, 1 };
		return shape == MANY ? 1024 : 1025;
	case EMPTY_PIECES: vector[0].iov_len = vector[2].iov_len = 0; break;
	case FIRST_BAD: vector[0] = (struct iovec){ NULL, 7 }; break;
	case SECOND_BAD: vector[1] = (struct iovec){ NULL, 7 }; break;
	case INTO_HALF: vector[1] = (struct iovec){ half, 16 }; break;
	case HUGE: vector[0].iov_len = vector[2].iov_len = 0x60000000; break;
	case NEGATIVE: vector[1].iov_len = (size_t)-1; break;
	case KERNEL_PIECE: vector[1] = (struct iovec){ (void *)0xffffffff81000000, 7 }; break;
	default: break;
	}
	return 3;
}

static void *fill_address(enum address how, int fd, bool in)
{
	struct sockaddr_un nobody = { .sun_family = AF_UNIX, .sun_path = "/tmp/nobody" };
	socklen_t length = sizeof(address);

	memset(address, in ? 0 : 0x5a, sizeof(address));
	address_length = how == SHORT ? 4 : how == NEGATIVE_LENGTH ? (socklen_t)-1 : how == LONG ? 200 : 128;
	if (how == SOMEBODY) {
		if (getpeername(fd, (void *)address, &length) || length <= sizeof(sa_family_t)) {
			memcpy(address, &nobody, sizeof(nobody));
			length = sizeof(nobody);
		}
		address_length = length;
	}
	if (how == WRONG_FAMILY)
		address[0] = 77;
	return how == NO_ADDRESS ? NULL : how == BAD_ADDRESS ? (void *)8 : address;
}

static void fill_control(enum control how)
{
	struct cmsghdr *head = (void *)control;

	memset(control, 0, sizeof(control));
	message.msg_control = how == NO_CONTROL ? NULL : how == BAD_CONTROL ? (void *)8 : control;
	message.msg_controllen = how == NO_CONTROL ? 0 : how == TIGHT ? 8 : how == SPACE ? sizeof(control) : CMSG_SPACE(sizeof(int));
	head->cmsg_len = how == NONSENSE ? 5 : CMSG_LEN(sizeof(int));
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
}

static long operate_message(const struct operation *o, int fd)
{
	message = (struct msghdr){ .msg_iov = o->shape == NO_ARRAY ? (void *)8 : vector, .msg_iovlen = pieces(o->shape) };
	message.msg_name = fill_address(o->address, fd, under_test.call == SENDMSG);
	message.msg_namelen = o->address == NO_ADDRESS ? 0 : address_length;
	fill_control(o->control);
	return invoke((long[6]){ fd, o->bad_header ? 8 : (long)&message, o->flags });
}

long operate(const struct operation *o, int fd)
{
	char *buf = place(o->where);
	void *at;

	switch (under_test.call) {
	case READV:
	case WRITEV:
		return invoke((long[6]){ fd, o->shape == NO_ARRAY ? 8 : (long)vector, pieces(o->shape) });
	case RECVMSG:
	case SENDMSG:
		return operate_message(o, fd);
	case RECVFROM:
		at = fill_address(o->address, fd, false);
		return invoke((long[6]){ fd, (long)buf, o->count, o->flags, (long)at, o->address == NO_LENGTH ? 8 : (long)&address_length });
	case SENDTO:
		at = fill_address(o->address, fd, true);
		return invoke((long[6]){ fd, (long)buf, o->count, o->flags, (long)at, at ? address_length : 0 });
	case ACCEPT:
	case ACCEPT4:
		at = fill_address(o->address, fd, false);
		return invoke((long[6]){ fd, (long)at, o->address == NO_LENGTH ? 8 : (long)&address_length, o->flags });
	default:
		return invoke((long[6]){ fd, (long)buf, o->count, o->position });
	}
}

/* Addresses without what differs from run to run: ports. */
static void say_address(void)
{
	if (address[0] == AF_INET || address[0] == AF_INET6)
		address[2] = address[3] = 0;
	say("; address %d %x", (int)address_length, hash(address, 128));
}

static void say_message(void)
{
	struct cmsghdr *head = message.msg_controllen >= sizeof(*head) && message.msg_control == control ? (void *)control : NULL;

	say("; message %d %x %ld", (int)message.msg_namelen, message.msg_flags, (long)message.msg_controllen);
	if (head)
		say(" control %ld %d %d", (long)head->cmsg_len, head->cmsg_level, head->cmsg_type);
}

void say_operation(const struct operation *o, long ret, bool quiet)
{
	if (way_of_stub() == READS) {
		if (ret > 0 && ret <= 100000 && o->where == GOOD)
			say("; data %x", quiet ? 0 : hash(big, ret));
		say("; beyond %x; half %x", quiet ? 0 : hash(big, 2000), quiet ? 0 : hash(half, 8));
	}
	if (under_test.call == RECVFROM || way_of_stub() == ACCEPTS)
		say_address();
	if (under_test.call == RECVMSG && !o->bad_header) {
		say_address();
		say_message();
	}
	if (way_of_stub() == ACCEPTS && ret >= 0)
		say("; accepted %x %x", fcntl(ret, F_GETFL), fcntl(ret, F_GETFD));
}
