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

static void say_blocking_read(void)
{
	char text[100] = "";
	long start = now(), ret = rd(shared.fd, text, 20);

	say("read %ld %s, waited %d, signals %d", ret, text, now() - start >= 50, user_signals);
	ret = recv(shared.fd, text, 100, MSG_DONTWAIT);
	say("; then %ld %d", ret, ret < 0 ? errno : 0);
}

static void say_blocking_write(size_t count, bool filled)
{
	long start, ret;

	if (filled)
		fill(shared.fd);
	start = now();
	ret = wr(shared.fd, big, count);
	say("write");
	say_result(ret);
	say(", waited %d, signals %d %d", now() - start >= 50, user_signals, pipe_signals);
}

static void start(int flags)
{
	partner->make(&shared);
	on(SIGUSR1, on_user, flags);
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
		nap(250);
		_exit(write(shared.peer, hello, sizeof(hello)) < 0);
	}
	say_blocking_read();
}
static void b_read_stopped(void)
{
	start(0);
	signal_later(SIGSTOP, SIGCONT);
	if (!fork()) {
		nap(250);
		_exit(write(shared.peer, hello, sizeof(hello)) < 0);
	}
	say_blocking_read();
}
static void b_read_killed(void) { start(0); signal_later(SIGTERM, 0); say_blocking_read(); }
static void b_read_two_signals(void) { start(0); on(SIGUSR2, on_user, SA_RESTART); signal_later(SIGUSR2, SIGUSR1); say_blocking_read(); }
static void timeout(int option)
{
	struct timeval t = { 0, 100000 };

	setsockopt(shared.fd, SOL_SOCKET, option, &t, sizeof(t));
}
static void b_read_timeout(void) { start(0); timeout(SO_RCVTIMEO); say_blocking_read(); }
static void b_read_timeout_signal(void) { start(SA_RESTART); timeout(SO_RCVTIMEO); signal_later(SIGUSR1, 0); say_blocking_read(); }
static void b_write_timeout(void) { start(0); timeout(SO_SNDTIMEO); say_blocking_write(16, true); }
static void b_write_eintr(void) { start(0); signal_later(SIGUSR1, 0); nap(0); say_blocking_write(16, false); say(";"); say_blocking_write(100000, false); }
static void b_write_full_eintr(void)
{
	start(0);
	fill(shared.fd);
	signal_later(SIGUSR1, 0);
	say_blocking_write(16, false);
}
static void b_write_partial_eintr(void) { start(0); signal_later(SIGUSR1, 0); say_blocking_write(64 << 20, false); }
static void b_write_restart(void)
{
	start(SA_RESTART);
	fill(shared.fd);
	signal_later(SIGUSR1, 0);
	second_thread(drain_later);
	say_blocking_write(16, false);
}
static void b_write_closed(void) { start(0); second_thread(close_later); say_blocking_write(64 << 20, false); say(";"); say_blocking_write(16, false); }
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
	second_thread(send_later);
	say_blocking_read();
}

#define READING(name) { #name, READS, b_##name }
#define WRITING(name) { #name, WRITES, b_##name }
const struct body blocking[] = {
	READING(read_late), READING(read_closed), READING(read_reset), READING(read_shut), READING(read_own_closed),
	READING(read_replaced), READING(read_eintr), READING(read_eintr_threads), READING(read_restart),
	READING(read_stopped), READING(read_killed), READING(read_two_signals), READING(read_timeout),
	READING(read_timeout_signal), READING(toggle), WRITING(write_timeout), WRITING(write_eintr),
	WRITING(write_full_eintr), WRITING(write_partial_eintr), WRITING(write_restart), WRITING(write_closed),
};
const unsigned blocking_count = LENGTH(blocking);

/* Who stands at both ends; for a pipe the end depends on the way. */
static void p_tcp(struct ends *e) { kind_named("tcp")(e); }
static void p_tcp6(struct ends *e) { kind_named("tcp6_empty")(e); }
static void p_tls(struct ends *e) { kind_named("tls_both")(e); }
static void p_mptcp(struct ends *e) { kind_named("mptcp")(e); }
static void p_unix(struct ends *e) { kind_named("unix_stream_empty")(e); }
static void p_unix_dgram(struct ends *e) { kind_named("unix_dgram_empty")(e); }
static void p_udp(struct ends *e) { kind_named("udp_empty")(e); }
static void p_pipe_in(struct ends *e) { kind_named("pipe_empty")(e); }
static void p_pipe_out(struct ends *e) { kind_named("pipe_write")(e); }
static void p_eventfd(struct ends *e)
{
	kind_named("eventfd_zero")(e);
	e->peer = dup(e->fd);
}

#define BOTH(name, family, make) { name, family, READS, make }, { name, family, WRITES, make }
const struct partner partners[] = {
	BOTH("tcp", "tcp", p_tcp), BOTH("tcp6", "tcp", p_tcp6), BOTH("tls", "tcp", p_tls), BOTH("mptcp", "tcp", p_mptcp),
	BOTH("unix", "unix_stream", p_unix), BOTH("unix_dgram", "unix_dgram", p_unix_dgram), BOTH("udp", "udp", p_udp),
	{ "pipe", "pipe", READS, p_pipe_in }, { "pipe", "pipe", WRITES, p_pipe_out }, BOTH("eventfd", "eventfd", p_eventfd),
	/* a stub on a descriptor that it is not made for */
	BOTH("unix", "tcp", p_unix), BOTH("tcp", "unix_stream", p_tcp), BOTH("tcp", "udp", p_tcp),
};
const unsigned partner_count = LENGTH(partners);
