import Glibc
import SystemPackage

/// One file without a name that holds an input after the other: readers take paths.
final class ScratchFile: Sendable {
  static let shared = ScratchFile()
  private let descriptor: CInt
  let path: FilePath

  private init() {
    var name = Array("/tmp/ukl-shortcut-fuzz.XXXXXX".utf8CString)
    descriptor = mkstemp(&name)
    precondition(descriptor >= 0, "no file can be made in /tmp")
    unlink(name)
    path = FilePath("/proc/self/fd/\(descriptor)")
  }

  /// The path of the file, with these bytes in it.
  func holding(_ bytes: [UInt8]) -> FilePath {
    let file = FileDescriptor(rawValue: descriptor)
    ftruncate(descriptor, 0)
    _ = try? file.writeAll(toAbsoluteOffset: 0, bytes)
    return path
  }
}

/// A folder in which the scratch file is found by the build-id of the program `stripped`.
final class ScratchDebugFolder: Sendable {
  static let shared = ScratchDebugFolder()
  private let path: FilePath

  private init() {
    var name = Array("/tmp/ukl-shortcut-fuzz.XXXXXX".utf8CString)
    precondition(mkdtemp(&name) != nil, "no folder can be made in /tmp")
    path = FilePath(platformString: name)
    let folder = path.appending(".build-id")
    mkdir(folder.string, 0o700)
    mkdir(folder.appending("1e").string, 0o700)
    symlink(
      ScratchFile.shared.path.string,
      folder.appending("1e/1965b2ec710da64ab6d206618ea8935124fb3b.debug").string)
    atexit { ScratchDebugFolder.shared.remove() }
  }

  private func remove() {
    let folder = path.appending(".build-id/1e")
    unlink(folder.appending("1965b2ec710da64ab6d206618ea8935124fb3b.debug").string)
    for place in [folder, path.appending(".build-id"), path] { rmdir(place.string) }
  }

  /// The folder, with these bytes as the debug file.
  func holding(_ bytes: [UInt8]) -> FilePath {
    _ = ScratchFile.shared.holding(bytes)
    return path
  }
}

/// Gives `body` a pipe as standard input, out of which these bytes come.
///
/// What the pipe doesn't hold is cut off: nobody writes while `body` reads.
func withStandardInput(_ bytes: [UInt8], _ body: () -> Void) {
  guard let pipe = try? FileDescriptor.pipe(),
    let kept = try? FileDescriptor.standardInput.duplicate()
  else { return }
  _ = fcntl(pipe.writeEnd.rawValue, F_SETFL, O_NONBLOCK)
  _ = try? pipe.writeEnd.writeAll(bytes)
  try? pipe.writeEnd.close()
  _ = try? pipe.readEnd.duplicate(as: .standardInput)
  try? pipe.readEnd.close()
  body()
  _ = try? kept.duplicate(as: .standardInput)
  try? kept.close()
}
