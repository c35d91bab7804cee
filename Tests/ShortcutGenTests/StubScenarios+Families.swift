extension StubScenario {
  /// What the stubs of each family do on Linux 6.1, in the order of the kernel's own sources:
  /// fs/read_write.c, net/socket.c, net/ipv4/af_inet.c.
  static let families: [String: [StubScenario]] = [
    "tcp": [
      StubScenario(
        "call=recvfrom",
        "import(buf,0x5) fdget(3) socket_recvmsg(5,0) rps tcp_recvmsg(5,0) fdput = 5"
          + " refs=1"),
      StubScenario(
        "call=recvfrom addr=1 flags=2",
        "import(buf,0x5) fdget(3) socket_recvmsg(5,0x2) rps tcp_recvmsg(5,0x2)"
          + " addr_to_user(0,addr) fdput = 5 refs=1"),
      StubScenario(
        "call=recvfrom flags=0x2000",
        "import(buf,0x5) fdget(3) socket_recvmsg(5,0x2000) tcp_recvmsg(5,0x2000) fdput"
          + " = 5 refs=1"),
      StubScenario(
        "call=recvfrom address=bad descriptor=closed",
        "import(buf,0x5) = -14 refs=1"),
      StubScenario(
        "call=recvfrom descriptor=closed",
        "import(buf,0x5) fdget(3) = -9 refs=1"),
      StubScenario(
        "call=recvfrom descriptor=pipe addr=1 shared=1",
        "import(buf,0x5) fdget(3) fdput __sys_recvfrom(3,buf,5,0,1) = 77 refs=1"),
      StubScenario(
        "call=recvfrom nonblock=1 leaf=-11 addr=1",
        "import(buf,0x5) fdget(3) socket_recvmsg(5,0x40) rps tcp_recvmsg(5,0x40) fdput"
          + " = -11 refs=1"),
      StubScenario(
        "call=recvfrom addr=1 addrcopy=bad",
        "import(buf,0x5) fdget(3) socket_recvmsg(5,0) rps tcp_recvmsg(5,0)"
          + " addr_to_user(0,addr) fdput = -14 refs=1"),
      StubScenario(
        "call=recvfrom proto=tls",
        "import(buf,0x5) fdget(3) socket_recvmsg(5,0) ops.recvmsg(5,0) fdput = 5 refs=1"),
      StubScenario(
        "call=recvfrom swap=1",
        "import(buf,0x5) fdget(3) socket_recvmsg(5,0) ops.recvmsg(5,0) fdput = 5 refs=1"),
      StubScenario(
        "call=recvfrom deny=socket",
        "import(buf,0x5) fdget(3) socket_recvmsg(5,0) fdput = -1 refs=1"),
      StubScenario(
        "call=recvfrom count=0x80000000 leaf=1",
        "import(buf,0x7ffff000) fdget(3) socket_recvmsg(2147479552,0) rps"
          + " tcp_recvmsg(2147479552,0) fdput = 1 refs=1"),
      StubScenario(
        "call=sendto",
        "import(buf,0x5) fdget(3) socket_sendmsg(5,0) rps tcp_sendmsg(5,0) fdput = 5"
          + " refs=1"),
      StubScenario(
        "call=sendto addr=1 flags=0x8004000",
        "import(buf,0x5) fdget(3) addr_to_kernel(addr,7) socket_sendmsg(5,0x4000) rps"
          + " tcp_sendmsg(5,0x4000) fdput = 5 refs=1"),
      StubScenario(
        "call=sendto addr=1 addrcopy=bad shared=1",
        "import(buf,0x5) fdget(3) addr_to_kernel(addr,7) fdput = -14 refs=1"),
      StubScenario(
        "call=sendto address=bad descriptor=closed",
        "import(buf,0x5) = -14 refs=1"),
      StubScenario(
        "call=sendto descriptor=closed",
        "import(buf,0x5) fdget(3) = -9 refs=1"),
      StubScenario(
        "call=sendto descriptor=pipe addr=1 shared=1",
        "import(buf,0x5) fdget(3) fdput __sys_sendto(3,buf,5,0,7) = 77 refs=1"),
      StubScenario(
        "call=sendto nonblock=1",
        "import(buf,0x5) fdget(3) socket_sendmsg(5,0x40) rps tcp_sendmsg(5,0x40) fdput"
          + " = 5 refs=1"),
      StubScenario(
        "call=sendto proto=tls",
        "import(buf,0x5) fdget(3) socket_sendmsg(5,0) ops.sendmsg(5,0) fdput = 5 refs=1"),
      StubScenario(
        "call=sendto deny=socket",
        "import(buf,0x5) fdget(3) socket_sendmsg(5,0) fdput = -1 refs=1"),
      StubScenario(
        "call=sendto leaf=-32 shared=1",
        "import(buf,0x5) fdget(3) socket_sendmsg(5,0) rps tcp_sendmsg(5,0) fdput = -32"
          + " refs=1"),
      StubScenario(
        "call=recvmsg",
        "fdget(3) copy_msghdr socket_recvmsg(5,0) rps tcp_recvmsg(5,0) put_flags"
          + " put_controllen fdput = 5 refs=1"),
      StubScenario(
        "call=recvmsg addr=1 control=8 vector=large",
        "fdget(3) copy_msghdr socket_recvmsg(5,0) rps tcp_recvmsg(5,0)"
          + " addr_to_user(0,addr) put_flags put_controllen kfree fdput = 5 refs=1"),
      StubScenario(
        "call=recvmsg flags=0x80000000",
        "= -22 refs=1"),
      StubScenario(
        "call=recvmsg header=bad shared=1",
        "fdget(3) copy_msghdr fdput = -14 refs=1"),
      StubScenario(
        "call=recvmsg descriptor=pipe",
        "fdget(3) fdput __sys_recvmsg(3,msg,0,1) = 77 refs=1"),
      StubScenario(
        "call=recvmsg descriptor=closed",
        "fdget(3) = -9 refs=1"),
      StubScenario(
        "call=recvmsg leaf=-11 vector=large",
        "fdget(3) copy_msghdr socket_recvmsg(5,0) rps tcp_recvmsg(5,0) kfree fdput ="
          + " -11 refs=1"),
      StubScenario(
        "call=recvmsg addr=1 addrcopy=bad",
        "fdget(3) copy_msghdr socket_recvmsg(5,0) rps tcp_recvmsg(5,0)"
          + " addr_to_user(0,addr) fdput = -14 refs=1"),
      StubScenario(
        "call=recvmsg flags=0x40000000 nonblock=1",
        "fdget(3) copy_msghdr socket_recvmsg(5,0x40000040) rps"
          + " tcp_recvmsg(5,0x40000040) put_flags put_controllen fdput = 5 refs=1"),
      StubScenario(
        "call=recvmsg proto=tls",
        "fdget(3) copy_msghdr socket_recvmsg(5,0) ops.recvmsg(5,0) put_flags"
          + " put_controllen fdput = 5 refs=1"),
      StubScenario(
        "call=recvmsg deny=socket",
        "fdget(3) copy_msghdr socket_recvmsg(5,0) fdput = -1 refs=1"),
      StubScenario(
        "call=sendmsg",
        "fdget(3) copy_msghdr socket_sendmsg(5,0) rps tcp_sendmsg(5,0) fdput = 5 refs=1"),
      StubScenario(
        "call=sendmsg control=8 vector=large",
        "fdget(3) copy_msghdr sendmsg_sock(5,8,0) kfree fdput = 66 refs=1"),
      StubScenario(
        "call=sendmsg flags=0x88000000",
        "= -22 refs=1"),
      StubScenario(
        "call=sendmsg flags=0x8004000 nonblock=1",
        "fdget(3) copy_msghdr socket_sendmsg(5,0x4040) rps tcp_sendmsg(5,0x4040) fdput"
          + " = 5 refs=1"),
      StubScenario(
        "call=sendmsg header=bad shared=1",
        "fdget(3) copy_msghdr fdput = -14 refs=1"),
      StubScenario(
        "call=sendmsg descriptor=pipe",
        "fdget(3) fdput __sys_sendmsg(3,msg,0,1) = 77 refs=1"),
      StubScenario(
        "call=sendmsg descriptor=closed",
        "fdget(3) = -9 refs=1"),
      StubScenario(
        "call=sendmsg addr=1",
        "fdget(3) copy_msghdr socket_sendmsg(5,0) rps tcp_sendmsg(5,0) fdput = 5 refs=1"),
      StubScenario(
        "call=sendmsg proto=tls",
        "fdget(3) copy_msghdr socket_sendmsg(5,0) ops.sendmsg(5,0) fdput = 5 refs=1"),
      StubScenario(
        "call=sendmsg deny=socket vector=large",
        "fdget(3) copy_msghdr socket_sendmsg(5,0) kfree fdput = -1 refs=1"),
      StubScenario(
        "call=readv",
        "fdget(3) import_iovec(vec,2,8) file_permission(4) socket_recvmsg(5,0) rps"
          + " tcp_recvmsg(5,0) access fdput rchar(5) syscr = 5 refs=1"),
      StubScenario(
        "call=readv count=0",
        "fdget(3) import_iovec(vec,2,8) access fdput syscr = 0 refs=1"),
      StubScenario(
        "call=readv vector=bad",
        "fdget(3) import_iovec(vec,2,8) fdput syscr = -14 refs=1"),
      StubScenario(
        "call=readv deny=file vector=large",
        "fdget(3) import_iovec(vec,2,8) file_permission(4) kfree fdput syscr = -13"
          + " refs=1"),
      StubScenario(
        "call=readv deny=socket",
        "fdget(3) import_iovec(vec,2,8) file_permission(4) socket_recvmsg(5,0) fdput"
          + " syscr = -1 refs=1"),
      StubScenario(
        "call=readv proto=tls",
        "fdget(3) import_iovec(vec,2,8) file_permission(4) socket_recvmsg(5,0)"
          + " ops.recvmsg(5,0) access fdput rchar(5) syscr = 5 refs=1"),
      StubScenario(
        "call=readv nonblock=1 leaf=-11",
        "fdget(3) import_iovec(vec,2,8) file_permission(4) socket_recvmsg(5,0x40) rps"
          + " tcp_recvmsg(5,0x40) fdput syscr = -11 refs=1"),
      StubScenario(
        "call=readv descriptor=closed",
        "fdget(3) syscr = -9 refs=1"),
      StubScenario(
        "call=readv descriptor=pipe shared=1",
        "fdget(3) fdput do_readv(3,vec,2) = 77 refs=1"),
      StubScenario(
        "call=readv vector=large shared=1",
        "fdget(3) import_iovec(vec,2,8) file_permission(4) socket_recvmsg(5,0) rps"
          + " tcp_recvmsg(5,0) access kfree fdput rchar(5) syscr = 5 refs=1"),
      StubScenario(
        "call=writev",
        "fdget(3) import_iovec(vec,2,8) file_permission(2) socket_sendmsg(5,0) rps"
          + " tcp_sendmsg(5,0) modify fdput wchar(5) syscw = 5 refs=1"),
      StubScenario(
        "call=writev count=0",
        "fdget(3) import_iovec(vec,2,8) fdput syscw = 0 refs=1"),
      StubScenario(
        "call=writev vector=bad",
        "fdget(3) import_iovec(vec,2,8) fdput syscw = -14 refs=1"),
      StubScenario(
        "call=writev deny=file vector=large",
        "fdget(3) import_iovec(vec,2,8) file_permission(2) kfree fdput syscw = -13"
          + " refs=1"),
      StubScenario(
        "call=writev deny=socket",
        "fdget(3) import_iovec(vec,2,8) file_permission(2) socket_sendmsg(5,0) fdput"
          + " syscw = -1 refs=1"),
      StubScenario(
        "call=writev proto=tls",
        "fdget(3) import_iovec(vec,2,8) file_permission(2) socket_sendmsg(5,0)"
          + " ops.sendmsg(5,0) modify fdput wchar(5) syscw = 5 refs=1"),
      StubScenario(
        "call=writev nonblock=1 leaf=-11",
        "fdget(3) import_iovec(vec,2,8) file_permission(2) socket_sendmsg(5,0x40) rps"
          + " tcp_sendmsg(5,0x40) fdput syscw = -11 refs=1"),
      StubScenario(
        "call=writev descriptor=closed",
        "fdget(3) syscw = -9 refs=1"),
      StubScenario(
        "call=writev descriptor=pipe shared=1",
        "fdget(3) fdput do_writev(3,vec,2) = 77 refs=1"),
      StubScenario(
        "call=writev vector=large shared=1",
        "fdget(3) import_iovec(vec,2,8) file_permission(2) socket_sendmsg(5,0) rps"
          + " tcp_sendmsg(5,0) modify kfree fdput wchar(5) syscw = 5 refs=1"),
      StubScenario(
        "call=accept addr=1",
        "__sys_accept4(3,1,0) = 77 refs=1"),
      StubScenario(
        "call=accept4 addr=1 flags=0x800",
        "__sys_accept4(3,1,0x800) = 77 refs=1"),
    ],
    "udp": [
      StubScenario(
        "call=recvfrom",
        "import(buf,0x5) fdget(3) socket_recvmsg(5,0) rps udp_recvmsg(5,0) fdput = 5"
          + " refs=1"),
      StubScenario(
        "call=recvfrom addr=1",
        "import(buf,0x5) fdget(3) socket_recvmsg(5,0) rps udp_recvmsg(5,0)"
          + " addr_to_user(9,addr) fdput = 5 refs=1"),
      StubScenario(
        "call=recvfrom proto=ipv6",
        "import(buf,0x5) fdget(3) socket_recvmsg(5,0) rps udpv6_recvmsg(5,0) fdput = 5"
          + " refs=1"),
      StubScenario(
        "call=recvfrom proto=tls",
        "import(buf,0x5) fdget(3) socket_recvmsg(5,0) ops.recvmsg(5,0) fdput = 5 refs=1"),
      StubScenario(
        "call=recvfrom swap=1",
        "import(buf,0x5) fdget(3) socket_recvmsg(5,0) ops.recvmsg(5,0) fdput = 5 refs=1"),
      StubScenario(
        "call=read",
        "fdget(3) access_ok(buf,0x5) file_permission(4) socket_recvmsg(5,0) rps"
          + " udp_recvmsg(5,0) access rchar(5) syscr fdput = 5 refs=1"),
      StubScenario(
        "call=read count=0",
        "fdget(3) access_ok(buf,0) file_permission(4) syscr fdput = 0 refs=1"),
      StubScenario(
        "call=recvmsg addr=1",
        "fdget(3) copy_msghdr socket_recvmsg(5,0) rps udp_recvmsg(5,0)"
          + " addr_to_user(9,addr) put_flags put_controllen fdput = 5 refs=1"),
      StubScenario(
        "call=sendto",
        "import(buf,0x5) fdget(3) socket_sendmsg(5,0) prepare udp_sendmsg(5,0,0) fdput"
          + " = 5 refs=1"),
      StubScenario(
        "call=sendto addr=1",
        "import(buf,0x5) fdget(3) addr_to_kernel(addr,7) socket_sendmsg(5,0) prepare"
          + " udp_sendmsg(5,0,7) fdput = 5 refs=1"),
      StubScenario(
        "call=sendto bind=fails",
        "import(buf,0x5) fdget(3) socket_sendmsg(5,0) prepare fdput = -11 refs=1"),
      StubScenario(
        "call=sendto proto=ipv6",
        "import(buf,0x5) fdget(3) socket_sendmsg(5,0) prepare udpv6_sendmsg(5,0,0)"
          + " fdput = 5 refs=1"),
      StubScenario(
        "call=sendto proto=tls",
        "import(buf,0x5) fdget(3) socket_sendmsg(5,0) ops.sendmsg(5,0) fdput = 5 refs=1"),
      StubScenario(
        "call=sendto swap=1",
        "import(buf,0x5) fdget(3) socket_sendmsg(5,0) ops.sendmsg(5,0) fdput = 5 refs=1"),
      StubScenario(
        "call=write count=0",
        "fdget(3) access_ok(buf,0) file_permission(2) socket_sendmsg(0,0) prepare"
          + " udp_sendmsg(0,0,0) syscw fdput = 0 refs=1"),
      StubScenario(
        "call=sendmsg addr=1",
        "fdget(3) copy_msghdr socket_sendmsg(5,0) prepare udp_sendmsg(5,0,7) fdput = 5"
          + " refs=1"),
    ],
    "unix_stream": [
      StubScenario(
        "call=recvfrom",
        "import(buf,0x5) fdget(3) socket_recvmsg(5,0) unix_recvmsg(5,0) fdput = 5"
          + " refs=1"),
      StubScenario(
        "call=recvfrom addr=1",
        "import(buf,0x5) fdget(3) socket_recvmsg(5,0) unix_recvmsg(5,0)"
          + " addr_to_user(11,addr) fdput = 5 refs=1"),
      StubScenario(
        "call=recvfrom proto=tls",
        "import(buf,0x5) fdget(3) socket_recvmsg(5,0) ops.recvmsg(5,0) fdput = 5 refs=1"),
      StubScenario(
        "call=recvfrom swap=1",
        "import(buf,0x5) fdget(3) socket_recvmsg(5,0) ops.recvmsg(5,0) fdput = 5 refs=1"),
      StubScenario(
        "call=recvfrom deny=socket",
        "import(buf,0x5) fdget(3) socket_recvmsg(5,0) fdput = -1 refs=1"),
      StubScenario(
        "call=sendto",
        "import(buf,0x5) fdget(3) socket_sendmsg(5,0) unix_sendmsg(5,0,0) fdput = 5"
          + " refs=1"),
      StubScenario(
        "call=sendto addr=1",
        "import(buf,0x5) fdget(3) addr_to_kernel(addr,7) socket_sendmsg(5,0)"
          + " unix_sendmsg(5,0,7) fdput = 5 refs=1"),
      StubScenario(
        "call=sendto proto=tls",
        "import(buf,0x5) fdget(3) socket_sendmsg(5,0) ops.sendmsg(5,0) fdput = 5 refs=1"),
      StubScenario(
        "call=sendto swap=1",
        "import(buf,0x5) fdget(3) socket_sendmsg(5,0) ops.sendmsg(5,0) fdput = 5 refs=1"),
      StubScenario(
        "call=sendto deny=socket",
        "import(buf,0x5) fdget(3) socket_sendmsg(5,0) fdput = -1 refs=1"),
      StubScenario(
        "call=read",
        "fdget(3) access_ok(buf,0x5) file_permission(4) socket_recvmsg(5,0)"
          + " unix_recvmsg(5,0) access rchar(5) syscr fdput = 5 refs=1"),
      StubScenario(
        "call=read count=0",
        "fdget(3) access_ok(buf,0) file_permission(4) syscr fdput = 0 refs=1"),
      StubScenario(
        "call=write",
        "fdget(3) access_ok(buf,0x5) file_permission(2) socket_sendmsg(5,0)"
          + " unix_sendmsg(5,0,0) modify wchar(5) syscw fdput = 5 refs=1"),
      StubScenario(
        "call=write type=seqpacket proto=tls",
        "fdget(3) access_ok(buf,0x5) file_permission(2) socket_sendmsg(5,0x80)"
          + " ops.sendmsg(5,0x80) modify wchar(5) syscw fdput = 5 refs=1"),
      StubScenario(
        "call=recvmsg addr=1",
        "fdget(3) copy_msghdr socket_recvmsg(5,0) unix_recvmsg(5,0)"
          + " addr_to_user(11,addr) put_flags put_controllen fdput = 5 refs=1"),
      StubScenario(
        "call=sendmsg addr=1",
        "fdget(3) copy_msghdr socket_sendmsg(5,0) unix_sendmsg(5,0,7) fdput = 5 refs=1"),
    ],
    "pipe": [
      StubScenario(
        "call=read",
        "fdget(3) access_ok(buf,0x5) file_permission(4) pipe_read(5,0) access rchar(5)"
          + " syscr fdput = 5 refs=1"),
      StubScenario(
        "call=read leaf=-11",
        "fdget(3) access_ok(buf,0x5) file_permission(4) pipe_read(5,0) syscr fdput ="
          + " -11 refs=1"),
      StubScenario(
        "call=read descriptor=pipe shared=1",
        "fdget(3) fdput ksys_read(3,buf,5) = 77 refs=1"),
      StubScenario(
        "call=read mode=0 shared=1",
        "fdget(3) fdput = -9 refs=1"),
      StubScenario(
        "call=read address=bad",
        "fdget(3) access_ok(buf,0x5) fdput = -14 refs=1"),
      StubScenario(
        "call=read deny=file",
        "fdget(3) access_ok(buf,0x5) file_permission(4) fdput = -13 refs=1"),
      StubScenario(
        "call=read count=0x80000000 leaf=1",
        "fdget(3) access_ok(buf,0x80000000) file_permission(4) pipe_read(2147479552,0)"
          + " access rchar(1) syscr fdput = 1 refs=1"),
      StubScenario(
        "call=read count=0x8000000000000000",
        "fdget(3) access_ok(buf,0x8000000000000000) fdput = -22 refs=1"),
      StubScenario(
        "call=read descriptor=closed",
        "fdget(3) = -9 refs=1"),
      StubScenario(
        "call=write",
        "fdget(3) access_ok(buf,0x5) file_permission(2) pipe_write(5,0) modify wchar(5)"
          + " syscw fdput = 5 refs=1"),
      StubScenario(
        "call=write leaf=-11",
        "fdget(3) access_ok(buf,0x5) file_permission(2) pipe_write(5,0) syscw fdput ="
          + " -11 refs=1"),
      StubScenario(
        "call=write descriptor=pipe shared=1",
        "fdget(3) fdput ksys_write(3,buf,5) = 77 refs=1"),
      StubScenario(
        "call=write mode=0 shared=1",
        "fdget(3) fdput = -9 refs=1"),
      StubScenario(
        "call=write address=bad",
        "fdget(3) access_ok(buf,0x5) fdput = -14 refs=1"),
      StubScenario(
        "call=write deny=file",
        "fdget(3) access_ok(buf,0x5) file_permission(2) fdput = -13 refs=1"),
      StubScenario(
        "call=write count=0x80000000 leaf=1",
        "fdget(3) access_ok(buf,0x80000000) file_permission(2) pipe_write(2147479552,0)"
          + " modify wchar(1) syscw fdput = 1 refs=1"),
      StubScenario(
        "call=write count=0x8000000000000000",
        "fdget(3) access_ok(buf,0x8000000000000000) fdput = -22 refs=1"),
      StubScenario(
        "call=write descriptor=closed",
        "fdget(3) = -9 refs=1"),
      StubScenario(
        "call=readv",
        "fdget(3) import_iovec(vec,2,8) file_permission(4) pipe_read(5,0) access fdput"
          + " rchar(5) syscr = 5 refs=1"),
      StubScenario(
        "call=readv count=0",
        "fdget(3) import_iovec(vec,2,8) access fdput syscr = 0 refs=1"),
      StubScenario(
        "call=readv vector=bad",
        "fdget(3) import_iovec(vec,2,8) fdput syscr = -14 refs=1"),
      StubScenario(
        "call=readv vector=large deny=file",
        "fdget(3) import_iovec(vec,2,8) file_permission(4) kfree fdput syscr = -13"
          + " refs=1"),
      StubScenario(
        "call=readv vector=large mode=0",
        "fdget(3) import_iovec(vec,2,8) kfree fdput syscr = -9 refs=1"),
      StubScenario(
        "call=readv descriptor=closed",
        "fdget(3) syscr = -9 refs=1"),
      StubScenario(
        "call=readv descriptor=pipe shared=1",
        "fdget(3) fdput do_readv(3,vec,2) = 77 refs=1"),
      StubScenario(
        "call=writev",
        "fdget(3) import_iovec(vec,2,8) file_permission(2) pipe_write(5,0) modify fdput"
          + " wchar(5) syscw = 5 refs=1"),
      StubScenario(
        "call=writev count=0",
        "fdget(3) import_iovec(vec,2,8) fdput syscw = 0 refs=1"),
      StubScenario(
        "call=writev vector=bad",
        "fdget(3) import_iovec(vec,2,8) fdput syscw = -14 refs=1"),
      StubScenario(
        "call=writev vector=large deny=file",
        "fdget(3) import_iovec(vec,2,8) file_permission(2) kfree fdput syscw = -13"
          + " refs=1"),
      StubScenario(
        "call=writev vector=large mode=0",
        "fdget(3) import_iovec(vec,2,8) kfree fdput syscw = -9 refs=1"),
      StubScenario(
        "call=writev descriptor=closed",
        "fdget(3) syscw = -9 refs=1"),
      StubScenario(
        "call=writev descriptor=pipe shared=1",
        "fdget(3) fdput do_writev(3,vec,2) = 77 refs=1"),
    ],
    "eventfd": [
      StubScenario(
        "call=read",
        "fdget(3) access_ok(buf,0x5) file_permission(4) eventfd_read(5,0) access"
          + " rchar(5) syscr fdput = 5 refs=1"),
      StubScenario(
        "call=readv",
        "fdget(3) import_iovec(vec,2,8) file_permission(4) eventfd_read(5,0) access"
          + " fdput rchar(5) syscr = 5 refs=1"),
      StubScenario(
        "call=write",
        "fdget(3) access_ok(buf,0x5) file_permission(2) eventfd_write(buf,5) modify"
          + " wchar(5) syscw fdput = 5 refs=1"),
      StubScenario(
        "call=write leaf=-11",
        "fdget(3) access_ok(buf,0x5) file_permission(2) eventfd_write(buf,5) syscw"
          + " fdput = -11 refs=1"),
      StubScenario(
        "call=write descriptor=pipe shared=1",
        "fdget(3) fdput ksys_write(3,buf,5) = 77 refs=1"),
      StubScenario(
        "call=write mode=0",
        "fdget(3) fdput = -9 refs=1"),
      StubScenario(
        "call=write address=bad",
        "fdget(3) access_ok(buf,0x5) fdput = -14 refs=1"),
      StubScenario(
        "call=write deny=file",
        "fdget(3) access_ok(buf,0x5) file_permission(2) fdput = -13 refs=1"),
      StubScenario(
        "call=write count=0x80000000 leaf=8",
        "fdget(3) access_ok(buf,0x80000000) file_permission(2)"
          + " eventfd_write(buf,2147479552) modify wchar(8) syscw fdput = 8 refs=1"),
      StubScenario(
        "call=write count=0x8000000000000000",
        "fdget(3) access_ok(buf,0x8000000000000000) fdput = -22 refs=1"),
    ],
    "tmpfs": [
      StubScenario(
        "call=read",
        "lock fdget(3) access_ok(buf,0x5) verify(0,3,5) shmem_read(5,3) access rchar(5)"
          + " syscr unlock fdput = 5 refs=1 pos=8"),
      StubScenario(
        "call=read leaf=-11",
        "lock fdget(3) access_ok(buf,0x5) verify(0,3,5) shmem_read(5,3) syscr unlock"
          + " fdput = -11 refs=1 pos=3"),
      StubScenario(
        "call=read leaf=0",
        "lock fdget(3) access_ok(buf,0x5) verify(0,3,5) shmem_read(5,3) syscr unlock"
          + " fdput = 0 refs=1 pos=1003"),
      StubScenario(
        "call=read descriptor=pipe shared=1",
        "lock fdget(3) unlock fdput ksys_read(3,buf,5) = 77 refs=1 pos=3"),
      StubScenario(
        "call=read mode=0 shared=1",
        "lock fdget(3) unlock fdput = -9 refs=1 pos=3"),
      StubScenario(
        "call=read address=bad",
        "lock fdget(3) access_ok(buf,0x5) unlock fdput = -14 refs=1 pos=3"),
      StubScenario(
        "call=read deny=file",
        "lock fdget(3) access_ok(buf,0x5) verify(0,3,5) unlock fdput = -13 refs=1 pos=3"),
      StubScenario(
        "call=read count=0x80000000 leaf=1",
        "lock fdget(3) access_ok(buf,0x80000000) verify(0,3,2147483648)"
          + " shmem_read(2147479552,3) access rchar(1) syscr unlock fdput = 1 refs=1 pos=4"),
      StubScenario(
        "call=read descriptor=closed",
        "lock fdget(3) = -9 refs=1 pos=3"),
      StubScenario(
        "call=write",
        "lock fdget(3) access_ok(buf,0x5) verify(1,3,5) start_write generic_write(5,3)"
          + " modify wchar(5) syscw end_write unlock fdput = 5 refs=1 pos=8"),
      StubScenario(
        "call=write leaf=-11",
        "lock fdget(3) access_ok(buf,0x5) verify(1,3,5) start_write generic_write(5,3)"
          + " syscw end_write unlock fdput = -11 refs=1 pos=3"),
      StubScenario(
        "call=write leaf=0",
        "lock fdget(3) access_ok(buf,0x5) verify(1,3,5) start_write generic_write(5,3)"
          + " syscw end_write unlock fdput = 0 refs=1 pos=3"),
      StubScenario(
        "call=write descriptor=pipe shared=1",
        "lock fdget(3) unlock fdput ksys_write(3,buf,5) = 77 refs=1 pos=3"),
      StubScenario(
        "call=write mode=0 shared=1",
        "lock fdget(3) unlock fdput = -9 refs=1 pos=3"),
      StubScenario(
        "call=write address=bad",
        "lock fdget(3) access_ok(buf,0x5) unlock fdput = -14 refs=1 pos=3"),
      StubScenario(
        "call=write deny=file",
        "lock fdget(3) access_ok(buf,0x5) verify(1,3,5) unlock fdput = -13 refs=1 pos=3"),
      StubScenario(
        "call=write count=0x80000000 leaf=1",
        "lock fdget(3) access_ok(buf,0x80000000) verify(1,3,2147483648) start_write"
          + " generic_write(2147479552,3) modify wchar(1) syscw end_write unlock fdput = 1"
          + " refs=1 pos=4"),
      StubScenario(
        "call=write descriptor=closed",
        "lock fdget(3) = -9 refs=1 pos=3"),
      StubScenario(
        "call=pread64 pos=9",
        "fdget(3) access_ok(buf,0x5) verify(0,9,5) shmem_read(5,9) access rchar(5)"
          + " syscr fdput = 5 refs=1 pos=9"),
      StubScenario(
        "call=pread64 pos=-1",
        "= -22 refs=1 pos=-1"),
      StubScenario(
        "call=pread64 mode=3 shared=1",
        "fdget(3) fdput = -29 refs=1 pos=3"),
      StubScenario(
        "call=pread64 descriptor=pipe shared=1",
        "fdget(3) fdput ksys_pread64(3,buf,5,3) = 77 refs=1 pos=3"),
      StubScenario(
        "call=pread64 deny=file",
        "fdget(3) access_ok(buf,0x5) verify(0,3,5) fdput = -13 refs=1 pos=3"),
      StubScenario(
        "call=pread64 mode=24",
        "fdget(3) fdput = -9 refs=1 pos=3"),
      StubScenario(
        "call=pwrite64 pos=9",
        "fdget(3) access_ok(buf,0x5) verify(1,9,5) start_write generic_write(5,9)"
          + " modify wchar(5) syscw end_write fdput = 5 refs=1 pos=9"),
      StubScenario(
        "call=pwrite64 pos=-1",
        "= -22 refs=1 pos=-1"),
      StubScenario(
        "call=pwrite64 mode=3 shared=1",
        "fdget(3) fdput = -29 refs=1 pos=3"),
      StubScenario(
        "call=pwrite64 descriptor=pipe shared=1",
        "fdget(3) fdput ksys_pwrite64(3,buf,5,3) = 77 refs=1 pos=3"),
      StubScenario(
        "call=pwrite64 deny=file",
        "fdget(3) access_ok(buf,0x5) verify(1,3,5) fdput = -13 refs=1 pos=3"),
      StubScenario(
        "call=pwrite64 mode=24",
        "fdget(3) fdput = -9 refs=1 pos=3"),
      StubScenario(
        "call=readv",
        "lock fdget(3) import_iovec(vec,2,8) verify(0,3,5) shmem_read(5,3) access"
          + " unlock fdput rchar(5) syscr = 5 refs=1 pos=8"),
      StubScenario(
        "call=readv count=0",
        "lock fdget(3) import_iovec(vec,2,8) access unlock fdput syscr = 0 refs=1 pos=3"),
      StubScenario(
        "call=readv vector=bad",
        "lock fdget(3) import_iovec(vec,2,8) unlock fdput syscr = -14 refs=1 pos=3"),
      StubScenario(
        "call=readv vector=large deny=file",
        "lock fdget(3) import_iovec(vec,2,8) verify(0,3,5) kfree unlock fdput syscr ="
          + " -13 refs=1 pos=3"),
      StubScenario(
        "call=readv vector=large mode=0",
        "lock fdget(3) import_iovec(vec,2,8) kfree unlock fdput syscr = -9 refs=1 pos=3"),
      StubScenario(
        "call=readv descriptor=closed",
        "lock fdget(3) syscr = -9 refs=1 pos=3"),
      StubScenario(
        "call=readv descriptor=pipe shared=1",
        "lock fdget(3) unlock fdput do_readv(3,vec,2) = 77 refs=1 pos=3"),
      StubScenario(
        "call=readv leaf=-11 vector=large",
        "lock fdget(3) import_iovec(vec,2,8) verify(0,3,5) shmem_read(5,3) kfree unlock"
          + " fdput syscr = -11 refs=1 pos=3"),
      StubScenario(
        "call=writev",
        "lock fdget(3) import_iovec(vec,2,8) verify(1,3,5) start_write"
          + " generic_write(5,3) modify end_write unlock fdput wchar(5) syscw = 5 refs=1"
          + " pos=8"),
      StubScenario(
        "call=writev count=0",
        "lock fdget(3) import_iovec(vec,2,8) unlock fdput syscw = 0 refs=1 pos=3"),
      StubScenario(
        "call=writev vector=bad",
        "lock fdget(3) import_iovec(vec,2,8) unlock fdput syscw = -14 refs=1 pos=3"),
      StubScenario(
        "call=writev vector=large deny=file",
        "lock fdget(3) import_iovec(vec,2,8) verify(1,3,5) kfree unlock fdput syscw ="
          + " -13 refs=1 pos=3"),
      StubScenario(
        "call=writev vector=large mode=0",
        "lock fdget(3) import_iovec(vec,2,8) kfree unlock fdput syscw = -9 refs=1 pos=3"),
      StubScenario(
        "call=writev descriptor=closed",
        "lock fdget(3) syscw = -9 refs=1 pos=3"),
      StubScenario(
        "call=writev descriptor=pipe shared=1",
        "lock fdget(3) unlock fdput do_writev(3,vec,2) = 77 refs=1 pos=3"),
      StubScenario(
        "call=writev leaf=-11 vector=large",
        "lock fdget(3) import_iovec(vec,2,8) verify(1,3,5) start_write"
          + " generic_write(5,3) end_write kfree unlock fdput syscw = -11 refs=1 pos=3"),
    ],
    "file": [
      StubScenario(
        "call=read",
        "lock fdget(3) access_ok(buf,0x5) verify(0,3,5) shmem_read(5,3) access rchar(5)"
          + " syscr unlock fdput = 5 refs=1 pos=8"),
      StubScenario(
        "call=read descriptor=pipe",
        "lock fdget(3) unlock fdput ksys_read(3,buf,5) = 77 refs=1 pos=3"),
      StubScenario(
        "call=write",
        "lock fdget(3) access_ok(buf,0x5) verify(1,3,5) start_write generic_write(5,3)"
          + " modify wchar(5) syscw end_write unlock fdput = 5 refs=1 pos=8"),
      StubScenario(
        "call=write descriptor=pipe",
        "lock fdget(3) unlock fdput ksys_write(3,buf,5) = 77 refs=1 pos=3"),
      StubScenario(
        "call=readv",
        "lock fdget(3) import_iovec(vec,2,8) verify(0,3,5) shmem_read(5,3) access"
          + " unlock fdput rchar(5) syscr = 5 refs=1 pos=8"),
      StubScenario(
        "call=readv descriptor=pipe",
        "lock fdget(3) unlock fdput do_readv(3,vec,2) = 77 refs=1 pos=3"),
      StubScenario(
        "call=writev",
        "lock fdget(3) import_iovec(vec,2,8) verify(1,3,5) start_write"
          + " generic_write(5,3) modify end_write unlock fdput wchar(5) syscw = 5 refs=1"
          + " pos=8"),
      StubScenario(
        "call=writev descriptor=pipe",
        "lock fdget(3) unlock fdput do_writev(3,vec,2) = 77 refs=1 pos=3"),
      StubScenario(
        "call=pread64",
        "fdget(3) access_ok(buf,0x5) verify(0,3,5) shmem_read(5,3) access rchar(5)"
          + " syscr fdput = 5 refs=1 pos=3"),
      StubScenario(
        "call=pread64 descriptor=pipe",
        "fdget(3) fdput ksys_pread64(3,buf,5,3) = 77 refs=1 pos=3"),
      StubScenario(
        "call=pwrite64",
        "fdget(3) access_ok(buf,0x5) verify(1,3,5) start_write generic_write(5,3)"
          + " modify wchar(5) syscw end_write fdput = 5 refs=1 pos=3"),
      StubScenario(
        "call=pwrite64 descriptor=pipe",
        "fdget(3) fdput ksys_pwrite64(3,buf,5,3) = 77 refs=1 pos=3"),
    ],
  ]
}
