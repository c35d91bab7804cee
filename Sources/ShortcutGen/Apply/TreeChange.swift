import Foundation
import Profiler

/// A tree and what is to be changed in it.
///
/// What goes with the patches, a header and lines of `redef_sym_names`, becomes part of the patch, so
/// that there is one way to write: `git apply`, which changes nothing where anything doesn't fit.
public struct TreeChange: Sendable {
  /// The tree as the user named it.
  public let tree: String
  /// Files of the reviewed folder that are applied, by path below it.
  public let sources: [String]
  /// Files of the tree that are changed or added, in order.
  public let paths: [String]
  /// Where the tree really is.
  let folder: String
  private let own: PatchText
  private let whole: PatchText

  /// The kernel's series for a kernel tree.
  public static func kernel(
    _ tree: String, from reviewed: ReviewedFolder
  ) throws(ApplyError) -> TreeChange {
    guard !reviewed.kernelPatches.isEmpty else {
      throw .noPatch(
        folder: reviewed.path, wanted: "kernel/*.patch",
        advice: "no call site of the recording gets a stub")
    }
    return try TreeChange(tree, reviewed.kernelPatches, reviewed, header: nil)
  }

  /// The application's patch for its sources.
  public static func application(
    _ tree: String, from reviewed: ReviewedFolder
  ) throws(ApplyError) -> TreeChange {
    guard let patch = reviewed.applicationPatch else {
      throw .noPatch(
        folder: reviewed.path, wanted: "app/app.patch",
        advice: "analyze makes it with --app-source")
    }
    return try TreeChange(tree, [patch], reviewed, header: reviewed.header)
  }

  private init(
    _ tree: String, _ patches: [GeneratedFile], _ reviewed: ReviewedFolder, header: GeneratedFile?
  ) throws(ApplyError) {
    self.tree = tree
    sources = patches.map(\.path)
    folder = try Self.resolved(tree)
    own = PatchText(patches.map(\.bytes))
    let patched = try Self.paths(in: own)
    let companions = Companions(folder: folder, patched: patched)
    var more = try companions.redefinitions(reviewed.redefinitions).map { [$0] } ?? []
    if let header { more += try companions.copies(of: header) }
    whole = PatchText([own.bytes] + more.map(\.bytes))
    paths = patched + more.filter { !$0.bytes.isEmpty }.map(\.path)
  }

  private static func resolved(_ tree: String) throws(ApplyError) -> String {
    let folder = URL(filePath: tree).standardizedFileURL.resolvingSymlinksInPath().path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
      isFolder.boolValue
    else { throw .unreadable(path: tree, reason: "no such folder") }
    return folder
  }

  /// What the patch touches, as git reads it.
  private static func paths(in patch: PatchText) throws(ApplyError) -> [String] {
    let listing = try Git.apply(patch.bytes, ["--numstat", "-z"])
    guard listing.status == 0 else {
      throw .git(
        "git can't read the patches: \(listing.errors.first ?? "status \(listing.status)")")
    }
    var paths: [String] = []
    for field in listing.output.split(separator: "\0") {
      let columns = field.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false)
      let path = String(columns.count == 3 ? columns[2] : field)
      if !path.isEmpty, !paths.contains(path) { paths.append(path) }
    }
    return paths
  }
}

extension TreeChange {
  /// Whether everything fits; nothing is changed.
  public func check() throws(ApplyError) {
    for path in paths { try TreePath(path, below: folder).check() }
    try checkModes()
    let outcome = try Git.apply(whole.bytes, ["--check"], tree: folder)
    guard outcome.status != 0 else { return }
    if try Git.apply(own.bytes, ["--check", "--reverse"], tree: folder).status == 0 {
      throw .appliedAlready(tree: tree)
    }
    throw .misfit(tree: tree, files: Misfits(patch: whole, folder: folder).read(outcome.errors))
  }

  /// A patch may hold links and submodules; ours never do.
  private func checkModes() throws(ApplyError) {
    let summary = try Git.apply(whole.bytes, ["--summary"])
    let modes = ["mode 120000 ", "=> 120000 ", "mode 160000 ", "=> 160000 "]
    for line in summary.output.split(separator: "\n") where modes.contains(where: line.contains) {
      throw .forbidden(
        path: tree, reason: "the patch makes a link or submodule (\(line.drop { $0 == " " }))")
    }
  }

  /// Makes the change, which has been checked.
  func apply() throws(ApplyError) {
    let outcome = try Git.apply(whole.bytes, [], tree: folder)
    if outcome.status != 0 {
      throw .git("\(tree): \(outcome.errors.first ?? "git apply failed")")
    }
  }
}

/// What git says about hunks that don't fit, in words that name the hunk.
private struct Misfits {
  let patch: PatchText
  let folder: String

  func read(_ errors: [String]) -> [String] {
    var (sentences, named): ([String], Set<String>) = ([], [])
    for error in errors {
      let text = plain(error)
      if let (path, line) = failed(text) {
        named.insert(path)
        sentences.append("\(printable(path)): \(sentence(path, line))")
      } else if !named.contains(where: { text == "\($0): patch does not apply" }) {
        sentences.append(clause(text))
      }
    }
    return sentences.isEmpty ? ["git does not say why"] : sentences
  }

  private func plain(_ error: String) -> String {
    error.replacing("error: ", with: "", maxReplacements: 1)
      .replacing(folder.drop { $0 == "/" } + "/", with: "")
  }

  /// `patch failed: PATH:LINE`.
  private func failed(_ text: String) -> (String, Int)? {
    let start = "patch failed: "
    guard text.hasPrefix(start), let colon = text.lastIndex(of: ":"),
      let line = Int(text[text.index(after: colon)...])
    else { return nil }
    return (String(text.dropFirst(start.count)[..<colon]), line)
  }

  private func sentence(_ path: String, _ line: Int) -> String {
    guard let hunk = patch.hunk(of: path, at: line) else { return "the hunk for line \(line)" }
    let count = patch.count(of: path)
    let why = (try? FolderReader.read(path, below: folder)).map { hunk.misfit(in: $0) }
    return "hunk \(hunk.number) of \(count) (\(printable(hunk.header))) does not fit"
      + (why.map { ": \($0)" } ?? "")
  }

  private func clause(_ text: String) -> String {
    printable(
      text.replacing(": No such file or directory", with: ": is not in the tree")
        .replacing(": already exists in working directory", with: ": is in the tree already"))
  }
}
