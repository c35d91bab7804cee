import Dispatch

/// Turns a profile's addresses into functions: each unique (address space, call chain) once.
public struct Symbolizer: Sendable {
  /// Symbols of the recorded kernel, if there are any.
  public var kernel: KernelSymbols?
  /// Whether chains are left as recorded and every frame is named by its address.
  public var isRaw: Bool
  let images: SharedImages
  let workers: Int
  /// What ``begin(_:)`` began.
  let beginning = DispatchGroup()
  /// Frames to put back into the call chains.
  public var recovered: RecoveredFrames?
  /// Whether functions that the compiler inlined are frames of their own, where DWARF tells.
  public var expandsInlines = false

  /// - Parameters:
  ///   - kernel: see ``kernel``.
  ///   - search: where binaries may be read.
  ///   - raw: see ``isRaw``.
  ///   - workers: threads to work with; the result is the same with any number.
  public init(
    kernel: KernelSymbols? = nil, search: SymbolSearch, raw: Bool = false, workers: Int = 1
  ) {
    self.init(kernel: kernel, source: ImageLoader(search), raw: raw, workers: workers)
  }

  init(
    kernel: KernelSymbols?, source: some ImageSource & Sendable, raw: Bool = false,
    workers: Int = 1
  ) {
    self.kernel = kernel
    images = SharedImages(source)
    isRaw = raw
    self.workers = workers
  }

  /// What the user should know about files that were not used, of all that was resolved so far.
  public var warnings: [String] {
    beginning.wait()
    return images.warnings
  }

  /// Resolves the groups for which `isWanted` holds, with all that is known of their frames.
  public func resolve(
    _ profile: Profile, where isWanted: (Circumstance) -> Bool = { _ in true }
  ) -> ResolvedProfile {
    let wanted = WantedGroups(profile, where: isWanted)
    var out = ResolvedProfile()
    out.isRaw = isRaw
    out.comms = wanted.comms
    out.calls = profile.callArguments
    var builder = ResolvedProfileBuilder(out)
    for part in work(profile, wanted, into: ResolvedPart.init) { builder.add(part) }
    return builder.finish(warnings: warnings)
  }

  /// Merges the stacks for which `isWanted` holds by their functions.
  ///
  /// - Parameter weighting: what a sample counts.
  public func fold(
    _ profile: Profile, weighting: Weighting, where isWanted: (Circumstance) -> Bool = { _ in true }
  ) -> FoldedStacks {
    let wanted = WantedGroups(profile, where: isWanted)
    var folded = FoldedStacks(comms: wanted.comms)
    var parts = work(profile, wanted, into: { FoldedPart(weighting) })
    // Out of the array, so that merging doesn't copy the first one's stacks.
    while !parts.isEmpty { folded.merge(parts.removeFirst()) }
    return folded
  }

  /// Chains that are fetched before the first of them is resolved.
  private static let fetchedChains = 16

  /// Groups below which a further thread costs more than it helps: each finds the functions of all
  /// addresses for itself, of which a few thousand groups have most there are.
  private static let groupsPerWorker = 8000

  /// Resolves the wanted groups, each worker a stretch of them.
  private func work<Part: StackSink>(
    _ profile: Profile, _ wanted: WantedGroups, into make: @Sendable () -> Part
  ) -> [Part] {
    let count = max(1, min(workers, wanted.rows.count / Symbolizer.groupsPerWorker))
    return concurrently(count) { piece in
      var resolver = StackResolver(
        profile, kernel: kernel, images: images, isRaw: isRaw, expandsInlines: expandsInlines,
        keepsAddresses: Part.keepsAddresses, recovered: isRaw ? nil : recovered)
      var part = make()
      let stretch =
        piece * wanted.rows.count / count..<(piece + 1) * wanted.rows.count / count
      for (place, row) in zip(stretch, wanted.rows[stretch]) {
        if (place - stretch.lowerBound) % Symbolizer.fetchedChains == 0 {
          for next in wanted.rows[place..<min(place + Symbolizer.fetchedChains, stretch.upperBound)]
          {
            resolver.fetch(profile.groups.rows[Int(next)].chain)
          }
        }
        let group = profile.groups.rows[Int(row)]
        let circumstance = wanted.circumstances[Int(group.circumstance)]
        resolver.enter(circumstance.space, row: circumstance.spaceRow)
        let outcome = resolver.resolve(
          group.chain, event: circumstance.circumstance.event,
          isBare: isRaw && circumstance.isBare)
        part.add(resolver.frames, outcome, circumstance, group, row: row)
      }
      part.finish(resolver.locations)
      return part
    }
  }
}

/// Takes resolved stacks one by one.
protocol StackSink: Sendable {
  /// Whether it matters to it where in their functions the frames are.
  static var keepsAddresses: Bool { get }
  /// - Parameter frames: leaf first.
  mutating func add(
    _ frames: [LocationID], _ part: ApplicationPart, _ circumstance: WantedGroups.Known,
    _ group: SampleGroup, row: UInt32)
  mutating func finish(_ locations: LocationResolver)
}

/// The groups that are asked for, and what the resolving of each needs.
struct WantedGroups: Sendable {
  /// What is the same for all groups of a circumstance.
  struct Known: Sendable {
    let circumstance: Circumstance
    let space: Space
    /// Stands for the space: the first one of a profile has 0.
    let spaceRow: Int
    /// Row of ``WantedGroups/comms``.
    let comm: Int
    /// Whether its event's samples have no call chains.
    let isBare: Bool
  }

  /// Rows of the profile's groups.
  private(set) var rows: [UInt32] = []
  private(set) var circumstances: [Known] = []
  private(set) var comms: [String]
  private var unnamed: [ThreadName: Int] = [:]

  init(_ profile: Profile, where isWanted: (Circumstance) -> Bool) {
    comms = profile.timeline.comms.names
    let wanted = profile.groups.circumstances.map(isWanted)
    var spaces = FingerprintTable()
    for circumstance in profile.groups.circumstances {
      let space = circumstance.task.space
      circumstances.append(
        Known(
          circumstance: circumstance,
          space: space,
          spaceRow: spaces.row(of: space.fingerprint),
          comm: comm(circumstance.name, profile),
          isBare: !profile.attributes[circumstance.event].hasCallchain))
    }
    rows = WantedGroups.sorted(
      profile.groups, by: circumstances.map(\.spaceRow), count: spaces.count, where: wanted)
  }

  /// The wanted rows, those of one address space together: what is known of its addresses then stays
  /// in the processor's cache. A counting sort; spaces and rows keep their order.
  private static func sorted(
    _ groups: SampleGroups, by spaceRows: [Int], count: Int, where wanted: [Bool]
  ) -> [UInt32] {
    var places = [Int](repeating: 0, count: count + 1)
    func isWanted(_ group: SampleGroup) -> Bool {
      wanted[Int(group.circumstance)] && group.samples > 0
    }
    for group in groups.rows where isWanted(group) {
      places[spaceRows[Int(group.circumstance)] + 1] += 1
    }
    for place in places.indices.dropFirst() { places[place] += places[place - 1] }
    var rows = [UInt32](repeating: 0, count: places.last ?? 0)
    for (row, group) in groups.rows.enumerated() where isWanted(group) {
      let space = spaceRows[Int(group.circumstance)]
      rows[places[space]] = UInt32(row)
      places[space] += 1
    }
    return rows
  }

  private mutating func comm(_ name: ThreadName, _ profile: Profile) -> Int {
    if case .comm(let id) = name { return id.index }
    if let known = unnamed[name] { return known }
    comms.append(profile.name(name))
    unnamed[name] = comms.count - 1
    return comms.count - 1
  }
}
