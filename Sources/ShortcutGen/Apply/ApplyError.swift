import Profiler

/// Why patches can't be applied: nothing was changed, unless the text says otherwise.
public enum ApplyError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A folder or file can't be read.
  case unreadable(path: String, reason: String)
  /// The folder has no patch for the tree that was named.
  case noPatch(folder: String, wanted: String, advice: String)
  /// Files made with `--no-guards`, and nobody said `--unsafe`.
  case unguarded(files: [String])
  /// A path of the patch that may not be written.
  case forbidden(path: String, reason: String)
  /// The tree has all of the patch's changes.
  case appliedAlready(tree: String)
  /// The tree is another one than the patch is for; one sentence for each file.
  case misfit(tree: String, files: [String])
  /// git can't be run, or says something this program doesn't know.
  case git(String)
  /// The patch was half written and could not be taken back.
  case halfWritten(tree: String, reason: String)

  /// One line: where, found, needed, what to do.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(printable(path)): \(reason)"
    case .noPatch(let folder, let wanted, let advice):
      "\(printable(folder)): has no \(wanted); \(advice)"
    case .unguarded(let files):
      "\(files.map(printable).joined(separator: ", ")): generated with --no-guards, for measuring "
        + "only; a descriptor of another kind crashes the kernel (--unsafe applies it all the same)"
    case .forbidden(let path, let reason): "\(printable(path)): \(reason); nothing was changed"
    case .appliedAlready(let tree):
      "\(printable(tree)): the patches are applied already; nothing was changed"
    case .misfit(let tree, let files):
      "\(printable(tree)): the patches don't fit, nothing was changed: "
        + files.joined(separator: "; ")
    case .git(let reason): printable(reason)
    case .halfWritten(let tree, let reason):
      "\(printable(tree)): writing failed and could not be taken back: \(printable(reason))"
    }
  }
}
