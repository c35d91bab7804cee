import Foundation
import Profiler
import Testing

@testable import ShortcutGen

/// The catalogue against what Linux 6.1 is known to hold.
@Suite struct CatalogTests {
  /// From the operations tables in the image of Debian's 6.1: table, member, function.
  @Test(arguments: [
    ("socket_file_ops", "file_operations.read_iter", "sock_read_iter"),
    ("socket_file_ops", "file_operations.write_iter", "sock_write_iter"),
    ("pipefifo_fops", "file_operations.read_iter", "pipe_read"),
    ("pipefifo_fops", "file_operations.write_iter", "pipe_write"),
    ("eventfd_fops", "file_operations.read_iter", "eventfd_read"),
    ("eventfd_fops", "file_operations.write", "eventfd_write"),
    ("shmem_file_operations", "file_operations.read_iter", "shmem_file_read_iter"),
    ("inet_stream_ops", "proto_ops.recvmsg", "inet_recvmsg"),
    ("inet_stream_ops", "proto_ops.sendmsg", "inet_sendmsg"),
    ("unix_stream_ops", "proto_ops.recvmsg", "unix_stream_recvmsg"),
    ("unix_stream_ops", "proto_ops.sendmsg", "unix_stream_sendmsg"),
    ("tcp_prot", "proto.recvmsg", "tcp_recvmsg"), ("tcp_prot", "proto.sendmsg", "tcp_sendmsg"),
    ("tcp_prot", "proto.accept", "inet_csk_accept"),
  ])
  func agreesWithTheTablesOfLinux6_1(table: String, slot: String, function: String) throws {
    let moves =
      slot.contains("accept")
      ? "accept" : slot.contains("send") || slot.contains("write") ? "write" : "read"
    let target = try #require(try OperationCatalog().target(function, moves: moves))
    #expect(target.slot == slot && target.table == table)
  }

  @Test func everyStubHasATemplateAndEveryTemplateALedger() throws {
    let catalog = try OperationCatalog()
    for kind in StubKind.all {
      let family = kind.family.replacingOccurrences(of: "_", with: "-")
      let moves = try #require(catalog.systemCalls[kind.syscall]?.moves)
      let leaf = OperationCatalog.Target(
        function: "", slot: "", moves: moves, table: nil, family: family, call: .unknown, via: nil,
        behind: [])
      let stub = try #require(catalog.stub(for: kind.syscall, leaf: leaf), "\(kind.name)")
      #expect(stub.ledger.contains { $0.effect == "interrupted call" }, "\(kind.name)")
      #expect(StubKind.of(family: family, syscall: kind.syscall) == kind)
    }
    let stubs = catalog.families.values.flatMap { family in
      family.stubs.map { "\(family.family).\($0)".replacingOccurrences(of: "-", with: "_") }
    }
    #expect(Set(stubs) == Set(StubKind.all.map { "\($0.family).\($0.syscall)" }))
  }

  @Test(arguments: [
    ("tcp_recvmsg", "recvfrom", "shortcut_tcp_recvfrom"),
    ("udpv6_sendmsg", "sendmsg", "shortcut_udp_sendmsg"),
    ("unix_dgram_recvmsg", "read", "shortcut_unix_dgram_read"),
    ("pipe_read", "readv", "shortcut_pipe_readv"),
    ("eventfd_write", "write", "shortcut_eventfd_write"),
    ("shmem_file_read_iter", "pread64", "shortcut_tmpfs_pread64"),
    ("generic_file_write_iter", "pwrite64", "shortcut_file_pwrite64"),
    ("ext4_buffered_write_iter", "writev", "shortcut_ext4_writev"),
    ("inet_csk_accept", "accept4", "shortcut_tcp_accept4"),
  ])
  func leafAndCallLeadToAStub(leaf: String, call: String, stub: String) {
    #expect(StubKind.leading(to: leaf, from: call)?.name == stub)
  }

  @Test(arguments: [
    ("eventfd_write", "writev"), ("pipe_read", "recvfrom"), ("unix_accept", "accept4"),
    ("write_null", "write"), ("tls_sw_recvmsg", "read"),
  ])
  func otherLeavesLeadToNone(leaf: String, call: String) {
    #expect(StubKind.leading(to: leaf, from: call) == nil)
  }

  /// What --drop names changes exactly its rows.
  @Test(arguments: SideEffect.allCases)
  func policyDropsItsRowsOfTheLedger(_ effect: SideEffect) throws {
    let catalog = try OperationCatalog()
    let leaf = try #require(catalog.target("tcp_recvmsg", moves: "read"))
    let rows = try #require(catalog.stub(for: "read", leaf: leaf)).ledger
    let policy = StubPolicy(dropping: [effect])
    for row in rows {
      #expect((row.under(policy).status != row.status) == (row.drop == effect))
    }
    #expect(rows.contains { $0.drop == effect })
  }

  /// Measured under QEMU: the ordinary body in the kernel less the guarded stub.
  @Test(
    arguments: [
      ("tcp", "read", 1434 - 1248), ("tcp", "write", 9369 - 9164), ("udp", "read", 1461 - 1275),
      ("udp", "write", 6507 - 6317), ("unix-stream", "read", 1752 - 1583),
      ("unix-stream", "write", 2716 - 2540), ("pipe", "read", 818 - 772),
      ("pipe", "write", 787 - 732),
      ("eventfd", "read", 591 - 537), ("eventfd", "write", 458 - 420),
      ("tmpfs", "read", 1158 - 1121),
      ("tmpfs", "write", 1518 - 1491),
    ] as [(String, String, Double)])
  func netGainIsTheMeasuredOne(family: String, moves: String, gain: Double) throws {
    #expect(try OperationCatalog().families[family]?.net?[moves] == gain)
  }

  /// A read and a write of Redis skip 237 samples in 40 360 reads and 40 020 writes; one sample is
  /// 100 000 instructions. What is said to be saved must be the measured 186 + 205 a pair, within
  /// the samples' own 95 % interval of 13 %.
  @Test func savingsOfRedisAreTheMeasuredOnes() throws {
    let catalog = try OperationCatalog()
    func saved(_ samples: Double, _ leaf: String, _ moves: String, _ calls: Double) -> Double {
      let target = catalog.target(leaf, moves: moves)
      return samples * 100_000 * catalog.keptByStub(of: target, moves: moves) / calls
    }
    let pair =
      saved(134, "tcp_recvmsg", "read", 40_360) + saved(103, "tcp_sendmsg", "write", 40_020)
    #expect(abs(pair / (186 + 205) - 1) < 0.13)
  }

  /// Nothing is claimed for kinds of descriptors that nobody measured beyond the least measured.
  @Test func unmeasuredFamiliesAreJudgedByTheLeast() throws {
    let catalog = try OperationCatalog()
    let tty = catalog.keptByStub(of: catalog.target("tty_read", moves: "read"), moves: "read")
    let tmpfs = catalog.keptByStub(
      of: catalog.target("shmem_file_read_iter", moves: "read"), moves: "read")
    #expect(tty == tmpfs && tmpfs < 0.5)
  }

  @Test func everyWrapperOfTheContractIsKnown() throws {
    let names = [
      "read", "write", "readv", "writev", "pread64", "pwrite64", "recvfrom", "recvmsg", "sendto",
      "sendmsg", "epoll_wait", "accept4",
    ]
    let catalog = try OperationCatalog()
    #expect(Set(names).isSubset(of: catalog.systemCalls.keys))
    for name in names { #expect(SystemCalls.made(by: name).contains(name)) }
  }

  @Test(arguments: [
    ("__libc_read", "read"), ("__GI___libc_recv", "recvfrom"), ("__write_nocancel", "write"),
    ("send", "sendto"), ("pread", "pread64"), ("__libc_sendmsg", "sendmsg"),
  ])
  func libcAliasesAreTheirCalls(alias: String, syscall: String) {
    #expect(SystemCalls.made(by: alias) == [syscall])
  }

  @Test func ordinaryFunctionsAreNoWrappers() {
    for name in ["main", "readQueryFromClient", "tcp_read", "write_log", ""] {
      #expect(SystemCalls.made(by: name).isEmpty, "\(name)")
    }
  }

  /// gcc's clones are the function itself.
  @Test func suffixesOfClonesDontMatter() throws {
    let role = try OperationCatalog().role(of: "vfs_read.part.0", moves: "read")
    guard case .trunk = role else { return #expect(Bool(false), "\(role)") }
  }

  /// Roles that a reader of the kernel's source gives these functions, 5.14 to 6.12.
  @Test(arguments: [
    ("__do_sys_read", "trunk"), ("__x64_sys_write", "trunk"), ("__arm64_sys_read", "trunk"),
    ("fdget_pos", "kept"), ("__fdget_pos", "kept"), ("iovec_from_user", "kept"),
    ("security_socket_recvmsg", "kept"), ("apparmor_socket_recvmsg", "kept"),
    ("__x86_return_thunk", "thunk"), ("srso_safe_ret", "thunk"),
    ("__x86_indirect_thunk_rax", "thunk"), ("rw_verify_area", "dropped"),
    ("something_new", "unlisted"),
  ])
  func rolesOfFunctions(symbol: String, role: String) throws {
    #expect("\(try OperationCatalog().role(of: symbol, moves: "read"))" == role)
  }

  /// ext4's file operation is hidden by sibling calls: what it calls shows in its place.
  @Test(
    arguments: [
      (["filemap_read": 90, "ext4_file_read_iter": 1], ["ext4_file_read_iter": 91]),
      (
        ["filemap_read": 90, "generic_file_read_iter": 5, "ext4_file_read_iter": 1],
        ["ext4_file_read_iter": 96]
      ),
      (["filemap_read": 90], ["filemap_read": 90]),
      (["filemap_read": 90, "pipe_read": 1], ["filemap_read": 90, "pipe_read": 1]),
      (
        ["filemap_read": 9, "ext4_file_read_iter": 1, "xfs_file_read_iter": 1],
        ["filemap_read": 9, "ext4_file_read_iter": 1, "xfs_file_read_iter": 1]
      ),
    ] as [([String: UInt64], [String: UInt64])])
  func hiddenFileOperationsAreOneLeaf(seen: [String: UInt64], counted: [String: UInt64]) throws {
    let catalog = try OperationCatalog()
    let merged = LeafCount.merged(seen) { catalog.target($0, moves: "read")?.behind ?? [] }
    #expect(merged == counted)
  }
}
