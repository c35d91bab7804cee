import Foundation

/// How a tree with the patches is built: shell commands, one on each line.
public struct BuildCommands: Sendable {
  /// Ready for a shell; a line that a person has to complete is a comment.
  public let lines: [String]

  /// The commands of the patch set where the tree is of its kind, else a kernel's own.
  ///
  /// - Parameter program: the application's folder in the patch set, for `--with-program`.
  public init(kernelTree: String?, program: String?) {
    let tree = kernelTree.map { URL(filePath: $0).standardizedFileURL.resolvingSymlinksInPath() }
    if let tree, !Self.isPatchSet(tree), Self.configureFolder(of: tree) == nil {
      lines =
        Self.plain(tree) + ["# with the patch set's own build:"]
        + Self.configure(program).map { "#   \($0)" }
    } else {
      lines = Self.enter(tree) + Self.configure(program)
    }
  }

  private static func configure(_ program: String?) -> [String] {
    let name = program.map(ShellText.quoted) ?? "NAME"
    return ["./configure --with-program=\(name) --enable-shortcuts", "make"]
  }

  private static func plain(_ tree: URL) -> [String] {
    [
      "cd \(ShellText.quoted(tree.path))",
      "scripts/config --enable INET --enable UKL_DEEP_SHORTCUT",
      "make olddefconfig",
      "make",
    ]
  }

  private static func enter(_ tree: URL?) -> [String] {
    guard let tree, let folder = configureFolder(of: tree) else {
      return ["# in the folder that holds the patch set's configure:"]
    }
    let isMade = has("configure", in: folder)
    return ["cd \(ShellText.quoted(folder.path))"] + (isMade ? [] : ["autoreconf -i"])
  }

  /// The patch set keeps the kernel in a folder below its `configure`.
  private static func configureFolder(of tree: URL) -> URL? {
    [tree, tree.deletingLastPathComponent()].first {
      has("configure", in: $0) || has("configure.ac", in: $0)
    }
  }

  private static func isPatchSet(_ tree: URL) -> Bool {
    KernelTree.shortcutConfigurations.contains { path in
      (try? String(contentsOf: tree.appending(path: path), encoding: .utf8))
        .map(KernelTree.definesDeepShortcut) ?? false
    }
  }

  private static func has(_ name: String, in folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: name).path)
  }
}

/// Text on its way into a shell command.
enum ShellText {
  /// The text as one word.
  static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      CharacterClass.isIdentifierPart(byte) && byte < 0x80 && byte != UInt8(ascii: "$")
        || "/.-+,:@=%".utf8.contains(byte)
    }
    if isPlain && !text.isEmpty && !text.hasPrefix("-") { return text }
    return "'\(text.replacing("'", with: #"'\''"#))'"
  }
}
