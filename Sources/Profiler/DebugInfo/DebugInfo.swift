internal import CElfutils
import Synchronization
public import SystemPackage

/// What a file's debug information says of its code: functions, also inlined ones, with file, line
/// and column.
///
/// Of any ELF file that libdwfl reads: programs, libraries, `vmlinux`, modules; the DWARF may stand in
/// the file, in a separate debug file (by build-id or `.gnu_debuglink`), or be split (`.dwo`).
///
///     let info = DebugInfo(path: "vmlinux")
///     // The line that a call stands in: one byte before where the call returns to.
///     for frame in info.frames(at: returnAddress - 1) {
///       print(frame.function ?? "?", frame.position?.file ?? "?", frame.position?.line ?? 0)
///     }
///
/// Addresses are the ones the file is linked for: of a running kernel add ``KernelSymbols/bias``, of
/// a mapping use ``ElfImage/address(ofFileOffset:)``. The frames come innermost first, the last is
/// the function that the symbol table knows, and each frame's position is where the frame before it
/// is called. So the function that holds a call in the source is the first frame's, the one that
/// was compiled the last's.
///
/// Units and functions are read when the first of their addresses is asked for, once; any number of
/// threads may ask.
public final class DebugInfo: Sendable {
  private let path: FilePath
  private let debugFolders: [FilePath]
  private let state: Mutex<State>

  private struct State: ~Copyable {
    var isOpened = false
    /// Whether ``tree`` knows of lines, too; unpacking their tables takes time.
    var hasLines = false
    var tree: DebugTree?
  }

  /// Nothing is read before the first question.
  ///
  /// - Parameter debugFolders: to look for separate debug files in, beside libdwfl's own places.
  public init(path: FilePath, debugFolders: [FilePath] = []) {
    self.path = path
    self.debugFolders = debugFolders
    state = Mutex(State())
  }

  /// Whether there is any.
  public var exists: Bool { asking { _ in true } ?? false }

  /// The functions at an address, innermost first; empty where DWARF knows nothing of it.
  public func frames(at address: UInt64) -> [SourceFrame] {
    asking(forLines: true) { $0.frames(at: address) } ?? []
  }

  /// The names of the functions inlined at an address, innermost first.
  func inlinedFunctions(at address: UInt64) -> [String] {
    asking { $0.inlinedFunctions(at: address) } ?? []
  }

  private func asking<Answer: Sendable>(
    forLines: Bool = false, _ question: (inout DebugTree) -> Answer
  ) -> Answer? {
    state.withLock { state in
      if !state.isOpened || forLines && !state.hasLines {
        (state.isOpened, state.hasLines) = (true, forLines)
        state.tree = DebugTree.open(path, debugFolders, hasLines: forLines)
      }
      guard var tree = state.tree.take() else { return nil }
      let answer = question(&tree)
      state.tree = consume tree
      return answer
    }
  }
}
