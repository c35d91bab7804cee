internal import CElfutils
import Glibc
import SystemPackage

/// How libdwfl finds the separate debug file of a module.
///
/// As it does by itself, but nowhere else than in files: where there is none, libdwfl would load
/// libdebuginfod at last, which takes longer than all the rest and may ask servers.
final class DebugFileSearch {
  /// libdwfl's path: "" is the module's folder, a relative one is a folder in that.
  private let places: [String]

  init(places: [String]) { self.places = places }

  /// Has ``find`` know this search by the module, which must not outlive it.
  func serve(_ module: OpaquePointer) {
    var data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    dwfl_module_info(module, &data, nil, nil, nil, nil, nil, nil)
    // SAFETY: libdwfl keeps this pointer for its callbacks and does nothing else with it.
    data?.pointee = Unmanaged.passUnretained(self).toOpaque()
  }

  /// libdwfl's `find_debuginfo`.
  static let find:
    @convention(c) (
      OpaquePointer?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?, UnsafePointer<CChar>?,
      Dwarf_Addr, UnsafePointer<CChar>?, UnsafePointer<CChar>?, GElf_Word,
      UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) -> CInt = { module, data, name, base, file, link, crc, found in
      // SAFETY: serve() put it there, and the session that owns the module owns the search.
      guard let opaque = data?.pointee else { return -1 }
      let search = Unmanaged<DebugFileSearch>.fromOpaque(opaque).takeUnretainedValue()
      // A name without a CRC is one that DWARF has, of what dwz moved.
      let isForModule = link == nil || crc != 0
      let descriptor = dwfl_build_id_find_debuginfo(
        module, data, name, base, file, link, crc, found)
      guard descriptor < 0, !isForModule || search.mayFind(file: file, link: link) else {
        return descriptor
      }
      return dwfl_standard_find_debuginfo(module, data, name, base, file, link, crc, found)
    }

  /// A program's debug file by its build-id, unpacked.
  ///
  /// - Parameters:
  ///   - elf: libelf's handle of the program.
  ///   - unused: sections that nobody will ask for.
  /// - Returns: nil where there is none, or nothing in it to be unpacked.
  func unpackedFile(
    of elf: OpaquePointer, _ id: BuildID, leavingOut unused: Set<String>
  ) -> UnpackedSections? {
    for folder in places.map({ FilePath($0) }) where folder.isAbsolute {
      let path = folder.appending(debugFileOf: id)
      let descriptor = open(path.string, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      if let unpacked = UnpackedSections.open(descriptor, of: elf, id, leavingOut: unused) {
        return unpacked
      }
    }
    return nil
  }

  /// Whether a file stands at any of the places where libdwfl looks for a name.
  private func mayFind(file: UnsafePointer<CChar>?, link: UnsafePointer<CChar>?) -> Bool {
    guard let file else { return true }
    // SAFETY: libdwfl's strings are NUL-terminated.
    let path = FilePath(platformString: file)
    let real = realpath(file, nil).map { resolved in
      defer { free(resolved) }
      return FilePath(platformString: resolved)
    }
    return [path, real ?? path].contains { path in
      let base = path.lastComponent?.string ?? ""
      let names = link.map { [String(cString: $0)] } ?? ["\(base).debug", base]
      return folders(for: path.removingLastComponent()).contains { folder in
        names.contains {
          let place = folder.appending($0)
          return place != path && place.withPlatformString { access($0, F_OK) } == 0
        }
      }
    }
  }

  /// Where libdwfl looks for debug files of what stands in a folder: below an absolute place it looks
  /// in that folder, and in the same without its first parts.
  private func folders(for folder: FilePath) -> [FilePath] {
    places.flatMap { place in
      let named = FilePath(place)
      guard named.isAbsolute else { return [folder.pushing(named)] }
      return (0...folder.components.count).map {
        named.appending(folder.components.dropFirst($0))
      }
    }
  }
}
