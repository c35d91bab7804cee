import KernelImage
import Profiler
import ShortcutGen
import SystemPackage

/// The kernel's image as the user names it, before symbols are looked for.
struct KernelChoice {
  private let image: KernelImage
  private let path: FilePath
  private let hasSymbols: Bool

  /// - Returns: nil where the user names none.
  /// - Throws: ``SymbolError`` for what is no kernel and, but for `--force`, the image of another
  ///   kernel than the recorded one.
  init?(_ input: InputOptions, _ profile: Profile) throws {
    guard let name = input.kernel else { return nil }
    path = FilePath(name)
    image = try KernelImage(path: path)
    do throws(SymbolError) {
      try KernelSymbols.refuseStranger(image.buildID, path, profile)
    } catch {
      guard input.force else { throw error }
      Diagnostics(isQuiet: false, isVerbose: false).warning("\(error); going on")
    }
    hasSymbols = ImageSymbols(of: image) != nil
  }

  /// The file that symbols are read from, nil where it has none.
  var symbolSource: FilePath? { hasSymbols ? path : nil }

  /// What the image proves, with the symbols that were found for the recording.
  ///
  /// - Throws: ``SymbolError`` for a stripped image without kallsyms.
  func witness(
    _ found: KernelSymbols.Found?, _ profile: Profile, _ diagnostics: Diagnostics
  ) throws -> KernelWitness? {
    guard let found else {
      throw SymbolError(
        "\(path): has no symbols; give the same kernel's /proc/kallsyms with --kallsyms")
    }
    diagnostics.progress("reading \(path)")
    defer { diagnostics.progress(nil) }
    do {
      let witness = try KernelWitness(
        image, kallsyms: hasSymbols ? nil : found.path, bias: found.symbols.bias, profile)
      diagnostics.detail(
        "frames put back between \(witness.recovered.count) pairs of neighbours, of "
          + "\(witness.recoveredFunctions.count) functions")
      return witness
    } catch let error as SymbolError {
      diagnostics.progress(nil)
      diagnostics.warning("\(error); hops come from the catalogue alone")
      return nil
    }
  }
}

/// What the kernel's own image says of a recording: the tables that functions stand in, the calls in
/// its code, and the frames that tail calls hid.
struct KernelWitness {
  let slots: SlotIndex
  let code: KernelCode
  let recovered: RecoveredFrames
  /// Functions whose frames were put back.
  let recoveredFunctions: Set<String>
  private let path: FilePath

  /// What the report says of it.
  func facts(_ document: ShortcutDocument) -> [String] {
    let trunk = document.candidates.flatMap(\.trunk).filter { $0.recovered != nil }
    let names = Set(trunk.map(\.function)).sorted().joined(separator: ", ")
    let among = names.isEmpty ? "" : ", among them \(names)"
    let count = recoveredFunctions.count
    return ["Hops checked against the kernel's image: \(path)."]
      + (count == 0
        ? []
        : ["Frames hidden by tail calls, put back from the image: of \(count) functions\(among)."])
  }

  init(_ image: KernelImage, kallsyms: FilePath?, bias: UInt64, _ profile: Profile) throws {
    let tables = try KernelTables(image.path, kallsyms: kallsyms).tables
    let symbols = try kallsyms.map { try ImageSymbols(kallsyms: $0, of: image) }
    guard let symbols = symbols ?? ImageSymbols(of: image, shift: 0 &- bias) else {
      throw SymbolError("\(image.path): has no symbols")
    }
    slots = SlotIndex(tables)
    code = try KernelCode(image, symbols)
    recovered = MissingFrames(code).recovered(between: profile.kernelEdges)
    recoveredFunctions = Set(recovered.functions.compactMap(code.name(ofRunning:)))
    path = image.path
  }

  /// A hop with what the image says of it: the table the callee stands in, and how it is called.
  func proven(_ hop: Candidate.Hop) -> Candidate.Hop {
    let entries = slots.entries(for: hop.callee).filter { $0.slot.description == hop.slot }
    guard let offset = entries.first?.slot.offset else { return hop }
    let tables = Set(entries.map(\.table))
    let table = hop.table.flatMap { tables.contains($0) ? $0 : nil }
    return hop.proven(
      table: table ?? (tables.count == 1 ? tables.first : nil),
      call: call(hop, offset: Int64(offset)) ?? hop.call)
  }

  /// A named call of the callee, else one through a pointer from the slot's place.
  private func call(_ hop: Candidate.Hop, offset: Int64) -> CallKind? {
    let calls = code.calls(from: hop.caller)
    if let named = calls.first(where: { $0.targets.contains(hop.callee) }) { return kind(named) }
    return calls.first { $0.kind == .indirect && $0.load?.offset == offset }.map(kind)
  }

  private func kind(_ call: DecodedCall) -> CallKind {
    if call.isTail { return .tail }
    switch call.kind {
    case .direct, .staticCall: return .direct
    case .guardedDirect: return .guardedDirect
    case .indirect: return .indirect
    }
  }
}
