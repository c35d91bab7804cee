/// A call that the recording saw and a shortcut is to replace.
public struct CallSite: Hashable, Sendable {
  /// The calling function in the source's spelling, without `ukl_`; gcc's suffixes such as
  /// `.constprop.0` and a C++ qualifier (`Server::serve`) may be there.
  public var function: String
  /// How the source may call the wrapper: `recv` and `recvfrom` are one system call.
  public var spellings: [Spelling]
  /// Source file as the debug information names it, absolute or not; nil if unknown.
  public var file: String?
  /// Line of the call from 1; nil if unknown.
  public var line: Int?
  /// Column of the call in bytes from 1; nil or 0 if unknown.
  public var column: Int?

  /// A name under which the source may call the wrapper. libc's own aliases of it, `__read` and
  /// `__libc_read`, are understood without being named.
  public struct Spelling: Hashable, Sendable {
    /// What the source calls: `recv`.
    public var name: String
    /// Number of arguments it takes, and so does what stands in for it.
    public var arity: Int
    /// The name to call in its place, such as `ukl_shortcut_tcp_recv`.
    public var replacement: String

    /// Names a function and what stands in for it.
    public init(name: String, arity: Int, replacement: String) {
      self.name = name
      self.arity = arity
      self.replacement = replacement
    }

    /// The name and libc's aliases of it.
    var names: [String] { [name, "__" + name, "__libc_" + name] }
  }

  /// Describes a call by its function, or with `file` and `line` by its place.
  public init(
    function: String, spellings: [Spelling],
    file: String? = nil, line: Int? = nil, column: Int? = nil
  ) {
    self.function = function
    self.spellings = spellings
    self.file = file
    self.line = line
    self.column = column
  }

  /// Describes a call of a wrapper whose names all take the same arguments.
  public init(
    function: String, callees: [String], replacement: String, arity: Int,
    file: String? = nil, line: Int? = nil, column: Int? = nil
  ) {
    self.init(
      function: function,
      spellings: callees.map { Spelling(name: $0, arity: arity, replacement: replacement) },
      file: file, line: line, column: column)
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

  /// What the source may call, aliases left out.
  var callees: [String] { spellings.map(\.name) }

  /// All names of the wrapper.
  var wrapperNames: Set<String> { Set(spellings.flatMap(\.names)) }

  /// What stands in for the wrapper.
  var replacements: Set<String> { Set(spellings.map(\.replacement)) }

  /// The spelling that a call uses: by its name, or where that is a macro's by its arguments.
  func spelling(of name: String, arguments: Int) -> Spelling? {
    spellings.first { $0.names.contains(name) } ?? spellings.first { $0.arity == arguments }
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
  /// What is called in the wrapper's place; nil where nothing is.
  public let replacement: String?
  /// What became of it.
  public let outcome: Outcome
}

/// Why a call can't be replaced, as one sentence fit for a terminal.
struct Refusal: Error {
  let sentence: String
  init(_ sentence: String) { self.sentence = sentence }
}
