/// A situation and everything that a right stub does in it, in order.
struct StubScenario: CustomStringConvertible, Sendable {
  let situation: String
  let trace: String
  var description: String { situation }

  init(_ situation: String, _ trace: String) {
    self.situation = situation
    self.trace = trace
  }

  /// On Linux 6.1; the rules are those of the project's facts about the kernel.
  static let linux6_1: [StubScenario] = read + write

  private static let read = [
    // the ordinary case: R11, R12, R20
    StubScenario(
      "call=read",
      "fdget(3) access_ok(buf,0x5) file_permission(4) socket_recvmsg(5,0) rps tcp_recvmsg(5,0)"
        + " access rchar(5) syscr fdput = 5 refs=1"),
    // R1: the reference is given back on each way out
    StubScenario("call=read descriptor=closed", "fdget(3) = -9 refs=1"),
    StubScenario(
      "call=read shared=1 leaf=3",
      "fdget(3) access_ok(buf,0x5) file_permission(4) socket_recvmsg(5,0) rps tcp_recvmsg(5,0)"
        + " access rchar(3) syscr fdput = 3 refs=1"),
    StubScenario(
      "call=read shared=1 address=bad", "fdget(3) access_ok(buf,0x5) fdput = -14 refs=1"),
    // R8: the descriptor counts before the address
    StubScenario("call=read descriptor=closed address=bad", "fdget(3) = -9 refs=1"),
    // R2: not a socket
    StubScenario(
      "call=read descriptor=pipe shared=1", "fdget(3) fdput ksys_read(3,buf,5) = 77 refs=1"),
    // R3, R4: the inner guard, after the LSM was asked, on the pointer as it is then
    StubScenario(
      "call=read proto=tls nonblock=1",
      "fdget(3) access_ok(buf,0x5) file_permission(4) socket_recvmsg(5,0x40)"
        + " ops.recvmsg(5,0x40) access rchar(5) syscr fdput = 5 refs=1"),
    StubScenario(
      "call=read swap=1 leaf=-11",
      "fdget(3) access_ok(buf,0x5) file_permission(4) socket_recvmsg(5,0)"
        + " ops.recvmsg(5,0) syscr fdput = -11 refs=1"),
    // R6
    StubScenario(
      "call=read nonblock=1 leaf=-11",
      "fdget(3) access_ok(buf,0x5) file_permission(4) socket_recvmsg(5,0x40) rps"
        + " tcp_recvmsg(5,0x40) syscr fdput = -11 refs=1"),
    // R7: nothing to read
    StubScenario(
      "call=read count=0",
      "fdget(3) access_ok(buf,0) file_permission(4) syscr fdput = 0 refs=1"),
    // R8, R19: the sign counts where access_ok() takes everything
    StubScenario(
      "call=read count=0x8000000000000000",
      "fdget(3) access_ok(buf,0x8000000000000000) fdput = -22 refs=1"),
    // R9
    StubScenario(
      "call=read count=0x80000000 leaf=1",
      "fdget(3) access_ok(buf,0x80000000) file_permission(4) socket_recvmsg(2147479552,0) rps"
        + " tcp_recvmsg(2147479552,0) access rchar(1) syscr fdput = 1 refs=1"),
    // R11: both hooks can say no; only what comes after the first is accounted
    StubScenario(
      "call=read deny=file shared=1",
      "fdget(3) access_ok(buf,0x5) file_permission(4) fdput = -13 refs=1"),
    StubScenario(
      "call=read deny=socket",
      "fdget(3) access_ok(buf,0x5) file_permission(4) socket_recvmsg(5,0) syscr fdput"
        + " = -1 refs=1"),
    // R12, R16: the end of the stream and a restart come back as they are
    StubScenario(
      "call=read leaf=0",
      "fdget(3) access_ok(buf,0x5) file_permission(4) socket_recvmsg(5,0) rps tcp_recvmsg(5,0)"
        + " syscr fdput = 0 refs=1"),
    StubScenario(
      "call=read leaf=-512",
      "fdget(3) access_ok(buf,0x5) file_permission(4) socket_recvmsg(5,0) rps tcp_recvmsg(5,0)"
        + " syscr fdput = -512 refs=1"),
  ]

  private static let write = [
    StubScenario(
      "call=write",
      "fdget(3) access_ok(buf,0x5) file_permission(2) socket_sendmsg(5,0) rps tcp_sendmsg(5,0)"
        + " modify wchar(5) syscw fdput = 5 refs=1"),
    StubScenario("call=write descriptor=closed", "fdget(3) = -9 refs=1"),
    StubScenario(
      "call=write shared=1 leaf=3",
      "fdget(3) access_ok(buf,0x5) file_permission(2) socket_sendmsg(5,0) rps tcp_sendmsg(5,0)"
        + " modify wchar(3) syscw fdput = 3 refs=1"),
    StubScenario(
      "call=write shared=1 address=bad", "fdget(3) access_ok(buf,0x5) fdput = -14 refs=1"),
    StubScenario(
      "call=write descriptor=pipe shared=1", "fdget(3) fdput ksys_write(3,buf,5) = 77 refs=1"),
    StubScenario(
      "call=write proto=tls nonblock=1",
      "fdget(3) access_ok(buf,0x5) file_permission(2) socket_sendmsg(5,0x40)"
        + " ops.sendmsg(5,0x40) modify wchar(5) syscw fdput = 5 refs=1"),
    StubScenario(
      "call=write proto=tls type=seqpacket",
      "fdget(3) access_ok(buf,0x5) file_permission(2) socket_sendmsg(5,0x80)"
        + " ops.sendmsg(5,0x80) modify wchar(5) syscw fdput = 5 refs=1"),
    StubScenario(
      "call=write swap=1",
      "fdget(3) access_ok(buf,0x5) file_permission(2) socket_sendmsg(5,0)"
        + " ops.sendmsg(5,0) modify wchar(5) syscw fdput = 5 refs=1"),
    StubScenario(
      "call=write nonblock=1 leaf=-11",
      "fdget(3) access_ok(buf,0x5) file_permission(2) socket_sendmsg(5,0x40) rps"
        + " tcp_sendmsg(5,0x40) syscw fdput = -11 refs=1"),
    // R7: an empty write goes down
    StubScenario(
      "call=write count=0",
      "fdget(3) access_ok(buf,0) file_permission(2) socket_sendmsg(0,0) rps tcp_sendmsg(0,0)"
        + " syscw fdput = 0 refs=1"),
    StubScenario(
      "call=write count=0x8000000000000000",
      "fdget(3) access_ok(buf,0x8000000000000000) fdput = -22 refs=1"),
    StubScenario(
      "call=write count=0x80000000 leaf=1",
      "fdget(3) access_ok(buf,0x80000000) file_permission(2) socket_sendmsg(2147479552,0) rps"
        + " tcp_sendmsg(2147479552,0) modify wchar(1) syscw fdput = 1 refs=1"),
    StubScenario(
      "call=write deny=file shared=1",
      "fdget(3) access_ok(buf,0x5) file_permission(2) fdput = -13 refs=1"),
    StubScenario(
      "call=write deny=socket",
      "fdget(3) access_ok(buf,0x5) file_permission(2) socket_sendmsg(5,0) syscw fdput"
        + " = -1 refs=1"),
    StubScenario(
      "call=write leaf=-32",
      "fdget(3) access_ok(buf,0x5) file_permission(2) socket_sendmsg(5,0) rps tcp_sendmsg(5,0)"
        + " syscw fdput = -32 refs=1"),
  ]

  /// What is different on Linux 6.12: fanotify beside the LSM, and two tracepoints.
  static let linux6_12 = [
    StubScenario(
      "call=read shared=1",
      "fdget(3) access_ok(buf,0x5) file_permission(4) fanotify(4,5) socket_recvmsg(5,0) rps"
        + " tcp_recvmsg(5,0) recv_length(5,0) access rchar(5) syscr fdput = 5 refs=1"),
    StubScenario(
      "call=read proto=tls nonblock=1",
      "fdget(3) access_ok(buf,0x5) file_permission(4) fanotify(4,5) socket_recvmsg(5,0x40)"
        + " ops.recvmsg(5,0x40) recv_length(5,0x40) access rchar(5) syscr fdput = 5 refs=1"),
    StubScenario(
      "call=read deny=fanotify shared=1",
      "fdget(3) access_ok(buf,0x5) file_permission(4) fanotify(4,5) fdput = -1 refs=1"),
    StubScenario("call=read descriptor=closed", "fdget(3) = -9 refs=1"),
    StubScenario(
      "call=write shared=1",
      "fdget(3) access_ok(buf,0x5) file_permission(2) fanotify(2,5) socket_sendmsg(5,0) rps"
        + " tcp_sendmsg(5,0) send_length(5,0) modify wchar(5) syscw fdput = 5 refs=1"),
    StubScenario(
      "call=write descriptor=pipe shared=1", "fdget(3) fdput ksys_write(3,buf,5) = 77 refs=1"),
    StubScenario("call=write descriptor=closed", "fdget(3) = -9 refs=1"),
  ]
}
