#!/usr/bin/env python3
"""Compares `bitext segment` with the segments of side-by-side documents.

    cargo build --release && benches/segmentation.py SET…

SET is a folder or archive of side-by-side documents. `split` makes its English documents, `segment` cuts these, and `extract` has the
segments that they should have. Prints for each set:

- the documents, and the share of those whose segments are exactly right;
- precision, recall and F1 of segments: texts that both have, in the order of the document;
- precision, recall and F1 of boundaries: positions in the joined texts of a document at which one segment ends and the next begins;
- the speed on one thread, in MB of documents for each second of CPU time.

Documents with segments of kind `paragraph` are left out: there, a memory decides between a paragraph and its sentences.
"""

import collections
import difflib
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

BITEXT = Path(__file__).resolve().parent.parent / "target" / "release" / "bitext"


def lines(*arguments):
    """The JSON lines that bitext prints."""
    process = subprocess.Popen([BITEXT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8")
    for line in process.stdout:
        yield json.loads(line)
    if process.wait() == 2:
        sys.exit(f"bitext {' '.join(map(str, arguments))} failed")


def common(expected, found):
    """How many texts are in both lists, in order."""
    if expected == found:
        return len(expected)
    blocks = difflib.SequenceMatcher(None, expected, found, False).get_matching_blocks()
    return sum(block.size for block in blocks)


def boundaries(expected, found):
    """How many inner boundaries both have, and how many each has: by the position in the text without white space.

    Texts that only one of the two has shift the positions, so these are compared between texts that both have.
    """
    both = in_expected = in_found = 0
    for tag, a, b, c, d in difflib.SequenceMatcher(None, expected, found, False).get_opcodes():
        ends = []
        for texts in (expected[a:b], found[c:d]):
            at, positions = 0, set()
            for text in texts:
                at += len("".join(text.split()))
                positions.add(at)
            ends.append(positions)
        both += len(ends[0]) if tag == "equal" else len(ends[0] & ends[1])
        in_expected += len(ends[0])
        in_found += len(ends[1])
    return both, in_expected, in_found


def rates(both, expected, found):
    """Precision, recall and F1, in percent."""
    return 100 * both / max(1, found), 100 * both / max(1, expected), 200 * both / max(1, expected + found)


def cpu_seconds(*arguments):
    """The CPU time of a run of bitext: the least of three."""
    seconds = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([BITEXT, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(seconds)


def compare(path, work):
    english = Path(work) / "en"
    split = [BITEXT, "split", path, "--target-dir", Path(work) / "target", "--source-dir", english]
    subprocess.run(split, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    expected, found, paragraphs = collections.defaultdict(list), collections.defaultdict(list), set()
    for line in lines("extract", path):
        expected[line["document"]].append(line["source"])
        if line["kind"] == "paragraph":
            paragraphs.add(line["document"])
    for line in lines("segment", english):
        found[line["document"]].append(line["text"])
    documents = [document for document in expected if document not in paragraphs]
    exact = 0
    segments, ends = collections.Counter(), collections.Counter()
    for document in documents:
        a, b = expected[document], found[document]
        exact += a == b
        segments.update(both=common(a, b), expected=len(a), found=len(b))
        both, in_a, in_b = boundaries(a, b)
        ends.update(both=both, expected=in_a, found=in_b)
    size = sum(os.path.getsize(Path(folder) / name) for folder, _, names in os.walk(english) for name in names)
    speed = size / 1e6 / cpu_seconds("segment", english, "--threads", "1")
    name = Path(path).name
    p, r, f = rates(segments["both"], segments["expected"], segments["found"])
    bp, br, bf = rates(ends["both"], ends["expected"], ends["found"])
    print(f"{name}: {len(documents):,} documents, {100 * exact / max(1, len(documents)):.2f} % exactly right")
    print(f"  segments    {segments['expected']:,}: precision {p:.2f} %, recall {r:.2f} %, F1 {f:.2f} %")
    print(f"  boundaries  {ends['expected']:,}: precision {bp:.2f} %, recall {br:.2f} %, F1 {bf:.2f} %")
    print(f"  speed       {speed:.0f} MB a second of CPU time, {size / 1e6:.1f} MB", flush=True)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for path in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as work:
            compare(path, work)


if __name__ == "__main__":
    main()
