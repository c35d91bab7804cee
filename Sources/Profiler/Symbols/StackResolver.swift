/// Turns call chains into locations, one after the other: what one worker of ``Symbolizer`` does.
struct StackResolver {
  private(set) var locations: LocationResolver
  /// The frames of the chain resolved last, leaf first.
  private(set) var frames: [LocationID] = []
  private var splitter: ChainSplitter
  private let chains: CallchainStore
  private let recovered: RecoveredFrames?
  private let attributes: [EventAttribute]
  private var unwinder: StackUnwinder
  private let hasBranchChains: Bool
  private var words: [UInt64] = []
  private var spaceRows: [Space: Int] = [:]
  private var last = (space: Space(pid: -1, epoch: -1), row: -1)
  private var previous: ChainSplitter.Context?
  private var isInterrupted = false
  private var areBranches = false
  /// See ``fetch(_:)``.
  private var fetched = 0

  init(
    _ profile: Profile, kernel: KernelSymbols?, images: SharedImages, isRaw: Bool,
    expandsInlines: Bool = false, keepsAddresses: Bool = true, recovered: RecoveredFrames? = nil
  ) {
    locations = LocationResolver(
      profile, kernel: kernel, images: images, isRaw: isRaw, expandsInlines: expandsInlines,
      keepsAddresses: keepsAddresses)
    attributes = profile.attributes
    unwinder = StackUnwinder(machine: profile.features.arch)
    splitter = ChainSplitter(kernel: isRaw ? nil : kernel)
    chains = profile.groups.chains
    self.recovered = recovered
    hasBranchChains = profile.hasBranchChains
  }

  /// Has the processor fetch a chain that will be resolved soon.
  @inline(__always)
  mutating func fetch(_ chain: CallchainReference) { fetched ^= chains.fetch(chain) }

  /// Resolves a chain into ``frames``.
  ///
  /// - Parameters:
  ///   - event: index of the sample's event.
  ///   - isBare: of an event without call chains, and raw: perf then prints the address as recorded.
  mutating func resolve(
    _ chain: CallchainReference, in space: Space, event: Int, isBare: Bool
  ) -> ApplicationPart {
    if space != last.space { enter(space) }
    chains.copy(chain, into: &words)
    let isUnwound = unwind(chain, event, last.row)
    frames.removeAll(keepingCapacity: true)
    defer {
      if isUnwound { appendUnwound() }
    }
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

  private mutating func enter(_ space: Space) {
    let row = spaceRows[space, default: spaceRows.count]
    if row == spaceRows.count { spaceRows[space] = row }
    last = (space, row)
    locations.enter(space, row: row)
  }

  /// Follows the user stack that a sample carries; what is unwound takes the place of the chain's
  /// user part.
  ///
  /// - Returns: whether there was a stack.
  private mutating func unwind(_ chain: CallchainReference, _ event: Int, _ space: Int) -> Bool {
    guard attributes[event].hasUserStack else { return false }
    unwinder.enter(row: space)
    guard chains.unwind(chain, of: attributes[event], with: &unwinder, &locations) else {
      return false
    }
    if let start = words.firstIndex(of: CallchainContext.user) { words.removeSubrange(start...) }
    // Without a marker the words are the user's.
    if let first = words.first, first < CallchainContext.smallest { words = [] }
    return true
  }

  private mutating func appendUnwound() {
    for address in unwinder.addresses {
      let known = locations.find(address, .user, isReturn: false)
      locations.append(known, to: &frames)
    }
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
    locations.append(known, to: &frames)
  }
}
