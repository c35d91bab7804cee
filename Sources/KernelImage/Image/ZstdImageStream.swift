internal import CZstd
internal import Profiler

/// zstd, reading one frame; owns the `ZSTD_DStream`.
struct ZstdImageStream: UnpackingStream, ~Copyable {
  private let stream: OpaquePointer

  init() throws(SymbolError) {
    guard let stream = ZSTD_createDStream() else { throw SymbolError("zstd: out of memory") }
    self.stream = stream
  }

  deinit { ZSTD_freeDStream(stream) }

  mutating func step(
    _ input: RawSpan, _ output: inout [UInt8]
  ) throws(SymbolError) -> UnpackingStep {
    // SAFETY: both buffers are valid for the lengths given and zstd keeps neither.
    let (code, consumed, produced) = input.withUnsafeBytes { source in
      output.withUnsafeMutableBytes { target in
        var given = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
        var room = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
        let code = ZSTD_decompressStream(stream, &room, &given)
        return (code, given.pos, room.pos)
      }
    }
    guard ZSTD_isError(code) == 0 else {
      throw SymbolError("zstd: \(ZSTD_getErrorName(code).map { String(cString: $0) } ?? "")")
    }
    return UnpackingStep(consumed: consumed, produced: produced, isEnd: code == 0)
  }
}
