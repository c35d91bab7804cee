import Glibc
import Profiler
import SystemPackage

/// What is said beside the result: on stderr, one line each, safe for a terminal.
struct Diagnostics {
  let isQuiet: Bool
  let isVerbose: Bool

  /// Something the user should know but need not act on; not said with `--quiet`.
  func note(_ text: String) { if !isQuiet { Self.line("note: \(text)") } }

  /// Something that makes the result less than it could be.
  func warning(_ text: String) { Self.line("warning: \(text)") }

  /// Only said with `--verbose`.
  func detail(_ text: @autoclosure () -> String) { if isVerbose && !isQuiet { Self.line(text()) } }

  /// What is going on, on a terminal only; the next call, or nil, takes its place.
  func progress(_ text: String?) {
    guard !isQuiet, isatty(STDERR_FILENO) == 1 else { return }
    let line = "\r\u{1b}[K" + (text.map { printable($0) + "…" } ?? "")
    _ = try? FileDescriptor.standardError.writeAll(line.utf8)
  }

  /// The last line before exit code 2.
  static func error(_ error: any Error) { line("error: \(error)") }

  private static func line(_ text: String) {
    _ = try? FileDescriptor.standardError.writeAll((printable(text) + "\n").utf8)
  }
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
  try withOutput(to: path) { try $0.writeAll(bytes) }
}

/// Opens a file to write, or stdout for `-` and nil.
func withOutput(
  to path: String?, _ body: (borrowing FileDescriptor) throws -> Void
) throws {
  do {
    if let path, path != "-" {
      let file = try FileDescriptor.open(
        FilePath(path), .writeOnly, options: [.create, .truncate],
        permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
      try file.closeAfter { try body(file) }
    } else {
      try body(.standardOutput)
    }
  } catch let error as Errno {
    throw InputError("\(path ?? "stdout"): \(error)")
  }
}
