import SystemPackage

/// Unpacks a whole packed file into a nameless one.
struct Unpacking {
  private let packing: Packing
  private let unpacker: any Unpacker
  private var output = [UInt8](repeating: 0, count: 1 << 18)
  private var volume = (packed: 0, plain: 0)

  /// How many times larger than its packed form a recording may be, as for compressed records;
  /// what unpacks to more was made to fill a disk.
  private static let largestRatio = 512
  /// Bytes for which no ratio is asked.
  private static let freeVolume = 64 << 20
  /// Input given to the unpacker in one call.
  private static let inputSize = 1 << 20

  init(_ packing: Packing) throws(PerfDataError) {
    self.packing = packing
    do throws(UnpackError) {
      guard let unpacker = try packing.makeUnpacker() else {
        throw UnpackError(reason: "no library reads it")
      }
      self.unpacker = unpacker
    } catch {
      throw PerfDataError(.badValue(error.reason), at: 0, in: "\(packing) data")
    }
  }

  /// - Returns: what could be unpacked, and why it isn't all, if it isn't.
  /// - Throws: the operating system's word where the unpacked file can't be kept.
  mutating func unpack(
    _ packed: RawSpan
  ) throws(Errno) -> (file: MappedFile, damage: PerfDataError?) {
    var spool = try SpoolFile()
    var damage: PerfDataError?
    do throws(SpoolError) {
      try run(packed, into: &spool)
    } catch {
      switch error {
      case .packed(let reason):
        damage = PerfDataError(
          .badValue("\(reason); \(volume.plain) bytes unpacked from it are used"),
          at: UInt64(volume.packed), in: "\(packing) data")
      case .system(let errno): throw errno
      }
    }
    return (try spool.map(), damage)
  }

  private mutating func run(_ packed: RawSpan, into spool: inout SpoolFile) throws(SpoolError) {
    var step = UnpackStep(consumed: 0, filled: 0, isAtEnd: false)
    repeat {
      step = try self.step(packed)
      volume.packed += step.consumed
      volume.plain += step.filled
      do throws(Errno) {
        try spool.write(output[..<step.filled])
      } catch {
        throw .system(error)
      }
      guard !isBomb else {
        throw .packed("unpacks to more than \(Unpacking.largestRatio) times its size")
      }
    } while step.consumed > 0 || step.filled > 0
    guard step.isAtEnd else { throw .packed("ends too early") }
    if volume.packed < packed.byteCount { throw .packed("something else follows") }
  }

  private mutating func step(_ packed: RawSpan) throws(SpoolError) -> UnpackStep {
    let end = min(packed.byteCount, volume.packed + Unpacking.inputSize)
    do {
      return try unpacker.step(
        packed.extracting(volume.packed..<end), isLast: end == packed.byteCount, into: &output)
    } catch {
      throw .packed(error.reason)
    }
  }

  private var isBomb: Bool {
    volume.plain > Unpacking.freeVolume + Unpacking.largestRatio * volume.packed
  }

  private enum SpoolError: Error {
    case packed(String)
    case system(Errno)
  }
}
