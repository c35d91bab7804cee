import KernelImage
import Profiler
import ShortcutGen
import SystemPackage

/// The kernel's image as the user names it, before symbols are looked for.
struct KernelChoice {
  private let path: FilePath
  /// Nothing for an ELF file of a machine whose code isn't decoded; its symbols are good all the same.
  private let image: Result<KernelImage, SymbolError>
  /// The file that symbols are read from, nil where it has none.
  let symbolSource: FilePath?

  /// - Returns: nil where the user names none.
  /// - Throws: ``SymbolError`` for what is no kernel and, but for `--force`, the image of another
  ///   kernel than the recorded one.
  init?(_ input: InputOptions, _ profile: Profile, _ diagnostics: Diagnostics) throws {
    guard let path = input.kernel.map({ FilePath($0) }) else { return nil }
    self.path = path
    do throws(SymbolError) {
      let image = try KernelImage(path: path)
      self.image = .success(image)
      symbolSource = ImageSymbols(of: image) == nil ? nil : path
    } catch {
      guard KernelImage.isElf(path) else { throw error }
      image = .failure(error)
      symbolSource = path
    }
    guard let image = try? image.get() else { return }
    do throws(SymbolError) {
      try KernelSymbols.refuseStranger(image.buildID, path, profile)
    } catch {
      guard input.force else { throw error }
      diagnostics.warning("\(error); going on")
    }
  }

  /// What the image proves, with the symbols that were found for the recording.
  ///
  /// - Throws: ``SymbolError`` for a stripped image without kallsyms.
  func witness(
    _ found: KernelSymbols.Found?, _ profile: Profile, _ search: SymbolSearch,
    _ diagnostics: Diagnostics
  ) throws -> KernelWitness? {
    guard let found else {
      throw SymbolError(
        "\(path): has no symbols; give the same kernel's /proc/kallsyms with --kallsyms")
    }
    diagnostics.progress("reading \(path)")
    let witness = Result {
      try KernelWitness(try image.get(), symbolSource == nil, found, profile, search)
    }
    diagnostics.progress(nil)
    switch witness {
    case .failure(let error):
      diagnostics.warning("\(error); hops come from the catalogue alone")
    case .success(let witness):
      witness.say(to: diagnostics)
    }
    return try? witness.get()
  }
}

/// What the kernel's own image says of a recording: the tables that functions stand in, the calls in
/// its code, and the frames that tail calls hid.
struct KernelWitness: HopWitness {
  let slots: SlotIndex
  let code: KernelCode
  let recovered: RecoveredFrames
  /// Functions whose frames were put back.
  let recoveredFunctions: Set<String>
  private let path: FilePath

  /// What its functions call.
  var calls: ImageCalls { ImageCalls(code, slots) }

  /// What the report says of it.
  func facts(_ document: ShortcutDocument) -> [String] {
    let trunk = document.candidates.flatMap(\.trunk).filter { $0.recovered != nil }
    let names = Set(trunk.map(\.function)).sorted().joined(separator: ", ")
    let among = names.isEmpty ? "" : ", among them \(names)"
    let count = recoveredFunctions.count
    let missing = missingTables.map { "\($0); hops come from the catalogue alone." }
    return [missing ?? "Hops checked against the kernel's image: \(path)."]
      + (count == 0
        ? []
        : ["Frames hidden by tail calls, put back from the image: of \(count) functions\(among)."])
  }

  /// Why the tables aren't known, if they aren't.
  private let missingTables: SymbolError?

  /// What is wrong with modules' files; one line each.
  private let warnings: [String]
  /// Modules that were loaded and have no file.
  private let missingModules: [String]

  /// - Throws: ``SymbolError`` where symbols are missing or another kernel's, or the code is of
  ///   another machine than x86-64.
  init(
    _ image: KernelImage, _ isStripped: Bool, _ found: KernelSymbols.Found, _ profile: Profile,
    _ search: SymbolSearch
  ) throws {
    let kallsyms = isStripped ? found.path : nil
    let symbols = try kallsyms.map { try ImageSymbols(kallsyms: $0, of: image) }
    guard let symbols = symbols ?? ImageSymbols(of: image, shift: 0 &- found.symbols.bias) else {
      throw SymbolError("\(image.path): has no symbols")
    }
    let modules = symbols.modules(of: profile, in: image, search)
    code = try KernelCode(image, symbols, modules: modules.modules)
    let tables = KernelWitness.tables(image, kallsyms, modules.files)
    slots = SlotIndex(tables.found)
    (missingTables, missingModules) = (tables.missing, modules.missing)
    warnings = modules.warnings + tables.warnings
    // With a module's tables missing nobody knows what else a pointer may lead to.
    let isComplete = modules.missing.isEmpty && tables.warnings.isEmpty
    let targets = isComplete ? SlotTargets(tables.found, code) : SlotTargets()
    recovered = MissingFrames(code, slots: targets).recovered(between: profile.kernelEdges)
    recoveredFunctions = Set(recovered.functions.compactMap(code.name(ofRunning:)))
    path = image.path
  }

  private static func tables(
    _ image: KernelImage, _ kallsyms: FilePath?, _ modules: [FilePath]
  ) -> (found: [OperationsTable], missing: SymbolError?, warnings: [String]) {
    do throws(SymbolError) {
      let tables = try KernelTables(image.path, kallsyms: kallsyms, modules: modules)
      return (tables.tables, nil, tables.warnings)
    } catch { return ([], error, []) }
  }

  /// What of it the user should know.
  func say(to diagnostics: Diagnostics) {
    if let missingTables {
      diagnostics.warning("\(missingTables); hops come from the catalogue alone")
    }
    for warning in warnings { diagnostics.warning(warning) }
    if !missingModules.isEmpty {
      diagnostics.note(
        "no file of the modules \(missingModules.joined(separator: ", ")): frames behind calls "
          + "through pointers are not put back (give the recorded machine's / with --sysroot)")
    }
    diagnostics.detail(
      "frames put back between \(recovered.count) pairs of neighbours, of "
        + "\(recoveredFunctions.count) functions")
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

  /// One of the slots, or a member called like one of them that the caller has an indirect call, or
  /// a guarded one, from the place of.
  func place(of callee: String, calledBy caller: String, slots data: DataSlots) -> SlotPlace? {
    let entries = slots.entries(for: callee).filter { data.isCalledLikeOne($0.slot.description) }
    guard !entries.isEmpty else { return nil }
    let loads = Set(
      code.calls(from: caller).filter { $0.kind == .indirect || $0.kind == .guardedDirect }
        .compactMap { $0.load?.offset })
    func isCalled(_ slot: OperationSlot) -> Bool { loads.contains(Int64(slot.offset)) }
    let possible = entries.map(\.slot).filter { data.contains($0.description) || isCalled($0) }
    let slot = possible.min { a, b in
      (isCalled(a) ? 0 : 1, data.contains(a.description) ? 0 : 1, a)
        < (isCalled(b) ? 0 : 1, data.contains(b.description) ? 0 : 1, b)
    }
    return slot.map { slot in
      SlotPlace(
        slot: slot.description,
        tables: Set(entries.filter { $0.slot == slot }.map(\.table)).sorted())
    }
  }

  /// The image has an indirect call there, or a guarded one, from the place of a member that leads to
  /// the callee.
  func deepCall(from caller: String, to callee: String) -> DeepCall? {
    let (from, to) = (KernelEntry.plain(caller), KernelEntry.plain(callee))
    for call in code.calls(from: caller) where call.kind == .indirect || call.kind == .guardedDirect
    {
      guard call.kind == .indirect || call.targets.contains(callee), let load = call.load,
        let entry = slots.entries(for: callee, offset: load.offset).first
      else { continue }
      return DeepCall(
        slot: entry.slot.description, caller: from, callee: to, call: kind(call), evidence: "image")
    }
    return nil
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
