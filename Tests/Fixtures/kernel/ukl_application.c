/* An application whose symbols get the prefix ukl_ when it is linked into the kernel. */
#define FUNCTION __attribute__((noinline, noclone, used, noipa))
extern long entry_SYSCALL_64(long n);
volatile long sink;

FUNCTION long read(int fd, char *to, long n)
{
	long r = entry_SYSCALL_64(n);
	sink = r;
	return r;
}

static inline __attribute__((always_inline)) long fill(int fd, char *to)
{
	sink = fd;
	long r = read(fd, to, 16); /* filled */
	sink = r;
	return r;
}
FUNCTION long client_read(int fd, char *to) { long r = fill(fd, to); return r + 1; }
/* Ends in a jump, so it has no frame. */
FUNCTION long small_read(int fd, char *to)
{
	sink = fd;
	return read(fd, to, 8); /* small */
}
FUNCTION long serve(int fd, char *to) { long r = small_read(fd, to); sink = r; return r; }
FUNCTION long idle(int fd) { sink = fd; return fd; }
FUNCTION long wait_idle(int fd) { long r = idle(fd); sink = r; return r; }
FUNCTION long call_pointer(long (*f)(int, char *, long), char *to) { long r = f(1, to, 4); sink = r; return r; } /* pointer */

long main(void)
{
	char to[16];
	return client_read(1, to) + serve(2, to) + wait_idle(3) + call_pointer(read, to);
}
