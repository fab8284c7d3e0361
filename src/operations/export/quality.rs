//! What the quality checks decide in an export: which pairs are left out, and which labels are written.
//!
//! The defaults for those who use an export are in one place, [`Consumer`].

use super::error::ExportError;
use super::selection::SelectedDocuments;
use crate::check::{CHECKS, Check, Selection, Severity, check_of_id};
use crate::exchange::formats::Format;
use crate::memory::{DocumentName, Memory};
use crate::model::{Locale, Versions, Workflow};
use crate::operations::check::exceptions::Exceptions;
use crate::operations::check::{LabelTable, Labels, bits, check_chosen};

/// Who uses an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consumer {
    /// A person with a translation tool. Pairs with an *error* are left out: a tool inserts an exact match without being asked, and a lost
    /// link or code is seen by nobody then. Pairs with a *warning* stay: the translator reads each match, and a translation with a wrong
    /// name is a better start than none.
    Translator,
    /// A corpus from which a model is trained. Nobody reads the pairs, and there are enough of them, so pairs are left out also if a
    /// warning says that source and target have different content ([`MISALIGNED`]), and if the target is a copy of the source: copies
    /// harm neural machine translation most of all noise (Khayrallah and Koehn 2018, <https://aclanthology.org/W18-2709>).
    Training,
    /// An archive. Nothing is left out, because a check that is improved later must find all pairs. This is an export without
    /// `--clean`; labels say what was found.
    Archive,
}

/// Warnings and classes for which a training corpus leaves a pair out: content is missing or added, or nothing is translated.
pub const MISALIGNED: [&str; 6] = ["partly_untranslated", "length", "slipped", "cut", "alien_name", "copied"];

impl Consumer {
    /// Who usually reads a format: people use TMX, XLIFF and PO in a translation tool, programs read the others.
    pub fn of_format(format: Format) -> Consumer {
        match format {
            Format::Tmx => Consumer::Translator,
            Format::Segments(format) if ["xliff", "po"].contains(&format.name) => Consumer::Translator,
            Format::Segments(_) => Consumer::Training,
        }
    }

    /// What is left out of an export for this consumer.
    pub fn leaves_out(self) -> LeaveOut {
        match self {
            Consumer::Translator => LeaveOut { errors: true, checks: Vec::new() },
            Consumer::Training => {
                LeaveOut { errors: true, checks: MISALIGNED.into_iter().filter_map(check_of_id).collect() }
            }
            Consumer::Archive => LeaveOut::default(),
        }
    }
}

/// The findings for which a pair is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeaveOut {
    /// All errors.
    pub errors: bool,
    /// All findings of these checks, whatever their severity.
    pub checks: Vec<&'static Check>,
}

/// What the quality checks decide in an export.
#[derive(Clone, Debug, Default)]
pub struct Quality {
    /// What is left out.
    pub leave_out: LeaveOut,
    /// Whether what was found is written.
    pub labels: bool,
    /// False alarms, which count as nothing found.
    pub exceptions: Exceptions,
    /// The number of threads.
    pub threads: usize,
}

/// The number of pairs that were left out for what a check found. A pair is counted for the worst finding only.
pub type LeftOutByCheck = Vec<(&'static str, u64)>;

/// The labels of the pairs of an export.
pub(super) struct QualityTable {
    table: LabelTable,
    errors: bool,
    checks: u64,
    pub labels: bool,
    left_out: [u64; CHECKS.len()],
}

impl QualityTable {
    /// Checks the sets and locales of an export. `None` if its plan asks for nothing of it.
    ///
    /// Whole sets are checked, also if the export has some of their documents only: what is usual is learned from all of them.
    pub fn new(
        memory: &Memory,
        quality: &Quality,
        versions: Versions,
        selected: &SelectedDocuments<'_>,
    ) -> Result<Option<QualityTable>, ExportError> {
        let Quality { leave_out, labels, exceptions, threads } = quality;
        if *leave_out == LeaveOut::default() && !labels {
            return Ok(None);
        }
        if selected.between.is_some() {
            return Err(ExportError::ChecksOfJoin);
        }
        let chosen = |name: &DocumentName| selected.has_set(name);
        let mut selection = Selection::everything();
        if !labels {
            // Only what can leave a pair out.
            selection.only.retain(|check| {
                leave_out.checks.contains(check)
                    || leave_out.errors && check.worst_severity() == Severity::Error
            });
        }
        let mut checked = check_chosen(memory, (&chosen, versions), &selection, *threads)?;
        checked.accept(exceptions);
        Ok(Some(QualityTable {
            table: LabelTable::new(&checked),
            errors: leave_out.errors,
            checks: bits(&leave_out.checks),
            labels: *labels,
            left_out: [0; CHECKS.len()],
        }))
    }

    /// The labels of a pair.
    pub fn labels(
        &self,
        locales: (&Locale, &Locale),
        texts: (&str, &str),
        workflow: Option<Workflow>,
    ) -> Labels {
        self.table.get(locales, texts, workflow)
    }

    /// Whether a pair with these labels is left out. If so, counts it, unless it was counted before.
    pub fn leaves_out(&mut self, labels: Labels, is_repeated: bool) -> bool {
        let Some(check) = labels.first_of(self.errors, self.checks) else { return false };
        if let (Some(at), false) = (CHECKS.iter().position(|other| other == check), is_repeated) {
            self.left_out[at] += 1;
        }
        true
    }

    /// The counts, the largest first.
    pub fn left_out(&self) -> LeftOutByCheck {
        let counts = CHECKS.iter().map(|check| check.id).zip(self.left_out);
        let mut counts: LeftOutByCheck = counts.filter(|(_, count)| *count > 0).collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checks_of_a_training_corpus_exist() {
        assert_eq!(Consumer::Training.leaves_out().checks.len(), MISALIGNED.len());
    }
}
