/// A kind of stub there is a template for: one system call on one family of descriptors.
public struct StubKind: Hashable, Sendable {
  /// The family of descriptors, the middle of the stub's name: `tcp`.
  public let family: String
  /// The system call, and the name of its libc wrapper: `read`.
  public let syscall: String
  /// The kernel function where the work is done: `tcp_recvmsg`.
  public let leaf: String
  /// Which way the data go.
  let transfer: Transfer
  /// Its parameters as the kernel and the application spell them.
  let parameters: [Parameter]

  /// A direction, seen from the application.
  enum Transfer: Hashable, Sendable { case toApplication, fromApplication }

  /// One parameter of a stub.
  struct Parameter: Hashable, Sendable {
    let name: String
    let kernelType: String
    let applicationType: String
  }

  /// The stub's function: `shortcut_tcp_read`.
  public var name: String { "shortcut_\(family)_\(syscall)" }

  /// read(2) of a TCP socket.
  public static let tcpRead = StubKind(
    family: "tcp", syscall: "read", leaf: "tcp_recvmsg", transfer: .toApplication,
    parameters: [.descriptor, .destination, .count])

  /// write(2) to a TCP socket.
  public static let tcpWrite = StubKind(
    family: "tcp", syscall: "write", leaf: "tcp_sendmsg", transfer: .fromApplication,
    parameters: [.descriptor, .source, .count])

  /// Every kind there is a template for, sorted by name.
  public static let all = [tcpRead, tcpWrite]

  /// The stub for a call site that always ends in `leaf`, or nil where no stub of that kind exists.
  public static func leading(to leaf: String, from syscall: String) -> StubKind? {
    all.first { $0.leaf == leaf && $0.syscall == syscall }
  }

  /// The template of the stub.
  var template: String { "\(family)_\(syscall)" }

  /// Its declaration for the kernel.
  var kernelPrototype: String {
    let list = parameters.map { CText.declare($0.name, as: $0.kernelType) }
    return "ssize_t \(name)(\(list.joined(separator: ", ")));"
  }

  /// Its declaration for the application.
  var applicationPrototype: String { "extern long \(name)(\(applicationParameters));" }

  /// The parameter list that the application sees.
  var applicationParameters: String {
    parameters.map { CText.declare($0.name, as: $0.applicationType) }.joined(separator: ", ")
  }

  /// The arguments of a call that passes all parameters on.
  var arguments: String { parameters.map(\.name).joined(separator: ", ") }
}

extension StubKind.Parameter {
  static let descriptor = Self(name: "fd", kernelType: "int", applicationType: "int")
  static let destination = Self(
    name: "buf", kernelType: "void __user *", applicationType: "void *")
  static let source = Self(
    name: "buf", kernelType: "const void __user *", applicationType: "const void *")
  static let count = Self(name: "count", kernelType: "size_t", applicationType: "unsigned long")
}

extension CText {
  /// `type name`, with the star of a pointer at the name.
  fileprivate static func declare(_ name: String, as type: String) -> String {
    type.hasSuffix("*") ? type + name : "\(type) \(name)"
  }
}
