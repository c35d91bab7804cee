extension StubMutation {
  /// Ways to break the stubs of each family.
  public static let families: [(family: String, mutation: StubMutation)] = [
    ("tmpfs", StubMutation("R1", "\tfdput_pos(f);\n\treturn ret;", "\treturn ret;")),
    (
      "tmpfs",
      StubMutation("R1", "\t\tfdput(f);\n\t\treturn ksys_pread64", "\t\treturn ksys_pread64")
    ),
    (
      "tcp",
      StubMutation("R1", "\t\tfdput(f);\n\t\treturn __sys_recvfrom", "\t\treturn __sys_recvfrom")
    ),
    (
      "tcp",
      StubMutation(
        "R1", "\t\tfdput(f);\n\t\treturn shortcut_ordinary_readv",
        "\t\treturn shortcut_ordinary_readv")
    ),
    ("tcp", StubMutation("R1", "out:\n\tfdput(f);", "out:")),
    ("pipe", StubMutation("R1", "\tfdput(f);\nout:", "out:")),
    ("pipe", StubMutation("R2", "f.file->f_op != &pipefifo_fops", "0")),
    ("eventfd", StubMutation("R2", "f.file->f_op != &eventfd_fops", "0")),
    ("tmpfs", StubMutation("R2", "file->f_op == &shmem_file_operations", "1")),
    (
      "file",
      StubMutation(
        "R2",
        "S_ISREG(file_inode(file)->i_mode) && !(file->f_mode & FMODE_STREAM) &&\n\t       file->f_op->read_iter && !file->f_op->read",
        "1")
    ),
    (
      "tcp",
      StubMutation(
        "R3", "ret = READ_ONCE(sock->ops)->sendmsg(sock, msg, count)",
        "ret = __sys_sendmsg(3, 0, 0, true)")
    ),
    ("udp", StubMutation("R4", "recvmsg != udp_recvmsg && !ipv6", "0")),
    ("udp", StubMutation("R4", "sendmsg != udp_sendmsg && !ipv6", "0")),
    ("udp", StubMutation("R4", "IS_BUILTIN(CONFIG_IPV6) && recvmsg == udpv6_recvmsg", "0")),
    ("unix_stream", StubMutation("R5", "recvmsg != unix_stream_recvmsg", "0")),
    ("unix_stream", StubMutation("R5", "sendmsg != unix_stream_sendmsg", "0")),
    ("tcp", StubMutation("R6", "if (f.file->f_flags & O_NONBLOCK)", "if (0)")),
    ("udp", StubMutation("R7", "if (!msg_data_left(msg))\n\t\treturn 0;")),
    ("pipe", StubMutation("R8", "if (unlikely(!access_ok(buf, count)))\n\t\treturn -EFAULT;")),
    ("tmpfs", StubMutation("R8", "if (unlikely(!access_ok(buf, count)))\n\t\treturn -EFAULT;")),
    (
      "eventfd",
      StubMutation(
        "R8", "if (unlikely((ssize_t)count < 0))\n\t\treturn -EINVAL;",
        excuses: byAccessCheck)
    ),
    (
      "tcp",
      StubMutation(
        "R8", "\tif (unlikely(ret))\n\t\treturn ret;\n\n\tf = fdget(fd);", "\tf = fdget(fd);")
    ),
    ("pipe", StubMutation("R9", "count = min_t(size_t, count, MAX_RW_COUNT);")),
    ("tmpfs", StubMutation("R9", "count = min_t(size_t, count, MAX_RW_COUNT);")),
    ("eventfd", StubMutation("R9", "count = min_t(size_t, count, MAX_RW_COUNT);")),
    (
      "tcp",
      StubMutation(
        "R10", "struct msghdr msg = {};", "struct msghdr msg; memset(&msg, 0x5a, sizeof(msg));")
    ),
    ("tmpfs", StubMutation("R11", "ret = rw_verify_area(READ, file, pos, count);", "ret = 0;")),
    ("tmpfs", StubMutation("R11", "ret = rw_verify_area(WRITE, file, pos, count);", "ret = 0;")),
    ("pipe", StubMutation("R11", "ret = shortcut_pipe_may_write(file, count);", "ret = 0;")),
    (
      "unix_stream",
      StubMutation("R11", "ret = security_socket_recvmsg(sock, msg, count, flags);", "ret = 0;")
    ),
    ("udp", StubMutation("R11", "ret = security_socket_sendmsg(sock, msg, count);", "ret = 0;")),
    (
      "tcp",
      StubMutation(
        "R12", "if (ret >= 0)\n\t\tfsnotify_access(file);",
        "if (ret > 0)\n\t\tfsnotify_access(file);")
    ),
    ("tmpfs", StubMutation("R12", "fsnotify_modify(file);", ";")),
    (
      "tmpfs",
      StubMutation(
        "R12", "out:\n\t/* Counted whatever becomes of it, also of a bad descriptor. */",
        "\t/* */\n\tif (0) {\nout:\n\treturn ret; }")
    ),
    ("eventfd", StubMutation("R12", "inc_syscw(current);", ";")),
    ("pipe", StubMutation("R13", "!(file->f_mode & FMODE_READ)", "0", excuses: bothWays)),
    ("pipe", StubMutation("R13", "!(file->f_mode & FMODE_WRITE)", "0", excuses: bothWays)),
    ("eventfd", StubMutation("R13", "!(file->f_mode & FMODE_WRITE)", "0")),
    ("tmpfs", StubMutation("R13", "!(file->f_mode & FMODE_WRITE)", "0")),
    (
      "tmpfs",
      StubMutation(
        "R13", "f.file->f_mode & FMODE_PREAD", "1",
        excuses: ["*": "dominated by the descriptor's kind (R2): such files always have it"])
    ),
    ("tmpfs", StubMutation("R13", "if (unlikely(pos < 0))\n\t\treturn -EINVAL;")),
    ("tmpfs", StubMutation("R14", "fdget_pos(fd)", "fdget(fd)")),
    ("tmpfs", StubMutation("R14", "kiocb.ki_pos = *pos;")),
    (
      "tmpfs",
      StubMutation("R14", "if (ret >= 0)\n\t\tf.file->f_pos = pos;", "f.file->f_pos = pos;")
    ),
    ("tmpfs", StubMutation("R14", "if (ret >= 0)\n\t\tf.file->f_pos = pos;")),
    (
      "tmpfs",
      StubMutation(
        "R14", "init_sync_kiocb(&kiocb, file);", "kiocb = (struct kiocb){ .ki_filp = file };",
        excuses: ["eventfd": noFlags, "pipe": noFlags])
    ),
    ("tmpfs", StubMutation("R14", "file_start_write(file);", excuses: neverFrozen)),
    ("tmpfs", StubMutation("R14", "file_end_write(file);", excuses: neverFrozen)),
    ("udp", StubMutation("R17", "unlikely(inet_send_prepare(sk))", "0")),
    (
      "udp",
      StubMutation(
        "R17", "msg->msg_namelen = addr_len;", ";",
        excuses: ["tcp": "TCP's receive function tells no address but of errors in its queue"])
    ),
    (
      "tcp",
      StubMutation(
        "R18", "flags &= ~MSG_INTERNAL_SENDMSG_FLAGS;",
        excuses: ["unix_dgram": "Unix datagram sockets look at none of these flags"],
        excusesOf6_1: ["udp": onlyTCP, "unix_stream": onlyTCP])
    ),
    (
      "udp",
      StubMutation(
        "R20", "sock_rps_record_flow(sk);", ";",
        excuses: steersPackets)
    ),
    (
      "tcp",
      StubMutation(
        "R20", "if (likely(!(flags & MSG_ERRQUEUE)))\n\t\tsock_rps", "sock_rps",
        excuses: steersPackets)
    ),
    ("tmpfs", StubMutation("vectors", "\tkfree(iov);")),
    ("tcp", StubMutation("vectors", "\tkfree(iov);")),
    ("tcp", StubMutation("control", "if (unlikely(msg->msg_controllen))", "if (0)")),
    ("tcp", StubMutation("compat", "if (flags & MSG_CMSG_COMPAT)\n\t\treturn -EINVAL;")),
    ("tcp", StubMutation("address", "if (ret >= 0 && addr) {", "if (0) {")),
    (
      "tcp",
      StubMutation(
        "header", "err = __put_user(msg->msg_flags & ~MSG_CMSG_COMPAT, &umsg->msg_flags);",
        "err = 0;")
    ),
  ]
}
