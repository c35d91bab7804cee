import KernelImage
import Profiler
import ShortcutGen
import SystemPackage

/// What stubs are fitted to: the tree's own headers, else what the kernel's image or BTF declares,
/// else the patch set's kernel.
struct KernelFit {
  let tree: KernelTree
  /// Where the features come from, for people.
  let source: String

  /// - Parameters:
  ///   - tree: a kernel tree, if one is named.
  ///   - types: a vmlinux, a bzImage or BTF by itself.
  ///   - image: what that kernel's functions call, if it is known.
  ///   - former: what an earlier run fitted them to, where nothing is named now.
  /// - Throws: ``InputError`` for a tree that lacks files.
  init(
    tree path: String?, types: FilePath?, image: ImageCalls?, former: StubFit? = nil,
    _ diagnostics: Diagnostics
  ) throws {
    let declared = try types.flatMap { try Self.features(of: $0, image, diagnostics) }
    guard let path else {
      tree = KernelTree.patchSet.fitted(to: declared ?? former?.features ?? .linux6_1)
      source =
        declared == nil
        ? former?.source ?? "the patch set's kernel, Linux 6.1" : "the types in \(types ?? "")"
      return
    }
    do { tree = try KernelTree(readingFrom: path) } catch let error as EmitError {
      throw InputError("\(path): \(error)")
    }
    source = "the headers in \(path)"
    if let declared, let types, tree.features.disagrees(with: declared) {
      diagnostics.warning(
        "\(types) and the headers in \(path) are of different kernels; stubs fit the headers")
    }
  }

  /// As `shortcuts.json` has it.
  var stated: StubFit { StubFit(source: source, features: tree.features) }

  /// What the types say; nil, with a warning, where there are none.
  private static func features(
    of path: FilePath, _ image: ImageCalls?, _ diagnostics: Diagnostics
  ) throws -> KernelFeatures? {
    do {
      return try KernelFeatures(KernelFacts(KernelFeatures.questions, in: path), image: image)
    } catch let error as SymbolError {
      diagnostics.warning("\(error); stubs are not fitted to it")
    } catch let error as EmitError {
      diagnostics.warning("\(path): \(error)")
    }
    return nil
  }
}

extension KernelFacts {
  /// The answers of a kernel's types.
  fileprivate init(_ questions: KernelFacts, in path: FilePath) throws(SymbolError) {
    let found = try KernelDeclarations(
      KernelDeclarations.Wanted(
        functions: questions.functions, structures: Set(questions.structures.keys),
        enumerators: questions.enumerators), in: path)
    self.init(
      functions: found.functions,
      structures: found.structures.mapValues { $0.mapValues(\.parameters) },
      enumerators: found.enumerators)
  }
}
