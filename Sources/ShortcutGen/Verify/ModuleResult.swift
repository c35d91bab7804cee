/// What came of all scenarios with one stub.
public struct StubResult: Sendable, Codable, Equatable {
  /// The stub did what the system call did.
  public private(set) var equal = 0
  /// Different, and not because the system call itself varies.
  public private(set) var different = 0
  /// Different by what the policy of the stub lets it leave out, and by nothing else.
  public private(set) var dropped = 0
  /// Different as the system call is different from itself.
  public private(set) var unstable = 0
  /// Of ``equal`` and ``dropped``: on descriptors of the kind that the stub is for.
  public private(set) var own = 0
  /// Descriptors that the kernel can't make.
  public private(set) var skipped = 0
  /// Scenarios in which the guest hung or broke down.
  public private(set) var lost = 0
  /// Those that came out otherwise, for whatever reason but the policy.
  public private(set) var findings: [Finding] = []

  /// A scenario that did not come out equal.
  public struct Finding: Sendable, Codable, Equatable {
    /// The scenario's name.
    public let scenario: String
    /// What came of it.
    public let result: LabLine.Outcome
    /// What the system call did.
    @ExplicitNull public var expected: String?
    /// What the stub did.
    @ExplicitNull public var seen: String?
    /// The console's last lines, where the guest was lost.
    public let console: [String]
  }

  /// Number of scenarios that have a result.
  public var count: Int { equal + different + dropped + unstable + skipped + lost }

  /// Whether the stub did in every scenario what the system call does, less what its policy drops.
  public var isGood: Bool { different == 0 && lost == 0 && equal + dropped > 0 && isSteady }

  /// Whether no more came out otherwise now and then than a busy machine makes: a stub that fails each
  /// 37th call does it in a few of a hundred scenarios.
  var isSteady: Bool { unstable < 3 || 100 * unstable <= count }

  mutating func add(_ scenario: String, _ result: LabLine.Outcome, _ line: LabLine) {
    switch result {
    case .equal: equal += 1
    case .different: different += 1
    case .dropped: dropped += 1
    case .unstable: unstable += 1
    case .skipped: skipped += 1
    case .lost: lost += 1
    }
    if line.own != nil, [.equal, .dropped].contains(result) { own += 1 }
    guard ![.equal, .dropped, .skipped].contains(result) else { return }
    findings.append(
      Finding(
        scenario: scenario, result: result, expected: line.expected, seen: line.seen,
        console: line.console ?? []))
  }
}

/// What came of all scenarios with one module.
public struct ModuleResult: Sendable, Codable, Equatable {
  /// By stub.
  public private(set) var stubs: [String: StubResult] = [:]
  /// Calls that a stub asked to be repeated as the real system call.
  public private(set) var repeated = 0
  /// Whether its run came to an end.
  public private(set) var isComplete = false
  /// Why it, or a part of the scenarios, could not be run.
  public private(set) var failure: String?

  /// Nothing yet.
  public init() {}

  /// The stubs and their results, by name.
  public var sorted: [(name: String, result: StubResult)] {
    stubs.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The sum of a number over all stubs.
  public func sum(_ number: (StubResult) -> Int) -> Int {
    stubs.values.reduce(0) { $0 + number($1) }
  }

  /// Whether all scenarios have a result.
  var hasAllResults: Bool { isComplete && failure == nil }

  /// Whether all of the stubs are good, and all was run.
  public var isGood: Bool {
    hasAllResults && !stubs.isEmpty && stubs.values.allSatisfy(\.isGood)
  }

  /// The first scenario that shows that a stub is wrong.
  public var firstDifference: StubResult.Finding? {
    sorted.lazy.flatMap(\.result.findings)
      .first { $0.result == .different || $0.result == .lost }
  }

  /// Adds what a line says of this module.
  public mutating func add(_ line: LabLine) {
    if let repeated = line.repeated.flatMap({ Int($0) }) { self.repeated += repeated }
    if line.done == true { isComplete = true }
    if let failed = line.failed { failure = failed }
    guard let scenario = line.scenario, let result = line.result else { return }
    let stub = line.stub ?? "shortcut_\(scenario.prefix { $0 != "/" })"
    stubs[stub, default: StubResult()].add(scenario, result, line)
  }
}
