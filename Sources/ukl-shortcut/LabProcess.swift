import ArgumentParser
import Foundation
import Lab
import ShortcutGen
import SystemPackage

/// A temporary folder with the lab's programs and the modules to try, which goes away with it.
struct LabFolder: ~Copyable {
  let path: FilePath

  private init(path: FilePath) { self.path = path }

  /// - Throws: ``InputError`` where it can't be made.
  static func make() throws -> LabFolder {
    ChildProcess.holdSignals()
    var template = Array("\(NSTemporaryDirectory())/ukl-shortcut.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw InputError("\(NSTemporaryDirectory()): \(Errno(rawValue: errno))")
    }
    let folder = LabFolder(path: FilePath(platformString: template))
    let files = EmbeddedLab.files.sorted { $0.key < $1.key }
    try folder.add(files.map { GeneratedFile(path: "lab/\($0.key)", bytes: $0.value) })
    return folder
  }

  deinit { try? FileManager.default.removeItem(atPath: path.string) }

  /// Writes files below it.
  func add(_ files: [GeneratedFile]) throws { try OutputFolder(path.string).write(files) }

  /// Writes what `lab/verify --variants` reads, and the sources of the mutants.
  ///
  /// - Parameter parts: of the names of the scenarios to run; none stands for all of them.
  /// - Returns: the arguments that run the mutants, each to the first difference.
  func variants(_ mutants: [Mutant], parts: (Mutant) -> [String]) throws -> [String] {
    struct Variant: Encodable {
      let name, folder: String
      let stubs, parts: [String]
    }
    try add(mutants.map { $0.file.moved(into: $0.name) })
    let variants = mutants.map {
      Variant(
        name: $0.name, folder: path.appending($0.name).string, stubs: $0.stubs,
        parts: parts($0))
    }
    try add([GeneratedFile(path: "variants.json", bytes: try encodeJSON(variants))])
    return ["--variants", path.appending("variants.json").string, "--first-difference"]
  }

  /// Calls `lab/verify` and gives each line that it prints to `hear`, as it comes.
  ///
  /// - Throws: ``InputError`` with its last words where it did not get to an end; its exit status where a
  ///   signal ended it.
  func verify(_ arguments: [String], hear: (LabLine) -> Void) throws {
    let script = path.appending("lab").appending(EmbeddedLab.verify).string
    var rest = Data()
    let end: (status: Int32, errors: String)
    do {
      end = try ChildProcess(["python3", script] + arguments).run { data in
        rest.append(data)
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
          if let line = try? JSONDecoder().decode(LabLine.self, from: rest[..<end]) { hear(line) }
          rest = Data(rest[(end + 1)...])
        }
      }
    } catch let interrupted as Interrupted {
      throw ExitCode(128 + interrupted.signal)
    }
    guard end.status < 128 else { throw ExitCode(end.status) }
    guard end.status == 0 else {
      let words = end.errors.split(separator: "\n").joined(separator: " / ")
      throw InputError("lab: \(words.trimmingPrefix("error: "))")
    }
  }
}
