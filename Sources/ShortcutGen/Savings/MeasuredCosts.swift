import Foundation

/// Exact instructions a call of one kernel, as `verify` measures them, in the catalogue's place.
///
///     {"schema": 1, "kernel": "6.1.0-56-amd64",
///      "costs": [{"family": "tcp", "moves": "read", "size": 1, "systemCall": 1685, "body": 1434,
///                 "faithful": 1248, "lean": 957, "unguarded": 1236}]}
///
/// `body` is the ordinary path called in the kernel; `lean` a stub that drops all side effects;
/// `lean` and `unguarded` may be left out. Of several sizes the smallest counts.
public struct MeasuredCosts: Sendable, Decodable, Equatable {
  /// Version of the form.
  public let schema: Int
  /// The kernel they were measured on.
  public let kernel: String
  /// Row by row.
  public let costs: [Row]

  /// One family, one way.
  public struct Row: Sendable, Decodable, Equatable {
    /// As in the catalogue: `tcp`.
    public let family: String
    /// `read` or `write`.
    public let moves: String
    /// Bytes moved.
    public let size: UInt64
    /// By the system call.
    public let systemCall: Double
    /// By its body, called in the kernel.
    public let body: Double
    /// By a stub that keeps everything.
    public let faithful: Double
    /// By a stub that keeps no side effect.
    public let lean: Double?
    /// By a faithful stub without guards.
    public let unguarded: Double?
  }

  /// Reads JSON.
  ///
  /// - Throws: ``AnalysisError`` with what is wrong with it.
  public init(_ json: [UInt8]) throws(AnalysisError) {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(json))
    } catch {
      throw AnalysisError("no table of costs: \(Self.reason(error))")
    }
    guard schema == 1 else { throw AnalysisError("costs of form \(schema); this reads form 1") }
    for row in costs {
      guard 0 <= row.faithful, row.faithful <= row.body, row.body <= row.systemCall else {
        throw AnalysisError(
          "costs of \(row.family) \(row.moves): a stub costs no more than the body, and that no more "
            + "than the system call")
      }
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "'\(key.stringValue)' is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' is of another kind"
    default: "not JSON"
    }
  }

  /// The rows of the smallest size, by family and way.
  var smallest: [Row] {
    var best: [String: Row] = [:]
    for row in costs {
      let key = "\(row.family) \(row.moves)"
      if best[key].map({ row.size < $0.size }) ?? true { best[key] = row }
    }
    return best.sorted { $0.key < $1.key }.map(\.value)
  }
}

extension OperationCatalog {
  /// The catalogue with what was measured in place of its own figures: what a faithful stub saves by
  /// family, what entry and exit code is (the mean of all rows), and what guards are.
  public func replacing(_ measured: MeasuredCosts) -> OperationCatalog {
    var out = self
    let rows = measured.smallest
    guard !rows.isEmpty else { return self }
    for row in rows {
      var net = out.families[row.family]?.net ?? [:]
      net[row.moves] = row.body - row.faithful
      out.families[row.family]?.net = net
    }
    let entry = rows.map { $0.systemCall - $0.body }
    let guards = rows.compactMap { row in row.unguarded.map { row.faithful - $0 } }
    out.replaceCosts(
      transition: Student.mean(entry), guards: guards.isEmpty ? nil : Student.mean(guards))
    return out
  }
}
