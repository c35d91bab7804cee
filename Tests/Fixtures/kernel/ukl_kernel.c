/* The kernel's side of a system call, for an application linked into it. */
#define FUNCTION __attribute__((noinline, noclone, used, noipa))
volatile long kernel_sink;
/* The linker puts this part of .text first. */
__asm__(".pushsection .text.unlikely, \"ax\"\n"
	".globl _text, _stext\n"
	"_text:\n_stext: .skip 16, 0x90\n"
	".popsection");
FUNCTION long tcp_recvmsg(long n) { kernel_sink = n; return n; }
FUNCTION long inet_recvmsg(long n) { long r = tcp_recvmsg(n); kernel_sink = r; return r; }
FUNCTION long sock_read_iter(long n) { long r = inet_recvmsg(n); kernel_sink = r; return r; }
FUNCTION long vfs_read(long n) { long r = sock_read_iter(n); kernel_sink = r; return r; }
FUNCTION long ksys_read(long n) { long r = vfs_read(n); kernel_sink = r; return r; }
FUNCTION long do_syscall_64(long n) { long r = ksys_read(n); kernel_sink = r; return r; }
FUNCTION long ukl_entry_SYSCALL_64(long n) { long r = do_syscall_64(n); kernel_sink = r; return r; }
extern long ukl_main(void);
void _start(void) { ukl_main(); }
extern char _etext[];
void *end_of_text = _etext;
