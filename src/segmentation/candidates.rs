//! Where a sentence of a translation may end, by the marks of its script. The aligner decides which of these positions are used.
//!
//! A position that the rules of sentence ends confirm is *strong*. One that they refuse, such as the dot of an abbreviation, is *weak*:
//! a translation can have a mark there where its source ends a sentence. Commas and brackets divide a sentence into *phrases*; these are
//! for a translation that makes one sentence of two of its source.

use super::srx::PLACEHOLDER;

/// How well a position separates two sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cut {
    /// A sentence ends here.
    Strong,
    /// A mark that can end a sentence, where the rules see none.
    Weak,
    /// The end of a phrase.
    Phrase,
}

/// A language, as far as its sentence ends go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language {
    abbreviations: &'static [&'static str],
    /// Months with a capital letter that can follow a number with a dot.
    months: &'static [&'static str],
    /// Whether white space ends sentences: the script has no mark for it.
    by_spaces: bool,
}

/// Words with a dot that end no sentence, by language: those that are frequent in technical documentation, without the last dot. From
/// the style guides of the languages; a word of one letter ends no sentence in any of them.
const ABBREVIATIONS: [(&str, &[&str]); 12] = [
    (
        "de",
        &[
            "z.B", "bzw", "ca", "d.h", "usw", "u.a", "evtl", "ggf", "Nr", "Abb", "inkl", "max", "min", "vgl",
            "o.ä", "u.U", "sog", "Std", "Sek", "zzgl", "Mio", "Mrd", "gem",
        ],
    ),
    ("fr", &["p.ex", "ex", "etc", "cf", "env", "max", "min", "fig", "réf", "vol", "art", "chap"]),
    ("es", &["p.ej", "ej", "etc", "aprox", "núm", "máx", "mín", "pág", "fig", "Sr", "Sra", "vs"]),
    ("pt", &["p.ex", "ex", "etc", "aprox", "núm", "máx", "mín", "pág", "fig", "nº", "vs"]),
    ("it", &["p.es", "es", "ecc", "ca", "max", "min", "pag", "fig", "num", "sig"]),
    ("nl", &["bijv", "bv", "d.w.z", "enz", "evt", "i.p.v", "max", "min", "nr", "o.a", "t.o.v", "resp"]),
    ("pl", &["np", "tj", "itd", "itp", "m.in", "tzw", "tzn", "ok", "godz", "ww", "wg", "zob", "max", "min"]),
    ("cs", &["např", "tj", "atd", "apod", "tzv", "mj", "resp", "příp", "popř", "min", "max", "č"]),
    ("ru", &["т.д", "т.п", "т.е", "т.к", "рис", "см", "напр", "др", "табл", "стр", "руб", "мин", "макс"]),
    ("uk", &["т.д", "т.п", "т.зв", "рис", "див", "напр", "ін", "табл", "стор", "мін", "макс"]),
    ("tr", &["vb", "vs", "örn", "bkz", "yy", "maks", "min", "dk", "sn", "no"]),
    ("sv", &["t.ex", "bl.a", "dvs", "m.m", "osv", "etc", "s.k", "ca", "max", "min", "resp", "exkl"]),
];

/// Languages whose scripts have no mark at the end of a sentence, but white space.
const BY_SPACES: [&str; 2] = ["th", "lo"];

impl Language {
    /// The language of a locale: `de` of `de-DE`.
    pub fn of_locale(locale: &str) -> Language {
        let name = locale.split(['-', '_']).next().unwrap_or_default();
        let abbreviations = ABBREVIATIONS.iter().find(|(known, _)| *known == name);
        Language {
            abbreviations: abbreviations.map_or(&[], |(_, words)| words),
            months: if name == "de" { &GERMAN_MONTHS } else { &[] },
            by_spaces: BY_SPACES.contains(&name),
        }
    }

    /// Whether the text ends in an abbreviation, without its dot.
    fn abbreviates(self, text: &str) -> bool {
        let is_between =
            |c: char| c.is_whitespace() || matches!(c, '(' | '[' | '/' | '"' | '„' | PLACEHOLDER);
        // `z. B.` is one abbreviation: the last word and the one before it.
        let tail = text.char_indices().rev().take(LONGEST_ABBREVIATION).last().map_or(0, |(at, _)| at);
        let tail = &text[tail..];
        let word = tail.rsplit(is_between).next().unwrap_or_default();
        let joined: String = {
            let mut words = tail.rsplit(char::is_whitespace);
            let (last, before) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            if before.ends_with('.') { [before, last].concat() } else { String::new() }
        };
        let mut letters = word.chars();
        if letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none() {
            return true;
        }
        let is = |known: &&str| word.eq_ignore_ascii_case(known) || joined.eq_ignore_ascii_case(known);
        self.abbreviations.iter().any(is)
    }
}

impl Language {
    /// `3. mai`: a number and a dot before a small letter is an ordinal number in most languages of Europe; in German, months are written
    /// with a capital letter: `3. Mai`.
    fn is_ordinal(self, text: &str, dot: usize, end: usize) -> bool {
        let number = text[..dot].len() - text[..dot].trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let after = text[end..].trim_start();
        let word = &after[..after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len())];
        number > 0 && (word.starts_with(char::is_lowercase) || (number <= 2 && self.months.contains(&word)))
    }
}

/// The German months, which are written with a capital letter and come behind an ordinal number.
const GERMAN_MONTHS: [&str; 13] = [
    "Januar",
    "Jänner",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

/// The longest abbreviation of the table, with a blank in it, in characters.
const LONGEST_ABBREVIATION: usize = 12;

/// Marks that end a sentence if white space follows.
fn is_end(c: char) -> bool {
    matches!(c, '.' | '?' | '!' | '…' | '؟' | '۔' | '।' | '॥' | '։' | '።' | '၊')
}

/// Marks that end a sentence with nothing after them.
fn is_wide_end(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '｡' | '．' | '។' | '៕' | '။')
}

/// Marks that follow the end of a sentence.
fn is_closer(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | '»' | ')' | ']' | '}' | '」' | '』' | '）' | '】' | '》' | '〉')
}

/// Marks at the end of a phrase: some need white space after them, some not.
fn is_phrase_end(c: char, next: char) -> bool {
    match c {
        ',' | ':' | ';' | ')' | ']' | '،' | '؛' | '–' | '—' => next.is_whitespace(),
        '、' | '，' | '：' | '；' | '）' | '」' => true,
        _ => false,
    }
}

/// Calls `found` with each position of a visible text at which a sentence or a phrase may end, in order: the position before the white
/// space. `strong` are the positions at which the rules of sentence ends for English see an end, in order.
pub(super) fn candidates(
    text: &str,
    strong: &[usize],
    language: Language,
    mut found: impl FnMut(usize, Cut),
) {
    let mut strong = strong.iter().copied().peekable();
    let mut chars = text.char_indices().peekable();
    // Whether a `"` is open: the mark is the same at both ends of a quotation.
    let mut is_quoted = false;
    while let Some((at, c)) = chars.next() {
        is_quoted ^= c == '"';
        let mut end = at + c.len_utf8();
        let (mut is_wide, mut is_closed) = (is_wide_end(c), false);
        if !is_wide && !is_end(c) {
            let next = chars.peek().map_or('\0', |&(_, next)| next);
            if next != '\0' && is_phrase_end(c, next) {
                found(end, Cut::Phrase);
            } else if language.by_spaces && next.is_whitespace() && !c.is_whitespace() {
                found(end, Cut::Weak);
            }
            continue;
        }
        loop {
            let after = text[end..].chars().nth(1).unwrap_or(' ');
            let belongs = |next: char| match next {
                // Without a blank, both can begin the next sentence: `。"`, `。.csv`.
                '"' if is_wide => is_quoted,
                '.' if is_wide && after.is_alphanumeric() => false,
                _ => is_closer(next) || (!is_closed && (is_end(next) || is_wide_end(next))),
            };
            let Some((at, next)) = chars.next_if(|&(_, next)| belongs(next)) else { break };
            is_quoted ^= next == '"';
            is_wide |= is_wide_end(next);
            is_closed |= is_closer(next);
            end = at + next.len_utf8();
        }
        let Some(&(_, next)) = chars.peek() else { return };
        while strong.next_if(|&position| position < end).is_some() {}
        let is_strong = strong.peek() == Some(&end);
        let cut = match () {
            () if is_wide && (next.is_whitespace() || !is_closed) => Cut::Strong,
            () if is_wide => Cut::Weak,
            () if !next.is_whitespace() => {
                // In Korean, a particle follows a quotation: `"열렸습니다."라고`.
                if !is_unspaced(next) || (is_closed && is_hangul(next)) {
                    continue;
                }
                Cut::Weak
            }
            () if !is_strong && c.is_ascii() => Cut::Weak,
            () if c == '.' && (language.abbreviates(&text[..at]) || language.is_ordinal(text, at, end)) => {
                Cut::Weak
            }
            () => Cut::Strong,
        };
        found(end, cut);
    }
}

/// A letter of a script in which a sentence can follow a mark directly.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30fa}' | '\u{3400}'..='\u{9fff}' | '\u{e01}'..='\u{eff}') || is_hangul(c)
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmentation::Rules;

    /// The text with `|` at strong, `/` at weak and `_` at phrase positions.
    fn marked(text: &str, locale: &str) -> String {
        let rules = Rules::english();
        let mut strong = Vec::new();
        rules.breaks(text, &mut rules.matches(), |at| strong.push(at));
        let (mut marked, mut from) = (String::new(), 0);
        candidates(text, &strong, Language::of_locale(locale), |at, cut| {
            marked.push_str(&text[from..at]);
            marked.push(match cut {
                Cut::Strong => '|',
                Cut::Weak => '/',
                Cut::Phrase => '_',
            });
            from = at;
        });
        marked + &text[from..]
    }

    #[test]
    fn sentences_end_by_the_marks_of_their_script() {
        for (locale, expected) in [
            ("de-DE", "Bis zum 30./ Juni ist er offen.| Am 2.| Pier liegt ein Schiff."),
            ("fr-FR", "Le 30.| Juni est un nom.| Oui."),
            ("ko-KR", "부두가 열려 있습니다.| 지도를 참조하세요."),
            ("ko-KR", "\"열렸습니다.\"라고 했습니다.| 다음"),
            ("ja-JP", "港は開いています。|地図を参照してください。"),
            ("ja-JP", "「開いた。」/と言った。|次"),
            ("ja-JP", "\"開いた。\"/と言った。|\"港\" は開いています。|.csv ファイルです。|次"),
            ("zh-CN", "港口开放。|请参阅地图！|然后继续"),
            ("de-DE", "Wählen Sie z./ B./ einen Liegeplatz.| Dann weiter."),
            ("de-DE", "Am 3./ mai ist offen.| Ende"),
            ("pl-PL", "Wybierz np./ miejsce.| Dalej"),
            ("ru-RU", "Порт,_ причал и т./ д./ открыты.| Далее"),
            ("ar-SA", "هل الميناء مفتوح؟| نعم"),
            ("hi-IN", "बंदरगाह खुला है।| नक्शा देखें"),
            ("fr-FR", "Version 1.2.3 du port :_ voir la carte.| Fin"),
            ("th-TH", "ท่าเรือเปิด/ ดูแผนที่"),
        ] {
            let text: String = expected.chars().filter(|c| !matches!(c, '|' | '/' | '_')).collect();
            assert_eq!(marked(&text, locale), expected);
        }
    }
}
