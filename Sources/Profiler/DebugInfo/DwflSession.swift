internal import CElfutils
import Glibc
import SystemPackage

/// Owns a `Dwfl *` with one file reported to it.
///
/// libdwfl finds what belongs to the file elsewhere: by build-id, or by `.gnu_debuglink` with the
/// CRC it names, or in `.gnu_debugdata`.
struct DwflSession: ~Copyable {
  private let dwfl: OpaquePointer
  let module: OpaquePointer
  private let callbacks: UnsafeMutablePointer<Dwfl_Callbacks>
  private let searchPath: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let search: DebugFileSearch

  /// - Parameter debugFolders: to look for separate debug files in, before `/usr/lib/debug`.
  init(path: FilePath, debugFolders: [FilePath] = []) throws(SymbolError) {
    let places = DwflSession.searchPath(debugFolders)
    search = DebugFileSearch(places: places)
    searchPath = .allocate(capacity: 1)
    searchPath.initialize(to: strdup(places.joined(separator: ":")))
    callbacks = .allocate(capacity: 1)
    callbacks.initialize(to: Dwfl_Callbacks())
    callbacks.pointee.find_elf = dwfl_build_id_find_elf
    callbacks.pointee.find_debuginfo = DebugFileSearch.find
    callbacks.pointee.section_address = dwfl_offline_section_address
    callbacks.pointee.debuginfo_path = searchPath
    guard let dwfl = dwfl_begin(callbacks) else {
      DwflSession.free(callbacks, searchPath)
      throw SymbolError("\(path): \(DwflSession.lastMessage)")
    }
    dwfl_report_begin(dwfl)
    let module = path.withPlatformString { dwfl_report_offline(dwfl, $0, $0, -1) }
    dwfl_report_end(dwfl, nil, nil)
    guard let module else {
      let message = DwflSession.lastMessage
      dwfl_end(dwfl)
      DwflSession.free(callbacks, searchPath)
      throw SymbolError("\(path): \(message)")
    }
    self.dwfl = dwfl
    self.module = module
    search.serve(module)
  }

  deinit {
    // SAFETY: the module belongs to the session; nothing of it outlives this value.
    dwfl_end(dwfl)
    DwflSession.free(callbacks, searchPath)
  }

  private static func free(
    _ callbacks: UnsafeMutablePointer<Dwfl_Callbacks>,
    _ searchPath: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  ) {
    Glibc.free(searchPath.pointee)
    searchPath.deallocate()
    callbacks.deallocate()
  }

  /// libdwfl's default with the user's folders put in: beside the file, `.debug` beside it, folders.
  private static func searchPath(_ folders: [FilePath]) -> [String] {
    // A colon in a folder's name would be two folders.
    let named = folders.map(\.string).filter { !$0.contains(":") }
    return ["", ".debug"] + named + ["/usr/lib/debug"]
  }

  private static var lastMessage: String {
    dwfl_errmsg(-1).map { String(cString: $0) } ?? "libdwfl gives no reason"
  }

  /// The file's ELF handle, and what libdwfl adds to its addresses.
  var elf: (handle: OpaquePointer, bias: UInt64)? {
    var bias: Dwarf_Addr = 0
    return dwfl_module_getelf(module, &bias).map { ($0, bias) }
  }

  /// The file's separate debug file, where its sections are packed.
  ///
  /// - Parameter unused: sections that are not asked for.
  func unpackedDebugFile(leavingOut unused: Set<String>) -> UnpackedSections? {
    guard let elf, let buildID, !UnpackedSections.areNeedless(elf.handle) else { return nil }
    return search.unpackedFile(of: elf.handle, buildID, leavingOut: unused)
  }

  /// The file's debug information, its own or a separate file's, and what libdwfl adds to its
  /// addresses.
  var dwarf: (handle: OpaquePointer, bias: UInt64)? {
    var bias: Dwarf_Addr = 0
    return dwfl_module_getdwarf(module, &bias).map { ($0, bias) }
  }
}
