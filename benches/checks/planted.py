#!/usr/bin/env python3
"""planted.py BITEXT SET…: plants faults of each kind in pairs in which nothing is found, and counts how many are found again.

SET is a folder of side-by-side documents; of one with machine translations only these are used. The seed is fixed, so the same program and sets give the same figures. Prints a line for each
check: how many faults were planted, how many were found by this check, and how many by any check.
"""
import collections, json, os, random, re, subprocess, sys, tempfile

EACH = 150
KOREAN, JAPANESE = 'ko', 'ja'


def without(text, span, new=''):
    return text[:span[0]] + new + text[span[1]:]


def one(pattern, text, rng):
    found = list(re.finditer(pattern, text))
    return rng.choice(found) if found else None


NAME = r'(?<![\w./\\@#$%{<`-])(?:[A-Z][a-z]+-[A-Z][a-z]+[A-Z]\w+|[A-Z][a-z]+(?:[A-Z][a-z]+){2,})(?![\w./\\@`-])'


def both(pattern, source, target, rng):
    """A match of the pattern in the target whose text is in the source once and in the target once."""
    matches = [m for m in re.finditer(pattern, target) if source.count(m.group()) == 1 == target.count(m.group())]
    return rng.choice(matches) if matches else None


def in_prose(pattern, source, target, rng):
    """The same, outside of addresses: a name that changes there is a fault of `link` or `url`."""
    inside = [m.span() for m in re.finditer(r'\]\([^)]*\)|\w+://\S+', target)]
    match = both(pattern, source, target, rng)
    return match if match and not any(start <= match.start() < end for start, end in inside) else None


def replace_in_prose(pattern, change):
    def plant(source, target, language, rng):
        match = in_prose(pattern, source, target, rng)
        return match and without(target, match.span(), change(match.group(), rng))
    return plant


# What is inside these is a fault of `markup`.
DIRECTIVE = re.compile(r'\[!|<xref:|`')


def replace(pattern, change, without_directives=False):
    def plant(source, target, language, rng):
        match = not (without_directives and DIRECTIVE.search(target)) and both(pattern, source, target, rng)
        return match and without(target, match.span(), change(match.group(), rng))
    return plant


def empty(source, target, language, rng):
    return '.' if len(re.findall(r'[A-Za-z]', source)) > 5 and '<' not in target and '`' not in target and '[' not in target else None


def untranslated(source, target, language, rng):
    words = re.findall(r"\b[a-z]{3,}\b", source)
    prose = {'the', 'of', 'and', 'with', 'this', 'that'} & set(words)
    return source if prose and len(words) > 8 and '"' not in source and not source.startswith(('[', "'")) else None


def partly(source, target, language, rng):
    match = re.search(r'\b[a-z]{3,} (?:of|with|and|that) (?:the )?[a-z]{4,} [a-z]{4,}\b', source)
    space = [m.start() for m in re.finditer(' ', target)]
    inside = re.search(r'[`\[<"*(]', target)
    return without(target, (s := rng.choice(space), s), ' ' + match.group()) if match and space and not inside else None


def insert_words(*texts):
    def plant(source, target, language, rng):
        spaces = [m.start() for m in re.finditer(' ', target)]
        inside = re.search(r'[`\[<"*(]', target)
        if not spaces or inside:
            return None
        at = rng.choice(spaces)
        return target[:at] + ' ' + rng.choice(texts) + target[at:]
    return plant


def alien(source, target, language, rng):
    """Only where words are of another script."""
    return insert_words('webserver', 'pickle', 'quagmire', 'zeppelin')(source, target, language, rng) if language in (KOREAN, JAPANESE) else None


def foreign(source, target, language, rng):
    text = {KOREAN: 'עברית', JAPANESE: 'עברית'}.get(language, '한글')
    return insert_words(text)(source, target, language, rng)


def repeated(source, target, language, rng):
    words = [m for m in re.finditer(r'(?<= )[가-힣ぁ-んァ-ン一-龥A-Za-zäöüß]{4,}(?= )', target)]
    if not words or re.search(r'[`\[<"*(]', target):
        return None
    word = rng.choice(words)
    return without(target, word.span(), ' '.join([word.group()] * 3))


def glued(source, target, language, rng):
    spans = list(re.finditer(r'(?<!`)(`[^`]+`)([^`]{1,8})(?=`[^`]+`)', target))
    return (m := rng.choice(spans)) and without(target, m.span(2)) if spans and '``' not in source + target else None


def bold_cut(source, target, language, rng):
    match = one(r'\*\*\[([^\]*]{2,})\]\*\*(?!\()', target, rng)
    if match:
        return without(target, match.span(), f'[**{match.group(1)}]**')
    match = one(r'\*\*([^*"“”()\[\]]{3,})\*\*', target, rng)
    return match and without(target, match.span(), f'**{match.group(1)} ("a** b")')


def bold_lost(source, target, language, rng):
    match = one(r'\*\*([^*]+)\*\*', target, rng)
    plain = match and without(target, match.span(), match.group(1))
    return plain if match and source.count('**') == target.count('**') and not re.search(r'["“「\[]', target) else None


def emphasis(source, target, language, rng):
    match = one(r'\*\*[^*]+\*\*', target, rng)
    return match and without(target, (match.end() - 2, match.end()), '\\*\\*\\*\\*')


def brackets(source, target, language, rng):
    sound = target.count('(') == target.count(')') == 1 and '](' not in target and source.count('(') == 1 == source.count(')')
    return target.replace(rng.choice('()'), '') if sound and target.index('(') < target.index(')') - 3 and target.index('(') > 3 else None


def turned(source, target, language, rng):
    sound = target.count('(') == target.count(')') == 1 and '](' not in target and source.count('(') == 1 == source.count(')')
    return target.translate({40: ')', 41: '('}) if sound and target.index('(') > 3 and not target.rstrip().endswith(')') else None


def quotes(source, target, language, rng):
    match = one(r'"', target, rng)
    return match and without(target, match.span()) if target.count('"') == 2 == source.count('"') and '`' not in target else None


def at_end(mark):
    def plant(source, target, language, rng):
        sound = not re.search(r'[\[\](){}"`<*]', source + target)
        return target.rstrip('.。') + ' ' + mark if sound and len(target) > 10 else None
    return plant


def at_start(mark):
    def plant(source, target, language, rng):
        return mark + ' ' + target if re.match(r'\w{2}', target) and re.match(r'[A-Z]', source) else None
    return plant


def particle(source, target, language, rng):
    if language == KOREAN and re.match(r'[A-Z]', source) and re.match(r'[가-힣]', target):
        return rng.choice(['를 ', '에서 ', '에 대한 ']) + target
    if language == JAPANESE and re.match(r'[A-Z]', source) and re.match(r'[一-龥ァ-ン]', target):
        return 'を' + target
    return None


def number(source, target, language, rng):
    match = both(r'(?<![\w.,/:#$-])[1-9]\d{2,3}(?![\w.,/:%])', source, target, rng)
    lower = source.lower()
    excused = re.search(r'(\d\s*[ap]m\b|thousand|million|hundred|teen|decimal|percent of|(more|less|fewer|greater) than|degree|365|20\d\d)', lower)
    sound = match and not excused and not DIRECTIVE.search(target)
    return sound and without(target, match.span(), str(int(match.group()) + rng.randint(1, 9)))


def link_space(source, target, language, rng):
    match = one(r'\]\((?=[^)\s]+[/.#][^)\s]*\))', target, rng)
    return match and without(target, match.span(), '] (') if '](' in source and not DIRECTIVE.search(target) else None


def empty_link(source, target, language, rng):
    match = one(r'(?<!!)\[([^\[\]]+)\]\(([^()\s]+)\)', target, rng)
    return match and without(target, match.span(), f'[]({match.group(2)}){match.group(1)}')


def stop(source, target, language, rng):
    match = both(r'\b[A-Z][a-z]+\.[A-Z][a-z]{3,}\b(?![.\w(])', source, target, rng)
    plain = match and '`' not in target and '](' not in target and '<' not in target
    return plain and without(target, match.span(), match.group().replace('.', '。')) or None


def abbreviation(source, target, language, rng):
    match = language in (KOREAN, JAPANESE) and in_prose(r'(?<![\w./\\@#$%{<`-])[A-Z]{3,6}(?![\w./\\@(:`\'-])', source, target, rng)
    return match and re.search(r'[a-z]{4}', source) and without(target, match.span(), match.group().lower())


def split_word(source, target, language, rng):
    match = one(r'(?<![가-힣])[네테컨샤펜]\S[트너드][가-힣]*', target, rng) if language == KOREAN else None
    return match and without(target, (match.start(), match.start() + 3), '테 넌 트')


def short(source, target, language, rng):
    """The first words of a translation, as if the rest were lost."""
    prose = not re.search(r'[`<\[\]*:]', source + target) and source.endswith('.') and 60 < len(source) < 180
    return target[:max(3, len(target) // 8)] + '.' if prose else None


def bold_moved(source, target, language, rng):
    match = re.fullmatch(r'(.*)\*\*([^*]+)\*\*(.*?)((?:選択|クリック)します|(?:선택|클릭)(?:합니다|하세요))([.。])', target)
    plain = match and re.match(r'(?:Select|Choose|Click|Enter) \*\*[^*]+\*\*\.?$', source)
    return f'{match[1]}[{match[2]}]{match[3]}**{match[4]}**{match[5]}' if plain else None


OPPOSITES = {'enable': 'disable', 'enabled': 'disabled', 'start': 'stop', 'first': 'last', 'before': 'after', 'maximum': 'minimum'}


def same_target(source, target, language, rng):
    """The target of a source with the opposite of one word: another source, and not another target."""
    match = one(rf"(?<=[a-z] )(?:{'|'.join(OPPOSITES)})\b(?=[ .,])", source, rng)
    return match and (without(source, match.span(), OPPOSITES[match.group()]), target)


def broken_mark(source, target, language, rng):
    match = one(r'<br|<xref:|</[a-z]|!\[', target, rng)
    spaced = {'<br': '< br', '<xref:': '<xref :', '![': '! ['}
    prose = match and '`' not in target
    return prose and without(target, match.span(), spaced.get(match.group(), '< ' + match.group()[1:]))


TRADITIONAL = dict(two for two in '这這 个個 们們 来來 时時 说說 对對 会會 国國 学學 开開 关關 动動 应應 选選 择擇 设設 计計 数數 据據'.split())


def wrong_han(source, target, language, rng):
    match = language == 'zh' and '](' not in target and one(f"[{''.join(TRADITIONAL)}]", target, rng)
    return match and without(target, match.span(), TRADITIONAL[match.group()]) or None


def switch(source, target, language, rng):
    """A switch that stands alone is the same in both texts."""
    names = {KOREAN: ['이름', '형식'], JAPANESE: ['名前', '種類']}.get(language, ['Titel', 'Zähler'])
    return '-' + rng.choice(names) if source == target and re.fullmatch(r'-[A-Z][a-z]+[A-Z]\w+', source) else None


def broken_entity(source, target, language, rng):
    match = one(r'&(?:lt|gt|amp|nbsp|#\d+);', target, rng)
    return match and without(target, match.span(), '&amp;' + match.group()[1:])


PLANTS = {
    'empty': empty,
    'untranslated': untranslated,
    'empty_link': empty_link,
    'link_space': link_space,
    'link': replace(r'(?<=\]\()[^()\s]+\.md(?=[)#])', lambda text, rng: text[:-4] + 'x.md', True),
    'url': replace(r'(?<![(\w<`\["])https?://[a-z.]+/[\w/-]{4,}(?![\w/)?#%.\]`-])', lambda text, rng: text + 'xyz'),
    'code': glued,
    'markup': replace(r'<xref:[\w.%*?=/]+>', lambda text, rng: text[:-1] + 'X>'),
    'placeholder': replace(r'\\<[a-z]+[A-Z]\w+>', lambda text, rng: '\\<n a m e>'),
    'emphasis': emphasis,
    'bold_cut': bold_cut,
    'entity': broken_entity,
    'residue': insert_words('n a m e', '# B1', '<c4>', 'm a t m', '???'),
    'repeated': repeated,
    'encoding': insert_words('Ã©', '\ufffd\ufffd', 'â€'),
    'foreign_script': foreign,
    'guid': replace_in_prose(r'\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b', lambda text, rng: text[:-3]),
    'email': replace(r'(?<![:`(\w\[])[\w.]+@[\w.]+\.com(?![\w`)\]])', lambda text, rng: text + 'user'),
    'switch': switch,
    'same_target': same_target,
    'broken_mark': broken_mark,
    'wrong_han': wrong_han,
    'stop_in_name': stop,
    'name_lost': replace_in_prose(NAME, lambda text, rng: rng.choice(['이름', '名前', 'der Name'])),
    'abbreviation': abbreviation,
    'length': short,
    'split_word': split_word,
    'bold_moved': bold_moved,
    'name_case': replace_in_prose(NAME, lambda text, rng: text.lower()),
    'file_name': replace(r'\b[A-Za-z]\w+\.(?:json|xml|config|csv)\b', lambda text, rng: text.rsplit('.', 1)[0] + '.js', True),
    'alien_name': alien,
    'partly_untranslated': partly,
    'number': number,
    'bold_lost': bold_lost,
    'brackets': brackets,
    'brackets turned': turned,
    'quotes': quotes,
    'cut': at_end('('),
    'start_mark': at_start(','),
    'orphan_particle': particle,
    'tag': replace(r'</?(?:kbd|sup|sub|code)>', lambda text, rng: ''),
}


def lines(bitext, command, folder, *options):
    run = subprocess.Popen([bitext, command, folder, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding='utf8')
    yield from map(json.loads, run.stdout)
    run.wait()


def main(bitext, *folders):
    planted = collections.Counter()
    found = collections.Counter()
    by_any = collections.Counter()
    rng = random.Random(15)
    for folder in folders:
        bad = {(j['source'], j['target']) for j in lines(bitext, 'check', folder, '--json', '--min-severity', 'info')}
        has_machine = any(j['workflow'] == 'machine' for j in lines(bitext, 'extract', folder))
        pairs = sorted({(j['source'], j['target'], j['target_locale']) for j in lines(bitext, 'extract', folder)
                        if (not has_machine or j['workflow'] == 'machine') and '\n' not in j['source'] + j['target']})
        sound = [pair for pair in pairs if pair[:2] not in bad]
        rng.shuffle(sound)
        clean = [pair for pair in sound if pair[0] != pair[1]]
        locale = clean[0][2]
        with tempfile.TemporaryDirectory() as temporary:
            # The planted pairs are checked within their set, of which the habits are learned.
            documents, expected = os.path.join(temporary, 'set'), {}
            os.mkdir(documents)
            head = f'---\nms.contentlocale: {locale}\nms.translationtype: MT\n---\n'
            def write(name, pairs, head=head):
                with open(os.path.join(documents, name), 'w', encoding='utf8') as out:
                    out.write(head)
                    for n, (source, target) in enumerate(pairs, 101):
                        out.write(f'<span data-ttu-id="0a1b2-{n}">{target}</span><span class="sxs-lookup"><span data-stu-id="0a1b2-{n}">{source}</span></span>\n\n')
            for number, start in enumerate(range(0, len(clean), 2000)):
                write(f'clean-{number}.md', [pair[:2] for pair in clean[start:start + 2000]])
            for kind, plant in PLANTS.items():
                faults = []
                for source, target, _ in sound if kind == 'switch' else clean:
                    new = plant(source, target, locale.split('-')[0], rng)
                    if new and new != target:
                        faults.append(new if isinstance(new, tuple) else (source, new))
                        if len(faults) == EACH:
                            break
                write(f'planted-{kind}.md'.replace(' ', '_'), faults)
                planted[kind] += len(faults)
            # Neighbours that each have a number or code of their own, with their targets exchanged.
            strong = [pair[:2] for pair in clean if (signs := set(re.findall(r'`[^`]{3,}`|\b\d{4,}\b', pair[0]))) and all(sign in pair[1] for sign in signs)]
            swapped = []
            for (source, target), (other, its_target) in zip(strong[::2], strong[1::2]):
                signs = [set(re.findall(r'`[^`]{3,}`|\b\d{4,}\b', text)) for text in (source, other)]
                if not signs[0] & signs[1] and len(swapped) < EACH:
                    swapped += [(source, its_target), (other, target)]
            write('planted-slipped.md', swapped)
            planted['slipped'] += len(swapped)
            # Names of two words that a document says are not to be translated.
            terms, translated = set(), []
            for source, target, _ in clean:
                match = in_prose(r'(?<![\w./\\@#$%{<`*-])[A-Z][a-z]+ [A-Z][a-z]+(?![\w./\\@`*-]| [A-Z])(?<=[a-z]{3})', source, target, rng)
                if match and len(translated) < EACH:
                    terms.add(match.group())
                    translated.append((source, without(target, match.span(), {KOREAN: '제품', JAPANESE: '製品'}.get(locale[:2], 'das Produkt'))))
            write('planted-no_loc.md', translated, head[:-4] + f'no-loc: [{", ".join(sorted(terms))}]\n---\n')
            planted['no_loc'] += len(translated)
            places = collections.defaultdict(set)
            # Another target of a source is what was planted, so `inconsistent` says nothing.
            for j in lines(bitext, 'check', documents, '--json', '--min-severity', 'info', '--skip', 'inconsistent'):
                if j['document'].startswith('planted-'):
                    places[j['document'][8:-3], j['id']].add(j['check'])
            for (kind, _), checks in places.items():
                kind = kind.replace('brackets_turned', 'brackets turned')
                found[kind] += kind.split()[0] in checks
                by_any[kind] += 1
    print(f"{'check':20} {'planted':>8} {'found':>8} {'recall':>7} {'by any':>7}")
    for kind in [*PLANTS, 'slipped', 'no_loc']:
        total = planted[kind]
        share = lambda count: f'{100 * count / total:6.1f}%' if total else '      -'
        print(f'{kind:20} {total:8} {found[kind]:8} {share(found[kind])} {share(by_any[kind])}')


if __name__ == '__main__':
    main(*sys.argv[1:])
