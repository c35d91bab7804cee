/// One zstd stream over all compressed records of a file.
final class ZstdStream {
  private let decoder: ZstdDecoder
  private var output = [UInt8](repeating: 0, count: ZstdDecoder.outputSize)

  init() throws(PerfDataError) {
    do {
      decoder = try ZstdDecoder()
    } catch {
      throw PerfDataError(.compression(error.reason), at: 0, in: "compressed records")
    }
  }

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
      let step = try step(packed.extracting(position..<packed.byteCount), at: offset)
      // An empty frame fills nothing and yet more may follow it.
      guard step.filled > 0 || step.consumed > 0 else { return }
      position += step.consumed
      filled = step.filled
      guard filled == 0 || body(output[..<filled]) else { return }
    }
  }

  private func step(_ packed: RawSpan, at offset: UInt64) throws(PerfDataError) -> UnpackStep {
    do {
      return try decoder.step(packed, isLast: false, into: &output)
    } catch {
      throw PerfDataError(.compression(error.reason), at: offset, in: "PERF_RECORD_COMPRESSED")
    }
  }
}
