import Foundation

/// The few files of a kernel tree that the generator reads; a value, so that generating is pure.
public struct KernelTree: Sendable, Equatable {
  /// Text of each file that exists, by its path below the tree.
  public let files: [String: String]
  /// What the stubs are fitted to.
  public private(set) var features: KernelFeatures

  /// A tree of these files, with features that are known.
  public init(files: [String: String], features: KernelFeatures) {
    self.files = files
    self.features = features
  }

  /// Reads what is needed from a kernel tree at `folder`.
  public init(readingFrom folder: String) throws {
    var files: [String: String] = [:]
    for path in Self.pathsOfInterest {
      guard let data = FileManager.default.contents(atPath: "\(folder)/\(path)") else { continue }
      guard let text = String(bytes: data, encoding: .utf8) else {
        throw EmitError.notText(path: path)
      }
      files[path] = text
    }
    self.init(files: files, features: .linux6_1)
    features = try KernelFeatures(of: self)
  }

  /// The same files with stubs fitted to another kernel's features.
  public func fitted(to features: KernelFeatures) -> KernelTree {
    KernelTree(files: files, features: features)
  }

  /// Where trees of the patch set define `UKL_DEEP_SHORTCUT`.
  static let shortcutConfigurations = ["kernel/Kconfig.ukl", "Kconfig.ukl"]

  /// Everything that `init(readingFrom:)` looks at.
  static let pathsOfInterest =
    StubFamily.touchedFiles + shortcutConfigurations + KernelFeatures.headers

  /// Text of a file that has to be there.
  func text(of path: String) throws(EmitError) -> String {
    guard let text = files[path] else { throw .missingInKernelTree(path: path) }
    return text
  }

  /// Whether the tree has the patch set's own switch for shortcuts.
  var definesDeepShortcut: Bool {
    Self.shortcutConfigurations.contains { files[$0].map(Self.definesDeepShortcut) ?? false }
  }

  /// Whether a Kconfig file defines the switch.
  static func definesDeepShortcut(_ text: String) -> Bool {
    text.split(whereSeparator: \.isNewline).contains { $0 == "config UKL_DEEP_SHORTCUT" }
  }
}
