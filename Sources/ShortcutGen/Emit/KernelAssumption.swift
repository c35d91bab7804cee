/// What the stubs' text takes for granted of the kernel, said so that the compiler checks it: the
/// prototype of a function that it calls, the type of a member that it uses, the size of a constant.
struct KernelAssumption {
  /// The word of the code that it is about.
  let word: String
  /// The check, in lines of at most 80 columns.
  let check: String

  /// Those about words of the code, but of its comments, in the list's order.
  static func all(in code: String) -> [KernelAssumption] {
    let text = code.replacing(/\/\*.*?\*\//.dotMatchesNewlines(), with: "")
    let words = Set(text.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")) })
    return all.filter { words.contains($0.word[...]) }
  }

  private static let all = constants + members + functions

  private init(_ word: String, _ check: String) { (self.word, self.check) = (word, check) }
}

extension KernelAssumption {
  /// Sockets return an int, and no stub is asked for more than the system call's body would be.
  private static let constants = [
    KernelAssumption(
      "MAX_RW_COUNT",
      "static_assert(MAX_RW_COUNT <= INT_MAX,\n\t      \"MAX_RW_COUNT does not fit into an int\");")
  ]

  private static let members = [
    member("f_flags", of: "file", "unsigned int"), member("f_mode", of: "file", "fmode_t"),
    member("f_op", of: "file", "const struct file_operations *"),
    member("f_pos", of: "file", "loff_t"), member("ki_pos", of: "kiocb", "loff_t"),
    member("msg_flags", of: "msghdr", "unsigned int"),
    member("msg_iter", of: "msghdr", "struct iov_iter"),
    member("msg_namelen", of: "msghdr", "int"),
    member("ops", of: "socket", "const struct proto_ops *"),
    member("private_data", of: "file", "void *"), member("sk_prot", of: "sock", "struct proto *"),
  ]

  private static let functions = [
    function("__sys_accept4", "int", "int", socketAddress, addressLength, "int"),
    function(
      "__sys_recvfrom", "int", "int", "void __user *", "size_t", "unsigned int", socketAddress,
      addressLength),
    function("__sys_recvmsg", "long", "int", userMessage, "unsigned int", "bool"),
    function("__sys_sendmsg", "long", "int", userMessage, "unsigned int", "bool"),
    function(
      "__sys_sendto", "int", "int", "void __user *", "size_t", "unsigned int", socketAddress, "int"),
    function(
      "fsnotify_file_area_perm", "int", "struct file *", "int", "const loff_t *", "size_t"),
    function(
      "import_iovec", "ssize_t", "int", "const struct iovec __user *", "unsigned int",
      "unsigned int", "struct iovec **", "struct iov_iter *"),
    function(
      "import_single_range", "int", "int", "void __user *", "size_t", "struct iovec *",
      "struct iov_iter *"),
    function("import_ubuf", "int", "int", "void __user *", "size_t", "struct iov_iter *"),
    function("inet_send_prepare", "int", "struct sock *"),
    function(
      "iov_iter_ubuf", "void", "struct iov_iter *", "unsigned int", "void __user *", "size_t"),
    function("ksys_pread64", "ssize_t", "unsigned int", "char __user *", "size_t", "loff_t"),
    function(
      "ksys_pwrite64", "ssize_t", "unsigned int", "const char __user *", "size_t", "loff_t"),
    function("ksys_read", "ssize_t", "unsigned int", "char __user *", "size_t"),
    function("ksys_write", "ssize_t", "unsigned int", "const char __user *", "size_t"),
    function(
      "move_addr_to_kernel", "int", "void __user *", "int", "struct sockaddr_storage *"),
    function("rw_verify_area", "int", "int", "struct file *", "const loff_t *", "size_t"),
    function("security_file_permission", "int", "struct file *", "int"),
    function(
      "security_socket_recvmsg", "int", "struct socket *", "struct msghdr *", "int", "int"),
    function("security_socket_sendmsg", "int", "struct socket *", "struct msghdr *", "int"),
    function("sock_from_file", "struct socket *", "struct file *"),
  ]

  private static let socketAddress = "struct sockaddr __user *"
  private static let addressLength = "int __user *"
  private static let userMessage = "struct user_msghdr __user *"

  private static func member(
    _ name: String, of structure: String, _ type: String
  ) -> KernelAssumption {
    KernelAssumption(
      name,
      sameType(
        "typeof_member(struct \(structure), \(name))", type, "\(structure).\(name) has another type"
      ))
  }

  private static func function(
    _ name: String, _ result: String, _ parameters: String...
  ) -> KernelAssumption {
    let head = "\(result)\(result.hasSuffix("*") ? "" : " ")(*)("
    let type = CText.listed(head, parameters, ")", at: typeColumn, reserving: 2)
    return KernelAssumption(name, sameType("&\(name)", type, "\(name)() has another prototype"))
  }

  /// Where the arguments of `static_assert(__same_type(` stand.
  private static let typeColumn = 26

  private static func sameType(_ value: String, _ type: String, _ message: String) -> String {
    let head = "static_assert(__same_type(\(value),"
    let fits = !type.contains("\n") && head.count + type.count + 3 <= 80
    return head + (fits ? " " : "\n\(CText.indent(to: typeColumn))") + "\(type)),\n"
      + "\(CText.indent(to: 14))\"\(message)\");"
  }
}

extension KernelFeatures {
  /// Where a kernel has less than another: that it really hasn't is checked as well.
  func absences(of family: StubFamily, in code: String, _ policy: StubPolicy) -> [String] {
    var checks: [String] = []
    if !fanotifyBesideLSM, code.contains("security_file_permission(") {
      checks.append(
        """
        /* fanotify is asked by security_file_permission(). */
        static_assert(__same_type(&fsnotify_perm, int (*)(struct file *, int)),
        \t      "fanotify is asked somewhere else");
        """)
    }
    guard family.shape == .socket else { return checks }
    if !socketLengthTracepoints, policy.keeps(.tracepoints) {
      checks.append(
        """
        /* There are no tracepoints of lengths: these names are free. */
        #ifndef SHORTCUT_WITHOUT_LENGTHS
        #define SHORTCUT_WITHOUT_LENGTHS
        enum { trace_sock_recv_length, trace_sock_send_length };
        #endif
        """)
    }
    if !masksInternalFlags, code.contains("__sys_send") {
      checks.append(
        """
        #ifdef MSG_INTERNAL_SENDMSG_FLAGS
        #error "the kernel has flags of its own, which have to be masked"
        #endif
        """)
    }
    return checks
  }
}

extension CText {
  /// A list in lines of at most 80 columns that begin below what follows `head`, itself at `column`.
  ///
  /// - Parameter room: columns to leave free behind the last item.
  static func listed(
    _ head: String, _ items: [String], _ end: String, at column: Int, reserving room: Int = 0
  ) -> String {
    var text = head
    var width = column + head.count
    for (index, item) in items.enumerated() {
      let isLast = index == items.count - 1
      let piece = item + (isLast ? end : ",")
      if index > 0, width + 1 + piece.count + (isLast ? room : 0) > 80 {
        text += "\n" + indent(to: column + head.count) + piece
        width = column + head.count + piece.count
      } else {
        text += (index > 0 ? " " : "") + piece
        width += (index > 0 ? 1 : 0) + piece.count
      }
    }
    return text
  }
}
