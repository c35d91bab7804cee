/* libc's wrappers with frames of their own, as UKL's libc has them. */
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/types.h>

static inline long call(long number, long a, const void *b, long c, long d)
{
	register long fourth __asm__("r10") = d;
	register long fifth __asm__("r8") = 0;
	register long sixth __asm__("r9") = 0;
	volatile long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
			 : "rcx", "r11", "memory");
	return result;
}

ssize_t read(int fd, void *to, size_t size) { return call(SYS_read, fd, to, size, 0); }
ssize_t write(int fd, const void *from, size_t size) { return call(SYS_write, fd, from, size, 0); }
ssize_t pread(int fd, void *to, size_t size, off_t at) { return call(SYS_pread64, fd, to, size, at); }
ssize_t send(int fd, const void *from, size_t size, int flags)
{
	return call(SYS_sendto, fd, from, size, flags);
}
ssize_t recv(int fd, void *to, size_t size, int flags)
{
	return call(SYS_recvfrom, fd, to, size, flags);
}
