/* Calls that wait: for data, for room, for a signal, for the other end. */
#include "tester.h"

#include <poll.h>
#include <pthread.h>
#include <sys/time.h>

#include "threads.h"

const struct partner *partner;

struct ends shared;

void *idle(void *unused)
{
	pause();
	return unused;
}

/* A second thread makes fdget() take a reference. */
void second_thread(void *(*body)(void *))
{
	pthread_t thread;
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	pthread_create(&thread, NULL, body, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void *send_later(void *unused)
{
	nap(60);
	if (write(shared.peer, hello, sizeof(hello)) < 0)
		say("late data: %d", errno);
	return unused;
}
void *drain_later(void *unused)
{
	static char sink[65536];

	nap(120);
	while (read(shared.peer, sink, sizeof(sink)) > 0)
		;
	return unused;
}
static void *close_later(void *unused) { nap(60); close(shared.peer); return unused; }
static void *reset_later(void *unused)
{
	struct linger hard = { 1, 0 };

	nap(60);
	setsockopt(shared.peer, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(shared.peer);
	return unused;
}
static void *shut_later(void *unused) { nap(60); shutdown(shared.fd, SHUT_RDWR); return unused; }
static void *close_own_later(void *unused) { nap(60); close(shared.fd); return send_later(unused); }
static void *replace_later(void *unused)
{
	nap(60);
	dup2(open("/dev/null", O_RDWR), shared.fd);
	return send_later(unused);
}

static void signal_later(int first, int second)
{
	pid_t me = getpid();

	if (fork())
		return;
	nap(60);
	kill(me, first);
	if (second) {
		nap(60);
		kill(me, second);
	}
	_exit(0);
}

/* When everything was ready, before there was anybody who ends the wait. */
static long began;
static bool waited(void) { return now() - began >= 50; }

static void say_blocking_read(void)
{
	char text[100] = "";
	long ret = rd(shared.fd, text, 20);

	say("read %ld %s, waited %d, signals %d", ret, text, waited(), user_signals);
	ret = recv(shared.fd, text, 100, MSG_DONTWAIT);
	say("; then %ld %d", ret, ret < 0 ? errno : 0);
}

static void say_blocking_write(size_t count)
{
	long ret = wr(shared.fd, big, count);

	say("write");
	say_result(ret);
	say(", waited %d, signals %d %d", waited(), user_signals, pipe_signals);
}

static void start(int flags)
{
	meet(&shared);
	on(SIGUSR1, on_user, flags);
	began = now();
}
static void start_full(int flags)
{
	start(flags);
	fill(shared.fd);
	began = now();
}
static void b_read_late(void) { start(0); second_thread(send_later); say_blocking_read(); }
static void b_read_closed(void) { start(0); second_thread(close_later); say_blocking_read(); }
static void b_read_reset(void) { start(0); second_thread(reset_later); say_blocking_read(); }
static void b_read_shut(void) { start(0); second_thread(shut_later); say_blocking_read(); }
static void b_read_own_closed(void) { start(0); second_thread(close_own_later); say_blocking_read(); }
static void b_read_replaced(void) { start(0); second_thread(replace_later); say_blocking_read(); }
static void b_read_eintr(void) { start(0); signal_later(SIGUSR1, 0); say_blocking_read(); }
static void b_read_eintr_threads(void) { start(0); second_thread(idle); signal_later(SIGUSR1, 0); say_blocking_read(); }
static void b_read_restart(void)
{
	start(SA_RESTART);
	signal_later(SIGUSR1, SIGUSR1);
	if (!fork()) {
		nap(500);
		_exit(write(shared.peer, hello, sizeof(hello)) < 0);
	}
	say_blocking_read();
}
static void b_read_stopped(void)
{
	start(0);
	signal_later(SIGSTOP, SIGCONT);
	if (!fork()) {
		nap(500);
		_exit(write(shared.peer, hello, sizeof(hello)) < 0);
	}
	say_blocking_read();
}
static void b_read_killed(void) { start(0); signal_later(SIGTERM, 0); say_blocking_read(); }
static void b_read_two_signals(void) { start(0); on(SIGUSR2, on_user, SA_RESTART); signal_later(SIGUSR2, SIGUSR1); say_blocking_read(); }
static void timeout(int option, int ms)
{
	struct timeval t = { ms / 1000, ms % 1000 * 1000 };

	setsockopt(shared.fd, SOL_SOCKET, option, &t, sizeof(t));
}
static void b_read_timeout(void) { start(0); timeout(SO_RCVTIMEO, 100); say_blocking_read(); }
static void b_read_timeout_signal(void) { start(SA_RESTART); timeout(SO_RCVTIMEO, 2000); signal_later(SIGUSR1, 0); say_blocking_read(); }
static void b_write_timeout(void) { start_full(0); timeout(SO_SNDTIMEO, 100); say_blocking_write(16); }
static void await_signal(void)
{
	for (int i = 0; !user_signals && i < 200; i++)
		nap(10);
}
static void b_write_eintr(void) /* there is room: nothing waits */
{
	long first, second;

	start(0);
	signal_later(SIGUSR1, 0);
	first = wr(shared.fd, big, 16);
	second = wr(shared.fd, big, 100000);
	await_signal();
	say("write %ld %ld, signals %d", first, second, user_signals);
}
static void b_write_full_eintr(void)
{
	start_full(0);
	signal_later(SIGUSR1, 0);
	say_blocking_write(16);
}
static void b_write_partial_eintr(void) { start(0); signal_later(SIGUSR1, 0); say_blocking_write(64 << 20); }
static void b_write_restart(void)
{
	long ret;

	start_full(SA_RESTART);
	signal_later(SIGUSR1, 0);
	second_thread(drain_later);
	ret = wr(shared.fd, big, 16);
	await_signal();
	say("write %ld, waited %d, signals %d", ret, waited(), user_signals);
}
static void b_write_closed(void) { start(0); second_thread(close_later); say_blocking_write(64 << 20); say(";"); say_blocking_write(16); }
static void b_toggle(void)
{
	start(0);
	for (int i = 0; i < 3; i++) {
		nonblocking(shared.fd, true);
		say("%ld ", rd(shared.fd, big, 16));
		nonblocking(shared.fd, false);
		if (write(shared.peer, hello, 16) < 8)
			say("?");
		say("%ld ", rd(shared.fd, big, 16));
	}
	began = now();
	second_thread(send_later);
	say_blocking_read();
}

/* Flags that make a call wait for more, or come back to what is there. */
static void *send_in_two(void *unused)
{
	send_later(unused);
	nap(60);
	return send_later(unused);
}
static void *send_and_close(void *unused)
{
	send_later(unused);
	return close_later(unused);
}
static void say_flags(int flags, size_t count)
{
	char text[200] = "";
	long ret = rd_with(shared.fd, text, count, flags);

	say("read %ld %.20s %x, waited %d, signals %d", ret, text, hash(text, sizeof(text)), waited(), user_signals);
	ret = recv(shared.fd, text, sizeof(text), MSG_DONTWAIT);
	say("; then %ld %d", ret, ret < 0 ? errno : 0);
}
static void b_waitall(void) { start(0); second_thread(send_in_two); say_flags(MSG_WAITALL, 2 * sizeof(hello)); }
static void b_waitall_closed(void) { start(0); second_thread(send_and_close); say_flags(MSG_WAITALL, 2 * sizeof(hello)); }
static void b_waitall_eintr(void)
{
	start(0);
	must(write(shared.peer, hello, 16) == 16, "data");
	signal_later(SIGUSR1, 0);
	say_flags(MSG_WAITALL, 32);
}
static void b_waitall_timeout(void)
{
	start(0);
	timeout(SO_RCVTIMEO, 100);
	must(write(shared.peer, hello, 16) == 16, "data");
	say_flags(MSG_WAITALL, 32);
}
static void b_peek_waits(void) { start(0); second_thread(send_later); say_flags(MSG_PEEK, 16); }
static void b_peek_waitall(void) { start(0); second_thread(send_in_two); say_flags(MSG_PEEK | MSG_WAITALL, 2 * sizeof(hello)); }

#define BODY(name, way, needs) { #name, way, b_##name, needs }
const struct body blocking[] = {
	BODY(read_late, READS, ANYTHING), BODY(read_closed, READS, TWO_ENDS), BODY(read_reset, READS, SOCKETS),
	BODY(read_shut, READS, SOCKETS), BODY(read_own_closed, READS, ANYTHING), BODY(read_replaced, READS, ANYTHING),
	BODY(read_eintr, READS, ANYTHING), BODY(read_eintr_threads, READS, ANYTHING), BODY(read_restart, READS, ANYTHING),
	BODY(read_stopped, READS, ANYTHING), BODY(read_killed, READS, ANYTHING), BODY(read_two_signals, READS, ANYTHING),
	BODY(read_timeout, READS, SOCKETS), BODY(read_timeout_signal, READS, SOCKETS), BODY(toggle, READS, ANYTHING),
	BODY(waitall, READS, FLAGS), BODY(waitall_eintr, READS, FLAGS), BODY(waitall_closed, READS, FLAGS),
	BODY(waitall_timeout, READS, FLAGS), BODY(peek_waits, READS, FLAGS), BODY(peek_waitall, READS, FLAGS),
	BODY(write_timeout, WRITES, SOCKETS), BODY(write_eintr, WRITES, ANYTHING), BODY(write_full_eintr, WRITES, ANYTHING),
	BODY(write_partial_eintr, WRITES, ANYTHING), BODY(write_restart, WRITES, ANYTHING), BODY(write_closed, WRITES, TWO_ENDS),
};
const unsigned blocking_count = LENGTH(blocking);

/* Who stands at both ends; for a pipe the end depends on the way. */
#define BOTH(name, family, kind, are) { name, family, READS, kind, are }, { name, family, WRITES, kind, are }
const struct partner partners[] = {
	BOTH("tcp", "tcp", "tcp", SOCKETS), BOTH("tcp6", "tcp", "tcp6_empty", SOCKETS), BOTH("tls", "tcp", "tls_both", SOCKETS),
	BOTH("mptcp", "tcp", "mptcp", SOCKETS), BOTH("unix", "unix_stream", "unix_stream_empty", SOCKETS),
	BOTH("unix_dgram", "unix_dgram", "unix_dgram_empty", SOCKETS), BOTH("udp", "udp", "udp_empty", SOCKETS),
	{ "pipe", "pipe", READS, "pipe_empty", TWO_ENDS }, { "pipe", "pipe", WRITES, "pipe_write", TWO_ENDS },
	BOTH("eventfd", "eventfd", "eventfd_zero", ANYTHING),
	/* a stub on a descriptor that it is not made for */
	BOTH("unix", "tcp", "unix_stream_empty", SOCKETS), BOTH("tcp", "unix_stream", "tcp", SOCKETS), BOTH("tcp", "udp", "tcp", SOCKETS),
};
const unsigned partner_count = LENGTH(partners);

void meet(struct ends *e)
{
	*e = (struct ends){ -1, -1, false };
	kind_named(partner->kind)(e);
	if (e->peer < 0)
		e->peer = dup(e->fd);
}

bool blocking_fits(const struct body *body, const struct partner *of)
{
	return !strcmp(of->family, under_test.family) && of->way == way_of_stub() && body->way == way_of_stub() &&
	       (body->needs == FLAGS ? of->are == SOCKETS && stub_takes_flags() : of->are >= body->needs);
}
