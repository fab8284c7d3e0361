//! Export of units: reads the places of the chosen documents, chooses among the translations of each source text, and builds
//! [`Unit`] values with their metadata.
//!
//! One pass reads all places into memory, in the order of target locale, set, path and position (`places`). A unit is built at
//! the first place of its source text, so the order depends only on the content of the memory. `matching::choose` decides,
//! `build` reads texts and metadata, `between` joins two target locales.

mod between;
mod build;
mod places;

use std::collections::HashMap;

use super::documents::{ChosenDocuments, Halt, Order};
use super::{Memory, MemoryError, SegmentFilter};
use crate::matching::choose::choose;
use crate::model::{ContextPolicy, Locale, Unit, Workflow};

use build::UnitBuilder;
use places::Places;

pub use between::Join;

/// The units to read.
#[derive(Clone, Copy)]
pub struct Request<'c> {
    /// The documents they come from.
    pub chosen: ChosenDocuments<'c>,
    /// Only these segments.
    pub filter: SegmentFilter,
    /// The contexts that get units of their own.
    pub contexts: ContextPolicy,
    /// Whether the translations of all locales go into one unit.
    pub multilingual: bool,
}

/// A translation that may become part of a unit.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The source text.
    pub source: &'a str,
    /// The target text.
    pub target: &'a str,
    /// Their locales.
    pub locales: (&'a Locale, &'a Locale),
    /// Who translated.
    pub workflow: Option<Workflow>,
    /// Whether the same candidate came before, so that it is not counted twice.
    pub is_repeated: bool,
}

impl Memory {
    /// Reads the requested units, in order, and calls `visit` with each. `accepts` decides whether a translation may be used at
    /// all. Returns the number of translations that were passed over because another one of their text is better.
    ///
    /// Needs 28 bytes of memory for each segment of the chosen documents. Texts are read for one unit at a time.
    ///
    /// # Errors
    /// If the memory cannot be read, and the first error of `visit`.
    pub fn units<E: From<MemoryError>>(
        &self,
        request: Request<'_>,
        accepts: &mut dyn FnMut(Candidate<'_>) -> bool,
        visit: &mut dyn FnMut(Unit) -> Result<(), E>,
    ) -> Result<u64, E> {
        self.visited(self.try_units(request, accepts, visit))
    }

    fn try_units<E>(
        &self,
        request: Request<'_>,
        accepts: &mut dyn FnMut(Candidate<'_>) -> bool,
        visit: &mut dyn FnMut(Unit) -> Result<(), E>,
    ) -> Result<u64, Halt<E>> {
        let places = Places::read(&self.connection, Order::Locales, request.chosen, request.filter)?;
        let mut builder = UnitBuilder::new(&self.connection, &places)?;
        // For units whose first accepted translation is in a later locale than their first place: that locale, in which they are
        // built, so that the units of a locale are adjacent.
        let mut later: HashMap<u32, u16> = HashMap::new();
        let mut passed_over = 0;
        for (index, place) in (0_u32..).zip(&places.all).filter(|(_, place)| place.is_first_in_locale) {
            let locale = places.document(*place).locale;
            let group = match request.multilingual {
                true => places.of_unit(place.unit),
                false => places.of_unit_in_locale(*place),
            };
            let is_first = group.first() == Some(&index);
            if !is_first && later.get(&place.unit) != Some(&locale) {
                continue;
            }
            let source = builder.source(place.unit)?;
            let document = builder.document(place.document)?;
            let translations = builder.translations(group, request.contexts)?;
            let choice =
                choose(&translations, request.contexts, request.filter.versions, |translation, workflow| {
                    let (source, target) = (&*source, &*translation.text);
                    let locale = &places.locales[usize::from(translation.locale)];
                    let locales = (&document.name.source_locale, locale);
                    accepts(Candidate { source, target, locales, workflow, is_repeated: !is_first })
                });
            if is_first {
                passed_over += choice.passed_over();
                if let Some(other) = choice.first_locale().filter(|&first| first != locale) {
                    later.insert(place.unit, other);
                    continue;
                }
            }
            for chosen in &choice.units {
                visit(builder.unit(&source, chosen)?).map_err(Halt::Visit)?;
            }
        }
        Ok(passed_over)
    }

    /// Reads units between two target locales, joined by their common source. The text in the first locale becomes the source.
    /// Otherwise as [`units`](Memory::units), but needs about 80 bytes of memory more for each pair.
    ///
    /// # Errors
    /// If the memory cannot be read, and the first error of `visit`.
    pub fn units_between<E: From<MemoryError>>(
        &self,
        request: Request<'_>,
        locales: (&Locale, &Locale),
        join: Join,
        accepts: &mut dyn FnMut(Candidate<'_>) -> bool,
        visit: &mut dyn FnMut(Unit) -> Result<(), E>,
    ) -> Result<u64, E> {
        self.visited(between::units(&self.connection, request, locales, join, accepts, &mut |unit| {
            visit(unit).map_err(Halt::Visit)
        }))
    }

    /// The error of a visit that ended early.
    pub(super) fn visited<T, E: From<MemoryError>>(&self, result: Result<T, Halt<E>>) -> Result<T, E> {
        result.map_err(|halt| match halt {
            Halt::Memory(fault) => MemoryError::of(&self.path, fault).into(),
            Halt::Visit(error) => error,
        })
    }
}
