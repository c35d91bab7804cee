/// The templates of stubs, application side, test module and report as they lie in this folder.
///
/// Keys are file names without `.mustache`.
public enum EmbeddedTemplates {
  /// Text of each template, UTF-8.
  public static let all: [String: [UInt8]] = [
    "tcp_file": PackageResources.tcp_file_mustache,
    "tcp_read": PackageResources.tcp_read_mustache,
    "tcp_write": PackageResources.tcp_write_mustache,
    "shortcut_header": PackageResources.shortcut_header_mustache,
    "kconfig_file": PackageResources.kconfig_file_mustache,
    "kconfig_entry": PackageResources.kconfig_entry_mustache,
    "patch_message": PackageResources.patch_message_mustache,
    "app_header": PackageResources.app_header_mustache,
    "app_addressless": PackageResources.app_addressless_mustache,
    "app_call": PackageResources.app_call_mustache,
    "redef_sym_names": PackageResources.redef_sym_names_mustache,
    "module_kbuild": PackageResources.module_kbuild_mustache,
    "module_main": PackageResources.module_main_mustache,
    "report": PackageResources.report_mustache,
    "report_shortcut": PackageResources.report_shortcut_mustache,
    "page": PackageResources.page_mustache,
    "page_shortcut": PackageResources.page_shortcut_mustache,
  ]
}
