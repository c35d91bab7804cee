/// Reads the fields of one structure in order, checking every one against its end.
///
/// For everything read a few times a file; the sample path uses ``SampleLayout`` instead.
struct FieldReader: ~Escapable {
  private let bytes: RawSpan
  private let swapped: Bool
  private let fileOffset: UInt64
  private let structure: String
  /// Bytes read so far.
  private(set) var offset = 0

  /// - Parameters:
  ///   - fileOffset: where `bytes` stands in the file, for errors.
  ///   - structure: what is being read, for errors.
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, swapped: Bool, at fileOffset: UInt64, in structure: String) {
    self.bytes = bytes
    self.swapped = swapped
    self.fileOffset = fileOffset
    self.structure = structure
  }

  var remaining: Int { bytes.byteCount - offset }

  /// Where the next byte stands in the file.
  var place: UInt64 { fileOffset + UInt64(offset) }

  mutating func read<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type
  ) throws(PerfDataError) -> T {
    try need(MemoryLayout<T>.size)
    defer { offset += MemoryLayout<T>.size }
    return bytes.load(T.self, at: offset, swapped: swapped)
  }

  mutating func u8() throws(PerfDataError) -> UInt8 { try read(UInt8.self) }
  mutating func u16() throws(PerfDataError) -> UInt16 { try read(UInt16.self) }
  mutating func u32() throws(PerfDataError) -> UInt32 { try read(UInt32.self) }
  mutating func u64() throws(PerfDataError) -> UInt64 { try read(UInt64.self) }
  mutating func i32() throws(PerfDataError) -> Int32 { try read(Int32.self) }

  mutating func skip(_ count: Int) throws(PerfDataError) {
    try need(count)
    offset += count
  }

  /// The NUL-terminated text in the next `count` bytes.
  mutating func text(_ count: Int) throws(PerfDataError) -> String {
    try need(count)
    defer { offset += count }
    return String(cString: bytes.extracting(offset..<offset + count))
  }

  /// The text up to the next NUL, which is read too.
  mutating func terminatedText() throws(PerfDataError) -> String {
    var end = offset
    while end < bytes.byteCount, bytes.load(UInt8.self, at: end, swapped: false) != 0 { end += 1 }
    return try text(end - offset + 1)
  }

  /// perf's `perf_header_string`: a u32 length, then that many bytes with NUL padding.
  mutating func headerString() throws(PerfDataError) -> String {
    let length = try u32()
    return try text(Int(length))
  }

  /// The NUL-terminated text that starts here and may fill the rest.
  mutating func restAsText() -> String {
    defer { offset = bytes.byteCount }
    return String(cString: bytes.extracting(offset..<bytes.byteCount))
  }

  /// The next `count` bytes.
  mutating func bytes(_ count: Int) throws(PerfDataError) -> [UInt8] {
    try need(count)
    defer { offset += count }
    return (offset..<offset + count).map { bytes.load(UInt8.self, at: $0, swapped: false) }
  }

  private func need(_ count: Int) throws(PerfDataError) {
    guard count >= 0, count <= remaining else {
      throw PerfDataError(
        .truncated(need: count, have: remaining), at: fileOffset + UInt64(offset), in: structure)
    }
  }
}
