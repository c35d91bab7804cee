internal import CDeflate
internal import CElfutils
import Glibc
import SystemPackage

/// A debug file in memory, its sections unpacked; libdw's handle of it.
///
/// Debian packs each section of its debug files by zlib. libdw unpacks all of them when it opens a
/// file, of which nobody asks for a third; libdeflate unpacks the others in half of zlib's time. The
/// result is a file again, as libdw wants one; what is left out has a header and no bytes:
///
///     [ file header │ program headers │ sections … │ section headers ]
struct UnpackedSections: ~Copyable {
  private let room: UnsafeMutableRawBufferPointer
  private let elf: OpaquePointer
  /// libdw's handle, which lives as long as this value.
  let dwarf: OpaquePointer

  /// Sections that say nothing about functions.
  static let notOfFunctions: Set<String> = [
    ".debug_line", ".debug_loc", ".debug_loclists", ".debug_macro", ".debug_macinfo",
    ".debug_names", ".debug_pubnames", ".debug_pubtypes", ".debug_gnu_pubnames",
    ".debug_gnu_pubtypes", ".gdb_index", ".debug_frame", ".symtab", ".strtab",
  ]
  /// The same, but for lines.
  static let notOfLines = notOfFunctions.subtracting([".debug_line"])

  /// Bytes of the largest file that is made: all of it is memory.
  private static let largest = 1 << 30

  private struct Section {
    var header: Elf64_Shdr
    /// As they stand in the debug file; empty where the section has none, or is left out.
    let contents: UnsafeRawBufferPointer
    let isPacked: Bool
  }

  /// Unpacks a program's or a library's debug file.
  ///
  /// - Parameters:
  ///   - code: libelf's handle of the program or library.
  ///   - id: its build-id.
  /// - Returns: nil where the file has another id, where nothing is packed, or in a way that only libdw
  ///   may know, and where it isn't linked for the same addresses or refers to yet another file.
  static func open(
    _ descriptor: CInt, of code: OpaquePointer, _ id: BuildID, leavingOut unused: Set<String>
  ) -> UnpackedSections? {
    guard let elf = elf_begin(descriptor, ELF_C_READ_MMAP, nil) else { return nil }
    defer { elf_end(elf) }
    guard let header = elf64_getehdr(elf)?.pointee, header.e_ident.5 == UInt8(ELFDATA2LSB),
      Int32(header.e_type) == ET_EXEC || Int32(header.e_type) == ET_DYN, buildID(elf) == id,
      loaded(elf).elementsEqual(loaded(code), by: ==),
      var sections = sections(elf, leavingOut: unused), sections.contains(where: \.isPacked),
      let programHeaders = programHeaders(elf),
      let end = place(&sections, from: MemoryLayout<Elf64_Ehdr>.size + programHeaders.count)
    else { return nil }
    var placed = header
    placed.e_phoff = UInt64(MemoryLayout<Elf64_Ehdr>.size)
    placed.e_shoff = UInt64(end)
    guard let room = write(placed, programHeaders, sections, end: end) else { return nil }
    return UnpackedSections(room)
  }

  /// - Parameter room: a file in memory that was mapped for it.
  private init?(_ room: UnsafeMutableRawBufferPointer) {
    // SAFETY: the memory is this value's, and outlives both handles.
    let elf = elf_memory(room.baseAddress, room.count)
    guard let elf, let dwarf = dwarf_begin_elf(elf, DWARF_C_READ, nil) else {
      elf_end(elf)
      munmap(room.baseAddress, room.count)
      return nil
    }
    (self.room, self.elf, self.dwarf) = (room, elf, dwarf)
  }

  deinit {
    // SAFETY: nothing of libdw's outlives this value.
    dwarf_end(dwarf)
    elf_end(elf)
    munmap(room.baseAddress, room.count)
  }

  /// Whether a file has debug information of its own.
  ///
  /// - Parameter elf: libelf's handle.
  static func areNeedless(_ elf: OpaquePointer) -> Bool {
    guard let sections = ElfSectionWalk(elf) else { return true }
    return sections.contains { $0.name.hasPrefix(".debug_") || $0.name.hasPrefix(".zdebug_") }
  }

  /// Addresses and sizes of what a file has loaded.
  private static func loaded(_ elf: OpaquePointer) -> [(UInt64, UInt64)] {
    var count = 0
    guard elf_getphdrnum(elf, &count) == 0 else { return [] }
    return (0..<count).compactMap { index in
      var header = GElf_Phdr()
      guard gelf_getphdr(elf, Int32(clamping: index), &header) != nil, header.p_type == PT_LOAD
      else { return nil }
      return (header.p_vaddr, header.p_memsz)
    }
  }

  private static func buildID(_ elf: OpaquePointer) -> BuildID? {
    var bits: UnsafeRawPointer?
    let count = dwelf_elf_gnu_build_id(elf, &bits)
    // SAFETY: libdw says that `count` bytes stand there.
    return count > 0 ? BuildID(Array(UnsafeRawBufferPointer(start: bits, count: count))) : nil
  }

  private static func programHeaders(_ elf: OpaquePointer) -> UnsafeRawBufferPointer? {
    var count = 0
    guard elf_getphdrnum(elf, &count) == 0 else { return nil }
    // SAFETY: libelf says that `count` of them stand there, as long as the handle is open.
    return elf64_getphdr(elf).map {
      UnsafeRawBufferPointer(start: $0, count: count * MemoryLayout<Elf64_Phdr>.size)
    }
  }

  private static func sections(
    _ elf: OpaquePointer, leavingOut unused: Set<String>
  ) -> [Section]? {
    var (count, names) = (0, 0)
    guard elf_getshdrnum(elf, &count) == 0, elf_getshdrstrndx(elf, &names) == 0 else { return nil }
    var sections: [Section] = []
    for index in 0..<count {
      guard let handle = elf_getscn(elf, index), var header = elf64_getshdr(handle)?.pointee
      else { return nil }
      let name = elf_strptr(elf, names, Int(header.sh_name)).map { String(cString: $0) }
      if name == ".gnu_debugaltlink" { return nil }
      if let name, unused.contains(name) {
        header.sh_type = UInt32(SHT_NOBITS)
        header.sh_flags &= ~UInt64(SHF_COMPRESSED)
      }
      guard let section = section(handle, header) else { return nil }
      sections.append(section)
    }
    return sections
  }

  /// - Returns: nil for a section that can't be read, or is packed by anything but zlib.
  private static func section(_ handle: OpaquePointer, _ header: Elf64_Shdr) -> Section? {
    let isEmpty =
      header.sh_type == UInt32(SHT_NULL) || header.sh_type == UInt32(SHT_NOBITS)
      || header.sh_size == 0
    guard !isEmpty else {
      let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
      return Section(header: header, contents: nothing, isPacked: false)
    }
    guard let data = elf_rawdata(handle, nil)?.pointee else { return nil }
    // SAFETY: libelf says that so many bytes stand there, as long as the file is open.
    let contents = UnsafeRawBufferPointer(start: data.d_buf, count: data.d_size)
    guard header.sh_flags & UInt64(SHF_COMPRESSED) != 0 else {
      return contents.count == Int(clamping: header.sh_size)
        ? Section(header: header, contents: contents, isPacked: false) : nil
    }
    var packing = GElf_Chdr()
    let head = MemoryLayout<Elf64_Chdr>.size
    guard gelf_getchdr(handle, &packing) != nil, packing.ch_type == UInt32(ELFCOMPRESS_ZLIB),
      // The most that zlib's format packs into a byte, as libelf has it.
      contents.count > head, packing.ch_size / 1032 <= UInt64(contents.count)
    else { return nil }
    var unpacked = header
    unpacked.sh_flags &= ~UInt64(SHF_COMPRESSED)
    (unpacked.sh_size, unpacked.sh_addralign) = (packing.ch_size, packing.ch_addralign)
    return Section(
      header: unpacked, contents: UnsafeRawBufferPointer(rebasing: contents.dropFirst(head)),
      isPacked: true)
  }

  /// Gives each section its place.
  ///
  /// - Returns: where the last one ends; nil if that is too much.
  private static func place(_ sections: inout [Section], from start: Int) -> Int? {
    var end = start
    for row in sections.indices where !sections[row].contents.isEmpty {
      end = roundedUp(end)
      guard end <= largest, sections[row].header.sh_size <= UInt64(largest - end) else {
        return nil
      }
      sections[row].header.sh_offset = UInt64(end)
      end += Int(sections[row].header.sh_size)
    }
    return roundedUp(end)
  }

  private static func roundedUp(_ offset: Int) -> Int { (offset + 15) & ~15 }

  /// Writes a file that lies in memory.
  ///
  /// - Parameter end: of the sections; their headers stand there.
  /// - Returns: what was mapped for it.
  private static func write(
    _ header: Elf64_Ehdr, _ programHeaders: UnsafeRawBufferPointer, _ sections: [Section], end: Int
  ) -> UnsafeMutableRawBufferPointer? {
    let count = end + sections.count * MemoryLayout<Elf64_Shdr>.stride
    let address = mmap(
      nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let address, address != MAP_FAILED else { return nil }
    madvise(address, count, MADV_HUGEPAGE)  // where there are none, pages are small
    // SAFETY: so much was just mapped; place() gave each section its own part of it.
    let room = UnsafeMutableRawBufferPointer(start: address, count: count)
    room.storeBytes(of: header, as: Elf64_Ehdr.self)
    room[MemoryLayout<Elf64_Ehdr>.size...].copyBytes(from: programHeaders)
    for (index, section) in sections.enumerated() {
      room.storeBytes(
        of: section.header, toByteOffset: end + index * MemoryLayout<Elf64_Shdr>.stride,
        as: Elf64_Shdr.self)
    }
    guard sections.allSatisfy({ $0.contents.isEmpty || unpack($0, into: room) }) else {
      munmap(address, count)
      return nil
    }
    return room
  }

  private static func unpack(_ section: Section, into room: UnsafeMutableRawBufferPointer) -> Bool {
    let start = Int(section.header.sh_offset)
    let place = UnsafeMutableRawBufferPointer(
      rebasing: room[start..<start + Int(section.header.sh_size)])
    guard section.isPacked else {
      place.copyMemory(from: section.contents)
      return true
    }
    guard let unpacker = libdeflate_alloc_decompressor() else { return false }
    defer { libdeflate_free_decompressor(unpacker) }
    // SAFETY: libdeflate reads and writes inside the lengths it is given.
    return libdeflate_zlib_decompress(
      unpacker, section.contents.baseAddress, section.contents.count, place.baseAddress,
      place.count, nil) == LIBDEFLATE_SUCCESS
  }
}
