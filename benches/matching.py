#!/usr/bin/env python3
"""What a fuzzy look-up costs, against the size of the memory.

Usage: benches/matching.py SET... [--bitext target/release/bitext] [--sizes 50000,100000,200000,0,4000000] [--forms raw,plain]

SET is a side-by-side document set. Its different source texts make memories of the sizes asked for; 0 is all of them. A larger size
is filled up with made-up texts: a text of the set in which one to three words are changed, or the beginning of one with the end of
another. The seed is fixed, and duplicates are left out. raw: texts as written. plain: without inline codes (`export --inline strip`).

Queries are 2,000 texts of the set that were held out, and 1,000 of the memory in which one to three words are changed. For each
form, size and threshold (70 and 50) the table has
- the CPU time a query, on one thread, for the best five matches: that of a batch with all queries five times less that with them
  once, so that opening the memory and reading its index do not count, the median of three; held-out and edited queries;
- the 99th percentile of the CPU time of all queries, asked one after the other, when the index is in memory: each was asked before;
- how many queries have a match, and what `bitext verify` says of the recall;
- the bytes of the fuzzy index for each source text, and the seconds of the import of the memory.
Then one query and some searches from a cold start on the largest memory: the whole process, best of five.
"""
import argparse
import glob
import json
import os
import random
import resource
import sqlite3
import statistics
import subprocess
import tempfile
import time
import xml.etree.ElementTree

SEARCHES = ['the following example', 'the', '저장', 'zqxj']
LANGUAGE = '{http://www.w3.org/XML/1998/namespace}lang'


def texts_of(bitext, folder, sets, form):
    """The different source texts of the sets, in the order of the sets."""
    memory = os.path.join(folder, 'all.db')
    if not os.path.exists(memory):
        subprocess.run([bitext, 'import', '--quiet', '--db', memory, *sets], check=True)
    exported = os.path.join(folder, f'{form}.tmx')
    inline = 'strip' if form == 'plain' else 'text'
    subprocess.run([bitext, 'export', '--db', memory, '--inline', inline, '-o', exported],
                   check=True, stderr=subprocess.DEVNULL)
    texts = {}
    for _, unit in xml.etree.ElementTree.iterparse(exported):
        if unit.tag == 'tu':
            text = ' '.join(''.join(unit.find('tuv/seg').itertext()).split())
            if text:
                texts.setdefault(text)
            unit.clear()
    os.remove(exported)
    return list(texts)


def edited(words, chance, spare):
    """One to three edits of words; `spare` gives a word to insert."""
    words = list(words)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(words))
        kind = chance.randrange(3)
        if kind == 0 and len(words) > 1:
            words.pop(at)
        elif kind == 1:
            words[at] = spare()
        else:
            words.insert(at, spare())
    return words


def filled_up(texts, size):
    """The texts, and as many made-up ones as are missing."""
    chance = random.Random(size)
    known = dict.fromkeys(texts)
    words = lambda: chance.choice(texts).split(' ')
    while len(known) < size:
        one, other = words(), words()
        if chance.random() < 0.5:
            made = edited(one, chance, lambda: chance.choice(other))
        else:
            made = one[:(len(one) + 1) // 2] + other[len(other) // 2:]
        known.setdefault(' '.join(made))
    return list(known)


def cpu(command, **options):
    """Wall and CPU seconds of a process, and what it wrote."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False, **options)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def used(process):
    """CPU seconds of a process so far, on Linux; elsewhere the time of day, which is as good on an idle machine."""
    tasks = glob.glob(f'/proc/{process.pid}/task/*/schedstat')
    if not tasks:
        return time.perf_counter()
    return sum(int(open(task, encoding='ascii').read().split()[0]) for task in tasks) / 1e9


def ninety_ninth(command, queries):
    """The 99th percentile of the seconds that one query takes, asked one after the other, all of them twice."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    # The first time they read the index; the cold start has a figure of its own.
    for times in [], []:
        for query in queries:
            before = used(process)
            process.stdin.write(query.encode() + b'\n')
            process.stdin.flush()
            process.stdout.readline()
            times.append(used(process) - before)
    process.stdin.close()
    process.wait()
    return sorted(times)[len(times) * 99 // 100]


def write_lines(path, texts, times=1):
    with open(path, 'w', encoding='utf-8') as file:
        for _ in range(times):
            file.writelines(f'{text}\n' for text in texts)


def measure(bitext, folder, form, texts, held):
    """Imports a memory of these texts and prints its rows."""
    chance = random.Random(len(texts))
    asked = {
        'held': held,
        'edited': [' '.join(edited(text.split(' '), chance, lambda: 'changed')) for text in chance.sample(texts, 1000)],
    }
    memory, lines = os.path.join(folder, 'memory.db'), os.path.join(folder, 'memory.jsonl')
    for path in glob.glob(f'{memory}*'):
        os.remove(path)
    with open(lines, 'w', encoding='utf-8') as file:
        for number, text in enumerate(texts):
            segment = {'source': text, 'target': f'{number}', 'source_locale': 'en-US', 'target_locale': 'ko-KR'}
            file.write(json.dumps(segment, ensure_ascii=False) + '\n')
    imported = cpu([bitext, 'import', '--quiet', '--db', memory, lines])[0]
    connection = sqlite3.connect(memory)
    size = 0
    for table, column in [('fuzzy_part', 'block'), ('fuzzy_lists', 'lists'), ('fuzzy_frequent', 'bits'), ('fuzzy_order', 'classes')]:
        sum_of = f'select coalesce(sum(length({column})), 0) from {table} join fuzzy_generation on id = generation_id where role = 0'
        size += connection.execute(sum_of).fetchone()[0]
    connection.close()
    for floor in ('70', '50'):
        means, found = [], 0
        for kind, queries in asked.items():
            once, often = os.path.join(folder, f'{kind}-1.txt'), os.path.join(folder, f'{kind}-5.txt')
            write_lines(once, queries)
            write_lines(often, queries, 5)
            batch = [bitext, 'query', '--db', memory, '--min', floor, '--limit', '5', '--threads', '1', '--batch']
            runs = [(cpu([*batch, often])[1], *cpu([*batch, once])[1:]) for _ in range(3)]
            means.append(statistics.median((five - one) / (4 * len(queries)) for five, one, _ in runs))
            found += sum(1 for line in runs[0][2].splitlines() if json.loads(line)['matches'])
        both = [*asked['held'], *asked['edited']]
        chance.shuffle(both)
        p99 = ninety_ninth([*batch, '-'], both)
        sample = '50' if len(texts) < 1_000_000 else '10'
        verify = subprocess.run([bitext, 'verify', '--db', memory, '--min', floor, '--sample', sample, '--json'],
                                capture_output=True, check=False)
        recall = json.loads(verify.stdout)['recall']
        print(f'| {len(texts):,} | {form} | {floor} | {1000 * means[0]:.2f} ms | {1000 * means[1]:.2f} ms | {1000 * p99:.1f} ms | '
              f'{found:,} of {len(both):,} | {recall:.0f} % | {size / len(texts):.1f} B | {imported:.1f} s |', flush=True)
    return memory, held[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('sets', nargs='+', metavar='SET')
    parser.add_argument('--bitext', default='target/release/bitext')
    parser.add_argument('--sizes', default='50000,100000,200000,0,4000000')
    parser.add_argument('--forms', default='raw,plain')
    arguments = parser.parse_args()
    bitext = os.path.abspath(arguments.bitext)
    print('| source texts | form | threshold | held-out | edited | 99 % | with a match | recall | index a text | import |')
    print('|---|---|---|---|---|---|---|---|---|---|')
    with tempfile.TemporaryDirectory() as folder:
        for form in arguments.forms.split(','):
            texts = texts_of(bitext, folder, arguments.sets, form)
            random.Random(1).shuffle(texts)
            held, texts = texts[:2000], texts[2000:]
            for size in map(int, arguments.sizes.split(',')):
                chosen = texts[:size] if 0 < size <= len(texts) else filled_up(texts, size)
                memory, single = measure(bitext, folder, form, chosen, held)
        print('\n| from a cold start, the largest memory | wall | CPU |\n|---|---|---|')
        commands = [('query', ['query', '--db', memory, '--', single])]
        commands += [(f'search {word}', ['search', '--db', memory, word]) for word in SEARCHES]
        for name, command in commands:
            wall, spent, _ = min(cpu([bitext, *command]) for _ in range(5))
            print(f'| {name} | {1000 * wall:.0f} ms | {1000 * spent:.0f} ms |')


if __name__ == '__main__':
    main()
