/// The samples out of compressed records, in a nameless file: the second pass reads them there and
/// unpacks nothing.
///
/// From the first compressed record on it has all samples, also those between compressed ones, so
/// that they keep their order:
///
///     recording    SAMPLE │ COMPRESSED     SAMPLE │ COMPRESSED
///     this file           │ SAMPLE SAMPLE  SAMPLE │ SAMPLE …
struct UnpackedSamples: Sendable {
  let file: MappedFile
  /// Before which samples stand in the recording itself.
  let start: RecordCut
  /// Places between samples.
  let cuts: [RecordCut]
  let origins: RecordOrigins
}

/// Where in a recording the records of another file come from.
struct RecordOrigins: Sendable {
  /// Of the first record from each compressed one: where it is, and that one's offset.
  private var rows: [(place: UInt64, offset: UInt64)] = []

  mutating func add(_ place: UInt64, from offset: UInt64) {
    if rows.last?.offset != offset { rows.append((place, offset)) }
  }

  /// The offset in the recording; where nothing came from elsewhere, the place itself.
  func offset(of place: UInt64) -> UInt64 {
    let count = rows.countUntil(place) { $0.place }
    return count > 0 ? rows[count - 1].offset : place
  }
}

/// Collects ``UnpackedSamples`` in the first pass.
final class SampleUnpacking {
  private let spool: SampleSpool
  private var start: RecordCut?
  private var cuts: [RecordCut] = []
  private var origins = RecordOrigins()
  private var nextCut: UInt64 = 0
  private var isWhole = true
  /// The number that the nameless file gets.
  private let number: Int

  /// - Parameters:
  ///   - files: how many files the recording has.
  ///   - isShared: whether another thread may write the nameless file.
  init(files: Int, isShared: Bool) {
    number = files
    spool = SampleSpool(isShared: isShared)
  }

  /// Whether a compressed record was met.
  var hasBegun: Bool { start != nil }

  /// Says that a compressed record is unpacked.
  func begin(file: Int, at offset: UInt64) {
    if start == nil { start = RecordCut(file: file, offset: offset, position: 0) }
  }

  /// - Parameters:
  ///   - record: a whole one, its header included.
  ///   - offset: of the record in the recording; for a record out of a compressed one, that one's.
  func keep(_ record: RawSpan, from offset: UInt64) {
    guard isWhole else { return }
    guard let place = spool.write(record) else { return isWhole = false }
    origins.add(place, from: offset)
    guard place >= nextCut else { return }
    cuts.append(RecordCut(file: number, offset: place, position: 0))
    nextCut = place + RecordCut.distance
  }

  /// - Returns: nil where nothing was compressed, or there was no room for all of it.
  func finish() -> UnpackedSamples? {
    guard let start, isWhole, let file = spool.map() else { return nil }
    return UnpackedSamples(file: file, start: start, cuts: cuts, origins: origins)
  }
}
