#!/usr/bin/env python3
"""precision.py BITEXT CORPORA [--sample N]: the share of true findings of each check among those that were judged by hand.

CORPORA is a folder with the sets; judged.tsv beside this file has the judgements: set, document, id, check, judgement, reason. The texts are
not in this project. Prints for each check: findings that were judged true and false and are still reported, judged ones that are no longer
reported, and the precision. With --sample, prints N findings of each check that were not judged yet, at random with a fixed seed.
"""
import collections, csv, json, os, random, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))


def main(bitext, corpora, *options):
    with open(os.path.join(HERE, 'judged.tsv'), encoding='utf8') as table:
        judged = {(r['set'], r['document'], r['id'], r['check']): r['judgement'] for r in csv.DictReader(table, delimiter='\t', quoting=csv.QUOTE_NONE)}
    sets = sorted({key[0] for key in judged}) or sorted(os.listdir(corpora))
    findings = {}
    for name in sets:
        folder = os.path.join(corpora, name, name) if os.path.isdir(os.path.join(corpora, name, name)) else os.path.join(corpora, name)
        run = subprocess.Popen([bitext, 'check', folder, '--json'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding='utf8')
        for line in run.stdout:
            j = json.loads(line)
            findings[name, j['document'], j['id'], j['check']] = j
        run.wait()
    table = collections.defaultdict(collections.Counter)
    for key, judgement in judged.items():
        table[key[3]][judgement if key in findings else 'gone'] += 1
    hits = collections.Counter(key[3] for key in findings)
    print(f"{'check':20} {'segments':>9} {'true':>5} {'false':>6} {'gone':>5} {'precision':>10}")
    for check in sorted(set(hits) | set(table)):
        true, false = table[check]['true'], table[check]['false']
        share = f'{100 * true / (true + false):9.1f}%' if true + false else '         -'
        print(f"{check:20} {hits[check]:9} {true:5} {false:6} {table[check]['gone']:5} {share}")
    if options[:1] == ('--sample',):
        unjudged = collections.defaultdict(dict)
        for key, j in sorted(findings.items()):
            if key not in judged:
                unjudged[key[3]].setdefault((j['source'], j['target']), (key, j))
        for check, pairs in sorted(unjudged.items()):
            for key, j in random.Random(15).sample(list(pairs.values()), min(int(options[1]), len(pairs))):
                print('\t'.join(key), json.dumps([j['reason'], j['source'], j['target']], ensure_ascii=False), sep='\t')


if __name__ == '__main__':
    main(*sys.argv[1:])
