public import SystemPackage

/// An open recording: its header, in file mode its attributes and feature sections, and the bytes
/// its records are read from.
public struct PerfDataFile: ~Copyable {
  /// The file with the header; behind it a directory recording's further ones, all records.
  let files: [MappedFile]
  /// Whether it is a folder of files.
  public let isDirectory: Bool
  /// Why a packed file could not be unpacked to its end.
  let damage: PerfDataError?
  /// As the user named it.
  public let path: FilePath
  /// The header.
  public let header: Header
  /// The events, in the order of the file; in pipe mode none, they come as records.
  public let attributes: [EventAttribute]
  /// What the feature sections say.
  public let features: FeatureSections

  /// Opens a recording and reads everything but its records.
  ///
  /// - Parameter path: a file, plain or packed by gzip, xz or zstd; a folder that
  ///   `perf record --threads` wrote; `-` is standard input, which is copied into a nameless file
  ///   first: a mapped file takes no memory that is not being read.
  /// - Throws: ``PerfDataError`` for a file that is no recording or whose header, attributes or
  ///   sections lie outside it.
  public static func open(_ path: FilePath) throws(PerfDataError) -> PerfDataFile {
    try PerfDataFile(try RecordingSource.open(path), path: path)
  }

  private init(
    _ source: consuming RecordingSource, path: FilePath
  ) throws(PerfDataError) {
    let file = source.file
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
    files = [file] + (source.streams ?? [])
    isDirectory = source.streams != nil
    damage = source.damage
    self.path = path
    self.header = header
    self.features = features
    self.attributes = attributes
  }

  /// Hands every record to `reader`.
  ///
  /// - Parameters:
  ///   - workers: threads to work with.
  ///   - pass: which of them go from header to header.
  /// - Returns: the samples out of compressed records; nil where there are none, or no room for them.
  func readRecords(
    into reader: inout SidebandReader, workers: Int, _ pass: FirstPass
  ) -> UnpackedSamples? {
    let unpacking = SampleUnpacking(files: files.count, isShared: workers > 1)
    let (start, size) = (header.data.offset, UInt64(files[0].count))
    if let damage { reader.unusable(damage) }
    if start > size {
      reader.unusable(
        PerfDataError(
          .outside(offset: start, size: header.data.size, fileSize: files[0].count),
          at: 40, in: "data section"))
    }
    for index in files.indices {
      reader.enter(file: index)
      let range = records(in: index)
      var stream = RecordStream(swapped: header.isSwapped, unpacking: unpacking, file: index)
      let file = files[index]
      let scans = RecordScan.begin(
        file, range, pass, swapped: header.isSwapped)
      stream.read(
        file.bytes.extracting(range), at: UInt64(range.lowerBound), scanned: scans, into: &reader)
    }
    // perf writes the size last: 0 means that it did not come to that.
    let isUnfinished = header.data.size == 0 && !header.isPipe
    if isUnfinished || header.data.size > size - min(start, size) { reader.truncated(at: size) }
    return unpacking.finish()
  }

  /// Where a file's records are. A data section of size 0 (the recorder was killed) or one that
  /// ends behind the file reaches to the file's end.
  func records(in file: Int) -> Range<Int> {
    let end = files[file].count
    guard file == 0 else { return 0..<end }
    let start = Int(clamping: min(header.data.offset, UInt64(end)))
    let left = UInt64(end - start)
    return start..<start + Int(header.data.size == 0 ? left : min(header.data.size, left))
  }

  /// The size in bytes.
  public var byteCount: Int { files.reduce(0) { $0 + $1.count } }
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
