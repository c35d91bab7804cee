/* Sockets in a map of BPF: its programs see what is sent or received, and other functions stand in the
 * socket's tables then.
 */
#include "tester.h"

#include <linux/bpf.h>
#include <sys/syscall.h>

static int bpf(int command, union bpf_attr *attr) { return syscall(SYS_bpf, command, attr, sizeof(*attr)); }

/* A program that only returns its verdict. */
static int program(enum bpf_prog_type type, int verdict)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = verdict },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = { .prog_type = type, .insns = (uintptr_t)code, .insn_cnt = LENGTH(code), .license = (uintptr_t)"GPL" };

	return bpf(BPF_PROG_LOAD, &attr);
}

bool into_sockmap(int fd, enum sockmap_program which, bool pass)
{
	union bpf_attr map = { .map_type = BPF_MAP_TYPE_SOCKMAP, .key_size = 4, .value_size = 4, .max_entries = 1 };
	union bpf_attr attach = { .attach_type = which == ON_SEND ? BPF_SK_MSG_VERDICT : BPF_SK_SKB_VERDICT };
	union bpf_attr update = {};
	int key = 0, value = fd;

	attach.attach_bpf_fd = program(which == ON_SEND ? BPF_PROG_TYPE_SK_MSG : BPF_PROG_TYPE_SK_SKB, pass ? SK_PASS : SK_DROP);
	attach.target_fd = update.map_fd = bpf(BPF_MAP_CREATE, &map);
	update.key = (uintptr_t)&key;
	update.value = (uintptr_t)&value;
	return !bpf(BPF_PROG_ATTACH, &attach) && !bpf(BPF_MAP_UPDATE_ELEM, &update);
}
