import Foundation

/// What `perf stat` counted (text as it prints it, `-x,` or `-j`), or a recording.
public struct Counters: Sendable, Equatable {
  /// One event.
  public struct Counter: Sendable, Equatable {
    /// As perf names it, without modifiers: `instructions`.
    public let event: String
    /// How many.
    public let value: Double
    /// Standard error of the mean in percent, where runs were repeated (`perf stat -r`).
    public let error: Double?

    /// Both together; what they err by is independent.
    func adding(_ other: Counter) -> Counter {
      let sum = value + other.value
      guard let a = error, let b = other.error, sum > 0 else {
        return Counter(event: event, value: sum, error: nil)
      }
      let (x, y) = (a * value, b * other.value)
      return Counter(event: event, value: sum, error: (x * x + y * y).squareRoot() / sum)
    }
  }

  /// In the order of the text, each event once.
  public private(set) var counters: [Counter] = []

  /// A line's counter.
  private struct Found {
    let counter: Counter
    /// Whether it is of one interval, CPU, core or kind of cores, and others are to be added to it.
    let isPart: Bool

    /// `cpu_core/cycles/u` and `cycles:u` are `cycles`.
    init?(_ name: Substring, _ value: Double, _ error: Double?, isPart: Bool = false) {
      let inner = name.split(separator: "/")
      let event = (inner.count > 1 ? inner[1] : name).prefix { $0 != ":" }
      guard let first = event.first, first.isLetter else { return nil }
      counter = Counter(event: String(event), value: value, error: error)
      self.isPart = isPart || ["cpu_core/", "cpu_atom/"].contains(where: name.hasPrefix)
    }
  }

  /// Reads what it can; text of another kind has no counters.
  public init(_ text: String) {
    for line in text.split(whereSeparator: \.isNewline) where line.utf8.count < 4096 {
      let line = line.drop { $0 == " " || $0 == "\t" }
      guard
        let found = Counters.json(line) ?? Counters.separated(line) ?? Counters.printed(line)
      else { continue }
      add(found)
    }
  }

  /// What a recording's samples stand for, by event: the sums of their periods.
  public init(recorded totals: [(event: String, period: UInt64)]) {
    for (name, period) in totals where period > 0 {
      add(Found(Substring(name), Double(period), nil))
    }
  }

  private init() {}

  private mutating func add(_ found: Found?) {
    guard let found else { return }
    let counter = found.counter
    guard let index = counters.firstIndex(where: { $0.event == counter.event }) else {
      return counters.append(counter)
    }
    guard found.isPart else { return }
    counters[index] = counters[index].adding(counter)
  }

  /// Adds another file's events.
  public mutating func add(_ other: Counters) {
    for counter in other.counters where !counters.contains(where: { $0.event == counter.event }) {
      counters.append(counter)
    }
  }

  /// Nothing counted.
  public static let none = Counters()

  /// An event's counter.
  public func counter(_ event: String) -> Counter? { counters.first { $0.event == event } }

  /// `1,234,567      cycles:u     #    1.905 GHz      ( +-  0.12% )`.
  private static func printed(_ line: Substring) -> Found? {
    guard let first = line.first, first.isNumber, !line.contains("seconds") else { return nil }
    let parts = line.split(separator: "#", maxSplits: 1)
    let words = (parts.first ?? "").split { $0 == " " || $0 == "\t" }
    guard words.count >= 2, let value = number(words[0]) else { return nil }
    let isTime = ["msec", "Joules"].contains(words[1])
    guard words.count > (isTime ? 2 : 1) else { return nil }
    let spread = line.firstMatch(of: /\(\s*\+-\s*([0-9.,]+)%/).flatMap { percent($0.1) }
    return Found(words[isTime ? 2 : 1], value, spread)
  }

  /// `1234567,,cycles,1000000,100.00,1.9,GHz`, after an interval's time or a CPU if there is one.
  private static func separated(_ line: Substring) -> Found? {
    for separator in [",", ";"] as [Character] {
      let fields = line.split(separator: separator, omittingEmptySubsequences: false)
      guard fields.count >= 5 else { continue }
      for place in 0..<min(3, fields.count - 2) {
        guard let value = number(fields[place]),
          ["", "msec", "Joules"].contains(fields[place + 1]),
          let letter = fields[place + 2].first, letter.isLetter
        else { continue }
        let spread = fields.dropFirst(place + 3).first { $0.hasSuffix("%") }
        return Found(
          fields[place + 2], value, spread.flatMap { percent($0.dropLast()) }, isPart: place > 0)
      }
    }
    return nil
  }

  private struct Line: Decodable {
    let event: String
    let value: String
    let variance: Double?
    let interval: Double?
    let cpu, core, die, socket, node, thread: String?

    enum CodingKeys: String, CodingKey {
      case event, variance, interval, cpu, core, die, socket, node, thread
      case value = "counter-value"
    }

    var isPart: Bool {
      interval != nil || [cpu, core, die, socket, node, thread].contains { $0 != nil }
    }
  }

  private static func json(_ line: Substring) -> Found? {
    guard line.first == "{",
      let found = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)),
      let value = number(Substring(found.value))
    else { return nil }
    return Found(Substring(found.event), value, found.variance, isPart: found.isPart)
  }

  /// As the user's language writes it: `1,234.56`, `1.234,56`, `1’234`. perf never prints three decimals: three
  /// digits behind a separator are thousands.
  private static func number(_ text: Substring) -> Double? {
    let groups = text.split(omittingEmptySubsequences: false) { ",.'’\u{A0}\u{202F}".contains($0) }
    guard groups.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } }) else {
      return nil
    }
    let hasFraction = groups.count > 1 && groups.last?.count != 3
    let whole = (hasFraction ? groups.dropLast() : groups[...]).joined()
    return Double(hasFraction ? "\(whole).\(groups[groups.count - 1])" : whole)
      .flatMap { $0.isFinite ? $0 : nil }
  }

  private static func percent(_ text: Substring) -> Double? {
    Double(text.replacing(",", with: "."))
  }
}

/// An event before and after.
public struct CounterChange: Sendable, Encodable, Equatable {
  /// The event, or what is computed of two: `instructions per cycle`.
  public let name: String
  /// The number before.
  public let before: Double
  /// The number after.
  public let after: Double
  /// Relative change, −0.041 for 4.1 % less.
  public let change: Double
  /// Its 95 % interval, where runs were repeated.
  @ExplicitNull public var interval: ThroughputChange.Interval?
}

extension CounterChange {
  /// The events both have, and the thesis' ratios of them.
  public static func changes(_ before: Counters, _ after: Counters) -> [CounterChange] {
    let events = before.counters.compactMap { counter in
      after.counter(counter.event).flatMap { CounterChange(counter.event, counter, $0) }
    }
    return events + ratios.compactMap { ratio(name: $0, of: $1, by: $2, before, after) }
  }

  private static let ratios = [
    ("instructions per cycle", "instructions", "cycles"),
    ("branch misses per branch", "branch-misses", "branches"),
    ("cache misses per reference", "cache-misses", "cache-references"),
    ("L1d misses per load", "L1-dcache-load-misses", "L1-dcache-loads"),
    ("LLC misses per load", "LLC-load-misses", "LLC-loads"),
    ("dTLB misses per load", "dTLB-load-misses", "dTLB-loads"),
    ("iTLB misses per load", "iTLB-load-misses", "iTLB-loads"),
  ]

  private static func ratio(
    name: String, of top: String, by bottom: String, _ before: Counters, _ after: Counters
  ) -> CounterChange? {
    guard let a = before.counter(top), let b = before.counter(bottom), b.value > 0,
      let c = after.counter(top), let d = after.counter(bottom), d.value > 0
    else { return nil }
    func error(_ x: Counters.Counter, _ y: Counters.Counter) -> Double? {
      guard let x = x.error, let y = y.error else { return nil }
      return (x * x + y * y).squareRoot()
    }
    return CounterChange(
      name, Counters.Counter(event: name, value: a.value / b.value, error: error(a, b)),
      Counters.Counter(event: name, value: c.value / d.value, error: error(c, d)))
  }

  private init?(_ name: String, _ before: Counters.Counter, _ after: Counters.Counter) {
    guard before.value > 0 else { return nil }
    self.name = name
    (self.before, self.after) = (rounded(before.value), rounded(after.value))
    let ratio = after.value / before.value
    change = rounded(ratio - 1)
    if let b = before.error, let a = after.error {
      let spread = 1.96 * ratio * (a * a + b * b).squareRoot() / 100
      interval = ThroughputChange.Interval(
        low95: rounded(ratio - 1 - spread), high95: rounded(ratio - 1 + spread))
    }
  }
}
