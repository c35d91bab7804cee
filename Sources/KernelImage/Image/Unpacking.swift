internal import Profiler

/// Unpacks kernels and modules, never to more than ``largest`` bytes, whatever their headers claim.
enum Unpacking {
  /// Largest size unpacked: several times that of any distribution's kernel.
  static let largest = 512 << 20

  /// The contents of packed bytes; what follows them (the kernel's build appends their size) is
  /// left alone.
  ///
  /// - Parameter largest: more than that is refused.
  /// - Throws: ``SymbolError`` without the file's name, for damage and for kinds that aren't read.
  static func unpack(
    _ bytes: RawSpan, _ packing: Packing, largest: Int = Unpacking.largest
  ) throws(SymbolError) -> [UInt8] {
    switch packing {
    case .gzip: try drain(bytes, GzipStream(), largest)
    case .xz, .lzma: try drain(bytes, LzmaStream(), largest)
    case .zstd: try drain(bytes, ZstdImageStream(), largest)
    case .lz4: try Lz4Frame.unpack(bytes, largest: largest)
    case .bzip2, .lzo:
      throw SymbolError("packed with \(packing.rawValue), which is not read; unpack it first")
    }
  }

  private static func drain<S: UnpackingStream & ~Copyable>(
    _ bytes: RawSpan, _ stream: consuming S, _ largest: Int
  ) throws(SymbolError) -> [UInt8] {
    var stream = stream
    var out: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    var position = 0
    while true {
      let rest = bytes.extracting(position..<bytes.byteCount)
      let step = try stream.step(rest, &chunk)
      out.append(contentsOf: chunk[..<step.produced])
      position += step.consumed
      guard out.count <= largest else {
        throw SymbolError("unpacks to more than \(largest >> 20) MiB")
      }
      if step.isEnd { return out }
      guard step.produced > 0 || step.consumed > 0 else {
        throw SymbolError("its packed contents end after \(bytes.byteCount) bytes, too early")
      }
    }
  }
}

/// One stream of a compression library.
protocol UnpackingStream: ~Copyable {
  /// Unpacks what fits into `output`.
  ///
  /// - Throws: ``SymbolError`` with the library's word.
  mutating func step(
    _ input: RawSpan, _ output: inout [UInt8]
  ) throws(SymbolError) -> UnpackingStep
}

/// How far one call got.
struct UnpackingStep {
  /// Bytes taken from the input.
  let consumed: Int
  /// Bytes put into the output.
  let produced: Int
  /// Whether the stream ended here.
  let isEnd: Bool
}
