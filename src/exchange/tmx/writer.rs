//! Units into a TMX file, one at a time.

use std::collections::HashSet;
use std::io::{self, Write};

use super::element::attribute;
use super::format::FormattedUnits;
use super::inline::Inline;
use super::profile::Profile;
use crate::model::Locale;

/// What is the same for all units of a file.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The tool the file is for.
    pub profile: Profile,
    /// What becomes of the markup inside segments.
    pub inline: Inline,
    /// The locale of every source text; `None` where there are several.
    pub source_locale: Option<Locale>,
    /// Whether units can have several variants; then what is known of a variant stands on its `tuv`.
    pub multilingual: bool,
}

/// What went into a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Units.
    pub units: u64,
    /// Their variants.
    pub variants: u64,
    /// Variants left out because nothing of the text was left: OmegaT writes an empty paragraph from an empty target.
    pub empty: u64,
    /// Variants left out because the file has the same already, in the form that it has them in.
    pub duplicates: u64,
    /// Characters left out because XML 1.0 cannot hold them.
    pub dropped_characters: u64,
}

impl Written {
    /// Adds the figures of another part.
    pub fn add(&mut self, other: Written) {
        self.units += other.units;
        self.variants += other.variants;
        self.empty += other.empty;
        self.duplicates += other.duplicates;
        self.dropped_characters += other.dropped_characters;
    }
}

/// Writes a TMX 1.4 file, valid against its DTD, in UTF-8 without a byte-order mark. The same units give the same bytes.
///
/// Dropped without [`finish`](TmxWriter::finish) it leaves a file that no reader accepts: better than one that looks whole.
pub struct TmxWriter<W> {
    out: W,
    /// The first 64 bits of each name that was given.
    names: HashSet<u64>,
    written: Written,
}

impl<W: Write> TmxWriter<W> {
    /// Starts a file: writes what comes before the first unit.
    pub fn new(mut out: W, settings: &Settings) -> io::Result<Self> {
        let mut start = Vec::new();
        header(settings, &mut start);
        out.write_all(&start)?;
        Ok(TmxWriter { out, names: HashSet::new(), written: Written::default() })
    }

    /// Writes units, but for those that the file has already: without markup, or without what XML cannot hold, two can say the
    /// same. Of what was written the names alone are remembered.
    pub fn write(&mut self, units: &FormattedUnits) -> io::Result<()> {
        self.written.add(units.besides);
        let (mut from, mut at) = (0, 0);
        for unit in &units.units {
            if self.names.insert(unit.name) {
                self.written.add(unit.written);
            } else {
                self.out.write_all(&units.text[from..at])?;
                from = unit.end;
                let duplicates = unit.written.variants;
                self.written.add(Written { units: 0, variants: 0, duplicates, ..unit.written });
            }
            at = unit.end;
        }
        self.out.write_all(&units.text[from..at])
    }

    /// Ends the file, and gives back what it was written to and what went into it.
    pub fn finish(mut self) -> io::Result<(W, Written)> {
        self.out.write_all(b"</body>\n</tmx>\n")?;
        self.out.flush()?;
        Ok((self.out, self.written))
    }
}

/// By this a TMX is known for one of this program's.
pub(super) const CREATION_TOOL: &str = "bitext";

fn header(settings: &Settings, out: &mut Vec<u8>) {
    // No DOCTYPE: some readers would go and look for the DTD. All seven required attributes: OmegaT 6 refuses the file
    // without one of them. No creation date: it would be a clock's, and the same memory must give the same bytes.
    out.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<tmx version=\"1.4\">\n<header");
    // Not `OmegaT`: that would make OmegaT read its own inline codes into the texts.
    attribute(out, "creationtool", CREATION_TOOL);
    attribute(out, "creationtoolversion", env!("CARGO_PKG_VERSION"));
    attribute(out, "segtype", "sentence");
    attribute(out, "o-tmf", "bitext");
    attribute(out, "adminlang", "en-US");
    // `*all*` only where it must be: Weblate and others then do not know which variant is the source.
    attribute(out, "srclang", settings.source_locale.as_ref().map_or("*all*", Locale::as_str));
    attribute(out, "datatype", "plaintext");
    out.extend_from_slice(b"/>\n<body>\n");
}
