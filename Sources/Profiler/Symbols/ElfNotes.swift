/// ELF notes as they lie in a section or in `/sys/kernel/notes`: lengths of name and descriptor,
/// type, name, descriptor, each padded to four bytes.
package enum ElfNotes {
  /// `NT_GNU_BUILD_ID`. Its owner "GNU" has notes of other types too, an image with libc in it
  /// several.
  private static let buildIDType: UInt32 = 3

  /// The first build-id among the notes.
  package static func buildID(in notes: [UInt8]) -> BuildID? {
    var reader = FieldReader(notes.span.bytes, swapped: false, at: 0, in: "ELF note")
    while let note = try? next(&reader) {
      if note.type == buildIDType, note.owner == "GNU" { return BuildID(note.descriptor) }
    }
    return nil
  }

  private static func next(
    _ reader: inout FieldReader
  ) throws(PerfDataError) -> (owner: String, type: UInt32, descriptor: [UInt8]) {
    let (nameSize, size, type) = (try reader.u32(), try reader.u32(), try reader.u32())
    let owner = try reader.text(padded(nameSize))
    let descriptor = try reader.bytes(padded(size))
    return (owner, type, Array(descriptor.prefix(Int(size))))
  }

  private static func padded(_ size: UInt32) -> Int { (Int(size) + 3) & ~3 }
}
