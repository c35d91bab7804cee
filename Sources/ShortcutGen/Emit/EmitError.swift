/// Why the generator refuses to write a file.
public enum EmitError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A name that would become part of C is no C identifier.
  case notAnIdentifier(String, role: String)
  /// Two requests want a stub of the same name.
  case duplicateStub(String)
  /// There is nothing to generate.
  case noStubs
  /// The kernel tree lacks a file that has to be changed.
  case missingInKernelTree(path: String)
  /// The kernel's types lack a structure that stubs use.
  case missingInKernelTypes(structure: String)
  /// A file of the kernel tree is not UTF-8 text.
  case notText(path: String)

  /// One line: what, found, needed.
  public var description: String {
    switch self {
    case .notAnIdentifier(let name, let role):
      "\(role) \(name.debugDescription) is not a C identifier"
    case .duplicateStub(let name): "stub \(name) is requested twice; merge its call sites"
    case .noStubs: "no stub is requested"
    case .missingInKernelTree(let path): "the kernel tree has no \(path)"
    case .missingInKernelTypes(let structure):
      "the kernel's types have no \(structure); is it a kernel's, with networking?"
    case .notText(let path): "\(path) in the kernel tree is not UTF-8 text"
    }
  }
}

/// Why a set of templates can't be used.
public enum TemplateError: Error, Equatable, Sendable, CustomStringConvertible {
  /// No template of this name is in the set.
  case missing(template: String)
  /// The set has a template that nothing renders.
  case undeclared(template: String)
  /// The template's text is not UTF-8, or Mustache can't parse it.
  case unreadable(template: String, reason: String)
  /// The template uses tags that nobody fills, or leaves out some that somebody fills.
  case tags(template: String, unknown: [String], unused: [String])
  /// The generator filled other variables than the template declares.
  case values(template: String, given: [String], declared: [String])

  /// One line: which template, found, needed.
  public var description: String {
    switch self {
    case .missing(let template): "template \(template) is missing"
    case .undeclared(let template): "template \(template) is used by nothing"
    case .unreadable(let template, let reason): "template \(template): \(reason)"
    case .tags(let template, let unknown, let unused):
      "template \(template): unknown variables \(unknown), unused variables \(unused)"
    case .values(let template, let given, let declared):
      "template \(template): filled with \(given), declared are \(declared)"
    }
  }
}
