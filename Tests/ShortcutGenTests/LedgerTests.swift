import Foundation
import TestSupport
import Testing

@testable import ShortcutGen

/// `shortcuts.json` of an analysis, with the ledgers of an image.
@Suite("Audited document") struct AuditedDocumentTests {
  /// The program's analysis of Redis inside UKL, Linux 6.1.
  private func analysed() throws -> ShortcutDocument? {
    guard Place.program != nil else { return nil }
    return try withTemporaryFolder { folder in
      let recording = Place.recording("redis-ukl").appending(path: "perf.data").path
      let result = try runProgram(["analyze", recording, "--json", "--output", folder.path])
      return try ShortcutDocument(reading: result.stdout)
    }
  }

  @Test func whatNobodyClassifiedTakesTheShortcutAway() throws {
    guard let document = try analysed() else { return skipped("ukl-shortcut is not built") }
    var image = try CallLists(objdump: "6.1.192")
    func verdicts() -> [String: Candidate.Verdict] {
      let audited = document.audited(LedgerAuditor(.shared, image: image))
      return Dictionary(uniqueKeysWithValues: audited.candidates.map { ($0.id, $0.verdict) })
    }
    #expect(verdicts()["connSocketRead.read"] == .shortcut)
    #expect(verdicts()["connSocketWrite.write"] == .shortcut)
    image.lists["vfs_read"]?.append("acme_note_read")
    let audited = document.audited(LedgerAuditor(.shared, image: image))
    #expect(verdicts()["connSocketRead.read"] == .unsupported)
    #expect(verdicts()["connSocketWrite.write"] == .shortcut)
    #expect(
      audited.refusals(since: document) == [
        "connSocketRead.read: no stub, because not everything it would skip is known: "
          + "vfs_read calls acme_note_read, which nobody has classified"
      ])
    #expect(audited.candidates.first { $0.id == "connSocketRead.read" }?.stub == nil)
    #expect(audited.plan != document.plan && audited.plan != nil)
  }
}

/// Call lists as an image would show them, by function; `*` is a call through a pointer, perhaps with
/// the slot that it was loaded from.
struct CallLists: CallWitness {
  var lists: [String: [String]]

  init(_ lists: [String: [String]]) { self.lists = lists }

  /// What objdump shows of Debian's kernels.
  init(objdump name: String) throws {
    let path = Place.fixtures.appending(path: "kernel/calls-\(name).txt")
    var lists: [String: [String]] = [:]
    for line in try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
    where !line.hasPrefix("#") {
      let parts = line.split(separator: ":", maxSplits: 1)
      lists[String(parts[0])] = parts[1].split(separator: " ").map(String.init)
    }
    self.lists = lists
  }

  func calls(from function: String) -> [WitnessedCall]? {
    lists[function]?.map { name in
      guard name.hasPrefix("*") else { return WitnessedCall(targets: [name]) }
      let slot = String(name.dropFirst())
      return WitnessedCall(targets: [], slots: slot.isEmpty ? nil : [slot])
    }
  }
}

@Suite("Ledger") struct LedgerTests {
  private static let catalog = OperationCatalog.builtIn()

  /// A candidate as a recording of the stub's family shows it: the frames of its trunk.
  private static func candidate(
    _ syscall: String, _ leaf: String, _ trunk: [String]
  ) -> Candidate {
    let moves = catalog.systemCalls[syscall]?.moves ?? ""
    return Candidate(
      id: "site.\(syscall)", syscall: syscall, wrapper: syscall,
      site: .init(function: "site", symbol: "site"), leaf: leaf, leaves: [leaf: 100], seen: [],
      samples: 100,
      share: 0.1, calls: nil, callsByLeaf: nil, monomorphic: true, monomorphicLowerBound95: 0.97,
      trunk: trunk.map { .init(function: $0, self: 1, inclusive: 1) },
      hops: HopDiscovery(catalog: catalog).hops(trunk: trunk, leaf: leaf, moves: moves),
      behind: [],
      saves: .init(hops: .none, transition: .none, total: .none, policies: []), verdict: .shortcut,
      why: "", stub: nil,
      ledger: [])
  }

  /// Trunks of recordings of 6.1 and 6.12, plain Linux and UKL.
  private static let tcp = [
    candidate("read", "tcp_recvmsg", ["ksys_read", "vfs_read", "sock_read_iter", "inet_recvmsg"]),
    candidate("read", "tcp_recvmsg", ["__x64_sys_read", "vfs_read", "sock_read_iter"]),
    candidate("write", "tcp_sendmsg", ["ksys_write", "vfs_write", "sock_write_iter"]),
  ]

  @Test(arguments: ["6.1.192", "6.12.117"])
  func everyCallOfDebiansKernelsHasAnAnswer(kernel: String) throws {
    let image = try CallLists(objdump: kernel)
    for candidate in Self.tcp {
      let audit = try #require(LedgerAuditor(Self.catalog, image: image).audit(candidate))
      #expect(audit.unknown == [], "\(candidate.syscall)")
      // What objdump shows as a call is marked as the image's, what a body does as the catalogue's.
      func evidence(_ effect: String) -> Set<String?> {
        Set(audit.rows.filter { $0.effect == effect }.map(\.evidence))
      }
      #expect(evidence("file permission hook") == ["image"])
      #expect(evidence("receive flow steering") == ["image"])
      #expect(evidence("length limit") == ["catalogue"])
      #expect(evidence("length tracepoints") == [kernel == "6.1.192" ? "catalogue" : "image"])
    }
  }

  @Test func withoutAnImageTheCatalogueAnswers() throws {
    for candidate in Self.tcp {
      let audit = try #require(LedgerAuditor(Self.catalog).audit(candidate))
      #expect(audit.unknown == [])
      #expect(Set(audit.rows.map(\.evidence)) == ["catalogue"])
    }
  }

  /// A call that somebody's kernel adds, anywhere on the way: also in a function that has no frame,
  /// and in the other IP version's.
  @Test(arguments: [
    "ksys_read", "vfs_read", "rw_verify_area", "sock_read_iter", "sock_recvmsg", "inet_recvmsg",
    "inet6_recvmsg",
  ])
  func aCallThatNobodyClassifiedIsNamed(function: String) throws {
    var image = try CallLists(objdump: "6.1.192")
    image.lists[function, default: []].append("acme_note_read")
    let audit = try #require(LedgerAuditor(Self.catalog, image: image).audit(Self.tcp[0]))
    #expect(audit.unknown == [.call(of: "acme_note_read", from: function)])
    #expect(
      audit.refusal?.hasSuffix("\(function) calls acme_note_read, which nobody has classified")
        == true)
  }

  /// What is not on the way doesn't matter: UDP's part of INDIRECT_CALL, the write side.
  @Test(arguments: ["udp_recvmsg", "ksys_write", "sock_write_iter", "inet_sendmsg", "tcp_recvmsg"])
  func callsOffTheWayDoNotMatter(function: String) throws {
    var image = try CallLists(objdump: "6.1.192")
    image.lists[function, default: []].append("acme_note_read")
    let audit = try #require(LedgerAuditor(Self.catalog, image: image).audit(Self.tcp[0]))
    #expect(audit.unknown == [])
  }

  /// A known function in an unknown place is unknown: what it does there nobody has read.
  @Test func aKnownCallElsewhereIsUnknown() throws {
    var image = try CallLists(objdump: "6.1.192")
    image.lists["sock_read_iter"]?.append("kfree")
    let audit = try #require(LedgerAuditor(Self.catalog, image: image).audit(Self.tcp[0]))
    #expect(audit.unknown == [.call(of: "kfree", from: "sock_read_iter")])
  }

  /// A kernel that puts rw_verify_area into vfs_read, and sock_recvmsg into sock_read_iter.
  @Test func callsOfInlinedFunctionsAreTheirCallers() throws {
    var image = try CallLists(objdump: "6.1.192")
    image.lists["rw_verify_area"] = nil
    image.lists["vfs_read"]?.removeAll { $0 == "rw_verify_area" }
    image.lists["vfs_read"]?.append("security_file_permission")
    let part = image.lists.removeValue(forKey: "sock_recvmsg") ?? []
    image.lists["sock_read_iter"]? += part
    let audit = try #require(LedgerAuditor(Self.catalog, image: image).audit(Self.tcp[0]))
    #expect(audit.unknown == [])
    // But a frame of the recording that has no code in the image is another kernel's.
    image.lists["vfs_read"] = nil
    let other = try #require(LedgerAuditor(Self.catalog, image: image).audit(Self.tcp[0]))
    #expect(other.unknown == [.absent("vfs_read")])
  }

  /// The unlikely part of a function is the function.
  @Test func partsThatTheCompilerMovedAreLookedAt() throws {
    var image = try CallLists(objdump: "6.1.192")
    image.lists["vfs_read"]?.append("vfs_read.cold")
    image.lists["vfs_read.cold"] = ["__warn_printk", "acme_report"]
    image.lists["rw_verify_area"] = nil
    image.lists["vfs_read"]?.append("rw_verify_area.isra.0")
    image.lists["rw_verify_area.isra.0"] = ["security_file_permission"]
    let audit = try #require(LedgerAuditor(Self.catalog, image: image).audit(Self.tcp[0]))
    #expect(audit.unknown == [.call(of: "acme_report", from: "vfs_read.cold")])
  }

  @Test func aPointerIsAHopOnlyWhereOneIsKnown() throws {
    var image = try CallLists(objdump: "6.1.192")
    image.lists["rw_verify_area"]?.append("*")
    let audit = try #require(LedgerAuditor(Self.catalog, image: image).audit(Self.tcp[0]))
    #expect(audit.unknown == [.pointer(from: "rw_verify_area")])
  }

  /// The loop over segments, for tables without iterators, is part of `do_iter_read` in 6.1 and of
  /// `vfs_readv` in 6.12.
  @Test(arguments: [
    ("file_operations.read", true), ("file_operations.read_iter", true),
    ("file_operations.poll", false),
  ])
  func aPointerIsAHopWhereItsSlotIsCalledThrough(slot: String, isHop: Bool) throws {
    let candidate = Self.candidate(
      "readv", "tcp_recvmsg", ["do_readv", "vfs_readv", "sock_read_iter", "inet_recvmsg"])
    for (kernel, function) in [("6.1.192", "do_iter_read"), ("6.12.117", "vfs_readv")] {
      var image = try CallLists(objdump: kernel)
      image.lists[function]?.append("*\(slot)")
      let audit = try #require(LedgerAuditor(Self.catalog, image: image).audit(candidate))
      #expect(audit.unknown == (isHop ? [] : [.pointer(from: function)]))
    }
  }

  /// R15: a frame whose body nobody has read is never skipped, whatever the evidence.
  @Test(arguments: [true, false])
  func aFrameThatNobodyHasReadIsNeverSkipped(hasImage: Bool) throws {
    var image = try CallLists(objdump: "6.1.192")
    image.lists["acme_read_iter"] = ["sock_read_iter"]
    let candidate = Self.candidate(
      "read", "tcp_recvmsg",
      ["ksys_read", "vfs_read", "acme_read_iter", "sock_read_iter", "inet_recvmsg"])
    let auditor = LedgerAuditor(Self.catalog, image: hasImage ? image : nil)
    #expect(auditor.audit(candidate)?.unknown == [.body("acme_read_iter")])
  }

  /// Each stub there is, with the frames of a recording's trunk.
  private static let every: [Candidate] = StubKind.all.flatMap { kind -> [Candidate] in
    let family = kind.family.replacing("_", with: "-")
    let bodies = [
      "read": "ksys_read", "write": "ksys_write", "readv": "do_readv", "writev": "do_writev",
      "accept": "__sys_accept4", "accept4": "__sys_accept4",
    ]
    let isSocket = ["tcp", "udp", "unix-stream", "unix-dgram"].contains(family)
    let table = ["read": "sock_read_iter", "write": "sock_write_iter"]
    let own = kind.syscall.hasSuffix("v") ? String(kind.syscall.dropLast()) : kind.syscall
    let trunk =
      [bodies[kind.syscall] ?? "__x64_sys_\(kind.syscall)"]
      + (isSocket ? [table[own]].compactMap(\.self) : [])
    let moves = catalog.systemCalls[kind.syscall]?.moves ?? ""
    return catalog.leaves(of: family, moves: moves).map { candidate(kind.syscall, $0, trunk) }
  }

  /// On every way that a stub skips, each call of Debian's kernels has an answer in its ledger, and
  /// so has each that the catalogue lists.
  @Test(arguments: ["6.1.192", "6.12.117", nil])
  func everyStubAnswersEveryCall(kernel: String?) throws {
    let image = try kernel.map { try CallLists(objdump: $0) }
    let auditor = LedgerAuditor(Self.catalog, image: image)
    #expect(Set(Self.every.compactMap(\.kind)).count == StubKind.all.count)
    for candidate in Self.every {
      let audit = try #require(auditor.audit(candidate))
      #expect(audit.unknown == [], "\(candidate.kind?.name ?? "") \(candidate.leaf ?? "")")
    }
  }

  /// A kind of stub is audited without a recording as well, and then too nothing may be unknown.
  @Test(arguments: ["6.1.192", "6.12.117", nil])
  func kindsAreAuditedWithoutARecording(kernel: String?) throws {
    var image = try kernel.map { try CallLists(objdump: $0) }
    for kind in StubKind.all {
      let audit = try #require(LedgerAuditor(Self.catalog, image: image).audit(kind))
      #expect(audit.unknown == [] && !audit.rows.isEmpty, "\(kind.name)")
    }
    image?.lists["vfs_readv"]?.append("acme_note_read")
    guard let image else { return }
    let refused = StubKind.all.filter {
      LedgerAuditor(Self.catalog, image: image).audit($0)?.refusal != nil
    }
    #expect(!refused.isEmpty && refused.allSatisfy { $0.syscall == "readv" })
  }

  /// Nor is any effect that the calls name missing from the ledgers.
  @Test func everyEffectIsARowOfSomeLedger() throws {
    let rows = Self.every.compactMap { LedgerAuditor(Self.catalog).audit($0) }.flatMap(\.rows)
    let known = Set(rows.map(\.effect))
    #expect(Self.catalog.calls.effects.subtracting(known) == [])
  }

  /// A row that is dropped keeps what shows the effect.
  @Test func policiesChangeTheStatusOnly() throws {
    let audit = try #require(LedgerAuditor(Self.catalog).audit(Self.tcp[0]))
    let rows = audit.rows.map { $0.under(.lean(dropping: [.lsm, .rps])) }
    let dropped = rows.filter { $0.note.hasPrefix("by --drop") }
    #expect(
      dropped.map(\.effect) == [
        "file permission hook", "socket receive hook", "receive flow steering",
      ])
    #expect(dropped.allSatisfy { $0.status == "dropped" && $0.evidence == "catalogue" })
  }

  @Test func calledFunctionsAreListedOnce() throws {
    #expect(Self.catalog.calls.answer(to: "__stack_chk_fail", from: "vfs_read") == .noise)
    #expect(Self.catalog.calls.answer(to: "srso_return_thunk", from: "vfs_read") == .noise)
    #expect(
      Self.catalog.calls.answer(to: "fsnotify", from: "rw_verify_area")
        == .effects([["file permission hook"]]))
    #expect(
      Self.catalog.calls.answer(to: "fsnotify", from: "vfs_read")
        == .effects([["access notification"]]))
    #expect(Self.catalog.calls.answer(to: "fsnotify", from: "sock_read_iter") == nil)
  }
}
