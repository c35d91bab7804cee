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
    let moves = slot.contains("send") || slot.contains("write") ? "write" : "read"
    let target = try #require(try OperationCatalog().target(function, moves: moves))
    #expect(target.slot == slot && target.table == table)
  }

  @Test func everyStubHasATemplateAndEveryTemplateACost() throws {
    let catalog = try OperationCatalog()
    for kind in StubKind.all {
      let family = try #require(catalog.families[kind.family])
      let stub = try #require(family.stubs.first { $0.syscall == kind.syscall })
      #expect(stub.leaf == kind.leaf && !stub.ledger.isEmpty)
    }
    let stubs = catalog.families.values.flatMap { family in
      family.stubs.map { "\(family.family).\($0.syscall)" }
    }
    #expect(Set(stubs) == Set(StubKind.all.map { "\($0.family).\($0.syscall)" }))
  }

  /// Measured under QEMU: 1434 − 1248 instructions for a read, 9369 − 9164 for a write.
  @Test(arguments: [("read", 186.0), ("write", 205)])
  func netGainIsTheMeasuredOne(syscall: String, gain: Double) throws {
    let family = try #require(try OperationCatalog().families["tcp"])
    let cost = try #require(family.stubs.first { $0.syscall == syscall }).instructions
    #expect(cost.skipped - cost.stub == gain && cost.transition == 251)
  }

  @Test func everyWrapperOfTheContractIsKnown() throws {
    let names = [
      "read", "write", "readv", "writev", "pread64", "pwrite64", "recvfrom", "recvmsg", "sendto",
      "sendmsg", "epoll_wait", "accept4",
    ]
    let catalog = try OperationCatalog()
    #expect(Set(catalog.systemCalls.keys) == Set(names))
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

  /// ext4's file operation is hidden behind a sibling call: filemap_read shows in its place.
  @Test func aHiddenFileOperationIsOneLeaf() throws {
    let target = try #require(try OperationCatalog().target("filemap_read", moves: "read"))
    #expect(target.behind.contains("ext4_file_read_iter"))
  }
}
