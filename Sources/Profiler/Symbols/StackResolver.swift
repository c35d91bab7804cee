/// Turns call chains into locations, one after the other: what one worker of ``Symbolizer`` does.
struct StackResolver {
  private(set) var locations: LocationResolver
  /// The frames of the chain resolved last, leaf first.
  private(set) var frames: [LocationID] = []
  private var splitter: ChainSplitter
  private let chains: CallchainStore
  private let recovered: RecoveredFrames?
  private let hasBranchChains: Bool
  private var words: [UInt64] = []
  private var spaceRows: [Space: Int] = [:]
  private var previous: ChainSplitter.Context?
  private var isInterrupted = false
  private var areBranches = false

  init(
    _ profile: Profile, kernel: KernelSymbols?, images: SharedImages, isRaw: Bool,
    recovered: RecoveredFrames? = nil
  ) {
    locations = LocationResolver(profile, kernel: kernel, images: images, isRaw: isRaw)
    splitter = ChainSplitter(kernel: isRaw ? nil : kernel)
    chains = profile.groups.chains
    self.recovered = recovered
    hasBranchChains = profile.hasBranchChains
  }

  /// Resolves a chain into ``frames``.
  ///
  /// - Parameter isBare: of an event without call chains, and raw: perf then prints the address as
  ///   recorded.
  mutating func resolve(
    _ chain: CallchainReference, in space: Space, isBare: Bool
  ) -> ApplicationPart {
    let row = spaceRows[space, default: spaceRows.count]
    if row == spaceRows.count { spaceRows[space] = row }
    locations.enter(space, row: row)
    chains.copy(chain, into: &words)
    frames.removeAll(keepingCapacity: true)
    (previous, isInterrupted, areBranches) = (nil, false, false)
    let isOfBranches = hasBranchChains && words.contains(CallchainContext.branches)
    if !isOfBranches { recovered?.fill(&words) }
    guard splitter.joinsNothing || isOfBranches else {
      let (joined, part) = splitter.split(words[...])
      for frame in joined { append(frame.address, frame.context) }
      return part
    }
    var context = ChainSplitter.Context.user  // perf's default before the first marker
    for word in words {
      if word == CallchainContext.branches {
        areBranches = true
      } else if word >= CallchainContext.smallest {
        context = ChainSplitter.Context(marker: word)
      } else {
        append(word, isBare ? .other : context)
      }
    }
    return .asRecorded
  }

  /// Appends the functions of ``frames`` as rows of the resolver's table.
  @inline(__always)
  func appendFunctions(to stack: inout [UInt32]) {
    for frame in frames { stack.append(locations.function(of: frame).rawValue) }
  }

  /// The first frame of each part is where the CPU was, and so is one that an interrupt or an
  /// exception stopped; the others are return addresses. A branch's source is the branch itself.
  @inline(__always)
  private mutating func append(_ address: UInt64, _ context: ChainSplitter.Context) {
    let known = locations.find(
      address, context, isReturn: previous == context && !isInterrupted && !areBranches)
    previous = context
    isInterrupted = known.isInterruptEntry
    frames.append(known.location)
  }
}
