/// A file that the generator wants to exist: a value to write, to compare or to show.
public struct GeneratedFile: Equatable, Sendable {
  /// Path below the output folder, `/` as separator, never absolute and without `..`.
  public let path: String
  /// The whole text.
  public let contents: String

  /// Names a file and its text.
  public init(path: String, contents: String) {
    self.path = path
    self.contents = contents
  }
}
