import Foundation
import ShortcutGen
import SystemPackage

extension ShortcutDocument {
  /// Reads a `shortcuts.json`.
  ///
  /// - Throws: ``InputError`` naming the file and what is wrong with it.
  init(file path: String) throws {
    do throws(PlanError) {
      self = try ShortcutDocument(reading: Self.contents(of: path))
    } catch { throw InputError("\(path): \(error)") }
  }

  /// How the application's side is spelled, also where an analysis had nothing to generate.
  var spelling: ApplicationSpelling { application ?? ApplicationSpelling(.rfc2022, .errno) }

  /// A file's bytes, no more than are read of a `shortcuts.json` and one.
  private static func contents(of path: String) throws(PlanError) -> Data {
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly)
      return try file.closeAfter {
        let handle = FileHandle(fileDescriptor: file.rawValue, closeOnDealloc: false)
        return try handle.read(upToCount: ShortcutDocument.largest + 1) ?? Data()
      }
    } catch let error as Errno {
      throw .malformed("\(error)")
    } catch {
      throw .malformed("can't be read, or is a folder")
    }
  }
}
