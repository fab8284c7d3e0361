#!/usr/bin/env python3
"""Look-ups over HTTP: how many a second, how fast, how much memory; alone, and while an import runs.

    benches/serve.py SET…

SET is a folder or an archive of side-by-side documents. 2,000 of their source texts are held out and looked up, and 1,000 texts of the
memory in which one to three words are changed: as in matching.py. oha (`cargo install oha`) asks on 64 connections, on the same
processors. The import is of the first 900,000 segments with other texts, as a set of its own. Also measured: the first answer after
the start, and the time of the server for each keystroke on the page: 60 held-out source texts and 30 target texts of the memory are typed
character by character, up to 40 characters. The first word in tens of thousands of segments takes longer than the same word later; it counts.

Environment: BITEXT is the program (default: target/release/bitext), OHA the load generator (default: oha).
"""
import json
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from matching import edited

BITEXT = os.environ.get('BITEXT', 'target/release/bitext')
OHA = os.environ.get('OHA', 'oha')
HELD = 2000
EDITED = 1000
LOOKED_UP = 500  # characters: Weblate cuts a text there
TYPED = {'source': 60, 'target': 30}  # texts
TYPED_LENGTH = 40  # characters


def write_segments(folder, sets):
    """The segments without those of the held-out texts, others for an import, and the queries."""
    lines = subprocess.run([BITEXT, 'extract', *sets], stdout=subprocess.PIPE, check=True).stdout.splitlines()
    texts = sorted({json.loads(line)['source'] for line in lines})
    chance = random.Random(7)
    held = set(chance.sample(texts, HELD))
    rest = [text for text in texts if text not in held]
    queries = sorted(held) + [
        ' '.join(edited(text.split(' '), chance, lambda: 'changed')) for text in chance.sample(rest, EDITED)
    ]
    chance.shuffle(queries)
    typed = {
        'source': [text for text in queries if text in held][:TYPED['source']],
        'target': chance.sample(sorted({json.loads(line)['target'] for line in lines[::97]} - {''}), TYPED['target']),
    }
    with open(folder / 'rest.jsonl', 'wb') as kept, open(folder / 'other.jsonl', 'w') as other:
        for number, line in enumerate(lines):
            segment = json.loads(line)
            if segment['source'] in held:
                continue
            kept.write(line + b'\n')
            if number < 900_000:
                segment['set'] = 'other'
                segment['source'] += ' And some more words.'
                other.write(json.dumps(segment, ensure_ascii=False) + '\n')
    return queries, typed, len(rest)


class Server:
    def __init__(self, memory):
        began = time.monotonic()
        self.log = memory.with_suffix('.log')
        self.process = subprocess.Popen([BITEXT, 'serve', '--db', memory, '--listen', '127.0.0.1:0'],
                                        stderr=open(self.log, 'w'))
        while not (found := re.search(r'http://[^/]+', self.log.read_text())):
            time.sleep(0.001)
        self.address = found[0]
        self.get('/tmserver/en/ko/unit/Save%20the%20file')
        self.first = time.monotonic() - began

    def get(self, path, headers={}):
        began = time.monotonic()
        with urllib.request.urlopen(urllib.request.Request(self.address + path, headers=headers)) as answer:
            answer.read()
        return time.monotonic() - began

    def resident(self):
        status = pathlib.Path(f'/proc/{self.process.pid}/status').read_text()
        return int(re.search(r'VmHWM:\s*(\d+)', status)[1]) / 1024

    def stop(self):
        self.process.terminate()
        self.process.wait()


def keystrokes(server, texts):
    """The times of the server in ms, from its log, sorted."""
    before = server.log.stat().st_size
    count = 0
    for text in texts:
        for length in range(1, min(len(text), TYPED_LENGTH) + 1):
            server.get('/?' + urllib.parse.urlencode({'q': text[:length]}), {'X-Bitext-Part': 'results'})
            count += 1
    time.sleep(0.5)
    with open(server.log) as log:
        log.seek(before)
        times = sorted(float(ms) for ms in re.findall(r'GET page 200 ([\d.]+) ms', log.read()))
    assert len(times) == count, (len(times), count)
    return times


def load(server, queries, folder, seconds):
    urls = folder / 'urls.txt'
    path = '/tmserver/en/ko/unit/'
    urls.write_text(''.join(f'{server.address}{path}{urllib.parse.quote(q[:LOOKED_UP], safe="")}\n' for q in queries))
    command = [OHA, '-z', f'{seconds}s', '-c', '64', '--urls-from-file', urls, '--no-tui', '--output-format', 'json']
    result = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    statuses = result['statusCodeDistribution']
    assert set(statuses) == {'200'}, statuses
    errors = {error: n for error, n in result['errorDistribution'].items() if 'deadline' not in error}
    assert not errors, errors
    return result['summary']['requestsPerSec'], result['latencyPercentiles']['p99'] * 1000


def main():
    sets = sys.argv[1:]
    if not sets:
        sys.exit(__doc__)
    folder = pathlib.Path(tempfile.mkdtemp())
    try:
        queries, typed, texts = write_segments(folder, sets)
        memory = folder / 'a.db'
        subprocess.run([BITEXT, 'import', folder / 'rest.jsonl', '--db', memory, '--quiet'], check=True)
        firsts = []
        for _ in range(5):
            server = Server(memory)
            firsts.append(server.first * 1000)
            server.stop()
        server = Server(memory)
        load(server, queries, folder, 3)
        alone = load(server, queries, folder, 10)
        keys = {name: keystrokes(server, texts) for name, texts in typed.items()}
        resident = server.resident()
        importing = subprocess.Popen([BITEXT, 'import', folder / 'other.jsonl', '--db', memory, '--quiet'])
        time.sleep(0.5)
        during = load(server, queries, folder, 8)
        assert importing.poll() is None, 'the import ended before the load did'
        assert importing.wait() == 0
        print(f'{texts} source texts; first answer after the start {statistics.median(firsts):.0f} ms')
        print(f'alone: {alone[0]:.0f} look-ups a second, 99 % within {alone[1]:.0f} ms, {resident:.0f} MB at most')
        print(f'during an import: {during[0]:.0f} a second, 99 % within {during[1]:.0f} ms, {server.resident():.0f} MB at most')
        for name, times in keys.items():
            print(f'a keystroke of a {name} text: median {statistics.median(times):.1f} ms, '
                  f'99 % within {times[len(times) * 99 // 100]:.1f} ms, all within {times[-1]:.1f} ms ({len(times)})')
        server.stop()
    finally:
        shutil.rmtree(folder)


if __name__ == '__main__':
    main()
