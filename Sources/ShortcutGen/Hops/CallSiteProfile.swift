public import Profiler

/// Samples and their weight.
public struct Tally: Sendable, Equatable {
  /// Number of samples.
  public var samples: UInt64 = 0
  /// Their weight in the chosen unit.
  public var weight: UInt64 = 0
  /// Sum of the squares of each sample's weight, samples of one stack taken for equal.
  public var squares = 0.0

  /// Nothing.
  public init() {}

  mutating func add(_ samples: UInt64, _ weight: UInt64) {
    if samples > 0 { squares += Double(weight) * Double(weight) / Double(samples) }
    addCounts(samples, weight)
  }

  private mutating func addCounts(_ samples: UInt64, _ weight: UInt64) {
    self.samples &+= samples  // counts of one file; far below 2^64
    let (sum, overflow) = self.weight.addingReportingOverflow(weight)
    self.weight = overflow ? .max : sum
  }

  mutating func add(_ other: Tally) {
    squares += other.squares
    addCounts(other.samples, other.weight)
  }

  /// What is left of it without a part of it.
  func without(_ part: Tally) -> Tally {
    var rest = Tally()
    rest.samples = samples - min(samples, part.samples)
    rest.weight = weight - min(weight, part.weight)
    rest.squares = max(0, squares - part.squares)
    return rest
  }
}

/// What was seen of one call site: an application function calling one wrapper.
public struct CallSiteProfile: Sendable {
  /// Application function × system call.
  public struct Key: Hashable, Sendable {
    /// Where the call stands.
    public let site: CallPath.Site
    /// Which call it is.
    public let syscall: String
  }

  /// A frame of the trunk.
  public struct TrunkFrame: Sendable {
    /// The function.
    public let function: FunctionID
    /// Samples in the function itself.
    public var own = Tally()
    /// Samples in it or below.
    public var inclusive = Tally()
    fileprivate var depth = 0
  }

  /// Which one.
  public let key: Key
  /// The libc functions seen in between.
  public var wrappers: [FunctionID: Tally] = [:]
  /// All samples of the site inside the call.
  public var inside = Tally()
  /// By leaf.
  public var leaves: [CallPath.Leaf: Tally] = [:]
  /// Samples in entry and exit code.
  public var transition = Tally()
  /// Samples in trunk functions themselves, and in helpers that a faithful stub has no need of.
  public var skipped = Tally()
  /// Samples in helpers that are a side effect of the trunk, or below.
  public var effects: [SideEffect: Tally] = [:]
  /// Samples in other helpers that a faithful stub calls too, or below.
  public var helpers = Tally()
  /// Samples in the scheduler or an interrupt at the call's entry and exit: never saved.
  public var elsewhere = Tally()
  /// The functions between the system call's body and the leaf.
  public var trunk: [TrunkFrame] = []
  /// Functions in no list that trunk functions called.
  public var unlisted: [FunctionID: Tally] = [:]
  /// Calls behind the leaf that may have gone through a slot.
  var deep: [CallPath.Edge: Tally] = [:]
  /// Number of calls, where the recording has the system call's tracepoint.
  public var calls: UInt64?
  /// What the counted calls were asked for, where the recording describes its tracepoints.
  public var arguments = CallArguments()
  /// Samples by leaf, of the calls on each descriptor.
  var descriptorLeaves: [Int32: [CallPath.Leaf: UInt64]] = [:]

  init(key: Key) { self.key = key }

  mutating func add(
    _ path: CallPath, helps effect: SideEffect?, samples: UInt64, weight: UInt64
  ) {
    if let wrapper = path.wrapper { wrappers[wrapper, default: Tally()].add(samples, weight) }
    inside.add(samples, weight)
    for (depth, function) in path.trunk.enumerated() {
      let row = trunkRow(function, depth: depth)
      trunk[row].inclusive.add(samples, weight)
      if path.depth == .skipped, depth == path.trunk.count - 1, path.isInTrunk {
        trunk[row].own.add(samples, weight)
      }
    }
    switch path.depth {
    case .transition: transition.add(samples, weight)
    case .skipped: skipped.add(samples, weight)
    case .kept:
      if let effect {
        effects[effect, default: Tally()].add(samples, weight)
      } else {
        helpers.add(samples, weight)
      }
    case .elsewhere: elsewhere.add(samples, weight)
    case .leaf, .wrapper, .unlisted: break
    }
    if let function = path.unlisted { unlisted[function, default: Tally()].add(samples, weight) }
    if let leaf = path.leaf { leaves[leaf, default: Tally()].add(samples, weight) }
    for edge in path.deep { deep[edge, default: Tally()].add(samples, weight) }
  }

  /// Rows stay in the order of the stack: a frame stands behind all that were seen outside of it.
  private mutating func trunkRow(_ function: FunctionID, depth: Int) -> Int {
    if let row = trunk.firstIndex(where: { $0.function == function }) {
      trunk[row].depth = max(trunk[row].depth, depth)
      return row
    }
    var frame = TrunkFrame(function: function)
    frame.depth = depth
    trunk.append(frame)
    return trunk.count - 1
  }

  mutating func sortTrunk() {
    trunk.sort {
      ($0.depth, $1.inclusive.weight, $0.function) < ($1.depth, $0.inclusive.weight, $1.function)
    }
  }
}

/// All call sites of the analysed thread group.
public struct CallSiteProfiles {
  /// The sites, in no particular order.
  public private(set) var sites: [CallSiteProfile.Key: CallSiteProfile] = [:]
  /// Weight of everything analysed.
  public private(set) var total = Tally()
  /// Samples in entry or exit code of any system call.
  public private(set) var transition = Tally()
  /// Those of them whose call site can't be told.
  public private(set) var homelessTransition = Tally()

  /// System calls made at an instruction of the application.
  private var syscalls: [LocationID: Set<String>] = [:]
  private struct StackOfEvent: Hashable {
    let stack: Int
    let event: Int
  }

  private var finder: CallPathFinder
  private let profile: ResolvedProfile
  private let catalog: OperationCatalog

  /// An empty collection over one profile.
  ///
  /// - Parameter witness: the kernel's image: with it any function may be a leaf, or call through a
  ///   slot behind one; else those of the catalogue.
  public init(
    _ profile: ResolvedProfile, catalog: OperationCatalog, witness: (any HopWitness)? = nil
  ) {
    finder = CallPathFinder(profile, catalog: catalog, witness: witness)
    finder.followLeaves { witness != nil || catalog.dispatchesDeep($0) }
    self.profile = profile
    self.catalog = catalog
  }

  /// Adds samples of the event under analysis.
  public mutating func addSamples(
    _ rows: [WeightedStack], weighting: Weighting, syscallOf tracepoint: (Int) -> String?
  ) {
    var unnamed: [(path: CallPath, row: WeightedStack)] = []
    for (row, path) in paths(of: rows, tracepoint) {
      let weight = row.weight(weighting)
      if path.depth == .transition { transition.add(row.samples, weight) }
      if let syscall = path.syscall {
        add(path, syscall, row.samples, weight)
        addDescriptors(path, syscall, row.group, tracepoint)
        if let place = path.wrapperLocation { syscalls[place, default: []].insert(syscall) }
      } else if path.depth == .transition {
        unnamed.append((path, row))
      }
    }
    for row in rows {
      total.add(row.samples, row.weight(weighting))
      guard finder.isEntryAlone(row.stack) else { continue }
      transition.add(row.samples, row.weight(weighting))
      homelessTransition.add(row.samples, row.weight(weighting))
    }
    for (path, row) in unnamed { addEntry(path, row, weight: row.weight(weighting)) }
    for key in sites.keys { sites[key]?.sortTrunk() }
  }

  /// The rows that are in a system call; each distinct stack is taken apart once.
  private mutating func paths(
    of rows: [WeightedStack], _ tracepoint: (Int) -> String?
  ) -> [(WeightedStack, CallPath)] {
    var known: [StackOfEvent: CallPath?] = [:]
    return rows.compactMap { row in
      let key = StackOfEvent(stack: row.stack, event: row.event)
      let path = known[key] ?? finder.path(of: row.stack, tracepoint: tracepoint(row.event))
      known[key] = .some(path)
      return path.map { (row, $0) }
    }
  }

  /// Adds exact counts: samples of `syscalls:sys_enter_*`, one period a call.
  public mutating func addCalls(_ rows: [WeightedStack], syscallOf tracepoint: (Int) -> String?) {
    for row in rows {
      guard let syscall = tracepoint(row.event), catalog.systemCalls[syscall] != nil,
        let path = finder.path(of: row.stack, tracepoint: syscall)
      else { continue }
      let key = CallSiteProfile.Key(site: path.site, syscall: syscall)
      var site = sites[key] ?? CallSiteProfile(key: key)
      site.calls = (site.calls ?? 0) &+ row.period
      if let asked = profile.calls[row.group] { site.arguments.merge(asked) }
      if let wrapper = path.wrapper, site.wrappers[wrapper] == nil {
        site.wrappers[wrapper] = Tally()
      }
      sites[key] = site
    }
  }

  /// Adds which descriptors' calls the samples of a leaf were taken in, where the recording has those
  /// calls' entries.
  private mutating func addDescriptors(
    _ path: CallPath, _ syscall: String, _ group: Int, _ tracepoint: (Int) -> String?
  ) {
    guard let leaf = path.leaf, let asked = profile.calls[group] else { return }
    let key = CallSiteProfile.Key(site: path.site, syscall: syscall)
    for (call, samples) in asked.counts where tracepoint(call.event) == syscall {
      guard let descriptor = call.descriptor else { continue }
      sites[key]?.descriptorLeaves[descriptor, default: [:]][leaf, default: 0] += samples
    }
  }

  private mutating func add(
    _ path: CallPath, _ syscall: String, _ samples: UInt64, _ weight: UInt64
  ) {
    guard catalog.systemCalls[syscall] != nil else { return }
    let key = CallSiteProfile.Key(site: path.site, syscall: syscall)
    let effect = path.helper.flatMap { catalog.effect(of: finder.symbol($0)) }
    sites[key, default: CallSiteProfile(key: key)]
      .add(path, helps: effect, samples: samples, weight: weight)
  }

  /// A sample in entry or exit code names no system call. The instruction it came from does, where
  /// other samples came from there too; else it was taken before the wrapper had a frame, so that
  /// the innermost frame is the call site, and the wrapper its only one.
  private mutating func addEntry(_ path: CallPath, _ row: WeightedStack, weight: UInt64) {
    if let place = path.wrapperLocation, let made = syscalls[place], made.count == 1,
      let syscall = made.first
    {
      return add(path, syscall, row.samples, weight)
    }
    guard let innermost = path.wrapper, let key = onlyCall(of: innermost) else {
      return homelessTransition.add(row.samples, weight)
    }
    sites[key]?.transition.add(row.samples, weight)
    sites[key]?.inside.add(row.samples, weight)
  }

  /// The one system call that a function makes; a pair with a handful of samples is no evidence of
  /// a second one.
  private func onlyCall(of function: FunctionID) -> CallSiteProfile.Key? {
    func samples(_ key: CallSiteProfile.Key) -> UInt64 { sites[key]?.inside.samples ?? 0 }
    let own = sites.keys.filter { $0.site == .function(function) }
    guard let largest = own.max(by: { samples($0) < samples($1) }),
      own.allSatisfy({ $0 == largest || samples($0) * 50 < samples(largest) })
    else { return nil }
    return largest
  }
}
