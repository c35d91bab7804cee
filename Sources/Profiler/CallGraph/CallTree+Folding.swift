/// What a sample counts.
public enum Weighting: String, Sendable, CaseIterable {
  /// One for each sample.
  case samples
  /// The sample's period: events, or nanoseconds of a clock.
  case period
}

extension WeightedStack {
  /// The stack's weight in the chosen unit.
  public func weight(_ weighting: Weighting) -> UInt64 {
    weighting == .samples ? samples : period
  }
}

extension CallTree {
  /// Merges the stacks of the rows for which `isWanted` holds.
  ///
  /// - Parameter byThread: put each stack below a row for its thread's name.
  public init(
    _ profile: ResolvedProfile, weighting: Weighting = .samples, byThread: Bool = true,
    where isWanted: (WeightedStack) -> Bool = { _ in true }
  ) {
    let threads = profile.comms.map { Function(symbol: $0, name: $0, origin: .thread) }
    self.init(functions: profile.functions + (byThread ? threads : []))
    for row in profile.rows where isWanted(row) {
      var node = 0
      if byThread {
        node = child(of: 0, calling: FunctionID(profile.functions.count + row.comm))
      }
      for location in profile.stacks[row.stack] {
        node = child(of: node, calling: profile.locations.function[location.index])
      }
      add(row.weight(weighting), to: node)
    }
    seal()
  }
}
