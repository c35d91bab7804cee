internal import CLzma
internal import Profiler

/// liblzma, reading xz and the older lzma format; owns the `lzma_stream`.
struct LzmaStream: UnpackingStream, ~Copyable {
  private let stream: UnsafeMutablePointer<lzma_stream>

  /// Memory the decoder may take: a dictionary of 128 MiB, as the kernel's build uses at most, and
  /// what it needs beside.
  private static let memory: UInt64 = 160 << 20

  init() throws(SymbolError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: lzma_stream())
    let code = lzma_auto_decoder(stream, LzmaStream.memory, 0)
    guard code == LZMA_OK else {
      stream.deallocate()
      throw SymbolError("liblzma error \(code.rawValue)")
    }
  }

  deinit {
    // SAFETY: allocated and initialized above, and used by nobody else.
    lzma_end(stream)
    stream.deallocate()
  }

  mutating func step(
    _ input: RawSpan, _ output: inout [UInt8]
  ) throws(SymbolError) -> UnpackingStep {
    let (given, room) = (input.byteCount, output.count)
    // SAFETY: both buffers are valid for the lengths given, and liblzma's pointers into them are
    // set anew in each step.
    let code = input.withUnsafeBytes { source in
      output.withUnsafeMutableBytes { target in
        stream.pointee.next_in = source.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_in = given
        stream.pointee.next_out = target.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = room
        return lzma_code(stream, LZMA_RUN)
      }
    }
    guard code == LZMA_OK || code == LZMA_STREAM_END || code == LZMA_BUF_ERROR else {
      throw SymbolError("xz: \(LzmaStream.message(code))")
    }
    return UnpackingStep(
      consumed: given - stream.pointee.avail_in, produced: room - stream.pointee.avail_out,
      isEnd: code == LZMA_STREAM_END)
  }

  /// liblzma has no texts of its own.
  private static func message(_ code: lzma_ret) -> String {
    switch code {
    case LZMA_DATA_ERROR: "the data is damaged"
    case LZMA_FORMAT_ERROR: "not an xz or lzma file"
    case LZMA_MEMLIMIT_ERROR: "needs more than \(memory >> 20) MiB of memory"
    case LZMA_OPTIONS_ERROR: "packed with options that liblzma doesn't know"
    default: "error \(code.rawValue)"
    }
  }
}
