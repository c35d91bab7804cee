public import Foundation

extension ShortcutDocument {
  /// Longest file read; of the largest recordings it is below 1 MiB.
  public static let largest = 64 << 20

  /// Reads a `shortcuts.json`, which may come from anybody.
  ///
  /// - Throws: ``PlanError`` saying what is not as `analyze` writes it, and where.
  public init(reading json: Data) throws(PlanError) {
    guard json.count <= ShortcutDocument.largest else {
      throw .malformed(
        "more than \(ShortcutDocument.largest >> 20) MiB: no file that analyze wrote")
    }
    do {
      let found = try JSONDecoder().decode(SchemaOnly.self, from: json).schema
      guard found == ShortcutDocument.schema else {
        throw PlanError.malformed(
          "its schema is \(found); this program reads \(ShortcutDocument.schema)")
      }
      self = try JSONDecoder().decode(ShortcutDocument.self, from: json)
    } catch let error as PlanError {
      throw error
    } catch let error as DecodingError {
      throw .malformed(error.line)
    } catch {
      throw .malformed("\(error)")
    }
    try check()
  }

  private struct SchemaOnly: Decodable { let schema: Int }

  /// What the types alone don't say.
  private func check() throws(PlanError) {
    var ids: Set<String> = []
    for (index, candidate) in candidates.enumerated() {
      let place = "candidates[\(index)]"
      guard ids.insert(candidate.id).inserted else {
        throw .malformed("\(place).id: '\(candidate.id)' is there twice")
      }
      for share in [candidate.saves.hops.share, candidate.saves.transition.share]
      where !(0...1).contains(share) {
        throw .malformed("\(place).saves: a share of \(share), needed is 0 to 1")
      }
      guard candidate.verdict == .shortcut else { continue }
      guard let kind = candidate.kind, kind.name == candidate.stub else {
        throw .malformed(
          "\(place).stub: \(candidate.stub.map { "'\($0)'" } ?? "null"), but "
            + (candidate.kind.map { "its call and leaf need '\($0.name)'" }
              ?? "there is none for '\(candidate.syscall)' and '\(candidate.leaf ?? "unknown")'"))
      }
    }
  }
}

extension DecodingError {
  /// Where and what, on one line.
  fileprivate var line: String {
    switch self {
    case .keyNotFound(let key, let context):
      "\(DecodingError.path(context.codingPath))no '\(key.stringValue)'"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      "\(DecodingError.path(context.codingPath))not a \(DecodingError.name(type))"
    case .dataCorrupted(let context) where context.debugDescription.contains("not valid JSON"):
      "not JSON, or a number in it doesn't fit"
    case .dataCorrupted(let context):
      DecodingError.path(context.codingPath) + context.debugDescription
    @unknown default: "not of the form that analyze writes"
    }
  }

  /// `candidates[3].trunk[0]: `; empty for the whole file.
  private static func path(_ keys: [any CodingKey]) -> String {
    let path = keys.reduce(into: "") { path, key in
      if let index = key.intValue {
        path += "[\(index)]"
      } else {
        path += (path.isEmpty ? "" : ".") + key.stringValue
      }
    }
    return path.isEmpty ? "" : "\(path): "
  }

  private static func name(_ type: any Any.Type) -> String {
    switch "\(type)" {
    case "String": "text"
    case let name where name.hasPrefix("Array"): "list"
    case "Bool": "true or false"
    case let name where name.contains("Int") || name == "Double": "number that fits"
    default: "object"
    }
  }
}
