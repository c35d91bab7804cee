public import Foundation

/// How a program ended and what it wrote.
public struct RunResult: Sendable {
  /// Exit status; 128 + the signal's number where a signal ended it.
  public let status: Int32
  /// What it wrote to stdout.
  public let stdout: Data
  /// What it wrote to stderr.
  public let stderr: String

  /// `stdout` as text.
  public var text: String { String(decoding: stdout, as: UTF8.self) }
  /// `stdout` cut into lines.
  public var lines: [String] { text.split(separator: "\n").map(String.init) }
}

/// Runs a program and waits for it.
public func run(
  _ program: URL, _ arguments: [String], in folder: URL? = nil
) throws -> RunResult {
  try withTemporaryFolder { scratch in
    // Files, not pipes: a pipe that fills up while the other is read would never end.
    let (out, err) = (
      scratch.appendingPathComponent("stdout"), scratch.appendingPathComponent("stderr")
    )
    for file in [out, err] { try Data().write(to: file) }
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: out)
    process.standardError = try FileHandle(forWritingTo: err)
    try process.run()
    process.waitUntilExit()
    let signalled = process.terminationReason == .uncaughtSignal
    return RunResult(
      status: process.terminationStatus + (signalled ? 128 : 0), stdout: try Data(contentsOf: out),
      stderr: String(decoding: try Data(contentsOf: err), as: UTF8.self))
  }
}

/// A tool that a test can't do without is not there, or failed.
public struct ToolMissing: Error, CustomStringConvertible {
  /// What is missing.
  public let description: String

  /// Names it.
  public init(_ description: String) { self.description = description }
}

/// Runs the built `ukl-shortcut`.
public func runProgram(_ arguments: [String]) throws -> RunResult {
  guard let program = Place.program else { throw ToolMissing("ukl-shortcut is not built") }
  return try run(program, arguments)
}
