internal import Profiler

/// What the types of a kernel, or of a kernel and one of its modules, say about tables.
struct KernelTypes: Sendable {
  /// All types.
  let btf: BTF
  /// The structures that may be tables; those of the kernel stand before a module's.
  let layouts: [OperationsLayout]
  /// Numbers of the types.
  var classes: BTFTypeClasses { own.classes }

  private let own: OperationsLayouts
  private let prototypes: Layered<String, BTFType>
  private let index: Layered<SlotKey, [Int]>

  private struct SlotKey: Hashable {
    let offset: Int
    let prototype: UInt32
  }

  /// A dictionary behind another one, which is shared, not copied.
  private struct Layered<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    var kernel: [Key: Value] = [:]
    var module: [Key: Value] = [:]
  }

  /// The types of a kernel.
  init(_ btf: BTF) {
    self.btf = btf
    own = OperationsLayouts(btf)
    layouts = own.layouts
    prototypes = Layered(kernel: btf.prototypesByFunction())
    index = Layered(kernel: KernelTypes.index(layouts, from: 0))
  }

  private init(_ btf: BTF, behind kernel: KernelTypes) {
    self.btf = btf
    own = OperationsLayouts(btf, behind: kernel.own)
    layouts = kernel.layouts + own.layouts
    prototypes = Layered(
      kernel: kernel.prototypes.kernel,
      module: btf.prototypesByFunction(from: kernel.btf.count))
    index = Layered(
      kernel: kernel.index.kernel,
      module: KernelTypes.index(layouts, from: kernel.layouts.count))
  }

  /// These types with those of a module behind them.
  ///
  /// - Parameter bytes: its `.BTF`.
  /// - Throws: ``SymbolError`` without the file's name for damage, and for types that were made for
  ///   another kernel.
  func adding(module bytes: RawSpan) throws(SymbolError) -> KernelTypes {
    KernelTypes(try BTF(bytes, base: btf), behind: self)
  }

  private static func index(_ layouts: [OperationsLayout], from first: Int) -> [SlotKey: [Int]] {
    var index: [SlotKey: [Int]] = [:]
    for (number, layout) in layouts.enumerated().dropFirst(first) {
      for slot in layout.slots {
        index[SlotKey(offset: slot.offset, prototype: slot.prototype), default: []].append(number)
      }
    }
    return index
  }

  /// The layouts that have a slot of a prototype at an offset.
  func layouts(slotAt offset: Int, _ prototype: UInt32) -> [Int] {
    let key = SlotKey(offset: offset, prototype: prototype)
    return (index.kernel[key] ?? []) + (index.module[key] ?? [])
  }

  /// The prototype of a function, a module's own before the kernel's of that name.
  func prototype(of function: String) -> BTFType? {
    prototypes.module[function] ?? prototypes.kernel[function]
  }
}
