public import Foundation

/// What reads bytes of somebody else's: each target gives them to the code that reads them in the
/// program. A target that returns has passed; what traps, hangs or takes memory without bound has
/// not.
public enum FuzzTarget: String, CaseIterable, Sendable {
  /// A recording, from header to folded text.
  case recording
  /// `/proc/kallsyms`.
  case kallsyms
  /// A binary's symbols.
  case elf
  /// A separate debug file: the functions and lines of a program.
  case debug
  /// A kernel's image: vmlinux or bzImage, its tables and its code.
  case kernel
  /// A kernel's module.
  case module
  /// A kernel's types.
  case btf
  /// The formats of tracepoints, and records by them.
  case tracepoints

  /// Reads the bytes as the program would.
  public func run(_ bytes: [UInt8]) {
    switch self {
    case .recording: readRecording(bytes)
    case .kallsyms: readKallsyms(bytes)
    case .elf: readElf(bytes)
    case .debug: readDebugFile(bytes)
    case .kernel: readKernel(bytes)
    case .module: readModule(bytes)
    case .btf: readBTF(bytes)
    case .tracepoints: readTracepoints(bytes)
    }
  }

  /// Small inputs to begin with, chosen for the code they reach.
  public var corpus: URL { FuzzTarget.folder.appending(path: "Corpus/\(rawValue)") }

  /// What once was no passing input; every file is kept for ever.
  public var crashers: URL { FuzzTarget.folder.appending(path: "Crashers/\(rawValue)") }

  /// The folder Fuzz.
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
}
