import Foundation

/// What `analyze` wrote and a person reviewed: the patches to apply and what goes with them.
public struct ReviewedFolder: Sendable {
  /// A line with this text is in every file that was generated with `--no-guards`.
  public static let unguardedMark = "UNSAFE: generated with --no-guards"

  /// The folder as the user named it.
  public let path: String
  /// The kernel's series: `kernel/*.patch` in the order of their names.
  public let kernelPatches: [GeneratedFile]
  /// `app/app.patch`; nil without one.
  public let applicationPatch: GeneratedFile?
  /// The header that the application includes.
  let header: GeneratedFile?
  /// Lines for the patch set's `redef_sym_names`.
  let redefinitions: GeneratedFile?

  /// Reads a folder; links in it are not followed.
  public init(_ path: String) throws(ApplyError) {
    self.path = path
    var series: [GeneratedFile] = []
    for name in try Self.names(in: path, of: "kernel") where name.hasSuffix(".patch") {
      series.append(try Self.read("kernel/\(name)", below: path))
    }
    kernelPatches = series
    let application = Set(try Self.names(in: path, of: "app"))
    func file(_ name: String) throws(ApplyError) -> GeneratedFile? {
      application.contains(name) ? try Self.read("app/\(name)", below: path) : nil
    }
    applicationPatch = try file("app.patch")
    header = try file(IncludePlacement.header)
    redefinitions = try file("redef_sym_names")
    if kernelPatches.isEmpty && applicationPatch == nil {
      throw .noPatch(
        folder: path, wanted: "kernel/*.patch and no app/app.patch",
        advice: "name the folder that analyze wrote")
    }
  }

  /// Paths of the files that were generated without guards.
  public var unguardedFiles: [String] {
    let all = kernelPatches + [applicationPatch, header, redefinitions].compactMap(\.self)
    let search = ByteSearch(Self.unguardedMark)
    return all.filter { search.isIn($0.bytes) }.map(\.path)
  }

  /// Names in a folder, sorted by their bytes; none if it isn't there.
  private static func names(in path: String, of part: String) throws(ApplyError) -> [String] {
    let files = FileManager.default
    guard files.fileExists(atPath: path) else {
      throw .unreadable(path: path, reason: "no such folder")
    }
    guard files.fileExists(atPath: "\(path)/\(part)") else { return [] }
    do {
      return try files.contentsOfDirectory(atPath: "\(path)/\(part)")
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
      throw .unreadable(path: "\(path)/\(part)", reason: "not a folder that can be read")
    }
  }

  private static func read(_ name: String, below root: String) throws(ApplyError) -> GeneratedFile {
    do throws(SourceTreeError) {
      return GeneratedFile(path: name, bytes: try FolderReader.read(name, below: root))
    } catch {
      throw .unreadable(path: "\(root)/\(error.path)", reason: error.reason)
    }
  }
}
