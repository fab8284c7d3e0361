//! The target locale of documents that state none.

use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::documents;
use crate::input::{self, DocumentSet, Entry};
use crate::model::Locale;
use crate::side_by_side::{self, StatedLocales};

/// The target locale of documents that state none: the one that the caller names, else that of most documents of the set.
///
/// An import stores such documents last, when all others have been counted ([`after_all`](FallbackLocale::after_all)). A list
/// of segments is in path order, so extract needs the answer at the first of them ([`at_once`](FallbackLocale::at_once)).
pub(super) struct FallbackLocale<'a> {
    named: Option<&'a Locale>,
    /// The locales that documents have stated so far.
    stated: Mutex<StatedLocales>,
    majority: OnceLock<Option<Locale>>,
}

impl<'a> FallbackLocale<'a> {
    pub fn new(named: Option<&'a Locale>) -> Self {
        FallbackLocale { named, stated: Mutex::default(), majority: OnceLock::new() }
    }

    /// The locale that the caller names.
    pub fn named(&self) -> Option<&'a Locale> {
        self.named
    }

    /// Counts the locale that one document states.
    pub fn count(&self, stated: &Locale) {
        self.stated.lock().unwrap_or_else(PoisonError::into_inner).count(stated);
    }

    /// The locale to fall back on, after all documents of the set were counted.
    pub fn after_all(&self) -> Option<&Locale> {
        let counted = || self.stated.lock().unwrap_or_else(PoisonError::into_inner).majority().cloned();
        self.named.or_else(|| self.majority.get_or_init(counted).as_ref())
    }

    /// The locale to fall back on, before all were counted. Reads ahead in the set, once, unless more than half of its
    /// documents were counted and state the same. `entries` are all documents of the set.
    pub fn at_once(&self, set: &DocumentSet, entries: &[Entry], threads: usize) -> Option<&Locale> {
        let find = || {
            let counted = self.stated.lock().unwrap_or_else(PoisonError::into_inner).clone();
            match counted.is_settled_among(entries.len() as u64) {
                true => counted.majority().cloned(),
                false => stated_in(set, entries, threads).majority().cloned(),
            }
        };
        self.named.or_else(|| self.majority.get_or_init(find).as_ref())
    }
}

/// Counts the locales that the documents of a set state, until one has a majority.
fn stated_in(set: &DocumentSet, entries: &[Entry], threads: usize) -> StatedLocales {
    let mut stated = StatedLocales::default();
    let entries: Vec<&Entry> = entries.iter().collect();
    // Problems are reported when the document is read for its segments.
    let stated_by = |entry: &Entry, bytes: io::Result<&[u8]>| -> Option<Locale> {
        let text = side_by_side::decode(documents::with_spans(bytes).ok()??).ok()?;
        side_by_side::read_metadata(&text, documents::syntax(entry)).target_locale
    };
    let settled = input::read_in_order(set, &entries, threads, stated_by, |locale| {
        locale.iter().for_each(|locale| stated.count(locale));
        if stated.is_settled_among(entries.len() as u64) { Err(()) } else { Ok(()) }
    });
    // Settled early or counted to the end, the majority is the same.
    let (Ok(()) | Err(())) = settled;
    stated
}
