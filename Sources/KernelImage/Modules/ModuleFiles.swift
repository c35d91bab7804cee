public import Profiler
public import SystemPackage

/// The modules of one kernel that there are files of.
public struct ModuleFiles: Sendable {
  private let folder: FilePath?
  private let paths: [String: String]

  /// Looks through `lib/modules/RELEASE`.
  ///
  /// - Parameters:
  ///   - search: says where `/` is; nothing outside is read.
  ///   - release: the kernel's.
  public init(_ search: SymbolSearch, release: String) {
    let isName = FilePath.Component(release)?.kind == .regular
    folder = isName ? search.place(of: "/lib/modules/\(release)") : nil
    paths = folder.map { ModuleFolder($0).paths } ?? [:]
  }

  /// Whether a file is named as a module's.
  public static func isModule(_ file: String) -> Bool {
    ModuleFolder.moduleName(ofFile: file) != nil
  }

  /// Their names, as `/proc/modules` has them; sorted.
  public var names: [String] { paths.keys.sorted() }

  /// A module's file.
  ///
  /// - Parameter name: with `-` or with `_`, which the kernel takes for the same.
  public func path(_ name: String) -> FilePath? {
    guard let folder, let path = paths[ModuleFolder.moduleName(name)] else { return nil }
    return folder.pushing(FilePath(path))
  }
}
