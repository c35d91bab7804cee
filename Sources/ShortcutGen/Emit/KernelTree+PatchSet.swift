extension KernelTree {
  /// The layout of the patch set on Linux 6.1, for when no tree is at hand.
  ///
  /// Of the files to change only the places are known where the changes go. The rest is empty
  /// lines, which keeps line numbers right and never shows in a hunk.
  public static let patchSet = KernelTree(
    files: [
      "net/ipv4/Makefile": excerpt(
        startingAt: 65,
        """
        obj-$(CONFIG_NET_SOCK_MSG) += tcp_bpf.o
        obj-$(CONFIG_BPF_SYSCALL) += udp_bpf.o
        obj-$(CONFIG_NETLABEL) += cipso_ipv4.o

        obj-$(CONFIG_XFRM) += xfrm4_policy.o xfrm4_state.o xfrm4_input.o \\
        \t\t      xfrm4_output.o xfrm4_protocol.o

        """),
      "net/ipv4/Kconfig": excerpt(
        startingAt: 751,
        """
        \t  on the Internet.

        \t  If unsure, say N.

        """),
      "fs/eventfd.c": excerpt(
        startingAt: 465,
        """
        \treturn do_eventfd(count, 0);
        }


        """),
      "fs/ext4/file.c": excerpt(
        startingAt: 940,
        """
        \t.fileattr_set\t= ext4_fileattr_set,
        };


        """),
      "fs/pipe.c": excerpt(
        startingAt: 1515,
        """
        }

        fs_initcall(init_pipe_fs);

        """),
      "fs/read_write.c": excerpt(
        startingAt: 1719,
        """

        \treturn 0;
        }

        """),
      "mm/shmem.c": excerpt(
        startingAt: 4381,
        """
        #endif
        }
        EXPORT_SYMBOL_GPL(shmem_read_mapping_page_gfp);

        """),
      "net/socket.c": excerpt(
        startingAt: 3696,
        """
        \t}
        }
        EXPORT_SYMBOL(kernel_sock_ip_overhead);

        """),
      "net/unix/af_unix.c": excerpt(
        startingAt: 3863,
        """

        MODULE_LICENSE("GPL");
        MODULE_ALIAS_NETPROTO(PF_UNIX);

        """),
      "kernel/Kconfig.ukl": "config UKL_DEEP_SHORTCUT\n",
    ],
    features: .linux6_1)

  private static func excerpt(startingAt line: Int, _ text: String) -> String {
    String(repeating: "\n", count: line - 1) + text
  }
}
