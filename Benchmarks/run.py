#!/usr/bin/env python3
"""Measures folding beside its peers and prints one table.

    Benchmarks/run.py [--quick] [--work DIR] [--runs N] [FILE...]

Files are made where none are given: a generator's, of several sizes and numbers of chains, and,
where this user may record, live ones. Every tool reads a file once to warm the cache and is then
run N times; the run with the median CPU time counts. CPU is user and system time of all processes
of a tool, memory the peak of its largest process; a mapped file counts as memory.
"""

import argparse
import os
import shutil
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
    "1 GB, 700 k chains": (2_650_000, 700_000, 100, []),
}


class Run:
    """CPU and wall seconds and peak MiB of one command."""

    def __init__(self, command, folder):
        start = time.monotonic()
        with open(os.devnull, "wb") as null:
            child = subprocess.Popen(["sh", "-c", command], cwd=folder, stdout=null, stderr=null)
            _, status, usage = os.wait4(child.pid, 0)
        self.wall = time.monotonic() - start
        self.cpu = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss / 1024
        self.failed = status != 0


def measure(command, folder, runs):
    """The median run by CPU time, after one that warms the cache where several are asked for."""
    if runs > 1:
        Run(command, folder)
    results = sorted((Run(command, folder) for _ in range(runs)), key=lambda run: run.cpu)
    return results[len(results) // 2]


def tools(path, kallsyms, scripts):
    """Every tool's command, by name; peers that are not installed are left out."""
    yield "C floor", f"{scripts}/floor {path}"
    ours = f"{OURS} fold -q --kallsyms {kallsyms}"
    yield "ukl-shortcut, 1 thread", f"{ours} --threads 1 {path}"
    yield "ukl-shortcut, 2 threads", f"{ours} --threads 2 {path}"
    perf = shutil.which("perf")
    if perf:
        symbols = f"--kallsyms {kallsyms} -f -i {path}"
        yield "perf script", f"{perf} script {symbols}"
        yield "perf report -g folded", (
            f"{perf} report {symbols} --stdio --no-children -g folded,0,caller,count -s comm")
    parser = "/usr/lib/x86_64-linux-gnu/libexec/hotspot-perfparser"
    if os.path.exists(parser):
        yield "hotspot-perfparser", f"{parser} --input {path} --kallsyms {kallsyms} --output -"
    flamegraph = HERE / ".venv/bin/flamegraph"
    if flamegraph.exists():
        yield "cargo-flamegraph (inferno)", (
            f"PERF_BUILDID_DIR=/nonexistent {flamegraph} --perfdata {path} -o {scripts}/peer.svg")


def build(work):
    """Compiles the floor and the generator."""
    for name in ["floor", "generate"]:
        subprocess.run(["cc", "-O2", "-Wall", "-o", work / name, HERE / f"{name}.c"], check=True)


def generated(work, kallsyms, names):
    """Makes the generator's recordings, once."""
    there = [binary for binary in BINARIES if os.path.exists(binary)]
    for name in names:
        samples, chains, processes, more = GENERATED[name]
        path = work / (name.replace(" ", "-").replace(",", "") + ".data")
        if not path.exists():
            subprocess.run(
                [work / "generate", "--samples", str(samples), "--chains", str(chains),
                 "--processes", str(processes), *more, "--depth", "44", "--kallsyms", kallsyms,
                 "-o", path, *there], check=True)
        yield name, path


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


def table(name, path, kallsyms, work, runs, budget):
    """Prints a file's rows."""
    floor = ours = None
    size = os.path.getsize(path) / 2**20
    print(f"\n**{name}** ({size:.0f} MiB)\n")
    print("| tool | CPU s | wall s | peak MiB | × C floor | × ukl-shortcut |")
    print("|---|---:|---:|---:|---:|---:|")
    for tool, command in tools(path, kallsyms, work):
        is_peer = not tool.startswith(("C floor", "ukl"))
        run = measure(command, work, 1 if is_peer and size > budget else runs)
        if tool == "C floor":
            floor = run.cpu
        if tool == "ukl-shortcut, 1 thread":
            ours = run.cpu
        versus = f"{run.cpu / ours:.1f}" if ours else "–"
        note = " (failed)" if run.failed else ""
        print(f"| {tool}{note} | {run.cpu:.2f} | {run.wall:.2f} | {run.memory:.0f} | "
              f"{run.cpu / floor:.1f} | {versus} |", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--quick", action="store_true", help="the two small files only")
    options.add_argument("--work", type=Path, default=HERE / ".work", help="where files are kept")
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--budget", type=int, default=200,
                         help="MiB above which a peer is run once")
    options.add_argument("files", nargs="*", type=Path)
    chosen = options.parse_args()
    chosen.work.mkdir(exist_ok=True)
    build(chosen.work)
    kallsyms = kallsyms_of(chosen.work)
    names = list(GENERATED)[:2] if chosen.quick else list(GENERATED)
    live = sorted((chosen.work / "live").glob("*.data"))
    print(f"{time.strftime('%Y-%m-%d')}, {machine()}")
    if chosen.files:
        files = [(path.name, path) for path in chosen.files]
    else:
        files = list(generated(chosen.work, kallsyms, names))
        files += [(f"live: {path.stem}", path) for path in live]
    for name, path in files:
        table(name, path.resolve(), kallsyms, chosen.work.resolve(), chosen.runs, chosen.budget)


if __name__ == "__main__":
    main()
