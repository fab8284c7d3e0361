//! The rules by which segments and translations are left out of an export.

use std::ops::RangeInclusive;

use regex::Regex;

use super::quality::Quality;
use crate::markup;
use crate::memory::SegmentFilter;
use crate::model::{Date, FingerprintSet, Kind, Locale, Workflow};

/// Which segments and translations are exported.
#[derive(Clone, Debug)]
pub struct Rules {
    /// By kind, workflow and date of the segment.
    pub filter: SegmentFilter,
    /// The source or the target text must match.
    pub pattern: Option<Regex>,
    /// The number of words of the source text, separated by white space, without markup.
    pub words: RangeInclusive<usize>,
    /// Whether translations that are equal to their source are exported.
    pub untranslated: Untranslated,
    /// Whether of translations that differ in nothing but markup, case and white space only the first is exported.
    pub dedupe: bool,
    /// What the quality checks decide.
    pub quality: Quality,
}

/// All of them, but for what a machine left untranslated.
impl Default for Rules {
    fn default() -> Self {
        Rules {
            filter: SegmentFilter::default(),
            pattern: None,
            words: 0..=usize::MAX,
            untranslated: Untranslated::Auto,
            dedupe: false,
            quality: Quality::default(),
        }
    }
}

/// Whether translations that are equal to their source are exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untranslated {
    /// Left out if they contain a letter, unless a person translated.
    Auto,
    /// Exported like all others.
    Keep,
    /// Left out.
    Drop,
}

/// The number of translations or segments that were left out, for each reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct LeftOut {
    /// The target is equal to the source.
    pub untranslated: u64,
    /// The source or the target has no text.
    pub empty: u64,
    /// Neither text matches the pattern.
    pub unmatched: u64,
    /// Too few words, or too many.
    pub length: u64,
    /// An equal one was exported before.
    pub duplicates: u64,
    /// Another translation of the text is better.
    pub other_translations: u64,
}

/// Why a translation is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    Untranslated,
    Empty,
    Unmatched,
    Length,
}

impl LeftOut {
    /// Counts one translation.
    pub(super) fn count(&mut self, reason: Reason) {
        *match reason {
            Reason::Untranslated => &mut self.untranslated,
            Reason::Empty => &mut self.empty,
            Reason::Unmatched => &mut self.unmatched,
            Reason::Length => &mut self.length,
        } += 1;
    }
}

impl Rules {
    /// Whether a segment passes the filter.
    pub(super) fn has_segment(
        &self,
        (kind, confidence): (Kind, Option<u8>),
        workflow: Option<Workflow>,
        handoff: Option<Date>,
    ) -> bool {
        // The memory passes segments of the wanted versions only.
        let SegmentFilter { kind: only, least_confidence, workflow: by, since, until, versions: _ } =
            self.filter;
        only.is_none_or(|only| only == kind)
            && (kind != Kind::Aligned || confidence.unwrap_or(0) >= least_confidence)
            && by.is_none_or(|by| workflow == Some(by))
            && since.is_none_or(|since| handoff.is_some_and(|day| day >= since))
            && until.is_none_or(|until| handoff.is_some_and(|day| day <= until))
    }

    /// The reason to leave a translation out because of its text; `None` if it is exported.
    pub(super) fn reason_against(
        &self,
        source: &str,
        target: &str,
        workflow: Option<Workflow>,
    ) -> Option<Reason> {
        let matches = |pattern: &Regex| pattern.is_match(source) || pattern.is_match(target);
        if source.is_empty() || target.is_empty() {
            Some(Reason::Empty)
        } else if source == target && self.untranslated.leaves_out(source, workflow) {
            Some(Reason::Untranslated)
        } else if !self.pattern.as_ref().is_none_or(matches) {
            Some(Reason::Unmatched)
        } else if !self.has_length(source) {
            Some(Reason::Length)
        } else {
            None
        }
    }

    fn has_length(&self, source: &str) -> bool {
        self.words == (0..=usize::MAX)
            || self.words.contains(&markup::plain(source).split_whitespace().count())
    }
}

impl Untranslated {
    /// Whether a translation that is equal to its source is left out. Names, code and parameters are rightly equal to their
    /// source, and a text without a letter always is. A sentence that a machine returned unchanged is not translated.
    pub fn leaves_out(self, text: &str, workflow: Option<Workflow>) -> bool {
        match self {
            Untranslated::Keep => false,
            Untranslated::Drop => true,
            Untranslated::Auto => {
                workflow != Some(Workflow::Human) && markup::plain(text).chars().any(char::is_alphabetic)
            }
        }
    }
}

/// The set of translations that were exported so far.
#[derive(Default)]
pub(super) struct Duplicates {
    /// Fingerprints of 64 bits. In a million translations, two different ones have the same fingerprint in one of 30 million
    /// exports.
    seen: FingerprintSet,
}

impl Duplicates {
    /// Whether this is the first translation of its text in these locales, without regard to markup, case and white space.
    pub fn is_new(&mut self, locales: (&Locale, &Locale), source: &str, target: &str) -> bool {
        let mut hasher = blake3::Hasher::new();
        for text in [locales.0.as_str(), locales.1.as_str()] {
            hasher.update(text.as_bytes()).update(&[0]);
        }
        for text in [source, target] {
            let plain = markup::plain(text).to_lowercase();
            hasher.update(&(plain.len() as u64).to_le_bytes()).update(plain.as_bytes());
        }
        let mut number = [0; 8];
        number.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        self.seen.insert(u64::from_le_bytes(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_translation_is_left_out_for_the_reason_that_a_translator_would_name() {
        let rules = |untranslated| Rules {
            filter: SegmentFilter::default(),
            pattern: Some(Regex::new("[aA1]").unwrap()),
            words: 1..=2,
            untranslated,
            dedupe: false,
            quality: Quality::default(),
        };
        let (human, machine) = (Some(Workflow::Human), Some(Workflow::Machine));
        for (source, target, workflow, rule, expected) in [
            ("a", "가", None, Untranslated::Auto, None),
            ("", "가", None, Untranslated::Auto, Some(Reason::Empty)),
            ("a", "", None, Untranslated::Keep, Some(Reason::Empty)),
            ("a", "a", machine, Untranslated::Auto, Some(Reason::Untranslated)),
            ("a", "a", None, Untranslated::Auto, Some(Reason::Untranslated)),
            ("a", "a", human, Untranslated::Auto, None),
            ("1.1", "1.1", machine, Untranslated::Auto, None),
            ("a", "a", machine, Untranslated::Keep, None),
            ("a", "a", human, Untranslated::Drop, Some(Reason::Untranslated)),
            ("b", "가", None, Untranslated::Auto, Some(Reason::Unmatched)),
            ("b", "A", None, Untranslated::Auto, None),
            ("a **b** c", "가", None, Untranslated::Auto, Some(Reason::Length)),
            ("**a b**", "가", None, Untranslated::Auto, None),
        ] {
            let reason = rules(rule).reason_against(source, target, workflow);
            assert_eq!(reason, expected, "{source} / {target} / {workflow:?} / {rule:?}");
        }
    }

    #[test]
    fn translations_are_duplicates_in_the_same_locales_only() {
        let locale = |name: &str| name.parse::<Locale>().unwrap();
        let (english, korean, german) = (locale("en-US"), locale("ko-KR"), locale("de-DE"));
        let mut duplicates = Duplicates::default();
        assert!(duplicates.is_new((&english, &korean), "Save it", "A"));
        assert!(!duplicates.is_new((&english, &korean), "**save** it", "a"));
        assert!(duplicates.is_new((&english, &korean), "Save i", "tA"));
        assert!(duplicates.is_new((&english, &german), "Save it", "A"));
    }
}
