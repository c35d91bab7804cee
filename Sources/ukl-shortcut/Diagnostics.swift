import Glibc
import Profiler

/// What is said beside the result: on stderr, one line each, safe for a terminal.
struct Diagnostics {
  let isQuiet: Bool
  let isVerbose: Bool

  /// Something the user should know but need not act on; not said with `--quiet`.
  func note(_ text: String) { if !isQuiet { Self.line("note: \(text)") } }

  /// Something that makes the result less than it could be.
  func warning(_ text: String) { Self.line("warning: \(text)") }

  /// Only said with `--verbose`.
  func detail(_ text: String) { if isVerbose && !isQuiet { Self.line(text) } }

  /// The last line before exit code 2.
  static func error(_ error: any Error) { line("error: \(error)") }

  private static func line(_ text: String) { fputs(printable(text) + "\n", stderr) }
}

/// An input that can't be used: exit code 2.
struct InputError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Writes a result to a file, or to stdout for `-` and where no file is named.
///
/// - Throws: ``InputError`` with the operating system's word.
func writeOutput(_ bytes: [UInt8], to path: String?) throws {
  let file: UnsafeMutablePointer<FILE>?
  if let path, path != "-" { file = fopen(path, "w") } else { file = stdout }
  guard let file else { throw InputError("\(path ?? "-"): \(String(cString: strerror(errno)))") }
  let written = bytes.withUnsafeBufferPointer { fwrite($0.baseAddress, 1, $0.count, file) }
  let isFlushed = file == stdout ? fflush(file) == 0 : fclose(file) == 0
  guard written == bytes.count, isFlushed else {
    throw InputError("\(path ?? "stdout"): \(String(cString: strerror(errno)))")
  }
}
