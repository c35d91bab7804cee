/// One of the functions that an address lies in, as the source nests them: a function and where in
/// it the address is.
public struct SourceFrame: Hashable, Sendable {
  /// The function as its source spells it, whole: demangled where it is C++ or Rust; nil where DWARF
  /// has lines but no function.
  public let function: String?
  /// Whether the compiler put the function's code into the next frame's.
  public let isInlined: Bool
  /// Where in the function: of the innermost frame the line of the address itself, of every other
  /// the line that calls the frame before it.
  public let position: SourcePosition?
}

/// A place in a source file.
public struct SourcePosition: Hashable, Sendable {
  /// The file as DWARF names it, joined with its folder and, where that is relative, with the
  /// folder of the compilation.
  public let file: String
  /// Counted from 1; nil for code that stands in no line.
  public let line: Int?
  /// Counted from 1; nil where the compiler didn't say.
  public let column: Int?

  /// Names a place.
  public init(file: String, line: Int? = nil, column: Int? = nil) {
    self.file = file
    self.line = line
    self.column = column
  }
}
