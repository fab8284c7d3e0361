#!/usr/bin/env python3
"""others.py BITEXT FOLDER LOCALE [--pofilter PROGRAM] [--weblate PYTHON] [--opusfilter PYTHON] [--hardrules PYTHON]
    [--limit N] [--sample N]

Holds `bitext check` against other quality checks, on one PO export of FOLDER, a document set with translations into LOCALE. BITEXT is the
program. The others come from PyPI, each in a virtual environment of its own: PROGRAM is `pofilter` of translate-toolkit; PYTHON is the
interpreter of the environment with `weblate`, `opusfilter` or `bicleaner-hardrules`. What is not named is not run. With --limit, the others
read at most N segments, spread evenly over the export.

Prints the CPU seconds of each, and for each comparable check the number of different pairs that both find, only `bitext` and only the other.
"off" is what `bitext` finds too, but with `--min-severity info` only, or as a class. With --sample, N pairs of each difference, at random with
a fixed seed, for judging by hand. Of OpusFilter and bicleaner-hardrules, with their default thresholds: the pairs of the Moses export that each
filter drops, and how many of them have an error, a warning, or neither. Their language models and language identification are not run.
"""
import argparse, ast, collections, json, os, random, re, resource, subprocess, sys, tempfile, time, types

# The comparable checks: the name there, and our ids. Left aside: accelerators, capitals, numbers of sentences, white space at the ends, spelling,
# escapes of C strings, plurals, suggestions, credits: faults of software strings, not of documents. A copy is a class here, no fault.
POFILTER = {
    'blank': ['empty'], 'untranslated': ['empty'], 'unchanged': ['untranslated', 'copied', 'nothing_to_translate'],
    'brackets': ['brackets', 'link'], 'doublequoting': ['quotes'], 'doublewords': ['doubled', 'repeated'],
    'doublespacing': ['double_space'], 'puncspacing': ['space_before'], 'startpunc': ['start_mark'], 'endpunc': ['end_comma', 'cut'],
    'numbers': ['number', 'guid'], 'urls': ['url', 'link'], 'emails': ['email'], 'filepaths': ['file_name', 'link'], 'options': ['switch'],
    'functions': ['name_lost', 'code'], 'acronyms': ['name_lost', 'name_case'], 'printf': ['placeholder'], 'pythonbraceformat': ['placeholder'],
    'variables': ['placeholder'], 'xmltags': ['tag', 'broken_mark', 'markup', 'placeholder'], 'short': ['length'], 'long': ['length'],
}
WEBLATE = {
    'same': ['untranslated', 'copied', 'nothing_to_translate'], 'double_space': ['double_space'], 'punctuation_spacing': ['space_before'],
    'end_stop': ['end_comma', 'cut'], 'end_colon': ['end_comma', 'cut'], 'zero-width-space': ['invisible'],
    'xml-tags': ['tag', 'markup', 'placeholder'], 'xml-invalid': ['tag', 'broken_mark', 'placeholder'],
    'md-reflink': ['markup'], 'md-link': ['link', 'empty_link', 'link_space'],
    'md-syntax': ['emphasis', 'bold_lost', 'bold_gained', 'bold_cut', 'code'],
}
# The flag of Weblate that turns on its checks of Markdown. Format strings need flags too, and documents have none.
FLAGS = 'md-text'


def po_entries(path, note):
    """The entries of a PO file: context, set of the groups of `note` in the comments, source, target."""
    with open(path, encoding='utf8') as file:
        for block in file.read().split('\n\n')[1:]:
            fields, field, notes = {}, None, set()
            for line in block.split('\n'):
                if line.startswith('#'):
                    notes.update(re.findall(note, line))
                elif line.startswith('"') and field:
                    fields[field] += ast.literal_eval(line)
                elif line.startswith('msg'):
                    field, _, text = line.partition(' ')
                    fields[field] = ast.literal_eval(text)
            if 'msgctxt' in fields:
                yield fields['msgctxt'], notes, fields['msgid'], fields['msgstr']


def timed(command, **options):
    """Runs a program; its CPU seconds and its output."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding='utf8', **options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode and not (run.returncode == 1 and command[1] == 'check'):  # 1: there are findings
        sys.exit(f"{' '.join(command[:4])} failed: {run.stderr[-2000:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, run.stdout


def ours(bitext, memory, *options):
    """The findings of `bitext check`, as {check: {context}}, and the contexts with an error."""
    found, errors = collections.defaultdict(set), set()
    seconds, output = timed([bitext, 'check', '--db', memory, '--json', *options])
    for line in output.splitlines():
        j = json.loads(line)
        context = f"{j['set']}/{j['document']}#{j['id']}"
        found[j['check']].add(context)
        if j['severity'] == 'error':
            errors.add(context)
    return found, errors, seconds


def compare(title, table, theirs, default, all_found, pairs, sample, machine):
    """Prints both, only us and only them for each check of `theirs`, in different pairs. `pairs`: {context: (source, target)}."""
    print(f'\n{title:20} {"ours":44} {"they":>6} {"both":>6} {"off":>6} {"only us":>8} {"only them":>10}')
    samples = []
    for check, ids in table.items():
        they = {pairs[c] for c in theirs.get(check, ()) if c in pairs}
        us = {pairs[c] for i in ids for c in default.get(i, ()) if c in pairs}
        us_all = us | {pairs[c] for i in ids for c in all_found.get(i, ()) if c in pairs}
        both, off, only_us, only_them = they & us, they & us_all - us, us - they, they - us_all
        if they or us:
            print(f'{check:20} {", ".join(ids):44.44} {len(they):6} {len(both):6} {len(off):6} {len(only_us):8} {len(only_them):10}')
        samples += [(check, 'only us', only_us), (check, 'only them', only_them), (check, 'off', off)]
    alone = {i: {pairs[c] for c in default[i] if c in pairs} for i in sorted(set(default) - {i for ids in table.values() for i in ids})}
    print('no check there for: ' + ', '.join(f'{i} {len(found)}' for i, found in alone.items() if found))
    for check, side, difference in samples if sample else ():
        for source, target in random.Random(15).sample(sorted(difference), min(sample, len(difference))):
            found = [i for i, contexts in all_found.items() if any(pairs.get(c) == (source, target) for c in contexts)] if side == 'only them' else []
            remark = ('; ours: ' + ', '.join(found) if found else '') + ('; machine' if machine[source, target] else '')
            print(f'\n-- {check}: {side}{remark}\n{source}\n{target}')


def plain(text):
    """The text with single spaces, as in a file of lines."""
    return ' '.join(text.split())


def weblate_worker(path, locale):
    """Runs in the environment of Weblate: reads JSON lines of context, source and target; prints context and check of each finding."""
    from unittest.mock import MagicMock
    for name in ('cairo', 'gi', 'gi.repository', 'tesserocr'):  # native libraries for drawing and reading images: no check below uses them
        try:
            __import__(name)
        except ImportError:
            sys.modules[name] = MagicMock()
    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'weblate.settings_example')
    import django
    django.setup()
    from weblate.checks.models import CHECKS
    from weblate.checks.tests.test_checks import MockUnit
    checks = [CHECKS[name] for name in WEBLATE]
    unit = MockUnit(code=locale, flags=FLAGS)
    start = time.process_time()
    for line in open(path, encoding='utf8'):
        context, source, target = json.loads(line)
        unit.source, unit.sources, unit.target, unit.targets, unit.check_cache = source, [source], target, [target], {}
        for check in checks:
            if check.check_target([source], [target], unit):
                print(json.dumps([context, check.check_id]))
    print(f'seconds {time.process_time() - start}')


def opusfilter_worker(source_path, target_path, script):
    """Runs in the environment of OpusFilter: reads two aligned text files; prints the line numbers that each filter drops."""
    from opusfilter import filters
    with open(source_path, encoding='utf8') as sources, open(target_path, encoding='utf8') as targets:
        pairs = [(s.rstrip('\n'), t.rstrip('\n')) for s, t in zip(sources, targets)]
    chosen = [filters.LengthFilter(), filters.LengthRatioFilter(), filters.LongWordFilter(), filters.AlphabetRatioFilter(), filters.HtmlTagFilter(),
              filters.CharacterScoreFilter(scripts=['Latin', script], thresholds=[1, 0.5] if script != 'Latin' else [1, 1]),
              filters.TerminalPunctuationFilter(), filters.NonZeroNumeralsFilter(), filters.RepetitionFilter(), filters.SimilarityFilter()]
    for chosen_filter in chosen:
        for number, score in enumerate(chosen_filter.score(pairs)):
            if not chosen_filter.accept(score):
                print(json.dumps([number, type(chosen_filter).__name__]))


def hardrules_worker(source_path, target_path, locale):
    """Runs in the environment of bicleaner-hardrules: as `opusfilter_worker`."""
    from unittest.mock import MagicMock
    for name in ('fasttext', 'fastspell', 'kenlm'):  # languages and language models, which are switched off below
        try:
            __import__(name)
        except ImportError:
            sys.modules[name] = MagicMock()
    from hardrules.hardrules import Hardrules
    rules = Hardrules(types.SimpleNamespace(
        disable_lm_filter=True, lm_threshold=0.5, disable_porn_removal=True, disable_lang_ident=True, disable_minimal_length=False,
        source_lang='en', target_lang=locale, run_all_rules=True, rules_config=None))
    with open(source_path, encoding='utf8') as sources, open(target_path, encoding='utf8') as targets:
        for number, (source, target) in enumerate(zip(sources, targets)):
            reasons = rules.wrong_tu(source.rstrip('\n'), target.rstrip('\n'))
            for reason in () if reasons == 'keep' or not reasons else reasons.split('+') if isinstance(reasons, str) else reasons:
                print(json.dumps([number, re.sub(r'\(.*', '', reason)]))


def main(o):
    script = os.path.abspath(__file__)
    with tempfile.TemporaryDirectory() as folder:
        names = 'memory.db', 'all.po', 'some.po', 'marked.po', 'pairs.jsonl', 'corpus'
        memory, po, small, marked, lines, moses = (os.path.join(folder, name) for name in names)
        subprocess.run([o.bitext, 'import', o.folder, '--db', memory, '--quiet'], check=True)
        subprocess.run([o.bitext, 'export', '--db', memory, '--format', 'po', '-o', po, '--quiet'], check=True)
        with open(po, encoding='utf8') as file:
            header, *blocks = file.read().split('\n\n')
        step = max(1, -(-len(blocks) // o.limit)) if o.limit else 1
        with open(small, 'w', encoding='utf8') as file:
            file.write('\n\n'.join([header, *(b.strip('\n') for b in blocks[::step])]) + '\n')
        entries = list(po_entries(small, r'^#\. (machine|human|unknown)'))
        pairs = {c: (s, t) for c, _, s, t in entries}
        machine = {(s, t): 'machine' in w for _, w, s, t in entries}
        with open(lines, 'w', encoding='utf8') as file:
            file.writelines(json.dumps([c, *pair]) + '\n' for c, pair in pairs.items())
        default, errors, seconds = ours(o.bitext, memory)
        others, spent = [], [seconds]
        all_found, _, info_seconds = ours(o.bitext, memory, '--min-severity', 'info')
        classes, _, _ = ours(o.bitext, memory, '--min-severity', 'info', '--only', 'copied,nothing_to_translate')
        all_found.update(classes)
        if o.pofilter:
            tests = [part for test in POFILTER for part in ('-t', test)]
            command = [o.pofilter, '--progress=none', f'--language={o.locale.split("-")[0]}', small, marked]
            seconds, _ = timed([*command, *tests])
            theirs = collections.defaultdict(set)
            for context, checks, _, _ in po_entries(marked, r'^# \(pofilter\) ([a-z]+)'):
                for check in checks:
                    theirs[check].add(context)
            spent.append(ours(o.bitext, memory)[2])
            again, _ = timed([*command, *tests])
            every, _ = timed(command)
            others += [('pofilter, these checks', min(seconds, again)), ('pofilter, all its checks', every)]
            results = [('pofilter', POFILTER, theirs)]
        else:
            results = []
        if o.weblate:
            _, output = timed([o.weblate, script, '--worker', 'weblate', lines, o.locale.split('-')[0]])
            theirs = collections.defaultdict(set)
            for line in output.splitlines():
                if line.startswith('["'):
                    context, check = json.loads(line)
                    theirs[check].add(context)
                elif line.startswith('seconds '):
                    seconds = float(line.split()[1])
            others.append(('weblate, these checks, without its start', seconds))
            results.append(('weblate', WEBLATE, theirs))
        direct = timed([o.bitext, 'check', o.folder, '--json', '--target-locale', o.locale])[0]
        spent.append(ours(o.bitext, memory)[2])
        print(f'{len(blocks):,} segments in the export, {len(pairs):,} read by the others, {len(set(pairs.values())):,} different pairs')
        best = min(spent)
        print(f'bitext check, all its checks, from the memory  {best:8.2f} CPU seconds, lowest of {len(spent)}; '
              f'from the documents {direct:.2f}; with info {info_seconds:.2f}')
        for name, seconds in others:
            ratio = f': {seconds / best:.0f} times' if step == 1 else ' for a part of the export'
            print(f'{name:46} {seconds:8.2f} CPU seconds{ratio}')
        for name, table, theirs in results:
            compare(name, table, theirs, default, all_found, pairs, o.sample, machine)
        if o.opusfilter or o.hardrules:
            subprocess.run([o.bitext, 'export', '--db', memory, '--format', 'moses', '-o', moses, '--quiet'], check=True)
            files = [os.path.join(folder, n) for n in sorted(os.listdir(folder)) if n.startswith('corpus')]
            source, target = next(f for f in files if f.endswith('en-US')), next(f for f in files if f.endswith(o.locale))
            with open(source, encoding='utf8') as s, open(target, encoding='utf8') as t:
                texts = [(plain(a), plain(b)) for a, b in zip(s, t)]
            every = {c: (plain(s), plain(t)) for c, _, s, t in po_entries(po, '$^')}
            bad = {every[c] for c in errors if c in every}
            warned = {every[c] for contexts in default.values() for c in contexts if c in every} - bad
            print(f'\nThe Moses export has {len(set(texts)):,} different pairs, {len(bad & set(texts)):,} with errors')
        letters = {'ko': 'Hangul', 'ja': 'Han', 'zh': 'Han', 'ru': 'Cyrillic'}.get(o.locale[:2], 'Latin')
        for program, python, argument in ('opusfilter', o.opusfilter, letters), ('hardrules', o.hardrules, o.locale.split('-')[0]):
            if python:
                seconds, output = timed([python, script, '--worker', program, source, target, argument])
                dropped = collections.defaultdict(set)
                for line in output.splitlines():
                    if line.startswith('['):
                        number, name = json.loads(line)
                        dropped[name].add(texts[number])
                dropped['any of them'] = set().union(*dropped.values())
                print(f'\n{program:30} {"drops":>8} {"with errors":>12} {"warnings":>9} {"others":>8}   {seconds:.1f} CPU seconds')
                for name, hit in dropped.items():
                    left = hit - bad - warned
                    print(f'{name:30} {len(hit):8} {len(hit & bad):12} {len(hit & warned):9} {len(left):8}')
                for name, hit in dropped.items():
                    left = hit - bad
                    for a, b in random.Random(15).sample(sorted(left), min(o.sample, len(left))) if name != 'any of them' else ():
                        print(f'-- {name}\n{a}\n{b}')


if __name__ == '__main__':
    if sys.argv[1:2] == ['--worker']:
        {'weblate': weblate_worker, 'opusfilter': opusfilter_worker, 'hardrules': hardrules_worker}[sys.argv[2]](*sys.argv[3:])
    else:
        parser = argparse.ArgumentParser(usage=__doc__)
        for name in ('bitext', 'folder', 'locale'):
            parser.add_argument(name)
        for name in ('--pofilter', '--weblate', '--opusfilter', '--hardrules'):
            parser.add_argument(name)
        parser.add_argument('--limit', type=int, default=0)
        parser.add_argument('--sample', type=int, default=0)
        main(parser.parse_args())
