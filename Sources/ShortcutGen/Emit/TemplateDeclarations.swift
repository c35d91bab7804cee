/// Which variables each template has. templates/README.md describes them for people.
enum TemplateDeclarations {
  /// Template name → its variables; `.` is the item of a list.
  static let all: [String: Set<String>] = [
    "tcp_file": [
      "toolVersion", "planIDs", "provenance", "evidence", "socketLengthTracepoints",
      "flowSteeringHeader", "stubs", "stub", ".",
    ],
    "tcp_read": [
      "trunk", "iterDestination", "socketLengthTracepoints", "fanotifyBesideLSM", "fdEmpty",
      "fdFile", ".",
    ],
    "tcp_write": [
      "trunk", "iterSource", "socketLengthTracepoints", "fanotifyBesideLSM", "fdEmpty", "fdFile",
      ".",
    ],
    "shortcut_header": ["toolVersion", "planIDs", "prototypes", "."],
    "kconfig_file": ["toolVersion", "planIDs", "definesDeepShortcut", "entries", "entry"],
    "kconfig_entry": ["symbol", "title", "names", "."],
    "patch_message": ["toolVersion", "planIDs", "provenance", "evidence", "names", "."],
    "app_header": [
      "toolVersion", "planIDs", "wrappers", "setsErrno", "exitUser", "enterUser", "prototypes",
      "calls", "call", "fallbacks", ".",
    ],
    "app_call": [
      "name", "parameters", "arguments", "exitUser", "enterUser", "wrapper", "result",
    ],
    "redef_sym_names": ["symbols", "."],
    "module_kbuild": ["toolVersion", "planIDs", "objects"],
    "module_main": ["toolVersion", "planIDs"],
  ]
}
