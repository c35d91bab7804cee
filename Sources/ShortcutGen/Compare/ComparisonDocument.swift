import Profiler

/// What `compare` says, for programs and for people.
public struct ComparisonDocument: Sendable, Encodable {
  /// Version of the form.
  public let schema = 1
  /// What was compared, as the user named it.
  public let before: String
  /// What it was compared with.
  public let after: String
  /// Throughput by load, where both have a benchmark's output.
  public var throughput: [ThroughputChange] = []
  /// The load that the prediction is compared with.
  @ExplicitNull public var load: String?
  /// Call sites that have a shortcut afterwards.
  public var sites: [String] = []
  /// What was predicted for them from the recording before.
  @ExplicitNull public var prediction: Prediction?
  /// What the prediction takes for granted.
  @ExplicitNull public var basis: String?
  /// Whether prediction and measurement exclude each other; nil where one of them is missing.
  @ExplicitNull public var differs: Bool?
  /// Where the time of a request went, by part.
  public var parts: [CostChange] = []
  /// By function of the analysed process.
  public var functions: [CostChange] = []
  /// What perf counted, and ratios of it.
  public var counters: [CounterChange] = []
  /// One line each.
  public var notes: [String] = []

  /// Begins a comparison.
  public init(before: String, after: String) {
    self.before = before
    self.after = after
  }

  /// The change that the prediction is compared with.
  public var measured: ThroughputChange? { throughput.first { $0.load == load } }

  /// Compares the prediction with the measurement.
  public mutating func judge() {
    guard let prediction, let measured else { return }
    let predicted = prediction.throughput
    let (low, high) =
      measured.interval.map { ($0.low95, $0.high95) } ?? (measured.gain, measured.gain)
    differs = high < predicted.low95 || low > predicted.high95
  }
}

/// The comparison as text.
public struct ComparisonText {
  private let document: ComparisonDocument

  /// How many functions are listed each way.
  private static let most = 12

  /// Prepares a text.
  public init(_ document: ComparisonDocument) { self.document = document }

  /// Sections that have something to say.
  public func text() -> String {
    [verdict, throughput, parts, functions, counters].filter { !$0.isEmpty }
      .map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
  }

  private var verdict: [String] {
    guard let prediction = document.prediction else { return [] }
    var lines = [
      "shortcuts afterwards: \(document.sites.map(printable).joined(separator: ", "))",
      "predicted (\(prediction.policy)): throughput \(interval(prediction.throughput))"
        + (document.basis.map { "; \($0)" } ?? ""),
    ]
    if let measured = document.measured {
      let bounds = measured.interval.map {
        " [\(signedPercent($0.low95)) to \(signedPercent($0.high95))]"
      }
      lines.append(
        "measured: throughput \(signedPercent(measured.gain))\(bounds ?? ", one run"), "
          + printable(measured.load))
    }
    if let differs = document.differs {
      lines.append(
        differs
          ? "the intervals exclude each other: there is more to it than the prediction knows"
          : "the intervals agree")
    }
    return lines
  }

  private var throughput: [String] {
    guard !document.throughput.isEmpty else { return [] }
    let rows = document.throughput.map { change in
      [
        "\(signedPercent(change.gain))",
        change.interval.map { "[\(signedPercent($0.low95)) to \(signedPercent($0.high95))]" }
          ?? "–",
        "\(change.before.count)/\(change.after.count)", printable(change.load),
      ]
    }
    return table([["throughput", "95 % interval", "runs", "load"]] + rows, textColumns: [3])
  }

  private var parts: [String] {
    guard !document.parts.isEmpty else { return [] }
    let rows = document.parts.map { change in
      row(change, CostPart(rawValue: change.name)?.title ?? change.name)
    }
    return table(
      [["before", "after", "gained", "95 % interval", "time of a request, of that before"]] + rows,
      textColumns: [4])
  }

  private var functions: [String] {
    let clear = document.functions.filter { $0.gained.low95 > 0 || $0.gained.high95 < 0 }
    guard !document.functions.isEmpty else { return [] }
    guard !clear.isEmpty else { return ["no function's own time changed beyond its interval"] }
    let rows = clear.prefix(Self.most * 2).map { row($0, printable($0.name)) }
    return table(
      [["before", "after", "gained", "95 % interval", "functions whose own time changed"]] + rows,
      textColumns: [4])
  }

  private func row(_ change: CostChange, _ name: String) -> [String] {
    [
      percent(change.before), percent(change.after), signedPercent(change.gained.value),
      "[\(signedPercent(change.gained.low95)) to \(signedPercent(change.gained.high95))]", name,
    ]
  }

  private var counters: [String] {
    guard !document.counters.isEmpty else { return [] }
    func number(_ value: Double) -> String {
      guard abs(value) < 1000 else { return "\(Int(min(abs(value), 9e15).rounded()))" }
      let thousandths = Int((abs(value) * 1000).rounded())
      let digits = String(thousandths % 1000)
      return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
    }
    let rows = document.counters.map { change in
      [
        number(change.before), number(change.after), signedPercent(change.change),
        change.interval.map { "[\(signedPercent($0.low95)) to \(signedPercent($0.high95))]" }
          ?? "–",
        printable(change.name),
      ]
    }
    return table(
      [["before", "after", "change", "95 % interval", "counted"]] + rows, textColumns: [4])
  }

  private func interval(_ estimate: Estimate) -> String {
    "\(signedPercent(estimate.value)) [\(signedPercent(estimate.low95)) to "
      + "\(signedPercent(estimate.high95))]"
  }

  private func table(_ rows: [[String]], textColumns: Set<Int>) -> [String] {
    let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0
    }
    return rows.map { row in
      row.enumerated().map { column, cell in
        textColumns.contains(column)
          ? cell : String(repeating: " ", count: widths[column] - cell.count) + cell
      }.joined(separator: "  ")
    }
  }
}
