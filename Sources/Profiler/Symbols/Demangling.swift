internal import CIberty
import Glibc

/// A symbol as its source spells it, whole: with namespaces, template arguments and parameters.
///
/// - Returns: nil for a symbol that is not mangled: C's, or in a way that libiberty doesn't know. It
///   knows C++ (Itanium), Rust in both ways, D, Ada and others.
func demangled(_ symbol: String) -> String? {
  // Mangled names begin with an underscore; asking for all others would find Ada in C's names.
  guard symbol.hasPrefix("_Z") || symbol.hasPrefix("_R") || symbol.hasPrefix("__Z") else {
    return nil
  }
  // SAFETY: libiberty returns null or a new string, which is freed here after it was copied.
  guard let text = cplus_demangle(symbol, DMGL_PARAMS | DMGL_ANSI | DMGL_AUTO) else { return nil }
  defer { free(text) }
  return String(cString: text)
}
