/// A kind of stub there are templates for: one system call on one family of descriptors.
public struct StubKind: Hashable, Sendable {
  let of: StubFamily
  let call: StubCall

  /// One parameter of a stub.
  struct Parameter: Hashable, Sendable {
    let name: String
    let kernelType: String
    let applicationType: String
  }

  /// The family of descriptors, the middle of the stub's name: `tcp`.
  public var family: String { of.name }
  /// The family as the catalogue spells it: `unix-stream`.
  var catalogFamily: String { String(family.map { $0 == "_" ? "-" : $0 }) }
  /// The system call: `read`.
  public var syscall: String { call.name }
  /// The libc function that makes it: `pread` for `pread64`.
  public var wrapper: String { call.wrapper }
  /// The stub's function: `shortcut_tcp_read`.
  public var name: String { "shortcut_\(family)_\(syscall)" }

  var parameters: [Parameter] { call.parameters }

  /// Every kind there is a template for, sorted by name.
  public static let all = StubFamily.all.flatMap { family in
    family.calls.map { StubKind(of: family, call: $0) }
  }.sorted { $0.name < $1.name }

  /// The stub for a system call on a family, as the catalogue spells it (`unix-stream`), or nil
  /// where there is none.
  public static func of(family: String, syscall: String) -> StubKind? {
    let name = "shortcut_\(String(family.map { $0 == "-" ? "_" : $0 }))_\(syscall)"
    return named(name)
  }

  /// The stub for a call site that always ends in `leaf`, or nil where there is none.
  public static func leading(to leaf: String, from syscall: String) -> StubKind? {
    let catalog = OperationCatalog.shared
    let target = catalog.target(leaf, moves: catalog.systemCalls[syscall]?.moves ?? "")
    return target?.family.flatMap { of(family: $0, syscall: syscall) }
  }

  /// The stub of this name.
  public static func named(_ name: String) -> StubKind? { all.first { $0.name == name } }

  /// The template of the stub.
  var template: String {
    of.templates[call.name] ?? "\(of.shape.rawValue)_\(call.name)"
  }

  /// The function it calls: `tcp_recvmsg`.
  func leaf(_ features: KernelFeatures) -> String {
    switch call.moves {
    case .toApplication: of.readLeaf
    case .fromApplication: of.writeLeaf(features)
    case .nothing: "inet_csk_accept"
    }
  }

  /// The member of the family's table that holds the leaf; nil where nothing is moved.
  var slot: String? {
    switch call.moves {
    case .toApplication: "read_iter"
    case .fromApplication: of.templates[call.name] == nil ? "write_iter" : call.name
    case .nothing: nil
    }
  }

  /// Its declaration for the kernel, broken at 80 columns.
  var kernelPrototype: String { kernelHead + ";" }

  /// The same without the semicolon.
  var kernelHead: String {
    CText.broken(
      "\(call.result) \(name)(",
      parameters.map { CText.declare($0.name, as: $0.kernelType) }, ")")
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

extension CText {
  /// `type name`, with the star of a pointer at the name.
  static func declare(_ name: String, as type: String) -> String {
    type.hasSuffix("*") ? type + name : "\(type) \(name)"
  }

  /// `head`, a list and `end` in lines of at most 80 columns, continued below what follows `head`.
  static func broken(_ head: String, _ items: [String], _ end: String) -> String {
    var lines = [head]
    let indent = indent(to: head.count)
    var width = head.count
    for (index, item) in items.enumerated() {
      let text = item + (index == items.count - 1 ? end + ";" : ",")
      if width + 1 + text.count > 80, index > 0 {
        lines.append(indent)
        width = head.count
      } else if index > 0 {
        lines[lines.count - 1] += " "
        width += 1
      }
      lines[lines.count - 1] += item + (index == items.count - 1 ? end : ",")
      width += text.count
    }
    return lines.joined(separator: "\n")
  }

  /// White space up to a column: tabs, then blanks.
  static func indent(to column: Int) -> String {
    String(repeating: "\t", count: column / 8) + String(repeating: " ", count: column % 8)
  }
}
