public import Foundation

/// Another program, found in PATH, that is run without a shell and waited for.
public struct ChildProcess {
  private let arguments: [String]
  private let folder: String?
  private let environment: [String: String]?

  /// - Parameters:
  ///   - command: the program's name and its arguments.
  ///   - folder: where it runs; nil where this program does.
  ///   - environment: all of its variables; nil for those of this program.
  public init(_ command: [String], folder: String? = nil, environment: [String: String]? = nil) {
    (arguments, self.folder, self.environment) = (command, folder, environment)
  }

  /// Runs it to its end; nothing can be read from its standard input.
  ///
  /// What would end this program meanwhile ends the other, so that both leave nothing behind.
  ///
  /// - Parameter hear: gets each piece of its standard output as it comes.
  /// - Returns: its exit status, and what it wrote to standard error.
  /// - Throws: where it can't be started.
  public func run(_ hear: (Data) -> Void) throws -> (status: Int32, errors: String) {
    let files = FileManager.default
    // A file, not a second pipe, which would fill up while the first is read.
    let errors = files.temporaryDirectory.appending(path: "ukl-shortcut-\(UUID().uuidString)")
    try Data().write(to: errors)
    defer { try? files.removeItem(at: errors) }
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(filePath: folder) }
    if let environment { process.environment = environment }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    let passedOn = Self.passOnSignals(to: process.processIdentifier)
    defer { for signal in passedOn { signal.cancel() } }
    while case let data = output.fileHandleForReading.availableData, !data.isEmpty { hear(data) }
    process.waitUntilExit()
    let words = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
    return (process.terminationStatus, words)
  }

  /// As long as what it returns isn't cancelled.
  private static func passOnSignals(to process: Int32) -> [any DispatchSourceSignal] {
    [SIGINT, SIGTERM, SIGHUP].map { number in
      let before = signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { kill(process, number) }
      source.setCancelHandler { signal(number, before) }
      source.activate()
      return source
    }
  }
}
