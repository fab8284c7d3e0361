//! The options that choose documents, segments and translations.

use regex::Regex;

use super::names::{KindName, UntranslatedName, WorkflowName};
use crate::cli::globs;
use crate::memory::SegmentFilter;
use crate::model::{Date, Versions};
use crate::operations::export::{DocumentFilter, Rules};

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Choosing")]
pub(super) struct ChoiceArguments {
    /// Only human translations, or only machine translations
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
    /// Only source texts of N words or more: parts between white space, without markup
    #[arg(long, value_name = "N")]
    pub min_words: Option<usize>,
    /// Only source texts of N words or fewer
    #[arg(long, value_name = "N")]
    pub max_words: Option<usize>,
    /// Only sentences, or only whole paragraphs
    #[arg(long, value_enum)]
    pub kind: Option<KindName>,
    /// In TMX: every translation of a text, not only the best one
    #[arg(long)]
    pub all_variants: bool,
    /// Only current translations: none that only the history of a document has
    #[arg(long)]
    pub current: bool,
    /// All translations that the history of a document has, in TMX as with --all-variants. Without this, one that was superseded is
    /// exported where no current one of the same text has the same or a better workflow
    #[arg(long, conflicts_with = "current")]
    pub history: bool,
    /// How a translation that equals its source is treated
    #[arg(long, value_enum, default_value_t = UntranslatedName::Auto)]
    pub untranslated: UntranslatedName,
    /// Only the first of translations that differ in markup, case and white space alone
    #[arg(long)]
    pub dedupe: bool,
}

impl ChoiceArguments {
    /// The documents, by name.
    pub fn documents(&self) -> Result<DocumentFilter, globset::Error> {
        Ok(DocumentFilter { sets: self.set.clone(), paths: globs(&self.document)? })
    }

    /// The segments and translations.
    pub fn rules(&self) -> Rules {
        Rules {
            filter: SegmentFilter {
                kind: self.kind.map(Into::into),
                workflow: self.workflow.map(Into::into),
                since: self.since,
                until: self.until,
                versions: match (self.current, self.history) {
                    (true, _) => Versions::Current,
                    (_, true) => Versions::All,
                    _ => Versions::Best,
                },
            },
            pattern: self.pattern.clone(),
            words: self.min_words.unwrap_or(0)..=self.max_words.unwrap_or(usize::MAX),
            untranslated: self.untranslated.into(),
            dedupe: self.dedupe,
        }
    }
}
