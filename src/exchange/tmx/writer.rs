//! Writes formatted units to a TMX file.

use std::io::{self, Write};

use super::element::attribute;
use super::format::{FormattedUnits, Written};
use super::profile::{CREATION_TOOL, Settings};
use crate::model::{FingerprintSet, Locale};

/// Writes a TMX 1.4 file, valid against its DTD, in UTF-8 without a byte-order mark. The same units result in the same bytes.
///
/// Without [`finish`](TmxWriter::finish) the file is not well-formed, so no reader takes it for a complete one.
pub struct TmxWriter<W> {
    out: W,
    /// The first 64 bits of the name of each unit in the file.
    names: FingerprintSet,
    written: Written,
}

impl<W: Write> TmxWriter<W> {
    /// Starts a file: writes everything before the first unit.
    pub fn new(mut out: W, settings: &Settings) -> io::Result<Self> {
        let mut start = Vec::new();
        header(settings, &mut start);
        out.write_all(&start)?;
        Ok(TmxWriter { out, names: FingerprintSet::default(), written: Written::default() })
    }

    /// Writes units, except for those that the file already has: two units can become equal without their markup, or without
    /// the characters that XML cannot hold.
    pub fn write(&mut self, units: &FormattedUnits) -> io::Result<()> {
        self.written.add(units.omitted);
        let (mut from, mut at) = (0, 0);
        for unit in &units.units {
            if self.names.insert(unit.name) {
                self.written.add(unit.written);
            } else {
                self.out.write_all(&units.text[from..at])?;
                from = unit.end;
                let duplicates = unit.written.variants;
                self.written.add(Written {
                    units: 0,
                    variants: 0,
                    superseded: 0,
                    duplicates,
                    ..unit.written
                });
            }
            at = unit.end;
        }
        self.out.write_all(&units.text[from..at])
    }

    /// Ends the file. Returns the output and the counts.
    pub fn finish(mut self) -> io::Result<(W, Written)> {
        self.out.write_all(b"</body>\n</tmx>\n")?;
        self.out.flush()?;
        Ok((self.out, self.written))
    }
}

fn header(settings: &Settings, out: &mut Vec<u8>) {
    // No DOCTYPE: some readers would try to download the DTD. All seven required attributes: OmegaT 6 refuses a file without
    // one of them. No creation date: the same memory must result in the same bytes at any time.
    out.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<tmx version=\"1.4\">\n<header");
    // Not `OmegaT`: from its own files OmegaT reads inline codes into the texts.
    attribute(out, "creationtool", CREATION_TOOL);
    attribute(out, "creationtoolversion", env!("CARGO_PKG_VERSION"));
    attribute(out, "segtype", "sentence");
    attribute(out, "o-tmf", "bitext");
    attribute(out, "adminlang", "en-US");
    // `*all*` only if there are several source locales: with it, Weblate and others do not know which variant is the source.
    attribute(out, "srclang", settings.source_locale.as_ref().map_or("*all*", Locale::as_str));
    attribute(out, "datatype", "plaintext");
    out.extend_from_slice(b"/>\n<body>\n");
}
