import Foundation
import TestSupport

/// Debian's kernels under QEMU.
enum Lab {
  /// Whether a guest can run here; says it of the test otherwise.
  static func isThere(_ test: String = #function) -> Bool {
    for tool in ["qemu-system-x86_64", "cpio", "gcc", "make", "python3", "apt-get"]
    where Place.tool(tool) == nil {
      skipped("\(tool) is not installed", test)
      return false
    }
    return true
  }

  /// Kernels, headers and programs are fetched once for all tests.
  static let cache = FileManager.default.temporaryDirectory
    .appending(path: "ukl-shortcut-lab").path

  private static let folder = URL(filePath: Fixture.root).appending(path: "../../lab")
    .standardizedFileURL

  /// A script for `lab/boot`.
  static func script(_ name: String) -> String { folder.appending(path: "scripts/\(name)").path }

  /// Runs `lab/record` or `lab/boot`.
  ///
  /// - Throws: ``ToolMissing`` with what it said where it fails.
  static func run(_ program: String, _ arguments: [String]) throws {
    let result = try TestSupport.run(
      folder.appending(path: program), ["--cache", cache] + arguments)
    guard result.status == 0 else { throw ToolMissing("lab/\(program): \(result.stderr)") }
  }

  /// The boot image of a fetched kernel.
  static func image(_ series: String) throws -> String {
    let folder = "\(cache)/root/boot"
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    guard let name = files.filter({ $0.hasPrefix("vmlinuz-\(series).") }).max() else {
      throw ToolMissing("\(folder): no kernel \(series)")
    }
    return "\(folder)/\(name)"
  }
}
