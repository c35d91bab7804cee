import Foundation
import ShortcutGen
import Testing

/// The whole output for a fixed request, as it is reviewed: Tests/Fixtures/stubs.
///
/// `UKL_UPDATE_GOLDENS=1` rewrites the files, and the run fails so that nobody forgets to look.
@Suite struct StubGoldenTests {
  private static let folder = StubTools.fixtures.appendingPathComponent("stubs")

  private func files() throws -> [GeneratedFile] {
    try StubSamples.kernelFiles() + StubSamples.applicationFiles()
      + StubSamples.moduleFiles(.linux6_1).filter { !$0.path.contains("tcp") }
  }

  @Test func outputIsTheReviewedOne() throws {
    if ProcessInfo.processInfo.environment["UKL_UPDATE_GOLDENS"] == "1" {
      try files().write(to: Self.folder)
      Issue.record("goldens rewritten; look at them and run again without UKL_UPDATE_GOLDENS")
    }
    for file in try files() {
      let golden = Self.folder.appendingPathComponent(file.path)
      let text = try? String(contentsOf: golden, encoding: .utf8)
      #expect(text == file.contents, "\(difference(from: text, to: file)); UKL_UPDATE_GOLDENS=1")
    }
  }

  private func difference(from golden: String?, to file: GeneratedFile) -> String {
    UnifiedDiff(path: file.path, old: golden, new: file.contents).text
  }

  @Test func outputDoesNotDependOnTheOrderOfRequests() throws {
    let reversed = try StubSamples.kernelFiles(StubSamples.both.reversed())
    #expect(try reversed == StubSamples.kernelFiles())
    #expect(reversed.map(\.path) == reversed.map(\.path).sorted())
  }

  @Test(arguments: StubKind.all)
  func onlyTheRequestedStubIsThere(_ kind: StubKind) throws {
    let request = StubRequest(kind: kind, trunk: ["vfs"], evidence: ["site"], planIDs: ["1"])
    let all = try StubSamples.kernelFiles([request]).map(\.contents).joined()
    #expect(all.contains(kind.name + "("))
    for other in StubKind.all where other != kind { #expect(!all.contains(other.name + "(")) }
  }
}
