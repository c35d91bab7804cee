public import Profiler

/// The call trees of two recordings between which call sites got a shortcut, made comparable.
///
/// Afterwards the chain of a sample behind a shortcut begins in the kernel: with the sampled function
/// alone, or where the kernel changes to a stack of its own. The same samples before are cut in the
/// same way, and both stand under one frame; all others are as they were recorded.
public struct AlignedTrees {
  /// The recording before.
  public let before: CallTree
  /// The recording after.
  public let after: CallTree

  /// What the cut stacks stand on.
  public static let direct = "[called by a shortcut]"

  /// - Parameter sites: call sites that have a shortcut afterwards, ids as in `shortcuts.json`.
  public init(
    _ before: ComparedRecording, _ after: ComparedRecording, sites: Set<String>,
    catalog: OperationCatalog
  ) {
    let beginnings = AlignedTrees.beginnings(after)
    self.after = AlignedTrees.tree(after) { stack in
      AlignedTrees.beginsInKernel(stack, after.profile) ? after.profile.stacks[stack] : nil
    }
    var finder = CallPathFinder(before.profile, catalog: catalog)
    self.before = AlignedTrees.tree(before) { stack in
      guard let path = finder.path(of: stack), path.depth == .leaf, let leaf = path.leaf,
        let syscall = path.syscall,
        sites.contains("\(Candidate.Site(path.site, before.profile).shown).\(syscall)")
      else { return nil }
      return AlignedTrees.cut(before.profile, stack, at: leaf.function, beginnings)
    }
  }

  private static func symbol(_ location: LocationID, _ profile: ResolvedProfile) -> String {
    profile.function(location).symbol
  }

  private static func beginsInKernel(_ stack: Int, _ profile: ResolvedProfile) -> Bool {
    profile.stacks[stack].first.map { profile.function($0).origin == .kernel } ?? false
  }

  /// The functions in which chains of more than one frame begin in the kernel.
  private static func beginnings(_ side: ComparedRecording) -> Set<String> {
    var found: Set<String> = []
    for row in side.rows where side.selected.contains(row.pid) {
      let frames = side.profile.stacks[row.stack]
      guard frames.count > 1, let first = frames.first,
        beginsInKernel(row.stack, side.profile)
      else { continue }
      found.insert(symbol(first, side.profile))
    }
    return found
  }

  /// A stack from the frame on with which it would begin behind a shortcut.
  private static func cut(
    _ profile: ResolvedProfile, _ stack: Int, at leaf: FunctionID, _ beginnings: Set<String>
  ) -> ArraySlice<LocationID> {
    let frames = profile.stacks[stack]
    let start = frames.firstIndex { profile.locations.function[$0.index] == leaf }
    let kernel = frames[(start ?? frames.startIndex)...]
    let begin = kernel.dropFirst().firstIndex { beginnings.contains(symbol($0, profile)) }
    return kernel[(begin ?? kernel.endIndex - 1)...]
  }

  /// - Parameter cut: the frames of a stack that stands on ``direct``, nil for all others.
  private static func tree(
    _ side: ComparedRecording, cut: (Int) -> ArraySlice<LocationID>?
  ) -> CallTree {
    let profile = side.profile
    let names = profile.comms + [direct]
    var tree = CallTree(
      functions: profile.functions + names.map { Function(symbol: $0, name: $0, origin: .thread) })
    for row in side.rows {
      let own = side.selected.contains(row.pid) ? cut(row.stack) : nil
      var place = tree.child(of: 0, calling: FunctionID(profile.functions.count + row.comm))
      if own != nil {
        place = tree.child(
          of: place, calling: FunctionID(profile.functions.count + names.count - 1))
      }
      for location in own ?? profile.stacks[row.stack] {
        place = tree.child(of: place, calling: profile.locations.function[location.index])
      }
      tree.add(row.weight(side.weighting), to: place)
    }
    tree.seal()
    return tree
  }
}
