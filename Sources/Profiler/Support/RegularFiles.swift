import Glibc
package import SystemPackage

/// Refuses everything but regular files: opening a FIFO or a device that a path names may hang.
package func refuseIrregular(_ path: FilePath) throws(SymbolError) {
  var status = stat()
  guard path.withPlatformString({ stat($0, &status) }) == 0 else {
    throw SymbolError("\(path): \(Errno(rawValue: errno))")
  }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw SymbolError("\(path): not a regular file")
  }
}
