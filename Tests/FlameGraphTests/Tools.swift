import Foundation

/// The path of a program that is not part of the project, if it is installed.
func tool(_ name: String) -> String? {
  let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
  return folders.map { "\($0)/\(name)" }.first {
    FileManager.default.isExecutableFile(atPath: $0)
  }
}

/// Runs a program and returns its standard output; its errors go nowhere.
func run(_ program: String, _ arguments: [String], input: String = "") throws -> String {
  let process = Process()
  let (stdin, stdout) = (Pipe(), Pipe())
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  (process.standardInput, process.standardOutput) = (stdin, stdout)
  process.standardError = FileHandle.nullDevice
  try process.run()
  try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
  try stdin.fileHandleForWriting.close()
  let output = stdout.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return String(decoding: output, as: UTF8.self)
}
