#!/usr/bin/env python3
"""Measures TMX out and in on a memory of so many units, which it makes up, against copying the TMX.

Usage: benches/exchange.py [UNITS] [--bitext target/release/bitext] [--runs 3]
UNITS is 1,000,000 by default. The texts are random words, some 75 bytes a source text as in real documents; nearly all differ,
which is the hardest case for an import. Each figure is the median of the runs; times are wall-clock seconds, memory is the
largest resident set.

export       a memory made from side-by-side documents, into a TMX file.
import       that TMX, into a memory that is new each time, with all indexes.
export again what was imported. It must be the same bytes.
cp           copies the TMX: what the disk alone takes.
"""
import argparse
import filecmp
import os
import random
import subprocess
import tempfile

from speed import measure

SEGMENTS = 200  # in a document


def words(choose, letters, lengths, count):
    return [''.join(choose.choices(letters, k=choose.randint(*lengths))) for _ in range(count)]


def write_documents(folder, units):
    """Side-by-side documents of random words."""
    choose = random.Random(1)
    english = words(choose, 'aaabcdeeefghiiklmnnooprrssttuuvwy', (2, 10), 4000)
    korean = words(choose, [chr(code) for code in range(0xac00, 0xd7a4, 17)], (1, 4), 4000)
    for document in range(0, units, SEGMENTS):
        number = document // SEGMENTS
        place = os.path.join(folder, f'part-{number % 50:02}')
        os.makedirs(place, exist_ok=True)
        with open(os.path.join(place, f'page-{number:05}.md'), 'w', encoding='utf-8', newline='\n') as page:
            workflow = 'HT' if number % 5 == 0 else 'MT'
            page.write(f'---\ntitle: {number}\nms.openlocfilehash: {number:040x}\nms.sourcegitcommit: {number // 7:040x}\n'
                       f'ms.translationtype: {workflow}\nms.contentlocale: ko-KR\n'
                       f'ms.lasthandoff: {1 + number % 12:02}/{1 + number % 28:02}/{2017 + number % 5}\n---\n')
            for segment in range(min(SEGMENTS, units - document)):
                length = min(40, int(choose.expovariate(1 / 11)) + 2)
                source, target = ' '.join(choose.choices(english, k=length)), ' '.join(choose.choices(korean, k=length))
                name = f'{number:05x}-{101 + segment}'
                page.write(f'<span data-ttu-id="{name}">{target}</span><span class="sxs-lookup">'
                           f'<span data-stu-id="{name}">{source}</span></span>\n\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('units', nargs='?', type=int, default=1_000_000)
    parser.add_argument('--bitext', default='target/release/bitext')
    parser.add_argument('--runs', type=int, default=3)
    arguments = parser.parse_args()
    bitext = os.path.abspath(arguments.bitext)
    with tempfile.TemporaryDirectory() as work:
        path = lambda name: os.path.join(work, name)
        remove = lambda name: os.path.exists(path(name)) and os.remove(path(name))
        write_documents(path('pages'), arguments.units)
        subprocess.run([bitext, 'import', path('pages'), '--quiet', '--db', path('first.db')], check=True)
        commands = {
            'export': ([bitext, 'export', '--quiet', '--db', path('first.db'), '-o', path('first.tmx')], None),
            'import': ([bitext, 'import', path('first.tmx'), '--quiet', '--db', path('second.db')], 'second.db'),
            'export again': ([bitext, 'export', '--quiet', '--db', path('second.db'), '-o', path('second.tmx')], None),
            'cp': (['cp', path('first.tmx'), path('copy.tmx')], 'copy.tmx'),
        }
        for name, (command, made) in commands.items():
            seconds, memory = measure(command, arguments.runs, prepare=lambda: made and remove(made))
            print(f'{name:<13} {seconds:7.2f} s   {memory:6.0f} MiB')
        print(f'the TMX: {os.path.getsize(path("first.tmx")) / 1e6:.0f} MB')
        if not filecmp.cmp(path('first.tmx'), path('second.tmx'), shallow=False):
            raise SystemExit('what came back is not the same')


if __name__ == '__main__':
    main()
