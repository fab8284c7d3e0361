//! Compares a query with candidate texts: score, similarity, differences.

use std::collections::HashMap;
use std::fmt;

use foldhash::fast::RandomState;

use super::distance::{ABSENT, Pattern};
use super::score::{is_too_long, most_edits, percent};
use super::token::{folded, token_ranges, visible};
use crate::markup::{PieceKind, pieces, plain};
use crate::model::{Score, fold_line_breaks};

/// A difference between two texts with the same tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Difference {
    /// Upper and lower case.
    Case,
    /// White space.
    Spacing,
    /// Inline codes, escapes, entities.
    Markup,
    /// The encoding of characters: composed or decomposed, invisible characters.
    Encoding,
}

impl Difference {
    /// One lower-case word, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Difference::Case => "case",
            Difference::Spacing => "spacing",
            Difference::Markup => "markup",
            Difference::Encoding => "encoding",
        }
    }
}

/// The similarity of two texts by characters, in hundredths of a percent, rounded down. It orders matches with equal scores.
///
/// `10000 × (longer − d) / longer`, where d is the Levenshtein distance over the characters of the texts as written and `longer`
/// the number of characters of the longer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Similarity(u16);

impl Similarity {
    /// The similarity of equal texts.
    pub const SAME: Similarity = Similarity(10_000);

    fn new(distance: usize, longer: usize) -> Similarity {
        if longer == 0 {
            return Similarity::SAME;
        }
        let same = longer.saturating_sub(distance);
        // A division of 32 bits takes a third of the time, and every candidate needs one.
        match (u16::try_from(same), u16::try_from(longer)) {
            (Ok(same), Ok(longer)) => Similarity((10_000 * u32::from(same) / u32::from(longer)) as u16),
            _ => Similarity((10_000 * same as u64 / longer as u64) as u16),
        }
    }

    /// Hundredths of a percent, 0 to 10,000.
    pub fn hundredths(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Similarity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// The numbers that a score is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arithmetic {
    /// The Levenshtein distance over tokens.
    pub distance: usize,
    /// The number of tokens of the query.
    pub query_tokens: usize,
    /// The number of tokens of the text.
    pub text_tokens: usize,
}

/// The comparison of a text with a query, before penalties and context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// 100 for the same text as written, 99 for the same tokens, else the formula's.
    pub score: Score,
    /// The numbers that it is computed from.
    pub arithmetic: Arithmetic,
}

/// A text to look up, prepared for comparison with many.
#[derive(Debug)]
pub struct Query {
    text: String,
    tokens: Vec<String>,
    /// `None` if the text is too long: then it matches only the same text.
    patterns: Option<Patterns>,
    length: usize,
}

/// The patterns of the two distances, with the numbers of tokens and characters in them.
#[derive(Debug)]
struct Patterns {
    numbers: HashMap<String, u32, RandomState>,
    tokens: Pattern,
    character_numbers: CharacterNumbers,
    characters: Pattern,
    numbered: Vec<u32>,
}

/// The numbers of characters: a table for ASCII, a hash table for others.
#[derive(Debug)]
struct CharacterNumbers {
    ascii: [u32; 128],
    others: HashMap<char, u32, RandomState>,
}

impl CharacterNumbers {
    fn new(mut numbers: HashMap<char, u32, RandomState>) -> Self {
        let mut ascii = [ABSENT; 128];
        numbers.retain(|&c, &mut number| match ascii.get_mut(c as usize) {
            Some(place) => {
                *place = number;
                false
            }
            None => true,
        });
        CharacterNumbers { ascii, others: numbers }
    }

    fn get(&self, c: char) -> u32 {
        match self.ascii.get(c as usize) {
            Some(&number) => number,
            None => self.others.get(&c).copied().unwrap_or(ABSENT),
        }
    }
}

impl Query {
    /// Prepares a text. Line breaks are folded as in the memory.
    pub fn new(text: &str) -> Query {
        let text = fold_line_breaks(text).into_owned();
        let plain = plain(&text);
        let tokens: Vec<String> =
            token_ranges(&plain).map(|range| folded(&plain[range]).into_owned()).collect();
        let patterns = (!is_too_long(&text)).then(|| {
            let (numbers, pattern) = numbered(tokens.iter().cloned());
            let (character_numbers, characters) = numbered(text.chars());
            let character_numbers = CharacterNumbers::new(character_numbers);
            Patterns { numbers, tokens: pattern, character_numbers, characters, numbered: Vec::new() }
        });
        let length = text.chars().count();
        Query { text, tokens, patterns, length }
    }

    /// Whether the text is longer than [`LONGEST_COMPARED`](super::LONGEST_COMPARED), so that it matches only the same text.
    pub fn is_too_long(&self) -> bool {
        self.patterns.is_none()
    }

    /// The text as written, with folded line breaks.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The number of its characters as written.
    pub fn characters(&self) -> usize {
        self.length
    }

    /// Its tokens, folded.
    pub fn tokens(&self) -> impl ExactSizeIterator<Item = &str> {
        self.tokens.iter().map(String::as_str)
    }

    /// Compares a text as written; `None` if it does not reach the floor. A text without tokens is similar to no other text, and
    /// neither is one that is too long.
    pub fn compare(&mut self, text: &str, floor: Score) -> Option<Comparison> {
        let length = self.tokens.len();
        if text == self.text {
            let arithmetic = Arithmetic { distance: 0, query_tokens: length, text_tokens: length };
            return Some(Comparison { score: Score::EXACT, arithmetic });
        }
        if length == 0 || is_too_long(text) {
            return None;
        }
        let Patterns { numbers, tokens, numbered, .. } = self.patterns.as_mut()?;
        let plain = plain(text);
        let number = |token: &str| numbers.get(&*folded(token)).copied().unwrap_or(ABSENT);
        numbered.clear();
        numbered.extend(token_ranges(&plain).map(|range| number(&plain[range])));
        let found = numbered.len();
        let longer = length.max(found);
        let distance = tokens.distance(found, numbered.iter().copied(), most_edits(longer, floor))?;
        let score = Score::new(percent(distance, longer))?.min(Score::NEAR_EXACT);
        let arithmetic = Arithmetic { distance, query_tokens: length, text_tokens: found };
        (score >= floor).then_some(Comparison { score, arithmetic })
    }

    /// The similarity of a text as written.
    pub fn similarity(&mut self, text: &str) -> Similarity {
        if text == self.text {
            return Similarity::SAME;
        }
        let found = text.chars().count();
        let longer = self.length.max(found);
        let distance = self.patterns.as_mut().filter(|_| !is_too_long(text)).and_then(|patterns| {
            let number = |c: char| patterns.character_numbers.get(c);
            patterns.characters.distance(found, text.chars().map(number), longer)
        });
        Similarity::new(distance.unwrap_or(longer), longer)
    }

    /// An upper bound for the similarity of a text with so many characters, which is at least so many edits away.
    pub fn similarity_at_most(&self, characters: u16, edits: u16) -> Similarity {
        if characters == u16::MAX {
            return Similarity::SAME;
        }
        let found = usize::from(characters);
        let longer = self.length.max(found);
        Similarity::new(self.length.abs_diff(found).max(edits.into()).min(longer), longer)
    }

    /// Whether the inline codes of a text differ from those of the query.
    pub fn differs_in_markup(&self, text: &str) -> bool {
        codes(&self.text) != codes(text)
    }

    /// The differences of a text with the same tokens; empty if it is equal.
    pub fn differences(&self, text: &str) -> Vec<Difference> {
        if text == self.text {
            return Vec::new();
        }
        let (own, other) = (plain(&self.text), plain(text));
        let mut differences = Vec::new();
        let words = |plain: &str| token_ranges(plain).map(|range| visible(&plain[range])).collect::<Vec<_>>();
        if words(&own) != words(&other) {
            differences.push(Difference::Case);
        }
        if spacing(&self.text) != spacing(text) {
            differences.push(Difference::Spacing);
        }
        if marks(&self.text) != marks(text) {
            differences.push(Difference::Markup);
        }
        if differences.is_empty() {
            differences.push(Difference::Encoding);
        }
        differences
    }
}

/// Numbers distinct items from 1, and makes the pattern of the numbers.
fn numbered<T: Eq + std::hash::Hash>(
    things: impl Iterator<Item = T>,
) -> (HashMap<T, u32, RandomState>, Pattern) {
    let mut numbers = HashMap::default();
    let tokens: Vec<u32> = things
        .map(|thing| {
            let next = numbers.len() as u32 + 1;
            *numbers.entry(thing).or_insert(next)
        })
        .collect();
    let pattern = Pattern::new(&tokens, numbers.len() as u32);
    (numbers, pattern)
}

/// The inline codes of a text, sorted, because word order and so their order can differ.
fn codes(text: &str) -> Vec<&str> {
    let mut codes: Vec<&str> = pieces(text)
        .into_iter()
        .filter(|piece| {
            matches!(piece.kind, PieceKind::Open { .. } | PieceKind::Close { .. } | PieceKind::Alone(_))
        })
        .map(|piece| piece.raw)
        .collect();
    codes.sort_unstable();
    codes
}

/// All pieces but plain text, in order.
fn marks(text: &str) -> Vec<&str> {
    pieces(text).into_iter().filter(|piece| piece.kind != PieceKind::Text).map(|piece| piece.raw).collect()
}

/// The runs of white space in the text, each with the number of other characters before it.
fn spacing(text: &str) -> Vec<(usize, String)> {
    let mut runs: Vec<(usize, String)> = Vec::new();
    let mut visible = 0;
    for piece in pieces(text) {
        let shown = match &piece.kind {
            PieceKind::Text => piece.raw,
            PieceKind::Escape(means) => means,
            PieceKind::Entity(means) => means,
            PieceKind::Open { .. } | PieceKind::Close { .. } | PieceKind::Alone(_) => "",
        };
        for c in shown.chars() {
            match runs.last_mut() {
                _ if !c.is_whitespace() => visible += 1,
                Some((at, run)) if *at == visible => run.push(c),
                _ => runs.push((visible, c.into())),
            }
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_translator_would_score_so() {
        for (query, candidate, expected, why) in [
            ("Save the file.", "Save the file.", 100, "the same"),
            ("**Save** the file.", "Save the file.", 99, "the same but for markup"),
            ("Save the file.", "SAVE  the file.", 99, "the same but for case and spacing"),
            ("Save the file.", "Save a file.", 75, "one token of four"),
            ("Save the file.", "Save the file", 75, "the full stop is a token"),
            ("Save as", "[Save](a.md) as `x`", 66, "one of three tokens more"),
            ("파일을 저장합니다.", "파일을 저장합니다!", 66, "one of three"),
            ("中文字", "中文", 66, "each letter is a token"),
            ("STRASSE", "straße", 99, "full case folding"),
            ("İstanbul", "i\u{307}stanbul", 99, "full case folding"),
            ("caf\u{e9}", "cafe\u{301}", 99, "the same characters, composed"),
            ("<xref:A.B>", "<xref:A.C>", 85, "texts of codes alone are their own: six of seven"),
            ("a", "b", 0, "nothing in common"),
            ("List<string>", "List<int>", 75, "generics are text"),
        ] {
            let floor = Score::new(1).unwrap();
            let found = Query::new(query).compare(candidate, floor).map_or(0, |c| c.score.percent());
            assert_eq!(found, expected, "{query} / {candidate}: {why}");
            let back = Query::new(candidate).compare(query, floor).map_or(0, |c| c.score.percent());
            assert_eq!(back, expected, "the other way: {query} / {candidate}");
        }
    }

    #[test]
    fn the_reason_for_99_is_reported() {
        use Difference::*;
        for (query, candidate, expected) in [
            ("Save it", "Save it", vec![]),
            ("Save it", "save it", vec![Case]),
            ("Save it", "Save  it", vec![Spacing]),
            ("Save it.", "Save it .", vec![Spacing]),
            ("Save it", "**Save** it", vec![Markup]),
            ("a > b", "a &gt; B", vec![Case, Markup]),
            ("[a](b.md)", "[a](c.md)", vec![Markup]),
            ("caf\u{e9}", "cafe\u{301}", vec![Encoding]),
            ("ab", "a\u{ad}b", vec![Encoding]),
        ] {
            assert_eq!(Query::new(query).differences(candidate), expected, "{query} / {candidate}");
        }
    }

    #[test]
    fn a_query_is_folded_as_segments_are() {
        assert_eq!(Query::new("  one\r\n   two \n").text, "one two");
        assert_eq!(Query::new("one\rtwo\u{a0}\n three").text, "one\rtwo\u{a0} three");
    }

    #[test]
    fn a_text_without_tokens_is_like_no_other() {
        let floor = Score::new(1).unwrap();
        assert_eq!(Query::new("").compare("a", floor), None);
        assert_eq!(Query::new("a").compare("", floor), None);
        assert_eq!(Query::new("\u{200e}").compare("\u{200e}", floor).map(|c| c.score), Some(Score::EXACT));
    }

    #[test]
    fn a_long_text_matches_only_the_same_text() {
        let floor = Score::new(1).unwrap();
        let longest = "ab ".repeat(3_333) + "c";
        let longer = longest.clone() + "d";
        assert!(Query::new(&longest).compare(&longest[3..], floor).is_some());
        assert_eq!(Query::new(&longest).compare(&longer, floor), None);
        assert_eq!(Query::new(&longer).compare(&longest, floor), None);
        let same = Query::new(&longer).compare(&longer, floor).map(|same| same.score);
        assert_eq!(same, Some(Score::EXACT));
        assert_eq!(Query::new(&longer).similarity(&longer), Similarity::SAME);
    }

    #[test]
    fn equal_scores_are_ordered_by_characters() {
        let mut query = Query::new("Save the files.");
        assert!(query.similarity("Save the file.") > query.similarity("Save the folder."));
        assert_eq!(query.similarity("Save the files."), Similarity::SAME);
        assert!(query.similarity_at_most(14, 0) >= query.similarity("Save the file."));
        assert_eq!(Query::new("ab").similarity("a").to_string(), "50.00");
    }
}
