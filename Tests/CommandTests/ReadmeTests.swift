import Foundation
import TestSupport
import Testing

/// What the README shows is what the program prints.
@Suite struct ReadmeTests {
  @Test func exampleIsTheProgramsOutput() throws {
    let checkout = URL(filePath: Fixture.root).deletingLastPathComponent()
      .deletingLastPathComponent()
    let readme = try String(contentsOf: checkout.appending(path: "README.md"), encoding: .utf8)
    let prompt = "$ ukl-shortcut analyze "
    let start = try #require(readme.range(of: prompt))
    let end = try #require(readme[start.upperBound...].range(of: "```"))
    let lines = readme[start.upperBound..<end.lowerBound].split(
      separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    let folder = try TemporaryFolder()
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/Tests", withDestinationPath: checkout.appending(path: "Tests").path)
    let result = try Program.run(["analyze", String(lines[0])], in: folder.path)
    #expect(result.stderr + result.text == lines[1])
  }
}
