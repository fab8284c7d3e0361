//! Which segments of a memory are wanted.

use std::path::PathBuf;

use bitext::memory::SegmentFilter;
use bitext::model::{Versions, percent};
use bitext::operations::export::{Consumer, DocumentFilter, Quality, Rules, Selection};
use pyo3::prelude::*;

use crate::arguments::{Names, all, date, globs, locales, parsed_if, threads, workflow};
use crate::documents::{checks, exceptions};
use crate::errors::invalid;

/// The filter of an export.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Filter {
    from: Option<String>,
    to: Option<Names>,
    sets: Option<Names>,
    documents: Option<Names>,
    workflow: Option<String>,
    since: Option<String>,
    until: Option<String>,
    versions: String,
    min_confidence: f64,
    dedupe: bool,
    clean: Option<String>,
    leave_out: Option<Names>,
    ignore_file: Option<PathBuf>,
}

impl Filter {
    /// The documents, and the rules for their segments.
    pub fn plan(self) -> PyResult<(Selection, Rules)> {
        let documents = DocumentFilter { sets: all(self.sets), paths: globs(self.documents)? };
        let (from, to) = (parsed_if(self.from.as_deref())?, locales(self.to)?);
        let versions = match self.versions.as_str() {
            "best" => Versions::Best,
            "current" => Versions::Current,
            "all" => Versions::All,
            _ => return Err(invalid("versions is one of best, current, all")),
        };
        if !(0.0..=1.0).contains(&self.min_confidence) {
            return Err(invalid("min_confidence is a share, from 0 to 1"));
        }
        let filter = SegmentFilter {
            workflow: workflow(self.workflow.as_deref())?,
            since: date(self.since.as_deref())?,
            until: date(self.until.as_deref())?,
            versions,
            least_confidence: percent(self.min_confidence),
            ..SegmentFilter::default()
        };
        let consumer = match self.clean.as_deref() {
            None => Consumer::Archive,
            Some("training") => Consumer::Training,
            Some("translator") => Consumer::Translator,
            Some(_) => return Err(invalid("clean is one of training, translator")),
        };
        let mut leave_out = consumer.leaves_out();
        leave_out.checks.extend(checks(self.leave_out)?);
        let exceptions = exceptions(self.ignore_file)?;
        let quality = Quality { leave_out, labels: false, exceptions, threads: threads(None) };
        let rules = Rules { filter, dedupe: self.dedupe, quality, ..Rules::default() };
        Ok((Selection { documents, from, to, loose: false }, rules))
    }
}
