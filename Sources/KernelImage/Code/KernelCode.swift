public import Profiler

/// Decodes functions of an image when they are asked for, each once.
public final class KernelCode {
  let image: KernelImage
  let symbols: ImageSymbols
  private let disassembler: Disassembler
  private let patched: PatchedCode
  private var known: [UInt64: [DecodedCall]] = [:]
  private var addresses: [String: UInt64]

  /// Longest function decoded.
  private static let largest = 256 << 10

  /// - Throws: ``SymbolError`` for code of another processor than x86-64.
  public init(_ image: KernelImage, _ symbols: ImageSymbols) throws(SymbolError) {
    guard image.isX86 else {
      throw SymbolError("\(image.path): only x86-64 code is decoded")
    }
    (self.image, self.symbols) = (image, symbols)
    disassembler = try Disassembler()
    patched = PatchedCode(image)
    addresses = [:]
    for row in (0..<symbols.count).reversed() where image.isCode(symbols.address(row)) {
      addresses[symbols.name(row)] = symbols.address(row)
    }
  }

  /// The functions there are, by name.
  package var functionNames: [String] { addresses.keys.sorted() }

  /// Every call and tail call of a function, by address; none if there is no such function. Of
  /// several functions of a name, the first's.
  public func calls(from function: String) -> [DecodedCall] {
    addresses[function].map { calls(fromFunctionAt: $0) } ?? []
  }

  /// The call that a return address of the running kernel comes from.
  ///
  /// The kernel patches itself: where the image calls a thunk, the running kernel may have a shorter
  /// call of the same place, so that the return address is inside what the image has.
  public func call(returningTo address: UInt64) -> DecodedCall? {
    let linked = address &- symbols.shift
    guard let row = symbols.row(covering: linked &- 1) else { return nil }
    return calls(fromFunctionAt: symbols.address(row)).first {
      !$0.isTail && $0.address < linked && linked <= $0.returnAddress
    }
  }

  /// The names of the function that begins at an address of the image, the shown one first.
  func names(at address: UInt64) -> [String] {
    symbols.row(startingAt: address).map { symbols.aliases($0).reversed() } ?? []
  }

  /// The shown name of the function that begins at an address of the running kernel.
  public func name(ofRunning address: UInt64) -> String? {
    names(at: address &- symbols.shift).first
  }

  /// Where a function begins in the image.
  func address(of function: String) -> UInt64? { addresses[function] }

  private func calls(fromFunctionAt start: UInt64) -> [DecodedCall] {
    if let calls = known[start] { return calls }
    let calls = decode(start)
    known[start] = calls
    return calls
  }

  private func decode(_ start: UInt64) -> [DecodedCall] {
    guard let row = symbols.row(startingAt: start), image.isCode(start) else { return [] }
    let end = min(symbols.end(row), start.addingClamped(UInt64(KernelCode.largest)))
    guard end > start else { return [] }
    let instructions = image.withBytes(at: start, count: Int(end - start)) {
      disassembler.decode($0, at: start)
    }
    return FunctionCalls(instructions, in: start..<end, patched) { self.names(at: $0) }.all()
  }
}
