internal import Profiler

/// Unpacks kernels and modules, never to more than ``largest`` bytes, whatever their headers claim.
enum Unpacking {
  /// Largest size unpacked: several times that of any distribution's kernel.
  static let largest = 512 << 20

  /// The contents of packed bytes; what follows them (the kernel's build appends their size) is
  /// left alone.
  ///
  /// - Throws: ``SymbolError`` without the file's name, for damage and for kinds that aren't read.
  static func unpack(_ bytes: RawSpan, _ packing: Packing) throws(SymbolError) -> [UInt8] {
    if packing == .lz4 { return try Lz4Frame.unpack(bytes, largest: largest) }
    do throws(UnpackError) {
      guard let unpacker = try packing.makeUnpacker(isAlone: true) else {
        throw UnpackError(reason: "")
      }
      return try drain(bytes, unpacker)
    } catch {
      throw SymbolError(
        error.reason.isEmpty
          ? "packed with \(packing.rawValue), which is not read; unpack it first"
          : "\(packing.rawValue): \(error.reason)")
    }
  }

  private static func drain(
    _ bytes: RawSpan, _ unpacker: any Unpacker
  ) throws(UnpackError) -> [UInt8] {
    var out: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    var position = 0
    while true {
      let rest = bytes.extracting(position..<bytes.byteCount)
      let step = try unpacker.step(rest, isLast: true, into: &chunk)
      out.append(contentsOf: chunk[..<step.filled])
      position += step.consumed
      guard out.count <= largest else {
        throw UnpackError(reason: "unpacks to more than \(largest >> 20) MiB")
      }
      if step.isAtEnd { return out }
      guard step.filled > 0 || step.consumed > 0 else {
        throw UnpackError(reason: "ends after \(bytes.byteCount) bytes, too early")
      }
    }
  }
}
