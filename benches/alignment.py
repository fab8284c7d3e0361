#!/usr/bin/env python3
"""Measures `bitext align` on side-by-side sets, whose spans say which sentences belong together.

    cargo build --release && benches/alignment.py SET:LOCALE …

SET is a folder of side-by-side documents. `split` makes its two clean trees, `align` aligns them, and the pairs of `extract` are the truth:
a pair is right if both texts are equal to the letter, after white space is folded. Paragraph segments are left out. Prints for each set:

- whole: precision, recall and F1, and the share of documents in which all pairs are right;
- joined: the same without the blanks between Chinese and Japanese sentences, which real trees do not have;
- damaged: the same with 5 % of the paragraphs of the target gone;
- exchanged: two sections of each target document exchanged; the pairs outside of these;
- other: each target under the name of another document: the share of the pairs with a confidence below 0.5.

Documents and paragraphs are chosen by a fixed seed. `$BITEXT` names another program than that of the release build.
"""

import collections
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BITEXT = Path(os.environ.get("BITEXT") or Path(__file__).resolve().parent.parent / "target" / "release" / "bitext")
SEED = 18
SPAN = "data-ttu-id"


def run(*arguments):
    """Runs bitext, and fails as it does."""
    subprocess.run([BITEXT, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def folded(text):
    return " ".join(text.split())


def gold(folder):
    """The pairs of side-by-side documents, by document."""
    lines = subprocess.run([BITEXT, "extract", folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8").stdout
    pairs = collections.defaultdict(collections.Counter)
    for line in map(json.loads, lines.splitlines()):
        if line["kind"] != "paragraph":
            pairs[line["document"]][folded(line["source"]), folded(line["target"])] += 1
    return pairs


def aligned(source, target, locale, work):
    """The pairs that align finds, by document, each with its terms and its confidence."""
    explained = work / "explained.jsonl"
    run("align", source, target, "--to", locale, "--force", "-o", work / "pairs.jsonl", "--explain", explained)
    pairs = collections.defaultdict(list)
    with open(explained, encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            # Titles and alternative texts have no spans.
            if "key" in line:
                continue
            pair = folded(line["source"]), folded(line["target"])
            pairs[line["document"]].append((pair, line["terms"], line["confidence"]))
    return pairs


def measured(truth, found):
    """Precision, recall, F1, and the share of documents that are right."""
    right = expected = all_found = perfect = 0
    for document in truth.keys() | found.keys():
        want = truth.get(document, collections.Counter())
        have = collections.Counter(pair for pair, _, _ in found.get(document, []))
        right += sum((want & have).values())
        expected += sum(want.values())
        all_found += sum(have.values())
        perfect += want == have
    documents = len(truth.keys() | found.keys())
    return (
        100 * right / max(1, all_found),
        100 * right / max(1, expected),
        200 * right / max(1, all_found + expected),
        100 * perfect / max(1, documents),
    )


def documents(folder):
    return sorted(path for path in folder.rglob("*.md") if SPAN.encode() in path.read_bytes())


def copied(folder, to, change):
    """A copy of the side-by-side documents, each changed."""
    for path in documents(folder):
        text = path.read_bytes().decode("utf-8", "replace")
        new = to / path.relative_to(folder)
        new.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(change(text, random.Random(f"{SEED} {path.relative_to(folder)}")).encode("utf-8"))


def paragraphs(text):
    """Front matter and blocks between empty lines, so that joining them gives the text."""
    front = re.match(r"\ufeff?---\r?\n.*?\n---\r?\n", text, re.S)
    start = front.end() if front else 0
    return text[:start], re.split(r"(\r?\n\s*\r?\n)", text[start:])


def is_removable(block):
    return SPAN in block and "```" not in block and "|" not in block and not block.lstrip().startswith(("#", "<"))


def damaged(text, chance):
    """Without 5 % of its paragraphs."""
    front, parts = paragraphs(text)
    return front + "".join("" if is_removable(part) and chance.random() < 0.05 else part for part in parts)


def sections(text):
    """Front matter, and sections that begin with a heading of the second level."""
    front, _ = paragraphs(text)
    return front, re.split(r"(?m)^(?=## )", text[len(front):])


def two(parts, chance):
    """The indexes of two sections, which are exchanged."""
    return sorted(chance.sample(range(1, len(parts)), 2)) if len(parts) > 2 else None


def exchanged(text, chance):
    front, parts = sections(text)
    if chosen := two(parts, chance):
        one, other = chosen
        parts[one], parts[other] = parts[other].rstrip("\n") + "\n\n", parts[one].rstrip("\n") + "\n\n"
    return front + "".join(parts)


def without_exchanged(text, chance):
    front, parts = sections(text)
    chosen = two(parts, chance) or []
    return front + "".join(part for at, part in enumerate(parts) if at not in chosen)


def split(folder, to):
    """The two clean trees: target and source."""
    target, source = to / "target", to / "source"
    run("split", folder, "--target-dir", target, "--source-dir", source)
    return target, source


def joined(text):
    """A text without blanks between sentences that end with a full-width mark."""
    return re.sub(r"([。！？]) +(?=\S)", r"\1", text)


def joined_tree(tree, to):
    """A tree of such texts."""
    for path in tree.rglob("*"):
        if path.is_file():
            new = to / path.relative_to(tree)
            new.parent.mkdir(parents=True, exist_ok=True)
            data = path.read_bytes()
            if path.suffix == ".md":
                data = joined(data.decode("utf-8", "replace")).encode("utf-8")
            new.write_bytes(data)


def joined_truth(truth):
    """What belongs together in them: a blank inside a segment is gone, too."""
    segments = lambda pairs: collections.Counter((source, joined(target)) for source, target in pairs.elements())
    return {document: segments(pairs) for document, pairs in truth.items()}


def rotated(tree, to):
    """A tree in which each document has the name of another one."""
    paths = sorted(path for path in tree.rglob("*.md"))
    random.Random(SEED).shuffle(paths)
    for path, name in zip(paths, paths[1:] + paths[:1]):
        new = to / name.relative_to(tree)
        new.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, new)


def shown(name, values):
    precision, recall, f1, perfect = values
    print(f"  {name:<10} P {precision:6.2f}  R {recall:6.2f}  F1 {f1:6.2f}  documents {perfect:5.1f} %", flush=True)


class Samples:
    """Terms of pairs, and whether the pairs are right."""

    def __init__(self):
        self.terms, self.right = [], []

    def add(self, found, truth):
        for document, pairs in found.items():
            left = truth.get(document, collections.Counter()).copy()
            for pair, terms, _ in pairs:
                self.terms.append(terms)
                self.right.append(left[pair] > 0)
                left[pair] -= 1


def measure(folder, locale, work, samples):
    print(f"{folder.name} {locale}")
    truth = gold(folder)
    target, source = split(folder, work / "whole")
    found = aligned(source, target, locale, work)
    shown("whole", measured(truth, found))
    samples.add(found, truth)
    if locale[:2] in ("ja", "zh"):
        joined_tree(target, work / "joined")
        shown("joined", measured(joined_truth(truth), aligned(source, work / "joined", locale, work)))
    copied(folder, work / "damaged-sxs", damaged)
    less, _ = split(work / "damaged-sxs", work / "damaged")
    truth_of_less, found = gold(work / "damaged-sxs"), aligned(source, less, locale, work)
    shown("damaged", measured(truth_of_less, {name: pairs for name, pairs in found.items() if name in truth_of_less}))
    samples.add({name: pairs for name, pairs in found.items() if name in truth_of_less}, truth_of_less)
    copied(folder, work / "exchanged-sxs", exchanged)
    copied(folder, work / "outside-sxs", without_exchanged)
    mixed, _ = split(work / "exchanged-sxs", work / "exchanged")
    outside, found = gold(work / "outside-sxs"), aligned(source, mixed, locale, work)
    kept = sum(sum((outside[name] & collections.Counter(pair for pair, _, _ in found[name])).values()) for name in outside)
    all_outside = sum(sum(pairs.values()) for pairs in outside.values())
    wrong = [c for name, pairs in found.items() for pair, _, c in pairs if pair not in truth[name]]
    sure = sum(c >= 0.5 for c in wrong)
    print(f"  exchanged  pairs outside the two sections that are found {100 * kept / max(1, all_outside):6.2f} %, wrong pairs {len(wrong)}, of these sure {sure}")
    samples.add(found, truth)
    rotated(target, work / "other")
    found = aligned(source, work / "other", locale, work)
    of_other = [(pair, c) for name, pairs in found.items() for pair, _, c in pairs if pair not in truth[name]]
    doubtful = sum(c < 0.5 for _, c in of_other)
    print(f"  other      pairs {len(of_other)}, with a confidence below 0.5: {100 * doubtful / max(1, len(of_other)):6.2f} %", flush=True)
    samples.add(found, truth)


def main():
    if not sys.argv[1:]:
        sys.exit(__doc__)
    for argument in sys.argv[1:]:
        folder, locale = argument.rsplit(":", 1)
        with tempfile.TemporaryDirectory() as work:
            measure(Path(folder), locale, Path(work), Samples())


if __name__ == "__main__":
    main()
