public import Profiler

/// Decodes functions of a kernel and its modules when they are asked for, each once.
///
/// A function is known by its first address in the running kernel.
public final class KernelCode {
  /// The kernel's, then the modules'.
  private let parts: [CodePart]
  private let disassembler: Disassembler
  private var known: [UInt64: [DecodedCall]] = [:]
  /// By function, then by the address of a load.
  private var slots: [UInt64: [UInt64: OperationSlot]] = [:]
  private var types: [Int: FunctionPrototypes?] = [:]
  /// Of the first function of each name, the kernel's before the modules'.
  private var addresses: [String: UInt64] = [:]
  /// Of further functions of a name.
  private var others: [String: [UInt64]] = [:]

  /// Longest function decoded.
  private static let largest = 256 << 10

  /// - Parameter modules: at the addresses where the running kernel has them.
  /// - Throws: ``SymbolError`` for code of another processor than x86-64.
  public init(
    _ image: KernelImage, _ symbols: ImageSymbols, modules: [KernelModule] = []
  ) throws(SymbolError) {
    guard image.isX86 else {
      throw SymbolError("\(image.path): only x86-64 code is decoded")
    }
    disassembler = try Disassembler()
    parts =
      [CodePart(image, symbols, isModule: false)]
      + modules.map { CodePart($0.image, $0.symbols, isModule: true) }
    for part in parts { addNames(part) }
  }

  private func addNames(_ part: CodePart) {
    for row in 0..<part.symbols.count {
      let address = part.running(part.symbols.address(row))
      guard part.running.contains(address), part.image.isCode(part.linked(address)) else {
        continue
      }
      let name = part.symbols.name(row)
      if addresses[name] == nil {
        addresses[name] = address
      } else {
        others[name, default: []].append(address)
      }
    }
  }

  /// The functions there are, by name.
  package var functionNames: [String] { addresses.keys.sorted() }

  /// Every call and tail call of a function, by address; none if there is no such function. Of
  /// several functions of a name, the first's.
  public func calls(from function: String) -> [DecodedCall] {
    address(of: function).map(calls(from:)) ?? []
  }

  /// Whether the image has code of a function of this name.
  public func has(_ function: String) -> Bool { addresses[function] != nil }

  /// The call that a return address of the running kernel comes from.
  ///
  /// The kernel patches itself: where the image calls a thunk, the running kernel may have a shorter
  /// call of the same place, so that the return address is inside what the image has.
  public func call(returningTo address: UInt64) -> DecodedCall? {
    guard let function = function(covering: address &- 1), let part = part(of: address &- 1) else {
      return nil
    }
    let linked = part.linked(address)
    return calls(from: function).first {
      !$0.isTail && $0.address < linked && linked <= $0.returnAddress
    }
  }

  /// The shown name of a function.
  public func name(ofRunning address: UInt64) -> String? {
    part(of: address).flatMap { $0.names(at: $0.linked(address)).first }
  }

  /// The function that covers an address.
  func function(covering address: UInt64) -> UInt64? {
    guard let part = part(of: address), let row = part.symbols.row(covering: part.linked(address))
    else { return nil }
    return part.running(part.symbols.address(row))
  }

  /// The first function of a name.
  func address(of function: String) -> UInt64? { addresses[function] }

  /// The functions of a name.
  func functions(named name: String) -> [UInt64] {
    guard let first = addresses[name] else { return [] }
    return [first] + (others[name] ?? [])
  }

  /// The only function of a name, which is what modules import by it.
  func address(ofOnly function: String) -> UInt64? {
    others[function] == nil ? addresses[function] : nil
  }

  /// Every call and tail call of a function.
  func calls(from start: UInt64) -> [DecodedCall] {
    if let calls = known[start] { return calls }
    let calls = part(of: start).map { decode(start, in: $0) } ?? []
    known[start] = calls
    return calls
  }

  private func part(of address: UInt64) -> CodePart? {
    parts.first { $0.running.contains(address) }
  }

  private func decode(_ running: UInt64, in part: CodePart) -> [DecodedCall] {
    let start = part.linked(running)
    guard let range = range(ofFunctionAt: start, in: part) else { return [] }
    let calls = FunctionCalls(
      instructions(range, in: part), in: range, part.patched, names: part.names
    ).all()
    return calls.map {
      $0.running(
        in: running, to: function(called: $0, in: part), table: $0.table.map(part.running))
    }
  }

  private func range(ofFunctionAt start: UInt64, in part: CodePart) -> Range<UInt64>? {
    guard let row = part.symbols.row(startingAt: start), part.image.isCode(start) else {
      return nil
    }
    let end = min(part.symbols.end(row), start.addingClamped(UInt64(KernelCode.largest)))
    return end > start ? start..<end : nil
  }

  private func instructions(_ range: Range<UInt64>, in part: CodePart) -> [Instruction] {
    part.image.withBytes(at: range.lowerBound, count: range.count) {
      disassembler.decode($0, at: range.lowerBound)
    }
  }

  /// The slot that the pointer of a call was loaded from, where the types of the function's
  /// parameters and of what it loads before lead to it.
  public func slot(of call: DecodedCall) -> OperationSlot? {
    guard let load = call.load else { return nil }
    if let slots = slots[call.caller] { return slots[load.address] }
    let found = typedSlots(call.caller)
    slots[call.caller] = found
    return found[load.address]
  }

  private func typedSlots(_ running: UInt64) -> [UInt64: OperationSlot] {
    guard let index = parts.firstIndex(where: { $0.running.contains(running) }),
      let range = range(ofFunctionAt: parts[index].linked(running), in: parts[index]),
      let types = types(ofPart: index)
    else { return [:] }
    return PointerTypes(types, names: parts[index].names)
      .slots(instructions(range, in: parts[index]))
  }

  /// The types that a part's code is made with; nil without BTF.
  private func types(ofPart index: Int) -> FunctionPrototypes? {
    if let known = types[index] { return known }
    let kernel = index == 0 ? nil : types(ofPart: 0)?.btf
    let btf = try? parts[index].image.btf(behind: kernel)
    let found = (btf ?? kernel).map(FunctionPrototypes.init)
    types[index] = .some(found)
    return found
  }

  /// Where in the running kernel the function is that a call goes to; a module's import is the only
  /// function of that name.
  private func function(called call: DecodedCall, in part: CodePart) -> UInt64? {
    guard let target = call.function else { return nil }
    let running = part.running(target)
    if part.running.contains(running) { return running }
    return call.targets.first.flatMap(address(ofOnly:))
  }

  /// The functions that the pointers of a fixed table of the kernel lead to, as far as its symbol
  /// goes.
  func functions(inTableAt address: UInt64) -> [UInt64] {
    guard let part = parts.first, case let start = part.linked(address),
      let row = part.symbols.row(covering: start),
      part.image.section(at: start)?.name.hasPrefix(".rodata") ?? false
    else { return [] }
    let count = Int(clamping: min(part.symbols.end(row) &- start, 16 << 10))
    let pointers = part.image.withBytes(at: start, count: count) { bytes in
      stride(from: 0, to: bytes.byteCount, by: 8).compactMap { bytes.integer(UInt64.self, at: $0) }
    }
    let functions = pointers.filter { part.image.isCode($0) && !part.names(at: $0).isEmpty }
    return Set(functions.map(part.running)).sorted()
  }
}
