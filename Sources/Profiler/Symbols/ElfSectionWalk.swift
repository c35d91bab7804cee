internal import CElfutils

/// The sections of an open ELF file, in their order, but for those whose header or name can't be read.
struct ElfSectionWalk: Sequence, IteratorProtocol {
  private let elf: OpaquePointer
  private var names = 0
  private var last: OpaquePointer?

  /// - Parameter elf: libelf's handle.
  /// - Returns: nil where sections have no names.
  init?(_ elf: OpaquePointer) {
    guard elf_getshdrstrndx(elf, &names) == 0 else { return nil }
    self.elf = elf
  }

  /// The next section: its name, libelf's handle of it, and its header.
  mutating func next() -> (name: String, handle: OpaquePointer, header: GElf_Shdr)? {
    while let section = elf_nextscn(elf, last) {
      last = section
      var header = GElf_Shdr()
      if gelf_getshdr(section, &header) != nil,
        let name = elf_strptr(elf, names, Int(header.sh_name))
      {
        return (String(cString: name), section, header)
      }
    }
    return nil
  }
}
