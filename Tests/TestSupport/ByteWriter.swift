/// Writes integers and text in one byte order.
public struct ByteWriter: Sendable {
  /// The order of the machine that would have written the bytes.
  public enum Order: Sendable, CaseIterable {
    /// x86, ARM.
    case little
    /// s390x, old POWER.
    case big
  }

  /// What was written.
  public private(set) var bytes: [UInt8] = []
  /// The order of all integers.
  public let order: Order

  /// Starts with nothing.
  public init(_ order: Order = .little) { self.order = order }

  /// Appends an integer.
  public mutating func integer<T: FixedWidthInteger>(_ value: T) {
    let stored = order == .little ? value.littleEndian : value.bigEndian
    withUnsafeBytes(of: stored) { bytes.append(contentsOf: $0) }
  }

  /// Appends integers.
  public mutating func integers<T: FixedWidthInteger>(_ values: [T]) {
    for value in values { integer(value) }
  }

  /// Appends bytes as they are.
  public mutating func raw(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

  /// Appends text with a NUL, filled with NULs to a multiple of 8 bytes, as records have it.
  public mutating func text(_ text: String) {
    raw(text.utf8)
    repeat { bytes.append(0) } while bytes.count % 8 != 0
  }

  /// Appends a `perf_header_string`: u32 length with padding, then the text padded to 64 bytes.
  public mutating func headerString(_ text: String) {
    let length = (text.utf8.count + 1 + 63) / 64 * 64
    integer(UInt32(length))
    raw(text.utf8)
    raw([UInt8](repeating: 0, count: length - text.utf8.count))
  }
}
