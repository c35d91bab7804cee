// SPDX-License-Identifier: GPL-2.0
/* Functions of the kernel that a module can't link to, found at load time. */

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kprobes.h>
#include <linux/net.h>
#include <linux/printk.h>
#include <linux/types.h>

#include "device.h"

#define SHIM(type, name, parameters, arguments)		\
	static type (*real_##name)parameters;		\
	type shim_##name parameters;			\
	type shim_##name parameters			\
	{						\
		return real_##name arguments;		\
	}

SHIM(ssize_t, ksys_read, (unsigned int fd, char __user *buf, size_t count), (fd, buf, count))
SHIM(ssize_t, ksys_write, (unsigned int fd, const char __user *buf, size_t count),
     (fd, buf, count))
SHIM(int, security_file_permission, (struct file *file, int mask), (file, mask))
SHIM(int, security_socket_recvmsg,
     (struct socket *sock, struct msghdr *msg, int size, int flags), (sock, msg, size, flags))
SHIM(int, security_socket_sendmsg, (struct socket *sock, struct msghdr *msg, int size),
     (sock, msg, size))

static const struct {
	const char *name;
	void *pointer;
} shims[] = {
	{ "ksys_read", &real_ksys_read },
	{ "ksys_write", &real_ksys_write },
	{ "security_file_permission", &real_security_file_permission },
	{ "security_socket_recvmsg", &real_security_socket_recvmsg },
	{ "security_socket_sendmsg", &real_security_socket_sendmsg },
};

ssize_t generic_read(int fd, void __user *buf, size_t count)
{
	return real_ksys_read(fd, buf, count);
}

ssize_t generic_write(int fd, const void __user *buf, size_t count)
{
	return real_ksys_write(fd, buf, count);
}

int find_shims(void)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	unsigned long (*lookup)(const char *name);
	int i, ret = register_kprobe(&probe);

	if (ret)
		return ret;
	lookup = (void *)probe.addr;
	unregister_kprobe(&probe);
	for (i = 0; i < ARRAY_SIZE(shims); i++) {
		unsigned long address = lookup(shims[i].name);

		if (!address) {
			pr_err("ukl_stubs: no %s\n", shims[i].name);
			return -ENOENT;
		}
		*(unsigned long *)shims[i].pointer = address;
	}
	return 0;
}
