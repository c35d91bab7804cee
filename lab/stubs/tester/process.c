/* Notes, memory, signals, time: what each scenario's process has. */
#include "tester.h"

#include <poll.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

enum side side;
int device = -1;
char *big, *half;
struct notes *notes;
bool permitted;

void say(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	notes->used += vsnprintf(notes->text + notes->used, sizeof(notes->text) - notes->used, format, list);
	va_end(list);
	if (notes->used > sizeof(notes->text) - 1)
		notes->used = sizeof(notes->text) - 1;
}

void must(bool good, const char *what)
{
	if (good)
		return;
	say("setup of %s: %s;", what, strerror(errno));
	_exit(9);
}

void skip(void)
{
	notes->skipped = true;
	_exit(0);
}

void nap(int ms) { poll(NULL, 0, ms); }

void nonblocking(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

/* Writes until nothing goes for a while; byte by byte at last. */
void fill(int fd)
{
	nonblocking(fd, true);
	for (int idle = 0; idle < 7; idle++) { /* longer than the first window probe takes */
		for (size_t chunk = 65536; chunk; chunk /= 16)
			while (write(fd, big, chunk) > 0)
				idle = 0;
		nap(60);
	}
	nonblocking(fd, false);
}

unsigned hash(const void *data, size_t length)
{
	const unsigned char *p = data;
	unsigned h = 2166136261u;

	while (length--)
		h = (h ^ *p++) * 16777619u;
	return h;
}

long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool ready(int fd, int events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, ms) > 0;
}

volatile sig_atomic_t pipe_signals, size_signals, user_signals;
static void on_pipe(int s) { (void)s; pipe_signals++; }
static void on_size(int s) { (void)s; size_signals++; }
void on_user(int s) { (void)s; user_signals++; }

void on(int number, void (*handler)(int), int flags)
{
	struct sigaction a = { .sa_handler = handler, .sa_flags = flags };

	sigaction(number, &a, NULL);
}

void prepare(void)
{
	struct rlimit limit = { 65536, 65536 };
	char *page;

	setpgid(0, 0);
	setrlimit(RLIMIT_FSIZE, &limit);
	big = mmap(NULL, BIG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(big != MAP_FAILED && page != MAP_FAILED, "buffers");
	mprotect(page + 4096, 4096, PROT_NONE);
	half = page + 4096 - 8;
	memcpy(half, "halfhalf", 8);
	for (int i = 0; i < 1000; i++)
		big[i] = i * 7;
	on(SIGPIPE, on_pipe, 0);
	on(SIGXFSZ, on_size, 0);
}

void fold_big(void)
{
	const size_t part = 32 << 20;
	int fd = memfd_create("big", 0);

	must(!ftruncate(fd, part), "memory");
	for (size_t at = 0; at < BIG; at += part)
		must(mmap(big + at, BIG - at < part ? BIG - at : part, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) != MAP_FAILED, "memory");
	close(fd);
}

int parameter(const char *name)
{
	char path[80], text[20] = "";
	int fd;

	snprintf(path, sizeof(path), "/sys/module/ukl_shortcut/parameters/%s", name);
	fd = open(path, O_RDONLY);
	must(read(fd, text, sizeof(text) - 1) > 0, path);
	close(fd);
	return atoi(text);
}
