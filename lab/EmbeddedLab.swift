/// What `ukl-shortcut verify` takes of this folder to wherever it runs.
public enum EmbeddedLab {
  /// The program to call, by its place in ``files``.
  public static let verify = "verify"

  /// Contents by path below a folder.
  public static let files: [String: [UInt8]] = [
    verify: PackageResources.verify,
    "labkit/__init__.py": PackageResources.__init___py,
    "labkit/debian.py": PackageResources.debian_py,
    "labkit/guest.py": PackageResources.guest_py,
    "labkit/initramfs.py": PackageResources.initramfs_py,
    "labkit/machine.py": PackageResources.machine_py,
    "labkit/modules.py": PackageResources.modules_py,
    "guest/init.sh": PackageResources.init_sh,
    "stubs/guest.sh": PackageResources.guest_sh,
    "stubs/tester.c": PackageResources.tester_c,
  ]
}
