// SPDX-License-Identifier: GPL-2.0
/* Stubs as they were once written by hand for UKL: descriptor, private_data, sock, and the leaf.
 * No reference is given back, nothing is checked, the message header is what the stack held.
 */

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/uio.h>
#include <linux/ukl_shortcut.h>
#include <net/sock.h>
#include <net/tcp.h>

ssize_t shortcut_tcp_read(int fd, void __user *buf, size_t count)
{
	struct socket *sock = fdget(fd).file->private_data;
	struct msghdr msg;
	int addr_len;

	msg.msg_flags = 0;
	iov_iter_ubuf(&msg.msg_iter, ITER_DEST, buf, count);
	return tcp_recvmsg(sock->sk, &msg, count, 0, &addr_len);
}

ssize_t shortcut_tcp_write(int fd, const void __user *buf, size_t count)
{
	struct socket *sock = fdget(fd).file->private_data;
	struct msghdr msg;
	ssize_t ret;

	msg.msg_flags = 0;
	iov_iter_ubuf(&msg.msg_iter, ITER_SOURCE, (void __user *)buf, count);
	lock_sock(sock->sk);
	ret = tcp_sendmsg_locked(sock->sk, &msg, count);
	release_sock(sock->sk);
	return ret;
}
