#!/usr/bin/env python3
"""Measures folding beside its peers and prints one table.

    Benchmarks/run.py [--quick] [--work DIR] [--runs N] [FILE...]

Files are made where none are given: a generator's, of several sizes and numbers of chains; those
that Benchmarks/record made are measured too. Every tool reads a file once to warm the cache and is
then run N times, the tools in turn, but none for longer than ten seconds; the run with the median CPU
time counts. Before each run of less than two seconds is one that doesn't count. CPU is user and system
time of all processes of a tool, memory the peak of its largest process; a mapped file counts as memory.
A tool that takes longer than --limit is ended; its wall time until then is a lower bound.
"""

import argparse
import os
import shutil
import struct
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
OURS = HERE.parent / ".build/release/ukl-shortcut"
BINARIES = ["/usr/bin/redis-server", "/lib/x86_64-linux-gnu/libc.so.6",
            "/usr/lib/x86_64-linux-gnu/libstdc++.so.6", "/usr/sbin/nginx"]

# name: samples, chains, processes, more options
GENERATED = {
    "5 MB, 3 k chains": (13_000, 3_000, 8, []),
    "100 MB, 30 k chains": (250_000, 30_000, 50, []),
    "100 MB, 3000 forks": (250_000, 60_000, 3_000, ["--forks"]),
    "400 MB, 300 k chains": (1_150_000, 300_000, 100, []),
    "1 GB, 700 k chains": (2_650_000, 700_000, 100, []),
}
# Too long for what it adds: the peers read the smaller and the larger ones.
ALONE = "400 MB, 300 k chains"
PLAIN = "100 MB, 30 k chains"
COMPRESSED = "the same, compressed"
INLINES = "inlines, 100 k addresses"
LIBC = BINARIES[1]


class Run:
    """CPU and wall seconds and peak MiB of one command."""

    def __init__(self, command, folder, limit):
        start = time.monotonic()
        with open(os.devnull, "wb") as null:
            child = subprocess.Popen(
                ["timeout", "-s", "KILL", str(limit), "sh", "-c", command], cwd=folder,
                stdin=subprocess.DEVNULL, stdout=null, stderr=null, start_new_session=True)
            _, status, usage = os.wait4(child.pid, 0)
        self.wall = time.monotonic() - start
        self.cpu = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss / 1024
        self.is_cut = self.wall >= limit
        self.failed = status != 0 and not self.is_cut


def measure(commands, folder, runs, limit):
    """For each tool the median run by CPU time, the tools in turn."""
    results = {tool: [] for tool in commands}
    for _ in range(runs + 1):
        for tool, command in commands.items():
            if sum(run.wall for run in results[tool]) < 10:
                # On a virtual machine memory that was free for a while is the host's: what is short would
                # pay for getting back what a long one before it had.
                if results[tool] and results[tool][-1].wall < 2:
                    Run(command, folder, limit)
                results[tool].append(Run(command, folder, limit))
    for tool, found in results.items():
        if len(found) > 1:
            found = found[1:]  # the first one warmed the cache
        results[tool] = sorted(found, key=lambda run: run.cpu)[len(found) // 2]
    return results


def tools(name, path, kallsyms, scripts):
    """Every tool's command, by name; peers that are not installed are left out."""
    # Compressed records are counted as they were before.
    counted = file_of(scripts, PLAIN) if name == COMPRESSED else path
    yield "C floor", f"{scripts}/floor {counted}"
    ours = f"{OURS} fold -q --kallsyms {kallsyms}"
    yield "ukl-shortcut, 1 thread", f"{ours} --threads 1 {path}"
    yield "ukl-shortcut, 2 threads", f"{ours} --threads 2 {path}"
    if name != INLINES:
        yield "ukl-shortcut --no-inline, 1 thread", f"{ours} --no-inline --threads 1 {path}"
        yield "ukl-shortcut --no-inline, 2 threads", f"{ours} --no-inline --threads 2 {path}"
    if name == ALONE:
        return
    if name == INLINES:
        # perf 6.1 starts an addr2line for each address; here for one of 5,000.
        yield "addr2line -i, 20 of them", (
            f"xargs -n 1 addr2line -i -f -e {LIBC} <{scripts}/addresses")
        return
    perf = shutil.which("perf")
    if perf:
        symbols = f"--no-inline --kallsyms {kallsyms} -f -i {path}"
        yield "perf script", f"{perf} script {symbols}"
        yield "perf report -g folded", (
            f"{perf} report {symbols} --stdio --no-children -g folded,0,caller,count -s comm")
        # In no package: measured where somebody put them into PATH.
        for collapse in ["stackcollapse-perf.pl", "inferno-collapse-perf"]:
            if shutil.which(collapse):
                yield f"perf script, {collapse}", f"{perf} script {symbols} | {collapse}"
    parser = "/usr/lib/x86_64-linux-gnu/libexec/hotspot-perfparser"
    if os.path.exists(parser):
        yield "hotspot-perfparser", f"{parser} --input {path} --kallsyms {kallsyms} --output -"
    flamegraph = HERE / ".venv/bin/flamegraph"
    # Of DWARF chains it has perf print inlined functions too, which takes minutes.
    if flamegraph.exists() and not name.endswith("dwarf"):
        yield "cargo-flamegraph (inferno)", (
            f"PERF_BUILDID_DIR=/nonexistent {flamegraph} --perfdata {path} -o {scripts}/peer.svg")


def file_of(work, name):
    """Where a generated recording is kept."""
    return work / (name.replace(" ", "-").replace(",", "") + ".data")


def build(work):
    """Compiles the floor and the generator."""
    for name in ["floor", "generate"]:
        subprocess.run(["cc", "-O2", "-Wall", "-o", work / name, HERE / f"{name}.c"], check=True)


def generated(work, kallsyms, names):
    """Makes the generator's recordings, once."""
    there = [binary for binary in BINARIES if os.path.exists(binary)]
    for name in names:
        path = file_of(work, name)
        generate(work, kallsyms, path, *GENERATED[name], there)
        yield name, path
    if PLAIN in names and shutil.which("zstd"):
        path = file_of(work, COMPRESSED)
        if not path.exists():
            path.write_bytes(compressed(file_of(work, PLAIN).read_bytes()))
        yield COMPRESSED, path
    path = file_of(work, INLINES)
    generate(work, kallsyms, path, 40_000, 36_000, 1, ["--scatter"], [LIBC])
    addresses = (f"{0x30000 + 0xfe00 * row:x}\n" for row in range(20))  # libc's code
    (work / "addresses").write_text("".join(addresses))
    yield INLINES, path


def generate(work, kallsyms, path, samples, chains, processes, more, binaries):
    """Makes one recording, if it isn't there."""
    if not path.exists():
        subprocess.run(
            [work / "generate", "--samples", str(samples), "--chains", str(chains), "--processes",
             str(processes), *more, "--depth", "44", "--kallsyms", kallsyms, "-o", path, *binaries],
            check=True)


def compressed(recording):
    """The generator's recording as `perf record -z` writes it: zstd in COMPRESSED records (81), and
    the feature (27) that says so."""
    header = bytearray(recording[:248])
    start, size = struct.unpack_from("<QQ", header, 40)
    packed = subprocess.run(
        ["zstd", "-1", "-c", "--no-check", "-T1"], input=recording[start:start + size],
        stdout=subprocess.PIPE, check=True).stdout
    data = bytearray()
    for place in range(0, len(packed), 60_000):
        piece = packed[place:place + 60_000]
        data += struct.pack("<IHH", 81, 0, 8 + len(piece)) + piece
    struct.pack_into("<Q", header, 48, len(data))
    struct.pack_into("<Q", header, 72, 1 << 27)
    feature = struct.pack("<5I", 1, 1, 1, 0, 1 << 22)  # version, zstd, level, ratio, buffer
    table = struct.pack("<QQ", len(header) + len(data) + 16, len(feature))
    return bytes(header + data) + table + feature


def kallsyms_of(work):
    """The running kernel's symbols, if this user may read their addresses; else the bundled ones."""
    path = work / "kallsyms"
    text = Path("/proc/kallsyms").read_text()
    if " _text\n" in text and not text.startswith("0000000000000000"):
        path.write_text(text)
    else:
        bundled = HERE.parent / "Tests/Fixtures/recordings/redis-linux/kallsyms.gz"
        path.write_bytes(subprocess.run(["zcat", bundled], capture_output=True).stdout)
    return path


def machine():
    """One line on what the figures were taken on."""
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo")
                  if line.startswith("model name")), "unknown")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} × {model}, {memory:.0f} GiB, Linux {os.uname().release}"


def rows(name, path, kallsyms, work, runs, limit):
    """Prints a file's rows of the table."""
    size = os.path.getsize(path) / 2**20
    results = measure(dict(tools(name, path, kallsyms, work)), work, runs, limit)
    floor = results["C floor"]
    ours, both = results["ukl-shortcut, 1 thread"], results["ukl-shortcut, 2 threads"]
    for tool, run in results.items():
        note = " (failed)" if run.failed else ""
        bound = "> " if run.is_cut else ""
        # What an ended tool's processes took is nobody's.
        cpu, of_floor, versus = (
            ["–"] * 3 if run.is_cut else
            [f"{run.cpu:.3f}", "–" if floor.failed else f"{run.cpu / floor.cpu:.1f}",
             f"{run.cpu / ours.cpu:.1f}"])
        memory = "–" if run.is_cut else f"{run.memory:.0f}"
        print(f"| {name}, {size:.0f} MiB | {tool}{note} | {cpu} | {bound}{run.wall:.3f} | {memory} | "
              f"{of_floor} | {versus} | {bound}{run.wall / both.wall:.1f} |", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--quick", action="store_true", help="the two small files only")
    options.add_argument("--work", type=Path, default=HERE / ".work", help="where files are kept")
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--limit", type=int, default=240, help="seconds a tool may take")
    options.add_argument("files", nargs="*", type=Path)
    chosen = options.parse_args()
    chosen.work.mkdir(exist_ok=True)
    build(chosen.work)
    kallsyms = kallsyms_of(chosen.work)
    names = list(GENERATED)[:2] if chosen.quick else list(GENERATED)
    live = sorted((chosen.work / "live").glob("*.data"))
    print(f"{time.strftime('%Y-%m-%d')}, {machine()}\n")
    print("| file | tool | CPU s | wall s | peak MiB | CPU × C floor | CPU × ukl-shortcut, 1 thread "
          "| wall × ukl-shortcut, 2 threads |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    if chosen.files:
        files = [(path.name, path) for path in chosen.files]
    else:
        files = list(generated(chosen.work, kallsyms, names))
        files += [(f"live: {path.stem}", path) for path in live]
    for name, path in files:
        rows(name, path.resolve(), kallsyms, chosen.work.resolve(), chosen.runs, chosen.limit)


if __name__ == "__main__":
    main()
