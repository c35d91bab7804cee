/// Turns a profile's addresses into functions: each unique (address space, call chain) once.
public struct Symbolizer {
  private let kernel: KernelSymbols?
  private let isRaw: Bool
  private var source: any ImageSource
  private var splitter: ChainSplitter
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
    let grouping = SampleGrouping(profile, spaces, where: isWanted)
    var spaceRows: [Space: UInt32] = [:]
    var stackRows = IntegerMap(bits: 12)
    for group in grouping.groups {
      let circumstance = grouping.circumstances[Int(group.circumstance)]
      let thread = profile.threads[Int(circumstance.thread)]
      let place = Space(pid: thread.pid, epoch: Int(circumstance.epoch))
      let space = spaceRows[place, default: UInt32(spaceRows.count)]
      spaceRows[place] = space
      // Raw, and of an event without call chains: perf then prints the address as recorded.
      let isBare = isRaw && !profile.attributes[Int(circumstance.event)].hasCallchain
      let row = stackRows.row(
        of: UInt64(space) << 33 | (isBare ? 1 << 32 : 0) | UInt64(group.stack.rawValue),
        orInsert: UInt32(out.stacks.count))
      if Int(row) == out.stacks.count {
        locations.enter(place, row: Int(space))
        let chain = profile.stacks.callchain(of: group.stack)
        append(chain, isBare: isBare, &spaces, to: &out.stacks)
      }
      out.rows.append(
        WeightedStack(
          thread: thread, comm: Int(circumstance.comm), event: Int(circumstance.event),
          stack: Int(row), samples: group.samples, period: group.period))
    }
    out.comms = grouping.comms
    out.functions = locations.functions
    out.locations = locations.table
    out.images = locations.images
    out.warnings = source.warnings
    return out
  }

  private mutating func append(
    _ chain: ArraySlice<UInt64>, isBare: Bool, _ spaces: inout AddressSpaceHistory,
    to stacks: inout ResolvedStackTable
  ) {
    let (frames, part) = splitter.split(chain)
    var previous: ChainSplitter.Context?
    var isInterrupted = false
    let start = stacks.frames.count
    for var frame in frames {
      if isBare { frame = ChainSplitter.Frame(address: frame.address, context: .other) }
      // The first frame of each part is where the CPU was, and so is one that an interrupt or an
      // exception stopped; the others are return addresses.
      let isReturn = previous == frame.context && !isInterrupted
      previous = frame.context
      let location = locations.location(of: frame, isReturn: isReturn, &spaces, &source)
      isInterrupted = locations.isInterruptEntry(location)
      stacks.frames.append(location)
    }
    stacks.frames[start...].reverse()
    stacks.ends.append(stacks.frames.count)
    stacks.part.append(part)
  }
}
