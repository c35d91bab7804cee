#!/usr/bin/env python3
"""Counts the instructions of a few runs and compares them with what they took before.

    Benchmarks/instructions.py [--update]

Time depends on the machine and on what else it does; instructions hardly do. They are counted by
valgrind on a stripped copy of the program, since valgrind can't read Swift's debug information. A
run that takes 3 % more than Benchmarks/instructions.json says fails; --update writes the file anew.
Recordings are the bundled one and one of Benchmarks/generate.c, resolved against bundled kernel
symbols and no binaries, so that what the machine has installed doesn't count.
"""

import json
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
TOLERANCE = 0.03


def generated(work):
    """A recording of 20 MB and its kernel's symbols."""
    subprocess.run(["cc", "-O2", "-o", work / "generate", HERE / "generate.c"], check=True)
    packed = RECORDINGS / "redis-linux/kallsyms.gz"
    kallsyms = work / "kallsyms"
    kallsyms.write_bytes(subprocess.run(["zcat", packed], stdout=subprocess.PIPE, check=True).stdout)
    path = work / "generated.data"
    subprocess.run(
        [work / "generate", "--samples", "50000", "--chains", "10000", "--processes", "200",
         "--forks", "--depth", "44", "--kallsyms", kallsyms, "-o", path,
         "/lib/x86_64-linux-gnu/libc.so.6"], check=True, stderr=subprocess.DEVNULL)
    return path, kallsyms


def runs(work):
    """Arguments of each run, by name."""
    redis = RECORDINGS / "redis-ukl/perf.data"
    path, kallsyms = generated(work)
    common = ["--quiet", "--threads", "1", "--sysroot", work]
    return {
        "start": ["--version"],
        "info, bundled": ["info", redis],
        "fold, bundled": ["fold", *common, redis],
        "fold, generated": ["fold", *common, "--kallsyms", kallsyms, path],
    }


def instructions(program, arguments):
    """What valgrind counts."""
    child = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
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
