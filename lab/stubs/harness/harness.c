// SPDX-License-Identifier: GPL-2.0
/* /dev/ukl_harness: security hooks that deny, and functions that count, for one process alone. */

#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <linux/kprobes.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "harness.h"

static int seen(struct kprobe *probe, struct pt_regs *regs);

/* All there are, from the first to the last moment: code that runs is never changed. */
#define PROBE(name) { .symbol_name = name, .pre_handler = seen }
static struct kprobe probes[] = {
	PROBE("security_file_permission"), PROBE("security_socket_recvmsg"),
	PROBE("security_socket_sendmsg"), PROBE("security_socket_accept"),
	PROBE("sock_read_iter"), PROBE("sock_write_iter"), PROBE("inet6_recvmsg"), PROBE("inet6_sendmsg"),
};

/* What one process asked for: the open file is its own. */
struct client {
	struct list_head list;
	struct rcu_head rcu;
	pid_t process;
	bool armed;
	unsigned long denied; /* probes, as bits */
	atomic64_t counts[ARRAY_SIZE(probes)];
};

static LIST_HEAD(clients);
static DEFINE_SPINLOCK(clients_lock);

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
	struct client *client;
	long number = probe - probes;

	list_for_each_entry_rcu(client, &clients, list) {
		if (current->tgid != client->process || !READ_ONCE(client->armed))
			continue;
		atomic64_inc(&client->counts[number]);
		if (!test_bit(number, &client->denied))
			return 0;
		regs->ax = -EACCES;
		regs->ip = (unsigned long)harness_return;
		return 1;
	}
	return 0;
}
NOKPROBE_SYMBOL(seen);

static long ask(struct client *client, struct harness_probe __user *argument, bool denies)
{
	struct harness_probe asked;
	int i;

	if (copy_from_user(&asked, argument, sizeof(asked)))
		return -EFAULT;
	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (probes[i].addr && !strncmp(probes[i].symbol_name, asked.function, sizeof(asked.function)))
			break;
	if (i == ARRAY_SIZE(probes))
		return -ENOENT;
	if (denies)
		set_bit(i, &client->denied);
	return put_user(atomic64_read(&client->counts[i]), &argument->count);
}

static long harness_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct client *client = file->private_data;

	switch (command) {
	case HARNESS_ARM:
		WRITE_ONCE(client->armed, argument);
		return 0;
	case HARNESS_DENY:
	case HARNESS_COUNT:
		return ask(client, (void __user *)argument, command == HARNESS_DENY);
	default:
		return -ENOTTY;
	}
}

static int harness_open(struct inode *inode, struct file *file)
{
	struct client *client = kzalloc(sizeof(*client), GFP_KERNEL);

	if (!client)
		return -ENOMEM;
	client->process = current->tgid;
	file->private_data = client;
	spin_lock(&clients_lock);
	list_add_rcu(&client->list, &clients);
	spin_unlock(&clients_lock);
	return 0;
}

static int harness_release(struct inode *inode, struct file *file)
{
	struct client *client = file->private_data;

	spin_lock(&clients_lock);
	list_del_rcu(&client->list);
	spin_unlock(&clients_lock);
	kfree_rcu(client, rcu);
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

/* A kernel need not have them all. */
static int __init harness_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (register_kprobe(&probes[i]))
			probes[i].addr = NULL;
	return misc_register(&harness_device);
}

static void __exit harness_exit(void)
{
	int i;

	misc_deregister(&harness_device);
	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (probes[i].addr)
			unregister_kprobe(&probes[i]);
}

module_init(harness_init);
module_exit(harness_exit);
MODULE_DESCRIPTION("Counts and denies calls of kernel functions for the process that asks");
MODULE_LICENSE("GPL");
