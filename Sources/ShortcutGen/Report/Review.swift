/// What a person who signs a shortcut has to see beside its figures: an entry of `shortcuts.json`.
public struct Review: Sendable, Codable, Equatable {
  /// A line of the application around the call.
  public struct SourceLine: Sendable, Codable, Equatable {
    /// From 1.
    public let number: Int
    /// Without its end.
    public let text: String
    /// Whether the call stands here.
    public let isCall: Bool
  }

  /// A frame that the stub stands in for.
  public struct Frame: Sendable, Codable, Equatable {
    /// Kernel symbol.
    public let function: String
    /// Its side effects, and the slots it calls through.
    public let does: [String]
    /// What becomes of it: `kept: …`, `subsumed: …`, `dropped: …`.
    public let becomes: [String]
  }

  /// A check that the stub makes.
  public struct Guard: Sendable, Codable, Equatable {
    /// What has to be so.
    public let check: String
    /// What runs where it isn't.
    public let otherwise: String
  }

  /// A piece of a generated file.
  public struct Code: Sendable, Codable, Equatable {
    /// Path below the output folder.
    public let file: String
    /// The piece.
    public let text: String

    /// Names a piece of a file.
    public init(file: String, text: String) { (self.file, self.text) = (file, text) }
  }

  /// The application around the call; empty where its sources are not there.
  public let source: [SourceLine]
  /// The trunk, outermost first.
  public let frames: [Frame]
  /// In the order in which they are made.
  public let guards: [Guard]
  /// The stub in the kernel; nil where it is in no generated file.
  public let stub: Code?
  /// The change of the application's file; nil where nothing changes.
  public let diff: Code?
  /// What the application's diff does at the site, or why nothing: one sentence.
  public let application: String
  /// What has to be decided, one sentence each.
  public let decisions: [String]
}

extension Review {
  /// The lines of a source around one.
  public static func lines(of source: [UInt8], around line: Int, context: Int = 4) -> [SourceLine] {
    let all = TextLine.split(source)
    guard all.indices.contains(line - 1) else { return [] }
    return (max(1, line - context)...min(line + context, all.count)).map { number in
      let bytes = all[number - 1].bytes.filter { $0 != 0x0a && $0 != 0x0d }
      return SourceLine(
        number: number, text: String(decoding: bytes, as: UTF8.self), isCall: number == line)
    }
  }
}
