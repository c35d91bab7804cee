#!/usr/bin/env python3
"""Measures folding beside its peers and prints one table.

    Benchmarks/run.py [--quick] [--work DIR] [--runs N] [FILE...]

Files are made where none are given: a generator's, of several sizes and numbers of chains; those
that Benchmarks/record made are measured too. Every tool reads a file once to warm the cache and is
then run N times, the tools in turn; the run with the median CPU time counts. CPU is user and system
time of all processes of a tool, memory the peak of its largest process; a mapped file counts as
memory. A tool that takes longer than --limit is ended, and what it took until then is a lower bound.
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
    "400 MB, 300 k chains": (1_150_000, 300_000, 100, []),
    "100 MB, 3000 forks": (250_000, 60_000, 3_000, ["--forks"]),
    "1 GB, 700 k chains": (2_650_000, 700_000, 100, []),
}


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
    """For each tool the median run by CPU time, the tools in turn.

    A tool that is slow is run once: what disturbs it is small beside what it takes.
    """
    results = {tool: [] for tool in commands}
    for _ in range(runs + 1):
        for tool, command in commands.items():
            if not results[tool] or results[tool][0].wall < limit / 60:
                results[tool].append(Run(command, folder, limit))
    for tool, found in results.items():
        if len(found) > 1:
            found = found[1:]  # the first one warmed the cache
        results[tool] = sorted(found, key=lambda run: run.cpu)[len(found) // 2]
    return results


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


def rows(name, path, kallsyms, work, runs, limit):
    """Prints a file's rows of the table."""
    size = os.path.getsize(path) / 2**20
    results = measure(dict(tools(path, kallsyms, work)), work, runs, limit)
    floor = results["C floor"]
    ours = results["ukl-shortcut, 1 thread"]
    for tool, run in results.items():
        note = " (failed)" if run.failed else ""
        bound = "> " if run.is_cut else ""
        of_floor = "–" if floor.failed else f"{bound}{run.cpu / floor.cpu:.1f}"
        versus = f"{bound}{run.cpu / ours.cpu:.1f}"
        print(f"| {name}, {size:.0f} MiB | {tool}{note} | {bound}{run.cpu:.3f} | {bound}{run.wall:.3f} | "
              f"{run.memory:.0f} | {of_floor} | {versus} |", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--quick", action="store_true", help="the two small files only")
    options.add_argument("--work", type=Path, default=HERE / ".work", help="where files are kept")
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--limit", type=int, default=300, help="seconds a tool may take")
    options.add_argument("files", nargs="*", type=Path)
    chosen = options.parse_args()
    chosen.work.mkdir(exist_ok=True)
    build(chosen.work)
    kallsyms = kallsyms_of(chosen.work)
    names = list(GENERATED)[:2] if chosen.quick else list(GENERATED)
    live = sorted((chosen.work / "live").glob("*.data"))
    print(f"{time.strftime('%Y-%m-%d')}, {machine()}\n")
    print("| file | tool | CPU s | wall s | peak MiB | × C floor | × ukl-shortcut |")
    print("|---|---|---:|---:|---:|---:|---:|")
    if chosen.files:
        files = [(path.name, path) for path in chosen.files]
    else:
        files = list(generated(chosen.work, kallsyms, names))
        files += [(f"live: {path.stem}", path) for path in live]
    for name, path in files:
        rows(name, path.resolve(), kallsyms, chosen.work.resolve(), chosen.runs, chosen.limit)


if __name__ == "__main__":
    main()
