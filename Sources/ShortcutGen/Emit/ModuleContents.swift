import Foundation

/// `module/stubs.json`: what the module's device knows, and what its stubs leave out.
///
///     {"dropped": ["fsnotify"], "guards": true, "schema": 1, "stubs": ["shortcut_tcp_read"]}
public struct ModuleContents: Sendable, Codable, Equatable {
  /// Version of the form.
  public private(set) var schema = 1
  /// Names of the stubs, sorted.
  public let stubs: [String]
  /// Side effects that they leave out, sorted.
  public let dropped: [SideEffect]
  /// Whether they check what the descriptor is.
  public let guards: Bool
  /// What every file of unguarded stubs says.
  public let warning: String?

  /// Its place in the module's folder.
  public static let path = "stubs.json"

  /// Describes a module.
  public init(stubs: [String], policy: StubPolicy) {
    self.stubs = stubs
    dropped = policy.dropped.sorted()
    guards = policy.guards
    warning = policy.guards ? nil : ReviewedFolder.unguardedMark
  }

  /// Reads what ``file()`` wrote.
  ///
  /// - Throws: `DecodingError`.
  public init(reading json: some Sequence<UInt8>) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(json))
  }

  func file() throws -> GeneratedFile {
    GeneratedFile(path: Self.path, bytes: try encodeJSON(self))
  }
}
