internal import CZstd

/// zstd data: one or more frames, one behind the other. Owns the `ZSTD_DStream`.
final class ZstdDecoder: Unpacker {
  private let stream: OpaquePointer
  private var isAtEnd = false

  /// Size of the output that zstd fills in one call.
  static var outputSize: Int { ZSTD_DStreamOutSize() }

  init() throws(UnpackError) {
    guard let stream = ZSTD_createDStream() else { throw UnpackError(reason: "out of memory") }
    self.stream = stream
  }

  deinit { ZSTD_freeDStream(stream) }

  func step(
    _ input: RawSpan, isLast: Bool, into output: inout [UInt8]
  ) throws(UnpackError) -> UnpackStep {
    if isAtEnd, input.byteCount == 0 { return UnpackStep(consumed: 0, filled: 0, isAtEnd: true) }
    var step = UnpackStep(consumed: 0, filled: 0, isAtEnd: false)
    var failure: String?
    // SAFETY: both buffers are valid for the lengths given and zstd keeps neither; its error names
    // are constant strings.
    input.withUnsafeBytes { source in
      output.withUnsafeMutableBytes { target in
        var packed = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
        var room = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
        let code = ZSTD_decompressStream(stream, &room, &packed)
        if ZSTD_isError(code) != 0 { failure = String(cString: ZSTD_getErrorName(code)) }
        // 0: a frame is complete and all of it was written.
        step = UnpackStep(consumed: packed.pos, filled: room.pos, isAtEnd: code == 0)
      }
    }
    if let failure { throw UnpackError(reason: failure) }
    isAtEnd = step.isAtEnd
    return step
  }
}
