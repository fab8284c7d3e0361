#!/usr/bin/env python3
"""Pretranslation side by side: bitext, OmegaT, and po4a with the `pretranslate` of translate-toolkit.

    benches/pretranslation.py BITEXT SET LOCALE [--work FOLDER] [--every 5]

SET is a folder of side-by-side documents. Two tasks, each with the same TMX or PO of the same memory for all programs:

- known: the English documents of the set, with a memory of the whole set. How many come out as published, byte for byte below the front matter?
- new: every fifth document, with a memory of the others. How many of the segments that a program makes of them does it fill in?

OmegaT (Debian) gets the documents as plain text with its sentence rules, the TMX in tm/auto, and writes the target documents in console mode.
po4a (Debian) extracts a PO of Markdown, `pretranslate --nofuzzymatching` (PyPI, on PATH) fills it in from the PO of the memory, and po4a
writes the documents but those that it cannot read. Seconds are of the whole run of a program, without making the memory. Needs omegat, po4a, gettext and translate-toolkit.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FRONT_MATTER = re.compile(rb"\A(\xef\xbb\xbf)?---[ \t]*\r?\n.*?\r?\n---[ \t]*(\r?\n|\Z)", re.S)
PROJECT = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<omegat><project version="1.0"><source_dir>__DEFAULT__</source_dir><target_dir>__DEFAULT__</target_dir><tm_dir>__DEFAULT__</tm_dir>
<glossary_dir>__DEFAULT__</glossary_dir><glossary_file>__DEFAULT__</glossary_file><dictionary_dir>__DEFAULT__</dictionary_dir>
<source_lang>en-US</source_lang><target_lang>{locale}</target_lang>
<source_tok>org.omegat.tokenizer.LuceneEnglishTokenizer</source_tok><target_tok>org.omegat.tokenizer.DefaultTokenizer</target_tok>
<sentence_seg>true</sentence_seg><support_default_translations>true</support_default_translations><remove_tags>false</remove_tags>
<external_command></external_command></project></omegat>
"""


def run(*command, accepted=(0,)):
    """What a command prints, and its seconds; ends the program if it fails."""
    began = time.monotonic()
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
    if done.returncode not in accepted:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    return done.stdout, time.monotonic() - began


def documents(folder):
    return sorted(path.relative_to(folder) for path in folder.rglob("*.md"))


def body(path):
    return FRONT_MATTER.sub(b"", path.read_bytes())



class Task:
    """Documents to translate, and a memory in the formats of the programs."""

    def __init__(self, bitext, work, name, memory_of, english, locale):
        self.bitext, self.work, self.english, self.locale = bitext, work / name, english, locale
        self.work.mkdir(parents=True)
        self.db, self.tmx, self.po = (self.work / part for part in ("memory.db", "memory.tmx", "memory.po"))
        run(bitext, "import", memory_of, "--db", self.db, "-q")
        run(bitext, "export", "--to", locale, "--db", self.db, "-o", self.tmx, "--profile", "omegat", "-q")
        exported = self.work / "exported.po"
        run(bitext, "export", "--to", locale, "--db", self.db, "-o", exported, "-q")
        # `pretranslate` compares contexts too, which a PO of po4a has none of. So each text once, without its context.
        lines = exported.read_text(encoding="utf-8").splitlines(keepends=True)
        exported.write_text("".join(line for line in lines if not line.startswith("msgctxt ")), encoding="utf-8")
        run("msguniq", "--use-first", exported, "-o", self.po)

    def of_bitext(self):
        out = self.work / "bitext"
        printed, seconds = run(
            self.bitext, "translate", self.english, "--to", self.locale, "--db", self.db, "-o", out, "--json", "-q", accepted=(0, 1)
        )
        counts = json.loads(printed)
        return out, counts["segments"], counts["context"] + counts["exact"], seconds

    def of_omegat(self):
        project = self.work / "omegat"
        for part in ("source", "target", "tm/auto", "omegat", "glossary", "dictionary"):
            (project / part).mkdir(parents=True)
        (project / "omegat.project").write_text(PROJECT.format(locale=self.locale))
        shutil.copy(self.tmx, project / "tm/auto/memory.tmx")
        for path in documents(self.english):
            # The ending of OmegaT's filter of plain text in UTF-8.
            to = project / "source" / f"{path}.utf8"
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.english / path, to)
        java = ["java", "-Djava.awt.headless=true", "-Duser.language=en", "-Xmx2g", "-jar", "/usr/share/omegat/OmegaT.jar"]
        options = ["--mode=console-translate", f"--config-dir={self.work / 'omegat-conf'}", "--disable-project-locking"]
        _, seconds = run(*java, project, *options)
        out = self.work / "omegat-out"
        for path in documents(self.english):
            written = project / "target" / f"{path}.utf8"
            if written.exists():
                (out / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(written, out / path)
        statistics = (project / "omegat/project_stats.txt").read_text(encoding="utf-8-sig", errors="replace")
        rows = {line.split("\t")[0].strip().rstrip(":"): line.split("\t") for line in statistics.splitlines() if "\t" in line}
        total, left = (int(rows[name][1].strip()) for name in ("Total", "Remaining"))
        return out, total, total - left, seconds

    def of_po4a(self):
        folder, out, seconds = self.work / "po4a", self.work / "po4a-out", 0.0
        folder.mkdir()
        markdown = ["-f", "text", "-o", "markdown", "-M", "UTF-8"]
        extracted = []
        for number, path in enumerate(documents(self.english)):
            po = folder / f"{number}.po"
            # It refuses some documents, such as one with a block that is not closed: exit code 1 or more.
            seconds += run("po4a-updatepo", *markdown, "-m", self.english / path, "-p", po, accepted=range(256))[1]
            if po.exists():
                extracted.append((path, po))
        whole, filled_in, files = folder / "all.po", folder / "filled.po", folder / "files"
        files.write_text("".join(f"{po}\n" for _, po in extracted))
        seconds += run("msgcat", "--use-first", f"--files-from={files}", "-o", whole)[1]
        seconds += run("pretranslate", "--progress=none", "--nofuzzymatching", "-t", self.po, whole, filled_in)[1]
        known = set()
        for entry in messages(filled_in):
            if entry[1]:
                known.add(entry[0])
        segments = filled = 0
        for path, po in extracted:
            texts = [source for source, _ in messages(po) if source]
            segments += len(texts)
            filled += sum(source in known for source in texts)
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            command = ["po4a-translate", *markdown, "-k", "0", "-m", self.english / path, "-p", filled_in, "-l", out / path, "-L", "UTF-8"]
            seconds += run(*command, accepted=range(256))[1]
        return out, segments, filled, seconds


def messages(po):
    """Source and translation of each message of a PO file, without those that are fuzzy or obsolete."""
    text = po.read_text(encoding="utf-8", errors="replace")
    for block in re.split(r"\n\s*\n", text):
        lines = [line for line in block.splitlines() if not line.startswith("#~")]
        is_fuzzy = any(line.startswith("#,") and "fuzzy" in line for line in lines)
        found, key = {"msgid": "", "msgstr": ""}, None
        for line in lines:
            named = re.match(r'(msgid|msgstr|msgctxt) "', line)
            key = named[1] if named else key
            quoted = re.search(r'"(.*)"\s*$', line)
            if key in found and quoted and not line.startswith("#"):
                found[key] += quoted[1]
        yield found["msgid"], "" if is_fuzzy else found["msgstr"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bitext", type=Path)
    parser.add_argument("set", type=Path)
    parser.add_argument("locale")
    parser.add_argument("--work", type=Path, help="a folder that is kept [default: a temporary one]")
    parser.add_argument("--every", type=int, default=5, help="which documents are new: each Nth")
    parser.add_argument("--task", choices=["known", "new"], action="append")
    parser.add_argument("--only", choices=["bitext", "omegat", "po4a"], action="append")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = arguments.work or Path(temporary)
        bitext = arguments.bitext.resolve()
        english, published = work / "en", work / "published"
        run(bitext, "split", arguments.set, "--target-dir", published, "--source-dir", english, "-q")
        known, new = work / "known" / arguments.set.name, work / "new-en"
        for number, path in enumerate(documents(arguments.set)):
            to, original = (new / path, english / path) if number % arguments.every == 0 else (known / path, arguments.set / path)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(original, to)
        tasks = [
            ("known", Task(bitext, work, "task-known", arguments.set, english, arguments.locale)),
            ("new", Task(bitext, work, "task-new", known, new, arguments.locale)),
        ]
        print("| task | program | segments | filled in | documents as published | seconds |\n|---|---|---|---|---|---|")
        for name, task in tasks:
            if arguments.task and name not in arguments.task:
                continue
            count = len(documents(task.english))
            for program in arguments.only or ["bitext", "omegat", "po4a"]:
                out, segments, filled, seconds = getattr(task, f"of_{program}")()
                same = sum((out / path).exists() and body(published / path) == body(out / path) for path in documents(task.english))
                share = 100 * filled / max(1, segments)
                print(f"| {name} | {program} | {segments:,} | {share:.1f} % | {same} of {count} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
