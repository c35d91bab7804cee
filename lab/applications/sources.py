"""Debian's source packages, fetched with the machine's own apt sources and nothing installed."""

import re
import shutil
import subprocess
from pathlib import Path

from labkit import LabError

LISTS = [Path("/etc/apt/sources.list"), Path("/etc/apt/sources.list.d")]


def unpack(package, work):
    """Fetches a source package and unpacks it with Debian's patches; the folder."""
    folder = work / "source"
    shutil.rmtree(folder, ignore_errors=True)
    fetched = _fetch(package, work / "fetched")
    done = subprocess.run(["dpkg-source", "--no-check", "-x", fetched, folder],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"dpkg-source: {done.stderr.strip()[-300:]}")
    print(f"source: {fetched.name}")
    return folder


def _fetch(package, folder):
    """The newest version that is there: the archive may have dropped what the lists still name."""
    folder.mkdir(parents=True, exist_ok=True)
    apt = _Apt(folder)
    apt.run("apt-get", "update")
    found = apt.run("apt-cache", "showsrc", "--only-source", package)
    versions = re.findall(r"^Version: (\S+)", found, re.MULTILINE)
    for version in _newest_first(versions):
        try:
            apt.run("apt-get", "source", "--download-only", f"{package}={version}")
        except LabError:
            continue
        return folder / f"{package}_{version.split(':')[-1]}.dsc"
    raise LabError(f"{package}: no version of its source can be fetched; apt knows {versions}")


def _newest_first(versions):
    """By dpkg's order."""
    ordered = []
    for version in versions:
        place = next((i for i, other in enumerate(ordered) if subprocess.run(
            ["dpkg", "--compare-versions", version, "gt", other], check=False).returncode == 0),
            len(ordered))
        ordered.insert(place, version)
    return ordered


class _Apt:
    """apt with lists of its own: the machine's sources, asked for source packages."""

    def __init__(self, folder):
        self.folder = folder
        parts = folder / "sources.list.d"
        for name in [parts, folder / "lists", folder / "cache/archives/partial"]:
            name.mkdir(parents=True, exist_ok=True)
        count = sum(_copy(file, parts) for file in _machines_lists())
        if not count:
            raise LabError(f"{LISTS[0]}, {LISTS[1]}: no source of packages in them")
        self.options = [
            "-q", "-o", "Dir::Etc::sourcelist=/dev/null", "-o", f"Dir::Etc::sourceparts={parts}",
            "-o", f"Dir::State::lists={folder}/lists", "-o", f"Dir::Cache={folder}/cache",
            "-o", "APT::Sandbox::User=root"]

    def run(self, program, *words):
        """Runs apt; what it printed."""
        done = subprocess.run([program, *self.options, *words], cwd=self.folder,
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines()
            raise LabError(f"{program} {words[0]}: {lines[-1] if lines else 'failed'}")
        return done.stdout


def _machines_lists():
    """The files that name the machine's package sources."""
    return [LISTS[0]] * LISTS[0].is_file() + sorted(
        file for file in LISTS[1].glob("*") if file.suffix in [".list", ".sources"])


def _copy(file, parts):
    """Copies a list with source packages in place of binary ones; whether it named any."""
    text = file.read_text(encoding="utf-8", errors="replace")
    if file.suffix == ".sources":
        text = re.sub(r"(?m)^Types:.*$", "Types: deb-src", text)
    else:
        text = "\n".join(re.sub(r"^deb ", "deb-src ", line) for line in text.splitlines()
                         if line.startswith("deb ")) + "\n"
    (parts / f"source-{file.name}").write_text(text, encoding="utf-8")
    return "deb-src" in text
