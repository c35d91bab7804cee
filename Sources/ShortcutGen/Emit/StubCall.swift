/// A system call as a stub stands in for it: parameters, result, and where the ordinary path is.
struct StubCall: Hashable, Sendable {
  /// The system call: `pread64`.
  let name: String
  /// The libc function that makes it: `pread`.
  let wrapper: String
  /// Whether data go to the application, come from it, or neither.
  let moves: Moves
  /// What the stub returns in the kernel.
  let result: String
  let parameters: [StubKind.Parameter]
  /// The kernel function with the call's body, called with the stub's parameters.
  let ordinary: String

  /// A direction, seen from the application.
  enum Moves: Hashable, Sendable { case toApplication, fromApplication, nothing }

  init(
    _ name: String, wrapper: String? = nil, _ moves: Moves, result: String = "ssize_t",
    _ parameters: [StubKind.Parameter], ordinary: String
  ) {
    self.name = name
    self.wrapper = wrapper ?? name
    self.moves = moves
    self.result = result
    self.parameters = parameters
    self.ordinary = ordinary
  }
}

extension StubCall {
  static let read = StubCall(
    "read", .toApplication, [.descriptor, .destination, .count],
    ordinary: "ksys_read(fd, buf, count)"
  )
  static let write = StubCall(
    "write", .fromApplication, [.descriptor, .source, .count],
    ordinary: "ksys_write(fd, buf, count)")
  static let readv = StubCall(
    "readv", .toApplication, [.descriptor, .vector, .vectorLength],
    ordinary: "shortcut_ordinary_readv(fd, vec, vlen)")
  static let writev = StubCall(
    "writev", .fromApplication, [.descriptor, .vector, .vectorLength],
    ordinary: "shortcut_ordinary_writev(fd, vec, vlen)")
  static let pread64 = StubCall(
    "pread64", wrapper: "pread", .toApplication, [.descriptor, .destination, .count, .position],
    ordinary: "ksys_pread64(fd, buf, count, pos)")
  static let pwrite64 = StubCall(
    "pwrite64", wrapper: "pwrite", .fromApplication, [.descriptor, .source, .count, .position],
    ordinary: "ksys_pwrite64(fd, buf, count, pos)")
  static let recvfrom = StubCall(
    "recvfrom", .toApplication,
    [.descriptor, .destination, .count, .flags, .peerAddress, .peerAddressLength],
    ordinary: "__sys_recvfrom(fd, buf, count, flags, addr, addr_len)")
  static let sendto = StubCall(
    "sendto", .fromApplication,
    [.descriptor, .sent, .count, .flags, .targetAddress, .targetAddressLength],
    ordinary: "__sys_sendto(fd, buf, count, flags, addr, addr_len)")
  static let recvmsg = StubCall(
    "recvmsg", .toApplication, [.descriptor, .receivedMessage, .flags],
    ordinary: "__sys_recvmsg(fd, umsg, flags, true)")
  static let sendmsg = StubCall(
    "sendmsg", .fromApplication, [.descriptor, .sentMessage, .flags],
    ordinary: "__sys_sendmsg(fd, umsg, flags, true)")
  static let accept = StubCall(
    "accept", .nothing, result: "int", [.descriptor, .peerAddress, .peerAddressLength],
    ordinary: "__sys_accept4(fd, addr, addr_len, 0)")
  static let accept4 = StubCall(
    "accept4", .nothing, result: "int",
    [.descriptor, .peerAddress, .peerAddressLength, .acceptFlags],
    ordinary: "__sys_accept4(fd, addr, addr_len, flags)")

  /// What can be done with any socket that moves data.
  static let socketCalls: [StubCall] = [
    .read, .write, .readv, .writev, .recvfrom, .sendto, .recvmsg, .sendmsg,
  ]
  /// What can be done with a file that has a position.
  static let fileCalls: [StubCall] = [.read, .write, .readv, .writev, .pread64, .pwrite64]
}

extension StubKind.Parameter {
  static let descriptor = Self(name: "fd", kernelType: "int", applicationType: "int")
  static let destination = Self(
    name: "buf", kernelType: "void __user *", applicationType: "void *")
  static let source = Self(
    name: "buf", kernelType: "const void __user *", applicationType: "const void *")
  static let sent = Self(
    name: "buf", kernelType: "void __user *", applicationType: "const void *")
  static let count = Self(name: "count", kernelType: "size_t", applicationType: "unsigned long")
  static let vector = Self(
    name: "vec", kernelType: "const struct iovec __user *",
    applicationType: "const struct iovec *")
  static let vectorLength = Self(
    name: "vlen", kernelType: "unsigned long", applicationType: "unsigned long")
  static let position = Self(name: "pos", kernelType: "loff_t", applicationType: "long")
  static let flags = Self(
    name: "flags", kernelType: "unsigned int", applicationType: "unsigned int")
  static let acceptFlags = Self(name: "flags", kernelType: "int", applicationType: "int")
  static let peerAddress = Self(
    name: "addr", kernelType: "struct sockaddr __user *", applicationType: "struct sockaddr *")
  static let peerAddressLength = Self(
    name: "addr_len", kernelType: "int __user *", applicationType: "unsigned int *")
  static let targetAddress = Self(
    name: "addr", kernelType: "struct sockaddr __user *",
    applicationType: "const struct sockaddr *")
  static let targetAddressLength = Self(
    name: "addr_len", kernelType: "int", applicationType: "unsigned int")
  static let receivedMessage = Self(
    name: "umsg", kernelType: "struct user_msghdr __user *", applicationType: "struct msghdr *")
  static let sentMessage = Self(
    name: "umsg", kernelType: "struct user_msghdr __user *",
    applicationType: "const struct msghdr *")
}
