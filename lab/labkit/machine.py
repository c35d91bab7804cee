"""One run of one guest."""

import re
import shlex
import shutil
import subprocess
import time
from pathlib import Path

from labkit import GuestLost, LabError

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

    def command(self, share, console, serial, events):
        """The call of QEMU. KVM is never used: it is not there, or hangs, where CI runs."""
        counted = ["-icount", "shift=0,sleep=off"] if self.options.icount else []
        return [
            QEMU, "-accel", "tcg", *counted, "-cpu", "max,la57=off",
            "-smp", str(self.options.cpus), "-m", str(self.options.memory),
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-kernel", str(self.image), "-initrd", str(self.initramfs), "-append", self.append(),
            "-serial", f"file:{console}", "-serial", f"file:{serial}",
            "-serial", f"file:{events}",
            "-virtfs", f"local,path={share},mount_tag=host,security_model=none",
        ]

    def shown(self):
        """The call without this machine's folders, for a recording's notes."""
        return shlex.join(self.command("SHARE", "CONSOLE", "SERIAL", "EVENTS")).replace(
            str(self.image), Path(self.image).name).replace(str(self.initramfs), "INITRAMFS")

    def run(self, folder, listener=None):
        """Boots, waits for the guest's end, and returns the folder with what it left, its console
        and its script's exit status. What the script writes to /dev/ttyS2 is given to the listener
        meanwhile, and a guest that it gives up is stopped.

        Raises GuestLost, with the end of the console, for a guest that hangs or breaks down."""
        if shutil.which(QEMU) is None:
            raise LabError(f"{QEMU} is missing; install Debian's qemu-system-x86")
        share, console, serial = folder / "share", folder / "console.txt", folder / "serial.tar"
        share.mkdir()
        events = folder / "events"
        events.touch()
        ended = self._wait(self.command(share, console, serial, events), events, listener)
        if ended:
            raise GuestLost(ended, tail(console))
        status = share / "status"
        if not status.is_file() and serial.is_file() and serial.stat().st_size:
            # Cut short, what came stays, and the missing status says it.
            subprocess.run(["tar", "-x", "-C", share, "-f", serial, "--no-same-owner"],
                           capture_output=True, check=False)
        if not status.is_file():
            raise GuestLost("the guest broke down", tail(console))
        code = int(status.read_text(encoding="utf-8"))
        status.unlink()
        return share, console, code

    def _wait(self, command, events, listener):
        """Runs QEMU to its end; says why it had to be stopped."""
        end = time.monotonic() + self.options.time_limit
        with open(events, "rb") as channel, subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, text=True) as qemu:
            reason = None
            try:
                while qemu.poll() is None and not reason:
                    time.sleep(0.1)
                    reason = listener.hear(channel.read()) if listener else None
                    if time.monotonic() > end:
                        reason = f"the guest was stopped after {self.options.time_limit} s"
            finally:
                if qemu.poll() is None:
                    qemu.kill()
            _, errors = qemu.communicate()
            if listener:
                listener.hear(channel.read())
        if qemu.returncode != 0 and not reason:
            raise LabError(f"{QEMU}: {errors.strip() or qemu.returncode}")
        return reason


def tail(console):
    """The last lines that say something, behind the one that says what went wrong first."""
    text = console.read_text(encoding="utf-8", errors="replace") if console.is_file() else ""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    wrong = re.compile("BUG:|kernel BUG at|general protection fault|Oops|Kernel panic")
    return [line for line in lines[:-15] if wrong.search(line)][:1] + lines[-15:]
