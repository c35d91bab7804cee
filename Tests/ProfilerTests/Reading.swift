import Foundation
import SystemPackage
import TestSupport

@testable import Profiler

/// Writes a recording to a file and gives it to the reader, as the program does.
func read(_ bytes: [UInt8], keepsSamples: Bool = true, workers: Int = 1) throws -> Profile {
  try withTemporaryFolder { folder in
    let path = folder.appendingPathComponent("perf.data").path
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    var selection = SampleSelection()
    selection.keepsSamples = keepsSamples
    return Profile.read(try PerfDataFile.open(FilePath(path)), selection, workers: workers)
  }
}

/// Reads what a builder made.
func read(_ builder: PerfDataBuilder) throws -> Profile { try read(builder.bytes) }

/// The header, attributes and features of what a builder made.
func attributes(of builder: PerfDataBuilder) throws -> [EventAttribute] {
  try read(builder).attributes
}

extension Profile {
  /// Number of records by perf's names.
  var counts: [String: UInt64] {
    var out: [String: UInt64] = [:]
    for (type, count) in recordCounts { out[type.name ?? "\(type.rawValue)"] = count }
    return out
  }

  /// The chain of a sample as recorded.
  func chain(_ sample: Int) -> [UInt64] {
    var words: [UInt64] = []
    groups.chains.copy(groups.rows[samples.stack[sample].index].chain, into: &words)
    return words
  }

  /// Number of samples of each event.
  var samplesPerEvent: [Int] { totals.map(\.samples) }

  /// The thread's name at a sample.
  func comm(_ sample: Int) -> String? {
    let thread = threads[Int(samples.thread[sample])]
    return timeline.comm(of: thread, at: samples.time[sample]).map {
      timeline.comms.names[$0.index]
    }
  }
}

/// An error's kind, for tests that care for nothing else.
func kind(of body: () throws -> Void) -> PerfDataError.Kind? {
  do {
    try body()
    return nil
  } catch let error as PerfDataError {
    return error.kind
  } catch {
    return nil
  }
}
