//! Reads units from the memory and formats them, in parts. The only file that knows how the memory spreads units over threads.

use super::choice::{Duplicates, LeftOut, Rules};
use super::error::ExportError;
use super::selection::SelectedDocuments;
use super::tmx::UnitTexts;
use crate::memory::{Candidate, DocumentName, Memory, Receiver, Request};
use crate::model::{Contexts, Unit};

/// The units of an export.
pub(super) struct UnitRequest<'a> {
    pub selected: &'a SelectedDocuments<'a>,
    pub rules: &'a Rules,
    pub contexts: Contexts,
    pub multilingual: bool,
    pub threads: usize,
}

/// Some units that follow one another, formatted.
pub(super) struct Part {
    pub texts: UnitTexts,
    pub units: u64,
    pub left_out: LeftOut,
}

/// Formats the requested units, starting from copies of `texts`, and calls `write` with the parts in the order of the units.
pub(super) fn for_each_part(
    memory: &Memory,
    request: &UnitRequest<'_>,
    texts: &UnitTexts,
    write: impl FnMut(Part) -> Result<(), ExportError> + Send,
) -> Result<(), ExportError> {
    let &UnitRequest { selected, rules, contexts, multilingual, threads } = request;
    let formatting = || Formatting {
        rules,
        duplicates: rules.dedupe.then(Duplicates::default),
        part: Part { texts: texts.clone(), units: 0, left_out: LeftOut::default() },
    };
    let chosen = |name: &DocumentName| selected.has(name);
    // Duplicates are found by one thread that sees all units in their order.
    let threads = if rules.dedupe { 1 } else { threads };
    let request = Request { chosen: &chosen, filter: rules.filter, contexts, multilingual, threads };
    match selected.between {
        Some(locales) => memory.units_between(request, locales, selected.is_loose(), formatting(), write),
        None => memory.units(request, formatting, write),
    }
}

/// The work of one thread.
struct Formatting<'a> {
    rules: &'a Rules,
    duplicates: Option<Duplicates>,
    part: Part,
}

/// The size of the formatted text at which a part is complete, whatever the number of units.
const FULL: usize = 4 << 20;

impl Receiver for Formatting<'_> {
    type Made = Part;

    fn accepts(&mut self, candidate: Candidate<'_>) -> bool {
        let Candidate { source, target, workflow, is_asked_again } = candidate;
        let reason = self.rules.reason_against(source, target, workflow);
        if let (Some(reason), false) = (reason, is_asked_again) {
            self.part.left_out.count(reason);
        }
        reason.is_none()
    }

    fn take(&mut self, mut unit: Unit) {
        if let Some(duplicates) = &mut self.duplicates {
            let before = unit.variants.len();
            unit.variants.retain(|variant| {
                duplicates.is_new((&unit.source_locale, &variant.locale), &unit.source, &variant.text)
            });
            self.part.left_out.duplicates += (before - unit.variants.len()) as u64;
        }
        self.part.units += u64::from(self.part.texts.push(&unit));
    }

    fn passed_over(&mut self, variants: u64) {
        self.part.left_out.other_translations += variants;
    }

    fn is_full(&self) -> bool {
        self.part.texts.bytes() >= FULL
    }

    fn hand_over(&mut self) -> Part {
        Part {
            texts: self.part.texts.take(),
            units: std::mem::take(&mut self.part.units),
            left_out: std::mem::take(&mut self.part.left_out),
        }
    }
}
