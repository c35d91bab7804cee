public import SystemPackage

/// An open recording: its header, in file mode its attributes and feature sections, and the bytes
/// its records are read from.
public struct PerfDataFile: ~Copyable {
  /// Its bytes.
  let file: MappedFile
  /// As the user named it.
  public let path: FilePath
  /// The header.
  public let header: Header
  /// The events, in the order of the file; in pipe mode none, they come as records.
  public let attributes: [EventAttribute]
  /// What the feature sections say.
  public let features: FeatureSections

  /// Maps a recording and reads everything but its records. `-` is standard input, which is
  /// copied into a nameless file first: a mapped file takes no memory that is not being read.
  ///
  /// - Throws: ``PerfDataError`` for a file that is no recording or whose header, attributes or
  ///   sections lie outside it.
  public static func open(_ path: FilePath) throws(PerfDataError) -> PerfDataFile {
    let file: MappedFile
    do {
      file = try path == "-" ? MappedFile.copy(of: .standardInput) : MappedFile.open(path)
    } catch .isDirectory {
      throw PerfDataError(.unsupported("a directory recording"), at: 0, in: "recording")
    } catch {
      throw PerfDataError(.io("\(error)"), at: 0, in: "recording")
    }
    return try PerfDataFile(file, path: path)
  }

  private init(_ file: MappedFile, path: FilePath) throws(PerfDataError) {
    let header = try Header(reading: file.bytes)
    var features = FeatureSections()
    var attributes: [EventAttribute] = []
    if !header.isPipe {
      features = FeatureSections(file.bytes, header: header)
      attributes = try readAttributes(file.bytes, header: header)
      guard !attributes.isEmpty else {
        throw PerfDataError(.badValue("no event attributes"), at: 24, in: "header")
      }
      attributes.takeNames(from: features)
    }
    self.file = file
    self.path = path
    self.header = header
    self.features = features
    self.attributes = attributes
  }

  /// Hands every record to `sink`. A data section of size 0 (the recorder was killed) or one that
  /// ends behind the file is read to the file's end.
  func readRecords(into sink: inout some RecordSink) {
    let start = header.data.offset
    guard start <= UInt64(file.count) else {
      return sink.unusable(
        PerfDataError(
          .outside(offset: start, size: header.data.size, fileSize: file.count),
          at: 40, in: "data section"))
    }
    var stream = RecordStream(swapped: header.isSwapped)
    stream.read(file.bytes.extracting(Int(start)..<Int(endOfData)), at: start, into: &sink)
    let left = UInt64(file.count) - start
    // perf writes the size last: 0 means that it did not come to that.
    let isUnfinished = header.data.size == 0 && !header.isPipe
    if header.data.size > left || isUnfinished { sink.truncated(at: UInt64(file.count)) }
  }

  /// Where the records end in the file.
  var endOfData: UInt64 {
    let start = min(header.data.offset, UInt64(file.count))
    let left = UInt64(file.count) - start
    return start + (header.data.size == 0 ? left : min(header.data.size, left))
  }

  /// The size of the file in bytes.
  public var byteCount: Int { file.count }
}

extension [EventAttribute] {
  /// The row of each event's id.
  var rowsByID: [UInt64: UInt16] {
    var rows: [UInt64: UInt16] = [:]
    for (row, attribute) in enumerated() {
      for id in attribute.ids { rows[id] = UInt16(clamping: row) }
    }
    return rows
  }

  /// Names the events as `HEADER_EVENT_DESC` does.
  mutating func takeNames(from features: FeatureSections) {
    var owners: [UInt64: Int] = [:]
    for (index, attribute) in enumerated().reversed() {
      for id in attribute.ids { owners[id] = index }
    }
    for (index, event) in features.eventNames.enumerated() {
      let owner = event.ids.compactMap { owners[$0] }.min()
      // Old recordings have no ids; their descriptions stand in the attributes' order.
      let target = owner ?? (event.ids.isEmpty && index < count ? index : nil)
      if let target { self[target].name = event.name }
    }
  }
}
