/* SPDX-License-Identifier: GPL-2.0 */
/* What a test asks the kernel to do to it: a process names functions, and they count or deny its calls. */
#ifndef HARNESS_H
#define HARNESS_H

#include <linux/ioctl.h>
#include <linux/types.h>

struct harness_probe {
	char function[56];
	__s64 count; /* of calls by this process while it was armed, on return */
};

#define HARNESS_DENY _IOWR('H', 1, struct harness_probe)  /* -EACCES in place of the call */
#define HARNESS_COUNT _IOWR('H', 2, struct harness_probe) /* how many calls there were */
#define HARNESS_ARM _IO('H', 3)                           /* 1: from now on, 0: no more */

#endif
