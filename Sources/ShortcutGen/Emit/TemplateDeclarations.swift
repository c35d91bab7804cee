/// Which variables each template has. templates/README.md describes them for people.
enum TemplateDeclarations {
  /// What every stub is made of.
  private static let stub: Set<String> = [
    "trunk", "iterDirection", "socketLengthTracepoints", "fanotifyBesideLSM", "fdEmpty", "fdFile",
    ".",
  ]

  /// Template name → its variables; `.` is the item of a list.
  static let all: [String: Set<String>] = [
    "tcp_file": [
      "toolVersion", "planIDs", "provenance", "evidence", "socketLengthTracepoints",
      "flowSteeringHeader", "stubs", "stub", ".",
    ],
    "tcp_read": stub,
    "tcp_write": stub,
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
    "report": [
      "toolVersion", "recording", "facts", "notes", "ranked", "shortcuts", "shortcut", "others",
      "groups", "advice", "predictions", "systemCalls", ".",
    ],
    "report_shortcut": [
      "id", "sentence", "where", "trunk", "hops", "savings", "ledger", "files", "application",
      "decisions", "behind", "policies", ".",
    ],
  ]
}
