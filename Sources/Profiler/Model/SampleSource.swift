/// The files that the second pass reads samples from, and what of each.
struct SampleSource: Sendable {
  /// The recording's, and behind them what was unpacked from it.
  let files: [MappedFile]
  /// Whether samples stand in the files as they are.
  let isPlain: Bool
  /// Where in the recording unpacked samples come from.
  let origins: RecordOrigins?
  private let cuts: [RecordCut]
  /// Where the records of each file end.
  private var recordEnds: [Int]
  /// Where those end that samples are read of.
  private var ends: [Int]

  /// - Parameters:
  ///   - cuts: places between records of the recording.
  ///   - unpacked: what stands in compressed records.
  ///   - isPlain: whether there are none.
  init(
    _ file: borrowing PerfDataFile, _ cuts: [RecordCut], _ unpacked: UnpackedSamples?,
    isPlain: Bool
  ) {
    recordEnds = file.files.indices.map { file.records(in: $0).upperBound }
    ends = recordEnds
    origins = unpacked?.origins
    guard let unpacked else {
      (files, self.cuts, self.isPlain) = (file.files, cuts, isPlain)
      return
    }
    let start = unpacked.start
    files = file.files + [unpacked.file]
    self.isPlain = true
    self.cuts = cuts.filter { ($0.file, $0.offset) < (start.file, start.offset) } + unpacked.cuts
    ends[start.file] = Int(start.offset)
    ends.append(unpacked.file.count)
    recordEnds.append(unpacked.file.count)
  }

  /// Cuts that a part has at least: a few milliseconds' work.
  private static let cutsPerPart = 4

  /// Cuts the samples into at most `count` parts of about equal size, in their order.
  func parts(count: Int) -> [RecordPart] {
    let most = max(1, cuts.count / SampleSource.cutsPerPart)
    let pieces = min(max(1, count), most, cuts.count)
    return (0..<pieces).map { piece in
      var part = RecordPart()
      for row in piece * cuts.count / pieces..<(piece + 1) * cuts.count / pieces {
        let isLast = row + 1 == cuts.count || cuts[row + 1].file != cuts[row].file
        part.add(cuts[row], to: isLast ? ends[cuts[row].file] : Int(cuts[row + 1].offset))
      }
      return part
    }
  }

  /// Hands the records of a part to `reader`.
  func read(_ part: RecordPart, swapped: Bool, into reader: inout SampleReader) {
    for stretch in part.stretches {
      let (start, file) = (stretch.start, files[stretch.start.file])
      reader.enter(file: isPlain ? start.file : nil, position: start.position)
      var stream = RecordStream(swapped: swapped)
      // What is behind a cut says whether what is before it are records, as it did in the first pass.
      stream.read(
        file.bytes.extracting(Int(start.offset)..<recordEnds[start.file]), at: start.offset,
        upTo: stretch.end - Int(start.offset), into: &reader)
    }
    reader.finish()
  }
}

/// The records that one worker reads: stretches of files, in their order.
struct RecordPart: Sendable {
  fileprivate var stretches: [Stretch] = []

  fileprivate struct Stretch {
    let start: RecordCut
    var end: Int
  }

  fileprivate mutating func add(_ start: RecordCut, to end: Int) {
    if let last = stretches.last, last.start.file == start.file {
      stretches[stretches.count - 1].end = end
    } else {
      stretches.append(Stretch(start: start, end: end))
    }
  }
}
