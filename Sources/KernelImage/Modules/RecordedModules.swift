public import Profiler
public import SystemPackage

/// The modules of a recording whose files were found.
public struct RecordedModules {
  /// Their files.
  public let files: [FilePath]
  /// Those files' modules, where the recorded kernel had them; of files that can't be used none.
  public let modules: [KernelModule]
  /// Names of those that were loaded and are not among them.
  public let missing: [String]
  /// Why files were not used; one line each.
  public let warnings: [String]

  /// - Parameters:
  ///   - loaded: what the recording says was loaded.
  ///   - release: the recorded kernel's, if it is known.
  ///   - isData: see ``KernelModule``.
  public init(
    _ loaded: [LoadedModule], _ search: SymbolSearch, release: String?,
    isData: (String) -> Bool
  ) {
    let below = release.map { ModuleFiles(search, release: $0) }
    var files: [FilePath] = []
    var modules: [KernelModule] = []
    var missing: [String] = []
    var warnings: [String] = []
    for module in loaded {
      do throws(SymbolError) {
        let path = try RecordedModules.file(module, search, below)
        modules.append(try KernelModule(path: path, base: module.base, isData: isData))
        files.append(path)
      } catch {
        missing.append(module.name)
        if !error.description.isEmpty { warnings.append(error.description) }
      }
    }
    (self.files, self.modules, self.missing, self.warnings) = (files, modules, missing, warnings)
  }

  /// - Throws: ``SymbolError``, with nothing to say where there simply is no file.
  private static func file(
    _ module: LoadedModule, _ search: SymbolSearch, _ below: ModuleFiles?
  ) throws(SymbolError) -> FilePath {
    var places = search.codeFiles(path: module.path, buildID: module.buildID)
    if let place = below?.path(module.name), !places.contains(place) { places.append(place) }
    places += search.debugFiles(module.buildID)
    var reason = ""
    for place in places {
      guard let recorded = module.buildID, !recorded.isEmpty,
        let found = KernelModule.buildID(ofFile: place), found != recorded
      else { return place }
      reason =
        "\(place): build-id \(found) differs from the recorded \(recorded); it is not used"
    }
    throw SymbolError(reason)
  }
}

extension ImageSymbols {
  /// The modules that a recording shows, as far as there are files of them.
  public func modules(
    of profile: Profile, in image: KernelImage, _ search: SymbolSearch
  ) -> RecordedModules {
    RecordedModules(
      profile.loadedModules, search, release: profile.features.osRelease,
      isData: isData(in: image))
  }
}
