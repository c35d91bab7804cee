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
#include <string.h>
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
#define STUB(family, name)                                                     \
	long shortcut_##family##_##name(long a, long b, long c, long d,        \
					long e, long f);                       \
	long shortcut_##family##_##name(long a, long b, long c, long d,        \
					long e, long f)                        \
	{                                                                      \
		return call(SYS_##name, (int)a, b, c, d, e, f);                \
	}

#define STREAM(family)                                                         \
	STUB(family, read)                                                     \
	STUB(family, write)                                                    \
	STUB(family, readv)                                                    \
	STUB(family, writev)

#define SOCKET(family)                                                         \
	STREAM(family)                                                         \
	STUB(family, recvfrom)                                                 \
	STUB(family, sendto)                                                   \
	STUB(family, recvmsg)                                                  \
	STUB(family, sendmsg)

#define REGULAR(family)                                                        \
	STREAM(family)                                                         \
	STUB(family, pread64)                                                  \
	STUB(family, pwrite64)

SOCKET(tcp)
SOCKET(udp)
SOCKET(unix_stream)
SOCKET(unix_dgram)
STREAM(pipe)
REGULAR(tmpfs)
REGULAR(ext4)
REGULAR(file)
STUB(eventfd, read)
STUB(eventfd, write)
STUB(tcp, accept)
STUB(tcp, accept4)

static char *output_name;

/* At the start, because nginx clears its environment. */
__attribute__((constructor)) static void begin(void)
{
	const char *name = getenv("UKL_SHIM_OUTPUT");

	output_name = name ? strdup(name) : NULL;
}

__attribute__((destructor)) static void report(void)
{
	FILE *output = output_name ? fopen(output_name, "a") : stderr;

	if (!output)
		return;
	fprintf(output, "shortcuts: %lu pairs, %lu out of order\n", pairs, faults);
	if (output_name)
		fclose(output);
	free(output_name);
}
