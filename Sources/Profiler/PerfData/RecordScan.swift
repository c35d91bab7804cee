import Dispatch
import Synchronization

/// A walk from header to header through a later part of a file, while what is before it is read.
///
/// Where a record begins, the one before it says: what is found here holds only if reading ends where
/// the walk began. A walk ends before what must be looked at more closely: bytes that are no record,
/// records with a payload, compressed ones.
///
///     read by one thread                    │ walked by another         │ and another
///     ▪▪─────▪───▪▪▪──▪──▪───▪──▪▪─────▪──▪──▪──▪───▪▪──▪▪▪▪────▪──▪──▪──▪───▪───▪──▪▪─▪
///                                           └ headers stand in a row here
final class RecordScan: Sendable {
  /// Where it begins.
  let start: Int
  private let walking = DispatchGroup()
  private let found = Mutex(Outcome())

  /// What was found, by offsets in the data.
  struct Outcome: Sendable {
    /// All records, one behind the other.
    var stretches: [Stretch] = []
    /// Where the walk ended.
    var end = 0
  }

  /// Samples in a row. What stands at the end is another record, or the next stretch.
  struct Stretch: Sendable {
    let start: Int
    let samples: Int
    let end: Int
  }

  /// Bytes that a part has at least: walking them takes longer than to begin a thread.
  static let usualSize = 4 << 20
  /// Stretches that a walk may find: what it takes must not follow the file's size.
  private static let mostStretches = 1 << 19

  private init(start: Int) { self.start = start }

  /// Begins to walk through all but the first of the parts of equal size that a file's records are cut
  /// into.
  ///
  /// - Parameters:
  ///   - records: where they are in the file.
  ///   - parts: how many there may be.
  ///   - least: bytes of each.
  static func begin(
    _ file: MappedFile, _ records: Range<Int>, parts: Int, least: Int = usualSize, swapped: Bool
  ) -> [RecordScan] {
    let size = max(records.count / max(1, parts), least) & ~7
    let framing = RecordFraming(swapped: swapped, step: 8)
    let data = file.bytes.extracting(records)
    var starts: [Int] = []
    for place in stride(from: size, to: records.count - size / 2, by: size) {
      guard let start = framing.firstRun(in: data, from: place, before: place + size / 2) else {
        break
      }
      starts.append(start)
    }
    return starts.enumerated().map { index, start in
      let scan = RecordScan(start: start)
      let limit = index + 1 < starts.count ? starts[index + 1] : records.count
      DispatchQueue.global().async(group: scan.walking) {
        let outcome = scan.walk(file.bytes.extracting(records), upTo: limit, framing)
        scan.found.withLock { $0 = outcome }
      }
      return scan
    }
  }

  /// What was found; waits for it.
  func outcome() -> Outcome {
    walking.wait()
    return found.withLock { $0 }
  }

  private func walk(_ data: RawSpan, upTo limit: Int, _ framing: RecordFraming) -> Outcome {
    var outcome = Outcome()
    var (place, fetched) = (start, start)
    while place < limit, data.byteCount - place >= RecordHeader.byteCount,
      outcome.stretches.count < RecordScan.mostStretches
    {
      var count = 0
      let end = framing.samples(
        in: data, from: place, upTo: min(limit, place + Int(RecordCut.distance)), fetched: &fetched
      ) { _, _ in count &+= 1 }  // records of a file
      outcome.stretches.append(Stretch(start: place, samples: count, end: end))
      place = end
      guard place < limit, data.byteCount - place >= RecordHeader.byteCount else { break }
      let header = RecordHeader(data, at: place, swapped: framing.swapped)
      if header.type == .sample, count > 0 { continue }
      guard framing.leadsOn(header, data, at: place), !header.hasPayload, !header.isCompressed
      else { break }
      place += header.size
    }
    outcome.end = place
    return outcome
  }
}
