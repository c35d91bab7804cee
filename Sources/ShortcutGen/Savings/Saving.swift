/// What is saved, as a share of the analysed thread group.
public struct Saving: Sendable, Codable, Equatable {
  /// Weight saved; less than nothing where a stub spends more than it skips.
  public let weight: Double
  /// `weight` as a share of the analysed weight.
  public let share: Double
  /// Lower end of the share's 95 % interval.
  public let low95: Double
  /// Upper end of the share's 95 % interval.
  public let high95: Double
  /// Weight of what the stub does in place of the skipped frames, already subtracted.
  public let stubCost: Double

  /// Nothing can be saved.
  static let none = Saving(weight: 0, stubCost: 0, of: 1, (0, 0))

  /// - Parameters:
  ///   - total: weight of everything analysed.
  ///   - interval: of the share.
  init(weight: Double, stubCost: Double, of total: Double, _ interval: (low: Double, high: Double))
  {
    self.weight = rounded(weight)
    self.stubCost = rounded(stubCost)
    share = rounded(weight / max(total, 1))
    low95 = rounded(interval.low)
    high95 = rounded(interval.high)
  }
}

/// A number with the interval that holds it with 95 % confidence.
public struct Estimate: Sendable, Codable, Equatable {
  /// The number.
  public let value: Double
  /// Lower end.
  public let low95: Double
  /// Upper end.
  public let high95: Double

  init(_ value: Double, _ interval: (low: Double, high: Double)) {
    self.value = rounded(value)
    low95 = rounded(interval.low)
    high95 = rounded(interval.high)
  }
}

/// What a shortcut saves at one call site, by policy.
public struct PolicySavings: Sendable, Codable, Equatable {
  /// As the flags of `analyze` name it.
  public let policy: String
  /// By skipping the trunk and the dropped side effects, the stub's own cost subtracted.
  public let hops: Saving
  /// By skipping entry and exit code, the mode switches' cost subtracted.
  public let transition: Saving
  /// Both.
  public let total: Saving
}

/// What all shortcuts of a report save together, by policy.
public struct Prediction: Sendable, Codable, Equatable {
  /// As the flags of `analyze` name it.
  public let policy: String
  /// Of the analysed thread group's weight.
  public let share: Estimate
  /// Of what the machine's CPUs did beside idling; nil where only one process was recorded.
  @ExplicitNull public var machine: Estimate?
  /// How much more the same machine gets done in the same time: 0.027 is 2.7 %.
  public let throughput: Estimate
}

/// What a call costs and a shortcut saves, where the number of calls is known.
public struct PerCall: Sendable, Codable, Equatable {
  /// Number of calls.
  public let calls: UInt64
  /// What is counted: `instructions`, `ns`, or the event.
  public let unit: String
  /// Everything inside the call.
  public let inside: Double
  /// What the policy skips of the trunk, before the stub's own cost is subtracted.
  public let skipped: Double
  /// The stub's own cost.
  public let stub: Double
  /// Saved by skipping the trunk.
  public let hops: Estimate
  /// Saved by skipping entry and exit code.
  public let transition: Estimate
}
