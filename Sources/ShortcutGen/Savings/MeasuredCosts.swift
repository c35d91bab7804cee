import Foundation

/// Exact instructions a call, as `verify --costs` writes them to `verify.json`: they take the place of
/// the catalogue's. Of several kernels the first counts, of several sizes the smallest.
public struct MeasuredCosts: Sendable, Equatable {
  /// The kernel they were measured on.
  public let kernel: String
  /// Row by row.
  public let costs: [CallCost]

  /// Reads a `verify.json`.
  ///
  /// - Throws: ``AnalysisError`` with what is wrong with it.
  public init(_ json: [UInt8]) throws(AnalysisError) {
    let file: File
    do {
      file = try JSONDecoder().decode(File.self, from: Data(json))
    } catch {
      throw AnalysisError("no verify.json: \(Self.reason(error))")
    }
    guard file.schema == 1 else {
      throw AnalysisError("results of form \(file.schema); this reads form 1")
    }
    guard let first = file.kernels.first(where: { !$0.costs.isEmpty }) else {
      throw AnalysisError("no costs in it; verify --costs measures them")
    }
    (kernel, costs) = (first.release, first.costs)
    for row in costs {
      let spent = [row.faithful, row.lean ?? 0, row.unguarded ?? 0]
      guard spent.allSatisfy({ $0 >= 0 && $0 <= row.systemCall }), row.body <= row.systemCall else {
        throw AnalysisError(
          "costs of \(row.stub): neither a stub nor the body costs more than the system call")
      }
    }
  }

  private struct File: Decodable {
    let schema: Int
    let kernels: [Kernel]
    struct Kernel: Decodable {
      let release: String
      let costs: [CallCost]
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

  /// The rows of the smallest size, by stub.
  var smallest: [CallCost] {
    var best: [String: CallCost] = [:]
    for row in costs where best[row.stub].map({ row.size < $0.size }) ?? true {
      best[row.stub] = row
    }
    return best.sorted { $0.key < $1.key }.map(\.value)
  }
}

extension OperationCatalog {
  /// The catalogue with what was measured in place of its own figures: what a faithful stub saves by
  /// family and call, what entry and exit code is (the mean of all rows), and what guards are.
  public func replacing(_ measured: MeasuredCosts) -> OperationCatalog {
    var out = self
    let rows = measured.smallest
    guard !rows.isEmpty else { return self }
    // Calls that nobody measured are judged as read(2) and write(2).
    for row in rows {
      var net = out.families[row.family]?.net ?? [:]
      net[row.call] = max(0, row.net)
      out.families[row.family]?.net = net
    }
    let entry = rows.map { $0.systemCall - $0.body }
    let guards = rows.compactMap { row in row.unguarded.map { row.faithful - $0 } }
    out.replaceCosts(
      transition: Student.mean(entry), guards: guards.isEmpty ? nil : Student.mean(guards))
    return out
  }
}
