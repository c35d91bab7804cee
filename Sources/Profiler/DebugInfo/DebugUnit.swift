internal import CElfutils

/// A compilation unit: its functions and what is inlined into them, read as they are asked for.
struct DebugUnit {
  /// The unit's own entry: has the code's ranges and the lines.
  private let root: DebugEntry
  /// What the functions stand below; another entry than `root` in split DWARF.
  private let tree: DebugEntry
  private let abbreviations: AbbreviationSection?
  /// What stands below ``tree``, where it can be read without libdw; once functions were asked for.
  private var entries: UnitEntries?
  private var functions: [FunctionScopes] = []
  private var ranges: NestedRanges?
  /// Whether functions inside functions were looked for too.
  private var isWhole = false

  /// - Parameter abbreviations: of the file that `tree` stands in.
  init(root: DebugEntry, tree: DebugEntry, _ abbreviations: AbbreviationSection?) {
    self.root = root
    self.tree = tree
    self.abbreviations = abbreviations
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
    return functions[row].scopes(at: address, tree, entries)
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

  /// Finds the functions that have code.
  @discardableResult
  private mutating func readFunctions() -> [NestedRanges.Stretch] {
    if entries == nil, let abbreviations { entries = UnitEntries(tree, abbreviations) }
    var found = FoundFunctions(tree)
    if let entries, found.read(entries, isWhole: isWhole) {
      functions = found.functions
    } else {
      entries = nil
      found = FoundFunctions(tree)
      found.read(isWhole: isWhole)
      functions = found.functions
    }
    ranges = NestedRanges(found.stretches)
    return found.stretches
  }

  /// A damaged file's entries may all share one long list.
  static let mostStretches = 1 << 22
}

/// The search for a unit's functions.
private struct FoundFunctions {
  private let tree: DebugEntry
  private(set) var functions: [FunctionScopes] = []
  private(set) var stretches: [NestedRanges.Stretch] = []

  /// - Parameter tree: what they stand below.
  init(_ tree: DebugEntry) { self.tree = tree }

  /// Searches without libdw.
  ///
  /// - Parameter isWhole: whether to look into functions, too.
  /// - Returns: whether all was read.
  mutating func read(_ entries: UnitEntries, isWhole: Bool) -> Bool {
    var (place, depth) = (0, 0)
    repeat {
      let start = place
      guard let entry = entries.entry(at: &place) else { return false }
      if entry.tag == 0 {
        depth -= 1
        continue
      }
      if entry.tag == DW_TAG_subprogram { add(entry, at: start) }
      if depth == 0 || FoundFunctions.holds(entry.tag, isWhole: isWhole) {
        depth += entry.hasChildren ? 1 : 0
      } else if !entries.skipChildren(of: entry, at: &place) {
        return false
      }
    } while depth > 0 && stretches.count < DebugUnit.mostStretches
    return true
  }

  private mutating func add(_ entry: UnitEntries.Entry, at place: Int) {
    let count = stretches.count
    tree.forEachRange(of: entry, at: place) { start, end in
      stretches.append(NestedRanges.Stretch(start: start, end: end, row: functions.count))
    }
    if stretches.count > count {
      functions.append(FunctionScopes(tree.entry(behind: place), at: place))
    }
  }

  /// Searches by libdw. Each entry stands behind the one visited before it; what doesn't is damage, and
  /// might be visited for ever.
  mutating func read(isWhole: Bool) {
    var pending = [tree.firstChild].compactMap { $0 }
    var last = tree.key
    while let entry = pending.popLast() {
      guard entry.key > last, stretches.count < DebugUnit.mostStretches else { continue }
      last = entry.key
      if let next = entry.next { pending.append(next) }
      if entry.tag == DW_TAG_subprogram {
        let count = stretches.count
        entry.forEachRange { start, end in
          stretches.append(NestedRanges.Stretch(start: start, end: end, row: functions.count))
        }
        if stretches.count > count { functions.append(FunctionScopes(entry)) }
      }
      if FoundFunctions.holds(entry.tag, isWhole: isWhole), let child = entry.firstChild {
        pending.append(child)
      }
    }
  }

  /// Whether functions may stand below an entry of this kind.
  private static func holds(_ tag: Int, isWhole: Bool) -> Bool {
    switch tag {
    case DW_TAG_namespace, DW_TAG_module, DW_TAG_class_type, DW_TAG_structure_type,
      DW_TAG_union_type, DW_TAG_enumeration_type:
      !isWhole
    case DW_TAG_subprogram: isWhole
    default: isWhole && FunctionScopes.holds(tag)
    }
  }
}

extension DebugEntry {
  /// Calls `body` with each stretch of code that an entry describes.
  ///
  /// - Parameter place: how far behind this one, its unit's own, it stands.
  fileprivate func forEachRange(
    of other: UnitEntries.Entry, at place: Int, _ body: (UInt64, UInt64) -> Void
  ) {
    if other.hasOtherRanges {
      entry(behind: place).forEachRange(body)
    } else if other.end > 0 {
      body(other.start, other.end)
    }
  }
}

/// A function with code, and the functions inlined into it.
struct FunctionScopes {
  private let function: DebugEntry
  private let place: Int?
  private var inlined: Inlined?

  private struct Inlined {
    var entries: [DebugEntry] = []
    /// Which one each stands in; −1 for the function itself.
    var parents: [Int] = []
    var ranges = NestedRanges()
  }

  /// - Parameter place: how far it stands behind its unit's own entry, where that is known.
  init(_ function: DebugEntry, at place: Int? = nil) {
    (self.function, self.place) = (function, place)
  }

  /// Inlined functions at an address, innermost first, then the function itself.
  ///
  /// - Parameters:
  ///   - root: the unit's own entry.
  ///   - entries: of the unit, where they can be read without libdw.
  mutating func scopes(
    at address: UInt64, _ root: DebugEntry, _ entries: UnitEntries?
  ) -> [DebugEntry] {
    let known = inlined ?? entries.flatMap { read(root, $0) } ?? read()
    inlined = known
    var scopes: [DebugEntry] = []
    var row = known.ranges.row(covering: address) ?? -1
    while row >= 0 {
      scopes.append(known.entries[row])
      row = known.parents[row]  // parents come before their children
    }
    return scopes + [function]
  }

  /// - Returns: nil where only libdw can read all.
  private func read(_ root: DebugEntry, _ entries: UnitEntries) -> Inlined? {
    guard var place else { return nil }
    var found = Inlined()
    var stretches: [NestedRanges.Stretch] = []
    guard let function = entries.entry(at: &place) else { return nil }
    /// What the entries at each depth stand in.
    var parents = function.hasChildren ? [-1] : []
    while let parent = parents.last, stretches.count < DebugUnit.mostStretches {
      let start = place
      guard let entry = entries.entry(at: &place) else { return nil }
      guard entry.tag != 0 else {
        parents.removeLast()
        continue
      }
      guard FunctionScopes.holds(entry.tag) else {
        guard entries.skipChildren(of: entry, at: &place) else { return nil }
        continue
      }
      var row = parent
      if entry.tag == DW_TAG_inlined_subroutine {
        row = found.entries.count
        found.entries.append(root.entry(behind: start))
        found.parents.append(parent)
        root.forEachRange(of: entry, at: start) { start, end in
          stretches.append(NestedRanges.Stretch(start: start, end: end, row: row))
        }
      }
      if entry.hasChildren { parents.append(row) }
    }
    found.ranges = NestedRanges(stretches)
    return found
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
