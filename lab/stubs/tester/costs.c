/* What a call costs, in ticks of the time-stamp counter: with -icount shift=0 these are instructions. */
#include "tester.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <x86intrin.h>

#include "threads.h"

#define ROUNDS 60

/* Makes the call possible, and undoes what it did. TCP acknowledges what comes at once, or now and then a
 * read would have to do it.
 */
static void before_call(struct ends *e, size_t size)
{
	setsockopt(e->fd, IPPROTO_TCP, TCP_QUICKACK, &(int){ 1 }, sizeof(int));
	if (partner && way_of_stub() == READS)
		must(write(e->peer, big, size) == (ssize_t)size, "data to read");
	if (!partner)
		lseek(e->fd, 0, SEEK_SET);
}

static void after_call(struct ends *e)
{
	if (partner && way_of_stub() == WRITES) {
		nonblocking(e->peer, true);
		while (read(e->peer, big + 100000, 100000) > 0)
			;
	}
}

/* The least of many calls: interrupts only add. */
static uint64_t least(enum side which, struct ends *e, size_t size)
{
	uint64_t most = UINT64_MAX;

	side = which;
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t start, ticks;
		long ret;

		before_call(e, size);
		start = __rdtsc();
		ret = way_of_stub() == READS ? rd(e->fd, big, size) : wr(e->fd, big, size);
		ticks = which == SYSCALL ? __rdtsc() - start : call_cycles;
		after_call(e);
		must(ret == (long)size, "call");
		if (ticks < most)
			most = ticks;
	}
	return most;
}

bool costs_of_stub(size_t size, uint64_t costs[3])
{
	struct ends e = { -1, -1, false };

	if (way_of_stub() == ACCEPTS || (!partner && !kind_of_files()) || (!strcmp(under_test.family, "eventfd") && size != 8))
		return false;
	prepare();
	if (partner)
		meet(&e);
	else
		kind_of_files()(&e);
	if (!partner)
		must(pwrite(e.fd, big, size, 0) == (ssize_t)size, "file");
	costs[SYSCALL] = least(SYSCALL, &e, size);
	costs[GENERIC] = least(GENERIC, &e, size);
	costs[STUB] = least(STUB, &e, size);
	return true;
}
