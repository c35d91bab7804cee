/// A function or table of the kernel that stubs use and a module can't link to: static, or not
/// exported by every kernel. A module finds it when it is loaded.
struct FoundSymbol {
  let name: String
  /// The C type of a pointer to it, with `*` where its name would stand.
  private let type: PointerType
  /// How the compiler may have named it, where it specialised the function.
  private var other: String?
  /// A function that code uses instead of it, because a header's inline function calls it.
  private var forwards: String?

  private enum PointerType {
    /// As a header declares it.
    case declared
    /// A function that fits a member of a structure.
    case member(String, of: String)
    /// Written out, with `NAME` for the pointer's name.
    case written(String)
  }

  private init(
    _ name: String, _ type: PointerType = .declared, other: String? = nil, forwards: String? = nil
  ) {
    self.name = name
    self.type = type
    self.other = other
    self.forwards = forwards
  }

  var pointer: String { "ukl_found_\(name)" }

  private var typed: String {
    switch type {
    case .declared: "typeof(\(name)) *\(pointer)"
    case .member(let member, let structure):
      "typeof_member(struct \(structure), \(member)) \(pointer)"
    case .written(let text): text.replacing("NAME", with: pointer)
    }
  }

  /// For the header.
  var declaration: String { "extern \(typed);" }
  /// Code that uses the name gets what the pointer points to.
  var redirection: String {
    forwards == nil ? "#define \(macro) (*\(pointer))" : "/* \(name) has a function of its own */"
  }
  /// For the source, with the function that inline functions of headers call.
  var definition: String { "\(typed);" + (forwards.map { "\n\n\($0)" } ?? "") }
  /// Its row in the list of what is looked up.
  var entry: String { "{ \"\(name)\", \"\(other ?? name)\", &\(pointer) }" }

  /// The function that calls a tracepoint.
  private var isTracepoint: Bool { name.hasPrefix("call_trace") }
  /// The name in the stubs' text.
  private var macro: String { isTracepoint ? String(name.dropFirst(5)) : name }

  /// Those that a source mentions, in the list's order; its comments quote other kernels' names.
  static func used(in source: String, _ features: KernelFeatures) -> [FoundSymbol] {
    let code = source.replacing(/\/\*.*?\*\//.dotMatchesNewlines(), with: " ")
    let words = Set(code.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")) })
    let there = features.socketLengthTracepoints ? all : all.filter { !$0.isTracepoint }
    return (there + [position(features)]).filter { symbol in
      words.contains(symbol.macro[...]) || symbol.user.map { words.contains($0[...]) } == true
    }
  }

  /// The inline function of a header that calls it, as a stub spells it.
  private var user: String? {
    switch name {
    case "__f_unlock_pos": "fdput_pos"
    case "__fdget_pos": "fdget_pos"
    default: nil
    }
  }

  /// What looks up a descriptor with a position: a function, or what an inline function calls.
  private static func position(_ features: KernelFeatures) -> FoundSymbol {
    features.descriptorIsWord
      ? FoundSymbol("fdget_pos")
      : FoundSymbol(
        "__fdget_pos",
        forwards:
          "unsigned long __fdget_pos(unsigned int fd)\n{\n\treturn ukl_found___fdget_pos(fd);\n}")
  }

  /// Headers that declare them.
  static func includes(_ features: KernelFeatures) -> [String] {
    [
      "<linux/file.h>", "<linux/fs.h>", "<linux/net.h>", "<linux/security.h>", "<linux/socket.h>",
      "<linux/syscalls.h>", "<linux/uio.h>", "<net/sock.h>", "<net/tcp.h>", "<net/udp.h>",
    ]
  }

  private static let all: [FoundSymbol] = [
    FoundSymbol("ksys_read"), FoundSymbol("ksys_write"), FoundSymbol("ksys_pread64"),
    FoundSymbol("ksys_pwrite64"), FoundSymbol("__sys_recvfrom"), FoundSymbol("__sys_sendto"),
    FoundSymbol("__sys_recvmsg"), FoundSymbol("__sys_sendmsg"), FoundSymbol("__sys_sendmsg_sock"),
    FoundSymbol("__sys_accept4"), FoundSymbol("move_addr_to_kernel"),
    FoundSymbol("do_readv", .written(vector)), FoundSymbol("do_writev", .written(vector)),
    FoundSymbol("copy_msghdr_from_user", .written(messageHeader)),
    FoundSymbol("move_addr_to_user", .written(address)),
    FoundSymbol("security_file_permission"), FoundSymbol("security_socket_recvmsg"),
    FoundSymbol("security_socket_sendmsg"), FoundSymbol("rw_verify_area"),
    FoundSymbol(
      "__f_unlock_pos",
      forwards: "void __f_unlock_pos(struct file *file)\n{\n\tukl_found___f_unlock_pos(file);\n}"),
    FoundSymbol("call_trace_sock_recv_length", .written(trace)),
    FoundSymbol(
      "call_trace_sock_send_length", .written(trace),
      other: "call_trace_sock_send_length.constprop.0"),
    FoundSymbol("tcp_recvmsg"), FoundSymbol("udp_recvmsg", .member("recvmsg", of: "proto")),
    FoundSymbol("udpv6_recvmsg", .member("recvmsg", of: "proto")),
    FoundSymbol("udpv6_sendmsg", .member("sendmsg", of: "proto")),
    FoundSymbol("unix_stream_recvmsg", .member("recvmsg", of: "proto_ops")),
    FoundSymbol("unix_stream_sendmsg", .member("sendmsg", of: "proto_ops")),
    FoundSymbol("unix_dgram_recvmsg", .member("recvmsg", of: "proto_ops")),
    FoundSymbol("unix_dgram_sendmsg", .member("sendmsg", of: "proto_ops")),
    FoundSymbol("pipe_read", .member("read_iter", of: "file_operations")),
    FoundSymbol("pipe_write", .member("write_iter", of: "file_operations")),
    FoundSymbol("eventfd_read", .member("read_iter", of: "file_operations")),
    FoundSymbol("eventfd_write", .member("write", of: "file_operations")),
    FoundSymbol("shmem_file_read_iter", .member("read_iter", of: "file_operations")),
    FoundSymbol("shmem_file_write_iter", .member("write_iter", of: "file_operations")),
    FoundSymbol("ext4_file_read_iter", .member("read_iter", of: "file_operations")),
    FoundSymbol("ext4_file_write_iter", .member("write_iter", of: "file_operations")),
    FoundSymbol("pipefifo_fops", .written(table)), FoundSymbol("eventfd_fops", .written(table)),
    FoundSymbol("shmem_file_operations", .written(table)),
    FoundSymbol("ext4_file_operations", .written(table)),
  ]

  private static let table = "const struct file_operations *NAME"
  private static let vector =
    "ssize_t (*NAME)(unsigned long fd, const struct iovec __user *vec,\n"
    + "\t\t unsigned long vlen, rwf_t flags)"
  private static let messageHeader =
    "int (*NAME)(struct msghdr *kmsg, struct user_msghdr __user *umsg,\n"
    + "\t     struct sockaddr __user **save_addr, struct iovec **iov)"
  private static let address =
    "int (*NAME)(struct sockaddr_storage *kaddr, int klen,\n"
    + "\t     void __user *uaddr, int __user *ulen)"
  private static let trace = "void (*NAME)(struct sock *sk, int ret, int flags)"
}
