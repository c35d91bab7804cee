extension EventAttribute {
  /// Size of the first published `perf_event_attr` (`PERF_ATTR_SIZE_VER0`).
  static let smallestSize = 64
  /// The columns number events with 16 bits; perf opens a few hundred at most.
  static let mostEvents = 65_535

  /// Reads an attribute by its known prefix: fields newer than `bytes` are zero, fields newer than
  /// this program are left.
  init(reading bytes: RawSpan, swapped: Bool, at offset: UInt64) throws(PerfDataError) {
    var reader = FieldReader(bytes, swapped: swapped, at: offset, in: "perf_event_attr")
    type = try reader.u32()
    try reader.skip(4)
    config = try reader.u64()
    samplePeriod = try reader.u64()
    sampleType = SampleType(rawValue: try reader.u64())
    readFormat = ReadFormat(rawValue: try reader.u64())
    let word = try reader.u64()
    flags = swapped ? EventAttribute.unswapBitField(word) : word
    try reader.skip(8)  // wakeup_events, bp_type
    try reader.skip(8)  // config1
    try reader.skip(min(8, reader.remaining))  // config2, from VER1 on
    branchSampleType = reader.remaining >= 8 ? try reader.u64() : 0
    userRegisters = reader.remaining >= 8 ? try reader.u64() : 0
    interruptRegisters = reader.remaining >= 16 ? try reader.u64At(skipping: 8) : 0
  }

  /// Bit fields are laid out from the other end on machines of the other byte order: each byte's
  /// bits are mirrored, not the whole word.
  private static func unswapBitField(_ word: UInt64) -> UInt64 {
    var out: UInt64 = 0
    for byte in 0..<8 {
      let bits = UInt8(truncatingIfNeeded: word.byteSwapped >> UInt64(8 * byte))
      var mirrored: UInt8 = 0
      for bit in 0..<8 where bits >> bit & 1 == 1 { mirrored |= 0x80 >> bit }
      out |= UInt64(mirrored) << UInt64(8 * byte)
    }
    return out
  }
}

extension EventAttribute {
  /// Reads `PERF_RECORD_HEADER_ATTR`: the attribute, as long as it says, and its ids.
  init(record body: RawSpan, swapped: Bool, at offset: UInt64) throws(PerfDataError) {
    var reader = FieldReader(body, swapped: swapped, at: offset, in: "PERF_RECORD_HEADER_ATTR")
    try reader.skip(4)
    let size = Int(try reader.u32())
    guard size >= EventAttribute.smallestSize, size <= body.byteCount else {
      throw PerfDataError(
        .badValue("an attribute of \(size) bytes in \(body.byteCount)"), at: offset,
        in: "PERF_RECORD_HEADER_ATTR")
    }
    try self.init(reading: body.extracting(0..<size), swapped: swapped, at: offset)
    ids = stride(from: size, through: body.byteCount - 8, by: 8).map {
      body.load(UInt64.self, at: $0, swapped: swapped)
    }
  }
}

extension FieldReader {
  fileprivate mutating func u64At(skipping count: Int) throws(PerfDataError) -> UInt64 {
    try skip(count)
    return try u64()
  }
}

/// The attribute section: each entry an attribute and the section of its ids.
func readAttributes(
  _ file: RawSpan, header: Header
) throws(PerfDataError) -> [EventAttribute] {
  let section = try header.attributes.range(in: file.byteCount, structure: "attribute section")
  let size = header.attributeSize
  guard size >= UInt64(EventAttribute.smallestSize + 16), size <= 4096 else {
    throw PerfDataError(
      .badValue("attributes of \(size) bytes, needed 80 to 4096"), at: 16, in: "header")
  }
  guard section.count / Int(size) <= EventAttribute.mostEvents else {
    throw PerfDataError(
      .badValue(
        "\(section.count / Int(size)) events, at most \(EventAttribute.mostEvents) are read"),
      at: header.attributes.offset, in: "attribute section")
  }
  var attributes: [EventAttribute] = []
  // Ids of different events don't overlap, so that all of them together fit into the file.
  var room = file.byteCount / 8
  var start = section.lowerBound
  while section.upperBound - start >= Int(size) {
    let end = start + Int(size)
    var attribute = try EventAttribute(
      reading: file.extracting(start..<end - 16), swapped: header.isSwapped, at: UInt64(start))
    attribute.ids = try readIDs(file, at: end - 16, swapped: header.isSwapped, room: &room)
    attributes.append(attribute)
    start = end
  }
  return attributes
}

private func readIDs(
  _ file: RawSpan, at offset: Int, swapped: Bool, room: inout Int
) throws(PerfDataError) -> [UInt64] {
  var entry = FieldReader(
    file.extracting(offset..<offset + 16), swapped: swapped, at: UInt64(offset), in: "event ids")
  let range = try FileSection(reading: &entry).range(in: file.byteCount, structure: "event ids")
  guard range.count / 8 <= room else {
    throw PerfDataError(
      .badValue("more ids than the file has room for"), at: UInt64(offset), in: "event ids")
  }
  room -= range.count / 8
  return stride(from: range.lowerBound, through: range.upperBound - 8, by: 8).map {
    file.load(UInt64.self, at: $0, swapped: swapped)
  }
}
