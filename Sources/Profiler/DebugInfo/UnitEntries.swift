internal import CElfutils

/// The entries of a unit, by how far behind its own they stand.
///
/// Reads them in their order, and of each only what the search for functions needs; names and lines
/// are libdw's. Valid as long as the session that the unit was read in.
struct UnitEntries {
  private let bytes: UnsafeRawBufferPointer
  private let abbreviations: Abbreviations
  /// How far behind the unit's header its own entry stands: siblings are counted from there.
  private let headerSize: Int

  /// What is read of an entry.
  struct Entry {
    /// `DW_TAG_*`; 0 ends its parent's children.
    var tag = 0
    var hasChildren = false
    /// Whether libdw has to be asked for its code.
    var hasOtherRanges = false
    /// Where its code begins.
    var start: UInt64 = 0
    fileprivate var highPC: UInt64 = 0
    fileprivate var length: UInt64 = 0
    /// Where the next entry with the same parent stands, if it says so.
    fileprivate var sibling = 0

    /// Where its code ends; 0 where it has none.
    var end: UInt64 { length > 0 ? start &+ length : highPC }
  }

  /// - Parameters:
  ///   - root: the unit's own entry.
  ///   - section: of the same file.
  /// - Returns: nil for a unit that only libdw can read.
  init?(_ root: DebugEntry, _ section: AbbreviationSection) {
    guard let extent = root.unitExtent,
      let known = Abbreviations(section.span, at: extent.abbreviations, extent.sizes)
    else { return nil }
    bytes = extent.entries
    (abbreviations, headerSize) = (known, extent.headerSize)
  }

  private var span: RawSpan {
    // SAFETY: libdw's bytes stand where they are as long as the session lives.
    @_lifetime(borrow self) get { _overrideLifetime(RawSpan(_unsafeBytes: bytes), borrowing: self) }
  }

  /// Reads an entry; `place` is then behind it.
  ///
  /// - Returns: nil for one that isn't whole.
  @inline(__always)
  func entry(at place: inout Int) -> Entry? {
    let span = span
    var entry = Entry()
    guard let code = span.uleb128(at: &place), code <= UInt64(abbreviations.shapes.count) else {
      return nil
    }
    if code == 0 { return entry }
    let shape = abbreviations.shapes[Int(code) - 1]
    entry.tag = Int(shape.tag)
    (entry.hasChildren, entry.hasOtherRanges) = (shape.hasChildren, shape.hasOtherRanges)
    for row in shape.rows {
      guard take(abbreviations.steps[row], span, at: &place, &entry) else { return nil }
    }
    return entry
  }

  @inline(__always)
  private func take(
    _ step: Abbreviations.Step, _ span: RawSpan, at place: inout Int, _ entry: inout Entry
  ) -> Bool {
    switch step {
    case .skip(let count): return span.skip(UInt64(count), at: &place)
    case .skipNumber: return span.uleb128(at: &place) != nil
    case .skipText:
      while let byte = span.number(1, at: &place) {
        if byte == 0 { return true }
      }
      return false
    case .skipCounted(let size):
      return span.number(size, at: &place).map { span.skip($0, at: &place) } ?? false
    case .skipBlock: return span.uleb128(at: &place).map { span.skip($0, at: &place) } ?? false
    case .lowPC(let size):
      guard let value = span.number(size, at: &place) else { return false }
      entry.start = value
    case .highPC(let size):
      guard let value = span.number(size, at: &place) else { return false }
      entry.highPC = value
    case .length(let size):
      guard let value = span.number(size, at: &place) else { return false }
      entry.length = value
    case .sibling(let size):
      guard let value = span.number(size, at: &place) else { return false }
      entry.sibling = Int(clamping: value) - headerSize
    }
    return true
  }

  /// Goes on behind what stands below an entry.
  ///
  /// - Parameter place: behind the entry itself.
  /// - Returns: whether there is more.
  func skipChildren(of entry: Entry, at place: inout Int) -> Bool {
    guard entry.hasChildren else { return true }
    if entry.sibling > place, entry.sibling <= bytes.count {
      place = entry.sibling
      return true
    }
    var depth = 1
    while depth > 0 {
      guard let below = self.entry(at: &place) else { return false }
      if below.tag == 0 {
        depth -= 1
      } else if below.hasChildren {
        if below.sibling > place, below.sibling <= bytes.count {
          place = below.sibling
        } else {
          depth += 1
        }
      }
    }
    return true
  }
}

/// A file's `.debug_abbrev`; valid as long as the session that it was read in.
struct AbbreviationSection {
  private let bytes: UnsafeRawBufferPointer

  /// - Parameter dwarf: the file's, a libdw handle.
  /// - Returns: nil where there is none, or in another byte order than the machine's.
  init?(of dwarf: OpaquePointer) {
    guard let elf = dwarf_getelf(dwarf), let identity = elf_getident(elf, nil),
      identity[Int(EI_DATA)] == UInt8(ELFDATA2LSB), let sections = ElfSectionWalk(elf)
    else { return nil }
    for section in sections where section.name == ".debug_abbrev" {
      guard let data = elf_getdata(section.handle, nil)?.pointee else { continue }
      // SAFETY: libelf says that so many bytes stand there, as long as the file is open.
      bytes = UnsafeRawBufferPointer(start: data.d_buf, count: data.d_size)
      return
    }
    return nil
  }

  fileprivate var span: RawSpan {
    // SAFETY: as above.
    @_lifetime(borrow self) get { _overrideLifetime(RawSpan(_unsafeBytes: bytes), borrowing: self) }
  }
}
