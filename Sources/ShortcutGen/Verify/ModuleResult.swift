/// What came of all scenarios with one module.
public struct ModuleResult: Sendable, Encodable, Equatable {
  /// How many scenarios came out how.
  public private(set) var equal = 0
  /// Different, and not because the system call itself varies.
  public private(set) var different = 0
  /// Different as the system call is different from itself.
  public private(set) var unstable = 0
  /// Descriptors that the kernel can't make.
  public private(set) var skipped = 0
  /// Scenarios in which the guest hung or broke down.
  public private(set) var lost = 0
  /// Calls that a stub asked to be repeated as the real system call.
  public private(set) var reissued = 0
  /// All but those that came out equal.
  public private(set) var findings: [Finding] = []
  /// Whether all scenarios have a result.
  public private(set) var isComplete = false

  /// A scenario that did not come out equal.
  public struct Finding: Sendable, Encodable, Equatable {
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

  /// Nothing yet.
  public init() {}

  /// Number of scenarios that ran.
  public var count: Int { equal + different + unstable + skipped + lost }

  /// Whether the stub did in every scenario what the system call does.
  public var isGood: Bool { isComplete && different == 0 && lost == 0 && equal > 0 }

  /// The first scenario that shows the stub is wrong.
  public var firstDifference: String? {
    findings.first { $0.result == .different || $0.result == .lost }?.scenario
  }

  /// Adds what a line says of this module.
  public mutating func add(_ line: LabLine) {
    if let reissued = line.reissued.flatMap({ Int($0) }) { self.reissued += reissued }
    if line.done == true { isComplete = true }
    guard let scenario = line.scenario, let result = line.result else { return }
    switch result {
    case .equal: equal += 1
    case .different: different += 1
    case .unstable: unstable += 1
    case .skipped: skipped += 1
    case .lost: lost += 1
    }
    guard result != .equal && result != .skipped else { return }
    findings.append(
      Finding(
        scenario: scenario, result: result, expected: line.expected, seen: line.seen,
        console: line.console ?? []))
  }
}
