/// Builds perf's tracing data (`trace-cmd.dat.v6(5)` as perf writes it: magic, version, byte order,
/// size of a long, page size, the header files, ftrace's formats, the others').
public struct TracingDataBuilder: Sendable {
  /// The recorded machine's byte order.
  public let order: ByteWriter.Order
  /// Formats by system, as `events/SYSTEM/NAME/format` has them.
  public var systems: [(name: String, formats: [String])] = []

  /// Of no tracepoints.
  public init(_ order: ByteWriter.Order = .little) { self.order = order }

  /// The bytes of the section.
  public var bytes: [UInt8] {
    var out = ByteWriter(order)
    out.raw([0x17, 0x08, 0x44] + "tracing".utf8 + "0.6".utf8 + [0])
    out.raw([order == .big ? 1 : 0, 8])
    out.integer(UInt32(4096))
    for name in ["header_page", "header_event"] {
      out.raw(Array(name.utf8) + [0])
      file("\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n", into: &out)
    }
    out.integer(UInt32(0))
    out.integer(UInt32(systems.count))
    for system in systems {
      out.raw(Array(system.name.utf8) + [0])
      out.integer(UInt32(system.formats.count))
      for format in system.formats { file(format, into: &out) }
    }
    return out.bytes
  }

  private func file(_ text: String, into out: inout ByteWriter) {
    out.integer(UInt64(text.utf8.count))
    out.raw(text.utf8)
  }

  private static let common = """
    \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
    \tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
    \tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
    \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

    """

  /// Linux 6.1's `events/sched/sched_switch/format`, its print format shortened.
  public static func schedSwitch(id: Int) -> String {
    """
    name: sched_switch
    ID: \(id)
    format:
    \(common)
    \tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;
    \tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;
    \tfield:int prev_prio;\toffset:28;\tsize:4;\tsigned:1;
    \tfield:long prev_state;\toffset:32;\tsize:8;\tsigned:1;
    \tfield:char next_comm[16];\toffset:40;\tsize:16;\tsigned:0;
    \tfield:pid_t next_pid;\toffset:56;\tsize:4;\tsigned:1;
    \tfield:int next_prio;\toffset:60;\tsize:4;\tsigned:1;

    print fmt: "prev_pid=%d ==> next_pid=%d", REC->prev_pid, REC->next_pid

    """
  }

  /// Linux 6.1's `events/syscalls/sys_enter_read/format`.
  public static func sysEnterRead(id: Int) -> String {
    """
    name: sys_enter_read
    ID: \(id)
    format:
    \(common)
    \tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;
    \tfield:unsigned int fd;\toffset:16;\tsize:8;\tsigned:0;
    \tfield:char * buf;\toffset:24;\tsize:8;\tsigned:0;
    \tfield:size_t count;\toffset:32;\tsize:8;\tsigned:0;

    print fmt: "fd: 0x%08lx, buf: 0x%08lx", ((unsigned long)(REC->fd)), ((unsigned long)(REC->buf))

    """
  }
}
