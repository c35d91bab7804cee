/// A structure with pointers to functions, as its type lays it out.
struct OperationsLayout: Sendable {
  /// A pointer to functions.
  struct Slot: Sendable {
    /// Its path inside the structure, `callbacks.gso_segment`.
    let name: String
    /// Bytes from the structure's start.
    let offset: Int
    /// What may be called through it, see ``BTFTypeClasses``.
    let prototype: UInt32
  }

  /// What the eight bytes at a multiple of eight may be.
  enum Word: Sendable, Equatable {
    /// Numbers of eight bytes, unions, padding, `void *`.
    case anything
    /// A pointer to data, or none.
    case pointer
    /// Parts smaller than a pointer: no address has its halves there.
    case small
    /// The slot of that number.
    case slot(Int)
  }

  /// The structure's name.
  let name: String
  /// In bytes.
  let size: Int
  /// By offset / 8.
  let words: [Word]
  /// By offset.
  let slots: [Slot]
  /// Members, those of inner structures counted one by one.
  let memberCount: Int

  /// Whether a pointer to functions stands at an offset.
  func hasSlot(at offset: Int) -> Bool {
    guard offset % 8 == 0, offset / 8 < words.count, case .slot = words[offset / 8] else {
      return false
    }
    return true
  }

  /// Whether the structure is there for its pointers to functions, as `file_operations` and `proto`
  /// are, and not an object that has some beside, as `timer_list` or `sock`: two at least, and a
  /// quarter of its members.
  var isTable: Bool { slots.count >= 2 && slots.count * 4 >= memberCount }
}

/// Makes layouts from types.
struct OperationsLayouts {
  private let btf: BTF
  private(set) var classes: BTFTypeClasses
  private(set) var layouts: [OperationsLayout] = []

  /// Objects larger than any operations table.
  private static let largest = 4096
  private static let deepest = 4

  private struct Draft {
    var words: [OperationsLayout.Word?]
    var slots: [OperationsLayout.Slot] = []
    var members = 0
    /// Members seen, those of inner structures each time.
    var visited = 0
    /// Whether it has more members than bits: nobody's structure.
    var isAbsurd = false
  }

  /// Members that may be seen in all, so that types which hold each other many times over end.
  private var budget: Int

  /// All of the types' structures that have pointers to functions of their own, by name; of several
  /// of a name and size the first.
  init(_ btf: BTF) {
    self.btf = btf
    budget = 64 * btf.words.count
    classes = BTFTypeClasses(btf)
    collect(from: 0)
  }

  /// Only those that a module adds to the kernel's.
  ///
  /// - Parameter btf: the kernel's types and, behind them, the module's.
  init(_ btf: BTF, behind kernel: OperationsLayouts) {
    self.btf = btf
    budget = 64 * btf.words.count
    classes = BTFTypeClasses(btf, behind: kernel.classes)
    collect(from: kernel.btf.count)
  }

  private mutating func collect(from first: Int) {
    var seen: Set<String> = []
    for type in btf.types.dropFirst(first)
    where btf.kind(type) == .structure && mayHaveSlots(type) {
      guard let layout = layout(of: type), !layout.slots.isEmpty,
        seen.insert("\(layout.name) \(layout.size)").inserted
      else { continue }
      layouts.append(layout)
    }
    layouts.sort { ($0.name, $0.size) < ($1.name, $1.size) }
  }

  private func mayHaveSlots(_ type: BTFType) -> Bool {
    let size = btf.values[type.index]
    return size >= 8 && size <= OperationsLayouts.largest && btf.names[type.index] != 0
  }

  private mutating func layout(of type: BTFType) -> OperationsLayout? {
    let size = Int(btf.values[type.index])
    var draft = Draft(words: Array(repeating: nil, count: (size + 7) / 8))
    add(type, at: 0, path: "", to: &draft, depth: 0)
    guard !draft.isAbsurd, !draft.slots.isEmpty, !isContainer(type, of: draft.slots.count) else {
      return nil
    }
    return OperationsLayout(
      name: btf.name(type), size: size, words: draft.words.map { $0 ?? .anything },
      slots: draft.slots, memberCount: draft.members)
  }

  /// Whether all slots are those of the first member, a structure with a name: what points to
  /// functions then is that one, and which of its many containers it lies in can't be told.
  private mutating func isContainer(_ type: BTFType, of slots: Int) -> Bool {
    guard let first = btf.members(type).first, first.bitOffset == 0,
      case let inner = btf.resolved(first.type), btf.kind(inner) == .structure,
      mayHaveSlots(inner)
    else { return false }
    var draft = Draft(words: Array(repeating: nil, count: Int(btf.size(inner) + 7) / 8))
    add(inner, at: 0, path: "", to: &draft, depth: 1)
    return draft.slots.count == slots
  }

  private mutating func add(
    _ type: BTFType, at start: Int, path: String, to draft: inout Draft, depth: Int
  ) {
    let isUnion = btf.kind(btf.resolved(type)) == .union
    for member in btf.members(type) {
      draft.visited += 1
      budget -= 1
      guard draft.visited <= OperationsLayouts.largest * 8, budget > 0 else {
        draft.isAbsurd = true
        return
      }
      let offset = start + Int(member.bitOffset / 8)
      let inner = btf.resolved(member.type)
      let name = path.isEmpty || member.name.isEmpty ? path + member.name : "\(path).\(member.name)"
      if btf.kind(inner) == .structure || btf.kind(inner) == .union,
        depth < OperationsLayouts.deepest
      {
        add(inner, at: offset, path: name, to: &draft, depth: depth + 1)
        guard !draft.isAbsurd else { return }
        continue
      }
      draft.members += 1
      place(member, inner, name, at: offset, isUnion: isUnion, in: &draft)
    }
  }

  private mutating func place(
    _ member: BTFMember, _ inner: BTFType, _ name: String, at offset: Int, isUnion: Bool,
    in draft: inout Draft
  ) {
    guard offset >= 0, offset / 8 < draft.words.count else { return }
    let index = offset / 8
    if let prototype = btf.prototype(pointedToBy: inner), offset % 8 == 0 {
      guard draft.words[index] == nil else { return draft.words[index] = .anything }
      draft.words[index] = .slot(draft.slots.count)
      draft.slots.append(
        OperationsLayout.Slot(
          name: name, offset: offset, prototype: classes.number(of: prototype)))
      return
    }
    let word = word(for: inner, isBitField: member.bitSize != 0)
    switch draft.words[index] {
    case nil: draft.words[index] = isUnion ? .anything : word
    case .small where word == .small && !isUnion: break
    case .slot: break
    default: draft.words[index] = .anything
    }
  }

  private func word(for type: BTFType, isBitField: Bool) -> OperationsLayout.Word {
    switch btf.kind(type) {
    case .pointer where btf.resolved(btf.target(type)) != .void: .pointer
    case .int, .enumeration: isBitField || btf.size(type) < 8 ? .small : .anything
    default: .anything
    }
  }
}

extension BTF {
  /// Names of the structures that have pointers to functions of their own.
  package var operationsStructures: [String] { OperationsLayouts(self).layouts.map(\.name) }
}
