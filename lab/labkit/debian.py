"""Debian packages, unpacked into a folder and never installed."""

import fcntl
import os
import re
import shutil
import subprocess
from pathlib import Path

from labkit import LabError


class Packages:
    """A folder of unpacked packages: programs with their libraries, kernels with their modules."""

    def __init__(self, folder):
        self.folder = Path(folder).resolve()
        self.root = self.folder / "root"
        self.unpacked = self.folder / "unpacked"

    def need(self, names):
        """Unpacks packages and the libraries they depend on, as if nothing were installed."""
        self._unpack([n for n in self._closure(names) if n.startswith(("lib", "zlib"))] + names)

    def kernel(self, version):
        """Unpacks Debian's newest kernel of a series; its image and its folder of modules."""
        package = _kernel_package(version)
        self._unpack([package])
        release = package.removeprefix("linux-image-")
        return self.root / f"boot/vmlinuz-{release}", self.root / f"lib/modules/{release}"

    def headers(self, release):
        """Unpacks the headers of a kernel; the folder to build modules against."""
        names = [f"linux-headers-{release}"]
        listing = subprocess.run(["apt-cache", "depends", *names], capture_output=True, text=True,
                                 check=False).stdout
        self._unpack(names + re.findall(r"Depends: (linux-(?:headers|kbuild)-\S+)", listing))
        folder = self.root / "usr/src" / names[0]
        makefile = folder / "Makefile"  # includes the common one by its installed place
        common = next((self.root / "usr/src").glob(f"{names[0].removesuffix('-amd64')}-common"))
        line = f"include {common.resolve()}/Makefile\n"
        if makefile.read_text(encoding="utf-8") != line:  # other runs may be reading it
            makefile.write_text(line, encoding="utf-8")
        return folder

    def program(self, name):
        """Where a program stands below the root."""
        for place in ["usr/bin", "usr/sbin", "bin", "sbin", "usr/lib"]:
            path = self.root / place / name
            if path.is_file():
                return path.relative_to(self.root)
        raise LabError(f"{name}: no such program in the packages asked for")

    def closure(self, program):
        """A program, its loader and its shared libraries, as paths below the root."""
        loader = Path("lib64/ld-linux-x86-64.so.2")
        libraries = ":".join(
            str(self.root / top / "x86_64-linux-gnu" / below)
            for top in ["lib", "usr/lib"] for below in ["", "perl/5.36/CORE"])
        listing = subprocess.run(
            [self.root / loader, "--library-path", libraries, "--list", self.root / program],
            capture_output=True, text=True, check=False)
        if "not a dynamic executable" in listing.stderr + listing.stdout:
            return [program]
        if listing.returncode != 0 or "not found" in listing.stdout:
            reason = (listing.stderr or listing.stdout).strip()
            raise LabError(f"{program}: libraries missing: {reason[:400]}")
        found = re.findall(r"=> (\S+) \(0x", listing.stdout)
        return [program, loader] + [Path(f).relative_to(self.root) for f in found
                                    if f.startswith(str(self.root))]

    def _closure(self, names):
        """What apt would install for these packages on an empty system."""
        self.folder.mkdir(parents=True, exist_ok=True)
        status = self.folder / "status"
        if not status.exists():
            status.touch()
        plan = _apt(
            "-o", f"Dir::State::status={status}", "-o", "Debug::NoLocking=1",
            "--no-install-recommends", "--simulate", "install", *names)
        return re.findall(r"^Inst (\S+)", plan, re.MULTILINE)

    def _unpack(self, names):
        self.unpacked.mkdir(parents=True, exist_ok=True)
        self.root.mkdir(exist_ok=True)
        for link in ["bin", "sbin", "lib", "lib64"]:  # one /usr, as on an installed system
            (self.root / "usr" / link).mkdir(parents=True, exist_ok=True)
            if not (self.root / link).is_symlink():
                (self.root / link).symlink_to(f"usr/{link}")
        if all((self.unpacked / n).exists() for n in names):
            return
        with open(self.folder / "lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # another run may be unpacking the same
            self._fetch(sorted({n for n in names if not (self.unpacked / n).exists()}))

    def _fetch(self, wanted):
        if not wanted:
            return
        fetched = self.folder / "fetched"
        shutil.rmtree(fetched, ignore_errors=True)
        fetched.mkdir()
        _apt("-o", "APT::Sandbox::User=root", "download", *wanted, cwd=fetched)
        for package in sorted(fetched.glob("*.deb")):
            archive = subprocess.run(["dpkg-deb", "--fsys-tarfile", package],
                                     stdout=subprocess.PIPE, check=True)
            subprocess.run(
                ["tar", "-x", "-C", self.root, "--keep-directory-symlink", "--no-same-owner"],
                input=archive.stdout, check=True)
        shutil.rmtree(fetched)
        for name in wanted:
            (self.unpacked / name).touch()


def _kernel_package(version):
    for meta in ["linux-image-amd64", f"linux-image-{version}-amd64"]:
        listing = subprocess.run(["apt-cache", "depends", meta], capture_output=True, text=True,
                                 check=False)
        match = re.search(rf"Depends: (linux-image-{re.escape(version)}\.\S+-amd64)\b",
                          listing.stdout)
        if match:
            return match.group(1)
    raise LabError(f"apt knows no Debian kernel {version}; run apt-get update, or give "
                   "--kernel-image")


def _apt(*arguments, cwd=None):
    run = subprocess.run(["apt-get", "-qq", "-o", "Acquire::Retries=3", *arguments], cwd=cwd,
                         capture_output=True, text=True, check=False,
                         env={**os.environ, "LC_ALL": "C"})
    if run.returncode != 0:
        reason = (run.stderr.strip() or run.stdout.strip()).splitlines() or ["no reason given"]
        raise LabError(f"apt-get {arguments[-1]}: {reason[-1]}")
    return run.stdout
