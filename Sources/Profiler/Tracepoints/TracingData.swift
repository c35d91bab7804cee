/// The formats of tracepoints in perf's tracing data (`HEADER_TRACING_DATA`, in pipe mode what
/// follows `PERF_RECORD_HEADER_TRACING_DATA`), as files of tracefs.
///
///     17 08 44 "tracing" "0.6\0" endian long_size page_size
///     "header_page\0" u64 size …   "header_event\0" u64 size …
///     u32 n, n × (u64 size, format)                                   ftrace's own events
///     u32 n, n × ("system\0", u32 m, m × (u64 size, format))          the others
///
/// Source: `tools/perf/util/trace-event-info.c`, trace-cmd's `trace-cmd.dat.v6(5)`.
package struct TracingData {
  /// Byte order of the recorded machine.
  package let isBigEndian: Bool
  /// Bytes of its `long`.
  let longSize: UInt8
  /// `events/SYSTEM/NAME/format` of each tracepoint.
  private(set) var formats: [(system: String, text: [UInt8])] = []

  /// Larger than any that a kernel writes.
  private static let largestFormat = 1 << 20

  /// - Parameter offset: of the data in the file.
  /// - Throws: ``PerfDataError`` where a length leads out of the data.
  package init(reading bytes: RawSpan, at offset: UInt64) throws(PerfDataError) {
    var head = FieldReader(bytes, swapped: false, at: offset, in: "tracing data")
    guard try head.bytes(10) == TracingData.magic else {
      throw PerfDataError(
        .badValue("does not begin as tracing data does"), at: offset, in: "tracing data")
    }
    _ = try head.terminatedText()
    isBigEndian = try head.u8() != 0
    longSize = try head.u8()
    var reader = FieldReader(
      bytes.extracting(head.offset..<bytes.byteCount),
      swapped: isBigEndian == (1.littleEndian == 1), at: offset + UInt64(head.offset),
      in: "tracing data")
    try reader.skip(4)
    for _ in 0..<2 {
      _ = try reader.terminatedText()
      _ = try TracingData.block(&reader)
    }
    for _ in 0..<(try reader.u32()) { _ = try TracingData.block(&reader) }
    for _ in 0..<(try reader.u32()) { try readSystem(&reader) }
  }

  private mutating func readSystem(_ reader: inout FieldReader) throws(PerfDataError) {
    let system = try reader.terminatedText()
    for _ in 0..<(try reader.u32()) {
      formats.append((system, try TracingData.block(&reader)))
    }
  }

  /// A u64 length and so many bytes.
  private static func block(_ reader: inout FieldReader) throws(PerfDataError) -> [UInt8] {
    let size = try reader.u64()
    guard size <= largestFormat else {
      throw PerfDataError(
        .badValue("a format of \(size) bytes"), at: reader.place, in: "tracing data")
    }
    return try reader.bytes(Int(size))
  }

  private static let magic: [UInt8] = [0x17, 0x08, 0x44] + Array("tracing".utf8)
}
