/// A module in which one source breaks one rule, and what it is to be tried with.
public struct Mutant: Sendable {
  /// A name for its files: `mutant7`.
  public let name: String
  /// What is broken.
  public let mutation: StubMutation
  /// The family whose stubs it breaks; nil for all.
  public let family: String?
  /// The source that differs from the module's.
  public let file: GeneratedFile
  /// The stubs that it breaks.
  public let stubs: [String]

  /// Why nothing can notice it, where that is so.
  public var excuse: String? {
    let excuses = mutation.excuses.merging(file.isOfLinux6_1 ? mutation.excusesOf6_1 : [:]) { $1 }
    return excuses["*"] ?? family.flatMap { excuses[$0] }
  }

  /// Parts of the names of the scenarios to try first; a few calls for what nothing can notice.
  public var witnesses: [String] { excuse == nil ? mutation.witnesses : ["_data/16"] }

  /// Every mutant of a module: each mutation in each source that has what it changes.
  ///
  /// - Parameters:
  ///   - stubs: names of the module's stubs.
  ///   - wanted: those that are to be tried; sources of other families are left alone.
  public static func all(
    of module: [GeneratedFile], stubs: [String], wanted: [String]
  ) -> [Mutant] {
    var mutants: [Mutant] = []
    let families = Set(stubs.compactMap(family(of:)))
    let code = module.map(\.contents).joined(separator: "\n")
    for mutation in StubMutation.every where mutation.bodies.allSatisfy(code.contains) {
      for source in module where source.holdsStubs {
        guard let changed = mutation.applied(to: source) else { continue }
        let named = Mutant.family(in: source)
        let family = families.contains(named) ? named : nil
        let broken = wanted.filter { family == nil || Mutant.family(of: $0) == family }
        guard !broken.isEmpty else { continue }
        mutants.append(
          Mutant(
            name: "mutant\(mutants.count + 1)", mutation: mutation, family: family, file: changed,
            stubs: broken))
      }
    }
    return mutants
  }

  /// `unix_stream` of `ukl_shortcut_unix_stream.c`.
  private static func family(in source: GeneratedFile) -> String {
    String(source.path.dropFirst("ukl_shortcut_".count).dropLast(".c".count))
  }

  private static func family(of stub: String) -> String? { StubKind.named(stub)?.family }
}

extension GeneratedFile {
  /// Whether stubs, or what serves them, are in it: what a module finds in the kernel isn't.
  fileprivate var holdsStubs: Bool { path != "ukl_shortcut_found.c" }
}

extension StubMutation {
  /// Bodies of system calls that the changed source calls: a module finds only those that it has.
  fileprivate var bodies: [String] {
    replace.matches(of: /(ksys|__sys)_[a-z0-9]+\(/).map { String($0.output.0) }
  }
}
