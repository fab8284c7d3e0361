//! The documents of an export, by set, path and locales.

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobSet;

use super::error::ExportError;
use crate::memory::Join;
use crate::memory::{DocumentName, Memory};
use crate::model::Locale;

/// Which documents are exported.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// By name.
    pub documents: DocumentFilter,
    /// The source locale; `None` for all. A target locale of the memory joins two target locales.
    pub from: Option<Locale>,
    /// The target locales; empty for all.
    pub to: Vec<Locale>,
    /// Whether two target locales are joined wherever they have the same source text, not in the same segment only.
    pub loose: bool,
}

/// Selects documents by name.
#[derive(Clone, Debug, Default)]
pub struct DocumentFilter {
    /// The document sets; empty for all.
    pub sets: Vec<String>,
    /// The paths below a set.
    pub paths: Option<GlobSet>,
}

impl DocumentFilter {
    fn has(&self, set: &str, path: &str) -> bool {
        (self.sets.is_empty() || self.sets.iter().any(|name| name == set))
            && self.paths.as_ref().is_none_or(|globs| globs.is_match(path))
    }
}

/// The documents of a memory that a [`Selection`] selects.
pub(super) struct SelectedDocuments<'a> {
    selection: &'a Selection,
    /// The two target locales to join, if that was requested.
    pub between: Option<(&'a Locale, &'a Locale)>,
    /// The source and target locales of the documents.
    pub pairs: BTreeSet<(Locale, Locale)>,
}

impl<'a> SelectedDocuments<'a> {
    /// Lists the documents of the memory.
    pub fn new(memory: &Memory, selection: &'a Selection) -> Result<Self, ExportError> {
        // For each pair of locales in the memory: whether it has a document of a selected name.
        let mut known: BTreeMap<(Locale, Locale), bool> = BTreeMap::new();
        memory.for_each_document(|name| {
            let is_selected = selection.documents.has(&name.set, &name.document);
            *known.entry((name.source_locale, name.target_locale)).or_default() |= is_selected;
        })?;
        let between = joined_locales(selection, &known)?;
        let mut selected = SelectedDocuments { selection, between, pairs: BTreeSet::new() };
        known.retain(|(source, target), is_selected| *is_selected && selected.has_locales(source, target));
        selected.pairs = known.into_keys().collect();
        Ok(selected)
    }

    /// Whether a document is selected.
    pub fn has(&self, name: &DocumentName) -> bool {
        self.has_locales(&name.source_locale, &name.target_locale)
            && self.selection.documents.has(&name.set, &name.document)
    }

    /// Whether documents of this set and these locales are selected, whatever their paths.
    pub fn has_set(&self, name: &DocumentName) -> bool {
        let sets = &self.selection.documents.sets;
        (sets.is_empty() || sets.contains(&name.set))
            && self.has_locales(&name.source_locale, &name.target_locale)
    }

    fn has_locales(&self, source: &Locale, target: &Locale) -> bool {
        let Selection { from, to, .. } = self.selection;
        match self.between {
            Some((from, to)) => [from, to].contains(&target),
            None => from.as_ref().is_none_or(|from| source == from) && (to.is_empty() || to.contains(target)),
        }
    }

    /// How two target locales are joined.
    pub fn join(&self) -> Join {
        if self.selection.loose { Join::SameText } else { Join::SameSegment }
    }

    /// The locale of all source texts; `None` if there are several.
    pub fn source_locale(&self) -> Option<Locale> {
        if let Some((from, _)) = self.between {
            return Some(from.clone());
        }
        let (first, _) = self.pairs.first()?;
        self.pairs.iter().all(|(source, _)| source == first).then(|| first.clone())
    }

    /// The only pair of locales of the documents, for a file that holds one pair.
    pub fn one_pair(&self, what: &'static str) -> Result<(&Locale, &Locale), ExportError> {
        let mut pairs = self.pairs.iter();
        if let (Some((source, target)), None) = (pairs.next(), pairs.next()) {
            return Ok((source, target));
        }
        let targets: Vec<&str> = self.pairs.iter().map(|(_, target)| target.as_str()).collect();
        Err(ExportError::SeveralPairs { what, targets: targets.join(", ") })
    }

    /// Whether the result has several target locales.
    pub fn has_several_targets(&self) -> bool {
        let mut targets = self.pairs.iter().map(|(_, target)| target);
        let first = targets.next();
        self.between.is_none() && targets.any(|other| Some(other) != first)
    }
}

/// Checks the selected locales against those of the memory. Returns the two target locales to join, if the source is a target
/// locale of the memory.
fn joined_locales<'a>(
    selection: &'a Selection,
    known: &BTreeMap<(Locale, Locale), bool>,
) -> Result<Option<(&'a Locale, &'a Locale)>, ExportError> {
    let sources: BTreeSet<&Locale> = known.keys().map(|(source, _)| source).collect();
    let targets: BTreeSet<&Locale> = known.keys().map(|(_, target)| target).collect();
    if let Some(locale) = selection.to.iter().find(|&locale| !targets.contains(locale)) {
        let hint = if sources.contains(locale) { "; an export goes from source to target" } else { "" };
        return Err(ExportError::NoTranslation { locale: locale.to_string(), targets: list(&targets), hint });
    }
    let Some(from) = &selection.from else {
        return if selection.loose { Err(ExportError::NothingToJoin) } else { Ok(None) };
    };
    match (sources.contains(from), targets.contains(from), selection.to.as_slice()) {
        (true, ..) => Ok(None),
        (false, true, [to]) if to == from => Err(ExportError::SameLocale { locale: from.to_string() }),
        (false, true, [to]) => Ok(Some((from, to))),
        (false, true, _) => Err(ExportError::NoOtherTarget { from: from.to_string() }),
        (false, false, _) => Err(ExportError::NoTexts {
            locale: from.to_string(),
            sources: list(&sources),
            targets: list(&targets),
        }),
    }
}

fn list(locales: &BTreeSet<&Locale>) -> String {
    let names: Vec<&str> = locales.iter().map(|locale| locale.as_str()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
