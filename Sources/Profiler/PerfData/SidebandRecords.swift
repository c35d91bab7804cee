/// A mapping that a process (or the kernel, pid −1) made: `PERF_RECORD_MMAP` and `MMAP2`.
struct MapRecord: Sendable {
  let pid: Int32
  /// Whether code may stand there.
  let isExecutable: Bool
  /// Row of ``Timeline/files``.
  let file: UInt32
  let start: UInt64
  let length: UInt64
  let pageOffset: UInt64

  init(
    reading body: RawSpan, type: RecordType, misc: RecordMisc, swapped: Bool, at offset: UInt64,
    _ files: inout RecordedFiles
  ) throws(PerfDataError) {
    let name = type == .mmap2 ? "PERF_RECORD_MMAP2" : "PERF_RECORD_MMAP"
    var reader = FieldReader(body, swapped: swapped, at: offset, in: name)
    pid = try reader.i32()
    try reader.skip(4)
    start = try reader.u64()
    length = try reader.u64()
    pageOffset = try reader.u64()
    let identity = reader.offset
    if type == .mmap2 {
      try reader.skip(24)  // device and inode, or a build-id
      isExecutable = try reader.u32() & 4 != 0  // PROT_EXEC
      try reader.skip(4)
    } else {
      isExecutable = !misc.isData
    }
    let id = type == .mmap2 && misc.hasBuildID ? identity..<identity + 24 : identity..<identity
    file = files.number(
      id: body.extracting(id), name: body.extracting(reader.offset..<body.byteCount))
  }
}

/// A thread's new name: `PERF_RECORD_COMM`.
struct CommRecord: Sendable {
  let pid: Int32
  let tid: Int32
  let name: String

  init(reading body: RawSpan, swapped: Bool, at offset: UInt64) throws(PerfDataError) {
    var reader = FieldReader(body, swapped: swapped, at: offset, in: "PERF_RECORD_COMM")
    pid = try reader.i32()
    tid = try reader.i32()
    name = reader.restAsText()
  }
}

/// A task's birth or death: `PERF_RECORD_FORK` and `EXIT`.
struct TaskRecord: Sendable {
  let pid: Int32
  let parentPID: Int32
  let tid: Int32
  let parentTID: Int32
  let time: UInt64

  init(reading body: RawSpan, swapped: Bool, at offset: UInt64) throws(PerfDataError) {
    var reader = FieldReader(body, swapped: swapped, at: offset, in: "PERF_RECORD_FORK")
    pid = try reader.i32()
    parentPID = try reader.i32()
    tid = try reader.i32()
    parentTID = try reader.i32()
    time = try reader.u64()
  }
}

/// Kernel code that came or went at run time (BPF, ftrace): `PERF_RECORD_KSYMBOL`.
struct KSymbolRecord: Sendable {
  let start: UInt64
  let length: UInt32
  let isGone: Bool
  let name: String
}

extension KSymbolRecord {
  init(reading body: RawSpan, swapped: Bool, at offset: UInt64) throws(PerfDataError) {
    var reader = FieldReader(body, swapped: swapped, at: offset, in: "PERF_RECORD_KSYMBOL")
    start = try reader.u64()
    length = try reader.u32()
    try reader.skip(2)
    isGone = try reader.u16() & 1 == 1
    name = reader.restAsText()
  }
}
