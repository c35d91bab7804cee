/* References, signals, sharing, files' positions, volume. */
#include "tester.h"

#include <linux/fs.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "harness/harness.h"
#include "threads.h"

/* Whether closing it reached the other end: no reference is left. Who sends datagrams is told only when it
 * sends, over UDP by what comes back to that.
 */
static void say_end(void)
{
	socklen_t length = sizeof(int);
	int type = 0;
	char c;

	close(shared.fd);
	nonblocking(shared.peer, true);
	getsockopt(shared.peer, SOL_SOCKET, SO_TYPE, &type, &length);
	if (type == SOCK_DGRAM)
		say(" told %ld", (long)write(shared.peer, "12345678", 8));
	else if (!ready(shared.peer, POLLIN | POLLRDHUP | POLLHUP, 5000)) {
		say(" no end");
		_exit(0);
	}
	say(" end %ld", (long)read(shared.peer, &c, 1));
	say(" %ld", (long)write(shared.peer, "12345678", 8));
}

/* The same where both ends are one file: epoll forgets it with its last reference. */
static void say_left(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT };
	int set = epoll_create1(0);

	must(!epoll_ctl(set, EPOLL_CTL_ADD, shared.fd, &event), "epoll");
	close(shared.fd);
	close(shared.peer);
	say(" left %d", epoll_wait(set, &event, 1, 0));
	close(set);
}

static void say_whether_closed(void)
{
	if (partner->are == ANYTHING)
		say_left();
	else
		say_end();
}

static void o_references(void)
{
	char text[16];
	long done = 0;

	meet(&shared);
	second_thread(idle);
	nonblocking(shared.fd, true);
	nonblocking(shared.peer, true);
	for (int i = 0; i < 1000; i++) {
		wr(shared.fd, "12345678", 8);
		done += read(shared.peer, text, 16) > 0;
		done += write(shared.peer, "87654321", 8) > 0;
		rd(shared.fd, text, 16);
	}
	say("%s", done ? "data" : "no data");
	nap(100); /* what is still on its way; TCP resets what is closed with data to read */
	while (read(shared.peer, big, 100000) > 0)
		;
	while (read(shared.fd, big, 100000) > 0)
		;
	say_whether_closed();
}
static void o_references_failing(void)
{
	const struct operation *o;

	second_thread(idle);
	for (unsigned i = 0; (o = operation(i)); i++) {
		if (operation_is_large(o))
			continue;
		meet(&shared);
		nonblocking(shared.fd, true);
		for (int n = 0; n < 20; n++)
			operate(o, shared.fd);
		nonblocking(shared.peer, true);
		while (read(shared.peer, big, 100000) > 0)
			;
		say_whether_closed();
		close(shared.peer);
	}
}
static void o_references_other_kinds(void)
{
	static const char *const names[] = { "unix_stream_empty", "unix_seqpacket", "mptcp", "tls_tx", "pipe_write", "tcp" };

	second_thread(idle);
	for (unsigned k = 0; k < LENGTH(names); k++) {
		kind_named(names[k])(&shared);
		nonblocking(shared.fd, true);
		for (int i = 0; i < 100; i++) {
			rd(shared.fd, big, 16);
			rd(shared.fd, NULL, 16);
			wr(shared.fd, NULL, 16);
		}
		say_end();
		close(shared.peer);
	}
}

static long count_of(int harness, const char *function)
{
	struct harness_probe probe = {};

	snprintf(probe.function, sizeof(probe.function), "%s", function);
	if (harness < 0 || ioctl(harness, HARNESS_COUNT, &probe))
		skip();
	return probe.count;
}
/* The stub runs without the hop, the system call through it. */
static void count_hops(const char *hop, long expected)
{
	int harness = open("/dev/ukl_harness", O_RDWR);
	char text[16];

	count_of(harness, hop);
	for (int i = 0; i < 1000; i++) {
		if (way_of_stub() == READS && send(shared.peer, "y", 1, 0) != 1)
			say("?");
		ioctl(harness, HARNESS_ARM, 1L);
		if (way_of_stub() == READS)
			rd(shared.fd, text, 16);
		else
			wr(shared.fd, "x", 1);
		ioctl(harness, HARNESS_ARM, 0L);
		if (way_of_stub() == WRITES)
			recv(shared.peer, text, 16, 0);
	}
	if (count_of(harness, hop) == expected)
		say("as it must be");
	else
		say("%ld in place of %ld", count_of(harness, hop), expected);
}
static void o_hops(void)
{
	bool vfs = strstr(under_test.name, "_read") || strstr(under_test.name, "_write");

	meet(&shared);
	count_hops(way_of_stub() == READS ? "sock_read_iter" : "sock_write_iter", side == STUB || !vfs ? 0 : 1000);
}
static void o_hops_ipv6(void)
{
	kind_named(strcmp(under_test.family, "udp") ? "tcp6_empty" : "udp6")(&shared);
	count_hops(way_of_stub() == READS ? "inet6_recvmsg" : "inet6_sendmsg", side == STUB ? 0 : 1000);
}

static void o_sigpipe_ignored(void)
{
	on(SIGPIPE, SIG_IGN, 0);
	meet(&shared);
	close(shared.peer);
	ready(shared.fd, POLLRDHUP | POLLHUP, 1000);
	wr(shared.fd, "x", 1);
	nap(20);
	say("%ld %ld", wr(shared.fd, "x", 1), wr(shared.fd, "x", 1));
}
static void o_sigpipe_default(void)
{
	on(SIGPIPE, SIG_DFL, 0);
	o_sigpipe_ignored();
}
static void o_sigpipe_kills(void)
{
	meet(&shared);
	on(SIGPIPE, SIG_DFL, 0);
	close(shared.peer);
	ready(shared.fd, POLLRDHUP | POLLHUP, 1000);
	wr(shared.fd, "12345678", 8);
	nap(20);
	say("%ld", wr(shared.fd, "12345678", 8));
}
static void o_pending_signal(void) /* data or room are there: no interruption */
{
	sigset_t set;
	char text[16];

	meet(&shared);
	on(SIGUSR1, on_user, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	if (way_of_stub() == READS)
		say("%ld ", (long)write(shared.peer, "12345678", 8));
	say("%ld", way_of_stub() == READS ? rd(shared.fd, text, 16) : wr(shared.fd, "12345678", 8));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	say(" signals %d", user_signals);
}
static void o_fionbio(void)
{
	int one = 1;

	meet(&shared);
	ioctl(shared.fd, FIONBIO, &one);
	say("%ld", rd(shared.fd, big, 16));
}
/* As drain_later(); TCP throws away without copying. */
static void *discard_later(void *unused)
{
	nap(120);
	while (recv(shared.peer, NULL, BIG, MSG_TRUNC) > 0)
		;
	return unused;
}
static void o_big_write(void) /* 2 GiB less a page is the most one call moves */
{
	long ret;

	meet(&shared);
	second_thread(strcmp(partner->name, "tcp") ? drain_later : discard_later);
	ret = wr(shared.fd, big, 0x80000000);
	say_result(ret);
}
static void o_shared_by_fork(void)
{
	char text[20] = "";

	meet(&shared);
	if (!fork()) {
		wr(shared.fd, "child678", 8);
		_exit(0);
	}
	wait(NULL);
	wr(shared.fd, "+parent8", 8);
	nap(20);
	nonblocking(shared.peer, true);
	say("%ld %s", (long)read(shared.peer, text, 16), text);
	say(" %ld", (long)read(shared.peer, text, 16));
}
static void *echo_loop(void *argument)
{
	long bad = 0, count = (long)argument;
	struct ends e = { -1, -1, false };
	char out[64], in[64];

	meet(&e);
	for (long i = 0; i < count; i++) {
		size_t length = 1 + i % 64;

		memset(out, i, length);
		if (way_of_stub() == WRITES) {
			bad += wr(e.fd, out, length) != (long)length;
			bad += read(e.peer, in, length) != (long)length || memcmp(in, out, length);
		} else {
			bad += write(e.peer, out, length) != (long)length;
			bad += rd(e.fd, in, sizeof(in)) != (long)length || memcmp(in, out, length);
		}
	}
	close(e.fd);
	return (void *)bad;
}
static void o_stress(void)
{
	pthread_t threads[2];
	void *bad[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, echo_loop, (void *)50000L);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], &bad[i]);
	say("wrong %ld %ld", (long)bad[0], (long)bad[1]);
}
static void *writer(void *unused)
{
	unsigned char text[1000];
	long sent = 0;

	while (sent < 5000000) {
		long n = 1 + sent * 7 % 1000;

		for (long i = 0; i < n; i++)
			text[i] = (sent + i) % 251;
		n = way_of_stub() == WRITES ? wr(shared.fd, text, n) : write(shared.peer, text, n);
		if (n <= 0)
			break;
		sent += n;
	}
	shutdown(way_of_stub() == WRITES ? shared.fd : shared.peer, SHUT_WR);
	close(way_of_stub() == WRITES ? shared.fd : shared.peer);
	return unused;
}
static void o_stream(void) /* 5 MB through the stub, and nothing is lost or out of order */
{
	unsigned char text[4096];
	long got = 0, bad = 0, n;

	meet(&shared);
	second_thread(writer);
	while ((n = way_of_stub() == READS ? rd(shared.fd, text, sizeof(text)) : read(shared.peer, text, sizeof(text))) > 0)
		for (long i = 0; i < n; i++)
			bad += text[i] != got++ % 251;
	say("got %ld, wrong %ld", got, bad);
}

/* ---- files ---- */

static void open_file_in(const char *folder, int flags)
{
	char path[40];

	snprintf(path, sizeof(path), "%s/shared", folder);
	if (flags & O_TRUNC)
		unlink(path);
	shared.fd = open(path, flags | O_CREAT, 0600);
	shared.peer = open(path, O_RDWR);
	if (shared.fd < 0)
		skip();
}
static void open_file(int flags)
{
	static const char *const folders[][2] = { { "tmpfs", "/dev/shm" }, { "ext4", "/ext4" }, { "file", "/ramfs" } };

	for (unsigned i = 0; i < LENGTH(folders); i++)
		if (!strcmp(folders[i][0], under_test.family))
			return open_file_in(folders[i][1], flags);
	skip();
}
static void o_longest(void) /* 2 GiB less a page is the most that one call moves, also of a hole */
{
	const struct rlimit any = { RLIM_INFINITY, RLIM_INFINITY };
	bool tmpfs = !strcmp(under_test.family, "tmpfs");

	must(!setrlimit(RLIMIT_FSIZE, &any), "limit");
	open_file_in(tmpfs ? "/dev/shm" : "/ext4", O_RDWR | O_TRUNC | (tmpfs ? 0 : O_DIRECT));
	must(!ftruncate(shared.fd, BIG), "size");
	fold_big();
	say("%ld", rd(shared.fd, big, BIG));
}
/* A file's lock is gone with the last reference. */
static void o_file_references(void)
{
	const struct operation *o;

	open_file(O_RDWR | O_TRUNC);
	must(!flock(shared.fd, LOCK_EX), "lock");
	second_thread(idle);
	for (unsigned i = 0; (o = operation(i)); i++) {
		if (operation_is_large(o))
			continue;
		for (int n = 0; n < 20; n++)
			operate(o, shared.fd);
	}
	close(shared.fd);
	say("lock %d", flock(shared.peer, LOCK_EX | LOCK_NB));
}
static long unreclaimable(void) /* KiB of the kernel's own memory, whoever has it */
{
	char text[8000] = "", *line;
	int fd = open("/proc/meminfo", O_RDONLY);

	must(read(fd, text, sizeof(text) - 1) > 0, "/proc/meminfo");
	close(fd);
	line = strstr(text, "SUnreclaim:");
	return line ? atol(line + 11) : 0;
}
static void o_memory(void) /* the copy of a vector is freed: 8 KiB a call */
{
	long before;

	if (partner)
		meet(&shared);
	else
		open_file(O_RDWR | O_TRUNC);
	nonblocking(shared.fd, true);
	before = unreclaimable();
	for (int i = 0; i < 6000; i++)
		call_with_pieces(shared.fd, 512);
	say(unreclaimable() - before > 24 << 10 ? "leaks" : "keeps nothing");
}
static void *move(void *unused)
{
	char c;

	for (int i = 0; i < 5000; i++)
		if ((way_of_stub() == READS ? rd(shared.fd, &c, 1) : wr(shared.fd, "x", 1)) != 1)
			say("short at %d", i);
	return unused;
}
static void move_by_two(void)
{
	pthread_t other;

	pthread_create(&other, NULL, move, NULL);
	move(NULL);
	pthread_join(other, NULL);
}
static void o_position_of_two(void) /* two threads: each byte is read or written once */
{
	struct stat about;

	open_file(O_RDWR | O_TRUNC);
	if (write(shared.peer, big, 20000) != 20000)
		say("?");
	move_by_two();
	fstat(shared.fd, &about);
	say("at %ld of %ld", (long)lseek(shared.fd, 0, SEEK_CUR), (long)about.st_size);
}
static void o_append_of_two(void)
{
	struct stat about;

	open_file(O_RDWR | O_TRUNC | O_APPEND);
	move_by_two();
	fstat(shared.fd, &about);
	say("%ld bytes", (long)about.st_size);
}
static void o_position_by_fork(void)
{
	char text[10] = "";

	open_file(O_RDWR | O_TRUNC);
	must(write(shared.peer, "0123456789", 10) == 10, "file");
	if (!fork()) {
		rd(shared.fd, text, 3);
		wr(shared.fd, "abc", 3);
		_exit(0);
	}
	wait(NULL);
	say("%ld ", rd(shared.fd, text, 3));
	say("%s at %ld", text, (long)lseek(shared.fd, 0, SEEK_CUR));
}
static void *thaw_later(void *unused)
{
	nap(150);
	ioctl(shared.peer, FITHAW, 0);
	return unused;
}
static void o_frozen(void) /* a write waits until the file system is thawed, and none keeps it from freezing */
{
	long start, ret;

	if (strcmp(under_test.family, "file"))
		open_file(O_RDWR | O_TRUNC);
	else
		open_file_in("/ext4", O_RDWR | O_TRUNC); /* a ramfs can't be frozen */
	wr(shared.fd, "12345678", 8);
	if (ioctl(shared.peer, FIFREEZE, 0))
		skip();
	second_thread(thaw_later);
	start = now();
	ret = wr(shared.fd, "12345678", 8);
	say("%ld, waited %d", ret, now() - start >= 100);
}
static void deny_access(int group)
{
	struct fanotify_event_metadata event;
	struct fanotify_response answer = { .response = FAN_DENY };

	while (read(group, &event, sizeof(event)) > 0) {
		answer.fd = event.fd;
		if (write(group, &answer, sizeof(answer)) < 0)
			break;
		close(event.fd);
	}
}
static void o_fanotify_denies(void)
{
	int group = fanotify_init(FAN_CLASS_CONTENT, O_RDONLY);
	char path[40], text[16];

	open_file(O_RDWR | O_TRUNC);
	must(write(shared.peer, "0123456789", 10) == 10, "file");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", shared.fd);
	anonymous_inode(LOCK_SH);
	if (group < 0 || fanotify_mark(group, FAN_MARK_ADD, FAN_ACCESS_PERM, AT_FDCWD, path))
		skip();
	dup2(open(path, O_RDWR), shared.fd); /* newer kernels ask when a file is opened whether anybody watches */
	if (!permitted && !fork()) {
		deny_access(group);
		_exit(0);
	}
	if (permitted)
		close(group);
	say("%ld at %ld", rd(shared.fd, text, 4), (long)lseek(shared.fd, 0, SEEK_CUR));
}

/* Bodies that need two ends have no way of their own where they run both ways. */
#define BOTH(name) { #name, READS, o_##name }, { #name, WRITES, o_##name }
const struct body others[] = {
	BOTH(references), BOTH(references_failing), BOTH(references_other_kinds), BOTH(hops), BOTH(hops_ipv6),
	{ "sigpipe_ignored", WRITES, o_sigpipe_ignored }, { "sigpipe_default", WRITES, o_sigpipe_default },
	{ "sigpipe_kills", WRITES, o_sigpipe_kills }, BOTH(pending_signal), { "fionbio", READS, o_fionbio },
	{ "big_write", WRITES, o_big_write }, { "shared_by_fork", WRITES, o_shared_by_fork }, BOTH(stream),
	BOTH(stress), BOTH(position_of_two), { "append_of_two", WRITES, o_append_of_two }, BOTH(position_by_fork),
	BOTH(file_references), { "longest", READS, o_longest }, BOTH(memory), { "frozen", WRITES, o_frozen }, { "fanotify_denies", READS, o_fanotify_denies },
};
const unsigned other_count = LENGTH(others);

static bool is_of_files(const struct body *body)
{
	return body->run == o_position_of_two || body->run == o_append_of_two || body->run == o_position_by_fork ||
	       body->run == o_frozen || body->run == o_fanotify_denies || body->run == o_file_references ||
	       body->run == o_longest;
}

bool other_fits(const struct body *body)
{
	bool files = !strcmp(under_test.family, "tmpfs") || !strcmp(under_test.family, "ext4") || !strcmp(under_test.family, "file");
	bool stream = !strcmp(under_test.family, "tcp") || !strcmp(under_test.family, "unix_stream");
	bool packets = !strcmp(under_test.family, "eventfd");
	bool at_position = strstr(under_test.name, "pread64") || strstr(under_test.name, "pwrite64");

	if (body->way != way_of_stub())
		return false;
	if (body->run == o_memory)
		return stub_takes_vectors();
	if (body->run == o_longest && stub_takes_vectors()) /* who reads the vector limits it */
		return false;
	if (at_position) /* no file's position, nor its end */
		return body->run == o_file_references || body->run == o_longest || body->run == o_references_other_kinds;
	if (files || is_of_files(body))
		return files && (is_of_files(body) || body->run == o_references_other_kinds);
	if (body->run == o_hops_ipv6)
		return !strcmp(under_test.family, "tcp") || !strcmp(under_test.family, "udp");
	if (body->run == o_hops)
		return strcmp(under_test.family, "pipe") && !packets;
	if (body->run == o_stream)
		return stream || !strcmp(under_test.family, "pipe");
	if (body->run == o_stress)
		return !packets;
	return body->run != o_big_write || stream;
}

bool body_is_denied(const struct body *body) { return body->run == o_fanotify_denies; }
