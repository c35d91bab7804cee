import Glibc
import SystemPackage

/// The code that the running kernel maps into every process, as a file: recordings of this boot have
/// it where perf kept no copy.
enum OwnVDSO {
  /// A nameless file that stays open as long as the program runs; nil where there is no vdso.
  static let path: FilePath? = try? write()

  /// Its build-id.
  static let buildID: BuildID? = path.flatMap { try? ElfImage(path: $0).buildID }

  private static let largest: UInt64 = 1 << 20

  private static func write() throws -> FilePath? {
    guard let range = try range(), range.upperBound - range.lowerBound <= largest else {
      return nil
    }
    let memory = try FileDescriptor.open("/proc/self/mem", .readOnly)
    defer { try? memory.close() }
    var image = [UInt8](repeating: 0, count: Int(range.upperBound - range.lowerBound))
    // SAFETY: both reads are told the room there is.
    let got = try image.withUnsafeMutableBytes {
      try memory.read(fromAbsoluteOffset: Int64(range.lowerBound), into: $0)
    }
    let file = try FileDescriptor.nameless()
    try file.writeAll(image[..<got])
    return FilePath("/proc/self/fd/\(file.rawValue)")
  }

  /// Where it is mapped here.
  private static func range() throws -> Range<UInt64>? {
    let maps = try FileDescriptor.open("/proc/self/maps", .readOnly)
    defer { try? maps.close() }
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let got = try chunk.withUnsafeMutableBytes { try maps.read(into: $0) }
      if got == 0 { break }
      text += chunk[..<got]
    }
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n")
    where line.hasSuffix("[vdso]") {
      let ends = line.prefix { $0 != " " }.split(separator: "-").map { UInt64($0, radix: 16) }
      guard ends.count == 2, let start = ends[0], let end = ends[1], start < end else { return nil }
      return start..<end
    }
    return nil
  }
}
