/// Builds recordings byte by byte after perf's own description of the format
/// (`tools/perf/Documentation/perf.data-file-format.txt`, `include/uapi/linux/perf_event.h`), with
/// nothing of the reader's code, so that both can be wrong only separately.
public struct PerfDataBuilder: Sendable {
  /// One event: the fields of `perf_event_attr` that decide the layout.
  public struct Attribute: Sendable {
    /// `PERF_TYPE_*`.
    public var type: UInt32 = 1
    /// Event number.
    public var config: UInt64 = 0
    /// Period or frequency.
    public var period: UInt64 = 1
    /// `PERF_SAMPLE_*`.
    public var sampleType: UInt64
    /// `PERF_FORMAT_*`.
    public var readFormat: UInt64 = 0
    /// The bit field behind `read_format`, bit 0 being `disabled`.
    public var flags: UInt64 = Flag.sampleIDAll
    /// Ids of the event in records.
    public var ids: [UInt64] = []
    /// `PERF_SAMPLE_BRANCH_*`.
    public var branchSampleType: UInt64 = 0
    /// Registers of user mode, behind it.
    public var userRegisters: UInt64 = 0
    /// Size of the attribute; fields beyond it are cut off.
    public var size = 128

    /// An event with samples of this type.
    public init(_ sampleType: UInt64, ids: [UInt64] = []) {
      self.sampleType = sampleType
      self.ids = ids
    }
  }

  /// Bits of the attribute's bit field.
  public enum Flag {
    /// `freq`: the period is a frequency.
    public static let frequency: UInt64 = 1 << 10
    /// `sample_id_all`.
    public static let sampleIDAll: UInt64 = 1 << 18
  }

  /// Byte order.
  public let order: ByteWriter.Order
  /// The events.
  public var attributes: [Attribute] = []
  /// The data section.
  public var records: [UInt8] = []
  /// Feature sections by number.
  public var features: [(number: Int, bytes: [UInt8])] = []
  /// In place of the true size of the data section.
  public var claimedDataSize: UInt64?
  /// In place of the true size of an attribute entry.
  public var claimedAttributeSize: UInt64?
  /// Size field of the header; 16 is pipe mode's.
  public var claimedHeaderSize: UInt64 = 104

  /// A recording with nothing in it.
  public init(_ order: ByteWriter.Order = .little, attributes: [Attribute] = []) {
    self.order = order
    self.attributes = attributes
  }

  /// A writer in the recording's byte order.
  public var writer: ByteWriter { ByteWriter(order) }

  /// Where the data section begins.
  public var dataOffset: Int { 104 + attributes.reduce(0) { $0 + 8 * $1.ids.count + $1.size + 16 } }

  /// Bytes of the body that `write` puts down.
  public func body(_ write: (inout ByteWriter) -> Void) -> [UInt8] {
    var writer = writer
    write(&writer)
    return writer.bytes
  }

  /// Appends a record: header and body.
  ///
  /// - Parameter size: in place of the true one.
  public mutating func record(
    _ type: UInt32, misc: UInt16 = 0, body: [UInt8], size: UInt16? = nil
  ) {
    records += framed(type, misc: misc, body: body, size: size)
  }

  /// A record's bytes, without appending them.
  public func framed(
    _ type: UInt32, misc: UInt16 = 0, body: [UInt8], size: UInt16? = nil
  ) -> [UInt8] {
    self.body {
      $0.integer(type)
      $0.integer(misc)
      $0.integer(size ?? UInt16(truncatingIfNeeded: body.count + 8))
      $0.raw(body)
    }
  }

  /// Appends a feature section.
  public mutating func feature(_ number: Int, _ write: (inout ByteWriter) -> Void) {
    features.append((number, body(write)))
  }

  /// Appends an entry to the section of build-ids (`HEADER_BUILD_ID`): `struct build_id_event`.
  public mutating func buildID(
    _ path: String, _ id: [UInt8], misc: UInt16 = 2, isSized: Bool = true
  ) {
    let text = Array(path.utf8) + [UInt8](repeating: 0, count: 64 - path.utf8.count % 64)
    let entry = body { out in
      out.integer(UInt32(67))
      out.integers([misc | (isSized ? 1 << 15 : 0), UInt16(36 + text.count)])
      out.integer(Int32(-1))
      let size = isSized ? UInt8(id.count) : 0
      out.raw((id + [UInt8](repeating: 0, count: 20)).prefix(20) + [size, 0, 0, 0])
      out.raw(text)
    }
    if let row = features.firstIndex(where: { $0.number == 2 }) {
      features[row].bytes += entry
    } else {
      features.append((2, entry))
    }
  }

  /// The whole file.
  public var bytes: [UInt8] {
    var idOffset = 104
    var ids = writer
    var entries = writer
    for attribute in attributes {
      ids.integers(attribute.ids)
      entries.raw(encoded(attribute))
      entries.integer(UInt64(idOffset))
      entries.integer(UInt64(8 * attribute.ids.count))
      idOffset += 8 * attribute.ids.count
    }
    var out = header(attributesAt: idOffset, count: entries.bytes.count)
    out.raw(ids.bytes)
    out.raw(entries.bytes)
    out.raw(records)
    out.raw(featureTable(at: out.bytes.count))
    return out.bytes
  }

  private func header(attributesAt offset: Int, count: Int) -> ByteWriter {
    var out = writer
    out.integer(UInt64(0x3245_4c49_4652_4550))
    out.integer(claimedHeaderSize)
    out.integer(claimedAttributeSize ?? UInt64((attributes.first?.size ?? 128) + 16))
    out.integers([UInt64(offset), UInt64(count)])
    out.integers([UInt64(offset + count), claimedDataSize ?? UInt64(records.count)])
    out.integers([UInt64(0), 0])
    var words = [UInt64](repeating: 0, count: 4)
    for (number, _) in features { words[number / 64] |= 1 << UInt64(number % 64) }
    out.integers(words)
    return out
  }

  private func featureTable(at start: Int) -> [UInt8] {
    let sorted = features.sorted { $0.number < $1.number }
    var table = writer
    var sections = writer
    for (_, bytes) in sorted {
      table.integer(UInt64(start + 16 * sorted.count + sections.bytes.count))
      table.integer(UInt64(bytes.count))
      sections.raw(bytes)
    }
    return table.bytes + sections.bytes
  }

  /// `struct perf_event_attr`, grown to the wanted size with zeros or cut down to it.
  private func encoded(_ attribute: Attribute) -> [UInt8] {
    var out = writer
    out.integers([attribute.type, UInt32(attribute.size)])
    out.integers([attribute.config, attribute.period, attribute.sampleType, attribute.readFormat])
    // Bit fields fill a big-endian word from its most significant bit.
    out.integer(order == .little ? attribute.flags : attribute.flags.bitReversed)
    out.integers([UInt32(0), 0])  // wakeup_events, bp_type
    out.integers([UInt64(0), 0])  // config1, config2
    out.integers([attribute.branchSampleType, attribute.userRegisters])
    out.raw([UInt8](repeating: 0, count: max(0, attribute.size - out.bytes.count)))
    return Array(out.bytes.prefix(attribute.size))
  }
}

extension UInt64 {
  fileprivate var bitReversed: UInt64 {
    (0..<64).reduce(0) { $0 | (self >> UInt64($1) & 1) << UInt64(63 - $1) }
  }
}
