import Foundation
import TestSupport
import Testing

/// What `lab/verify` makes of what testers say, without a guest.
@Suite struct LabConversationTests {
  private struct Line: Decodable, Equatable {
    var scenario, result, seen, failed, kernel: String?
    var done: Bool?
  }

  /// Says it all to a conversation about one run of three scenarios in two rooms; what comes out of it, and
  /// which runs are left.
  private func conversation(
    _ said: [String], names: [String] = ["a", "b", "c"]
  ) throws -> (lines: [Line], left: String)? {
    guard let python = Place.tool("python3") else {
      skipped("python3 is not installed")
      return nil
    }
    let script = """
      import sys
      sys.dont_write_bytecode = True
      sys.path.insert(0, "lab")
      from labkit import GuestLost
      from labkit.conversation import Conversation, Run
      talk = Conversation([Run("m", "s", \(names), 2)], 150)
      for line in sys.argv[1:]:
          if line == "hangs":
              talk.heard -= 1000
              talk.lost(GuestLost(talk.hear(b""), []))
              talk.fresh_guest()
          else:
              talk.hear(line.encode() + b"\\n")
      print([(run.rooms, list(run.left)) for run in talk.runs], file=sys.stderr)
      """
    let ended = try run(python, ["-c", script] + said, in: Place.repository)
    try #require(ended.status == 0, "\(ended.stderr)")
    return (
      try ended.lines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) },
      ended.stderr.trimmingCharacters(in: .newlines)
    )
  }

  private static func result(_ name: String, _ result: String, seen: String = "x") -> [String] {
    [
      #"{"start": "\#(name)"}"#,
      #"{"scenario": "\#(name)", "result": "\#(result)", "seen": "\#(seen)"}"#,
    ]
  }
  private static let done = [#"{"done": "m"}"#]

  /// The tester goes through its scenarios once, in its own order; what is to run again must be named in it.
  @Test func whatRunsAgainIsInTheTestersOrder() throws {
    let begun = ["b", "a"].map { #"{"start": "\#($0)"}"# }
    guard let lost = try conversation(begun + ["hangs"]) else { return }
    #expect(lost.left == "[(1, ['a', 'b']), (2, ['c'])]")
    let ended =
      Self.result("c", "different") + Self.result("b", "equal") + Self.result("a", "different")
    let doubted = try #require(try conversation(ended + Self.done))
    #expect(doubted.left == "[(1, ['a', 'c'])]")
  }

  /// Beside others a busy machine may make one: it runs again, alone.
  @Test func differenceBesideOthersHasToShowAlone() throws {
    let first =
      Self.result("a", "different") + Self.result("b", "equal")
      + Self.result("c", "different", seen: "beside") + Self.done
    guard let (lines, left) = try conversation(first) else { return }
    #expect(lines.map(\.scenario) == ["b"])
    #expect(left == "[(1, ['a', 'c'])]")
    let (all, none) = try #require(
      try conversation(
        first + Self.result("a", "different", seen: "alone") + Self.result("c", "equal")
          + Self.done))
    #expect(
      all == [
        Line(scenario: "b", result: "equal", seen: "x"),
        Line(scenario: "a", result: "different", seen: "alone"),
        Line(scenario: "c", result: "unstable", seen: "beside"),
        Line(done: true),
      ])
    #expect(none == "[]")
  }

  /// A tester that was killed has no result of what it ran, and the others come to an end.
  @Test func whatHasNoResultIsSaid() throws {
    let said = Self.result("a", "equal") + [#"{"start": "b"}"#] + Self.result("c", "equal")
    guard let (lines, left) = try conversation(said + Self.done) else { return }
    #expect(
      lines.suffix(2) == [Line(failed: "scenarios without a result: 1"), Line(done: true)])
    #expect(left == "[]")
  }

  /// Minutes each: not one for every scenario there is.
  @Test func stubThatHangsAgainAndAgainIsGivenUp() throws {
    let names = (1...8).map { "x/\($0)" } + ["y/1"]
    let hangs = (1...5).flatMap { [#"{"start": "x/\#($0)"}"#, "hangs"] }
    guard let (lines, left) = try conversation(hangs, names: names) else { return }
    #expect(lines.filter { $0.result == "lost" }.map(\.scenario) == (1...5).map { "x/\($0)" })
    #expect(lines.last?.failed == "x hung 5 guests; 3 of its scenarios were not run")
    #expect(left == "[(2, ['y/1'])]")
  }

  /// It knows its release, whatever its image is called; each guest says it.
  @Test func kernelIsSaidOnce() throws {
    let said = #"{"kernel": "6.1.0"}"#
    guard let (lines, _) = try conversation([said, said]) else { return }
    #expect(lines == [Line(kernel: "6.1.0")])
  }
}
