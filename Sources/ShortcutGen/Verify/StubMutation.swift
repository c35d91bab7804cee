/// A way to break a rule of a stub, as a replacement in its text: what a check of stubs must notice.
public struct StubMutation: CustomStringConvertible, Hashable, Sendable {
  /// The rule, as `facts` number them: `R6`.
  public let rule: String
  /// Text of a stub, whole lines without their indentation where they are not to be found elsewhere.
  public let find: String
  /// What takes its place.
  public let replace: String
  /// Why no scenario of a running kernel can notice it: by family, `*` for all.
  let excuses: [String: String]
  /// The same of Linux 6.1 alone.
  let excusesOf6_1: [String: String]
  static let byAccessCheck = ["*": "dominated by access_ok() on x86-64 (R19)"]
  static let eventsOnly = ["eventfd": "an eventfd moves eight bytes or nothing, whatever is asked"]
  static let bothWays = ["eventfd": "an eventfd is always open both ways"]
  static let noFlags = "it looks at no flag that the open file's give to a kiocb"
  static let onlyTCP = "only TCP looks at these flags in Linux 6.1"
  static let neverFrozen = ["tmpfs": "a tmpfs can't be frozen"]
  static let steersPackets = [
    "*": "invisible to a process: it steers packets between processors"
  ]
  /// The rule and the text that is replaced.
  public var description: String { "\(rule): \(find.debugDescription)" }

  init(
    _ rule: String, _ find: String, _ replace: String = "", excuses: [String: String] = [:],
    excusesOf6_1: [String: String] = [:]
  ) {
    self.rule = rule
    self.find = find
    self.replace = replace
    self.excuses = excuses
    self.excusesOf6_1 = excusesOf6_1
  }

  /// The source with the rule broken wherever it stands; nil if it stands nowhere.
  ///
  /// A descriptor is spelled as the source's kernel has it: `f.file` or `fd_file(f)`.
  public func applied(to file: GeneratedFile) -> GeneratedFile? {
    guard file.path.hasSuffix(".c") else { return nil }
    let (text, isWord) = (file.contents, !file.isOfLinux6_1)
    let changed = text.replacing(spelled(find, isWord), with: spelled(replace, isWord))
    return changed == text ? nil : GeneratedFile(path: file.path, contents: changed)
  }

  private func spelled(_ code: String, _ isWord: Bool) -> String {
    guard isWord else { return code }
    return code.replacing("!f.file)", with: "fd_empty(f))").replacing("f.file", with: "fd_file(f)")
  }

  /// Every way there is, once.
  public static let every = (all + families.map(\.mutation) + inKernel).uniqued

  /// What only a real kernel can notice: frames with a body skipped, and what the device of a module
  /// does in the application's place.
  private static let inKernel = [
    StubMutation("R15", "ext4_file_read_iter(&kiocb, &iter)", "filemap_read(&kiocb, &iter, 0)"),
    StubMutation("R15", "tcp_sendmsg(sk, msg, count)", "tcp_sendmsg_locked(sk, msg, count)"),
    StubMutation("R16", "return result <= -512 && result >= -516;", "return false;"),
  ]

  /// Every way to break the stubs of TCP's read(2) and write(2).
  public static let all = reference + guards + arguments + effects

  private static let reference = [
    StubMutation("R1", "\tfdput(f);\n\treturn ret;", "\treturn ret;"),
    StubMutation("R1", "\t\tfdput(f);\n\t\treturn ksys_read", "\t\treturn ksys_read"),
    StubMutation("R1", "\t\tfdput(f);\n\t\treturn ksys_write", "\t\treturn ksys_write"),
    StubMutation("R1", "if (unlikely(!f.file))\n\t\treturn -EBADF;"),
  ]

  private static let guards = [
    StubMutation("R2", "sock_from_file(f.file)", "f.file->private_data"),
    StubMutation("R4", "READ_ONCE(sk->sk_prot)->recvmsg != tcp_recvmsg", "0"),
    StubMutation("R4", "READ_ONCE(sk->sk_prot)->sendmsg != tcp_sendmsg", "0"),
    StubMutation(
      "R3", "struct sock *sk = sock->sk;\n\tint addr_len",
      "struct sock *sk = &(struct sock){ sock->sk->sk_prot };\n\tint addr_len"),
    StubMutation(
      "R3", "ret = READ_ONCE(sock->ops)->recvmsg(sock, msg, count, flags)",
      "ret = ksys_read(3, 0, count)"),
    StubMutation(
      "R3", "ret = READ_ONCE(sock->ops)->sendmsg(sock, msg, count)",
      "ret = ksys_write(3, 0, count)"),
  ]

  private static let arguments = [
    StubMutation("R6", "sock->file->f_flags & O_NONBLOCK", "0"),
    StubMutation("R7", "if (!msg_data_left(msg))\n\t\treturn 0;"),
    StubMutation("R8", "if (unlikely(!access_ok(buf, count)))\n\t\treturn -EFAULT;"),
    StubMutation(
      "R8", "if (unlikely((ssize_t)count < 0))\n\t\treturn -EINVAL;",
      excuses: byAccessCheck),
    StubMutation("R9", "count = min_t(size_t, count, MAX_RW_COUNT);", excuses: eventsOnly),
    StubMutation(
      "R10", "struct msghdr msg = {};",
      "struct msghdr msg; memset(&msg, 0x5a, sizeof(msg)); msg.msg_flags = 0;"),
    StubMutation(
      "MSG_EOR", "msg->msg_flags |= MSG_EOR;", ";",
      excuses: ["*": "no socket of sequenced packets in the guest looks at the flag"]),
  ]

  private static let effects = [
    StubMutation("R11", "security_file_permission(file, MAY_READ)", "0"),
    StubMutation("R11", "security_file_permission(file, MAY_WRITE)", "0"),
    StubMutation("R11", "security_socket_recvmsg(sock, msg, count, flags)", "0"),
    StubMutation("R11", "security_socket_sendmsg(sock, msg, count)", "0"),
    StubMutation("R12", "fsnotify_access(file);", ";"),
    StubMutation("R12", "fsnotify_modify(file);", ";"),
    StubMutation("R12", "add_rchar(current, ret);", ";"),
    StubMutation("R12", "add_wchar(current, ret);", ";"),
    StubMutation("R12", "inc_syscr(current);"),
    StubMutation("R12", "inc_syscw(current);"),
    StubMutation("R12", "if (ret > 0)", "if (ret >= 0)", excuses: eventsOnly),
    StubMutation(
      "R20", "sock_rps_record_flow(sk);", ";",
      excuses: steersPackets),
  ]
}

extension GeneratedFile {
  /// Whether it is made for Linux 6.1, where a descriptor is no fd_file(f) yet.
  var isOfLinux6_1: Bool { !contents.contains("fd_file(f)") && !contents.contains("fd_empty(f)") }
}

extension [StubMutation] {
  /// Without those that change the same text in the same way.
  fileprivate var uniqued: [StubMutation] {
    var seen: Set<[String]> = []
    return filter { seen.insert([$0.find, $0.replace]).inserted }
  }
}
