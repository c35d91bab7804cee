/// A benchmark's output: how much was done in a second, run by run.
public struct Throughput: Sendable, Equatable {
  /// One run.
  public struct Run: Sendable, Equatable {
    /// The line without what was measured: the same for runs with the same settings.
    public let load: String
    /// Requests, operations or transactions a second.
    public let perSecond: Double
  }

  /// In the order of the text.
  public let runs: [Run]

  /// Reads lines that say a number a second: `= 134271/s`, `SET: 90909.09 requests per second`,
  /// `Requests/sec:  18423.11`, `transactions: 5 (1.2 per sec.)`. Others are skipped.
  public init(_ text: String) {
    runs = text.split(whereSeparator: \.isNewline).compactMap { Throughput.run(String($0)) }
  }

  private static func run(_ line: String) -> Run? {
    guard line.utf8.count < 4096 else { return nil }
    let before =
      /(?i)([0-9][0-9,]*(?:\.[0-9]+)?)\s*(?:[a-z]+\s*)?(?:\/\s*s(?:ec(?:ond)?)?\b|per sec)/
    let after = /(?i)(?:\/s(?:ec(?:ond)?)?|per sec(?:ond)?)[^0-9]*:\s*([0-9][0-9,]*(?:\.[0-9]+)?)/
    let rate: Range<String.Index>
    if let match = line.firstMatch(of: after) {
      rate = match.1.startIndex..<match.1.endIndex
    } else if let match = line.firstMatch(of: before) {
      rate = match.1.startIndex..<match.1.endIndex
    } else {
      return nil
    }
    guard let value = Double(line[rate].replacing(",", with: "")), value > 0, value.isFinite else {
      return nil
    }
    let times = /(?i)[0-9][0-9.,]*(?=\s*(?:s|ms|us|µs|ns|msec|usec|sec|secs|second|seconds)\b)/
    let masked = line.replacingCharacters(in: rate, with: "#").replacing(times, with: "#")
    let words = masked.split { $0 == " " || $0 == "\t" || $0 == "\r" }
    return Run(load: words.joined(separator: " "), perSecond: value)
  }

  /// The rates of the runs with one load, in order.
  func rates(of load: String) -> [Double] { runs.filter { $0.load == load }.map(\.perSecond) }

  /// The loads in the order of their first run.
  var loads: [String] {
    runs.reduce(into: []) { if !$0.contains($1.load) { $0.append($1.load) } }
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
    String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
  }
}

/// How a benchmark's results changed, for one load.
public struct ThroughputChange: Sendable, Encodable, Equatable {
  /// The settings, as the benchmark prints them.
  public let load: String
  /// A second, run by run.
  public let before: [Double]
  /// A second, run by run.
  public let after: [Double]
  /// The gain, 0.027 for 2.7 %: of the geometric means.
  public let gain: Double
  /// Its 95 % interval; nil where runs were not repeated.
  @ExplicitNull public var interval: Interval?

  /// Two ends.
  public struct Interval: Sendable, Encodable, Equatable {
    /// Lower end.
    public let low95: Double
    /// Upper end.
    public let high95: Double
  }

  /// The changes of all loads that both have.
  ///
  /// Where both were measured by one script (the loads come in the same order), the n-th runs of a
  /// load are a pair, and the interval is Student's for the mean of the pairs' logarithms; else it is
  /// Welch's for the difference of the means of logarithms.
  public static func changes(_ before: Throughput, _ after: Throughput) -> [ThroughputChange] {
    let isPaired = before.runs.map(\.load) == after.runs.map(\.load)
    return before.loads.compactMap { load in
      let (b, a) = (before.rates(of: load), after.rates(of: load))
      return a.isEmpty ? nil : ThroughputChange(load, b, a, isPaired: isPaired)
    }
  }

  private init(_ load: String, _ before: [Double], _ after: [Double], isPaired: Bool) {
    (self.load, self.before, self.after) = (load, before, after)
    let (b, a) = (before.map(Student.logarithm), after.map(Student.logarithm))
    let change = Student.mean(a) - Student.mean(b)
    gain = rounded(Student.exponential(change) - 1)
    let spread =
      isPaired ? Student.spread(zip(a, b).map { $0 - $1 }) : Student.spread(a, beside: b)
    interval = spread.map {
      Interval(
        low95: rounded(Student.exponential(change - $0) - 1),
        high95: rounded(Student.exponential(change + $0) - 1))
    }
  }
}
