#!/usr/bin/env python3
"""Compares `bitext align` with classic sentence aligners, on the same sentences of side-by-side sets.

    pip install galechurch nltk
    cargo build --release && benches/alignment_classic.py SET:LOCALE …

The two clean trees of `split` are the input, the pairs of `extract` are the truth, as in `alignment.py`. The classic aligners receive the
sentences that `bitext segment` prints of both trees, cut at full-width marks, too, of each document or of each block: the length-based
method of Gale and Church (1993) as two packages implement it, over a whole document, and inside blocks where both sides have the same
number of blocks. Beads of several sentences are joined by a blank. `damaged`: the same with 5 % of the paragraphs of the target gone.
"""

import collections
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import galechurch
from nltk.translate import gale_church

spec = importlib.util.spec_from_file_location("alignment", Path(__file__).with_name("alignment.py"))
alignment = importlib.util.module_from_spec(spec)
spec.loader.exec_module(alignment)

# Documents of a set, spread over it.
DOCUMENTS = 60


def blocks(tree):
    """The sentences of each document, by block."""
    lines = subprocess.run([alignment.BITEXT, "segment", tree], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8").stdout
    documents, last = collections.defaultdict(list), None
    for line in map(json.loads, lines.splitlines()):
        found = documents[line["document"]]
        # Sentences of a block have a blank between them.
        is_next = last and last["document"] == line["document"] and line["start"] - last["end"] <= 1 and line["kind"] == last["kind"]
        if not (is_next and found):
            found.append([])
        # Japanese and Chinese sentences end without a blank.
        found[-1].extend(re.split(r"(?<=[。！？]) *(?=[^\s」』）”])", alignment.folded(line["text"])))
        last = line
    return documents


def of_package(source, target):
    beads = galechurch.align(source, target).beads
    return [(range(b.source_start, b.source_end), range(b.target_start, b.target_end)) for b in beads]


def of_nltk(source, target):
    pairs = gale_church.align_blocks([len(text) for text in source], [len(text) for text in target])
    groups = []
    for one, other in sorted(pairs):
        if groups and (one in groups[-1][0] or other in groups[-1][1]):
            groups[-1][0].add(one)
            groups[-1][1].add(other)
        else:
            groups.append(({one}, {other}))
    return [(sorted(ones), sorted(others)) for ones, others in groups]


def joined(beads, source, target):
    text = lambda texts, at: " ".join(texts[index] for index in at)
    return [((text(source, ones), text(target, others)), None, None) for ones, others in beads if ones and others]


def whole(aligner, source, target):
    """Over each document."""
    found = {}
    for name in source.keys() & target.keys():
        one, other = (sum(side[name], []) for side in (source, target))
        found[name] = joined(aligner(one, other), one, other)
    return found


def inside(aligner, source, target):
    """Inside blocks, of documents with the same number of blocks on both sides; others as a whole."""
    found = {}
    for name in source.keys() & target.keys():
        one, other = source[name], target[name]
        if len(one) != len(other):
            one, other = [sum(one, [])], [sum(other, [])]
        found[name] = [pair for a, b in zip(one, other) for pair in joined(aligner(a, b), a, b)]
    return found


def compare(truth, source_tree, target_tree, locale, work):
    names = sorted(truth)[:: max(1, len(truth) // DOCUMENTS)]
    chosen = lambda found: {name: found[name] for name in names if name in found}
    truth = chosen(truth)
    ours = alignment.aligned(source_tree, target_tree, locale, work)
    alignment.shown("bitext", alignment.measured(truth, chosen(ours)))
    source, target = chosen(blocks(source_tree)), chosen(blocks(target_tree))
    for name, aligner in [("package", of_package), ("nltk", of_nltk)]:
        alignment.shown(name, alignment.measured(truth, whole(aligner, source, target)))
        alignment.shown(name + ", bl.", alignment.measured(truth, inside(aligner, source, target)))


def main():
    if not sys.argv[1:]:
        sys.exit(__doc__)
    for argument in sys.argv[1:]:
        folder, locale = argument.rsplit(":", 1)
        folder = Path(folder)
        with tempfile.TemporaryDirectory() as work:
            work = Path(work)
            target, source = alignment.split(folder, work / "whole")
            print(f"{folder.name} {locale}, whole")
            compare(alignment.gold(folder), source, target, locale, work)
            alignment.copied(folder, work / "damaged-sxs", alignment.damaged)
            less, _ = alignment.split(work / "damaged-sxs", work / "damaged")
            print(f"{folder.name} {locale}, damaged", flush=True)
            compare(alignment.gold(work / "damaged-sxs"), source, less, locale, work)


if __name__ == "__main__":
    main()
