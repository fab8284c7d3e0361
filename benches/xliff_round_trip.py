#!/usr/bin/env python3
"""Round trip of whole sets through XLIFF: each document is written as a job, each source is copied to its target, and the jobs are merged.
The merged documents must be the English ones, byte for byte.

    benches/xliff_round_trip.py SET… [--bitext target/release/bitext] [--version 1.2 --version 2.1]

SET is a folder, an archive or a Git branch of side-by-side documents. Prints, for each set and version, the number of documents, how many
came back byte for byte, and the seconds of `bitext translate --format xliff` and `bitext merge`. Exits with 1 if a document differs.
"""
import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# In XLIFF 1.2 each source has a target already, which waits for a translation.
SOURCE = re.compile(rb'<source>(.*?)</source>(?:\n<target state="needs-translation">.*?</target>)?', re.DOTALL)
# A memory in which nothing of the set is found, so that no target is filled in.
OTHER = (
    "---\nms.contentlocale: ko-KR\n---\n\n"
    '<span data-ttu-id="0a1b2-101">-</span><span class="sxs-lookup"><span data-stu-id="0a1b2-101">zyzzyva</span></span>\n'
)


def timed(*command):
    """The seconds of a command."""
    began = time.monotonic()
    subprocess.run([str(part) for part in command], check=True)
    return time.monotonic() - began


def copied(folder):
    """Copies each source to its target. Returns the number of files."""
    count = 0
    for path in folder.rglob("*.xlf"):
        path.write_bytes(SOURCE.sub(rb"<source>\1</source><target>\1</target>", path.read_bytes()))
        count += 1
    return count


def documents(folder):
    """The documents of a folder that `bitext` reads, by their paths."""
    endings = {".md", ".yml", ".yaml", ".html", ".htm"}
    return {path.relative_to(folder) for path in folder.rglob("*") if path.suffix.lower() in endings and path.is_file()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--bitext", default="target/release/bitext")
    parser.add_argument("--version", action="append", choices=["1.2", "2.1"])
    arguments = parser.parse_args()
    all_equal = True
    for of_set in arguments.sets:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            (folder / "other").mkdir()
            (folder / "other/a.md").write_text(OTHER)
            memory = folder / "other.db"
            bitext = [arguments.bitext]
            subprocess.run([*bitext, "import", folder / "other", "--db", memory, "--quiet"], check=True)
            english = folder / "en"
            subprocess.run(
                [*bitext, "split", of_set, "--quiet", "--source-dir", english, "--target-dir", folder / "ko"], check=True
            )
            expected = documents(english)
            for version in arguments.version or ["1.2", "2.1"]:
                jobs, merged = folder / f"jobs-{version}", folder / f"merged-{version}"
                written = timed(
                    *bitext, "translate", english, "--to", "ko-KR", "--db", memory, "-o", jobs, "--format", "xliff", "--xliff", version, "-q"
                )
                files = copied(jobs)
                taken = timed(*bitext, "merge", jobs, "-o", merged, "--quiet")
                def differs(path):
                    there = merged / path
                    return not there.exists() or there.read_bytes() != (english / path).read_bytes()

                different = sorted(path for path in expected if differs(path))
                print(
                    f"{of_set} XLIFF {version}: {len(expected)} documents, {files} files, "
                    f"{len(expected) - len(different)} byte for byte, translate {written:.1f} s, merge {taken:.1f} s"
                )
                for path in different[:10]:
                    print(f"    differs: {path}")
                all_equal &= not different
    sys.exit(0 if all_equal else 1)


if __name__ == "__main__":
    main()
