/* SPDX-License-Identifier: GPL-2.0 */
#ifndef STUBS_DEVICE_H
#define STUBS_DEVICE_H

#include <linux/compiler_types.h>
#include <linux/types.h>

int find_shims(void);
ssize_t generic_read(int fd, void __user *buf, size_t count);
ssize_t generic_write(int fd, const void __user *buf, size_t count);

#endif
