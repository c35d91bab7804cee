#!/usr/bin/env python3
"""Counts the instructions of a few runs and compares them with what they took before.

    Benchmarks/instructions.py [--update]

Time depends on the machine and on what else it does; instructions hardly do. They are counted by
valgrind on a stripped copy of the program, since valgrind can't read Swift's debug information. A
run that takes 5 % more than Benchmarks/instructions.json says fails; --update writes the file anew.
Recordings are bundled ones and some of Benchmarks/generate.c, resolved against bundled kernel symbols
and no binary but one that is compiled here, so that what the machine has installed hardly counts.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAM = HERE.parent / ".build/release/ukl-shortcut"
RECORDINGS = HERE.parent / "Tests/Fixtures/recordings"
KNOWN = HERE / "instructions.json"
TOLERANCE = 0.05


# A program of many small functions, each of them inlined where it is called.
PROGRAM_TEXT = """
#define TEN(m, n) m(n##0) m(n##1) m(n##2) m(n##3) m(n##4) m(n##5) m(n##6) m(n##7) m(n##8) m(n##9)
#define F(n) static inline __attribute__((always_inline)) int inner##n(int x) \\
  { return x * n##7 ^ x >> 3; } \\
  __attribute__((noinline)) int outer##n(int x) { return inner##n(inner##n(x) + inner##n(x + 1)); }
#define HUNDRED(n) TEN(F, n##0) TEN(F, n##1) TEN(F, n##2) TEN(F, n##3) TEN(F, n##4) TEN(F, n##5)
HUNDRED(1) HUNDRED(2) HUNDRED(3) HUNDRED(4) HUNDRED(5) HUNDRED(6) HUNDRED(7) HUNDRED(8)
int main(void) { return outer100(3); }
"""


def prepared(work):
    """Compiles the generator and a program with debug information, and unpacks kernel symbols."""
    subprocess.run(["cc", "-O2", "-o", work / "generate", HERE / "generate.c"], check=True)
    subprocess.run(
        ["cc", "-g", "-O2", "-x", "c", "-o", work / "program", "-"], check=True, text=True,
        input=PROGRAM_TEXT)
    packed = RECORDINGS / "redis-linux/kallsyms.gz"
    kallsyms = work / "kallsyms"
    kallsyms.write_bytes(subprocess.run(["zcat", packed], stdout=subprocess.PIPE, check=True).stdout)
    return kallsyms


def generated(work, kallsyms, name, samples, chains, processes, *more):
    """A recording of the program and a library that isn't found below the sysroot."""
    path = work / f"{name}.data"
    subprocess.run(
        [work / "generate", "--samples", str(samples), "--chains", str(chains), "--processes",
         str(processes), *more, "--depth", "44", "--kallsyms", kallsyms, "-o", path,
         work / "program", "/lib/x86_64-linux-gnu/libc.so.6"],
        check=True, stderr=subprocess.DEVNULL)
    return path


def runs(work):
    """Arguments of each run, by name."""
    redis = RECORDINGS / "redis-ukl/perf.data"
    kallsyms = prepared(work)
    symbols = ["--kallsyms", kallsyms]
    fold = ["fold", "--quiet", "--threads", "1", "--sysroot"]
    alone = [*fold, work / "empty", "--no-inline"]  # inlined functions of a libc6-dbg don't count
    (work / "empty").mkdir()
    root = work / "root"  # where the recorded program's path leads to the program
    place = root / work.relative_to("/")
    place.mkdir(parents=True)
    shutil.copy(work / "program", place)
    there = [*fold, root, *symbols]
    return {
        "start": ["--version"],
        "info, bundled": ["info", redis],
        "fold, bundled": [*alone, redis],
        "fold, compressed": [*alone, RECORDINGS / "redis-ukl-zstd/perf.data"],
        "fold, 10 k chains": [
            *alone, *symbols, generated(work, kallsyms, "chains", 50000, 10000, 200, "--forks")],
        "fold, 3000 processes": [
            *there, "--no-inline",
            generated(work, kallsyms, "forks", 30000, 9000, 3000, "--forks")],
        "fold, DWARF chains": [
            *there, "--no-inline",
            generated(work, kallsyms, "stacks", 4000, 4000, 4, "--stacks", "2048")],
        "fold, inlines": [
            *there, generated(work, kallsyms, "inlines", 5000, 5000, 1, "--scatter")],
    }


def instructions(program, arguments):
    """What valgrind counts. Without perf's cache in HOME, which has binaries."""
    child = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "HOME": str(program.parent)})
    found = re.search(r"Collected : (\d+)", child.stderr)
    if child.returncode or not found:
        sys.exit(f"instructions: {' '.join(map(str, arguments))}: {child.stderr.strip()}")
    return int(found[1])


def verdict(now, before):
    """What the difference means."""
    if before is None:
        return "new"
    change = now / before - 1
    if change > TOLERANCE:
        return f"{change:+.1%}: TOO MANY"
    return f"{change:+.1%}" + (": lower the threshold" if change < -TOLERANCE else "")


def main():
    if not shutil.which("valgrind"):
        return print("skipped: instructions: valgrind is not installed")
    if not PROGRAM.exists():
        sys.exit("instructions: build the program first: make build")
    known = json.loads(KNOWN.read_text()) if KNOWN.exists() else {}
    found, failed = {}, False
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "ukl-shortcut"
        subprocess.run(["strip", "-o", program, PROGRAM], check=True)
        for name, arguments in runs(Path(folder)).items():
            found[name] = instructions(program, arguments)
            word = verdict(found[name], known.get(name))
            failed = failed or word.endswith("MANY")
            print(f"{name:20} {found[name]:>15,}  {word}", flush=True)
    if "--update" in sys.argv:
        KNOWN.write_text(json.dumps(found, indent=2) + "\n")
    elif failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
