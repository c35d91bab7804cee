import SystemPackage

/// A mapping that a process (or the kernel, pid −1) made: `PERF_RECORD_MMAP` and `MMAP2`.
struct MapRecord: Sendable {
  let pid: Int32
  /// Where in the record the path begins.
  private let pathPlace: Int32
  let start: UInt64
  let length: UInt64
  let pageOffset: UInt64
  /// Bytes that are not UTF-8 are replaced by U+FFFD; ``Timeline/fileNames`` has them.
  let path: String
  let buildID: BuildID?
  /// Whether code may stand there.
  let isExecutable: Bool

  init(
    reading body: RawSpan, type: RecordType, misc: RecordMisc, swapped: Bool, at offset: UInt64
  ) throws(PerfDataError) {
    let name = type == .mmap2 ? "PERF_RECORD_MMAP2" : "PERF_RECORD_MMAP"
    var reader = FieldReader(body, swapped: swapped, at: offset, in: name)
    pid = try reader.i32()
    try reader.skip(4)
    start = try reader.u64()
    length = try reader.u64()
    pageOffset = try reader.u64()
    if type == .mmap2 {
      buildID = try MapRecord.identity(&reader, misc: misc)
      isExecutable = try reader.u32() & 4 != 0  // PROT_EXEC
      try reader.skip(4)
    } else {
      buildID = nil
      isExecutable = !misc.isData
    }
    pathPlace = Int32(reader.offset)
    path = reader.restAsText()
  }

  /// The path as it stands in the record, where its text may not be all of it.
  ///
  /// - Parameter body: what the record was read from.
  func fileName(in body: RawSpan) -> FilePath? {
    // Text of which all is ASCII has as many units in either form; it knows how many.
    guard path.utf8.count != path.utf16.count, path.unicodeScalars.contains("\u{fffd}") else {
      return nil
    }
    let bytes = body.extracting(Int(pathPlace)..<body.byteCount).copied().prefix { $0 != 0 }
    return FilePath(platformString: bytes.map { CChar(bitPattern: $0) } + [0])
  }

  /// The 24 bytes behind the page offset: device and inode, or a build-id.
  private static func identity(
    _ reader: inout FieldReader, misc: RecordMisc
  ) throws(PerfDataError) -> BuildID? {
    guard misc.hasBuildID else {
      try reader.skip(24)
      return nil
    }
    let size = min(Int(try reader.u8()), 20)
    try reader.skip(3)
    var bytes: [UInt8] = []
    for _ in 0..<20 { bytes.append(try reader.u8()) }
    return BuildID(Array(bytes[..<size]))
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
