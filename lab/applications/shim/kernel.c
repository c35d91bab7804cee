// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The kernel's side of a UKL application, for a process of plain Linux: the
 * stubs make the real system calls, and the pair around them counts. At the
 * end of the process one line says how often the pair was passed, and how
 * often something was out of order:
 *
 *   shortcuts: 812 pairs, 0 out of order
 *
 * UKL_SHIM_OUTPUT names the file it is added to.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

static unsigned long pairs, faults;
static __thread int in_kernel;

void enter_ukl_kernel(void);
void enter_ukl_user(void);

void enter_ukl_kernel(void)
{
	if (in_kernel++)
		__atomic_add_fetch(&faults, 1, __ATOMIC_RELAXED);
}

void enter_ukl_user(void)
{
	if (--in_kernel)
		__atomic_add_fetch(&faults, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&pairs, 1, __ATOMIC_RELAXED);
}

static long call(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	if (in_kernel != 1)
		__atomic_add_fetch(&faults, 1, __ATOMIC_RELAXED);
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

/* A stub takes what its system call takes and returns what the kernel does. */
#define STUB(name, number)                                                     \
	long name(long a, long b, long c, long d, long e, long f);             \
	long name(long a, long b, long c, long d, long e, long f)              \
	{                                                                      \
		return call(number, (int)a, b, c, d, e, f);                    \
	}

#define STUBS(family)                                                          \
	STUB(shortcut_##family##_read, SYS_read)                               \
	STUB(shortcut_##family##_write, SYS_write)                             \
	STUB(shortcut_##family##_readv, SYS_readv)                             \
	STUB(shortcut_##family##_writev, SYS_writev)                           \
	STUB(shortcut_##family##_recvfrom, SYS_recvfrom)                       \
	STUB(shortcut_##family##_sendto, SYS_sendto)                           \
	STUB(shortcut_##family##_recvmsg, SYS_recvmsg)                         \
	STUB(shortcut_##family##_sendmsg, SYS_sendmsg)

STUBS(tcp)
STUBS(unix_stream)

/* Files, pipes and eventfds of the applications are not on their hot paths. */
STUB(shortcut_eventfd_read, SYS_read)
STUB(shortcut_eventfd_write, SYS_write)
STUB(shortcut_pipe_read, SYS_read)
STUB(shortcut_pipe_write, SYS_write)
STUB(shortcut_tcp_accept, SYS_accept)
STUB(shortcut_tcp_accept4, SYS_accept4)

__attribute__((destructor)) static void report(void)
{
	const char *name = getenv("UKL_SHIM_OUTPUT");
	FILE *output = name ? fopen(name, "a") : stderr;

	if (!output)
		return;
	fprintf(output, "shortcuts: %lu pairs, %lu out of order\n", pairs, faults);
	if (name)
		fclose(output);
}
