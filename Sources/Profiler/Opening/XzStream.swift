internal import CLzma

/// An xz file, one or more streams one behind the other, or one of the older lzma format. Owns
/// liblzma's `lzma_stream`.
final class XzStream: Unpacker {
  private let stream: UnsafeMutablePointer<lzma_stream>
  private var isAtEnd = false

  /// `LZMA_CONCATENATED`, a macro that Swift can't read.
  private static let concatenated: UInt32 = 0x08

  /// Largest dictionary accepted, in bytes; `xz -9` needs 65 MiB.
  private static let memoryLimit: UInt64 = 256 << 20

  /// - Parameter isAlone: whether what stands behind the first stream is something else.
  init(isAlone: Bool = false) throws(UnpackError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: lzma_stream())
    let code = lzma_auto_decoder(
      stream, XzStream.memoryLimit, isAlone ? 0 : XzStream.concatenated)
    guard code == LZMA_OK else { throw UnpackError(reason: XzStream.reason(code)) }
  }

  deinit {
    // SAFETY: allocated and initialized in `init`, and nobody else has the pointer; liblzma accepts
    // a stream whose own initialization failed.
    lzma_end(stream)
    stream.deallocate()
  }

  func step(
    _ input: RawSpan, isLast: Bool, into output: inout [UInt8]
  ) throws(UnpackError) -> UnpackStep {
    guard !isAtEnd else { return UnpackStep(consumed: 0, filled: 0, isAtEnd: true) }
    let (code, step) = code(input, isLast ? LZMA_FINISH : LZMA_RUN, into: &output)
    // LZMA_BUF_ERROR: nothing to do without more input, which is no error.
    guard code == LZMA_OK || code == LZMA_STREAM_END || code == LZMA_BUF_ERROR else {
      throw UnpackError(reason: XzStream.reason(code))
    }
    isAtEnd = code == LZMA_STREAM_END
    return UnpackStep(consumed: step.consumed, filled: step.filled, isAtEnd: isAtEnd)
  }

  private func code(
    _ input: RawSpan, _ action: lzma_action, into output: inout [UInt8]
  ) -> (code: lzma_ret, step: UnpackStep) {
    // SAFETY: both buffers are valid for the lengths given, and liblzma's pointers into them are
    // set anew in every call.
    input.withUnsafeBytes { source in
      output.withUnsafeMutableBytes { target in
        stream.pointee.next_in = source.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_in = source.count
        stream.pointee.next_out = target.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = target.count
        let code = lzma_code(stream, action)
        let step = UnpackStep(
          consumed: source.count - stream.pointee.avail_in,
          filled: target.count - stream.pointee.avail_out, isAtEnd: false)
        return (code, step)
      }
    }
  }

  private static func reason(_ code: lzma_ret) -> String {
    switch code {
    case LZMA_MEMLIMIT_ERROR: "needs more than \(memoryLimit >> 20) MiB of memory"
    case LZMA_FORMAT_ERROR: "not an xz or lzma file"
    case LZMA_OPTIONS_ERROR: "packed in a way that liblzma doesn't know"
    case LZMA_DATA_ERROR: "the data is damaged"
    default: "liblzma error \(code.rawValue)"
    }
  }
}
