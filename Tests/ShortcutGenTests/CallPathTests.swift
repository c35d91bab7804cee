import Testing

@testable import Profiler
@testable import ShortcutGen

/// Stacks taken apart, each written by hand as the kernel's source would make it.
@Suite struct CallPathTests {
  /// Frames, outermost first; `a:` is application code, `t:` entry code, `?:` unresolved, all else
  /// the kernel's.
  private struct Stack {
    let profile: ResolvedProfile

    init(_ frames: [String]) {
      var profile = ResolvedProfile()
      for (row, frame) in frames.enumerated() {
        profile.functions.append(Stack.function(frame))
        profile.locations.function.append(FunctionID(row))
        profile.locations.image.append(0)
        profile.locations.address.append(UInt64(row))
        profile.stacks.frames.append(LocationID(rawValue: UInt32(row)))
      }
      profile.stacks.ends.append(frames.count)
      profile.stacks.part.append(.asRecorded)
      profile.images = ["binary"]
      self.profile = profile
    }

    private static func function(_ frame: String) -> Function {
      let name = String(frame.dropFirst(frame.dropFirst().first == ":" ? 2 : 0))
      let origin: FunctionOrigin =
        switch frame.prefix(2) {
        case "a:": .application
        case "t:": .transition
        case "?:": .unresolved
        default: .kernel
        }
      return Function(symbol: name, name: name, origin: origin)
    }

    func path(_ witness: (any HopWitness)? = nil) throws -> CallPath? {
      var finder = CallPathFinder(profile, catalog: try OperationCatalog(), witness: witness)
      return finder.path(of: 0)
    }

    func name(_ id: FunctionID?) -> String? { id.map { profile.functions[$0.index].symbol } }
  }

  private static let entry = ["t:ukl_entry_SYSCALL_64", "t:do_syscall_64"]

  @Test func readOfASocket() throws {
    let stack = Stack(
      ["a:main", "a:serve", "a:read"] + Self.entry
        + ["ksys_read", "vfs_read", "sock_read_iter", "inet_recvmsg", "tcp_recvmsg", "lock_sock"])
    let path = try #require(try stack.path())
    #expect(path.site == .function(FunctionID(1)) && stack.name(path.wrapper) == "read")
    #expect(path.syscall == "read" && path.depth == .leaf)
    #expect(
      path.trunk.map { stack.name($0) } == [
        "ksys_read", "vfs_read", "sock_read_iter", "inet_recvmsg",
      ])
    #expect(stack.name(path.leaf?.function) == "tcp_recvmsg" && path.leaf?.place == nil)
  }

  /// ORC can't look behind the jump of an indirect call: it stands right behind the wrapper.
  @Test(arguments: ["__x86_indirect_thunk_rax", "__static_call_text_end"])
  func jumpThatLostItsCallerIsInTheCallOfItsWrapper(thunk: String) throws {
    let path = try #require(try Stack(["a:main", "a:write", thunk]).path())
    #expect(path.syscall == "write" && path.depth == .elsewhere && path.trunk.isEmpty)
    #expect(path.site == .function(FunctionID(0)))
    #expect(try Stack(["a:main", "a:compute", thunk]).path() == nil)
  }

  /// sock_sendmsg and inet_sendmsg are sibling calls: their frames are missing.
  @Test func leafBehindHiddenHops() throws {
    let stack = Stack(
      ["a:main", "a:sendto"] + Self.entry + ["__x64_sys_sendto", "__sys_sendto", "udp_sendmsg"])
    let path = try #require(try stack.path())
    #expect(path.syscall == "sendto" && stack.name(path.leaf?.function) == "udp_sendmsg")
    let hops = HopDiscovery(catalog: try OperationCatalog())
      .hops(trunk: ["__x64_sys_sendto", "__sys_sendto"], leaf: "udp_sendmsg", moves: "write")
    #expect(hops.map(\.slot) == ["proto_ops.sendmsg", "proto.sendmsg"])
    #expect(hops.map(\.callee) == ["inet_sendmsg", "udp_sendmsg"])
    #expect(hops.allSatisfy { $0.call == .tail })
  }

  @Test(arguments: [
    (["ksys_read"], CallPath.Depth.skipped),
    (["ksys_read", "vfs_read", "rw_verify_area"], .skipped),
    (["ksys_read", "vfs_read", "rw_verify_area", "__fsnotify_parent"], .kept),
    (["ksys_read", "vfs_read", "__x86_return_thunk"], .skipped),
    (["ksys_read", "vfs_read", "security_file_permission", "aa_file_perm"], .kept),
    (["ksys_read", "vfs_read", "brand_new_helper"], .unlisted),
    (["ksys_read", "vfs_read", "t:asm_sysvec_apic_timer_interrupt", "tick"], .elsewhere),
    (["t:syscall_exit_to_user_mode", "schedule"], .elsewhere),
    (["t:syscall_exit_to_user_mode"], .transition),
  ])
  func whatASampleCountsFor(kernel: [String], depth: CallPath.Depth) throws {
    let path = try #require(
      try Stack(["a:main", "a:serve", "a:read"] + Self.entry + kernel).path())
    #expect(path.depth == depth && path.leaf == nil)
  }

  /// A file system nobody listed is still no helper: it stands where vfs_read calls through a slot.
  @Test func anUnlistedTargetIsSeen() throws {
    let stack = Stack(
      ["a:main", "a:read"] + Self.entry + ["ksys_read", "vfs_read", "foofs_read_iter"])
    let path = try #require(try stack.path())
    #expect(stack.name(path.leaf?.function) == "foofs_read_iter" && path.leaf?.place == nil)
  }

  /// What the kernel's image has in a slot that data move through is a leaf, whatever its name says,
  /// even one like a helper's; but not below a helper, nor of a call that moves data the other way.
  @Test func whatStandsInASlotIsALeaf() throws {
    struct Image: HopWitness {
      func place(of callee: String, calledBy caller: String, slots: DataSlots) -> SlotPlace? {
        let slot = "file_operations.write"
        let stands = ["emit", "trace_marker"].contains(callee) && slots.contains(slot)
        return stands ? SlotPlace(slot: slot, tables: ["marker_fops"]) : nil
      }
      func deepCall(from caller: String, to callee: String) -> DeepCall? { nil }
    }
    func leaf(_ application: String, _ kernel: [String]) throws -> String? {
      let stack = Stack(["a:main", application] + Self.entry + kernel)
      let path = try #require(try stack.path(Image()))
      #expect((path.leaf == nil) == (path.depth != .leaf))
      return path.leaf.map { "\(stack.name($0.function) ?? "") \($0.place?.shown ?? "")" }
    }
    let place = "file_operations.write of marker_fops"
    #expect(try leaf("a:write", ["ksys_write", "vfs_write", "emit", "x"]) == "emit \(place)")
    #expect(
      try leaf("a:write", ["ksys_write", "vfs_write", "trace_marker"]) == "trace_marker \(place)")
    #expect(try leaf("a:write", ["ksys_write", "vfs_write", "helper", "emit"]) == nil)
    #expect(try leaf("a:write", ["ksys_write", "vfs_write", "rw_verify_area", "emit"]) == nil)
    #expect(try leaf("a:read", ["ksys_read", "vfs_read", "emit"]) == nil)
  }

  /// The application may have functions named as the kernel's.
  @Test func applicationFunctionsAreNoTrunk() throws {
    let stack = Stack(
      ["a:main", "a:tcp_sendmsg", "a:write"] + Self.entry
        + ["ksys_write", "vfs_write", "sock_write_iter", "tcp_sendmsg"])
    let path = try #require(try stack.path())
    #expect(path.site == .function(FunctionID(1)) && path.leaf?.function == FunctionID(8))
  }

  /// A helper that the stub drops is no part of the trunk, though its own time is skipped.
  @Test func droppedHelpersAreNoFramesOfTheTrunk() throws {
    let stack = Stack(
      ["a:main", "a:read"] + Self.entry + ["ksys_read", "vfs_read", "rw_verify_area"])
    let path = try #require(try stack.path())
    #expect(path.trunk.map { stack.name($0) } == ["ksys_read", "vfs_read"] && !path.isInTrunk)
  }

  /// glibc 2.41 stacks four frames between read() and the system call.
  @Test func deepWrappersAreSeen() throws {
    let stack = Stack(
      [
        "a:main", "a:serve", "a:read", "a:__syscall_cancel", "a:__internal_syscall_cancel",
        "a:__syscall_cancel_arch",
      ] + Self.entry + ["ksys_read"])
    let path = try #require(try stack.path())
    #expect(stack.name(path.wrapper) == "read" && path.site == .function(FunctionID(1)))
  }

  @Test func fredEntersByASystemCall() throws {
    let stack = Stack(
      [
        "a:main", "a:read", "t:asm_fred_entrypoint_user", "t:fred_entry_from_user",
        "t:do_syscall_64",
        "ksys_read", "vfs_read", "sock_read_iter", "tcp_recvmsg",
      ])
    #expect(try stack.path()?.depth == .leaf)
  }

  @Test func garbageIsNoCallSite() throws {
    let path = try Stack(["?:[unknown]", "a:read"] + Self.entry + ["ksys_read"]).path()
    #expect(path?.site == .unknown)
    let unresolved = try Stack(["?:[server]", "?:[libc.so.6]"] + Self.entry + ["ksys_read"]).path()
    #expect(unresolved?.site == .address(LocationID(rawValue: 0)))
    #expect(unresolved?.syscall == "read")
  }

  @Test func stacksOutsideOfSystemCallsAreNoPaths() throws {
    #expect(try Stack(["a:main", "a:compute"]).path() == nil)
    #expect(try Stack(["a:main", "t:asm_exc_page_fault", "handle_mm_fault"]).path() == nil)
    #expect(try Stack(["ret_from_fork", "kthread"]).path() == nil)
  }

  /// libc's own layers between its public function and the system call belong to the wrapper.
  @Test func theWrapperIsLibcsPublicFunction() throws {
    let stack = Stack(
      ["a:main", "a:serve", "a:__libc_recv", "a:__syscall_cp"] + Self.entry
        + ["__x64_sys_recvfrom", "__sys_recvfrom", "inet_recvmsg", "tcp_recvmsg"])
    let path = try #require(try stack.path())
    #expect(stack.name(path.wrapper) == "__libc_recv" && path.site == .function(FunctionID(1)))
  }
}
