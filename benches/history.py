#!/usr/bin/env python3
"""Measures the import of a Git branch and of its history, and counts the different pairs of texts by an independent reading.

Usage: benches/history.py REPOSITORY REVISION [--bitext target/release/bitext] [--runs 5]
Needs git. REPOSITORY is a clone or a bare repository (of a bundle: `git clone --bare FILE DIR`), REVISION its side-by-side branch.
Each figure is the median of the runs, after one that warms the cache; times are wall-clock seconds, memory is the largest resident
set.

tip      the import of the revision is held against the import of the same tree checked out.
history  import --history into a new memory; again, when nothing has changed; and the size of the memory's file against that of a
         memory into which the same different texts were imported as new documents, without a history.
pairs    different pairs of source and target text, found with regular expressions in all blobs that `git ls-tree` lists for the
         commits of `git rev-list`. White space at the ends of texts is removed and a line break is a space, as in `bitext`.
"""
import argparse
import json
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

RSS_UNITS = 1024 * 1024 if sys.platform == 'darwin' else 1024
ENDINGS = ('.md', '.yml', '.yaml', '.html', '.htm')


def measure(command, runs, prepare=lambda: None):
    """The median seconds and the largest memory in MiB of a command, after one run that is not counted; and what it printed."""
    seconds, memory, printed = [], 0, b''
    for run in range(runs + 1):
        prepare()
        start = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        printed = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            sys.exit(f'{" ".join(command)} exited {child.returncode}')
        if run:
            seconds.append(time.monotonic() - start)
            memory = max(memory, usage.ru_maxrss / RSS_UNITS)
    return statistics.median(seconds) if seconds else 0.0, memory, printed


def git(repository, *arguments):
    return subprocess.run(['git', '-C', repository, *arguments], check=True, capture_output=True).stdout


def documents(repository, commit):
    """Path and object of each document of a commit that import reads."""
    for line in git(repository, 'ls-tree', '-r', '-z', commit).split(b'\0'):
        if line:
            facts, path = line.split(b'\t', 1)
            mode, kind, name = facts.split()
            path = path.decode(errors='replace')
            hidden = any(part.startswith('.') for part in path.split('/'))
            if kind == b'blob' and mode != b'120000' and path.lower().endswith(ENDINGS) and not hidden:
                yield path, name


QUOTE = r'(?:"|\\"|&quot;)'
SEGMENT = re.compile(
    rf'<span data-ttu-id={QUOTE}([0-9a-f]+-p?[0-9]+){QUOTE}>((?:(?!<span data-ttu-id=).)*?)</span>'
    rf'<span class={QUOTE}sxs-lookup{QUOTE}><span data-stu-id={QUOTE}\1{QUOTE}>(.*?)</span></span>', re.S)


def tidy(text):
    return re.sub(r'[ \t\r\n]*\n[ \t\r\n]*', ' ', text).strip()


def pairs(repository, revision):
    """The different pairs at the tip and in the history, the number of versions and their bytes."""
    versions, tip = set(), set()
    for commit in git(repository, 'rev-list', revision).decode().split():
        found = set(documents(repository, commit))
        tip = tip or found
        versions |= found
    reader = subprocess.Popen(['git', '-C', repository, 'cat-file', '--batch'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    at_tip = {name for _, name in tip}
    now, ever, size = set(), set(), 0
    for name in sorted({name for _, name in versions}):
        reader.stdin.write(name + b'\n')
        reader.stdin.flush()
        length = int(reader.stdout.readline().split()[2])
        text = reader.stdout.read(length + 1)[:-1].decode('utf-8-sig', 'replace')
        size += length
        found = {(tidy(source), tidy(target)) for _, target, source in SEGMENT.findall(text)}
        ever |= found
        if name in at_tip:
            now |= found
    reader.stdin.close()
    reader.wait()
    return len(now), len(ever), len(versions), size


def write_documents(memory, folder):
    """Writes each different pair of a memory once, 100 a document."""
    found = sqlite3.connect(memory).execute(
        'select unit.text, variant.text from variant join unit on unit.id = variant.unit_id order by variant.id').fetchall()
    os.mkdir(folder)
    for number in range(0, len(found), 100):
        with open(os.path.join(folder, f'{number:08}.md'), 'w', encoding='utf-8', newline='') as out:
            out.write('---\nms.contentlocale: ko-KR\nms.translationtype: HT\n---\n')
            for at, (source, target) in enumerate(found[number:number + 100], 101):
                out.write(f'<span data-ttu-id="0a1b2-{at}">{target}</span><span class="sxs-lookup">'
                          f'<span data-stu-id="0a1b2-{at}">{source}</span></span>\n\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('repository')
    parser.add_argument('revision')
    parser.add_argument('--bitext', default='target/release/bitext')
    parser.add_argument('--runs', type=int, default=5)
    options = parser.parse_args()
    bitext = os.path.abspath(options.bitext)
    place = f'{options.repository}@{options.revision}'
    with tempfile.TemporaryDirectory() as folder:
        memory = os.path.join(folder, 'memory.db')
        tree = os.path.join(folder, 'tree')

        def new():
            if os.path.exists(memory):
                os.remove(memory)

        os.mkdir(tree)
        archive = subprocess.Popen(['git', '-C', options.repository, 'archive', options.revision], stdout=subprocess.PIPE)
        subprocess.run(['tar', 'x', '-C', tree], stdin=archive.stdout, check=True)
        checked_out, _, _ = measure([bitext, 'import', '-q', '--db', memory, tree], options.runs, new)
        tip, _, _ = measure([bitext, 'import', '-q', '--db', memory, place], options.runs, new)
        again, _, _ = measure([bitext, 'import', '-q', '--db', memory, place], options.runs)
        print(f'tip: {tip:.2f} s, checked out {checked_out:.2f} s, {tip / checked_out:.2f} times; again {again:.3f} s')
        history = [bitext, 'import', '-q', '--json', '--history', '--db', memory, place]
        whole, resident, printed = measure(history, options.runs, new)
        summary = json.loads(printed)
        size = os.path.getsize(memory)
        ours = sqlite3.connect(memory).execute('select count(*) from variant').fetchone()[0]
        write_documents(memory, os.path.join(folder, 'texts'))
        again, _, _ = measure(history, options.runs)
        print(f'history: {whole:.2f} s, {resident:.0f} MB; again {again:.2f} s; {summary["versions"]} earlier versions, '
              f'{summary["superseded"]} superseded segments')
        new()
        measure([bitext, 'import', '-q', '--db', memory, os.path.join(folder, 'texts')], 0)
        print(f'file: {size / 1e6:.1f} MB, {size / os.path.getsize(memory):.2f} times that of the same different texts')
        now, ever, versions, size = pairs(options.repository, options.revision)
        print(f'{versions} versions, {size / 1e6:.0f} MB; different pairs: {now} at the tip, {ever} in the history, {ours} in the memory')


if __name__ == '__main__':
    main()
