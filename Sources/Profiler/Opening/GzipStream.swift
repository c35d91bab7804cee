internal import CZlib

/// A gzip file: one or more members, one behind the other. Owns zlib's `z_stream`.
final class GzipStream: Unpacker {
  private let stream: UnsafeMutablePointer<z_stream>
  private var isAtEnd = false

  init() throws(UnpackError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15: the largest window; 16: a gzip header must be there.
    let code = inflateInit2_(
      stream, 15 + 16, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw UnpackError(reason: "zlib error \(code)") }
  }

  deinit {
    // SAFETY: allocated and initialized in `init`, and nobody else has the pointer; zlib accepts a
    // stream whose own initialization failed.
    inflateEnd(stream)
    stream.deallocate()
  }

  func step(
    _ input: RawSpan, isLast: Bool, into output: inout [UInt8]
  ) throws(UnpackError) -> UnpackStep {
    if isAtEnd, input.byteCount > 0 {
      guard inflateReset(stream) == Z_OK else { throw UnpackError(reason: "zlib can't go on") }
      isAtEnd = false
    }
    guard !isAtEnd else { return UnpackStep(consumed: 0, filled: 0, isAtEnd: true) }
    let (code, step) = inflate(input, into: &output)
    // Z_BUF_ERROR: nothing to do without more input, which is no error.
    guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
      throw UnpackError(reason: reason(code))
    }
    isAtEnd = code == Z_STREAM_END
    return UnpackStep(consumed: step.consumed, filled: step.filled, isAtEnd: isAtEnd)
  }

  private func inflate(
    _ input: RawSpan, into output: inout [UInt8]
  ) -> (code: CInt, step: UnpackStep) {
    // SAFETY: both buffers are valid for the lengths given, and zlib's pointers into them are set
    // anew in every call. zlib doesn't write through `next_in`.
    input.withUnsafeBytes { source in
      output.withUnsafeMutableBytes { target in
        let bytes = source.bindMemory(to: UInt8.self)
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
        stream.pointee.avail_in = UInt32(clamping: source.count)
        stream.pointee.next_out = target.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(clamping: target.count)
        let given = (Int(stream.pointee.avail_in), Int(stream.pointee.avail_out))
        let code = CZlib.inflate(stream, Z_NO_FLUSH)
        let step = UnpackStep(
          consumed: given.0 - Int(stream.pointee.avail_in),
          filled: given.1 - Int(stream.pointee.avail_out), isAtEnd: false)
        return (code, step)
      }
    }
  }

  private func reason(_ code: CInt) -> String {
    // SAFETY: zlib's messages are constant strings.
    stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(code)"
  }
}
