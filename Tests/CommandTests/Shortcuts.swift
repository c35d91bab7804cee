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
  let predictions: [Prediction]
  let basis: String
  let systemCalls: [SystemCall]
  let further: [Further]

  struct Distribution: Decodable {
    let values: [Count]

    struct Count: Decodable {
      let value: Int
      let calls: Int
      let leaves: [String: Int]?
      let monomorphicLowerBound95: Double?
    }

    /// How many calls asked for that.
    func calls(_ value: Int) -> Int? { values.first { $0.value == value }?.calls }
  }

  struct Candidate: Decodable {
    let id: String
    let syscall: String
    let wrapper: String?
    let site: Site
    let leaf: String?
    let leaves: [String: Int]
    let samples: Int
    let calls: Int?
    let descriptors: Distribution?
    let callsByLeaf: [String: Int]?
    let sizes: Distribution?
    let monomorphic: Bool
    let monomorphicLowerBound95: Double
    let trunk: [Frame]
    let hops: [Hop]
    let behind: [DeepHop]
    let seen: [Seen]
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

  struct SystemCall: Decodable {
    let syscall: String
    let samples: Int
    let calls: Int?
    let callsByLeaf: [String: Int]?
    let leaves: [String: Int]
    let monomorphic: Bool
  }

  struct Further: Decodable {
    let file: String
    let weighs: Bool
  }

  struct DeepHop: Decodable {
    let slot: String
    let caller: String
    let callees: [String: Int]
    let evidence: String
  }

  struct Seen: Decodable {
    let recording: Int
    let samples: Int
    let leaves: [String: Int]
  }

  struct Site: Decodable {
    let function: String?
    let symbol: String?
    let file: String?
    let line: Int?
    let column: Int?
    let inlined: [String]?
    let heldBy: String?
  }

  struct Frame: Decodable {
    let function: String
    let `self`: Int
    let inclusive: Int
    let recovered: Bool?
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
    let total: Saving
    let policies: [Policy]
    let perCall: PerCall?
  }

  struct Policy: Decodable {
    let policy: String
    let hops: Saving
    let transition: Saving
    let total: Saving
  }

  struct Estimate: Decodable {
    let value: Double
    let low95: Double
    let high95: Double
  }

  struct PerCall: Decodable {
    let calls: Int
    let unit: String
    let inside: Double
    let skipped: Double
    let stub: Double
    let hops: Estimate
    let transition: Estimate
  }

  struct Prediction: Decodable {
    let policy: String
    let share: Estimate
    let machine: Estimate?
    let throughput: Estimate
  }

  struct Saving: Decodable {
    let weight: Double
    let share: Double
    let low95: Double
    let high95: Double
    let stubCost: Double
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
    let low95: Double
    let high95: Double
    let samples: Int
    let against: [String]
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
