import Dispatch
import Synchronization

/// Who goes from header to header in the first pass.
package enum FirstPass: Sendable {
  /// So many threads.
  case ofThreads(Int)
  /// One, when all parts of so many bytes but the first have been walked: what threads may come to, for
  /// tests.
  case behindScans(size: Int)
}

/// A later part of a file, whose records a thread may walk through from header to header while what is
/// before it is read.
///
/// Threads take parts from the end of the file backwards, and whoever reads meets them in the middle.
/// Where a record begins, the one before it says: what is found here holds only if reading ends where
/// the walk began. A walk ends before what must be looked at more closely: bytes that are no record,
/// records with a payload, compressed ones.
///
///     read by one thread ───────►            ◄─────────── walked by others
///     ▪▪─────▪───▪▪▪──▪──▪─│──▪▪─────▪──▪──▪─│▪───▪▪──▪▪▪▪────▪─│▪──▪──▪───▪───▪──▪▪─▪
///                                             └ headers stand in a row here
final class RecordScan: Sendable {
  /// Where it begins.
  let start: Int
  private let limit: Int
  private let isTaken = Atomic(false)
  private let isOver = Atomic(false)
  private let walking = DispatchGroup()
  private let found = Mutex(Outcome())

  /// What was found, by offsets in the data: records one behind the other.
  struct Outcome: Sendable {
    /// Where samples stand; between these are other records.
    var stretches: [Stretch] = []
    /// Where the walk ended.
    var end = 0
  }

  /// Samples in a row.
  struct Stretch: Sendable {
    let start: Int
    let samples: Int
    let end: Int
  }

  /// Bytes that a part has at least.
  private static let leastSize = 1 << 20
  /// Parts of a large file: at the end, a thread waits for a part at most.
  private static let mostParts = 64
  /// Stretches that a walk may find: what all parts take, 12 MiB, must not follow the file's size.
  private static let mostStretches = 1 << 13

  private init(start: Int, limit: Int) {
    (self.start, self.limit) = (start, limit)
    walking.enter()
  }

  /// Begins to walk through parts of a file.
  ///
  /// - Parameter records: where they are in the file.
  /// - Returns: its parts but the first, in their order.
  static func begin(
    _ file: MappedFile, _ records: Range<Int>, _ pass: FirstPass, swapped: Bool
  ) -> [RecordScan] {
    let framing = RecordFraming(swapped: swapped, step: 8)
    let data = file.bytes.extracting(records)
    switch pass {
    case .ofThreads(let count):
      guard count > 1 else { return [] }
      let size = max(data.byteCount / mostParts, leastSize)
      let scans = parts(of: data, size: size, framing)
      for _ in 1..<(scans.isEmpty ? 1 : count) {
        DispatchQueue.global().async {
          walk(scans, of: file.bytes.extracting(records), framing)
        }
      }
      return scans
    case .behindScans(let size):
      let scans = parts(of: data, size: size, framing)
      walk(scans, of: data, framing)
      return scans
    }
  }

  /// Cuts records into parts of about `size` bytes.
  private static func parts(
    of data: RawSpan, size: Int, _ framing: RecordFraming
  ) -> [RecordScan] {
    let size = max(size & ~7, 8)
    var starts: [Int] = []
    for place in stride(from: size, to: data.byteCount - size / 2, by: size) {
      guard let start = framing.firstRun(in: data, from: place, before: place + size / 2) else {
        break
      }
      starts.append(start)
    }
    return zip(starts, starts.dropFirst() + [data.byteCount]).map(RecordScan.init)
  }

  /// Walks through parts that nobody has taken, the last one first.
  private static func walk(_ scans: [RecordScan], of data: RawSpan, _ framing: RecordFraming) {
    for scan in scans.reversed() where scan.take() {
      let outcome = scan.walk(data, framing)
      scan.found.withLock { $0 = outcome }
      scan.walking.leave()
    }
  }

  /// What was found, if somebody has taken this part; waits for it. If not, nobody will.
  ///
  /// It is given away: asked for again, it is empty.
  func outcome() -> Outcome? {
    if take() {
      walking.leave()
      return nil
    }
    walking.wait()
    return found.withLock { found in
      defer { found = Outcome() }
      return found
    }
  }

  /// Ends what nobody asks for any more; then the data may go away.
  static func end(_ scans: [RecordScan]) {
    for scan in scans { scan.isOver.store(true, ordering: .relaxed) }
    for scan in scans { _ = scan.outcome() }
  }

  private func take() -> Bool {
    isTaken.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged
  }

  private func walk(_ data: RawSpan, _ framing: RecordFraming) -> Outcome {
    var outcome = Outcome()
    var (place, fetched) = (start, start)
    while place < limit, data.byteCount - place >= RecordHeader.byteCount,
      outcome.stretches.count < RecordScan.mostStretches, !isOver.load(ordering: .relaxed)
    {
      let run = framing.countSamples(in: data, from: place, upTo: limit, fetched: &fetched)
      if run.count > 0 {
        outcome.stretches.append(Stretch(start: place, samples: run.count, end: run.end))
      }
      place = run.end
      guard place < limit, data.byteCount - place >= RecordHeader.byteCount else { break }
      let header = RecordHeader(data, at: place, swapped: framing.swapped)
      if header.type == .sample, run.count > 0 { continue }
      guard framing.leadsOn(header, data, at: place), !header.hasPayload, !header.isCompressed
      else { break }
      place += header.size
    }
    outcome.end = place
    return outcome
  }
}
