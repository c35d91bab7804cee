// SPDX-License-Identifier: GPL-2.0
/* /dev/ukl_harness: security hooks that deny, and functions that count, for one process alone. */

#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <linux/kprobes.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "harness.h"

struct requests;

struct request {
	struct kprobe probe;
	struct harness_probe asked;
	const struct requests *all;
	bool denies;
	atomic64_t count;
};

/* One process' requests: the open file is theirs. */
struct requests {
	struct mutex lock;
	pid_t process;
	bool armed;
	struct request *list[8];
};

/* Where a denied call goes on in place of its function: its caller. */
void harness_return(void);
asm(".text\n"
    ".type harness_return, @function\n"
    ".globl harness_return\n"
    "harness_return:\n"
    ANNOTATE_NOENDBR
    ASM_RET
    ".size harness_return, .-harness_return\n");

static int seen(struct kprobe *probe, struct pt_regs *regs)
{
	struct request *request = container_of(probe, struct request, probe);

	if (current->tgid != request->all->process || !READ_ONCE(request->all->armed))
		return 0;
	atomic64_inc(&request->count);
	if (!request->denies)
		return 0;
	regs->ax = -EACCES;
	regs->ip = (unsigned long)harness_return;
	return 1;
}
NOKPROBE_SYMBOL(seen);

static struct request *find(struct requests *all, const char *function)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(all->list); i++)
		if (all->list[i] && !strcmp(all->list[i]->asked.function, function))
			return all->list[i];
	return NULL;
}

static int add(struct requests *all, const struct harness_probe *asked, bool denies)
{
	struct request *request;
	int i, ret;

	for (i = 0; i < ARRAY_SIZE(all->list) && all->list[i]; i++)
		;
	if (i == ARRAY_SIZE(all->list))
		return -ENOSPC;
	request = kzalloc(sizeof(*request), GFP_KERNEL);
	if (!request)
		return -ENOMEM;
	request->asked = *asked;
	request->all = all;
	request->denies = denies;
	request->probe.symbol_name = request->asked.function;
	request->probe.pre_handler = seen;
	ret = register_kprobe(&request->probe);
	if (ret) {
		kfree(request);
		return ret;
	}
	all->list[i] = request;
	return 0;
}

static long harness_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct requests *all = file->private_data;
	struct harness_probe asked;
	struct request *request;
	int ret = 0;

	if (command == HARNESS_ARM) {
		WRITE_ONCE(all->armed, argument);
		return 0;
	}
	if (command != HARNESS_DENY && command != HARNESS_COUNT)
		return -ENOTTY;
	if (copy_from_user(&asked, (void __user *)argument, sizeof(asked)))
		return -EFAULT;
	asked.function[sizeof(asked.function) - 1] = 0;
	mutex_lock(&all->lock);
	request = find(all, asked.function);
	if (request)
		asked.count = atomic64_read(&request->count);
	else
		ret = add(all, &asked, command == HARNESS_DENY);
	mutex_unlock(&all->lock);
	if (!ret && copy_to_user((void __user *)argument, &asked, sizeof(asked)))
		ret = -EFAULT;
	return ret;
}

static int harness_open(struct inode *inode, struct file *file)
{
	struct requests *all = kzalloc(sizeof(*all), GFP_KERNEL);

	if (!all)
		return -ENOMEM;
	mutex_init(&all->lock);
	all->process = current->tgid;
	file->private_data = all;
	return 0;
}

static int harness_release(struct inode *inode, struct file *file)
{
	struct requests *all = file->private_data;
	int i;

	for (i = 0; i < ARRAY_SIZE(all->list); i++)
		if (all->list[i]) {
			unregister_kprobe(&all->list[i]->probe);
			kfree(all->list[i]);
		}
	kfree(all);
	return 0;
}

static const struct file_operations harness_fops = {
	.owner = THIS_MODULE,
	.open = harness_open,
	.release = harness_release,
	.unlocked_ioctl = harness_ioctl,
};

static struct miscdevice harness_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ukl_harness",
	.fops = &harness_fops,
};

module_misc_device(harness_device);
MODULE_DESCRIPTION("Counts and denies calls of kernel functions for the process that asks");
MODULE_LICENSE("GPL");
