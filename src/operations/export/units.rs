//! Units for an export: the calling thread reads and chooses them, and the ordered worker pool formats them.

use std::cell::RefCell;

use super::choice::{Duplicates, LeftOut, Rules};
use super::error::ExportError;
use super::quality::QualityTable;
use super::selection::SelectedDocuments;
use crate::exchange::tmx::{FormattedUnits, Settings};
use crate::memory::{Candidate, DocumentName, Memory, Request};
use crate::model::{ContextPolicy, Scope, Unit, Variant, Workflow};
use crate::parallel;

/// The units of an export.
pub(super) struct UnitRequest<'a> {
    pub selected: &'a SelectedDocuments<'a>,
    pub rules: &'a Rules,
    pub contexts: ContextPolicy,
    pub multilingual: bool,
    pub threads: usize,
}

/// Units that are formatted together.
#[derive(Default)]
struct Part {
    units: Vec<Unit>,
    bytes: usize,
}

impl Part {
    const UNITS: usize = 1024;
    const BYTES: usize = 1 << 20;

    /// Adds a unit. Returns the part once it is full.
    fn push(&mut self, unit: Unit) -> Option<Vec<Unit>> {
        self.bytes += unit.source.len();
        self.bytes += unit.variants.iter().map(Variant::bytes).sum::<usize>();
        self.units.push(unit);
        (self.units.len() >= Part::UNITS || self.bytes >= Part::BYTES).then(|| self.take())
    }

    fn take(&mut self) -> Vec<Unit> {
        self.bytes = 0;
        std::mem::replace(&mut self.units, Vec::with_capacity(Part::UNITS))
    }
}

/// The files of an OmegaT project, by index. `tm/auto`: human translations, which OmegaT inserts by itself, with those that
/// are valid in one context only.
const AUTO: usize = 0;
/// `tm`: human translations and those of unknown workflow, valid everywhere.
const HUMAN: usize = 1;
/// `tm/mt` or `tm/penalty-N`: machine translations.
const MACHINE: usize = 2;

/// Formatted units, for each file: for one, or for those of an OmegaT project.
#[derive(Clone)]
pub(super) struct UnitTexts(pub Vec<FormattedUnits>);

impl UnitTexts {
    pub fn new(files: usize, settings: Settings) -> Self {
        UnitTexts(vec![FormattedUnits::new(settings); files])
    }

    /// Formats a unit, which has at least one variant.
    pub fn push(&mut self, unit: &Unit) {
        if let [only] = self.0.as_mut_slice() {
            return only.push(unit);
        }
        let workflow = unit.variants.first().and_then(|first| first.workflow);
        if workflow == Some(Workflow::Machine) {
            return self.0[MACHINE].push(unit);
        }
        if workflow == Some(Workflow::Human) {
            self.0[AUTO].push(unit);
        }
        if unit.scope == Scope::Everywhere {
            self.0[HUMAN].push(unit);
        }
    }
}

/// Formats the requested units into copies of `texts`, and calls `write` with each part and the number of its units, in order.
/// Returns the counts of translations that were left out.
pub(super) fn for_each_part(
    memory: &Memory,
    request: &UnitRequest<'_>,
    texts: &UnitTexts,
    quality: &mut Option<QualityTable>,
    mut write: impl FnMut(&UnitTexts, u64) -> Result<(), ExportError>,
) -> Result<LeftOut, ExportError> {
    let &UnitRequest { selected, rules, contexts, multilingual, threads } = request;
    let chosen = |name: &DocumentName| selected.has(name);
    let request = Request { chosen: &chosen, filter: rules.filter, contexts, multilingual };
    let mut left_out = LeftOut::default();
    // Borrowed by turns: a translation is accepted before its unit is visited.
    let quality = RefCell::new(quality);
    let mut accepts = |candidate: Candidate<'_>| {
        let Candidate { source, target, locales, workflow, is_repeated } = candidate;
        let reason = rules.reason_against(source, target, workflow);
        if let (Some(reason), false) = (reason, is_repeated) {
            left_out.count(reason);
        }
        if reason.is_some() {
            return false;
        }
        let mut quality = quality.borrow_mut();
        let Some(quality) = quality.as_mut() else { return true };
        let labels = quality.labels(locales, (source, target), workflow);
        !quality.leaves_out(labels, is_repeated)
    };
    let mut duplicates = rules.dedupe.then(Duplicates::default);
    let mut found_duplicates = 0;
    // The units are returned, to be freed on the thread that allocated them: freed elsewhere, each one locks the memory that this
    // thread allocates from.
    let format = |units: Vec<Unit>| {
        let mut texts = texts.clone();
        units.iter().for_each(|unit| texts.push(unit));
        (texts, units)
    };
    let mut write = |(texts, units): (UnitTexts, Vec<Unit>)| write(&texts, units.len() as u64);
    let passed_over = parallel::in_order(
        threads,
        |worker| worker.run(format),
        |pool| {
            let mut part = Part::default();
            let mut visit = |mut unit: Unit| {
                if let Some(duplicates) = &mut duplicates {
                    let before = unit.variants.len();
                    unit.variants.retain(|variant| {
                        duplicates.is_new((&unit.source_locale, &variant.locale), &unit.source, &variant.text)
                    });
                    found_duplicates += (before - unit.variants.len()) as u64;
                }
                if let Some(quality) = quality.borrow().as_ref().filter(|quality| quality.labels) {
                    for variant in &mut unit.variants {
                        let locales = (&unit.source_locale, &variant.locale);
                        let labels = quality.labels(locales, (&unit.source, &variant.text), variant.workflow);
                        variant.labels = labels.ids().collect();
                    }
                }
                if unit.variants.is_empty() {
                    return Ok(());
                }
                let formatted = part.push(unit).and_then(|units| pool.send(units));
                formatted.map_or(Ok(()), &mut write)
            };
            let passed_over = match selected.between {
                Some(locales) => {
                    memory.units_between(request, locales, selected.join(), &mut accepts, &mut visit)?
                }
                None => memory.units(request, &mut accepts, &mut visit)?,
            };
            pool.send(part.take()).map_or(Ok(()), &mut write)?;
            while let Some(formatted) = pool.receive() {
                write(formatted)?;
            }
            Ok::<_, ExportError>(passed_over)
        },
    )?;
    left_out.duplicates += found_duplicates;
    left_out.other_translations += passed_over;
    Ok(left_out)
}
