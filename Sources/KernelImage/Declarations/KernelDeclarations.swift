public import Profiler
public import SystemPackage

/// What a kernel declares, of what was asked for: from its BTF, else from DWARF.
public struct KernelDeclarations: Sendable, Equatable {
  /// What is asked for, by name.
  public struct Wanted: Sendable {
    /// Functions that have code of their own.
    public let functions: Set<String>
    /// Structures, whose members are listed.
    public let structures: Set<String>
    /// Constants of enumerations.
    public let enumerators: Set<String>

    /// Asks.
    public init(functions: Set<String>, structures: Set<String>, enumerators: Set<String>) {
      (self.functions, self.structures) = (functions, structures)
      self.enumerators = enumerators
    }
  }

  /// A member of a structure.
  public struct Member: Sendable, Equatable {
    /// How many parameters it takes, where it is a pointer to functions.
    public let parameters: Int?
  }

  /// The functions that are there.
  public internal(set) var functions: Set<String> = []
  /// The structures that are there, with their members; those of unnamed inner ones count as theirs.
  public internal(set) var structures: [String: [String: Member]] = [:]
  /// The constants that are there.
  public internal(set) var enumerators: Set<String> = []

  init() {}

  /// Reads what a kernel declares.
  ///
  /// - Parameter path: a vmlinux, a bzImage, or BTF by itself (`/sys/kernel/btf/vmlinux`).
  /// - Throws: ``SymbolError`` where the file can't be used, or has neither BTF nor DWARF.
  public init(_ wanted: Wanted, in path: FilePath) throws(SymbolError) {
    do throws(SymbolError) {
      if let btf = try BTF.file(path) {
        self.init(wanted, btf)
        return
      }
    } catch { throw SymbolError("\(path): \(error)") }
    let image = try KernelImage(path: path)
    if let btf = try image.btf() {
      self.init(wanted, btf)
    } else if image.section(named: ".debug_info") != nil {
      self.init(wanted, dwarfOf: image)
    } else {
      throw SymbolError("\(path): has neither BTF nor DWARF, so nothing says what it declares")
    }
  }

  /// What BTF says.
  init(_ wanted: Wanted, _ btf: BTF) {
    for type in btf.types {
      switch btf.kind(type) {
      case .function:
        let name = btf.name(type)
        if wanted.functions.contains(name) { functions.insert(name) }
      case .structure:
        let name = btf.name(type)
        guard wanted.structures.contains(name), structures[name] == nil else { continue }
        structures[name] = KernelDeclarations.members(of: type, btf)
      case .enumeration, .enumeration64:
        for name in btf.enumerators(type) where wanted.enumerators.contains(name) {
          enumerators.insert(name)
        }
      default: break
      }
    }
  }

  private static func members(of structure: BTFType, _ btf: BTF) -> [String: Member] {
    btf.flatMembers(structure).reduce(into: [:]) { members, member in
      let prototype = btf.prototype(pointedToBy: member.type)
      members[member.name] = Member(parameters: prototype.map { btf.parameters($0).count })
    }
  }
}

extension BTF {
  /// The BTF that a file is; nil for a file of another kind.
  fileprivate static func file(_ path: FilePath) throws(SymbolError) -> BTF? {
    let file: MappedFile
    do throws(Errno) { file = try .open(path) } catch { throw SymbolError("\(error)") }
    guard file.bytes.begins(with: [0x9f, 0xeb]) else { return nil }
    return try BTF(file.bytes)
  }

  /// The names of an enumeration's constants.
  fileprivate func enumerators(_ type: BTFType) -> [String] {
    let width = kind(type) == .enumeration ? 2 : 3
    return (0..<Int(counts[type.index])).map { string(words[Int(tails[type.index]) + width * $0]) }
  }
}
