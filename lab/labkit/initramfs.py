"""The guest's file system: a cpio archive in memory, packed by the host's cpio."""

import os
import shutil
import subprocess
from pathlib import Path


class Initramfs:
    """A folder that becomes the guest's root."""

    def __init__(self, folder):
        self.root = Path(folder)
        for name in ["dev", "proc", "sys", "tmp", "root", "out", "host", "lab", "run", "etc",
                     "usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "var/lib"]:
            (self.root / name).mkdir(parents=True)
        for link in ["bin", "sbin", "lib", "lib64"]:
            (self.root / link).symlink_to(f"usr/{link}")
        (self.root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n", encoding="utf-8")

    def add(self, source, place, mode=None):
        """Copies a file to a place in the guest."""
        target = self.root / str(place).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(mode if mode is not None else os.stat(source).st_mode & 0o777)

    def write(self, place, text):
        """Writes a small file."""
        target = self.root / str(place).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def pack(self, path):
        """Writes the archive; not packed, since unpacking takes an emulated processor longest."""
        names = b"".join(os.fsencode(n.relative_to(self.root)) + b"\0"
                         for n in sorted(self.root.rglob("*")))
        with open(path, "wb") as out:
            subprocess.run(["cpio", "--quiet", "--null", "-o", "-H", "newc", "--owner=0:0"],
                           cwd=self.root, input=names, stdout=out, check=True)
