import ArgumentParser
import Foundation
import ShortcutGen

/// What a prediction of savings takes for skipped, and what the user knows beside the recording.
struct SavingOptions: ParsableArguments {
  enum Policy: String, ExpressibleByArgument, CaseIterable {
    case faithful, lean
    case handMade = "hand-made"
  }

  /// `connSocketRead.read=40360`.
  struct Count: ExpressibleByArgument {
    let id: String
    let calls: UInt64

    init?(argument: String) {
      guard let equals = argument.lastIndex(of: "="),
        let calls = UInt64(argument[argument.index(after: equals)...]), calls > 0
      else { return nil }
      (id, self.calls) = (String(argument[..<equals]), calls)
    }
  }

  @Option(
    name: .customLong("policy"),
    help: """
      What savings are predicted for, and stubs generated: 'faithful' ones keep every side effect, \
      the default; 'lean' ones drop those of --drop. 'hand-made' ones keep nothing at all: that is \
      only predicted, the stubs are faithful.
      """)
  var policyName: Policy?

  @Option(help: "Side effects to leave out, separated by commas; means --policy lean.")
  var drop: DropList?

  @Flag(help: "Stubs without guards: for measuring only, and never to be shipped.")
  var noGuards = false

  @Option(
    help: """
      The recording's clock counts instructions (QEMU's -icount with this shift): costs are given in \
      instructions a call.
      """)
  var icount: Int?

  @Option(help: "How often a call site called, CANDIDATE=N; for costs a call. May be given again.")
  var calls: [Count] = []

  @Option(
    help:
      "Instructions a call as 'verify --costs' measured them (verify.json), in place of the catalogue's.",
    completion: .file())
  var costs: String?

  func validate() throws {
    guard policyName != .lean || drop != nil else {
      throw ValidationError("--policy lean needs --drop \(DropList.names)")
    }
    if let policyName, policyName != .lean, drop != nil {
      throw ValidationError("--drop goes with --policy lean, not \(policyName.rawValue)")
    }
    guard !noGuards || policyName != .handMade else {
      throw ValidationError("--policy hand-made has no guards")
    }
    guard icount.map({ (0...10).contains($0) }) ?? true else {
      throw ValidationError("--icount is QEMU's shift, 0 to 10")
    }
  }

  /// The catalogue, with the costs that the user has.
  ///
  /// - Throws: ``InputError`` for a file that has none.
  func catalog() throws -> OperationCatalog {
    guard let costs else { return .shared }
    guard let json = RegularFile.bytes(costs) else {
      throw InputError("\(costs): no readable file of at most 1 MiB")
    }
    do throws(AnalysisError) {
      return OperationCatalog.shared.replacing(try MeasuredCosts(json))
    } catch { throw InputError("\(costs): \(error)") }
  }

  /// What predictions are for.
  var policy: SavingPolicy { policyName == .handMade ? .handMade : .stub(stubPolicy) }

  /// What stubs keep.
  var stubPolicy: StubPolicy { StubPolicy(dropping: drop?.effects ?? [], guards: !noGuards) }

  /// Calls by candidate.
  var callCounts: [String: UInt64] {
    calls.reduce(into: [:]) { $0[$1.id] = $1.calls }
  }

  /// What some events count; nil where it is no cost, or not the same.
  func unit(of events: [String]) -> CostUnit? {
    let units = Set(events.map { String($0.prefix { $0 != ":" && $0 != "/" }) })
    guard let name = units.first, units.count == 1 else { return nil }
    switch name {
    case "cpu-clock", "task-clock":
      guard let icount else { return CostUnit(name: "ns") }
      return CostUnit(name: "instructions", perEvent: 1 / Double(1 << icount))
    case "instructions", "cycles", "cpu-cycles", "ref-cycles": return CostUnit(name: name)
    default: return nil
    }
  }
}

/// Small files that the user names.
enum RegularFile {
  /// No benchmark's, counters' or costs' file is larger.
  private static let largest = 1 << 20

  /// A small regular file's bytes; nil for anything else.
  static func bytes(_ path: String) -> [UInt8]? {
    guard let facts = try? FileManager.default.attributesOfItem(atPath: path),
      facts[.type] as? FileAttributeType == .typeRegular,
      let size = facts[.size] as? Int, size <= largest
    else { return nil }
    return FileManager.default.contents(atPath: path).map(Array.init)
  }
}
