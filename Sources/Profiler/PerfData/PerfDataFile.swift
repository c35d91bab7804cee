public import SystemPackage

/// An open recording: its header, in file mode its attributes and feature sections, and the bytes
/// its records are read from.
public struct PerfDataFile: ~Copyable {
  private let file: MappedFile
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

  private init(_ file: consuming MappedFile, path: FilePath) throws(PerfDataError) {
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
    let bytes = file.bytes
    let start = header.data.offset
    guard start <= UInt64(bytes.byteCount) else {
      return sink.unusable(
        PerfDataError(
          .outside(offset: start, size: header.data.size, fileSize: bytes.byteCount),
          at: 40, in: "data section"))
    }
    let left = UInt64(bytes.byteCount) - start
    let size = header.data.size == 0 ? left : min(header.data.size, left)
    var stream = RecordStream(swapped: header.isSwapped)
    stream.read(bytes.extracting(Int(start)..<Int(start + size)), at: start, into: &sink)
    if header.data.size > left { sink.truncated(at: UInt64(bytes.byteCount)) }
  }

  /// The size of the file in bytes.
  public var byteCount: Int { file.count }
}

extension [EventAttribute] {
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
