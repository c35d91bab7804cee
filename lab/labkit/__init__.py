"""Boots Debian kernels under QEMU, without network, root or traces on the host."""


class LabError(Exception):
    """Why something can't be done; one line for the user."""
