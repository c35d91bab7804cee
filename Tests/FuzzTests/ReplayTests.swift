import Foundation
import FuzzTargets
import Testing

/// What fuzzing found, and what it begins with, as ordinary tests.
@Suite(.serialized) struct ReplayTests {
  @Test(arguments: FuzzTarget.allCases) func replay(target: FuzzTarget) throws {
    let corpus = try Self.files(in: target.corpus)
    #expect(!corpus.isEmpty)
    for file in try corpus + Self.files(in: target.crashers) {
      let bytes = Array(try Data(contentsOf: file))
      let start = ContinuousClock.now
      target.run(bytes)
      let time = ContinuousClock.now - start
      #expect(time < .seconds(10), "\(file.lastPathComponent) took \(time)")
    }
  }

  private static func files(in folder: URL) throws -> [URL] {
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    return try FileManager.default
      .contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .sorted { $0.path < $1.path }
  }
}
