//! The pattern of a search: a phrase or a regular expression, with its options.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem::Finder;
use regex::{Regex, RegexBuilder};

use super::filter::Grams;
use super::fold::{RAW_SEPARATOR, fold, is_folded};
use super::{ascii_case, literals};
use crate::markup::{has_markup, plain, plain_with_map};
use crate::matching::token::is_within_word;

/// How a pattern is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Syntax {
    /// The text itself.
    #[default]
    Phrase,
    /// A regular expression, of the `regex` crate.
    Regex,
}

/// The positions at which a pattern may begin and end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WordBounds {
    /// Anywhere, within words too.
    #[default]
    Anywhere,
    /// At the bounds of words, in the plain form only: as written, `**part**ial` has two words.
    WholeWords,
}

/// Whether case and accents are significant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Folding {
    /// Neither is; in a regular expression, case is not.
    #[default]
    Folded,
    /// Both are.
    Exact,
}

/// The options of a pattern.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PatternOptions {
    /// Whether it is a phrase or a regular expression.
    pub syntax: Syntax,
    /// The positions at which it may begin and end.
    pub bounds: WordBounds,
    /// Whether case and accents are significant.
    pub folding: Folding,
}

/// Why a pattern is not valid.
#[derive(Debug, thiserror::Error)]
pub enum PatternError {
    /// It would occur in every text.
    #[error("the pattern is empty, so every segment has it; give at least one character")]
    Empty,
    /// It is not a regular expression.
    #[error("the pattern is no regular expression: {reason}")]
    Regex {
        /// The message of the parser.
        reason: String,
    },
}

impl From<regex::Error> for PatternError {
    fn from(error: regex::Error) -> Self {
        // The lines before the last one show the pattern with an arrow below it.
        let message = error.to_string();
        let last = message.lines().last().unwrap_or_default();
        PatternError::Regex { reason: last.trim().trim_start_matches("error: ").to_owned() }
    }
}

/// The pattern of a search.
#[derive(Clone, Debug)]
pub struct Pattern {
    options: PatternOptions,
    /// The pattern with its white space folded.
    exact: String,
    folded: Finder<'static>,
    /// A block that has the pattern has all n-grams of one of these; of any, if there are none.
    grams: Vec<Grams>,
    regex: Option<Expression>,
}

/// Whether a pattern occurs in a text, as far as the folded text shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occurrence {
    Absent,
    /// The text as written decides.
    Possible,
    Certain,
}

/// A regular expression with its prefilter.
#[derive(Clone, Debug)]
struct Expression {
    regex: Regex,
    /// Finds the literals of which each match contains one, in folded texts; `None` if there are none.
    literals: Option<regex::bytes::Regex>,
    matches_empty: bool,
    /// Whether it matches a text if and only if it matches the text in small letters.
    ignores_case: bool,
}

impl Expression {
    /// The expression, and the n-grams of its literals.
    fn new(text: &str, options: PatternOptions) -> Result<(Expression, Vec<Grams>), PatternError> {
        let whole = match options.bounds {
            WordBounds::Anywhere => text.to_owned(),
            WordBounds::WholeWords => format!(r"\b(?:{text})\b"),
        };
        let caseless = options.folding == Folding::Folded;
        let regex = RegexBuilder::new(&whole).case_insensitive(caseless).build()?;
        let parsed = regex_syntax::ParserBuilder::new().case_insensitive(caseless).build().parse(&whole).ok();
        let literals = parsed.as_ref().and_then(literals::required);
        let grams = literals.iter().flatten().map(|literal| Grams::of(literal.as_bytes())).collect();
        let escaped = |literals: std::collections::BTreeSet<String>| {
            literals.iter().map(|literal| regex::escape(literal)).collect::<Vec<_>>().join("|")
        };
        let expression = Expression {
            regex,
            literals: literals.map(|literals| regex::bytes::Regex::new(&escaped(literals))).transpose()?,
            ignores_case: parsed.as_ref().is_some_and(ascii_case::is_ignored),
            matches_empty: parsed.is_none_or(|parsed| parsed.properties().minimum_len() == Some(0)),
        };
        Ok((expression, grams))
    }

    /// Whether a match of at least one character occurs in a text.
    fn matches(&self, text: &str) -> bool {
        match self.matches_empty {
            false => self.regex.is_match(text),
            true => self.regex.find_iter(text).any(|hit| !hit.is_empty()),
        }
    }
}

/// The length in bytes of the parts in which a long text is searched for hits, and of their overlap.
const PART: usize = 64 << 10;
const OVERLAP: usize = 1 << 10;

impl Pattern {
    /// A pattern as a person types it.
    ///
    /// # Errors
    /// If it is empty, or is to be a regular expression and is not one.
    pub fn new(text: &str, options: PatternOptions) -> Result<Pattern, PatternError> {
        let folded = fold(text);
        if folded.trim().is_empty() {
            return Err(PatternError::Empty);
        }
        let (regex, grams) = match options.syntax {
            Syntax::Phrase => (None, vec![Grams::of(folded.as_bytes())]),
            Syntax::Regex => {
                let (expression, grams) = Expression::new(text, options)?;
                (Some(expression), grams)
            }
        };
        let exact = spaced(text).into_owned();
        Ok(Pattern { options, exact, folded: Finder::new(&folded).into_owned(), grams, regex })
    }

    /// Whether the folded text cannot always decide: then [`Pattern::matches_text`] has to.
    pub fn needs_text(&self) -> bool {
        self.regex.is_some() || self.options.folding == Folding::Exact
    }

    /// Whether folded texts exclude hardly any candidate, so that nearly every text has to be read.
    pub fn has_no_prefilter(&self) -> bool {
        self.regex.as_ref().is_some_and(|regex| regex.literals.is_none() && !regex.ignores_case)
    }

    /// Whether the pattern may occur in the block of this filter.
    pub(super) fn may_be_in_block(&self, filter: &[u8]) -> bool {
        self.grams.is_empty() || self.grams.iter().any(|grams| grams.may_be_in(filter))
    }

    /// The first position in folded texts where the pattern may occur.
    pub(super) fn find(&self, folded: &[u8]) -> Option<usize> {
        match &self.regex {
            None => self.folded.find(folded),
            Some(Expression { literals: Some(literals), .. }) => literals.find(folded).map(|hit| hit.start()),
            Some(_) => (!folded.is_empty()).then_some(0),
        }
    }

    /// Whether the pattern occurs in a folded text in which [`Pattern::find`] found something. `is_lowercased`: folding changed
    /// nothing in the text but the case of ASCII letters.
    pub(super) fn occurrence(&self, folded: &[u8], is_lowercased: bool) -> Occurrence {
        let decided = |occurs: bool| if occurs { Occurrence::Certain } else { Occurrence::Absent };
        let mut forms =
            folded.split(|&byte| byte == RAW_SEPARATOR as u8).map_while(|form| str::from_utf8(form).ok());
        match (&self.regex, self.options.bounds) {
            (Some(regex), bounds) if regex.ignores_case && is_lowercased => decided(match bounds {
                WordBounds::Anywhere => forms.any(|form| regex.matches(form)),
                WordBounds::WholeWords => forms.next().is_some_and(|plain| regex.matches(plain)),
            }),
            (Some(_), _) => Occurrence::Possible,
            (None, WordBounds::WholeWords)
                if forms.next().is_none_or(|plain| self.folded_hits(plain).next().is_none()) =>
            {
                Occurrence::Absent
            }
            (None, _) if self.options.folding == Folding::Exact => Occurrence::Possible,
            (None, _) => Occurrence::Certain,
        }
    }

    fn folded_hits<'t>(&'t self, folded: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
        let length = self.folded.needle().len();
        self.folded
            .find_iter(folded.as_bytes())
            .map(move |start| start..start + length)
            .filter(|hit| self.is_bounded(folded, hit))
    }

    fn is_bounded(&self, text: &str, hit: &Range<usize>) -> bool {
        if self.options.bounds == WordBounds::Anywhere {
            return true;
        }
        let is_within = |at: usize| {
            let (before, after) = (text[..at].chars().next_back(), text[at..].chars().next());
            before.zip(after).is_some_and(|(before, after)| is_within_word(before, after))
        };
        text.is_char_boundary(hit.start)
            && text.is_char_boundary(hit.end)
            && !is_within(hit.start)
            && !is_within(hit.end)
    }

    /// Whether the pattern occurs in a text as written, or in its plain form.
    pub fn matches_text(&self, text: &str) -> bool {
        match self.options.bounds {
            WordBounds::WholeWords => self.matches_one(&plain(text)),
            WordBounds::Anywhere => {
                let spaced = spaced(text);
                if self.matches_one(&spaced) {
                    return true;
                }
                // Most texts are equal to their plain form, and this test is faster than computing it.
                let is_plain = !has_markup(text) && matches!(spaced, Cow::Borrowed(_)) && text.trim() == text;
                !is_plain && self.matches_one(&plain(text))
            }
        }
    }

    fn matches_one(&self, text: &str) -> bool {
        match &self.regex {
            Some(regex) => regex.matches(text),
            None => self.hits_in_one(text).next().is_some(),
        }
    }

    fn hits_in_one<'t>(&'t self, text: &'t str) -> Box<dyn Iterator<Item = Range<usize>> + 't> {
        match (&self.regex, self.options.folding) {
            (Some(regex), _) => {
                Box::new(regex.regex.find_iter(text).map(|hit| hit.range()).filter(|hit| !hit.is_empty()))
            }
            (None, Folding::Exact) => Box::new(
                text.match_indices(&self.exact)
                    .map(|(start, hit)| start..start + hit.len())
                    .filter(|hit| self.is_bounded(text, hit)),
            ),
            (None, Folding::Folded) => {
                let (folded, places) = folded_with_places(text);
                let hits: Vec<_> =
                    self.folded_hits(&folded).map(|hit| original(&places, text.len(), &hit)).collect();
                Box::new(hits.into_iter())
            }
        }
    }

    /// The ranges of a text as written to highlight: where the pattern occurs in the plain form, and if it does not, where it
    /// occurs in the text as written.
    ///
    /// The maps to the text as written need a hundred bytes for each character, so a long text is searched in parts. A hit longer
    /// than a kibibyte on the border of two parts is not highlighted.
    pub fn hits(&self, text: &str) -> Vec<Range<usize>> {
        let mut hits: Vec<Range<usize>> = Vec::new();
        let mut start = 0;
        while start < text.len() {
            let end = boundary_from(text, start + PART);
            let part = &text[start..boundary_from(text, end + OVERLAP)];
            let after = hits.last().map_or(0, |last| last.end);
            let found = self.hits_in_part(part).into_iter().map(|hit| start + hit.start..start + hit.end);
            hits.extend(found.filter(|hit| hit.start >= after && hit.start < end));
            start = end;
        }
        hits
    }

    fn hits_in_part(&self, text: &str) -> Vec<Range<usize>> {
        let (plain, map) = plain_with_map(text);
        let in_plain: Vec<_> = self.hits_in_one(&plain).map(|hit| map.raw(hit)).collect();
        let as_written = in_plain.is_empty() && self.options.bounds == WordBounds::Anywhere;
        if as_written { self.hits_in_one(text).collect() } else { in_plain }
    }
}

/// The first border between two characters at this byte or after it, or the end.
fn boundary_from(text: &str, byte: usize) -> usize {
    (byte..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}

/// Folds runs of white space to one space, and normalizes to form C, as in plain forms. The ends are not trimmed.
pub(super) fn spaced(text: &str) -> Cow<'_, str> {
    let has_runs = memchr::memmem::find(text.as_bytes(), b"  ").is_some();
    let is_spaced = match text.is_ascii() {
        true => text.bytes().all(|byte| byte >= b' '),
        // Always in form C: these neither compose with others nor are composed of others.
        false => text
            .chars()
            .all(|c| matches!(c, ' '..='~' | '\u{a1}'..'\u{300}') || !c.is_ascii() && is_folded(c)),
    };
    if is_spaced && !has_runs {
        return Cow::Borrowed(text);
    }
    let nfc = icu_normalizer::ComposingNormalizer::new_nfc();
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_whitespace() {
            out.push(c);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    let out = nfc.normalize(&out);
    if out == text { Cow::Borrowed(text) } else { Cow::Owned(out.into_owned()) }
}

/// A text folded, and for the start of each piece of it the position in the text that it comes from. A piece is a character
/// with the combining characters after it. Texts are shorter than 4 GiB.
fn folded_with_places(text: &str) -> (String, Vec<(u32, u32)>) {
    let mut folded = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len());
    let mut characters = text.char_indices().peekable();
    while let Some((start, first)) = characters.next() {
        let mut end = start + first.len_utf8();
        while let Some(&(at, c)) =
            characters.peek().filter(|&&(_, c)| !c.is_ascii() && is_within_word('!', c))
        {
            end = at + c.len_utf8();
            characters.next();
        }
        let place = (folded.len() as u32, start as u32);
        if first.is_ascii() && end == start + 1 {
            let first = if first.is_ascii_graphic() { first.to_ascii_lowercase() } else { ' ' };
            if first != ' ' || !folded.ends_with(' ') {
                places.push(place);
                folded.push(first);
            }
            continue;
        }
        let piece = fold(&text[start..end]);
        if piece == " " && folded.ends_with(' ') {
            continue;
        }
        places.push(place);
        folded.push_str(&piece);
    }
    (folded, places)
}

/// The bytes of the text that a range of its folded form comes from.
fn original(places: &[(u32, u32)], length: usize, hit: &Range<usize>) -> Range<usize> {
    let first = places.partition_point(|&(folded, _)| folded as usize <= hit.start).saturating_sub(1);
    let behind = places.partition_point(|&(folded, _)| (folded as usize) < hit.end);
    let start = places.get(first).map_or(0, |&(_, start)| start as usize);
    start..places.get(behind).map_or(length, |&(_, start)| start as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(pattern: &str, options: PatternOptions, text: &str) -> String {
        let pattern = Pattern::new(pattern, options).unwrap();
        let mut out = String::new();
        let mut done = 0;
        for hit in pattern.hits(text) {
            out += &format!("{}«{}»", &text[done..hit.start], &text[hit.clone()]);
            done = hit.end;
        }
        assert_eq!(pattern.matches_text(text), done > 0, "{text}");
        out + &text[done..]
    }

    #[test]
    fn a_phrase_is_found_in_any_script_and_across_markup() {
        let phrase = PatternOptions::default();
        for (pattern, text, expected) in [
            ("save as", "**Save** [as](a.md) it", "**«Save** [as»](a.md) it"),
            ("저장", "파일을 저장합니다", "파일을 «저장»합니다"),
            ("저", "저장", "«저»장"),
            ("文", "中文字", "中«文»字"),
            ("resume", "le Re\u{301}sume\u{301}!", "le «Re\u{301}sume\u{301}»!"),
            ("résumé", "my RESUME", "my «RESUME»"),
            ("strasse", "Straße 5", "«Straße» 5"),
            ("a.md", "[x](a.md)", "[x](«a.md»)"),
            ("**save", "a **Save** b", "a «**Save»** b"),
            ("xref:system", "see <xref:System.String>", "see <«xref:System».String>"),
            ("a > b", "a &gt;  b", "«a &gt;  b»"),
            ("zzz", "abc", "abc"),
        ] {
            assert_eq!(marked(pattern, phrase, text), expected);
        }
    }

    #[test]
    fn case_words_and_expressions_narrow_the_search() {
        let exact = PatternOptions { folding: Folding::Exact, ..Default::default() };
        assert_eq!(marked("Save", exact, "save Save"), "save «Save»");
        assert_eq!(marked("cafe", exact, "café"), "café");
        let words = PatternOptions { bounds: WordBounds::WholeWords, ..Default::default() };
        assert_eq!(marked("set", words, "reset set_x Set."), "reset set_x «Set».");
        assert_eq!(marked("저장", words, "저장합니다 저장"), "저장합니다 «저장»");
        assert_eq!(marked("文", words, "中文字"), "中«文»字");
        let regex = PatternOptions { syntax: Syntax::Regex, ..Default::default() };
        assert_eq!(marked("s.ve", regex, "**Save** sieve"), "**«Save»** sieve");
        assert_eq!(marked("x*", regex, "abc"), "abc");
    }

    #[test]
    fn each_hit_of_a_long_text_is_highlighted_once() {
        let text = "x가 Save the file. ".repeat(20_000);
        let pattern = Pattern::new("save the", PatternOptions::default()).unwrap();
        let hits = pattern.hits(&text);
        let expected: Vec<_> = text.match_indices("Save the").map(|(at, hit)| at..at + hit.len()).collect();
        assert_eq!(hits, expected);
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        assert!(Pattern::new(" \n", PatternOptions::default()).is_err());
        let regex = PatternOptions { syntax: Syntax::Regex, ..Default::default() };
        assert!(Pattern::new("(", regex).is_err());
    }
}
