/// What another option of UKL concerns, as an entry of `shortcuts.json`.
public struct Advice: Sendable, Codable, Equatable {
  /// The option's name in the patch set, or in words where it has none.
  public let option: String
  /// Share of the analysed weight that the option is about: what it saves at the very most.
  public let share: Double
  /// Lower end of the share's exact 95 % interval.
  public let low95: Double
  /// Upper end.
  public let high95: Double
  /// Samples behind the share.
  public let samples: UInt64
  /// What the share is made of, and what it leaves out.
  public let why: String
  /// What the recording shows that speaks against the option.
  public let against: [String]

  init(
    _ option: String, _ tally: Tally, of total: Tally, why: String, against: [String?] = []
  ) {
    self.option = option
    self.why = why
    self.against = against.compactMap { $0 }
    samples = tally.samples
    // The interval is the samples' (each counts once); weight per sample only scales it.
    let weight = Double(tally.weight) / Double(max(total.weight, 1))
    let observed = Double(tally.samples) / Double(max(total.samples, 1))
    let scale = observed > 0 ? weight / observed : 1
    func bound(_ exact: (UInt64, UInt64, Double) -> Double) -> Double {
      min(1, scale * exact(tally.samples, total.samples, 0.025))
    }
    share = rounded(weight)
    low95 = rounded(bound { Binomial.lowerBound(hits: $0, of: $1, alpha: $2) })
    high95 = rounded(bound { Binomial.upperBound(hits: $0, of: $1, alpha: $2) })
  }
}

/// What the side-band records say of the analysed processes.
public struct TaskFacts: Sendable, Equatable {
  /// Threads that records name.
  public var threads = 1
  /// Processes they forked.
  public var forks = 0

  /// Describes processes; without arguments one of one thread that forked nothing.
  public init(threads: Int = 1, forks: Int = 0) {
    self.threads = max(1, threads)
    self.forks = forks
  }
}
