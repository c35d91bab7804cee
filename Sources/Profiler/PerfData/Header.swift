/// A stretch of the file: `struct perf_file_section`.
public struct FileSection: Sendable, Equatable {
  /// Byte offset in the file.
  public let offset: UInt64
  /// Length in bytes.
  public let size: UInt64

  init(reading reader: inout FieldReader) throws(PerfDataError) {
    offset = try reader.u64()
    size = try reader.u64()
  }

  init(offset: UInt64, size: UInt64) {
    self.offset = offset
    self.size = size
  }

  /// The section's range in a file of `count` bytes, or an error that names both.
  func range(in count: Int, structure: String) throws(PerfDataError) -> Range<Int> {
    let (end, overflow) = offset.addingReportingOverflow(size)
    guard !overflow, end <= UInt64(count) else {
      throw PerfDataError(
        .outside(offset: offset, size: size, fileSize: count), at: offset, in: structure)
    }
    return Int(offset)..<Int(end)
  }
}

/// The header of a recording: `struct perf_file_header`.
///
///     0    magic "PERFILE2"       24  attrs   {offset, size}
///     8    size of this header    40  data    {offset, size}
///     16   size of one attribute  56  event_types (unused since 3.0)
///                                 72  feature bits, 256 of them
///
/// In pipe mode the first two fields are all; attributes and features come as records.
///
/// Source: `tools/perf/Documentation/perf.data-file-format.txt`.
public struct Header: Sendable, Equatable {
  /// Size of one entry of the attribute section: a `perf_event_attr` and its ids' section.
  public let attributeSize: UInt64
  /// Where the attributes are.
  public let attributes: FileSection
  /// Where the records are; size 0 if the recorder was killed.
  public let data: FileSection
  /// Numbers of the feature sections present (`HEADER_*`), ascending.
  public let features: [Int]
  /// Whether the file was written on a machine of the other byte order.
  public let isSwapped: Bool
  /// Whether perf wrote to a pipe: records follow the first 16 bytes, to the end.
  public let isPipe: Bool

  static let magic: UInt64 = 0x3245_4c49_4652_4550  // "PERFILE2"
  /// "PERFFILE", the same bytes on all machines: perf before 3.4.
  static let oldMagic: UInt64 = 0x454c_4946_4652_4550

  init(reading bytes: RawSpan) throws(PerfDataError) {
    guard bytes.byteCount >= 16 else {
      let kind =
        bytes.byteCount == 0
        ? PerfDataError.Kind.io("the file is empty")
        : .truncated(need: 16, have: bytes.byteCount)
      throw PerfDataError(kind, at: 0, in: "header")
    }
    isSwapped = try Header.isSwapped(bytes)
    var reader = FieldReader(bytes, swapped: isSwapped, at: 0, in: "header")
    try reader.skip(8)
    isPipe = try reader.u64() == 16
    guard !isPipe else {
      let nothing = FileSection(offset: 16, size: 0)
      (attributeSize, attributes, data, features) = (0, nothing, nothing, [])
      return
    }
    attributeSize = try reader.u64()
    attributes = try FileSection(reading: &reader)
    data = try FileSection(reading: &reader)
    try reader.skip(16)
    features = try Header.featureNumbers(&reader)
  }

  private static func isSwapped(_ bytes: RawSpan) throws(PerfDataError) -> Bool {
    let magic = bytes.load(UInt64.self, at: 0, swapped: false)
    switch magic {
    case Header.magic: return false
    case Header.magic.byteSwapped: return true
    case oldMagic: return try isOldSwapped(bytes)
    default: throw PerfDataError(.notPerfData(magic: magic.byteSwapped), at: 0, in: "header")
    }
  }

  /// The old magic doesn't tell the byte order, but the sizes behind it do: of the header in pipe
  /// mode, else of an attribute.
  private static func isOldSwapped(_ bytes: RawSpan) throws(PerfDataError) -> Bool {
    for swapped in [false, true] {
      if bytes.load(UInt64.self, at: 8, swapped: swapped) == 16 { return swapped }
      guard bytes.byteCount >= 24 else { continue }
      if 80...4096 ~= bytes.load(UInt64.self, at: 16, swapped: swapped) { return swapped }
    }
    throw PerfDataError(
      .unsupported("a PERFFILE recording (perf before 3.4) of unknown byte order"), at: 0,
      in: "header")
  }

  private static func featureNumbers(
    _ reader: inout FieldReader
  ) throws(PerfDataError) -> [Int] {
    var numbers: [Int] = []
    for word in 0..<4 {
      let bits = try reader.u64()
      for bit in 0..<64 where bits >> UInt64(bit) & 1 == 1 { numbers.append(word * 64 + bit) }
    }
    return numbers
  }
}
