"""Boots Debian kernels under QEMU, without network, root or traces on the host."""


class LabError(Exception):
    """Why something can't be done; one line for the user."""


class GuestLost(LabError):
    """A guest that did not end by itself, with the last lines of its console."""

    def __init__(self, reason, console):
        ending = "; its console ends with\n  " + "\n  ".join(console) if console else \
            "; its console is empty"
        super().__init__(reason + ending)
        self.reason = reason
        self.console = console
