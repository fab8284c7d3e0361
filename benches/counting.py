#!/usr/bin/env python3
"""Measures `bitext search --count` against `rg -c -i` over the same texts.

Usage: benches/counting.py SET… [--bitext target/release/bitext] [--rg rg] [--runs 5]
Imports the sets of documents into a new memory, and writes the source and the target text of each segment to one file, a line each.
Then counts words and regular expressions with both programs in turn. Each figure is the median of the runs, after one that warms the
cache: seconds elapsed, and seconds of processor time, with their ratios to those of rg.

bitext counts segments with the pattern in either text, rg counts lines, so the two numbers differ.
"""
import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

WORDS = ['the', 'a', 'and', 'to', 'file', '값']
EXPRESSIONS = [r'th\w+', '^The ', r'\bthe\b', r'\d+', 'colou?r', r'(error|warning|info)s?\b', r'[A-Z]\w+Exception']


def run(command):
    """The seconds elapsed and those of processor time of a command, and the last line that it prints."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    printed = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    elapsed = time.monotonic() - start
    # 1 is that nothing was found.
    if child.returncode not in (0, 1):
        raise SystemExit(f'{" ".join(command)} exited {child.returncode}')
    return elapsed, usage.ru_utime + usage.ru_stime, printed.decode().strip().rpartition('\n')[2]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('sets', nargs='+', metavar='SET')
    arguments.add_argument('--bitext', default='target/release/bitext')
    arguments.add_argument('--rg', default='rg')
    arguments.add_argument('--runs', type=int, default=5)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as work:
        memory, texts = f'{work}/memory.db', f'{work}/texts'
        subprocess.run([given.bitext, 'import', '--quiet', '--db', memory, *given.sets], check=True)
        extract = subprocess.Popen([given.bitext, 'extract', *given.sets], stdout=subprocess.PIPE)
        segments = 0
        with open(texts, 'w', encoding='utf-8') as out:
            for line in extract.stdout:
                segment = json.loads(line)
                out.write(f'{segment["source"]}\n{segment["target"]}\n')
                segments += 1
        print(f'{segments} segments, {os.path.getsize(texts) / 1e6:.0f} MB of text; medians of {given.runs}')
        print(f'{"":26} {"rg":>13} {"bitext":>13}   ratio          segments')
        for pattern in WORDS + EXPRESSIONS:
            options = ['--regex'] if pattern in EXPRESSIONS else []
            search = [given.bitext, 'search', '--db', memory, '--count', *options, '--', pattern]
            commands = [[given.rg, '-c', '-i', '-e', pattern, texts], search]
            rounds = [[run(command) for command in commands] for _ in range(given.runs + 1)][1:]
            (rg, rg_cpu), (bitext, bitext_cpu) = [
                [statistics.median(figures[program][kind] for figures in rounds) for kind in (0, 1)] for program in (0, 1)
            ]
            print(f'{pattern:26} {rg:6.3f} {rg_cpu:6.3f} {bitext:6.3f} {bitext_cpu:6.3f}   '
                  f'{bitext / rg:4.2f} cpu {bitext_cpu / rg_cpu:4.2f}  {rounds[0][1][2]:>8}')


if __name__ == '__main__':
    main()
