/// The id of a build, from an ELF note of owner "GNU" and type `NT_GNU_BUILD_ID`.
public struct BuildID: Hashable, Sendable, CustomStringConvertible {
  /// Usually 20 bytes; fewer where the linker was told so.
  public let bytes: [UInt8]

  /// Wraps the note's descriptor. Older recordings pad every id with zeros to 20 bytes.
  public init(_ bytes: [UInt8]) {
    let count = [0, 8, 16, 20].first { count in bytes.dropFirst(count).allSatisfy { $0 == 0 } }
    self.bytes = Array(bytes.prefix(count ?? 20))
  }

  /// Whether there is no id at all.
  public var isEmpty: Bool { bytes.isEmpty }

  /// Lower-case hexadecimal, as `readelf -n` prints it.
  public var description: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
