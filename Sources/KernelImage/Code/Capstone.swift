internal import CCapstone
import Glibc
internal import Profiler

/// Capstone's functions; its library is loaded when the first one is wanted.
///
/// The tables in it take 375 pages to be relocated, a seventh of the program's start, and most runs
/// decode nothing.
struct Capstone: Sendable {
  let open: @Sendable @convention(c) (cs_arch, cs_mode, UnsafeMutablePointer<csh>?) -> cs_err
  let close: @Sendable @convention(c) (UnsafeMutablePointer<csh>?) -> cs_err
  let option: @Sendable @convention(c) (csh, cs_opt_type, Int) -> cs_err
  let message: @Sendable @convention(c) (cs_err) -> UnsafePointer<CChar>?
  let allocate: @Sendable @convention(c) (csh) -> UnsafeMutablePointer<cs_insn>?
  let free: @Sendable @convention(c) (UnsafeMutablePointer<cs_insn>?, Int) -> Void
  let decode:
    @Sendable @convention(c) (
      csh, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<Int>?,
      UnsafeMutablePointer<UInt64>?, UnsafeMutablePointer<cs_insn>?
    ) -> Bool

  /// The version whose header this was built with.
  private static let library = "libcapstone.so.\(CS_API_MAJOR)"

  static let loaded = Result<Capstone, SymbolError> { () throws(SymbolError) in try Capstone() }

  /// - Throws: ``SymbolError`` where the library isn't installed.
  private init() throws(SymbolError) {
    guard let library = dlopen(Capstone.library, RTLD_NOW | RTLD_LOCAL) else {
      throw SymbolError(dlerror().map { String(cString: $0) } ?? Capstone.library)
    }
    // SAFETY: each name is that of the function that has this type in capstone's header.
    func function<Function>(_ name: String) throws(SymbolError) -> Function {
      guard let found = dlsym(library, name) else {
        throw SymbolError("\(Capstone.library): has no \(name)")
      }
      return unsafeBitCast(found, to: Function.self)
    }
    open = try function("cs_open")
    close = try function("cs_close")
    option = try function("cs_option")
    message = try function("cs_strerror")
    allocate = try function("cs_malloc")
    free = try function("cs_free")
    decode = try function("cs_disasm_iter")
  }
}
