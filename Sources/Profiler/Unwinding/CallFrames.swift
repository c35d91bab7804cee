internal import CElfutils
import Glibc
import Synchronization
import SystemPackage

/// The call frame information of a file: `.eh_frame`, also without `.eh_frame_hdr`, and
/// `.debug_frame`, its own or a separate debug file's. Opened at the first question; any number of
/// threads may ask.
final class CallFrames: Sendable {
  private let path: FilePath
  private let debugFolders: [FilePath]
  private let state: Mutex<State>

  private struct State: ~Copyable {
    var isOpened = false
    var tables: CallFrameTables?
  }

  init(path: FilePath, debugFolders: [FilePath]) {
    self.path = path
    self.debugFolders = debugFolders
    state = Mutex(State())
  }

  /// The row for an address that the file is linked for; nil where the file says nothing of it.
  func row(at address: UInt64) -> CallFrameRow? {
    state.withLock { state in
      if !state.isOpened {
        state.isOpened = true
        state.tables = CallFrameTables.open(path, debugFolders)
      }
      guard let tables = state.tables.take() else { return nil }
      let row = tables.row(at: address)
      state.tables = consume tables
      return row
    }
  }
}

/// An open file's tables.
private struct CallFrameTables: ~Copyable {
  private let session: DwflSession
  private let registerCount: Int
  /// What to add to an address of the file to get libdwfl's.
  private let bias: UInt64

  static func open(_ path: FilePath, _ debugFolders: [FilePath]) -> CallFrameTables? {
    do throws(SymbolError) {
      try refuseIrregular(path)
      return CallFrameTables(try DwflSession(path: path, debugFolders: debugFolders))
    } catch {
      return nil
    }
  }

  private init(_ session: consuming DwflSession) {
    let elf = session.elf
    bias = elf?.bias ?? 0
    var header = GElf_Ehdr()
    if let elf { _ = gelf_getehdr(elf.handle, &header) }
    registerCount = MachineRegisters.count(ofMachine: header.e_machine)
    self.session = session
  }

  borrowing func row(at address: UInt64) -> CallFrameRow? {
    var offset: Dwarf_Addr = 0
    if let table = dwfl_module_eh_cfi(session.module, &offset),
      let row = row(in: table, at: address &+ bias &- offset)
    {
      return row
    }
    guard let table = dwfl_module_dwarf_cfi(session.module, &offset) else { return nil }
    return row(in: table, at: address &+ bias &- offset)
  }

  private borrowing func row(in table: OpaquePointer, at address: UInt64) -> CallFrameRow? {
    var frame: OpaquePointer?
    guard dwarf_cfi_addrframe(table, address, &frame) == 0, let frame else { return nil }
    // SAFETY: libdw gives frames away, made by malloc.
    defer { free(UnsafeMutableRawPointer(frame)) }
    var operations: UnsafeMutablePointer<Dwarf_Op>?
    var count = 0
    guard dwarf_frame_cfa(frame, &operations, &count) == 0,
      let cfa = CallFrameRule(cfa: CallFrameTables.copy(operations, count))
    else { return nil }
    var row = CallFrameRow(cfa: cfa)
    row.returnRegister = UInt8(clamping: dwarf_frame_info(frame, nil, nil, &row.isSignalFrame))
    for register in 0..<registerCount { add(register, of: frame, to: &row) }
    return row
  }

  private borrowing func add(
    _ register: Int, of frame: OpaquePointer, to row: inout CallFrameRow
  ) {
    // SAFETY: libdw writes at most three operations here.
    withUnsafeTemporaryAllocation(of: Dwarf_Op.self, capacity: 3) { own in
      var operations: UnsafeMutablePointer<Dwarf_Op>?
      var count = 0
      guard let room = own.baseAddress,
        dwarf_frame_register(frame, CInt(register), room, &operations, &count) == 0
      else { return }
      if count == 0 {
        // Its own array without operations stands for a value that is lost.
        if operations == nil { row.kept |= 1 << UInt64(register) }
      } else if let rule = CallFrameRule(
        register: UInt8(register), CallFrameTables.copy(operations, count))
      {
        row.rules.append(rule)
      }
    }
  }

  private static func copy(
    _ operations: UnsafeMutablePointer<Dwarf_Op>?, _ count: Int
  ) -> [FrameOperation] {
    // SAFETY: libdw says that `count` operations stand there.
    UnsafeBufferPointer(start: operations, count: operations == nil ? 0 : count).map {
      FrameOperation(atom: $0.atom, number: $0.number, number2: $0.number2)
    }
  }
}
