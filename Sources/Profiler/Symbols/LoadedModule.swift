/// A module that was loaded while recording.
public struct LoadedModule: Sendable, Equatable {
  /// As `/proc/modules` has it.
  public let name: String
  /// Its file on the recorded machine; its name in brackets where perf did not find it.
  public let path: String
  /// Where its memory begins.
  public let base: UInt64
  /// Its id, where perf recorded it.
  public let buildID: BuildID?

  /// The name of the module that perf calls so.
  static func name(ofRecorded path: String) -> String? {
    if path.hasPrefix("[") { return ModuleFolder.moduleName(String(path.dropFirst().dropLast())) }
    return ModuleFolder.moduleName(ofFile: path.split(separator: "/").last ?? "")
  }

  /// Whether what a mapping of the kernel's names is a module's and not the kernel's own.
  static func isModule(_ file: RecordedFile) -> Bool {
    !file.path.hasPrefix("[kernel.") && !file.path.hasPrefix("[guest.kernel.")
  }
}

extension Profile {
  /// The modules that perf saw, by address. One that was loaded again counts where it was last.
  public var loadedModules: [LoadedModule] {
    var ids: [String: BuildID] = [:]
    for image in features.buildIDs { ids[image.path] = image.buildID }
    var found: [String: LoadedModule] = [:]
    for record in timeline.kernelMaps {
      let file = timeline.file(of: record)
      guard LoadedModule.isModule(file), let name = LoadedModule.name(ofRecorded: file.path) else {
        continue
      }
      found[name] = LoadedModule(
        name: name, path: file.path, base: record.start, buildID: file.buildID ?? ids[file.path])
    }
    return found.values.sorted { ($0.base, $0.name) < ($1.base, $1.name) }
  }
}
