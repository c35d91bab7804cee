/// Where the parts of a sample behind its call chain are, as ranges in the record's body.
///
///     … callchain │ raw  branch_stack  regs_user  stack_user  weight  data_src  transaction
///                 │ regs_intr  phys_addr  cgroup  data_page_size  code_page_size  aux
///
/// Located only for events somebody wants one of these of. Source: `PERF_RECORD_SAMPLE` in
/// `include/uapi/linux/perf_event.h` (Linux 6.12).
struct SampleTail {
  /// The bytes of `PERF_SAMPLE_RAW`: a tracepoint's record, behind its u32 length.
  private(set) var raw: Range<Int>?
  /// `perf_branch_entry[nr]`: from, to, flags, 8 bytes each, the newest first.
  private(set) var branches: Range<Int>?
  /// Registers of user mode; nil too where the thread has none (`PERF_SAMPLE_REGS_ABI_NONE`).
  private(set) var userRegisters: Registers?
  /// The copy of the user stack from the stack pointer up, as much of it as was there.
  private(set) var userStack: Range<Int>?
  /// The u64s, where they are: `PERF_SAMPLE_WEIGHT` or its struct, `PERF_SAMPLE_DATA_SRC`, ….
  private(set) var weight: Int?
  private(set) var dataSource: Int?
  private(set) var cgroup: Int?
  private(set) var dataPageSize: Int?
  private(set) var codePageSize: Int?
  /// A piece of a hardware trace.
  private(set) var aux: Range<Int>?

  /// Registers: one u64 for each bit of the attribute's mask, lowest bit first.
  struct Registers {
    /// 1: a 32-bit task, 2: a 64-bit one.
    let abi: UInt64
    let words: Range<Int>
  }
}

extension SampleTail {
  /// Whether the sample has what unwinding begins with.
  var hasUserStack: Bool { userRegisters != nil && userStack?.isEmpty == false }

  /// - Parameters:
  ///   - body: the record without its header.
  ///   - start: where the call chain ends.
  ///   - attribute: of the sample's event.
  init(
    of body: RawSpan, from start: Int, _ attribute: EventAttribute, swapped: Bool
  ) throws(SampleLayoutError) {
    let fields = attribute.sampleType
    var cursor = Cursor(body: body, offset: start, swapped: swapped)
    if fields.contains(.raw) { raw = try cursor.raw() }
    if fields.contains(.branchStack) { branches = try cursor.branches(attribute.branchSampleType) }
    if fields.contains(.userRegisters) {
      userRegisters = try cursor.registers(attribute.userRegisters, "regs_user")
    }
    if fields.contains(.userStack) { userStack = try cursor.stack() }
    weight = try cursor.place("weight", if: !fields.isDisjoint(with: [.weight, .weightStruct]))
    dataSource = try cursor.place("data_src", if: fields.contains(.dataSource))
    _ = try cursor.place("transaction", if: fields.contains(.transaction))
    if fields.contains(.interruptRegisters) {
      _ = try cursor.registers(attribute.interruptRegisters, "regs_intr")
    }
    _ = try cursor.place("phys_addr", if: fields.contains(.physicalAddress))
    cgroup = try cursor.place("cgroup", if: fields.contains(.cgroup))
    dataPageSize = try cursor.place("data_page_size", if: fields.contains(.dataPageSize))
    codePageSize = try cursor.place("code_page_size", if: fields.contains(.codePageSize))
    if fields.contains(.aux) { aux = try cursor.sized("aux") }
  }

  /// Walks the fields; every length is compared with what is left before it is used.
  private struct Cursor: ~Escapable {
    let body: RawSpan
    var offset: Int
    let swapped: Bool

    @_lifetime(copy body)
    init(body: RawSpan, offset: Int, swapped: Bool) {
      self.body = body
      self.offset = offset
      self.swapped = swapped
    }

    mutating func skip(_ size: Int, _ field: String) throws(SampleLayoutError) -> Range<Int> {
      guard size >= 0, size <= body.byteCount - offset else {
        throw SampleLayoutError(field: field, offset: offset, need: size)
      }
      defer { offset += size }
      return offset..<offset + size
    }

    mutating func word(_ field: String) throws(SampleLayoutError) -> UInt64 {
      body.load(UInt64.self, at: try skip(8, field).lowerBound, swapped: swapped)
    }

    /// Where a u64 is that only samples with its field have.
    mutating func place(_ field: String, if isThere: Bool) throws(SampleLayoutError) -> Int? {
      isThere ? try skip(8, field).lowerBound : nil
    }

    /// A u64 length and so many bytes.
    mutating func sized(_ field: String) throws(SampleLayoutError) -> Range<Int> {
      try skip(Int(clamping: try word(field)), field)
    }

    /// The u32 length is padded so that the next field stands at a multiple of eight.
    mutating func raw() throws(SampleLayoutError) -> Range<Int> {
      let place = try skip(4, "raw").lowerBound
      let size = body.load(UInt32.self, at: place, swapped: swapped)
      let bytes = try skip(Int(size), "raw")
      _ = try skip(-offset & 7, "raw")
      return bytes
    }

    mutating func branches(_ kind: UInt64) throws(SampleLayoutError) -> Range<Int> {
      let count = try word("branch_stack")
      if kind & EventAttribute.branchHardwareIndex != 0 { _ = try skip(8, "branch_stack") }
      guard count <= UInt64(body.byteCount - offset) / 24 else {
        throw SampleLayoutError(
          field: "branch_stack", offset: offset,
          need: Int(clamping: count.multipliedClamped(by: 24)))
      }
      let entries = try skip(Int(count) * 24, "branch_stack")
      if kind & EventAttribute.branchCounters != 0 {
        _ = try skip(Int(count) * 8, "branch_stack")
      }
      return entries
    }

    mutating func registers(
      _ mask: UInt64, _ field: String
    ) throws(SampleLayoutError) -> Registers? {
      let abi = try word(field)
      guard abi != 0 else { return nil }
      return Registers(abi: abi, words: try skip(mask.nonzeroBitCount * 8, field))
    }

    /// The size asked for, the bytes, and how many of them the kernel could copy.
    mutating func stack() throws(SampleLayoutError) -> Range<Int> {
      let bytes = try sized("stack_user")
      guard !bytes.isEmpty else { return bytes }
      let copied = Int(clamping: try word("stack_user"))
      return bytes.prefix(copied)
    }
  }
}

extension EventAttribute {
  /// `PERF_SAMPLE_BRANCH_CALL_STACK`: the processor forgets calls that have returned.
  static let branchCallStack: UInt64 = 1 << 11
  /// `PERF_SAMPLE_BRANCH_HW_INDEX`: a word before the branches says where the newest one was.
  static let branchHardwareIndex: UInt64 = 1 << 17
  /// `PERF_SAMPLE_BRANCH_COUNTERS`: a word for each branch behind the branches.
  static let branchCounters: UInt64 = 1 << 19
}

extension SampleType {
  static let branchStack = SampleType(rawValue: 1 << 11)
  static let userRegisters = SampleType(rawValue: 1 << 12)
  static let userStack = SampleType(rawValue: 1 << 13)
  static let weight = SampleType(rawValue: 1 << 14)
  static let dataSource = SampleType(rawValue: 1 << 15)
  static let transaction = SampleType(rawValue: 1 << 17)
  static let interruptRegisters = SampleType(rawValue: 1 << 18)
  static let physicalAddress = SampleType(rawValue: 1 << 19)
  static let aux = SampleType(rawValue: 1 << 20)
  static let cgroup = SampleType(rawValue: 1 << 21)
  static let dataPageSize = SampleType(rawValue: 1 << 22)
  static let codePageSize = SampleType(rawValue: 1 << 23)
  static let weightStruct = SampleType(rawValue: 1 << 24)
}
