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
  /// - Returns: its exit status, 128 + the signal's number where one ended it, and what it wrote to standard error.
  /// - Throws: where it can't be started; ``Interrupted`` where a signal came since the last one ended.
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
    try RunningChildren.start(process)
    defer { RunningChildren.remove(process.processIdentifier) }
    while case let data = output.fileHandleForReading.availableData, !data.isEmpty { hear(data) }
    process.waitUntilExit()
    let words = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
    let signalled = process.terminationReason == .uncaughtSignal
    return (process.terminationStatus + (signalled ? 128 : 0), words)
  }

  /// From now on, and not only from the first one's start, SIGINT, SIGTERM and SIGHUP end the other programs and let
  /// this one come to its end.
  public static func holdSignals() { RunningChildren.holdSignals() }
}

/// A signal that was to end this program came before another one could be started.
public struct Interrupted: Error, CustomStringConvertible {
  /// The signal's number.
  public let signal: Int32
  /// One line.
  public var description: String { "interrupted by signal \(signal)" }
}

/// What would end this program meanwhile ends its children, whose ends it then sees, or the start of the
/// next one.
private enum RunningChildren {
  private struct State {
    var processes: Set<Int32> = []
    var signal: Int32?
  }
  private static let state = Mutex(State())
  /// Made once, and never taken away. Whoever ignores SIGHUP, as with nohup, wants to go on.
  private static let signals = ([SIGINT, SIGTERM] + (ignoresHangUp ? [] : [SIGHUP])).map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler { end(by: number) }
    source.activate()
    return source
  }

  private static var ignoresHangUp: Bool {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let ignored = status.firstMatch(of: /SigIgn:\s*([0-9a-f]+)/).flatMap { UInt64($0.1, radix: 16) }
    return (ignored ?? 0) >> (UInt64(SIGHUP) - 1) & 1 == 1
  }

  static func holdSignals() { _ = signals }

  /// No signal comes between its start and its entry here.
  static func start(_ process: Process) throws {
    holdSignals()
    try state.withLock {
      if let signal = $0.signal { throw Interrupted(signal: signal) }
      try process.run()
      $0.processes.insert(process.processIdentifier)
    }
  }

  static func remove(_ process: Int32) { state.withLock { _ = $0.processes.remove(process) } }

  private static func end(by number: Int32) {
    state.withLock {
      $0.signal = number
      for process in $0.processes { kill(process, number) }
    }
  }
}
