public import SystemPackage

extension KernelSymbols {
  /// Where the kernel's symbols came from, for the user.
  public struct Found: Sendable {
    /// The symbols.
    public let symbols: KernelSymbols
    /// The file they came from.
    public let path: FilePath
    /// The file that modules' and BPF programs' symbols came from, if another one.
    public var outsidePath: FilePath?
    /// What speaks against them; empty if nothing does.
    public let warnings: [String]
  }

  /// The kernel's symbols for a recording: the file the user names; else `kallsyms` or
  /// `kallsyms.gz` beside the recording; else what perf kept under the kernel's build-id; else the
  /// running kernel's own, if it is the recorded one. An image is completed by what would have been
  /// taken without it.
  ///
  /// - Parameters:
  ///   - buildIDFolders: laid out as `.build-id/xx/yyyy…`.
  ///   - isForced: take an image of another build-id than the recorded kernel's, and warn.
  ///   - begun: what ``beginReading(for:recording:kallsyms:buildIDFolders:)`` began.
  /// - Returns: nil where the user names none and none is there.
  /// - Throws: ``SymbolError`` for a file that can't be used.
  public static func find(
    for profile: Profile, recording: FilePath, kallsyms: FilePath?, vmlinux: FilePath?,
    buildIDFolders: [FilePath], isForced: Bool = false, begun: KallsymsReading? = nil
  ) throws(SymbolError) -> Found? {
    let place = kallsyms ?? placeOfKallsyms(for: profile.features, recording, buildIDFolders)
    // A stream's features are known only now, and may lead to another file.
    let reading = place == begun?.path ? begun : place.map(KallsymsReading.init)
    if let vmlinux { return try fromImage(vmlinux, reading, profile, isForced) }
    guard let reading else { return nil }
    return try fromKallsyms(reading, profile)
  }

  /// Begins to read the kallsyms that a recording is likely to need, by what its header says, on a
  /// thread of its own.
  ///
  /// - Returns: nil where there are none.
  public static func beginReading(
    for file: borrowing PerfDataFile, recording: FilePath, kallsyms: FilePath?,
    buildIDFolders: [FilePath]
  ) -> KallsymsReading? {
    let place = kallsyms ?? placeOfKallsyms(for: file.features, recording, buildIDFolders)
    let reading = place.map(KallsymsReading.init)
    reading?.begin()
    return reading
  }

  private static func placeOfKallsyms(
    for features: FeatureSections, _ recording: FilePath, _ buildIDFolders: [FilePath]
  ) -> FilePath? {
    let beside = recording.removingLastComponent()
    var places = [beside.appending("kallsyms"), beside.appending("kallsyms.gz")]
    if let id = recordedKernelID(features) {
      places += buildIDFolders.map { $0.appending(entryOf: id).appending("kallsyms") }
      if id == runningKernelID { places.append("/proc/kallsyms") }
    }
    return places.first(where: isReadable)
  }

  private static func recordedKernelID(_ features: FeatureSections) -> BuildID? {
    features.buildIDs.first { $0.path.hasPrefix("[kernel.kallsyms]") }?.buildID
  }

  /// The running kernel's id, from the ELF notes it shows.
  private static var runningKernelID: BuildID? {
    (try? readPacked("/sys/kernel/notes", largest: 1 << 16)).flatMap(ElfNotes.buildID)
  }

  private static func fromKallsyms(
    _ reading: KallsymsReading, _ profile: Profile
  ) throws(SymbolError) -> Found {
    let (path, outcome) = (reading.path, try reading.outcome())
    let (kallsyms, symbols) = (outcome.kallsyms, outcome.symbols)
    var warnings: [String] = []
    if kallsyms.malformedLines > 0 {
      warnings.append("\(path): \(kallsyms.malformedLines) lines that are no symbols were skipped")
    }
    if let recorded = textStart(of: profile), let found = symbols.start, recorded != found {
      warnings.append(
        "\(path): its kernel's text begins at 0x\(hex(found)), the recorded one's at "
          + "0x\(hex(recorded)); symbols will be wrong (take /proc/kallsyms in the boot you record)"
      )
    }
    let strangers = modules(of: profile, missingFrom: kallsyms)
    if let first = strangers.first {
      warnings.append(
        "\(path): has module \(first) elsewhere than the recording"
          + (strangers.count > 1 ? ", and \(strangers.count - 1) others" : "")
          + "; modules' symbols will be wrong (take /proc/kallsyms in the boot you record)")
    }
    return Found(symbols: symbols, path: path, warnings: warnings)
  }

  /// Modules that both know, but of which no symbol stands where the recording has the module: they
  /// are loaded to another place in each boot.
  private static func modules(
    of profile: Profile, missingFrom kallsyms: Kallsyms
  ) -> [String] {
    let known = Set(kallsyms.modules)
    return profile.timeline.kernelMaps.compactMap { map in
      let path = profile.timeline.file(of: map).path
      let file = path.split(separator: "/").last ?? ""
      guard let name = ModuleFolder.moduleName(ofFile: file) ?? bracketed(path),
        known.contains(name), map.length > 0
      else { return nil }
      let last = map.start.addingClamped(map.length - 1)
      let row = kallsyms.symbols.row(atOrBefore: last)
      return row.map { kallsyms.symbols.starts[$0] >= map.start } ?? false ? nil : name
    }
  }

  /// `virtio_net` of `[virtio_net]`.
  private static func bracketed(_ path: String) -> String? {
    guard path.hasPrefix("["), path.hasSuffix("]"), !path.contains(".") else { return nil }
    return ModuleFolder.moduleName(String(path.dropFirst().dropLast()))
  }

  private static func fromImage(
    _ path: FilePath, _ reading: KallsymsReading?, _ profile: Profile, _ isForced: Bool
  ) throws(SymbolError) -> Found {
    let image = try ElfImage(path: path)
    if !isForced { try refuseStranger(image.buildID, path, profile) }
    let plain = KernelSymbols(image.symbols)
    var bias: UInt64 = 0
    // A relocated kernel's mapping begins at the running `_text` (or `_stext`).
    if let recorded = textStart(of: profile), let linked = plain.start { bias = linked &- recorded }
    guard let reading else {
      return Found(
        symbols: KernelSymbols(image.symbols, bias: bias, debugInfo: image.debugInfo), path: path,
        warnings: [])
    }
    let other = try fromKallsyms(reading, profile)
    if plain.start == nil {
      return Found(
        symbols: other.symbols, path: reading.path, outsidePath: nil,
        warnings: other.warnings + ["\(path): has no symbols; those of \(reading.path) are used"])
    }
    let outside = other.warnings.isEmpty ? other.symbols.symbols : SymbolTable()
    return Found(
      symbols: KernelSymbols(
        image.symbols, bias: bias, outside: outside, debugInfo: image.debugInfo),
      path: path,
      outsidePath: other.warnings.isEmpty ? reading.path : nil,
      warnings: other.warnings.map { "\($0); not used" })
  }

  /// Refuses the image of another kernel than the recorded one.
  ///
  /// - Throws: ``SymbolError`` with both ids.
  package static func refuseStranger(
    _ buildID: BuildID?, _ path: FilePath, _ profile: Profile
  ) throws(SymbolError) {
    guard let recorded = recordedKernelID(profile.features), let found = buildID, recorded != found
    else {
      return
    }
    throw SymbolError(
      "\(path): build-id \(found) differs from the recorded kernel's \(recorded); "
        + "symbols would be wrong (give the recorded kernel, or --force to go on)")
  }

  /// Address of the image's `_text`, else of `_stext`.
  private var start: UInt64? { symbols.address(of: "_text") ?? symbols.address(of: "_stext") }

  /// Where the running kernel's text began, from the kernel's mapping: its page offset is the
  /// address of the symbol that its name ends in.
  private static func textStart(of profile: Profile) -> UInt64? {
    let timeline = profile.timeline
    return timeline.kernelMaps.first {
      $0.pageOffset != 0 && timeline.file(of: $0).path.hasPrefix("[kernel.kallsyms]")
    }?.pageOffset
  }

  private static func hex(_ value: UInt64) -> String { String(value, radix: 16) }

  /// Whether a regular file can be read there; a FIFO that nobody writes to would hang.
  private static func isReadable(_ path: FilePath) -> Bool {
    do throws(Errno) {
      _ = try MappedFile.open(path)
      return true
    } catch {
      return false
    }
  }
}
