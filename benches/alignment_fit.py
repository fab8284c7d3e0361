#!/usr/bin/env python3
"""Fits the weights of the confidence of `bitext align`, and prints them in the order of the terms.

    pip install numpy
    cargo build --release && benches/alignment_fit.py SET:LOCALE … REPOSITORY@BRANCH:LOCALE:OLD:NEW …

SET is a folder of side-by-side documents. Of each, the pairs that `alignment.py` measures are samples: of whole, damaged and exchanged
documents, and of those that do not belong together. A pair that the spans do not have is wrong.

REPOSITORY has a side-by-side branch, OLD and NEW are days, YYYY-MM-DD. The translation of OLD is aligned with the English text of NEW, as in
`alignment_stale.py`. A pair is right if its source is the text that was translated, or one with three fifths of the words in common, and wrong
if it has less than 35 % of them in common. Others are left out, since nobody can say of them which they are, and so are targets of which a span
has more or less.

A set counts as at most 60,000 pairs. A history counts twice, and as at most 12,000. A wrong pair counts four times in a history: it is worse to be
sure of a wrong pair than to doubt a right one.

Logistic regression with ridge 1, by Newton's method. Prints for each history what weights that were fitted without its repository, in all
languages, give.
"""

import datetime
import importlib.util
import re
import sys
import tempfile
from pathlib import Path

import numpy


def module(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


alignment, stale = module("alignment"), module("alignment_stale")
MOST_OF_SET, MOST_OF_HISTORY = 60_000, 12_000
WEIGHT_OF_HISTORY, WEIGHT_OF_WRONG = 2, 4
WRONG = 0.35


class Samples:
    """Terms of pairs, whether the pairs are right, and how much each counts."""

    def __init__(self, name, terms, right, counts):
        self.name, self.terms = name, numpy.array(terms, dtype=float)
        self.right, self.counts = numpy.array(right, dtype=float), numpy.array(counts, dtype=float)


def of_set(argument, work):
    """The pairs of a set."""
    folder, locale = argument.rsplit(":", 1)
    found = alignment.Samples()
    alignment.measure(Path(folder), locale, work, found)
    count = min(1, MOST_OF_SET / len(found.right))
    return Samples(None, found.terms, found.right, [count] * len(found.right))


def of_history(argument, work):
    """The pairs of a translation and a later source. Its name is that of the repository without the locale."""
    repository, locale, old, new = argument.rsplit(":", 3)
    repository, branch = repository.rsplit("@", 1)
    commits = [stale.version(repository, branch, datetime.date.fromisoformat(day)) for day in (old, new)]
    target, _ = stale.trees(repository, commits[0], work / "old")
    _, newer = stale.trees(repository, commits[1], work / "new")
    found = alignment.aligned(newer, target, locale, work)
    truth = alignment.gold(f"{repository}@{commits[0]}")
    pairs = list(stale.likenesses(truth, found))
    right = [likeness >= stale.REWORDED for _, _, _, likeness in pairs]
    least = min(WEIGHT_OF_HISTORY, MOST_OF_HISTORY / len(right))

    def count(is_part, likeness):
        if is_part or WRONG <= likeness < stale.REWORDED:
            return 0
        return least if likeness >= stale.REWORDED else WEIGHT_OF_WRONG * least

    counts = [count(is_part, likeness) for _, _, (_, is_part), likeness in pairs]
    name = re.sub(r"\.[a-z]{2}-[a-z]{2}\b", "", repository, flags=re.I)
    return Samples(name, [terms for terms, _, _, _ in pairs], right, counts)


def fitted(samples):
    """The weights for samples."""
    return fit(*(numpy.concatenate([getattr(sample, name) for sample in samples]) for name in ("terms", "right", "counts")))


def chances(terms, weights):
    return 1 / (1 + numpy.exp(-terms @ weights))


def fit(terms, right, counts):
    weights = numpy.zeros(terms.shape[1])
    for _ in range(60):
        chance = chances(terms, weights)
        gradient = terms.T @ (counts * (right - chance)) - weights
        hessian = (terms * (counts * chance * (1 - chance))[:, None]).T @ terms + numpy.eye(len(weights))
        step = numpy.linalg.solve(hessian, gradient)
        weights += step
        if abs(step).max() < 1e-8:
            break
    return weights


def main():
    if not sys.argv[1:]:
        sys.exit(__doc__)
    samples = []
    for argument in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as work:
            read = of_set if argument.count(":") == 1 else of_history
            samples.append(read(argument, Path(work)))
    for argument, sample in zip(sys.argv[1:], samples):
        if sample.name:
            weights = fitted([other for other in samples if other.name != sample.name])
            stale.shown(argument, list(zip(chances(sample.terms, weights), sample.right)))
    weights = fitted(samples)
    print("weights:", ", ".join(f"{weight:.2f}" for weight in weights))
    chance, right, counts = (
        numpy.concatenate(parts)
        for parts in zip(*((chances(sample.terms, weights), sample.right, sample.counts) for sample in samples))
    )
    for low in range(10):
        chosen = (chance >= low / 10) & (chance < (low + 1) / 10)
        if chosen.any():
            share = 100 * (right * counts)[chosen].sum() / counts[chosen].sum()
            print(f"  confidence {low / 10:.1f} and more: {chosen.sum()} pairs, {share:.1f} % right")


if __name__ == "__main__":
    main()
