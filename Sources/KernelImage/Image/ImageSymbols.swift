public import Profiler
public import SystemPackage

/// The symbols of a kernel image, at the addresses the image is linked for: its own, or those of
/// the same kernel running, perhaps moved (KASLR).
public struct ImageSymbols: Sendable {
  let table: SymbolTable
  /// How far the running kernel was moved from where its image is linked for.
  public let shift: UInt64
  /// How far the symbols' addresses are from the image's: ``shift``, or 0 for the image's own.
  private let moved: UInt64

  init(_ table: SymbolTable, shift: UInt64, isOwn: Bool) {
    self.table = table
    self.shift = shift
    moved = isOwn ? 0 : shift
  }

  /// The symbols of a `/proc/kallsyms`.
  ///
  /// - Throws: ``SymbolError`` where the file can't be used or is another kernel's: the linker's own
  ///   symbols don't stand where the image's sections do.
  public init(kallsyms path: FilePath, of image: KernelImage) throws(SymbolError) {
    guard image.textStart != nil else {
      throw SymbolError("\(image.path): has no code; the file may be cut short")
    }
    let kallsyms = try Kallsyms(path: path, .all)
    guard let shift = ImageSymbols.shift(of: kallsyms.symbols, against: image) else {
      throw SymbolError("\(path): has neither _text nor _stext, so it can't be laid over an image")
    }
    self.init(kallsyms.symbols, shift: shift, isOwn: false)
    if let stranger = strangerSection(in: image) {
      throw SymbolError("\(path): is not of the kernel in \(image.path): \(stranger)")
    }
  }

  /// The image's own symbols, or nil if it is stripped.
  ///
  /// - Parameter shift: how far the running kernel was moved from where the image is linked for.
  public init?(of image: KernelImage, shift: UInt64 = 0) {
    let own = image.ownSymbols
    guard own.count > 0 else { return nil }
    self.init(own, shift: shift, isOwn: true)
  }

  /// How far a running kernel was moved from where its image is linked for.
  ///
  /// - Returns: nil without a reference symbol.
  static func shift(of kallsyms: SymbolTable, against image: KernelImage) -> UInt64? {
    guard let linked = image.textStart,
      let running = kallsyms.address(of: "_text") ?? kallsyms.address(of: "_stext")
    else { return nil }
    return running &- linked
  }

  /// The linker's marks that begin sections.
  ///
  /// Source: `include/asm-generic/vmlinux.lds.h`.
  private static let marks = [
    ("__start_BTF", ".BTF"), ("__start_rodata", ".rodata"), ("__start___ksymtab", "__ksymtab"),
    ("__start___param", "__param"), ("__start_notes", ".notes"), ("_sdata", ".data"),
    ("__start_orc_unwind", ".orc_unwind"), ("__bss_start", ".bss"),
  ]

  /// What shows that the symbols aren't the image's.
  private func strangerSection(in image: KernelImage) -> String? {
    for (mark, name) in ImageSymbols.marks {
      guard let section = image.section(named: name), section.address != 0,
        let start = table.address(of: mark).map({ $0 &- moved }),
        section.address &- start >= max(1, section.alignment)  // a mark may stand before padding
      else { continue }
      return
        "\(mark) says that \(name) begins at 0x\(String(start, radix: 16)), the image has it at "
        + "0x\(String(section.address, radix: 16))"
    }
    return nil
  }

  /// Number of symbols.
  var count: Int { table.count }

  /// Where the symbol of a row begins in the image.
  func address(_ row: Int) -> UInt64 { table.starts[row] &- moved }

  /// One past the symbol's last byte.
  func end(_ row: Int) -> UInt64 { table.end(row) &- moved }

  /// The symbol's name.
  func name(_ row: Int) -> String { table.name(row) }

  /// The shown symbol that covers an address of the image.
  public func row(covering address: UInt64) -> Int? { table.row(covering: address &+ moved) }

  /// The shown symbol that begins at an address of the image.
  func row(startingAt address: UInt64) -> Int? {
    guard let row = table.row(atOrBefore: address &+ moved),
      table.starts[row] == address &+ moved
    else { return nil }
    return row
  }

  /// All names of the address that a row begins at, the shown one last.
  func aliases(_ row: Int) -> [String] { table.aliases(of: row) }

  /// Where the first symbol of a name begins in the image.
  public func address(of name: String) -> UInt64? { table.address(of: name).map { $0 &- moved } }
}
