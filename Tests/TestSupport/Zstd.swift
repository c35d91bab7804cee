import Foundation

/// Packs bytes with the `zstd` program; nil where it is not installed.
///
/// Independent of the library that the reader uses.
public func zstdPacked(_ bytes: [UInt8]) throws -> [UInt8]? {
  guard let zstd = Place.tool("zstd") else { return nil }
  return try withTemporaryFolder { folder in
    let file = folder.appendingPathComponent("plain")
    try Data(bytes).write(to: file)
    let result = try run(zstd, ["-q", "-c", "--no-check", file.path])
    guard result.status == 0 else { throw ToolMissing("zstd: \(result.stderr)") }
    return Array(result.stdout)
  }
}
