/// Where the kernel puts a module's code.
///
/// A module is an object file that is linked when it is loaded, so its sections have no addresses.
/// The kernel lays them out in groups; the first, where the module's memory begins, is all code:
///
///     module base ──► .text │ .text.unlikely │ .exit.text │ …    file order, each aligned
///
/// Sections whose names begin with `.init` lie elsewhere and are gone after loading.
///
/// Source: `kernel/module/main.c`, `layout_sections` (6.1), `__layout_sections` (6.12), for
/// architectures without `arch_mod_section_prepend` and with CONFIG_MODULE_UNLOAD.
package struct ModuleLayout: Sendable {
  /// What of a section header decides its place.
  package struct Section: Sendable {
    var name: String
    /// `sh_flags`.
    var flags: UInt64
    var size: UInt64
    /// `sh_addralign`; 0 means 1.
    var alignment: UInt64

    package init(name: String, flags: UInt64, size: UInt64, alignment: UInt64) {
      (self.name, self.flags, self.size, self.alignment) = (name, flags, size, alignment)
    }
  }

  static let allocated: UInt64 = 0x2  // SHF_ALLOC
  static let executable: UInt64 = 0x4  // SHF_EXECINSTR

  /// Offset from the module's base, by section index; nil for sections without code.
  private let starts: [UInt64?]

  /// - Parameter sections: all of the file's, in its order.
  package init(_ sections: [Section]) {
    var end: UInt64 = 0
    starts = sections.map { section in
      let code = ModuleLayout.allocated | ModuleLayout.executable
      guard section.flags & code == code, !section.name.hasPrefix(".init") else { return nil }
      let mask = max(section.alignment, 1) - 1
      let start = end.addingClamped(mask) & ~mask
      end = start.addingClamped(section.size)
      return start
    }
  }

  /// Where a section begins, as an offset from the module's base; nil for a section that has no
  /// code or doesn't stay.
  package func start(ofSection index: Int) -> UInt64? {
    starts.indices.contains(index) ? starts[index] : nil
  }
}
