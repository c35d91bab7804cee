/// Turns a profile's addresses into functions: each unique (address space, call chain) once.
public struct Symbolizer {
  private let kernel: KernelSymbols?
  private let isRaw: Bool
  private var source: any ImageSource
  private let splitter: ChainSplitter
  private var locations: LocationResolver

  /// - Parameters:
  ///   - kernel: symbols of the recorded kernel, if there are any.
  ///   - search: where binaries may be read.
  ///   - raw: leave the chains as recorded and name every frame by its address.
  public init(kernel: KernelSymbols?, search: SymbolSearch, raw: Bool = false) {
    self.init(kernel: kernel, source: ImageLoader(search), raw: raw)
  }

  init(kernel: KernelSymbols?, source: some ImageSource, raw: Bool = false) {
    self.kernel = kernel
    self.source = source
    isRaw = raw
    splitter = ChainSplitter(kernel: raw ? nil : kernel)
    locations = LocationResolver(kernel: kernel, isRaw: raw)
  }

  /// Resolves the samples for which `isWanted` holds.
  public mutating func resolve(
    _ profile: Profile, where isWanted: (Int) -> Bool = { _ in true }
  ) -> ResolvedProfile {
    var spaces = AddressSpaceHistory(profile.timeline)
    locations.use(profile)
    var out = ResolvedProfile()
    out.isRaw = isRaw
    var grouping = SampleGrouping(profile)
    let groups = grouping.group(profile, spaces, where: isWanted)
    var stackRows: [SpaceStack: Int] = [:]
    for (key, weight) in groups {
      let thread = profile.threads[Int(key.thread)]
      let hasChain = profile.attributes[Int(key.event)].sampleType.contains(.callchain)
      let place = SpaceStack(
        pid: thread.pid, epoch: key.epoch, stack: key.stack, isBare: isRaw && !hasChain)
      let row = stackRows[place] ?? out.stacks.count
      if row == out.stacks.count {
        stackRows[place] = row
        append(profile.stacks.callchain(of: key.stack), of: place, &spaces, to: &out.stacks)
      }
      out.rows.append(
        WeightedStack(
          thread: thread, comm: Int(key.comm), event: Int(key.event), stack: row,
          samples: weight.samples, period: weight.period))
    }
    out.comms = grouping.comms
    out.functions = locations.functions
    out.locations = locations.table
    out.images = locations.images
    out.warnings = source.warnings
    return out
  }

  private struct SpaceStack: Hashable {
    let pid: Int32
    let epoch: UInt32
    let stack: StackID
    /// Raw, and of an event without call chains: perf then prints the address as recorded.
    let isBare: Bool
  }

  private mutating func append(
    _ chain: ArraySlice<UInt64>, of place: SpaceStack, _ spaces: inout AddressSpaceHistory,
    to stacks: inout ResolvedStackTable
  ) {
    let (frames, part) = splitter.split(chain)
    var previous: ChainSplitter.Context?
    var isInterrupted = false
    var resolved: [LocationID] = []
    for var frame in frames {
      if place.isBare { frame = ChainSplitter.Frame(address: frame.address, context: .other) }
      // The first frame of each part is where the CPU was, and so is one that an interrupt or an
      // exception stopped; the others are return addresses.
      let isReturn = previous == frame.context && !isInterrupted
      previous = frame.context
      let location = locations.location(
        of: frame, isReturn: isReturn, pid: place.pid, epoch: Int(place.epoch), &spaces, &source)
      isInterrupted = locations.isInterruptEntry(location)
      resolved.append(location)
    }
    stacks.frames.append(contentsOf: resolved.reversed())
    stacks.ends.append(stacks.frames.count)
    stacks.part.append(part)
  }
}

/// Puts samples together that agree in thread, name, event, address space and call chain.
private struct SampleGrouping {
  struct Key: Hashable {
    let thread: UInt32
    let comm: UInt32
    let event: UInt16
    let epoch: UInt32
    let stack: StackID
  }

  struct Weight {
    var samples: UInt64 = 0
    var period: UInt64 = 0
  }

  private(set) var comms: [String]
  private var unnamed: [Int32: UInt32] = [:]
  private var onlyComm: [UInt32?]

  init(_ profile: Profile) {
    comms = profile.timeline.comms.names
    onlyComm = profile.threads.map {
      guard profile.timeline.hasOneName($0) else { return nil }
      return profile.timeline.comm(of: $0, at: .max).map { UInt32($0.index) }
    }
  }

  /// In the order of first appearance.
  mutating func group(
    _ profile: Profile, _ spaces: AddressSpaceHistory, where isWanted: (Int) -> Bool
  ) -> [(Key, Weight)] {
    var rows: [Key: Int] = [:]
    var groups: [(Key, Weight)] = []
    for index in 0..<profile.samples.count where isWanted(index) {
      let row = profile.samples.thread[index]
      let thread = profile.threads[Int(row)]
      let time = profile.samples.time[index]
      let key = Key(
        thread: row, comm: comm(row, thread, time, profile.timeline),
        event: profile.samples.event[index],
        epoch: UInt32(spaces.epoch(of: thread.pid, at: time)), stack: profile.samples.stack[index])
      let group = rows[key] ?? groups.count
      if group == groups.count {
        rows[key] = group
        groups.append((key, Weight()))
      }
      groups[group].1.samples += 1
      groups[group].1.period.addClamped(profile.samples.period[index])
    }
    return groups
  }

  /// A thread without a name is perf's `:tid`; the idle task is `swapper`.
  private mutating func comm(
    _ row: UInt32, _ thread: ThreadKey, _ time: UInt64, _ timeline: Timeline
  ) -> UInt32 {
    if let only = onlyComm[Int(row)] { return only }
    if let id = timeline.comm(of: thread, at: time) { return UInt32(id.index) }
    if let known = unnamed[thread.tid] { return known }
    comms.append(thread.tid == 0 ? "swapper" : ":\(thread.tid)")
    unnamed[thread.tid] = UInt32(comms.count - 1)
    return UInt32(comms.count - 1)
  }
}
