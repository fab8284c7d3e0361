#!/usr/bin/env python3
"""Measures `bitext align` with a source that is newer than the translation, on the history of a side-by-side branch.

    cargo build --release && benches/alignment_stale.py REPOSITORY@BRANCH LOCALE OLD NEW

REPOSITORY is a Git repository with a side-by-side branch; OLD and NEW are days, YYYY-MM-DD. The translation is that of OLD; what belongs
together is known from the spans of that day. Prints, for pairs of all confidences and of some thresholds, how many there are, and how many
are right, where the source is the English text

- of OLD: the right version;
- of NEW: a pair is right if its source is the text that was translated, or a slightly reworded one (three fifths of the words in common);
- of all versions in a repository: a version a month, and a translation that was touched a year after OLD, so that its date names a wrong
  version. A pair is right if its source is the text that was translated, to the letter.

A pair whose target no span has is not judged.
"""

import collections
import datetime
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

spec = importlib.util.spec_from_file_location("alignment", Path(__file__).with_name("alignment.py"))
alignment = importlib.util.module_from_spec(spec)
spec.loader.exec_module(alignment)

# The share of the words that a slightly reworded text has in common with the old one.
REWORDED = 0.6


def git(folder, *arguments, **more):
    result = subprocess.run(["git", "-C", folder, *arguments], check=True, stdout=subprocess.PIPE, encoding="utf-8", **more)
    return result.stdout.strip()


def version(repository, branch, day):
    """The newest commit of a branch up to a day."""
    return git(repository, "rev-list", "-1", f"--before={day}T23:59:59Z", branch)


def trees(repository, commit, work):
    """The two clean trees of a commit: target and source."""
    return alignment.split(f"{repository}@{commit}", work)


def words(text):
    """The words of a text without markup, in lower case, each as often as it occurs. Addresses count without their scheme."""
    return collections.Counter(re.findall(r"[\w./#-]*\w", re.sub(r"https?://", "", text.lower())))


def letters(text):
    return "".join(re.findall(r"\w+", text.lower()))


def common(one, other):
    """The share of the words of two texts that both have (Dice's coefficient)."""
    one, other = words(one), words(other)
    return 2 * sum((one & other).values()) / max(1, sum(one.values()) + sum(other.values()))


def common_part(one, other, part):
    """The share of the words of the shorter of two texts that the other has, if the first has about such a part of the letters of the other."""
    own, expected = len(letters(one)), part * len(letters(other))
    if not expected / 1.5 <= own <= 1.5 * expected:
        return 0.0
    one, other = words(one), words(other)
    return sum((one & other).values()) / max(1, min(sum(one.values()), sum(other.values())))


class Truth:
    """The pairs of a side-by-side document."""

    def __init__(self, pairs):
        self.exact = set(pairs)
        self.sources = collections.defaultdict(set)
        for source, target in pairs:
            self.sources[letters(target)].add(source)

    def likeness(self, source, target):
        """How much of a source is in the text of which the target is the translation, and whether a span has more or less than this target.

        None if no span has anything of it.

        If the target is a part of what a span has, because a sentence was cut in two since, as large a part of the source counts.
        """
        if (source, target) in self.exact:
            return 1.0, False
        own = letters(target)
        if own in self.sources:
            return max(common(source, known) for known in self.sources[own]), False
        long_enough = [known for known in self.sources if min(len(known), len(own)) >= 4]
        parts = [known for known in long_enough if own in known or known in own]
        found = [common_part(source, text, len(own) / len(known)) for known in parts for text in self.sources[known]]
        return (max(found), True) if found else None


def likenesses(truth, found):
    """For each pair whose target a span has: terms, confidence, whether it is that of the span to the letter or has a part of it, likeness."""
    for document, pairs in found.items():
        known = Truth(truth.get(document, ()))
        for pair, terms, confidence in pairs:
            found_in_spans = known.likeness(*pair)
            if found_in_spans:
                likeness, is_part = found_in_spans
                yield terms, confidence, (pair in known.exact, is_part), likeness


def unchanged(truth, found):
    """For each pair its confidence, and whether it is that of the spans."""
    return [(confidence, is_exact) for _, confidence, (is_exact, _), _ in likenesses(truth, found)]


def reworded(truth, found):
    """For each pair its confidence, and whether its source is the text that was translated, or that text slightly reworded."""
    return [(confidence, likeness >= REWORDED) for _, confidence, _, likeness in likenesses(truth, found)]


def shown(name, judgements):
    print(name)
    right_pairs = sum(right for _, right in judgements)
    for least in (0, 0.5, 0.8, 0.95):
        kept = [right for confidence, right in judgements if confidence >= least]
        print(
            f"  confidence {least:<4} {len(kept):>6} pairs, {100 * sum(kept) / max(1, len(kept)):6.2f} % right,"
            f" {100 * sum(kept) / max(1, right_pairs):6.2f} % of the right ones",
            flush=True,
        )


def commit(folder, day):
    git(folder, "add", "-A")
    date = f"{day}T12:00:00Z"
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in [("NAME", "a"), ("EMAIL", "a@example.org"), ("DATE", date)]}
    git(folder, "commit", "-q", "--allow-empty", "-m", str(day), env={**os.environ, **who})


def history(repository, branch, old, new, target, work):
    """A repository with a version of the English text a month, and with the translation of OLD, touched a year later."""
    folder = work / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    day, months, seen = old, 0, None
    while day <= new:
        found = version(repository, branch, day)
        if found != seen:
            seen = found
            _, source = trees(repository, found, work / str(day))
            shutil.rmtree(folder / "en", ignore_errors=True)
            shutil.copytree(source, folder / "en")
            shutil.rmtree(work / str(day))
        if months == 0:
            shutil.copytree(target, folder / "target")
        elif months == 12:
            for path in (folder / "target").rglob("*.md"):
                with open(path, "a", encoding="utf-8") as file:
                    file.write("\n<!-- checked -->\n")
        commit(folder, day)
        months += 1
        day = day + datetime.timedelta(days=30)
    return f"{folder}@HEAD:en", f"{folder}@HEAD:target"


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    repository, branch = sys.argv[1].rsplit("@", 1)
    locale = sys.argv[2]
    old, new = map(datetime.date.fromisoformat, sys.argv[3:])
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        commits = version(repository, branch, old), version(repository, branch, new)
        target, source = trees(repository, commits[0], work / "old")
        _, newer = trees(repository, commits[1], work / "new")
        truth = alignment.gold(f"{repository}@{commits[0]}")
        shown(f"the version of {old}", unchanged(truth, alignment.aligned(source, target, locale, work)))
        shown(f"the version of {new}", reworded(truth, alignment.aligned(newer, target, locale, work)))
        paths = history(repository, branch, old, new, target, work)
        shown("the version that align picks", unchanged(truth, alignment.aligned(*paths, locale, work)))


if __name__ == "__main__":
    main()
