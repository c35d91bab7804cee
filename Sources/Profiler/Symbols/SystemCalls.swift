/// Names of system calls as they show in call chains: on the kernel's side the function that
/// begins a call's body, on the application's the libc function that makes it.
public enum SystemCalls {
  /// How `SYSCALL_DEFINE` spells a call's own function on each architecture, and inside of it.
  private static let definitionPrefixes = [
    "__x64_sys_", "__do_sys_", "__se_sys_", "__ia32_sys_", "__arm64_sys_", "__do_compat_sys_",
    "__se_compat_sys_", "__ia32_compat_sys_",
  ]

  /// Whether a kernel function is a system call's own, made by `SYSCALL_DEFINE`.
  public static func isDefinition(_ symbol: String) -> Bool {
    definitionPrefixes.contains { symbol.hasPrefix($0) }
  }

  /// The system call whose body a kernel function is, or nil for any other function.
  ///
  /// `SYSCALL_DEFINE` wrappers name it; where the compiler made a sibling call of the wrapper's
  /// only call, what it called stands in its place.
  public static func implemented(by symbol: String) -> String? {
    for prefix in definitionPrefixes where symbol.hasPrefix(prefix) {
      let name = String(symbol.dropFirst(prefix.count).prefix { $0 != "." })
      return kernelSpelling[name] ?? name
    }
    return bodies[String(symbol.prefix { $0 != "." })]
  }

  /// The system calls a libc function of this name makes; empty if it isn't known as a wrapper.
  ///
  /// - Parameter name: without UKL's prefix: `read`, `__libc_read`, `__GI___libc_recv`,
  ///   `__write_nocancel`.
  public static func made(by name: String) -> Set<String> {
    let plain = plainName(name)
    if let calls = wrappers[plain] { return calls }
    return sameName.contains(plain) ? [plain] : []
  }

  /// The libc function's public name: `__GI___libc_read` is `read`.
  static func plainName(_ name: String) -> String {
    var rest = Substring(name.prefix { $0 != "." && $0 != "@" })
    if rest.hasPrefix("__GI_") { rest = rest.dropFirst(5) }
    rest = rest.drop { $0 == "_" }
    for prefix in ["libc_", "new_", "old_"] where rest.hasPrefix(prefix) {
      rest = rest.dropFirst(prefix.count)
    }
    for suffix in ["_nocancel", "_2"] where rest.hasSuffix(suffix) {
      rest = rest.dropLast(suffix.count)
    }
    return String(rest)
  }

  /// The kernel's name of the function where it isn't the system call's.
  private static let kernelSpelling = [
    "newfstat": "fstat", "newstat": "stat", "newlstat": "lstat", "sendfile64": "sendfile",
    "newuname": "uname",
  ]

  private static let bodies: [String: String] = [
    "ksys_read": "read", "ksys_write": "write", "ksys_pread64": "pread64",
    "ksys_pwrite64": "pwrite64", "do_readv": "readv", "do_writev": "writev",
    "do_preadv": "preadv", "do_pwritev": "pwritev",
    "__sys_recvfrom": "recvfrom", "__sys_sendto": "sendto", "__sys_recvmsg": "recvmsg",
    "__sys_sendmsg": "sendmsg", "__sys_recvmmsg": "recvmmsg", "__sys_sendmmsg": "sendmmsg",
    "__sys_accept4": "accept4", "__sys_connect": "connect", "__sys_bind": "bind",
    "__sys_listen": "listen", "__sys_shutdown": "shutdown", "__sys_setsockopt": "setsockopt",
    "__sys_getsockopt": "getsockopt", "__sys_socket": "socket", "do_epoll_wait": "epoll_wait",
    "do_epoll_ctl": "epoll_ctl", "do_sys_poll": "poll", "do_sys_openat2": "openat",
    "ksys_lseek": "lseek", "ksys_mmap_pgoff": "mmap", "do_sendfile": "sendfile",
  ]

  private static let wrappers: [String: Set<String>] = [
    "recv": ["recvfrom"], "send": ["sendto"], "pread": ["pread64"], "pwrite": ["pwrite64"],
    "accept": ["accept", "accept4"], "accept4": ["accept4"],
    "epoll_wait": ["epoll_wait", "epoll_pwait"], "epoll_pwait": ["epoll_pwait"],
    "epoll_pwait2": ["epoll_pwait2"],
    "poll": ["poll", "ppoll"], "select": ["select", "pselect6"],
    "open": ["open", "openat"], "open64": ["open", "openat"],
    "sendfile64": ["sendfile"], "lseek64": ["lseek"],
    "nanosleep": ["nanosleep", "clock_nanosleep"],
    "readv64": ["readv"], "writev64": ["writev"],
  ]

  private static let sameName: Set<String> = [
    "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "recvfrom",
    "recvmsg", "sendto", "sendmsg", "recvmmsg", "sendmmsg", "connect", "bind", "listen",
    "shutdown", "setsockopt", "getsockopt", "socket", "socketpair", "close", "fsync", "fdatasync",
    "ftruncate", "lseek", "epoll_ctl", "epoll_create1", "eventfd2", "fcntl", "ioctl", "sendfile",
    "splice", "getpid", "clock_nanosleep", "futex", "sched_yield", "mmap", "munmap", "madvise",
    "brk", "unlink", "rename", "dup", "dup2", "dup3", "pipe2", "getsockname", "getpeername",
  ]
}
