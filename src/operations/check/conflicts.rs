//! Source texts that are translated in several ways, with the vote by which an export chooses.

use std::collections::{BTreeMap, BTreeSet};

use super::labels::{Checked, CheckedDocument};
use crate::model::{Date, Locale, Preference, Workflow, better_workflow};

/// The id of the check that finds them.
pub const INCONSISTENT: &str = "inconsistent";

/// A source text with several translations.
#[derive(Clone, Debug)]
pub struct Conflict<'a> {
    /// The locale of the source text.
    pub source_locale: &'a Locale,
    /// The locale of the translations.
    pub target_locale: &'a Locale,
    /// The source text.
    pub source: &'a str,
    /// The translations, in the order in which an export prefers them ([`Preference`]): the first is chosen.
    pub translations: Vec<Translation<'a>>,
}

/// One of the translations.
#[derive(Clone, Debug)]
pub struct Translation<'a> {
    /// The text.
    pub text: &'a str,
    /// Human if a person translated any of its segments.
    pub workflow: Option<Workflow>,
    /// The number of documents with it.
    pub documents: u64,
    /// The newest hand-off.
    pub handoff: Option<Date>,
    /// Where it is, with the line.
    pub places: Vec<(CheckedDocument<'a>, u32)>,
}

/// Why the first translation is better than the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vote {
    /// A person translated it, or at least it is not known that a machine did.
    Workflow,
    /// It is in more documents.
    Documents,
    /// Its hand-off is newer.
    Newer,
    /// Nothing but the order of the texts decides.
    Tie,
}

impl Vote {
    /// The criterion, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Vote::Workflow => "workflow",
            Vote::Documents => "documents",
            Vote::Newer => "handoff",
            Vote::Tie => "text",
        }
    }

    /// A few words.
    pub fn reason(self) -> &'static str {
        match self {
            Vote::Workflow => "who translated",
            Vote::Documents => "more documents",
            Vote::Newer => "newer",
            Vote::Tie => "a tie, by the order of the texts",
        }
    }
}

impl Translation<'_> {
    fn preference(&self) -> Preference<'_> {
        Preference {
            workflow: self.workflow,
            is_superseded: false,
            documents: self.documents,
            handoff: self.handoff,
            text: self.text,
        }
    }
}

impl Conflict<'_> {
    /// What decides between the first two translations.
    pub fn vote(&self) -> Vote {
        let [first, second, ..] = self.translations.as_slice() else { return Vote::Tie };
        match () {
            () if first.workflow != second.workflow => Vote::Workflow,
            () if first.documents != second.documents => Vote::Documents,
            () if first.handoff != second.handoff => Vote::Newer,
            () => Vote::Tie,
        }
    }
}

impl Checked {
    /// The source texts in which the check `inconsistent` found something, those in most segments first.
    pub fn conflicts(&self) -> Vec<Conflict<'_>> {
        let mut sources: BTreeMap<(&Locale, &Locale, &str), BTreeMap<&str, Translation<'_>>> =
            BTreeMap::new();
        let mut documents: BTreeSet<(&str, &str, &Locale, &Locale, &str, &str)> = BTreeSet::new();
        for segment in self.found() {
            if !segment.findings.iter().any(|finding| finding.check.id == INCONSISTENT) {
                continue;
            }
            let document = segment.document;
            let locales = (document.source_locale, document.target_locale);
            let texts = sources.entry((locales.0, locales.1, segment.source)).or_default();
            let translation = texts.entry(segment.target).or_insert_with(|| Translation {
                text: segment.target,
                workflow: segment.workflow,
                documents: 0,
                handoff: None,
                places: Vec::new(),
            });
            translation.workflow = better_workflow(translation.workflow, segment.workflow);
            translation.handoff = translation.handoff.max(segment.handoff);
            translation.places.push((document, segment.line));
            let key = (document.set, document.document, locales.0, locales.1, segment.source, segment.target);
            translation.documents += u64::from(documents.insert(key));
        }
        let conflict = |((source_locale, target_locale, source), texts): (_, BTreeMap<&'_ str, _>)| {
            let mut translations: Vec<Translation<'_>> = texts.into_values().collect();
            translations.sort_by(|one, other| one.preference().compare(&other.preference()));
            Conflict { source_locale, target_locale, source, translations }
        };
        let mut conflicts: Vec<Conflict<'_>> = sources.into_iter().map(conflict).collect();
        let segments = |conflict: &Conflict<'_>| -> usize {
            conflict.translations.iter().map(|translation| translation.places.len()).sum()
        };
        conflicts.sort_by_key(|conflict| std::cmp::Reverse(segments(conflict)));
        conflicts
    }
}
