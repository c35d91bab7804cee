/* SPDX-License-Identifier: GPL-2.0 */
/* One call of a stub, between the tester and the module. */
#ifndef STUBS_CALL_H
#define STUBS_CALL_H

#include <linux/ioctl.h>
#include <linux/types.h>

enum { STUB_READ = 0, STUB_WRITE = 1, STUB_GENERIC = 2 };

struct stub_call {
	__u32 op;
	__s32 fd;
	__u64 buf;
	__u64 count;
	__s64 ret;
};

#define STUB_CALL _IOWR('U', 1, struct stub_call)

#endif
