// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Linked in where the application is built as it always is. */
extern int ukl_shim_none;
int ukl_shim_none;
