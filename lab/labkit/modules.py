"""Kernel modules and what they depend on, read from the modules themselves."""

import lzma
import os
import re
import subprocess
from pathlib import Path

from labkit import LabError


class Modules:
    """The modules below one folder /lib/modules/RELEASE."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.paths = {}
        for where, _, files in os.walk(self.folder):
            for file in files:
                match = re.fullmatch(r"(.+)\.ko(\.xz|\.zst|\.gz)?", file)
                if match:
                    self.paths[match.group(1).replace("-", "_")] = Path(where) / file
        builtin = self.folder / "modules.builtin"
        lines = builtin.read_text(encoding="utf-8").split() if builtin.is_file() else []
        self.builtin = {Path(line).stem.replace("-", "_") for line in lines}

    @property
    def release(self):
        """The kernel's own name for its version."""
        return self.folder.name

    def has(self, name):
        """Whether the kernel has it, as a module or built in."""
        name = name.replace("-", "_")
        return name in self.builtin or name in self.paths

    def order(self, names):
        """The modules to load for these, each after those it depends on."""
        done = []
        for name in names:
            self._add(name.replace("-", "_"), done)
        return done

    def _add(self, name, done):
        if name in self.builtin or self.paths.get(name) in done:
            return
        if name not in self.paths:
            raise LabError(f"{name}: no such module below {self.folder}")
        for needed in self._depends(self.paths[name]):
            self._add(needed, done)
        done.append(self.paths[name])

    @staticmethod
    def _depends(path):
        # A softdep only asks for speed or convenience; `depends` is what the symbols need.
        match = re.search(rb"\0depends=([^\0]*)\0", b"\0" + unpacked(path))
        names = match.group(1).decode().split(",") if match else []
        return [n.replace("-", "_") for n in names if n]


def unpacked(path):
    """A module's bytes."""
    if path.suffix == ".xz":
        return lzma.decompress(path.read_bytes())
    if path.suffix in (".zst", ".gz"):
        tool = "zstd" if path.suffix == ".zst" else "gzip"
        return subprocess.run([tool, "-dc", path], stdout=subprocess.PIPE, check=True).stdout
    return path.read_bytes()
