/// A file that the generator wants to exist: a value to write, to compare or to show.
///
/// The contents are bytes, because a patch quotes lines of sources that may not be UTF-8.
public struct GeneratedFile: Equatable, Sendable {
  /// Path below the output folder, `/` as separator, never absolute and without `..`.
  public let path: String
  /// The whole file; this is what is written and compared.
  public let bytes: [UInt8]

  /// Names a file and its text.
  public init(path: String, contents: String) {
    self.init(path: path, bytes: Array(contents.utf8))
  }

  /// Names a file and its bytes.
  public init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  /// The file as text; bytes that aren't UTF-8 show as U+FFFD, so write `bytes`, not this.
  public var contents: String { String(decoding: bytes, as: UTF8.self) }
}
