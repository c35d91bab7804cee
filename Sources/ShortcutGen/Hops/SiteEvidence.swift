import Profiler

/// What recordings show of one call site, by names: what several of them say can be put together.
struct SiteEvidence: Sendable {
  /// Where the call stands.
  let place: Candidate.Site
  /// The system call.
  let syscall: String
  /// Whether the recording doesn't tell the call site.
  let isUnknown: Bool
  /// Orders sites of one name by their first appearance.
  let order: Int
  /// Symbols of the libc functions seen in between, empty for what is in no image with symbols.
  var wrappers: [String: Tally] = [:]
  /// All samples of the site inside the call.
  var inside = Tally()
  /// By leaf, without a compiler's suffixes.
  var leaves: [String: UInt64] = [:]
  /// Where the kernel's image has leaves that the catalogue doesn't list, and what calls them there.
  var places: [String: (place: SlotPlace, caller: String)] = [:]
  /// Samples in entry and exit code.
  var transition = Tally()
  /// Samples in trunk functions, and in helpers that every stub does without.
  var skipped = Tally()
  /// Samples in helpers that are a side effect of the trunk, or below.
  var effects: [SideEffect: Tally] = [:]
  /// Samples in other helpers, or below.
  var helpers = Tally()
  /// The functions between the system call's body and the leaf.
  var trunk: [Frame] = []
  /// Functions in no list that trunk functions called.
  var unlisted: [String: Tally] = [:]
  /// Calls behind the leaf, through slots.
  var deep: [DeepCall: Tally] = [:]
  /// The calls, where a recording has the system call's tracepoint.
  var counted: CountedCalls?
  /// Calls of recordings whose samples are not in ``inside``.
  var otherCounted: CountedCalls?

  /// Exact counts.
  struct CountedCalls: Sendable {
    /// Number of calls.
    private(set) var calls: UInt64
    /// Calls by descriptor, where the recording describes its tracepoints.
    private(set) var descriptors: [Int32: UInt64] = [:]
    /// Samples by leaf, of the calls on each descriptor.
    private(set) var leaves: [Int32: [String: UInt64]] = [:]
    /// Calls by the number of bytes asked for.
    private(set) var sizes: [UInt64: UInt64] = [:]

    /// - Returns: nil where nothing was counted.
    init?(_ site: CallSiteProfile, _ name: (FunctionID) -> String) {
      guard let calls = site.calls else { return nil }
      self.calls = calls
      (descriptors, sizes) = (site.arguments.descriptors, site.arguments.sizes)
      leaves = site.descriptorLeaves.mapValues { counts in
        counts.reduce(into: [:]) { $0[name($1.key.function), default: 0] += $1.value }
      }
    }

    mutating func add(_ other: CountedCalls) {
      calls &+= other.calls
      descriptors.merge(other.descriptors, uniquingKeysWith: &+)
      sizes.merge(other.sizes, uniquingKeysWith: &+)
      leaves.merge(other.leaves) { $0.merging($1, uniquingKeysWith: &+) }
    }
  }

  /// A frame of the trunk.
  struct Frame: Sendable {
    let function: String
    var own = Tally()
    var inclusive = Tally()
  }

  /// A name for people, not always unique.
  var label: String { "\(place.shown).\(syscall)" }

  /// - Parameter deepCall: the call through a slot that a function and one below it stand for.
  init(
    _ site: CallSiteProfile, _ profile: ResolvedProfile,
    deepCall: (String, String) -> DeepCall?
  ) {
    func symbol(_ id: FunctionID) -> String { profile.functions[id.index].symbol }
    place = Candidate.Site(site.key.site, profile)
    syscall = site.key.syscall
    isUnknown = site.key.site == .unknown
    order = site.key.site.order
    for (id, tally) in site.wrappers {
      let isNamed = profile.functions[id.index].origin == .application
      wrappers[isNamed ? symbol(id) : "", default: Tally()].add(tally)
    }
    (inside, transition, skipped) = (site.inside, site.transition, site.skipped)
    func leafName(_ id: FunctionID) -> String { KernelEntry.plain(symbol(id)) }
    (effects, helpers, counted) = (site.effects, site.helpers, CountedCalls(site, leafName))
    // Of several callers the most frequent one stands last.
    for (leaf, tally) in site.leaves.sorted(by: SiteEvidence.isRarer) {
      leaves[leafName(leaf.function), default: 0] += tally.samples
      if let place = leaf.place, let caller = leaf.caller {
        places[leafName(leaf.function)] = (place, symbol(caller))
      }
    }
    trunk = site.trunk.map {
      Frame(function: symbol($0.function), own: $0.own, inclusive: $0.inclusive)
    }
    for (id, tally) in site.unlisted { unlisted[symbol(id), default: Tally()].add(tally) }
    for (edge, tally) in site.deep {
      guard let call = deepCall(symbol(edge.caller), symbol(edge.callee)) else { continue }
      deep[call, default: Tally()].add(tally)
    }
  }

  private static func isRarer(
    _ a: (key: CallPath.Leaf, value: Tally), _ b: (key: CallPath.Leaf, value: Tally)
  ) -> Bool {
    (a.value.samples, a.key.function.index, a.key.caller?.index ?? 0)
      < (b.value.samples, b.key.function.index, b.key.caller?.index ?? 0)
  }

  /// A site of another recording, before anything of that is added.
  init(unseen site: SiteEvidence) {
    (place, syscall, isUnknown, order) = (site.place, site.syscall, site.isUnknown, site.order)
  }

  /// Adds what another recording shows of the same site.
  ///
  /// - Parameter weighs: whether its samples count as those of the same load; else it is taken only
  ///   for where calls end.
  mutating func add(_ other: SiteEvidence, weighs: Bool) {
    for (leaf, count) in other.leaves { leaves[leaf, default: 0] += count }
    places.merge(other.places) { first, _ in first }
    for (name, tally) in other.unlisted { unlisted[name, default: Tally()].add(tally) }
    for (name, tally) in other.wrappers { wrappers[name, default: Tally()].add(tally) }
    for (call, tally) in other.deep { deep[call, default: Tally()].add(tally) }
    guard weighs else {
      return otherCounted.add(other.counted)
    }
    inside.add(other.inside)
    transition.add(other.transition)
    skipped.add(other.skipped)
    helpers.add(other.helpers)
    for (effect, tally) in other.effects { effects[effect, default: Tally()].add(tally) }
    counted.add(other.counted)
    for frame in other.trunk {
      if let row = trunk.firstIndex(where: { $0.function == frame.function }) {
        trunk[row].own.add(frame.own)
        trunk[row].inclusive.add(frame.inclusive)
      } else {
        trunk.append(frame)
      }
    }
  }
}

extension SiteEvidence.CountedCalls? {
  fileprivate mutating func add(_ other: Self) {
    guard let other else { return }
    if self == nil { self = other } else { self?.add(other) }
  }
}

extension [SiteEvidence] {
  /// Sites with ids that are unique and the same for the same names in each recording.
  ///
  /// Static functions may share a name: those keep the order of their first sample.
  var identified: [(id: String, site: SiteEvidence)] {
    var used: [String: Int] = [:]
    return sorted { ($0.label, $0.order) < ($1.label, $1.order) }.map { site in
      used[site.label, default: 0] += 1
      let count = used[site.label] ?? 1
      return (count == 1 ? site.label : "\(site.label).\(count)", site)
    }
  }
}

extension Candidate.Site {
  init(_ site: CallPath.Site, _ profile: ResolvedProfile) {
    switch site {
    case .function(let id):
      let function = profile.functions[id.index]
      self.init(
        function: function.name.isEmpty ? function.symbol : function.name,
        symbol: function.symbol, file: nil, line: nil)
    case .address(let location):
      let image = profile.images[Int(profile.locations.image[location.index])]
      let name = image.drop { $0 == "[" }.prefix { $0 != "]" }
      let offset = String(profile.locations.address[location.index], radix: 16)
      self.init(function: nil, symbol: "\(name)+0x\(offset)", file: nil, line: nil)
    case .unknown: self.init(function: nil, symbol: nil, file: nil, line: nil)
    }
  }
}

extension CallPath.Site {
  /// Orders sites of one kind by their first appearance in the recording.
  var order: Int {
    switch self {
    case .function(let id): id.index
    case .address(let location): location.index
    case .unknown: 0
    }
  }
}
