/// `HEADER_*`: the feature sections that are read; others are skipped by their size.
private enum Feature: Int {
  case tracingData = 1, buildID, hostname, osRelease, version, arch, nrCPUs, cpuDescription
  case cpuID, totalMemory, commandLine, eventDescription
  case cpuTopology, numaTopology
  case pmuMappings = 16, groupDescription
  case cache = 20
  case sampleTime = 21, memoryTopology, clockID, directoryFormat, bpfPrograms, bpfTypes
  case compressed = 27, cpuCapabilities, clockData, hybridTopology, pmuCapabilities
}

extension FeatureSections {
  /// Reads the table of sections behind the data section and the sections it names.
  ///
  /// A section that can't be read is remembered in ``unreadable``: the records are good without.
  init(_ file: RawSpan, header: Header) {
    let (table, overflow) = header.data.offset.addingReportingOverflow(header.data.size)
    guard !overflow, header.data.size > 0 else { return }
    for (index, feature) in header.features.enumerated() {
      do {
        let entry = FileSection(offset: table &+ UInt64(index) &* 16, size: 16)
        let place = try entry.range(in: file.byteCount, structure: "feature table")
        var reader = FieldReader(
          file.extracting(place), swapped: header.isSwapped, at: entry.offset, in: "feature table")
        let section = try FileSection(reading: &reader)
        try read(feature, section: section, file: file, swapped: header.isSwapped)
      } catch {
        unreadable.append((feature, error))
      }
    }
  }

  private mutating func read(
    _ number: Int, section: FileSection, file: RawSpan, swapped: Bool
  ) throws(PerfDataError) {
    let range = try section.range(in: file.byteCount, structure: "feature section \(number)")
    try read(number, body: file.extracting(range), swapped: swapped, at: section.offset)
  }

  /// Reads one feature: a section of the file, or in pipe mode the rest of a
  /// `PERF_RECORD_HEADER_FEATURE`.
  mutating func read(
    _ number: Int, body: RawSpan, swapped: Bool, at offset: UInt64
  ) throws(PerfDataError) {
    if let mark = Mark(rawValue: number) { marks.insert(mark) }
    guard let feature = Feature(rawValue: number) else { return }
    var reader = FieldReader(
      body, swapped: swapped, at: offset, in: "feature section \(number)")
    switch feature {
    case .tracingData: tracingData = FileSection(offset: offset, size: UInt64(body.byteCount))
    case .buildID: try readBuildIDs(&reader)
    case .hostname: hostname = try reader.headerString()
    case .osRelease: osRelease = try reader.headerString()
    case .version: perfVersion = try reader.headerString()
    case .arch: arch = try reader.headerString()
    case .cpuDescription: cpuDescription = try reader.headerString()
    case .cpuID: cpuID = try reader.headerString()
    case .nrCPUs:
      cpusAvailable = try reader.u32()
      cpusOnline = try reader.u32()
    case .totalMemory: totalMemory = try reader.u64()
    case .commandLine: try readCommandLine(&reader)
    case .eventDescription: try readEventDescription(&reader)
    case .sampleTime:
      let (first, last) = (try reader.u64(), try reader.u64())
      sampleTime = first <= last ? first...last : nil
    case .compressed:
      try reader.skip(4)
      compression = Compression(
        type: try reader.u32(), level: try reader.u32(), ratio: try reader.u32())
    default: try readMachine(feature, &reader)
    }
  }

  private mutating func readMachine(
    _ feature: Feature, _ reader: inout FieldReader
  ) throws(PerfDataError) {
    switch feature {
    case .cpuTopology: cpuTopology = try CPUTopology(reading: &reader, cpus: cpusAvailable)
    case .numaTopology:
      nodes = try reader.list { reader throws(PerfDataError) in
        MemoryNode(
          node: try reader.u32(), total: try reader.u64(), free: try reader.u64(),
          cpus: try reader.headerString())
      }
    case .pmuMappings:
      pmus = try reader.list { reader throws(PerfDataError) in
        let type = try reader.u32()
        return PMU(name: try reader.headerString(), type: type)
      }
    case .groupDescription:
      groups = try reader.list { reader throws(PerfDataError) in
        EventGroup(
          name: try reader.headerString(), leader: try reader.u32(), members: try reader.u32())
      }
    case .cache:
      try reader.skip(4)  // version
      caches = try reader.list { reader throws(PerfDataError) in
        Cache(
          level: try reader.u32(), lineSize: try reader.u32(), sets: try reader.u32(),
          ways: try reader.u32(), type: try reader.headerString(),
          size: try reader.headerString(), cpus: try reader.headerString())
      }
    case .memoryTopology:
      try reader.skip(8)  // version
      memoryBlocks = (try reader.u64(), try reader.u64())
    case .clockID: clockResolution = try reader.u64()
    case .directoryFormat: directoryVersion = try reader.u64()
    case .bpfPrograms: bpfPrograms = try reader.u32()
    case .bpfTypes: bpfTypes = try reader.u32()
    case .clockData:
      try reader.skip(4)  // version
      clock = ClockReference(
        id: try reader.u32(), timeOfDay: try reader.u64(), clockTime: try reader.u64())
    case .cpuCapabilities: capabilities.append(("cpu", try reader.capabilities()))
    case .pmuCapabilities:
      capabilities = try reader.list { reader throws(PerfDataError) in
        let list = try reader.capabilities()
        return (try reader.headerString(), list)
      }
    case .hybridTopology:
      hybridCPUs = try reader.list { reader throws(PerfDataError) in
        (try reader.headerString(), try reader.headerString())
      }
    default: break
    }
  }

  /// `struct build_id_event` each: a record header and what ``addBuildID`` reads.
  private mutating func readBuildIDs(_ reader: inout FieldReader) throws(PerfDataError) {
    while reader.remaining >= 36 {
      try reader.skip(4)
      let misc = RecordMisc(rawValue: try reader.u16())
      let size = Int(try reader.u16())
      try addBuildID(&reader, misc: misc, pathSize: max(0, min(size - 36, reader.remaining - 28)))
    }
  }

  /// pid, 20 bytes of id (the 21st its length where misc says so), three of padding, path.
  mutating func addBuildID(
    _ reader: inout FieldReader, misc: RecordMisc, pathSize: Int
  ) throws(PerfDataError) {
    try reader.skip(4)
    let bytes = try reader.bytes(24)
    let count = misc.hasBuildIDSize ? min(Int(bytes[20]), 20) : 20
    buildIDs.append(
      ImageBuildID(
        path: try reader.text(pathSize), buildID: BuildID(Array(bytes[..<count])),
        cpuMode: misc.cpuMode))
  }

  private mutating func readCommandLine(_ reader: inout FieldReader) throws(PerfDataError) {
    let count = try reader.u32()
    for _ in 0..<count { commandLine.append(try reader.headerString()) }
  }

  private mutating func readEventDescription(_ reader: inout FieldReader) throws(PerfDataError) {
    let count = try reader.u32()
    let attributeSize = Int(try reader.u32())
    for _ in 0..<count {
      try reader.skip(attributeSize)
      let ids = try reader.u32()
      let name = try reader.headerString()
      var list: [UInt64] = []
      for _ in 0..<ids { list.append(try reader.u64()) }
      eventNames.append((name, list))
    }
  }
}

extension FeatureSections.CPUTopology {
  /// Recordings of older perfs end behind the lists, or before the dies.
  ///
  /// - Parameter cpus: how many the machine has: each has an entry, whether online or not.
  fileprivate init(reading reader: inout FieldReader, cpus count: UInt32?) throws(PerfDataError) {
    func strings(_ reader: inout FieldReader) throws(PerfDataError) -> [String] {
      try reader.list { reader throws(PerfDataError) in try reader.headerString() }
    }
    packages = try strings(&reader)
    cores = try strings(&reader)
    let count = Int(count ?? 0)
    guard count > 0, reader.remaining / 8 >= count else { return }
    for _ in 0..<count {
      cpus.append(CPU(core: try reader.u32(), package: try reader.u32(), die: nil))
    }
    guard reader.remaining > 0 else { return }
    dies = try strings(&reader)
    guard reader.remaining / 4 >= count else { return }
    for cpu in cpus.indices { cpus[cpu].die = try reader.u32() }
  }
}

extension FieldReader {
  /// A u32 count and so many elements; each takes bytes, so that a count can't be larger than what is
  /// there.
  fileprivate mutating func list<Element>(
    _ element: (inout FieldReader) throws(PerfDataError) -> Element
  ) throws(PerfDataError) -> [Element] {
    var elements: [Element] = []
    for _ in 0..<(try u32()) { elements.append(try element(&self)) }
    return elements
  }

  /// Pairs of name and value.
  fileprivate mutating func capabilities() throws(PerfDataError) -> [String] {
    try list { reader throws(PerfDataError) in
      "\(try reader.headerString())=\(try reader.headerString())"
    }
  }
}
