extension StubMutation {
  /// Scenarios that a broken rule is most likely to show in, as parts of their names: they are tried
  /// before all others.
  var witnesses: [String] { Self.witnesses[rule] ?? [] }

  private static let witnesses = [
    "R1": ["/minus/", "references"],
    "R2": ["/minus/", "/null/", "/pipe_read/", "/unix_stream/", "/tcp/", "/proc/"],
    "R3": ["/tls_tx/", "/mptcp_data/", "/tls_rx/", "/unix_seqpacket/", "/raw/"],
    "R4": [
      "/tls_tx/", "/tls_rx/", "/mptcp", "/unix_stream/", "/raw/", "/udp6/", "/tcp/", "/hops_ipv6",
    ],
    "R5": ["/unix_seqpacket/", "/unix_dgram/", "/unix_stream/", "/tcp/", "/udp/"],
    "R6": ["/tcp/16", "/tcp/one", "/tcp_full/", "_empty/16", "_empty/one", "/unix_full/"],
    "R7": ["/tcp/0", "/udp_empty/0", "_empty/0", "_empty/null_0", "/none", "/empty_pieces"],
    "R8": [
      "/minus_1", "/null_0", "/kernel", "/top", "/minus/", "/minus_5000", "/minus_1_at_0",
      "/null_at_0", "/tcp/null", "/second_bad",
    ],
    "R9": ["/2G", "/4G_5", "/7ffff000", "/huge", "/big_write", "/longest"],
    "R10": ["_data/16", "/tcp/16", "/udp/16", "/unix_stream/16", "/one", "/three"],
    "R11": ["/security_", "/16_at_last", "fanotify"],
    "R12": ["/16", "/16_at_0", "/0", "/one", "/none", "/minus/", "/second_bad"],
    "R13": ["_only/", "/pipe_", "/fifo/", "/16_at", "/0_at"],
    "R14": [
      "_append/", "_direct/", "_sync/", "_at_end/", "/position", "/append", "/frozen", "_dup/",
      "_only/", "/first_bad", "/tmpfs/", "/ext4/", "/ramfs/",
    ],
    "R15": ["_direct/", "/waits_tcp/write", "/tcp_full/", "/stress"],
    "R16": ["eintr", "restart", "signal"],
    "R17": ["/udp_unconnected/", "/address", "/short_address"],
    "R18": ["/internal", "/nopolicy"],
    "vectors": ["/memory"],
    "control": ["/rights", "/nonsense", "/bad_control"],
    "compat": ["/compat"],
    "address": ["/address"],
    "header": ["/trunc", "/oob", "/tight_control"],
  ]
}
