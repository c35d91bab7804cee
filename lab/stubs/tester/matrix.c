/* One nonblocking call on a descriptor, and everything it may have changed. */
#include "tester.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>

#include "harness/harness.h"

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

void say_result(long ret)
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
	static char received[100001];
	long total = 0, got = -1;

	if (e->peer < 0 || e->peer == e->fd)
		return;
	nonblocking(e->peer, true);
	while (total < (long)sizeof(received)) {
		if (expected > total)
			ready(e->peer, POLLIN, 2000);
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

/* A function of the kernel that answers -EACCES to this process alone, while it is armed. */
static int harness = -1;

static void deny(const char *function)
{
	struct harness_probe probe = {};

	if (permitted)
		return;
	harness = fcntl(open("/dev/ukl_harness", O_RDWR), F_DUPFD, 502);
	snprintf(probe.function, sizeof(probe.function), "%s", function);
	if (harness < 0 || ioctl(harness, HARNESS_DENY, &probe))
		skip();
}

static void arm(bool on)
{
	if (harness >= 0)
		ioctl(harness, HARNESS_ARM, (long)on);
}

/* What inotify saw on the descriptor. */
static void say_events(int watch, bool anonymous)
{
	char events[1000];
	long n;

	if (!anonymous)
		anonymous_inode(LOCK_SH);
	n = read(watch, events, sizeof(events));
	if (!anonymous)
		anonymous_inode(LOCK_UN);
	say("; events");
	for (long i = 0; i + (long)sizeof(struct inotify_event) <= n;) {
		struct inotify_event *event = (void *)(events + i);

		say(" %x", event->mask);
		i += sizeof(*event) + event->len;
	}
}

/* Whether it has one; which is a matter of chance. */
static void say_port(int fd)
{
	struct sockaddr_storage own = {};
	socklen_t length = sizeof(own);
	const struct sockaddr_in *address = (void *)&own; /* at the same place in both families' */

	if (!getsockname(fd, (void *)&own, &length) && (own.ss_family == AF_INET || own.ss_family == AF_INET6))
		say("; port %d", address->sin_port != 0);
}

static void say_state(const struct ends *e)
{
	struct pollfd p = { .fd = e->fd, .events = POLLIN | POLLPRI | POLLRDHUP };
	socklen_t length = sizeof(int);
	int error = 0, left = 0;

	poll(&p, 1, 0);
	if (ioctl(e->fd, FIONREAD, &left))
		left = -errno;
	say("; poll %x; left %d", p.revents, left);
	if (!getsockopt(e->fd, SOL_SOCKET, SO_ERROR, &error, &length))
		say("; error %d", error);
	say_port(e->fd);
}

/* What an ordinary read and write do afterwards; whether there is room is a matter of time where the call
 * took all of it.
 */
static void say_later(struct ends *e, bool large, bool filled)
{
	char rest[16];
	long ret = read(e->fd, rest, sizeof(rest));

	say("; then read %ld %d %x", ret, ret < 0 ? errno : 0, e->quiet || ret < 0 ? 0 : hash(rest, ret));
	if (filled)
		return;
	ret = write(e->fd, "12345678", 8);
	say(", write %ld %d, signals %d", ret, ret < 0 ? errno : 0, pipe_signals);
	if (!e->quiet && !large)
		say_peer(e, ret);
}

/* How much the task's counters grew; data that only sometimes fit are left out. */
static void say_account(const long *before, const long *after, long own, long ret)
{
	say("; io");
	for (int i = 0; i < 4; i++) {
		long grown = after[i] - before[i] - (i == 0 ? own : i == 2);

		say(" %ld", ret > 100000 && grown >= ret ? grown - ret : grown);
	}
}

void matrix(const struct kind *kind, const struct operation *operation)
{
	struct ends e = { -1, -1, false };
	long before[4], after[4], ret, own;
	char name[40];

	kind->make(&e);
	if (e.fd >= 0)
		nonblocking(e.fd, true);
	if (operation_is_large(operation) && way_of_stub() == READS && fcntl(e.fd, F_GETFL) & O_DIRECT)
		fold_big(); /* ext4 fills all of it with zeros */
	int watch = inotify_init1(IN_NONBLOCK);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", e.fd);
	bool watched = inotify_add_watch(watch, name, IN_ACCESS | IN_MODIFY) >= 0;

	own = account(before);
	arm(true);
	ret = operate(operation, e.fd);
	arm(false);
	if (way_of_stub() == WRITES) /* what was sent is what was there then */
		memset(big, 0x5a, 1000);
	account(after);
	say("ret");
	say_result(ret);
	say_account(before, after, own, ret);
	if (watched)
		say_events(watch, kind->anonymous);
	close(watch);
	say_operation(operation, ret, e.quiet);
	say("; signals %d %d", pipe_signals, size_signals);
	say("; position %ld; flags %x", (long)lseek(e.fd, 0, SEEK_CUR), fcntl(e.fd, F_GETFL));
	say_peer(&e, way_of_stub() == WRITES ? ret : 0);
	say_state(&e);
	say_later(&e, operation_is_large(operation), way_of_stub() == WRITES && ret > 100000);
}

/* The same where a security module says no. */
const char *const hooks[] = { "security_file_permission", "security_socket_recvmsg", "security_socket_sendmsg", "security_socket_accept" };
const unsigned hook_count = LENGTH(hooks);

void denied(const struct kind *kind, const struct operation *operation, const char *hook)
{
	deny(hook);
	matrix(kind, operation);
}
