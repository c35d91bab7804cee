"""Puts a guest together from what the user asks for, boots it, brings back what it left."""

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from labkit import LabError
from labkit.debian import Packages
from labkit.initramfs import Initramfs
from labkit.machine import Machine
from labkit.modules import Modules

HERE = Path(__file__).resolve().parent.parent
HOST_MODULES = ["virtio_pci", "9p", "9pnet_virtio"]


def parser(description):
    """The options of programs that bring back a folder."""
    out = machine_parser(description)
    out.add_argument("--output", required=True, metavar="DIR", type=Path,
                     help="where the results go; made if missing")
    out.add_argument("--keep-sysroot", action="store_true",
                     help="keep the guest's programs, libraries and modules as DIR/sysroot")
    return out


def machine_parser(description):
    """The options that all programs of the lab share."""
    out = argparse.ArgumentParser(description=description)
    out.add_argument("--kernel", default="6.1", metavar="SERIES",
                     help="Debian's newest kernel of this series (default 6.1)")
    out.add_argument("--kernel-image", metavar="FILE", type=Path, help="another kernel's bzImage")
    out.add_argument("--modules", metavar="DIR", type=Path,
                     help="its folder lib/modules/RELEASE, if it has modules")
    out.add_argument("--load-module", action="append", default=[], metavar="NAME",
                     help="load a module, and those it needs, before the script runs")
    out.add_argument("--package", action="append", default=[], metavar="NAME",
                     help="a Debian package to take programs from")
    out.add_argument("--program", action="append", default=[], metavar="NAME",
                     help="a program of those packages, with its libraries")
    out.add_argument("--file", action="append", default=[], metavar="FILE:PLACE",
                     help="a file of the host and its place in the guest")
    out.add_argument("--append", action="append", default=[], metavar="WORD",
                     help="a word for the kernel's command line")
    out.add_argument("--cpus", type=int, default=1)
    out.add_argument("--memory", type=int, default=1024, metavar="MIB")
    out.add_argument("--icount", action="store_true",
                     help="the guest's clock counts instructions: 1 ns each, idle time is skipped")
    out.add_argument("--time-limit", type=int, default=300, metavar="SECONDS",
                     help="a guest that runs longer is stopped, and that is an error (default 300)")
    out.add_argument("--cache", metavar="DIR", type=Path,
                     help="keep unpacked packages here for the next call (default: none is kept)")
    return out


def run(options, script, arguments):
    """Runs a shell script in the guest, in the folder whose files come back.

    Returns the script's exit status and the machine that ran it."""
    with tempfile.TemporaryDirectory(prefix="ukl-lab.") as name:
        guest = Guest(options, Path(name))
        share, console, status = guest.boot(script, arguments)
        _bring_back(share, console, guest.tree, options)
        return status, guest.machine


class Guest:
    """A guest put together once, which can be booted again and again."""

    def __init__(self, options, folder):
        self.folder = folder
        packages = Packages(options.cache or folder / "packages")
        packages.need(["busybox-static", *options.package])
        if options.kernel_image:
            image, modules = options.kernel_image, options.modules
        else:
            image, modules = packages.kernel(options.kernel)
        self.tree = _tree(folder / "root", packages, modules and Modules(modules), options)
        self.machine = Machine(image, folder / "initramfs", options)
        self.boots = 0

    def boot(self, script, arguments, listener=None):
        """Runs a script in it: the folder of what it left, its console and its exit status."""
        self.tree.add(script, "lab/run")
        self.tree.write("lab/arguments", "".join(f"{a}\n" for a in arguments))
        self.tree.pack(self.folder / "initramfs")
        self.boots += 1
        self.place.mkdir()
        return self.machine.run(self.place, listener)

    @property
    def place(self):
        """Where the files of the last boot lie."""
        return self.folder / f"boot{self.boots}"


def _tree(folder, packages, modules, options):
    tree = Initramfs(folder)
    tree.add(packages.root / packages.program("busybox"), "bin/busybox")
    tree.add(HERE / "guest/init.sh", "init", mode=0o755)
    for program in options.program:
        for path in packages.closure(packages.program(program)):
            tree.add(packages.root / path, path)
    for pair in options.file:
        source, colon, place = pair.partition(":")
        if not colon or not Path(source).is_file():
            raise LabError(f"--file {pair}: needs FILE:PLACE, and FILE must be there")
        tree.add(source, place)
    _add_modules(tree, modules, options)
    return tree


def _add_modules(tree, modules, options):
    places = []
    if modules:
        names = [n for n in HOST_MODULES if modules.has(n)] + options.load_module
        for path in modules.order(names):
            place = Path("/lib/modules") / modules.release / path.relative_to(modules.folder)
            tree.add(path, place)
            places.append(place)
    elif options.load_module:
        raise LabError("--load-module needs --modules DIR beside --kernel-image")
    tree.write("lab/modules", "".join(f"{p}\n" for p in places))


def _bring_back(share, console, tree, options):
    options.output.mkdir(parents=True, exist_ok=True)
    shutil.copytree(share, options.output, dirs_exist_ok=True, ignore=_links)
    shutil.copyfile(console, options.output / "console.txt")
    if options.keep_sysroot:
        sysroot = options.output / "sysroot"
        shutil.rmtree(sysroot, ignore_errors=True)
        shutil.copytree(tree.root / "usr", sysroot / "usr", symlinks=True)
        for link in ["bin", "sbin", "lib", "lib64"]:
            (sysroot / link).symlink_to(f"usr/{link}")


def _links(folder, names):
    """A link that the guest left may point at the host's files."""
    return [n for n in names if (Path(folder) / n).is_symlink()]


def _stop(number, _):
    sys.exit(128 + number)


def main(body):
    """Runs a program of the lab: errors are one line and exit status 2. A signal that ends it leaves no
    guest and no file behind."""
    for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
            signal.signal(number, _stop)
    try:
        sys.exit(body())
    except LabError as error:
        print(f"error: {error}", file=sys.stderr)
    except subprocess.CalledProcessError as error:
        print(f"error: {error.cmd[0]}: exit status {error.returncode}", file=sys.stderr)
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror}", file=sys.stderr)
    sys.exit(2)
