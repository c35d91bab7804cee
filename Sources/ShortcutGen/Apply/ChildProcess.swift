@preconcurrency import Dispatch
public import Foundation
import Synchronization

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
    RunningChildren.add(process.processIdentifier)
    defer { RunningChildren.remove(process.processIdentifier) }
    while case let data = output.fileHandleForReading.availableData, !data.isEmpty { hear(data) }
    process.waitUntilExit()
    let words = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
    return (process.terminationStatus, words)
  }
}

/// What would end this program meanwhile ends its children, whose ends it then sees.
private enum RunningChildren {
  private static let processes = Mutex<Set<Int32>>([])
  /// Made with the first child, and never taken away.
  private static let signals = [SIGINT, SIGTERM].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler { end(by: number) }
    source.activate()
    return source
  }

  static func add(_ process: Int32) {
    _ = signals
    processes.withLock { _ = $0.insert(process) }
  }

  static func remove(_ process: Int32) { processes.withLock { _ = $0.remove(process) } }

  private static func end(by number: Int32) {
    let running = processes.withLock { $0 }
    for process in running { kill(process, number) }
    if running.isEmpty {
      signal(number, SIG_DFL)
      kill(getpid(), number)
    }
  }
}
