#!/usr/bin/env python3
"""What matching costs, against the size of the memory.

Usage: benches/matching.py SET... [--bitext target/release/bitext] [--sizes 50000,100000,200000,0]

SET is a side-by-side document set. Its different source texts make memories of the sizes asked for (0: all of them). 2,000 texts are
held out and looked up, with 1,000 of the memory in which one to three words are changed. Prints, for each size and for the
thresholds 70 and 50: CPU time a query in a batch on one thread; the 99th percentile of the time from asking to answer, one query
after the other; queries a second on two threads against one; how many queries have a match; what `bitext verify` says of the
recall. Then one query and some searches from a cold start, the whole process, best of five; and how large the indexes are.
"""
import argparse
import html
import json
import os
import random
import resource
import sqlite3
import subprocess
import tempfile
import time

SEARCHES = ['the following example', 'the', '저장', 'zqxj']


def extract(bitext, sets):
    """Pairs of different source texts, and the translation each has first."""
    pairs = {}
    process = subprocess.Popen([bitext, 'extract', *sets], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for line in process.stdout:
        segment = json.loads(line)
        pairs.setdefault(segment['source'], segment['target'])
    process.wait()
    return list(pairs.items())


def write_documents(folder, pairs):
    """Documents of 500 segments each; texts that would end a span early are left out by the caller."""
    for start in range(0, len(pairs), 500):
        number = start // 500
        path = os.path.join(folder, f'part-{number // 100:03}', f'{number:05}.md')
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write('---\nms.contentlocale: ko-KR\nms.translationtype: HT\n---\n')
            for position, (source, target) in enumerate(pairs[start:start + 500]):
                segment = f'{number:05x}-{101 + position}'
                file.write(f'<span data-ttu-id="{segment}">{target}</span><span class="sxs-lookup">'
                           f'<span data-stu-id="{segment}">{source}</span></span>\n\n')


def edited(text, chance):
    words = text.split(' ')
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(words))
        kind = chance.randrange(3)
        if kind == 0 and len(words) > 1:
            words.pop(at)
        elif kind == 1:
            words[at] = 'changed'
        else:
            words.insert(at, 'added')
    return ' '.join(words)


def cpu(command, **options):
    """Wall and CPU seconds of a process, and what it wrote."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **options)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def latencies(command, queries):
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    times = []
    for query in queries:
        began = time.perf_counter()
        process.stdin.write(query.encode() + b'\n')
        process.stdin.flush()
        process.stdout.readline()
        times.append(time.perf_counter() - began)
    process.stdin.close()
    process.wait()
    # The first queries read the index; they have a figure of their own, the cold start.
    times = sorted(times[100:])
    return times[len(times) * 99 // 100]


def measure(bitext, folder, pairs, held, size):
    chance = random.Random(size)
    chosen = pairs if size == 0 else chance.sample(pairs, min(size, len(pairs)))
    queries = [source for source, _ in held] + [edited(source, chance) for source, _ in chance.sample(chosen, 1000)]
    chance.shuffle(queries)
    documents, memory = os.path.join(folder, f'set-{size}'), os.path.join(folder, f'{size}.db')
    write_documents(documents, chosen)
    subprocess.run([bitext, 'import', '--quiet', '--db', memory, documents], check=True)
    asked = os.path.join(folder, 'queries.txt')
    with open(asked, 'w', encoding='utf-8') as file:
        file.write('\n'.join(queries) + '\n')
    connection = sqlite3.connect(memory)
    units = connection.execute('select count(*) from unit').fetchone()[0]
    blocks = 'select sum(length(block)) from fuzzy_block join text_generation on id = generation_id where role = 0'
    index = connection.execute(blocks).fetchone()[0]
    connection.close()
    for floor in ('70', '50'):
        batch = [bitext, 'query', '--db', memory, '--min', floor, '--batch', asked]
        one = min((cpu([*batch, '--threads', '1']) for _ in range(3)), key=lambda run: run[1])
        two = min((cpu([*batch, '--threads', '2']) for _ in range(3)), key=lambda run: run[0])
        one_wall = min(cpu([*batch, '--threads', '1'])[0] for _ in range(3))
        p99 = latencies([bitext, 'query', '--db', memory, '--min', floor, '--batch', '-', '--threads', '1'], queries)
        found = sum(1 for line in one[2].splitlines() if json.loads(line)['matches'])
        verify = subprocess.run([bitext, 'verify', '--db', memory, '--min', floor, '--sample', '50', '--json'],
                                capture_output=True, check=False)
        recall = json.loads(verify.stdout)['recall']
        print(f'| {units:,} | {floor} | {1000 * one[1] / len(queries):.2f} ms | {1000 * p99:.1f} ms | '
              f'{one_wall / two[0]:.2f} | {found:,} of {len(queries):,} | {recall:.0f} % | {index / 1e6:.1f} MB |', flush=True)
    return memory, queries


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('sets', nargs='+', metavar='SET')
    parser.add_argument('--bitext', default='target/release/bitext')
    parser.add_argument('--sizes', default='50000,100000,200000,0')
    arguments = parser.parse_args()
    pairs = [pair for pair in extract(arguments.bitext, arguments.sets)
             if all(text and '</span>' not in text and '<span' not in text for text in pair)]
    random.Random(1).shuffle(pairs)
    held, pairs = pairs[:2000], pairs[2000:]
    print('| source texts | threshold | CPU a query | 99th percentile | two threads | with a match | recall | index |')
    print('|---|---|---|---|---|---|---|---|')
    with tempfile.TemporaryDirectory() as folder:
        for size in map(int, arguments.sizes.split(',')):
            memory, queries = measure(arguments.bitext, folder, pairs, held, size)
        print('\n| from a cold start, the largest memory | wall | CPU |\n|---|---|---|')
        single = queries[0]
        commands = [('query', ['query', '--db', memory, '--', single])]
        commands += [(f'search {html.escape(word)}', ['search', '--db', memory, word]) for word in SEARCHES]
        for name, command in commands:
            wall, used, _ = min(cpu([arguments.bitext, *command]) for _ in range(5))
            print(f'| {name} | {1000 * wall:.0f} ms | {1000 * used:.0f} ms |')


if __name__ == '__main__':
    main()
