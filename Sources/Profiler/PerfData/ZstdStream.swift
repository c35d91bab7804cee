internal import CZstd

/// One zstd stream over all compressed records of a recording; owns the `ZSTD_DStream`.
final class ZstdStream {
  private let stream: OpaquePointer
  private var output: [UInt8]

  init() throws(PerfDataError) {
    guard let stream = ZSTD_createDStream() else {
      throw PerfDataError(.compression("out of memory"), at: 0, in: "compressed records")
    }
    self.stream = stream
    output = [UInt8](repeating: 0, count: ZSTD_DStreamOutSize())
  }

  deinit { ZSTD_freeDStream(stream) }

  /// Unpacks one record's payload in chunks of at most 128 KiB, so that no size in the file
  /// decides how much memory is taken.
  ///
  /// - Parameter body: takes a chunk; false if it wants no more.
  func decompress(
    _ packed: RawSpan, at offset: UInt64, _ body: (ArraySlice<UInt8>) -> Bool
  ) throws(PerfDataError) {
    var position = 0
    var filled = output.count
    while position < packed.byteCount || filled == output.count {
      let start = position
      (position, filled) = try step(packed, from: start, at: offset)
      // An empty frame fills nothing and yet more may follow it.
      guard filled > 0 || position > start else { return }
      guard filled == 0 || body(output[..<filled]) else { return }
    }
  }

  private func step(
    _ packed: RawSpan, from position: Int, at offset: UInt64
  ) throws(PerfDataError) -> (position: Int, filled: Int) {
    var filled = 0
    var consumed = position
    var failure: String?
    // SAFETY: both buffers are valid for the lengths given and zstd keeps neither.
    packed.withUnsafeBytes { source in
      output.withUnsafeMutableBytes { target in
        var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: position)
        var room = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
        let code = ZSTD_decompressStream(stream, &room, &input)
        if ZSTD_isError(code) != 0 { failure = String(cString: ZSTD_getErrorName(code)) }
        (filled, consumed) = (room.pos, input.pos)
      }
    }
    if let failure {
      throw PerfDataError(.compression(failure), at: offset, in: "PERF_RECORD_COMPRESSED")
    }
    return (consumed, filled)
  }
}
