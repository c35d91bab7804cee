/// `HEADER_*`: the feature sections that are read; others are skipped by their size.
private enum Feature: Int {
  case tracingData = 1, buildID, hostname, osRelease, version, arch, nrCPUs, cpuDescription
  case cpuID, totalMemory, commandLine, eventDescription
  case sampleTime = 21
  case compressed = 27
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
    guard let feature = Feature(rawValue: number) else { return }
    let name = "feature section \(number)"
    let range = try section.range(in: file.byteCount, structure: name)
    var reader = FieldReader(
      file.extracting(range), swapped: swapped, at: section.offset, in: name)
    switch feature {
    case .tracingData: tracingData = reader.rest()
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
    case .compressed: isCompressed = true
    }
  }

  /// `struct build_id_event` each: a record header, pid, 20 bytes of id (the 21st its length where
  /// misc says so), three of padding, path.
  private mutating func readBuildIDs(_ reader: inout FieldReader) throws(PerfDataError) {
    while reader.remaining >= 36 {
      try reader.skip(4)
      let misc = try reader.u16()
      let size = Int(try reader.u16())
      try reader.skip(4)
      var bytes: [UInt8] = []
      for _ in 0..<24 { bytes.append(try reader.u8()) }
      let hasSize = misc >> 15 & 1 == 1
      let count = hasSize ? min(Int(bytes[20]), 20) : 20
      let path = try reader.text(max(0, min(size - 36, reader.remaining)))
      buildIDs.append(
        ImageBuildID(
          path: path, buildID: BuildID(Array(bytes[..<count])),
          cpuMode: RecordMisc(rawValue: misc).cpuMode))
    }
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
