/// Which variables each template has. templates/README.md describes them for people.
enum TemplateDeclarations {
  /// What says where a file comes from.
  private static let origin: Set<String> = [".", "planIDs", "toolVersion", "unsafe"]

  /// What the comment above a stub is made of.
  private static let documented: Set<String> = [
    ".", "descriptor", "effects", "fallbacks", "leaf", "name", "prototype", "trunk",
  ]

  /// What a stub needs to look up its descriptor.
  private static let lookup: Set<String> = ["family", "fdEmpty", "fdFile", "guards"]

  /// The side effects that a policy may drop.
  private static let kept: Set<String> = ["keepsAccounting", "keepsLSM", "keepsNotification"]

  /// Template name → its variables; `.` is the item of a list.
  static let all: [String: Set<String>] = [
    // kernel/
    "eventfd_write": documented.union(lookup).union(kept).union([
      "notesTransfer", "checksTable", "table", "writeLeaf",
    ]),
    "family_file": origin.union([
      "assumptions", "evidence", "facts", "host", "includes", "part", "parts", "policy",
      "provenance", "stub",
      "stubs", "title",
    ]),
    "file_pread64": documented.union(lookup),
    "file_pwrite64": documented.union(lookup),
    "file_read": documented.union(lookup),
    "file_read_at": kept.union([
      "notesTransfer",
      "destination", "family", "iteratesBuffers", "partIndent", "checksTable", "table", "readLeaf",
    ]),
    "file_readv": documented.union(lookup).union(kept).union([
      "destination", "modeBeforeVectors", "nameIndent", "checksTable", "table", "readLeaf",
    ]),
    "file_write": documented.union(lookup),
    "file_write_at": kept.union([
      "notesTransfer", "family", "iteratesBuffers", "partIndent", "source", "checksTable", "table",
      "writeLeaf",
    ]),
    "file_writev": documented.union(lookup).union(kept).union([
      "modeBeforeVectors", "nameIndent", "source", "checksTable", "table", "writeLeaf",
    ]),
    "helper_sockets": origin.union(["host", "includes"]),
    "helper_vectors": origin.union(["host", "includes"]),
    "kconfig_entry": [".", "depends", "guards", "names", "symbol", "title"],
    "kconfig_file": origin.union(["definesDeepShortcut", "entries", "entry"]),
    "may_read": ["family", "fanotifyBesideLSM"],
    "may_write": ["family", "fanotifyBesideLSM"],
    "patch_message": origin.union([
      "count", "evidence", "names", "number", "policy", "provenance", "title",
    ]),
    "read_prototype": ["hasTable", "readLeaf"],
    "regular_reads": ["family"],
    "regular_writes": ["family"],
    "shortcut_header": origin.union(["hasHelpers", "helpers", "prototypes", "structures"]),
    "socket_accept": [".", "descriptor", "leaf", "name", "prototype", "trunk"],
    "socket_accept4": [".", "descriptor", "leaf", "name", "prototype", "trunk"],
    "socket_read": documented.union(lookup).union(kept).union([
      "notesTransfer",
      "destination", "iteratesBuffers", "nameIndent",
    ]),
    "socket_read_msg": ["family"],
    "socket_readv": documented.union(lookup).union(kept).union(["destination", "nameIndent"]),
    "socket_recvfrom": documented.union(lookup).union(["destination", "importsBuffers"]),
    "socket_recvmsg": documented.union(lookup).union(["nameIndentInt"]),
    "socket_sendmsg": documented.union(lookup).union(["masksInternalFlags", "nameIndentInt"]),
    "socket_sendto": documented.union(lookup).union([
      "importsBuffers", "masksInternalFlags", "source",
    ]),
    "socket_write": documented.union(lookup).union(kept).union([
      "notesTransfer",
      "iteratesBuffers", "nameIndent", "source",
    ]),
    "socket_write_msg": ["family"],
    "socket_writev": documented.union(lookup).union(kept).union(["nameIndent", "source"]),
    "stream_read": documented.union(lookup).union(kept).union([
      "notesTransfer",
      "destination", "iteratesBuffers", "readLeaf", "checksTable", "table",
    ]),
    "stream_readv": documented.union(lookup).union(kept).union([
      "destination", "freesVectors", "modeBeforeVectors", "nameIndent", "readLeaf", "checksTable",
      "table",
    ]),
    "stream_write": documented.union(lookup).union(kept).union([
      "notesTransfer",
      "iteratesBuffers", "source", "checksTable", "table", "writeLeaf",
    ]),
    "stream_writev": documented.union(lookup).union(kept).union([
      "modeBeforeVectors", "nameIndent", "source", "checksTable", "table", "writeLeaf",
    ]),
    "table_reads": ["family", "table"],
    "table_writes": ["family", "table"],
    "tcp_receive": [
      "family", "guards", "keepsFlowSteering", "keepsLSM", "recvmsgArguments", "recvmsgType",
      "socketLengthTracepoints",
    ],
    "tcp_send": ["family", "guards", "keepsFlowSteering", "keepsLSM", "socketLengthTracepoints"],
    "udp_receive": [
      "family", "guards", "keepsFlowSteering", "keepsLSM", "recvmsgArguments", "recvmsgType",
      "socketLengthTracepoints",
    ],
    "udp_send": ["family", "guards", "keepsLSM", "socketLengthTracepoints"],
    "unix_receive": ["family", "guards", "keepsLSM", "readLeaf", "socketLengthTracepoints"],
    "unix_send": ["family", "guards", "keepsLSM", "socketLengthTracepoints", "writeLeaf"],
    "write_prototype": ["hasTable", "writeLeaf"],
    // module/
    "module_device": origin.union(["enterUser", "exitUser", "functions", "stubs"]),
    "module_found": origin.union(["definitions", "hasSlots", "slots", "symbols"]),
    "module_found_header": origin.union(["declarations", "includes", "names"]),
    "module_ioctl": origin.union(["enterUser", "exitUser"]),
    "module_kbuild": origin.union(["objects"]),
    // app/
    "app_addressless": ["arguments", "name", "parameters", "whole"],
    "app_call": ["arguments", "enterUser", "exitUser", "name", "parameters", "result", "wrapper"],
    "app_header": origin.union([
      "call", "calls", "enterUser", "exitUser", "fallbacks", "prototypes", "setsErrno",
      "structures", "wrappers",
    ]),
    "redef_sym_names": [".", "symbols", "unsafe"],
    // report/
    "report": report,
    "page": report.union(["title", "contents", "picture"]),
    "report_shortcut": shortcut,
    "page_shortcut": shortcut.union(["anchor"]),
  ]

  /// What both forms of the report have.
  private static let report: Set<String> = [
    "toolVersion", "recording", "facts", "notes", "ranked", "shortcuts", "shortcut", "others",
    "groups", "advice", "predictions", "systemCalls", ".",
  ]

  /// What both forms say of a shortcut.
  private static let shortcut: Set<String> = [
    "id", "sentence", "where", "source", "trunk", "hops", "guards", "savings", "ledger", "files",
    "stub", "application", "diff", "decisions", "behind", "policies", "verification", ".",
  ]
}
