/// Where the stubs of one family live in a kernel tree.
struct StubFamily: Hashable, Sendable {
  /// The middle of the stubs' names: `tcp`.
  let name: String
  /// How people call it.
  let title: String
  /// The folder whose Makefile and Kconfig take it in.
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

  var symbol: String { "UKL_SHORTCUT_\(name.uppercased())" }
  var object: String { "ukl_shortcut_\(name).o" }
  var source: String { "\(folder)/ukl_shortcut_\(name).c" }
  var configuration: String { "\(folder)/Kconfig.ukl_shortcut" }
  var makefile: String { "\(folder)/Makefile" }
  var sourcingConfiguration: String { "\(folder)/Kconfig" }
  var template: String { "\(name)_file" }

  var changedFiles: [String] { [makefile, sourcingConfiguration] }
  var newFiles: [String] { [source, configuration, Self.header] }

  /// The line for the Makefile.
  var makefileLine: String { "obj-$(CONFIG_\(symbol)) += \(object)" }
  /// The line for the folder's Kconfig.
  var configurationLine: String { "source \"\(configuration)\"" }
}
