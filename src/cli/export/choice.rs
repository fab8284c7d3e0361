//! The options that choose documents, segments and translations.

use anyhow::bail;
use regex::Regex;

use super::names::{ConsumerName, KindName, UntranslatedName, WorkflowName};
use crate::check::Check;
use crate::cli::values::{ExceptionArguments, check_parser, confidence};
use crate::exchange::formats::Format;
use crate::exchange::segments::Labelled;
use crate::memory::SegmentFilter;
use crate::model::{Date, Versions};
use crate::operations::export::{Consumer, DocumentFilter, Quality, Rules};
use crate::operations::globs::globs;

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
    /// Only sentences, only whole paragraphs, or only pairs that `bitext align` found
    #[arg(long, value_enum)]
    pub kind: Option<KindName>,
    /// Of pairs that `bitext align` found only those with this confidence or more, 0 to 1
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = confidence)]
    pub min_confidence: u8,
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
    /// Leave out what the quality checks find. For a translator: pairs with errors. For training: also those whose texts have different
    /// content, and copies of the source [default: training for jsonl, tsv, csv, moses and parquet, translator for tmx, xliff and po]
    #[arg(long, value_name = "FOR", value_enum, num_args = 0..=1, require_equals = true)]
    pub clean: Option<Option<ConsumerName>>,
    /// Leave out pairs in which these checks find anything; `bitext check --list` shows the checks
    #[arg(long, value_name = "CHECK,…", value_delimiter = ',', value_parser = check_parser(), hide_possible_values = true)]
    pub leave_out: Vec<&'static Check>,
    /// Write what the checks find in each pair: in JSON lines and Parquet as `labels`, in TMX as a property, in XLIFF as notes
    #[arg(long)]
    pub labels: bool,
    #[command(flatten)]
    pub exceptions: ExceptionArguments,
}

impl ChoiceArguments {
    /// The documents, by name.
    pub fn documents(&self) -> Result<DocumentFilter, globset::Error> {
        Ok(DocumentFilter { sets: self.set.clone(), paths: globs(&self.document)? })
    }

    /// The segments and translations.
    pub fn rules(&self, format: Format, threads: usize) -> anyhow::Result<Rules> {
        Ok(Rules {
            filter: SegmentFilter {
                kind: self.kind.map(Into::into),
                least_confidence: self.min_confidence,
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
            quality: self.quality(format, threads)?,
        })
    }

    fn quality(&self, format: Format, threads: usize) -> anyhow::Result<Quality> {
        let is_asked_for = self.clean.is_some() || !self.leave_out.is_empty() || self.labels;
        if !is_asked_for {
            return Ok(Quality::default());
        }
        let holds_labels = match format {
            Format::Tmx => true,
            Format::Segments(format) => !matches!(format.labelled, Labelled::Not),
        };
        if self.labels && !holds_labels {
            bail!("{} holds no labels; jsonl, parquet, tmx and xliff do", format.name());
        }
        let consumer = match self.clean {
            None => Consumer::Archive,
            Some(Some(name)) => name.into(),
            Some(None) => Consumer::of_format(format),
        };
        let mut leave_out = consumer.leaves_out();
        leave_out.checks.extend(&self.leave_out);
        Ok(Quality { leave_out, labels: self.labels, exceptions: self.exceptions.read()?, threads })
    }
}
