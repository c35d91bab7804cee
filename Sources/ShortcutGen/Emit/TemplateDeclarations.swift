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
    "app_addressless": ["arguments", "name", "parameters", "whole"],
    "app_call": [
      "name", "parameters", "arguments", "exitUser", "enterUser", "wrapper", "result",
    ],
    "redef_sym_names": ["symbols", "."],
    "module_kbuild": ["toolVersion", "planIDs", "objects"],
    "module_main": ["toolVersion", "planIDs"],
    "report": report,
    "page": report.union(["title", "contents", "picture"]),
    "report_shortcut": shortcut,
    "page_shortcut": shortcut.union(["anchor"]),
  ]

  /// What both forms of the report have.
  private static let report: Set<String> = [
    "toolVersion", "recording", "facts", "notes", "ranked", "shortcuts", "shortcut", "others",
    "groups", "advice", ".",
  ]

  /// What both forms say of a shortcut.
  private static let shortcut: Set<String> = [
    "id", "sentence", "where", "source", "trunk", "hops", "guards", "savings", "ledger", "files",
    "stub", "application", "diff", "decisions", ".",
  ]
}
