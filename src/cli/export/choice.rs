//! Which segments and translations go out, and why the others do not.

use std::collections::HashSet;

use clap::ValueEnum;
use globset::GlobSet;
use regex::Regex;

use super::WorkflowName;
use crate::cli::globs;
use crate::markup;
use crate::memory::SegmentFilter;
use crate::model::{Date, Kind, Locale, Workflow};

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Choosing")]
pub(super) struct ChoiceArguments {
    /// Only what people translated, or machines
    #[arg(long, value_enum)]
    pub workflow: Option<WorkflowName>,
    /// Only this document set; can be given several times
    #[arg(long, value_name = "NAME")]
    pub set: Vec<String>,
    /// Only documents whose path matches, as in `articles/**`; can be given several times
    #[arg(long, value_name = "GLOB")]
    pub document: Vec<String>,
    /// Only what was handed off on this day or later
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub since: Option<Date>,
    /// Only what was handed off on this day or earlier
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: Option<Date>,
    /// Only where the source or the target text matches
    #[arg(long = "match", value_name = "REGEX")]
    pub pattern: Option<Regex>,
    /// Only source texts of so many words or more; words are what white space separates, markup aside
    #[arg(long, value_name = "N")]
    pub min_words: Option<usize>,
    /// Only source texts of so many words or fewer
    #[arg(long, value_name = "N")]
    pub max_words: Option<usize>,
    /// Only sentences, or only whole paragraphs
    #[arg(long, value_enum)]
    pub kind: Option<KindName>,
    /// In TMX: every translation of a text, not the best one alone
    #[arg(long)]
    pub all_variants: bool,
    /// What becomes of translations that are their own source
    #[arg(long, value_enum, default_value_t = Untranslated::Auto)]
    pub untranslated: Untranslated,
    /// Only the first of those that differ in nothing but markup, case and white space
    #[arg(long)]
    pub dedupe: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum KindName {
    /// One sentence, heading, list item or cell
    Sentence,
    /// A paragraph of several sentences
    Paragraph,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Untranslated {
    /// Left out where there is a letter in it and no person is known to have left it so
    Auto,
    /// They go out like all others
    Keep,
    /// They are left out
    Drop,
}

/// How many were left out, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub(super) struct LeftOut {
    /// The target is the source.
    pub untranslated: u64,
    /// There is no text, or none on one of the sides.
    pub empty: u64,
    /// Neither text matches.
    pub unmatched: u64,
    /// Too few words or too many.
    pub length: u64,
    /// The same as one before.
    pub duplicates: u64,
    /// Another translation of the text is better.
    pub other_translations: u64,
}

impl LeftOut {
    /// Adds those of another thread.
    pub fn add(&mut self, other: LeftOut) {
        self.untranslated += other.untranslated;
        self.empty += other.empty;
        self.unmatched += other.unmatched;
        self.length += other.length;
        self.duplicates += other.duplicates;
        self.other_translations += other.other_translations;
    }
}

/// Decides about documents by name.
pub(super) struct DocumentChoice {
    sets: Vec<String>,
    globs: Option<GlobSet>,
}

impl DocumentChoice {
    pub fn new(arguments: &ChoiceArguments) -> anyhow::Result<DocumentChoice> {
        Ok(DocumentChoice { sets: arguments.set.clone(), globs: globs(&arguments.document)? })
    }

    pub fn has(&self, set: &str, path: &str) -> bool {
        (self.sets.is_empty() || self.sets.iter().any(|name| name == set))
            && self.globs.as_ref().is_none_or(|globs| globs.is_match(path))
    }
}

/// Decides about segments and translations, and counts.
#[derive(Clone)]
pub(super) struct Choice {
    pattern: Option<Regex>,
    min_words: usize,
    max_words: usize,
    untranslated: Untranslated,
    pub filter: SegmentFilter,
    pub left_out: LeftOut,
}

impl Choice {
    pub fn new(arguments: &ChoiceArguments) -> Choice {
        Choice {
            pattern: arguments.pattern.clone(),
            min_words: arguments.min_words.unwrap_or(0),
            max_words: arguments.max_words.unwrap_or(usize::MAX),
            untranslated: arguments.untranslated,
            filter: SegmentFilter {
                kind: arguments.kind.map(|kind| match kind {
                    KindName::Sentence => Kind::Sentence,
                    KindName::Paragraph => Kind::Paragraph,
                }),
                workflow: arguments.workflow.map(Workflow::from),
                since: arguments.since,
                until: arguments.until,
            },
            left_out: LeftOut::default(),
        }
    }

    /// Whether a segment counts by its kind, workflow and date.
    pub fn has_segment(&self, kind: Kind, workflow: Option<Workflow>, handoff: Option<Date>) -> bool {
        let SegmentFilter { kind: only, workflow: by, since, until } = self.filter;
        only.is_none_or(|only| only == kind)
            && by.is_none_or(|by| workflow == Some(by))
            && since.is_none_or(|since| handoff.is_some_and(|day| day >= since))
            && until.is_none_or(|until| handoff.is_some_and(|day| day <= until))
    }

    /// Whether a translation goes out by what it says. One that does not is counted.
    pub fn accepts(&mut self, source: &str, target: &str, workflow: Option<Workflow>) -> bool {
        let left_out = &mut self.left_out;
        let reason = if source.is_empty() || target.is_empty() {
            &mut left_out.empty
        } else if is_left_untranslated(self.untranslated, source, target, workflow) {
            &mut left_out.untranslated
        } else if self
            .pattern
            .as_ref()
            .is_some_and(|pattern| !pattern.is_match(source) && !pattern.is_match(target))
        {
            &mut left_out.unmatched
        } else if self.misfits(source) {
            &mut self.left_out.length
        } else {
            return true;
        };
        *reason += 1;
        false
    }

    fn misfits(&self, source: &str) -> bool {
        if self.min_words == 0 && self.max_words == usize::MAX {
            return false;
        }
        let words = markup::plain(source).split_whitespace().count();
        words < self.min_words || words > self.max_words
    }
}

/// Finds what went out already. It must see all that goes out.
pub(super) struct Duplicates(Option<HashSet<u64>>);

impl Duplicates {
    /// Finds them where that is asked for.
    pub fn new(arguments: &ChoiceArguments) -> Duplicates {
        Duplicates(arguments.dedupe.then(HashSet::new))
    }

    /// Whether nothing went out yet that says the same in these locales, markup, case and white space aside: by 64 bits of a hash,
    /// which of a million translations takes one for another in one of thirty million exports.
    pub fn is_new(&mut self, locales: (&Locale, &Locale), source: &str, target: &str) -> bool {
        let Some(seen) = &mut self.0 else { return true };
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
        seen.insert(u64::from_le_bytes(number))
    }
}

/// Names, code and parameters are rightly their own translation, and a text without a letter always is. A sentence that a
/// machine left as it was is none.
fn is_left_untranslated(rule: Untranslated, source: &str, target: &str, workflow: Option<Workflow>) -> bool {
    source == target
        && match rule {
            Untranslated::Keep => false,
            Untranslated::Drop => true,
            Untranslated::Auto => {
                workflow != Some(Workflow::Human) && markup::plain(source).chars().any(char::is_alphabetic)
            }
        }
}
