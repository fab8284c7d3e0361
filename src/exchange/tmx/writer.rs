//! Units into a TMX file, one at a time.

use std::collections::HashSet;
use std::io::{self, Write};

use super::element::attribute;
use super::format::{FormattedUnits, Written};
use super::profile::{CREATION_TOOL, Settings};
use crate::model::Locale;

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
