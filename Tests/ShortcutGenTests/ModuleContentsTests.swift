import ShortcutGen
import Testing

/// What a module says of itself, and what it asks of the kernel.
@Suite struct ModuleContentsTests {
  @Test func listHasStubsAndPolicy() throws {
    let files = try StubSamples.moduleFiles(
      .linux6_1, policy: .lean(dropping: [.lsm, .accounting]))
    let contents = try ModuleContents(reading: files.text(of: "module/stubs.json").utf8)
    #expect(contents.stubs == ["shortcut_tcp_read", "shortcut_tcp_write"])
    #expect(contents.dropped == [.accounting, .lsm])
    #expect(contents.guards)
  }

  /// Linux 6.1 has no `shmem_file_write_iter()`, which a module that looks it up can't be loaded for.
  @Test func namesInCommentsAreNotLookedUp() throws {
    let stub = StubRequest(
      kind: StubSamples.kind("shortcut_tmpfs_write"), trunk: ["vfs_write"],
      evidence: ["save -> write -> shmem_file_write_iter: 9 samples"], planIDs: ["1"])
    let files = try StubSamples.moduleFiles(.linux6_1, [stub])
    #expect(files.text(of: "module/ukl_shortcut_tmpfs.c").contains("shmem_file_write_iter"))
    #expect(!files.text(of: "module/ukl_shortcut_found.c").contains("shmem_file_write_iter"))
  }
}
