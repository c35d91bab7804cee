internal import CElfutils

/// What a unit's entries look like, by the numbers of their abbreviations.
///
/// libdw finds an attribute of an entry by reading all that stand before it, with a lock for each
/// abbreviation; here an abbreviation is what has to be done to get over one of its entries, and only
/// what is asked for is read:
///
///     DW_TAG_subprogram   skip 15 │ low_pc │ high_pc, 8 │ block │ sibling, 4
///     DW_TAG_member       skip 12
struct Abbreviations {
  /// What entries with an abbreviation are.
  struct Shape {
    /// `DW_TAG_*`.
    let tag: UInt16
    let hasChildren: Bool
    /// Whether only libdw can tell where the entry's code is.
    let hasOtherRanges: Bool
    /// Row of the first one in ``Abbreviations/steps``, and how many there are.
    fileprivate let firstStep: UInt32
    fileprivate let stepCount: UInt8

    /// Rows of ``Abbreviations/steps``.
    @inline(__always)
    var rows: Range<Int> { Int(firstStep)..<Int(firstStep) + Int(stepCount) }
  }

  /// What an attribute, or several in a row, take to be read or skipped.
  enum Step {
    case skip(UInt16)
    case skipNumber
    case skipText
    /// Bytes whose number stands before them in so many bytes.
    case skipCounted(UInt8)
    case skipBlock
    case lowPC(UInt8)
    case highPC(UInt8)
    /// The same, counted from `DW_AT_low_pc`.
    case length(UInt8)
    case sibling(UInt8)
  }

  /// Sizes in bytes that a unit's header gives.
  struct Sizes: Equatable {
    let version: UInt16
    let address: UInt8
    let offset: UInt8
  }

  private(set) var shapes: [Shape] = []
  private(set) var steps: [Step] = []

  /// Reads the abbreviations of a unit.
  ///
  /// - Parameters:
  ///   - section: `.debug_abbrev`, in the host's byte order.
  ///   - start: where in it they begin.
  /// - Returns: nil where they end too early, aren't numbered from 1 on, or have forms that aren't known
  ///   here.
  init?(_ section: RawSpan, at start: Int, _ sizes: Sizes) {
    var place = start
    while true {
      guard let code = section.uleb128(at: &place) else { return nil }
      if code == 0 { return }
      guard code == UInt64(shapes.count) + 1, let tag = section.uleb128(at: &place),
        tag <= UInt16.max, place < section.byteCount
      else { return nil }
      let hasChildren = section.load(UInt8.self, at: place, swapped: false) != 0
      place += 1
      guard readAttributes(section, at: &place, sizes, UInt16(tag), hasChildren) else { return nil }
    }
  }

  private mutating func readAttributes(
    _ section: RawSpan, at place: inout Int, _ sizes: Sizes, _ tag: UInt16, _ hasChildren: Bool
  ) -> Bool {
    let first = steps.count
    let isCode = tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine
    var (hasLow, hasHigh, hasOther) = (false, false, false)
    while true {
      guard let name = section.uleb128(at: &place), let form = section.uleb128(at: &place),
        form <= UInt16.max
      else { return false }
      if name == 0, form == 0 { break }
      if form == DW_FORM_implicit_const {
        guard section.uleb128(at: &place) != nil else { return false }
      }
      guard
        let step = isCode && Step.isOfRanges(name) || hasChildren && name == DW_AT_sibling
          ? Step(reading: name, form, sizes) : Step(skipping: form, sizes)
      else { return false }
      switch step {
      case .lowPC: hasLow = true
      case .highPC, .length: hasHigh = true
      default: if isCode, Step.isOfRanges(name) { hasOther = true }
      }
      append(step, isFirst: steps.count == first)
    }
    guard let firstStep = UInt32(exactly: first), let count = UInt8(exactly: steps.count - first)
    else { return false }
    shapes.append(
      Shape(
        tag: tag, hasChildren: hasChildren,
        hasOtherRanges: (hasLow || hasHigh || hasOther) && !(hasLow && hasHigh),
        firstStep: firstStep, stepCount: count))
    return true
  }

  private mutating func append(_ step: Step, isFirst: Bool) {
    if case .skip(let count) = step {
      if count == 0 { return }
      if !isFirst, case .skip(let before) = steps.last, before < 1 << 15 {
        steps[steps.count - 1] = .skip(before + count)
        return
      }
    }
    steps.append(step)
  }
}

extension Abbreviations.Step {
  /// How to get over an attribute of a form.
  ///
  /// - Returns: nil for a form that isn't known.
  fileprivate init?(skipping form: UInt64, _ sizes: Abbreviations.Sizes) {
    switch Int(form) {
    case DW_FORM_string: self = .skipText
    case DW_FORM_sdata, DW_FORM_udata, DW_FORM_ref_udata, DW_FORM_strx, DW_FORM_addrx,
      DW_FORM_loclistx, DW_FORM_rnglistx, DW_FORM_GNU_addr_index, DW_FORM_GNU_str_index:
      self = .skipNumber
    case DW_FORM_block1: self = .skipCounted(1)
    case DW_FORM_block2: self = .skipCounted(2)
    case DW_FORM_block4: self = .skipCounted(4)
    case DW_FORM_block, DW_FORM_exprloc: self = .skipBlock
    default:
      guard let size = Self.size(of: form, sizes) else { return nil }
      self = .skip(UInt16(size))
    }
  }

  /// How to read an attribute that is asked for, or to get over it where its form is unusual.
  ///
  /// - Returns: nil for a form that isn't known.
  fileprivate init?(reading name: UInt64, _ form: UInt64, _ sizes: Abbreviations.Sizes) {
    let size = Self.size(of: form, sizes) ?? 0
    switch (Int(name), Int(form)) {
    case (DW_AT_low_pc, DW_FORM_addr): self = .lowPC(size)
    case (DW_AT_high_pc, DW_FORM_addr): self = .highPC(size)
    case (DW_AT_high_pc, DW_FORM_data1), (DW_AT_high_pc, DW_FORM_data2),
      (DW_AT_high_pc, DW_FORM_data4), (DW_AT_high_pc, DW_FORM_data8):
      self = .length(size)
    case (DW_AT_sibling, DW_FORM_ref1), (DW_AT_sibling, DW_FORM_ref2),
      (DW_AT_sibling, DW_FORM_ref4), (DW_AT_sibling, DW_FORM_ref8):
      self = .sibling(size)
    default: self.init(skipping: form, sizes)
    }
  }

  /// Whether an attribute says where code is.
  fileprivate static func isOfRanges(_ name: UInt64) -> Bool {
    name == DW_AT_low_pc || name == DW_AT_high_pc || name == DW_AT_ranges
  }

  /// The bytes that an attribute takes; nil where that depends on its contents.
  private static func size(of form: UInt64, _ sizes: Abbreviations.Sizes) -> UInt8? {
    switch Int(form) {
    case DW_FORM_flag_present, DW_FORM_implicit_const: 0
    case DW_FORM_data1, DW_FORM_ref1, DW_FORM_flag, DW_FORM_strx1, DW_FORM_addrx1: 1
    case DW_FORM_data2, DW_FORM_ref2, DW_FORM_strx2, DW_FORM_addrx2: 2
    case DW_FORM_strx3, DW_FORM_addrx3: 3
    case DW_FORM_data4, DW_FORM_ref4, DW_FORM_strx4, DW_FORM_addrx4, DW_FORM_ref_sup4: 4
    case DW_FORM_data8, DW_FORM_ref8, DW_FORM_ref_sig8, DW_FORM_ref_sup8: 8
    case DW_FORM_data16: 16
    case DW_FORM_addr: sizes.address
    case DW_FORM_ref_addr: sizes.version < 3 ? sizes.address : sizes.offset
    case DW_FORM_sec_offset, DW_FORM_strp, DW_FORM_line_strp, DW_FORM_strp_sup,
      DW_FORM_GNU_ref_alt, DW_FORM_GNU_strp_alt:
      sizes.offset
    default: nil
    }
  }
}

extension RawSpan {
  /// A number of DWARF's variable length, as far as 64 bits hold it; `place` is then behind it.
  ///
  /// - Returns: nil where it doesn't end.
  @inline(__always)
  func uleb128(at place: inout Int) -> UInt64? {
    guard place < byteCount else { return nil }
    let first = load(UInt8.self, at: place, swapped: false)
    place &+= 1  // at most the span's length
    if first < 0x80 { return UInt64(first) }
    var (value, shift) = (UInt64(first & 0x7f), UInt64(7))
    while place < byteCount {
      let byte = load(UInt8.self, at: place, swapped: false)
      place &+= 1  // at most the span's length
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
      shift &+= 7  // at most 7 times the span's length; shifts by more than 63 give 0
    }
    return nil
  }
}

extension RawSpan {
  /// A number of so many bytes in the host's order; `place` is then behind it.
  ///
  /// - Returns: nil where they aren't there, or for another size than a power of two up to 8.
  @inline(__always)
  func number(_ size: UInt8, at place: inout Int) -> UInt64? {
    guard Int(size) <= byteCount - place else { return nil }
    defer { place += Int(size) }
    return switch size {
    case 1: UInt64(load(UInt8.self, at: place, swapped: false))
    case 2: UInt64(load(UInt16.self, at: place, swapped: false))
    case 4: UInt64(load(UInt32.self, at: place, swapped: false))
    case 8: load(UInt64.self, at: place, swapped: false)
    default: nil
    }
  }

  /// Goes on so many bytes further.
  ///
  /// - Returns: whether there are as many.
  @inline(__always)
  func skip(_ count: UInt64, at place: inout Int) -> Bool {
    guard count <= UInt64(byteCount - place) else { return false }
    place += Int(count)
    return true
  }
}
