#!/usr/bin/env python3
"""Measures extract and import on a folder of side-by-side documents, against ripgrep and the sqlite3 shell.

Usage: benches/speed.py DOCUMENTS [--bitext target/release/bitext] [--runs 5]
Needs rg and sqlite3 (Debian packages ripgrep and sqlite3). Each figure is the median of the runs, after one that warms the cache;
times are wall-clock seconds, memory is the largest resident set.

extract  is held against `rg -c data-ttu-id` on the same folder: what merely finding the lines takes.
import   is held against the sqlite3 shell, which gets the rows that import made, ready in tab-separated files, imports them into
         the same tables and builds the same indexes: what SQLite alone takes. The shell is also given an FTS5 trigram index
         of all texts to build, as the usual text index to hold import's own indexes against.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


# How many units of getrusage's resident set make a MiB: bytes on macOS, KiB elsewhere.
RSS_UNITS = 1024 * 1024 if sys.platform == 'darwin' else 1024


def measure(command, runs, prepare=lambda: None, stdin=None):
    """The median seconds and the largest memory in MiB of a command, after one run that is not counted."""
    seconds, memory = [], 0
    for run in range(runs + 1):
        prepare()
        feed = open(stdin, 'rb') if stdin else subprocess.DEVNULL
        start = time.monotonic()
        child = subprocess.Popen(command, stdin=feed, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        taken = time.monotonic() - start
        if stdin:
            feed.close()
        if child.returncode:
            sys.exit(f'{" ".join(command)} exited {child.returncode}')
        if run:
            seconds.append(taken)
            memory = max(memory, usage.ru_maxrss / RSS_UNITS)
    return statistics.median(seconds), memory


def sql(memory, statement):
    answer = subprocess.run(['sqlite3', memory, statement], check=True, capture_output=True, text=True)
    return answer.stdout.strip()


def bytes_of(folder):
    total = documents = 0
    for place, _, files in os.walk(folder):
        for name in files:
            if name.lower().endswith(('.md', '.yml', '.yaml', '.html', '.htm')):
                total += os.path.getsize(os.path.join(place, name))
                documents += 1
    return documents, total


ROWS = ('unit', 'variant', 'segment')


def shell_script(memory, work, text_index):
    """A script for the sqlite3 shell that makes a memory again from the rows of the one that import made."""
    for table in ROWS:
        dump = f'.mode csv\n.separator "\\t" "\\n"\n.output {work}/{table}.tsv\nselect * from {table};\n'
        if not os.path.exists(f'{work}/{table}.tsv'):
            subprocess.run(['sqlite3', memory], input=dump, check=True, text=True)
    names = ', '.join(f"'{table}'" for table in ROWS)
    tables = sql(memory, f"select sql || ';' from sqlite_master where type = 'table' and name in ({names})")
    indexes = sql(memory, f"select sql || ';' from sqlite_master where type = 'index' and sql is not null and tbl_name in ({names})")
    script = f'pragma journal_mode = wal;\n{tables}\n.mode csv\n.separator "\\t" "\\n"\n'
    for table in ROWS:
        script += f'.import {work}/{table}.tsv {table}\n'
    script += f'begin;\n{indexes}\ncommit;\n'
    if text_index:
        script += '''create virtual table text_index using fts5 (text, content='', tokenize='trigram');
            insert into text_index (rowid, text) select id * 2, text from unit;
            insert into text_index (rowid, text) select id * 2 + 1, text from variant;\n'''
    name = f'{work}/shell{text_index:d}.sql'
    with open(name, 'w') as file:
        file.write(script)
    return name


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('documents')
    arguments.add_argument('--bitext', default='target/release/bitext')
    arguments.add_argument('--runs', type=int, default=5)
    given = arguments.parse_args()
    for program in 'rg', 'sqlite3', given.bitext:
        if not shutil.which(program):
            sys.exit(f'{program} is missing')
    bitext, folder, runs = os.path.abspath(given.bitext), given.documents, given.runs
    documents, size = bytes_of(folder)
    print(f'{folder}: {documents} documents, {size / 1e6:.1f} MB; medians of {runs}')

    found, _ = measure(['rg', '-c', 'data-ttu-id', folder], runs)
    extract, peak = measure([bitext, 'extract', folder], runs)
    print(f'rg -c data-ttu-id          {found:8.2f} s')
    print(f'bitext extract             {extract:8.2f} s  {extract / found:5.2f} times rg    {peak:6.0f} MiB')

    with tempfile.TemporaryDirectory() as work:
        memory = f'{work}/memory.db'

        def fresh():
            for name in os.listdir(work):
                if not name.endswith(('.tsv', '.sql')):
                    os.remove(f'{work}/{name}')

        imported, peak = measure([bitext, 'import', folder, '--db', memory, '--quiet'], runs, fresh)
        sql(memory, 'pragma wal_checkpoint(truncate)')
        file = os.path.getsize(memory)
        again, _ = measure([bitext, 'import', folder, '--db', memory, '--quiet'], runs)
        texts = sql(memory, "select count(*) || ' segments, ' || (select count(*) from variant) || ' pairs' from segment")
        scripts = [shell_script(memory, work, text_index) for text_index in (False, True)]
        plain, indexed = [measure(['sqlite3', f'{work}/shell.db'], runs, fresh, stdin=script)[0] for script in scripts]
    print(f'sqlite3 shell              {plain:8.2f} s  {texts}, with their indexes')
    print(f'sqlite3 shell, trigrams    {indexed:8.2f} s  the same and an FTS5 trigram index')
    print(f'bitext import              {imported:8.2f} s  {imported / plain:5.2f} times the shell, '
          f'{imported / indexed:5.2f} times with trigrams    {peak:6.0f} MiB')
    print(f'bitext import again        {again:8.2f} s  {again / imported:5.2f} of the first time')
    print(f'memory file                {file / 1e6:8.1f} MB {file / size:7.2f} of the documents')


if __name__ == '__main__':
    main()
