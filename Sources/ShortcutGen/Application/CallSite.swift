/// A call that the recording saw and a shortcut is to replace.
public struct CallSite: Hashable, Sendable {
  /// The calling function in the source's spelling, without `ukl_`; gcc's suffixes such as
  /// `.constprop.0` and a C++ qualifier (`Server::serve`) may be there.
  public var function: String
  /// Names under which the source may call the wrapper, such as `recv` and `recvfrom`. libc's own
  /// aliases, `__read` and `__libc_read`, are understood without being named.
  public var callees: [String]
  /// The name to call in its place, such as `ukl_shortcut_tcp_read`.
  public var replacement: String
  /// Number of arguments the replacement takes.
  public var arity: Int
  /// Source file as the debug information names it, absolute or not; nil if unknown.
  public var file: String?
  /// Line of the call from 1; nil if unknown.
  public var line: Int?
  /// Column of the call in bytes from 1; nil or 0 if unknown.
  public var column: Int?

  /// Describes a call by its function, or with `file` and `line` by its place.
  public init(
    function: String, callees: [String], replacement: String, arity: Int,
    file: String? = nil, line: Int? = nil, column: Int? = nil
  ) {
    self.function = function
    self.callees = callees
    self.replacement = replacement
    self.arity = arity
    self.file = file
    self.line = line
    self.column = column
  }
}

extension CallSite {
  /// The function's name as it stands in the source: no qualifier, no parameter list, no suffix
  /// that gcc appends to copies and parts (`.part.0`, `.constprop.0`, `.isra.0`, `.cold`, …).
  var baseName: String { qualifiedName.last ?? function }

  /// Qualifier and name, outermost first.
  var qualifiedName: [String] {
    let plain = function.prefix { $0 != "." && $0 != "(" && $0 != "[" && $0 != " " }
    return plain.split(separator: ":").map(String.init)
  }

  /// All names of the wrapper.
  var wrapperNames: Set<String> {
    Set(callees.flatMap { [$0, "__" + $0, "__libc_" + $0] })
  }

  /// The wrapper for a message: `read`, or `recv or recvfrom`.
  var wrapperLabel: String { callees.joined(separator: " or ") }
}

/// What became of one call site.
public struct SiteAnswer: Hashable, Sendable {
  /// The three outcomes.
  public enum Outcome: Hashable, Sendable {
    /// The patch replaces the call here.
    case patched(SourceLocation)
    /// The source calls the shortcut here already.
    case alreadyThere(SourceLocation)
    /// No change, for this reason: one sentence that names the place in the source.
    case refused(String)
  }

  /// The site as it was asked for.
  public let site: CallSite
  /// What became of it.
  public let outcome: Outcome
}

/// Why a call can't be replaced, as one sentence fit for a terminal.
struct Refusal: Error {
  let sentence: String
  init(_ sentence: String) { self.sentence = sentence }
}
