/// One instance of a structure of function pointers.
public struct OperationsTable: Sendable, Equatable, Codable {
  /// A pointer to a function.
  public struct Member: Sendable, Equatable, Codable {
    /// The member's name.
    public let name: String
    /// Bytes from the structure's start.
    public let offset: Int
    /// The function it points to.
    public let function: String
    /// Whether the pointer is only there once the kernel has run: the image has a store to it, not
    /// its value.
    public let isFilledAtRunTime: Bool
  }

  /// How the structure's type is known.
  public enum Evidence: String, Sendable, Codable {
    /// Debug information names the variable's type.
    case debugInformation
    /// The functions' prototypes are those of the structure's members, and no other word of the
    /// variable speaks against it.
    case prototypes
  }

  /// The structure's name, `proto_ops`.
  public let structure: String
  /// The variable's, `inet_stream_ops`; in an array with an index.
  public let name: String
  /// Where the image is linked to have it.
  public let address: UInt64
  /// `sizeof` of the structure.
  public let size: Int
  /// The pointers that aren't null, by offset; one that different code sets differently, several
  /// times.
  public let members: [Member]
  /// How the type is known.
  public let evidence: Evidence
  /// Whether nothing of it is there before the kernel runs.
  public var isFilledAtRunTime: Bool { members.allSatisfy(\.isFilledAtRunTime) }
  /// Other structures that it may be as well.
  public let alternatives: [String]
  /// The module that it lies in; nil for the kernel's own.
  public private(set) var module: String?

  /// The same table, of a module.
  func inModule(_ name: String) -> OperationsTable {
    var table = self
    table.module = name
    return table
  }
}
