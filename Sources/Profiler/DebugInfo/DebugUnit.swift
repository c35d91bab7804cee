internal import CElfutils

/// A compilation unit: its functions and what is inlined into them, read as they are asked for.
struct DebugUnit {
  /// The unit's own entry: has the code's ranges and the lines.
  private let root: DebugEntry
  /// What the functions stand below; another entry than `root` in split DWARF.
  private let tree: DebugEntry
  private var functions: [FunctionScopes] = []
  private var ranges: NestedRanges?
  /// Whether functions inside functions were looked for too.
  private var isWhole = false

  init(root: DebugEntry, tree: DebugEntry) {
    self.root = root
    self.tree = tree
  }

  /// Calls `body` with each stretch of its code. Where its own entry says nothing, the functions do.
  mutating func forEachRange(_ body: (UInt64, UInt64) -> Void) {
    var isKnown = false
    root.forEachRange {
      isKnown = true
      body($0, $1)
    }
    guard !isKnown else { return }
    for stretch in readFunctions() { body(stretch.start, stretch.end) }
  }

  /// The functions at an address, innermost first; the last is the one that is not inlined.
  mutating func scopes(at address: UInt64) -> [DebugEntry] {
    guard let row = function(covering: address) else { return [] }
    return functions[row].scopes(at: address)
  }

  /// Where the code at an address comes from.
  func position(of address: UInt64) -> SourcePosition? {
    root.position(of: address, in: root.compilationFolder)
  }

  /// Where one of its inlined functions is called.
  func callPosition(of function: DebugEntry) -> SourcePosition? {
    tree.callPosition(of: function, in: root.compilationFolder)
  }

  private mutating func function(covering address: UInt64) -> Int? {
    if ranges == nil { readFunctions() }
    if let row = ranges?.row(covering: address) { return row }
    guard !isWhole else { return nil }
    isWhole = true
    readFunctions()
    return ranges?.row(covering: address)
  }

  /// Finds the functions that have code. Each entry stands behind the one visited before it; what
  /// doesn't is damage, and might be visited for ever.
  @discardableResult
  private mutating func readFunctions() -> [NestedRanges.Stretch] {
    functions = []
    var stretches: [NestedRanges.Stretch] = []
    var pending = [tree.firstChild].compactMap { $0 }
    var last = tree.key
    while let entry = pending.popLast() {
      guard entry.key > last, stretches.count < DebugUnit.mostStretches else { continue }
      last = entry.key
      if let next = entry.next { pending.append(next) }
      let isFunction = entry.tag == DW_TAG_subprogram
      if isFunction {
        let count = stretches.count
        entry.forEachRange { start, end in
          stretches.append(NestedRanges.Stretch(start: start, end: end, row: functions.count))
        }
        if stretches.count > count { functions.append(FunctionScopes(entry)) }
      }
      if isWhole ? FunctionScopes.holds(entry.tag) || isFunction : DebugUnit.holds(entry.tag),
        let child = entry.firstChild
      {
        pending.append(child)
      }
    }
    ranges = NestedRanges(stretches)
    return stretches
  }

  /// A damaged file's entries may all share one long list.
  static let mostStretches = 1 << 22

  /// Whether functions may stand below an entry of this kind that is no function.
  private static func holds(_ tag: Int) -> Bool {
    switch tag {
    case DW_TAG_namespace, DW_TAG_module, DW_TAG_class_type, DW_TAG_structure_type,
      DW_TAG_union_type, DW_TAG_enumeration_type:
      true
    default: false
    }
  }
}

/// A function with code, and the functions inlined into it.
struct FunctionScopes {
  private let function: DebugEntry
  private var inlined: Inlined?

  private struct Inlined {
    var entries: [DebugEntry] = []
    /// Which one each stands in; −1 for the function itself.
    var parents: [Int] = []
    var ranges = NestedRanges()
  }

  init(_ function: DebugEntry) { self.function = function }

  /// Inlined functions at an address, innermost first, then the function itself.
  mutating func scopes(at address: UInt64) -> [DebugEntry] {
    let known = inlined ?? read()
    inlined = known
    var scopes: [DebugEntry] = []
    var row = known.ranges.row(covering: address) ?? -1
    while row >= 0 {
      scopes.append(known.entries[row])
      row = known.parents[row]  // parents come before their children
    }
    return scopes + [function]
  }

  private func read() -> Inlined {
    var found = Inlined()
    var stretches: [NestedRanges.Stretch] = []
    var pending = [function.firstChild].compactMap { $0 }.map { (entry: $0, parent: -1) }
    var last = function.key
    while let (entry, parent) = pending.popLast() {
      guard entry.key > last, stretches.count < DebugUnit.mostStretches else { continue }
      last = entry.key
      if let next = entry.next { pending.append((next, parent)) }
      guard FunctionScopes.holds(entry.tag) else { continue }
      var row = parent
      if entry.tag == DW_TAG_inlined_subroutine {
        row = found.entries.count
        found.entries.append(entry)
        found.parents.append(parent)
        entry.forEachRange { start, end in
          stretches.append(NestedRanges.Stretch(start: start, end: end, row: row))
        }
      }
      if let child = entry.firstChild { pending.append((child, row)) }
    }
    found.ranges = NestedRanges(stretches)
    return found
  }

  /// Whether inlined functions may stand below an entry of this kind.
  static func holds(_ tag: Int) -> Bool {
    switch tag {
    case DW_TAG_inlined_subroutine, DW_TAG_lexical_block, DW_TAG_try_block, DW_TAG_catch_block,
      DW_TAG_with_stmt:
      true
    default: false
    }
  }
}
