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
      "kernel/Kconfig.ukl": "config UKL_DEEP_SHORTCUT\n",
    ],
    features: .linux6_1)

  private static func excerpt(startingAt line: Int, _ text: String) -> String {
    String(repeating: "\n", count: line - 1) + text
  }
}
