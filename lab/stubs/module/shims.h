/* SPDX-License-Identifier: GPL-2.0 */
/* Included before the generated source: what a module can't link to gets another name there, also
 * where the kernel's headers declare it.
 */
#define ksys_read shim_ksys_read
#define ksys_write shim_ksys_write
#define security_file_permission shim_security_file_permission
#define security_socket_recvmsg shim_security_socket_recvmsg
#define security_socket_sendmsg shim_security_socket_sendmsg
