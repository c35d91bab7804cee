/// Where the fields of an event's samples are, worked out once per attribute.
///
/// Fields before `PERF_SAMPLE_READ` stand at fixed offsets; the counter values and the call chain
/// that follow have a length of their own in each sample; ``SampleTail`` finds what comes after.
///
///     identifier ip pid|tid time addr id stream_id cpu period   read…  nr callchain…
///     └────────────── fixed: offsets below ───────────────────┘ └ located per sample ┘
struct SampleLayout: Sendable {
  let ip: FieldPlace
  let thread: FieldPlace
  let time: FieldPlace
  let id: FieldPlace
  let period: FieldPlace
  /// Where the call chain comes from.
  let chain: ChainSource
  /// Whether samples carry a copy of the user stack, so that their chains have no user part.
  let hasUserStack: Bool
  private let fixedSize: UInt8
  private let fields: SampleType
  private let readFormat: ReadFormat

  /// The offset of a field of fixed place in a sample's body, or none. Small, because a layout is
  /// looked at for each sample.
  struct FieldPlace: Sendable {
    private let rawValue: UInt8

    fileprivate init(_ offset: Int?) { rawValue = offset.map { UInt8($0) } ?? .max }

    @inline(__always)
    var offset: Int? { rawValue == .max ? nil : Int(rawValue) }
  }

  /// Whether samples carry counter values.
  @inline(__always)
  var hasCounters: Bool { fields.contains(.read) }
  /// Whether a sample is its fixed fields and a call chain, and what follows doesn't matter.
  @inline(__always)
  var isPlain: Bool { chain == .recorded && !hasUserStack && !hasCounters }

  /// - Parameter showsBranches: whether branch stacks stand for call chains.
  init(_ attribute: EventAttribute, showsBranches: Bool = false) {
    chain = ChainSource(attribute, showsBranches: showsBranches)
    fields = attribute.sampleType
    hasUserStack = attribute.hasUserStack
    readFormat = attribute.readFormat
    var offset = 0
    func take(_ field: SampleType) -> FieldPlace {
      guard attribute.sampleType.contains(field) else { return FieldPlace(nil) }
      defer { offset += 8 }
      return FieldPlace(offset)
    }
    let identifier = take(.identifier)
    ip = take(.ip)
    thread = take(.tid)
    time = take(.time)
    _ = take(.addr)
    let plainID = take(.id)
    _ = take(.streamID)
    _ = take(.cpu)
    period = take(.period)
    id = identifier.offset == nil ? plainID : identifier
    fixedSize = UInt8(offset)  // nine fields
  }

  /// Finds the parts of one sample.
  ///
  /// - Parameter body: the record without its header.
  @inline(__always)
  func locate(_ body: RawSpan, swapped: Bool) throws(SampleLayoutError) -> SamplePlaces {
    let start = Int(fixedSize)
    var offset = start
    guard offset <= body.byteCount else { throw .init(field: "sample", offset: 0, need: offset) }
    if fields.contains(.read) { offset = try skipRead(body, from: offset, swapped: swapped) }
    var places = SamplePlaces(counters: start..<offset, callchain: offset..<offset)
    guard fields.contains(.callchain) else { return places }
    guard body.byteCount - offset >= 8 else {
      throw .init(field: "callchain", offset: offset, need: 8)
    }
    let count = body.load(UInt64.self, at: offset, swapped: swapped)
    offset += 8
    guard count <= UInt64(body.byteCount - offset) / 8 else {
      throw .init(
        field: "callchain", offset: offset, need: Int(clamping: count.multipliedClamped(by: 8)))
    }
    places.callchain = offset..<offset + Int(count) * 8
    return places
  }

  /// - Returns: the offset behind the counter values.
  private func skipRead(
    _ body: RawSpan, from offset: Int, swapped: Bool
  ) throws(SampleLayoutError) -> Int {
    let left = body.byteCount - offset
    guard left >= 8 else { throw .init(field: "read", offset: offset, need: 8) }
    guard readFormat.contains(.group) else {
      let size = 8 * (readFormat.groupHeadWords - 1 + readFormat.valueWords)
      guard size <= left else { throw .init(field: "read", offset: offset, need: size) }
      return offset + size
    }
    let count = body.load(UInt64.self, at: offset, swapped: swapped)
    let room = left - 8 * readFormat.groupHeadWords
    guard room >= 0, count <= UInt64(room) / UInt64(8 * readFormat.valueWords) else {
      throw .init(
        field: "read", offset: offset, need: Int(clamping: count.multipliedClamped(by: 8)))
    }
    return offset + 8 * (readFormat.groupHeadWords + Int(count) * readFormat.valueWords)
  }
}

extension SampleLayout {
  /// A counter's value at a sample.
  struct Counter {
    let id: UInt64
    let value: UInt64
  }

  /// The counters of a sample, of a group's all; none where they don't say their ids.
  ///
  /// - Parameter places: as ``locate(_:swapped:)`` found them, so that all words are there.
  func counters(_ body: RawSpan, _ places: SamplePlaces, swapped: Bool) -> [Counter] {
    guard hasCounters, readFormat.contains(.id) else { return [] }
    func word(_ index: Int) -> UInt64 {
      body.load(UInt64.self, at: places.counters.lowerBound + 8 * index, swapped: swapped)
    }
    guard readFormat.contains(.group) else {
      // value, then the times, then the id
      return [Counter(id: word(readFormat.groupHeadWords), value: word(0))]
    }
    return (0..<Int(word(0))).map { member in
      let place = readFormat.groupHeadWords + member * readFormat.valueWords
      return Counter(id: word(place + 1), value: word(place))
    }
  }
}

/// Where the call chain of an event's samples comes from.
enum ChainSource: Sendable {
  /// `PERF_SAMPLE_CALLCHAIN`, as it stands.
  case recorded
  /// `PERF_SAMPLE_CALLCHAIN`; where it says so, user mode's part stands in a record of its own.
  case deferred
  /// There is none: the sampled instruction alone.
  case instruction
  /// The branches before the sample.
  case branches
  /// The kernel's part as recorded, user mode's from the processor's own call stack
  /// (`--call-graph lbr`).
  case hardwareStack

  init(_ attribute: EventAttribute, showsBranches: Bool) {
    let hasBranches = attribute.sampleType.contains(.branchStack)
    if hasBranches, showsBranches {
      self = .branches
    } else if !attribute.hasCallchain {
      self = .instruction
    } else {
      let isStack = attribute.branchSampleType & EventAttribute.branchCallStack != 0
      self =
        hasBranches && isStack ? .hardwareStack : attribute.defersCallchain ? .deferred : .recorded
    }
  }

  /// Whether chains are made of branches.
  var hasBranches: Bool { self == .branches || self == .hardwareStack }
}

/// Byte ranges of a sample's parts of variable length, in the record's body.
struct SamplePlaces {
  /// The words of `PERF_SAMPLE_READ`.
  let counters: Range<Int>
  /// `u64[nr]`, `PERF_CONTEXT_*` markers included.
  var callchain: Range<Int>
}

/// A sample that is shorter than its own fields say.
struct SampleLayoutError: Error {
  let field: String
  let offset: Int
  let need: Int
}

/// Where the fields are in the `sample_id` that ends every record but samples.
///
/// Counted from the record's end, because what comes before has a length of its own.
struct SampleIDLayout: Sendable, Equatable {
  /// Bytes of the whole trailer.
  let size: Int
  /// Distance of the time from the record's end.
  let timeFromEnd: Int?

  /// Distance of the u32 pid and u32 tid from the record's end.
  let threadFromEnd: Int?

  /// No trailer at all.
  static let none = SampleIDLayout(size: 0, timeFromEnd: nil, threadFromEnd: nil)

  private init(size: Int, timeFromEnd: Int?, threadFromEnd: Int?) {
    self.size = size
    self.timeFromEnd = timeFromEnd
    self.threadFromEnd = threadFromEnd
  }

  init(_ attribute: EventAttribute) {
    let order: [SampleType] = [.tid, .time, .id, .streamID, .cpu, .identifier]
    let present = attribute.hasSampleIDAll ? order.filter(attribute.sampleType.contains) : []
    size = 8 * present.count
    func distance(_ field: SampleType) -> Int? {
      present.firstIndex(of: field).map { 8 * (present.count - $0) }
    }
    timeFromEnd = distance(.time)
    threadFromEnd = distance(.tid)
  }
}

/// The trailers of a recording's events.
///
/// Events whose samples differ have trailers of different lengths; which one a record has is then
/// said by the event's id in its last eight bytes, which perf asks for in that case.
struct SampleIDLayouts: Sendable {
  private var layouts: [SampleIDLayout] = []
  /// Whether a record's last word names its event.
  private var areIdentified = true
  private var differ = false

  mutating func add(_ attribute: EventAttribute) {
    let layout = SampleIDLayout(attribute)
    layouts.append(layout)
    areIdentified =
      areIdentified && attribute.sampleType.contains(.identifier) && attribute.hasSampleIDAll
    differ = differ || layout != layouts[0]
  }

  func layout(
    of body: RawSpan, swapped: Bool, events: [UInt64: UInt16]
  ) -> SampleIDLayout {
    guard let first = layouts.first else { return .none }
    guard areIdentified, differ, body.byteCount >= 8 else { return first }
    let id = body.load(UInt64.self, at: body.byteCount - 8, swapped: swapped)
    return events[id].map { layouts[Int($0)] } ?? first
  }
}
