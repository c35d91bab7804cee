// SPDX-License-Identifier: GPL-2.0 OR MIT
/* libc's wrappers with frames of their own, linked into the program that is
 * recorded. Debian's libc has no frame pointers: in its read(), the register
 * still points to the caller's frame, and a call chain would leave the caller
 * out. In UKL the wrappers are part of the image, so it is no different there.
 *
 * Build with -fno-omit-frame-pointer -fno-shrink-wrap.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static __inline__ long call(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	if (result < 0 && result >= -4095) {
		errno = (int)-result;
		return -1;
	}
	return result;
}

ssize_t read(int fd, void *buf, size_t count)
{
	return call(SYS_read, fd, (long)buf, (long)count, 0, 0, 0);
}

ssize_t write(int fd, const void *buf, size_t count)
{
	return call(SYS_write, fd, (long)buf, (long)count, 0, 0, 0);
}

ssize_t readv(int fd, const struct iovec *vec, int count)
{
	return call(SYS_readv, fd, (long)vec, count, 0, 0, 0);
}

ssize_t writev(int fd, const struct iovec *vec, int count)
{
	return call(SYS_writev, fd, (long)vec, count, 0, 0, 0);
}

ssize_t pread(int fd, void *buf, size_t count, off_t position)
{
	return call(SYS_pread64, fd, (long)buf, (long)count, position, 0, 0);
}

ssize_t pwrite(int fd, const void *buf, size_t count, off_t position)
{
	return call(SYS_pwrite64, fd, (long)buf, (long)count, position, 0, 0);
}

ssize_t pread64(int fd, void *buf, size_t count, off64_t position)
{
	return call(SYS_pread64, fd, (long)buf, (long)count, position, 0, 0);
}

ssize_t pwrite64(int fd, const void *buf, size_t count, off64_t position)
{
	return call(SYS_pwrite64, fd, (long)buf, (long)count, position, 0, 0);
}

ssize_t recv(int fd, void *buf, size_t count, int flags)
{
	return call(SYS_recvfrom, fd, (long)buf, (long)count, flags, 0, 0);
}

ssize_t send(int fd, const void *buf, size_t count, int flags)
{
	return call(SYS_sendto, fd, (long)buf, (long)count, flags, 0, 0);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	return call(SYS_recvmsg, fd, (long)message, flags, 0, 0, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	return call(SYS_sendmsg, fd, (long)message, flags, 0, 0, 0);
}
