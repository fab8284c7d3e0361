//! Stores units that a translation tool sends: as a JSON list, or as a file of a format that is also imported.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use crate::exchange::formats::Format;
use crate::exchange::reading::{Entry, Input};
use crate::exchange::tmx::TmxReader;
use crate::matching::{LocaleFit, fit};
use crate::memory::{Memory, MemoryError, NewStore, NewStoredUnit};
use crate::model::{LONGEST_TEXT, Locale, fold_line_breaks};

/// The name of the set in which the units are.
pub const SET: &str = "stored";

/// A unit to store, as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentUnit {
    /// The source text.
    pub source: String,
    /// The target text.
    pub target: String,
    /// What distinguishes equal source texts; empty: nothing.
    pub context: Option<String>,
}

/// Where units go, and where they come from.
#[derive(Clone, Debug)]
pub struct StorePlan {
    /// The name of the store: the path of its document in the set [`SET`].
    pub name: String,
    /// The locale of the source texts.
    pub source_locale: Locale,
    /// The locale of the target texts.
    pub target_locale: Locale,
    /// When they were sent, in seconds since 1970.
    pub time: i64,
    /// The name of the program that sent them, if it told it.
    pub creator: Option<String>,
    /// Whether they replace all units of the store, or only those with the same source and context.
    pub replaces_all: bool,
}

/// Why a file of units cannot be stored.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The memory could not be written to.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// A text is too long.
    #[error("a text of {0} bytes; a segment has at most {LONGEST_TEXT}")]
    TooLong(usize),
    /// The file's name does not state a format that is read from one stream.
    #[error(
        "{0:?} does not name a format that can be stored; end the name in .po, .tmx, .xlf, .jsonl, .tsv or .csv"
    )]
    UnknownFormat(String),
    /// The file is damaged.
    #[error("the file cannot be read: {0}; nothing of it was stored")]
    Unreadable(String),
}

/// Stores units. Those without a source or target text are left out. They are on the disk when this returns. Returns how many.
///
/// # Errors
/// If the memory cannot be written to, or a text is too long; nothing is stored then.
pub fn store(memory: &mut Memory, plan: &StorePlan, units: &[SentUnit]) -> Result<usize, StoreError> {
    let folded: Vec<_> = units
        .iter()
        .map(|unit| (fold_line_breaks(&unit.source), fold_line_breaks(&unit.target), unit.context.as_deref()))
        .filter(|(source, target, _)| !source.is_empty() && !target.is_empty())
        .collect();
    let texts = folded
        .iter()
        .flat_map(|(source, target, context)| [source.len(), target.len(), context.map_or(0, str::len)]);
    if let Some(length) = texts.max().filter(|length| *length > LONGEST_TEXT) {
        return Err(StoreError::TooLong(length));
    }
    let units: Vec<NewStoredUnit<'_>> = folded
        .iter()
        .map(|(source, target, context)| NewStoredUnit {
            source,
            target,
            context: context.filter(|context| !context.is_empty()),
        })
        .collect();
    if units.is_empty() && !plan.replaces_all {
        return Ok(0);
    }
    let [source_locale, target_locale] = known_locales(memory, [&plan.source_locale, &plan.target_locale])?;
    memory.store(&NewStore {
        set: SET,
        name: &plan.name,
        source_locale: &source_locale,
        target_locale: &target_locale,
        time: plan.time,
        creator: plan.creator.as_deref(),
        units: &units,
        replaces_all: plan.replaces_all,
    })?;
    Ok(units.len())
}

/// The locales of the memory that tools mean by shorter codes: `ko-KR` for `ko`, if the memory has no other Korean.
fn known_locales(memory: &Memory, wanted: [&Locale; 2]) -> Result<[Locale; 2], MemoryError> {
    let pairs = memory.locale_pairs()?;
    let known: BTreeSet<&Locale> = pairs.iter().flat_map(|(source, target)| [source, target]).collect();
    Ok(wanted.map(|wanted| {
        let mut meant = known.iter().filter(|known| fit(wanted, known) == Some(LocaleFit::Same));
        match (known.contains(wanted), meant.next(), meant.next()) {
            (false, Some(only), None) => (*only).clone(),
            _ => wanted.clone(),
        }
    }))
}

/// Reads the units of a file in memory, by the format that its name states. Of a TMX those with a text in both locales.
///
/// # Errors
/// If the name states no format, or the file is damaged.
pub fn read_units(
    name: &str,
    bytes: &[u8],
    (source, target): (&Locale, &Locale),
) -> Result<Vec<SentUnit>, StoreError> {
    let unreadable = |error: &dyn std::fmt::Display| StoreError::Unreadable(error.to_string());
    let Some((format, _)) = Format::of_file_name(name) else {
        return Err(StoreError::UnknownFormat(name.to_owned()));
    };
    let mut units = Vec::new();
    match format {
        Format::Tmx => {
            for entry in TmxReader::new(bytes, Some(source.clone())).map_err(|error| unreadable(&error))? {
                let Some(unit) = entry.map_err(|error| unreadable(&error))?.unit else { continue };
                let variants =
                    unit.variants.iter().filter(|variant| variant.locale.language() == target.language());
                units.extend(variants.map(|variant| SentUnit {
                    source: unit.source.to_string(),
                    target: variant.text.to_string(),
                    context: None,
                }));
            }
        }
        Format::Segments(format) => {
            let Input::Stream(open) = format.input else {
                return Err(StoreError::UnknownFormat(name.to_owned()));
            };
            let mut reader =
                open(Box::new(bytes) as Box<dyn Read + '_>).map_err(|error| unreadable(&error))?;
            loop {
                match reader.next().map_err(|error| unreadable(&error))? {
                    None => break,
                    Some(Entry::Segment(segment)) => {
                        units.push(SentUnit {
                            source: segment.source,
                            target: segment.target,
                            context: None,
                        });
                    }
                    Some(Entry::Damage(problem)) => return Err(unreadable(&problem.reason)),
                    Some(Entry::LeftOut(_) | Entry::Problem(_)) => {}
                }
            }
        }
    }
    Ok(units)
}

/// Opens a memory to store units in. A store waits so long for another program that writes.
///
/// # Errors
/// If it is missing, or cannot be written to.
pub fn open(path: &Path, patience: Duration) -> Result<Memory, MemoryError> {
    // A missing memory is not created: its path is a mistake, or it was moved away for a moment.
    Memory::open(path)?;
    let memory = Memory::open_or_create(path)?;
    memory.limit_wait(patience)?;
    Ok(memory)
}
