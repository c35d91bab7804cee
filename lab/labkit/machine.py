"""One run of one guest."""

import shlex
import shutil
import subprocess
from pathlib import Path

from labkit import LabError

QEMU = "qemu-system-x86_64"


class Machine:
    """What to boot and how."""

    def __init__(self, image, initramfs, options):
        self.image = image
        self.initramfs = initramfs
        self.options = options

    def append(self):
        """The kernel's command line."""
        return " ".join(["console=ttyS0", "panic=-1", "rdinit=/init", "quiet",
                         *self.options.append])

    def command(self, share, console, serial):
        """The call of QEMU. KVM is never used: it is not there, or hangs, where CI runs."""
        counted = ["-icount", "shift=0,sleep=off"] if self.options.icount else []
        return [
            QEMU, "-accel", "tcg", *counted, "-cpu", "max,la57=off",
            "-smp", str(self.options.cpus), "-m", str(self.options.memory),
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-kernel", str(self.image), "-initrd", str(self.initramfs), "-append", self.append(),
            "-serial", f"file:{console}", "-serial", f"file:{serial}",
            "-virtfs", f"local,path={share},mount_tag=host,security_model=none",
        ]

    def shown(self):
        """The call without this machine's folders, for a recording's notes."""
        return shlex.join(self.command("SHARE", "CONSOLE", "SERIAL")).replace(
            str(self.image), Path(self.image).name).replace(str(self.initramfs), "INITRAMFS")

    def run(self, folder):
        """Boots, waits for the guest's end, and returns the folder with what it left and its
        script's exit status.

        Raises LabError, with the end of the console, for a guest that hangs or breaks down."""
        if shutil.which(QEMU) is None:
            raise LabError(f"{QEMU} is missing; install Debian's qemu-system-x86")
        share, console, serial = folder / "share", folder / "console.txt", folder / "serial.tar"
        share.mkdir()
        try:
            run = subprocess.run(
                self.command(share, console, serial), stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=self.options.time_limit, check=False)
        except subprocess.TimeoutExpired:
            raise LabError(f"the guest was stopped after {self.options.time_limit} s"
                           f"{_tail(console)}") from None
        if run.returncode != 0:
            raise LabError(f"{QEMU}: {run.stderr.strip() or run.returncode}")
        status = share / "status"
        if not status.is_file() and serial.is_file() and serial.stat().st_size:
            # Cut short, what came stays, and the missing status says it.
            subprocess.run(["tar", "-x", "-C", share, "-f", serial, "--no-same-owner"],
                           capture_output=True, check=False)
        if not status.is_file():
            raise LabError(f"the guest broke down{_tail(console)}")
        code = int(status.read_text(encoding="utf-8"))
        status.unlink()
        return share, console, code


def _tail(console):
    text = console.read_text(encoding="utf-8", errors="replace") if console.is_file() else ""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()][-15:]
    return "; its console ends with\n  " + "\n  ".join(lines) if lines else "; its console is empty"
