#!/usr/bin/env python3
"""The closed loop: from the memory of a document set and its English documents to the published ones.

    benches/closed_loop.py BITEXT SET... [--to LOCALE] [--published FOLDER] [--leave-one-out] [--show N] [--work FOLDER]

For each set of side-by-side documents: import it, write its two clean trees with `split`, translate the English one, and compare
the result with the target tree byte for byte, below the front matter. Prints the share of equal documents, the differing ones by class,
and the time of `translate` beside that of `split`. With --published the result is also compared with the clean branch of the set; with
--leave-one-out each document is translated with the memory of the others: the bands, and why a translation is not the published one.

A class says what the first differing line has; a document has one class.
"""
import argparse
import collections
import difflib
import html
import json
import os
import re
import subprocess
import sys
import tempfile
import time

FRONT_MATTER = re.compile(rb"\A(\xef\xbb\xbf)?---[ \t]*\r?\n.*?\r?\n---[ \t]*(\r?\n|\Z)", re.S)


def body(path):
    with open(path, "rb") as file:
        return FRONT_MATTER.sub(b"", file.read())


def run(*arguments):
    began = time.monotonic()
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(arguments)}\n{done.stderr[-2000:]}")
    return done.stdout, time.monotonic() - began


def documents(folder):
    for parent, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".md"):
                yield os.path.relpath(os.path.join(parent, name), folder)


def letters(text):
    """The text without what Markdown can write in several ways."""
    return re.sub(r"[\s\\]", "", html.unescape(text)).replace("\u00a0", "")


def class_of(expected, found, english):
    """The class of the first difference; `english` is the source document."""
    if expected.split() == found.split():
        return "white space"
    if letters(expected) == letters(found):
        return "escapes and entities"
    wanted, got, source = expected.split("\n"), found.split("\n"), english.split("\n")
    known = set(source)
    for tag, a, b, c, d in difflib.SequenceMatcher(None, wanted, got, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        one, other = "\n".join(wanted[a:b]), "\n".join(got[c:d])
        if letters(one) == letters(other):
            continue
        if any(line in known and line.strip() for line in got[c:d]):
            return "left English"
        if re.search(r"[A-Za-z]{4,} [a-z]{2,} [a-z]{2,}", other) and len(re.findall("[A-Za-z]", other)) > len(re.findall("[A-Za-z]", one)) + 8:
            return "partly English"
        if re.sub(r"\]\([^)]*\)|[\[\]*_`<>/]", "", one) == re.sub(r"\]\([^)]*\)|[\[\]*_`<>/]", "", other):
            return "markup or address"
        return "other translation"
    return "white space or escapes"


def compare(expected, found, english, show):
    equal, classes = 0, collections.defaultdict(list)
    for path in documents(expected):
        other = os.path.join(found, path)
        if not os.path.exists(other):
            classes["not written"].append(path)
            continue
        one, two = body(os.path.join(expected, path)), body(other)
        if one == two:
            equal += 1
            continue
        source = os.path.join(english, path)
        texts = [text.decode("utf-8", "replace").replace("\r\n", "\n") for text in (one, two, body(source) if os.path.exists(source) else b"")]
        classes[class_of(*texts)].append(path)
    total = equal + sum(map(len, classes.values()))
    print(f"  {equal} of {total} documents equal, {100 * equal / max(1, total):.1f} %")
    for name, paths in sorted(classes.items(), key=lambda item: -len(item[1])):
        print(f"    {len(paths):6} {name}: {', '.join(sorted(paths)[:show])}")


def segments(bitext, path):
    """For each document the segments of side-by-side documents, in order."""
    found = collections.defaultdict(list)
    process = subprocess.Popen([bitext, "extract", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8")
    for line in process.stdout:
        segment = json.loads(line)
        found[segment["document"]].append((segment["source"], segment["target"], segment.get("workflow")))
    process.wait()
    return found


def leave_one_out(bitext, folder, translated):
    """Compares the translations that the other documents have with the published ones, segment by segment."""
    published, ours = segments(bitext, folder), segments(bitext, translated)
    places = collections.defaultdict(lambda: collections.defaultdict(set))
    humans = collections.defaultdict(set)
    for document, texts in published.items():
        for source, target, workflow in texts:
            places[source][target].add(document)
            if workflow == "human":
                humans[source, target].add(document)
    reasons, compared, equal = collections.Counter(), 0, 0
    for document, texts in ours.items():
        wanted = published.get(document, [])
        matcher = difflib.SequenceMatcher(None, [text[0] for text in wanted], [text[0] for text in texts], autojunk=False)
        workflow = wanted[0][2] if wanted else None
        for a, b, size in matcher.get_matching_blocks():
            for (source, expected, _), (_, target, _) in zip(wanted[a : a + size], texts[b : b + size]):
                compared += 1
                if target == expected:
                    equal += 1
                elif letters(target) == letters(expected):
                    reasons["white space, escapes, entities"] += 1
                elif workflow == "machine" and humans[source, target] - {document}:
                    reasons["published by a machine, replaced by a person's"] += 1
                elif places[source][expected] - {document}:
                    reasons["several translations, another one chosen"] += 1
                else:
                    reasons["published translation in this document only"] += 1
    print(f"    translated segments: {compared:,}, of them as published {equal:,} ({100 * equal / max(1, compared):.1f} %)")
    for reason, count in reasons.most_common():
        print(f"    {count:6} {reason}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bitext")
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--to", help="the target locale [default: the ending of the set's name]")
    parser.add_argument("--published", help="the clean branch of the set")
    parser.add_argument("--leave-one-out", action="store_true")
    parser.add_argument("--show", type=int, default=3, help="how many documents of a class are named")
    parser.add_argument("--work", help="a folder that is kept [default: a temporary one]")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for folder in arguments.sets:
            name = os.path.basename(folder.rstrip("/"))
            locale = arguments.to or name.rsplit(".", 1)[-1]
            work = os.path.join(arguments.work or temporary, name)
            os.makedirs(work, exist_ok=True)
            english, target, memory = (os.path.join(work, part) for part in ("en", "target", "memory.db"))
            print(name)
            split = None
            if not os.path.isdir(english):
                _, split = run(arguments.bitext, "split", folder, "--target-dir", target, "--source-dir", english, "-q")
            if not os.path.exists(memory):
                run(arguments.bitext, "import", folder, "--db", memory, "-q")
            runs = [("out", [])] + [("left-out", ["--without-document"])] * arguments.leave_one_out
            for out, options in runs:
                out = os.path.join(work, out)
                printed, seconds = run(
                    arguments.bitext, "translate", english, "--to", locale, "--db", memory, "-o", out, "--force", "--json", *options
                )
                counts = json.loads(printed)
                shares = [f"{counts[band]:,} {band}" for band in ("context", "exact", "adapted", "fuzzy", "untranslated")]
                beside = f", split {split:.2f} s" if split else ""
                print(f"  {' '.join(options) or 'closed loop'}: {counts['segments']:,} segments: {', '.join(shares)}; {seconds:.2f} s{beside}")
                if options:
                    run(arguments.bitext, "translate", english, "--to", locale, "--db", memory, "-o", out, "--force", "--format", "sxs", *options)
                    leave_one_out(arguments.bitext, folder, out)
                else:
                    compare(target, out, english, arguments.show)
            if arguments.published:
                print("  published")
                compare(arguments.published, os.path.join(work, "out"), english, arguments.show)


if __name__ == "__main__":
    main()
