internal import CZlib
internal import Profiler

/// zlib, reading gzip's format; owns the `z_stream`.
struct GzipStream: UnpackingStream, ~Copyable {
  private let stream: UnsafeMutablePointer<z_stream>

  init() throws(SymbolError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 bits of window, + 16: gzip's header and trailer.
    let code = inflateInit2_(stream, 15 + 16, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else {
      stream.deallocate()
      throw SymbolError("zlib error \(code)")
    }
  }

  deinit {
    // SAFETY: allocated and initialized above, and used by nobody else.
    inflateEnd(stream)
    stream.deallocate()
  }

  mutating func step(
    _ input: RawSpan, _ output: inout [UInt8]
  ) throws(SymbolError) -> UnpackingStep {
    let (given, room) = (min(input.byteCount, 1 << 30), output.count)
    // SAFETY: both buffers are valid for the lengths given, and zlib's pointers into them are set
    // anew in each step.
    let code = input.withUnsafeBytes { source in
      output.withUnsafeMutableBytes { target in
        let bytes = source.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes)
        stream.pointee.avail_in = UInt32(given)
        stream.pointee.next_out = target.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(room)
        return inflate(stream, Z_NO_FLUSH)
      }
    }
    guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
      throw SymbolError("gzip: \(stream.pointee.msg.map { String(cString: $0) } ?? "\(code)")")
    }
    return UnpackingStep(
      consumed: given - Int(stream.pointee.avail_in),
      produced: room - Int(stream.pointee.avail_out), isEnd: code == Z_STREAM_END)
  }
}
