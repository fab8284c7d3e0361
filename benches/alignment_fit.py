#!/usr/bin/env python3
"""Fits the weights of the confidence of `bitext align`, and prints them in the order of the terms.

    pip install numpy
    cargo build --release && benches/alignment_fit.py SET:LOCALE … REPOSITORY@BRANCH:LOCALE:OLD:NEW …

SET is a folder of side-by-side documents. Of each, the pairs that `alignment.py` measures are samples: of whole, damaged and exchanged
documents, and of those that do not belong together. A pair that the spans do not have is wrong.

REPOSITORY has a side-by-side branch, OLD and NEW are days, YYYY-MM-DD. The translation of OLD is aligned with the English text of NEW, as in
`alignment_stale.py`. A pair is right if its source is the text that was translated, or one with three fifths of the words in common. These
samples count twice, since there are fewer of them.

Logistic regression with ridge 1, by Newton's method.
"""

import datetime
import importlib.util
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
WEIGHT_OF_STALE = 2


def of_set(argument, work):
    """The terms of the pairs of a set, and whether they are right."""
    folder, locale = argument.rsplit(":", 1)
    samples = alignment.Samples()
    alignment.measure(Path(folder), locale, work, samples)
    return samples.terms, samples.right, 1


def of_history(argument, work):
    """The same of a translation and a later source."""
    repository, locale, old, new = argument.rsplit(":", 3)
    repository, branch = repository.rsplit("@", 1)
    commits = [stale.version(repository, branch, datetime.date.fromisoformat(day)) for day in (old, new)]
    target, _ = stale.trees(repository, commits[0], work / "old")
    _, newer = stale.trees(repository, commits[1], work / "new")
    found = alignment.aligned(newer, target, locale, work)
    judged = stale.judged(alignment.gold(f"{repository}@{commits[0]}"), found, True)
    stale.shown(f"{argument}", judged)
    return [terms for pairs in found.values() for _, terms, _ in pairs], [right for _, right in judged], WEIGHT_OF_STALE


def fit(terms, right, counts):
    weights = numpy.zeros(terms.shape[1])
    for _ in range(60):
        chance = 1 / (1 + numpy.exp(-terms @ weights))
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
    terms = numpy.vstack([numpy.array(terms, dtype=float) for terms, _, _ in samples])
    right = numpy.concatenate([numpy.array(right, dtype=float) for _, right, _ in samples])
    counts = numpy.concatenate([numpy.full(len(right), float(count)) for _, right, count in samples])
    weights = fit(terms, right, counts)
    print("weights:", ", ".join(f"{weight:.2f}" for weight in weights))
    chance = 1 / (1 + numpy.exp(-terms @ weights))
    for low in range(10):
        chosen = (chance >= low / 10) & (chance < (low + 1) / 10)
        if chosen.any():
            share = 100 * (right * counts)[chosen].sum() / counts[chosen].sum()
            print(f"  confidence {low / 10:.1f} and more: {chosen.sum()} pairs, {share:.1f} % right")


if __name__ == "__main__":
    main()
