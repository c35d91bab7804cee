/// Turns call chains into locations, one after the other: what one worker of ``Symbolizer`` does.
struct StackResolver {
  private(set) var locations: LocationResolver
  /// The frames of the chain resolved last, leaf first.
  private(set) var frames: [LocationID] = []
  /// What its addresses are.
  private var found: [LocationResolver.Known] = []
  private var splitter: ChainSplitter
  private let chains: CallchainStore
  private let recovered: RecoveredFrames?
  private let attributes: [EventAttribute]
  private var unwinder: StackUnwinder
  private let hasBranchChains: Bool
  private var words: [UInt64] = []
  /// Stands for the space entered last.
  private var space = -1
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

  /// Says whose address space the next chains are in.
  ///
  /// - Parameter row: a number that stands for the space.
  mutating func enter(_ key: Space, row: Int) {
    space = row
    locations.enter(key, row: row)
  }

  /// Resolves a chain of the space entered last into ``frames``.
  ///
  /// - Parameters:
  ///   - event: index of the sample's event.
  ///   - isBare: of an event without call chains, and raw: perf then prints the address as recorded.
  mutating func resolve(
    _ chain: CallchainReference, event: Int, isBare: Bool
  ) -> ApplicationPart {
    chains.copy(chain, into: &words)
    let isUnwound = unwind(chain, event)
    found.removeAll(keepingCapacity: true)
    let part = find(isBare: isBare)
    if isUnwound { appendUnwound() }
    locations.expand(found, into: &frames)
    return part
  }

  /// Finds what the addresses of ``words`` are.
  private mutating func find(isBare: Bool) -> ApplicationPart {
    let isOfBranches = hasBranchChains && words.contains(CallchainContext.branches)
    if !isOfBranches { recovered?.fill(&words) }
    guard splitter.joinsNothing || isOfBranches else {
      var kind = AddressKind()
      let (joined, part) = splitter.split(words[...])
      for frame in joined { found.append(find(frame.address, frame.context, &kind)) }
      return part
    }
    var found: [LocationResolver.Known] = []
    swap(&found, &self.found)
    found.append(addingCapacity: words.count) { found in
      var kind = AddressKind()
      var context = ChainSplitter.Context.user  // perf's default before the first marker
      for word in words {
        if word == CallchainContext.branches {
          kind.areBranches = true
        } else if word >= CallchainContext.smallest {
          context = ChainSplitter.Context(marker: word)
        } else {
          found.append(find(word, isBare ? .other : context, &kind))
        }
      }
    }
    swap(&found, &self.found)
    return .asRecorded
  }

  /// Follows the user stack that a sample carries; what is unwound takes the place of the chain's
  /// user part.
  ///
  /// - Returns: whether there was a stack.
  private mutating func unwind(_ chain: CallchainReference, _ event: Int) -> Bool {
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
      found.append(locations.find(address, .user, isReturn: false))
    }
  }

  @inline(__always)
  private mutating func find(
    _ address: UInt64, _ context: ChainSplitter.Context, _ kind: inout AddressKind
  ) -> LocationResolver.Known {
    let known = locations.find(address, context, isReturn: kind.isReturn(in: context))
    kind.isInterrupted = known.isInterruptEntry
    return known
  }

  /// What the next address of a chain is. The first of each part is where the CPU was, and so is one that
  /// an interrupt or an exception stopped; the others are return addresses. A branch's source is the
  /// branch itself.
  private struct AddressKind {
    var isInterrupted = false
    var areBranches = false
    private var previous: ChainSplitter.Context?

    @inline(__always)
    mutating func isReturn(in context: ChainSplitter.Context) -> Bool {
      defer { previous = context }
      return previous == context && !isInterrupted && !areBranches
    }
  }
}
