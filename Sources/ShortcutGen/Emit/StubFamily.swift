/// Where the stubs of one family live in a kernel tree.
struct StubFamily: Hashable, Sendable {
  /// The middle of the stubs' names: `tcp`.
  let name: String
  /// How people call it.
  let title: String
  /// The folder whose Makefile takes it in.
  let folder: String
  /// The line of the Makefile after which it is added; its end where there is none.
  let makefileAnchor: String

  /// TCP over IPv4 and IPv6.
  static let tcp = StubFamily(
    name: "tcp", title: "TCP sockets", folder: "net/ipv4",
    makefileAnchor: "obj-$(CONFIG_NETLABEL) += ")

  static let all = [tcp]

  /// The header that declares the stubs of all families.
  static let header = "include/linux/ukl_shortcut.h"

  /// The switches of all families, and the Kconfig that takes them in: of those that no version of
  /// the patch set changes.
  static let configuration = "kernel/Kconfig.ukl_shortcut"
  static let sourcingConfiguration = "net/ipv4/Kconfig"

  /// Every file of a tree that a patch may add or change.
  static let touchedFiles =
    [header, configuration, sourcingConfiguration] + all.flatMap { [$0.source, $0.makefile] }

  var symbol: String { "UKL_SHORTCUT_\(name.uppercased())" }
  var object: String { "ukl_shortcut_\(name).o" }
  var source: String { "\(folder)/ukl_shortcut_\(name).c" }
  var makefile: String { "\(folder)/Makefile" }
  var template: String { "\(name)_file" }

  /// The line for the Makefile.
  var makefileLine: String { "obj-$(CONFIG_\(symbol)) += \(object)" }
}
