import Foundation
import TestSupport

/// `shortcuts.json`, as somebody else's program would read it.
struct Shortcuts: Decodable {
  let schema: Int
  let layout: String
  let event: String
  let total: Int
  let candidates: [Candidate]
  let advice: [Advice]
  let notes: [String]

  struct Candidate: Decodable {
    let id: String
    let syscall: String
    let wrapper: String?
    let site: Site
    let leaf: String?
    let leaves: [String: Int]
    let samples: Int
    let calls: Int?
    let monomorphic: Bool
    let monomorphicLowerBound95: Double
    let trunk: [Frame]
    let hops: [Hop]
    let saves: Savings
    let verdict: String
    let why: String
    let stub: String?
    let ledger: [Effect]
    let review: Review?
  }

  struct Review: Decodable {
    let source: [SourceLine]
    let frames: [ReviewedFrame]
    let guards: [Guard]
    let stub: Code?
    let diff: Code?
    let application: String
    let decisions: [String]
  }

  struct SourceLine: Decodable {
    let number: Int
    let text: String
    let isCall: Bool
  }

  struct ReviewedFrame: Decodable {
    let function: String
    let does: [String]
    let becomes: [String]
  }

  struct Guard: Decodable {
    let check: String
    let otherwise: String
  }

  struct Code: Decodable {
    let file: String
    let text: String
  }

  struct Site: Decodable {
    let function: String?
    let symbol: String?
    let file: String?
    let line: Int?
  }

  struct Frame: Decodable {
    let function: String
    let `self`: Int
    let inclusive: Int
  }

  struct Hop: Decodable, Equatable {
    let caller: String
    let callee: String
    let slot: String
    let table: String?
    let call: String
    let evidence: String
  }

  struct Savings: Decodable {
    let hops: Saving
    let transition: Saving
  }

  struct Saving: Decodable {
    let weight: Double
    let share: Double
    let low95: Double
    let high95: Double
  }

  struct Effect: Decodable {
    let effect: String
    let function: String
    let status: String
    let note: String
  }

  struct Advice: Decodable {
    let option: String
    let share: Double
  }

  init(_ json: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(json.utf8)) }

  /// The analysis of a bundled recording.
  init(analyzing name: String, _ more: [String] = []) throws {
    let folder = try TemporaryFolder()
    let result = try Program.run(
      ["analyze", Fixture.recording(name), "--json", "--output", folder.path] + more)
    self = try Shortcuts(result.text)
  }

  func candidate(_ function: String, _ syscall: String) -> Candidate? {
    candidates.first { $0.site.function == function && $0.syscall == syscall }
  }

  func ids(_ verdict: String) -> Set<String> {
    Set(candidates.filter { $0.verdict == verdict }.map(\.id))
  }
}
