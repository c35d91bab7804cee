// SPDX-License-Identifier: GPL-2.0
/* /dev/ukl_stubs calls the generated stubs in the caller's own context. */

#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/kprobes.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include <linux/ukl_shortcut.h>

#include "call.h"
#include "device.h"

/* How often the hops ran that the stubs skip, and how often a stub asked for the real call. */
static int hops, reissued;
module_param(hops, int, 0444);
module_param(reissued, int, 0444);

static ssize_t call(const struct stub_call *c)
{
	void __user *buf = u64_to_user_ptr(c->buf);

	switch (c->op) {
	case STUB_READ:
		return shortcut_tcp_read(c->fd, buf, c->count);
	case STUB_WRITE:
		return shortcut_tcp_write(c->fd, buf, c->count);
	case STUB_GENERIC | STUB_READ:
		return generic_read(c->fd, buf, c->count);
	case STUB_GENERIC | STUB_WRITE:
		return generic_write(c->fd, buf, c->count);
	default:
		return -ENOSYS;
	}
}

static bool is_restart(ssize_t ret)
{
	return ret <= -512 && ret >= -516;
}

/* -ERESTARTSYS of a stub makes the application repeat the real system call while the signal is
 * pending: here its body runs, and the exit from this ioctl stands for that call's exit. If that
 * restarts the ioctl, it is the real call that is restarted.
 */
static long stubs_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct stub_call c;

	if (command != STUB_CALL)
		return -ENOTTY;
	if (copy_from_user(&c, (void __user *)argument, sizeof(c)))
		return -EFAULT;
	c.ret = call(&c);
	if (is_restart(c.ret) && !(c.op & STUB_GENERIC)) {
		reissued++;
		c.op |= STUB_GENERIC;
		c.ret = call(&c);
	}
	if (copy_to_user((void __user *)argument, &c, sizeof(c)))
		return -EFAULT;
	return is_restart(c.ret) ? c.ret : 0;
}

static const struct file_operations stubs_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = stubs_ioctl,
};

static struct miscdevice stubs_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ukl_stubs",
	.fops = &stubs_fops,
};

static int count_hop(struct kprobe *probe, struct pt_regs *regs)
{
	hops++;
	return 0;
}

static struct kprobe read_hop = { .symbol_name = "sock_read_iter", .pre_handler = count_hop };
static struct kprobe write_hop = { .symbol_name = "sock_write_iter", .pre_handler = count_hop };
static struct kprobe *hop_probes[] = { &read_hop, &write_hop };

static int __init stubs_init(void)
{
	int ret = find_shims();

	if (ret)
		return ret;
	ret = register_kprobes(hop_probes, ARRAY_SIZE(hop_probes));
	if (ret)
		return ret;
	ret = misc_register(&stubs_device);
	if (ret)
		unregister_kprobes(hop_probes, ARRAY_SIZE(hop_probes));
	return ret;
}

static void __exit stubs_exit(void)
{
	misc_deregister(&stubs_device);
	unregister_kprobes(hop_probes, ARRAY_SIZE(hop_probes));
}

module_init(stubs_init);
module_exit(stubs_exit);
MODULE_DESCRIPTION("Generated shortcuts beside the system calls they replace");
MODULE_LICENSE("GPL");
