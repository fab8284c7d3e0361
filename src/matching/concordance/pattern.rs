//! What a search looks for.

use std::ops::Range;

use memchr::memmem::Finder;
use regex::{Regex, RegexBuilder};

use super::block::WRITTEN;
use super::fold::fold;
use crate::markup::{plain, plain_with_map};
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

/// Where a pattern may begin and end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WordBounds {
    /// Anywhere, within words too.
    #[default]
    Anywhere,
    /// Where no word goes on, in what a text says: how it is written would part `**part**ial`.
    WholeWords,
}

/// Whether case and accents count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Folding {
    /// Neither does; of a regular expression case does not.
    #[default]
    Folded,
    /// As it is written.
    Exact,
}

/// How a pattern is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PatternOptions {
    /// How it is written.
    pub syntax: Syntax,
    /// Where it may begin and end.
    pub bounds: WordBounds,
    /// Whether case counts.
    pub folding: Folding,
}

/// Why a pattern is none.
#[derive(Debug, thiserror::Error)]
pub enum PatternError {
    /// It is in every text.
    #[error("the pattern is empty, so every segment has it; give at least one character")]
    Empty,
    /// It is no regular expression.
    #[error("the pattern is no regular expression: {reason}")]
    Regex {
        /// What is wrong with it.
        reason: String,
    },
}

impl From<regex::Error> for PatternError {
    fn from(error: regex::Error) -> Self {
        // The lines before the last one draw the pattern, and an arrow below it.
        let told = error.to_string();
        let last = told.lines().last().unwrap_or_default();
        PatternError::Regex { reason: last.trim().trim_start_matches("error: ").to_owned() }
    }
}

/// What a search looks for.
#[derive(Clone, Debug)]
pub struct Pattern {
    options: PatternOptions,
    /// The pattern with its white space folded.
    exact: String,
    folded: Finder<'static>,
    regex: Option<Regex>,
}

impl Pattern {
    /// A pattern as a person gives it.
    ///
    /// # Errors
    /// Where it is empty, or no regular expression though it is said to be one.
    pub fn new(text: &str, options: PatternOptions) -> Result<Pattern, PatternError> {
        let folded = fold(text);
        if folded.trim().is_empty() {
            return Err(PatternError::Empty);
        }
        let regex = match options.syntax {
            Syntax::Phrase => None,
            Syntax::Regex => {
                let whole = match options.bounds {
                    WordBounds::Anywhere => text.to_owned(),
                    WordBounds::WholeWords => format!(r"\b(?:{text})\b"),
                };
                let caseless = options.folding == Folding::Folded;
                Some(RegexBuilder::new(&whole).case_insensitive(caseless).build()?)
            }
        };
        Ok(Pattern { options, exact: spaced(text), folded: Finder::new(&folded).into_owned(), regex })
    }

    /// Whether a text must be looked at as it is: a block tells only where the pattern may be.
    pub fn needs_text(&self) -> bool {
        self.regex.is_some() || self.options.folding == Folding::Exact
    }

    /// Where the pattern may be in folded texts, at the first place.
    pub(super) fn find(&self, folded: &[u8]) -> Option<usize> {
        match self.regex {
            Some(_) => (!folded.is_empty()).then_some(0),
            None => self.folded.find(folded),
        }
    }

    /// Whether the pattern may be in a folded text, where [`Pattern::find`] found something.
    pub(super) fn is_in_folded(&self, folded: &str) -> bool {
        self.regex.is_some()
            || self.options.bounds == WordBounds::Anywhere
            || self.folded_hits(folded.split(WRITTEN).next().unwrap_or_default()).next().is_some()
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
        let goes_on = |at: usize| {
            let (before, after) = (text[..at].chars().next_back(), text[at..].chars().next());
            before.zip(after).is_some_and(|(before, after)| is_within_word(before, after))
        };
        text.is_char_boundary(hit.start)
            && text.is_char_boundary(hit.end)
            && !goes_on(hit.start)
            && !goes_on(hit.end)
    }

    /// Whether the pattern is in a text as written, in what it says or in how it is written.
    pub fn is_in(&self, text: &str) -> bool {
        let plain = plain(text);
        let as_written = self.options.bounds == WordBounds::Anywhere && plain != text;
        self.is_in_one(&plain) || as_written && self.is_in_one(&spaced(text))
    }

    fn is_in_one(&self, text: &str) -> bool {
        self.hits_in_one(text).next().is_some()
    }

    fn hits_in_one<'t>(&'t self, text: &'t str) -> Box<dyn Iterator<Item = Range<usize>> + 't> {
        match (&self.regex, self.options.folding) {
            (Some(regex), _) => {
                Box::new(regex.find_iter(text).map(|hit| hit.range()).filter(|hit| !hit.is_empty()))
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

    /// The bytes of a text as written that are to be marked: where it says the pattern, and if it does nowhere, where it is
    /// written so.
    pub fn hits(&self, text: &str) -> Vec<Range<usize>> {
        let (plain, map) = plain_with_map(text);
        let said: Vec<_> = self.hits_in_one(&plain).map(|hit| map.raw(hit)).collect();
        let as_written = said.is_empty() && self.options.bounds == WordBounds::Anywhere;
        if as_written { self.hits_in_one(text).collect() } else { said }
    }
}

/// White space folded, the ends not trimmed; normalization form C, as plain forms are.
fn spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_whitespace() {
            out.push(c);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    icu_normalizer::ComposingNormalizer::new_nfc().normalize(&out).into_owned()
}

/// A text folded, and for the start of each stretch of it where in the text it comes from. A stretch is a character with the
/// combining ones behind it.
fn folded_with_places(text: &str) -> (String, Vec<(usize, usize)>) {
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
        let stretch = fold(&text[start..end]);
        if stretch == " " && folded.ends_with(' ') {
            continue;
        }
        places.push((folded.len(), start));
        folded.push_str(&stretch);
    }
    (folded, places)
}

/// The bytes of the text that a range of its folded form comes from.
fn original(places: &[(usize, usize)], length: usize, hit: &Range<usize>) -> Range<usize> {
    let first = places.partition_point(|&(folded, _)| folded <= hit.start).saturating_sub(1);
    let behind = places.partition_point(|&(folded, _)| folded < hit.end);
    let start = places.get(first).map_or(0, |&(_, start)| start);
    start..places.get(behind).map_or(length, |&(_, start)| start)
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
        assert_eq!(pattern.is_in(text), done > 0, "{text}");
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
    fn what_is_no_pattern_is_refused() {
        assert!(Pattern::new(" \n", PatternOptions::default()).is_err());
        let regex = PatternOptions { syntax: Syntax::Regex, ..Default::default() };
        assert!(Pattern::new("(", regex).is_err());
    }
}
