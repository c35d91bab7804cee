/// What `ukl-shortcut verify` takes of this folder to wherever it runs.
public enum EmbeddedLab {
  /// The program to call, by its place in ``files``.
  public static let verify = "verify"

  /// Contents by path below a folder.
  public static let files: [String: [UInt8]] = [
    verify: PackageResources.verify,
    "labkit/__init__.py": PackageResources.__init___py,
    "labkit/conversation.py": PackageResources.conversation_py,
    "labkit/debian.py": PackageResources.debian_py,
    "labkit/guest.py": PackageResources.guest_py,
    "labkit/initramfs.py": PackageResources.initramfs_py,
    "labkit/machine.py": PackageResources.machine_py,
    "labkit/modules.py": PackageResources.modules_py,
    "guest/init.sh": PackageResources.init_sh,
    "stubs/guest.sh": PackageResources.guest_sh,
    "stubs/tester/blocking.c": PackageResources.blocking_c,
    "stubs/tester/calls.c": PackageResources.calls_c,
    "stubs/tester/compare.c": PackageResources.compare_c,
    "stubs/tester/costs.c": PackageResources.costs_c,
    "stubs/tester/kinds.c": PackageResources.kinds_c,
    "stubs/tester/main.c": PackageResources.main_c,
    "stubs/tester/matrix.c": PackageResources.matrix_c,
    "stubs/tester/others.c": PackageResources.others_c,
    "stubs/tester/process.c": PackageResources.process_c,
    "stubs/tester/rooms.c": PackageResources.rooms_c,
    "stubs/tester/sockmap.c": PackageResources.sockmap_c,
    "stubs/tester/tester.h": PackageResources.tester_h,
    "stubs/tester/threads.h": PackageResources.threads_h,
    "stubs/harness/Kbuild": PackageResources.Kbuild,
    "stubs/harness/harness.c": PackageResources.harness_c,
    "stubs/harness/harness.h": PackageResources.harness_h,
  ]
}
