import Glibc
public import SystemPackage

/// Where the user lets the program look for binaries.
public struct SymbolSearch: Sendable {
  /// Folder that stands for `/` of the recorded machine.
  public var sysroot: FilePath
  /// Folders laid out as `.build-id/xx/yyyy…`, searched first: perf's cache and `--debug-dir`.
  public var buildIDFolders: [FilePath]

  /// Looks below `sysroot` and in the folders given.
  public init(sysroot: FilePath = "/", buildIDFolders: [FilePath] = []) {
    self.sysroot = sysroot
    self.buildIDFolders = buildIDFolders
  }

  private static let systemDebugFolder: FilePath = "usr/lib/debug"

  /// Folders of separate debug files: the parents of the `.build-id` folders, and the recorded
  /// machine's own.
  package var debugFolders: [FilePath] {
    let named = buildIDFolders.filter { $0.lastComponent?.string == ".build-id" }
      .map { $0.removingLastComponent() }
    return named + [sysroot.pushing(SymbolSearch.systemDebugFolder)]
  }
}

/// Finds the symbols of mapped files. A protocol, so that tests can do without files.
protocol ImageSource {
  /// The symbols of a file as mapped, or nil if it can't be had.
  mutating func image(of file: RecordedFile) -> ElfImage?
  /// The symbols of a kernel module, or nil if they can't be had.
  ///
  /// - Parameters:
  ///   - file: the module's; its name in brackets where perf did not find the file.
  ///   - release: the recorded kernel's.
  mutating func module(_ file: RecordedFile, release: String?) -> ElfImage?
  /// The functions that a process made at run time, as it listed them; nil if they can't be had.
  ///
  /// - Parameter path: `/tmp/perf-PID.map`.
  mutating func perfMap(_ path: String) -> ElfImage?
  /// What the user should know about files that were not used.
  var warnings: [String] { get }
}

extension ImageSource {
  mutating func perfMap(_ path: String) -> ElfImage? { nil }
}

/// Reads binaries once each, however many processes map them; a binary whose build-id is not the
/// recorded one is not used, and said.
struct ImageLoader: ImageSource {
  private let search: SymbolSearch
  private var known: [RecordedFile: ElfImage?] = [:]
  /// Modules below the sysroot, by release and name.
  private var modules: [String: [String: String]] = [:]
  private(set) var warnings: [String] = []

  init(_ search: SymbolSearch) { self.search = search }

  mutating func image(of file: RecordedFile) -> ElfImage? {
    if let image = known[file] { return image }
    let image = load(file)
    known[file] = .some(image)
    return image
  }

  mutating func perfMap(_ path: String) -> ElfImage? {
    let file = RecordedFile(path)
    if let image = known[file] { return image }
    let image = loadPerfMap(path)
    known[file] = .some(image)
    return image
  }

  private mutating func loadPerfMap(_ path: String) -> ElfImage? {
    guard let place = search.place(of: path) else { return nil }
    do throws(SymbolError) {
      let map = try PerfMap(path: place, mustBeOwn: search.sysroot == "/")
      warnings += map.warnings
      return ElfImage(symbols: map.symbols)
    } catch {
      warnings.append("\(error)")
      return nil
    }
  }

  /// Where the recorded file isn't, perhaps because it was packed in another way, the one of the same
  /// name and release is as good.
  mutating func module(_ file: RecordedFile, release: String?) -> ElfImage? {
    if file.path.hasPrefix("/"), let image = image(of: file) { return image }
    guard let name = LoadedModule.name(ofRecorded: file.path), let release,
      let place = place(ofModule: name, release: release), place != file.path
    else { return nil }
    return image(of: RecordedFile(place, buildID: file.buildID))
  }

  /// The path of a module on the recorded machine.
  private mutating func place(ofModule name: String, release: String) -> String? {
    guard FilePath.Component(release)?.kind == .regular else { return nil }
    let folder = "/lib/modules/\(release)"
    if modules[release] == nil {
      modules[release] = search.place(of: folder).map(ModuleFolder.init)?.paths ?? [:]
    }
    return modules[release]?[name].map { "\(folder)/\($0)" }
  }

  private mutating func load(_ file: RecordedFile) -> ElfImage? {
    // What belongs to the file lies beside it, also where a copy of it is read.
    let beside =
      search.place(of: file.path, named: file.name).map { [$0.removingLastComponent()] } ?? []
    for candidate in search.files(of: file) {
      do throws(SymbolError) {
        let image = try ElfImage(path: candidate, debugFolders: search.debugFolders + beside)
        guard let recorded = file.buildID, let found = image.buildID, recorded != found else {
          return image
        }
        warnings.append(
          "\(candidate): build-id \(found) differs from the recorded \(recorded); "
            + "its symbols are not used (give the recorded file with --sysroot or --debug-dir)")
      } catch {
        warnings.append("\(error)")
      }
    }
    return nil
  }
}

extension SymbolSearch {
  /// The files that may be the recorded one, the likeliest first. What the code itself stands in comes
  /// before debug files: only it tells how to unwind.
  func files(of file: RecordedFile) -> [FilePath] {
    codeFiles(path: file.path, named: file.name, buildID: file.buildID) + debugFiles(file.buildID)
  }

  /// The files that may be the recorded one, with its code.
  ///
  /// - Parameter name: the file's, where `path` is not all of it.
  package func codeFiles(
    path: String, named name: FilePath? = nil, buildID: BuildID?
  ) -> [FilePath] {
    var paths: [FilePath] = []
    if let buildID, !buildID.isEmpty {
      for folder in buildIDFolders {
        let entry = folder.appending(entryOf: buildID)
        for name in ["elf", "vdso"] { paths.append(entry.appending(name)) }
      }
    }
    if let place = place(of: path, named: name) { paths.append(place) }
    if path == "[vdso]", let own = OwnVDSO.path, OwnVDSO.buildID == buildID { paths.append(own) }
    return paths.filter { path in path.withPlatformString { access($0, R_OK) } == 0 }
  }

  /// Separate debug files of a build-id.
  package func debugFiles(_ buildID: BuildID?) -> [FilePath] {
    guard let buildID, !buildID.isEmpty else { return [] }
    return (debugFolders + ["/usr/lib/debug"]).map { $0.appending(debugFileOf: buildID) }
      .filter { access($0.string, R_OK) == 0 }
  }

  /// The file a recorded path stands for, if it names a file at all and stays inside the sysroot.
  ///
  /// - Parameter name: the file's, where `path` is not all of it.
  package func place(of path: String, named name: FilePath? = nil) -> FilePath? {
    let recorded = name ?? FilePath(path)
    guard recorded.isAbsolute, !path.hasPrefix("//"), !path.hasPrefix("/dev/"),
      !path.hasPrefix("/proc/"), !path.hasPrefix("/sys/"), !path.hasPrefix("/memfd:"),
      !path.hasSuffix(" (deleted)")
    else { return nil }
    let place = sysroot.appending(recorded.components)
    guard let real = SymbolSearch.realPath(place), let root = SymbolSearch.realPath(sysroot),
      real.starts(with: root)
    else { return nil }
    return real
  }

  private static func realPath(_ path: FilePath) -> FilePath? {
    guard let resolved = path.withPlatformString({ realpath($0, nil) }) else { return nil }
    defer { free(resolved) }
    return FilePath(platformString: resolved)
  }
}

extension FilePath {
  /// Where a `.build-id` folder keeps what belongs to an id: the first byte is a folder's name.
  func appending(entryOf id: BuildID) -> FilePath {
    let digits = id.description
    return appending(String(digits.prefix(2))).appending(String(digits.dropFirst(2)))
  }

  /// Where a folder of debug files keeps that of an id.
  func appending(debugFileOf id: BuildID) -> FilePath {
    FilePath("\(appending(".build-id").appending(entryOf: id)).debug")
  }
}
