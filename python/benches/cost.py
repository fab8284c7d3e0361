#!/usr/bin/env python3
"""Measures what the package costs beside the program: look-ups, extraction into an Arrow table, and JSON lines read with `json`.

    cargo build --release && pip install ./python pyarrow && python/benches/cost.py SET [PROGRAM]

SET is a folder or an archive. The program and the package run by turns, each five times; the medians count.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bitext
import pyarrow

TIMES = 5
TEXTS = 10_000


def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def by_turns(**calls):
    """The median of each, in seconds."""
    taken = {name: [] for name in calls}
    for _ in range(TIMES):
        for name, call in calls.items():
            taken[name].append(seconds(call))
    return {name: statistics.median(times) for name, times in taken.items()}


def show(title, taken, first, second):
    print(f"{title}: {first} {taken[first]:.3f} s, {second} {taken[second]:.3f} s, {taken[second] / taken[first]:.2f} times")


def main():
    path = sys.argv[1]
    program = sys.argv[2] if len(sys.argv) > 2 else str(Path(__file__).resolve().parents[2] / "target/release/bitext")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)

        def run(*arguments, out=subprocess.DEVNULL):
            subprocess.run([program, *arguments], check=True, stdout=out, stderr=subprocess.DEVNULL)

        lines = folder / "segments.jsonl"
        taken = by_turns(
            program=lambda: run("extract", path, "-o", str(lines)),
            package=lambda: pyarrow.table(bitext.extract(path)),
        )
        show("extraction of all segments", taken, "program", "package")

        def read_lines():
            with open(lines, encoding="utf-8") as read:
                return [json.loads(line) for line in read]

        taken |= by_turns(json=read_lines)
        print(f"the same JSON lines read with json: {taken['json']:.3f} s, {taken['json'] / taken['package']:.1f} times the package")

        memory = bitext.Memory(folder / "memory.db", create=True)
        memory.import_paths(path)
        segments = pyarrow.table(bitext.extract(path))
        sources = list(dict.fromkeys(segments.column("source").to_pylist()))
        step = max(1, len(sources) // TEXTS)
        # One word less: no text is found as it is.
        texts = [text.replace("\n", " ").rpartition(" ")[0] or text for text in sources[::step]][:TEXTS]
        batch = folder / "texts.jsonl"
        batch.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        database = str(folder / "memory.db")
        taken = by_turns(
            program=lambda: run("query", "--db", database, "--batch", str(batch), "--json"),
            package=lambda: pyarrow.table(memory.query(texts)),
        )
        show(f"look-ups of {len(texts):,} texts", taken, "program", "package")


main()
