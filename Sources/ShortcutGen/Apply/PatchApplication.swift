/// The changes of a kernel tree and of an application, made both or neither.
public struct PatchApplication: Sendable {
  /// The changes, the kernel's first.
  public let changes: [TreeChange]

  /// Collects the changes of the trees that are named.
  ///
  /// - Throws: ``ApplyError`` where a tree isn't there, a patch is missing, or files were generated
  ///   without guards and `allowsUnguarded` is false.
  public init(
    _ reviewed: ReviewedFolder, kernelTree: String?, applicationTree: String?, allowsUnguarded: Bool
  ) throws(ApplyError) {
    let unguarded = reviewed.unguardedFiles
    if !unguarded.isEmpty && !allowsUnguarded {
      throw .unguarded(files: unguarded.map { "\(reviewed.path)/\($0)" })
    }
    var changes: [TreeChange] = []
    if let kernelTree { changes.append(try .kernel(kernelTree, from: reviewed)) }
    if let applicationTree { changes.append(try .application(applicationTree, from: reviewed)) }
    self.changes = changes
  }

  /// Whether everything fits; nothing is changed.
  public func check() throws(ApplyError) {
    for change in changes { try change.check() }
  }

  /// Makes all changes, or none.
  public func apply() throws(ApplyError) {
    try check()
    var snapshots: [TreeSnapshot] = []
    for change in changes { snapshots.append(try TreeSnapshot(change)) }
    do throws(ApplyError) {
      for change in changes { try change.apply() }
    } catch {
      for (snapshot, change) in zip(snapshots, changes) {
        do {
          try snapshot.restore()
        } catch let failure {
          throw .halfWritten(tree: change.tree, reason: "\(error); \(failure)")
        }
      }
      throw error
    }
  }
}
