//! The table of formats.

#[cfg(feature = "parquet")]
use super::parquet;
use super::segments::SegmentFormat;
use super::{delimited, jsonl, moses, po, xliff};
use crate::model::strip_ending;

/// All segment formats, in the order of the help.
pub static FORMATS: &[SegmentFormat] = &[
    jsonl::FORMAT,
    delimited::TSV,
    delimited::CSV,
    moses::FORMAT,
    xliff::FORMAT,
    po::FORMAT,
    #[cfg(feature = "parquet")]
    parquet::FORMAT,
];

/// A format that is exchanged with other tools.
#[derive(Clone, Copy, Debug)]
pub enum Format {
    /// TMX, which holds units.
    Tmx,
    /// One that holds segments.
    Segments(&'static SegmentFormat),
}

/// The name and the file name extension of TMX.
const TMX: &str = "tmx";

impl Format {
    /// All formats, in the order of the help.
    pub fn all() -> impl Iterator<Item = Format> {
        std::iter::once(Format::Tmx).chain(FORMATS.iter().map(Format::Segments))
    }

    /// The format of this name.
    pub fn of_name(name: &str) -> Option<Format> {
        Format::all().find(|format| format.name() == name)
    }

    /// The format of a file name, with or without the ending of a compression, and the name without both.
    pub fn of_file_name(name: &str) -> Option<(Format, &str)> {
        let (stem, extension) = without_compression(name).rsplit_once('.')?;
        let has =
            |format: &Format| format.extensions().iter().any(|known| extension.eq_ignore_ascii_case(known));
        Format::all().find(has).filter(|_| !stem.is_empty()).map(|format| (format, stem))
    }

    /// The name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Format::Tmx => TMX,
            Format::Segments(format) => format.name,
        }
    }

    /// One line for the help.
    pub fn help(self) -> &'static str {
        match self {
            Format::Tmx => "TMX 1.4",
            Format::Segments(format) => format.help,
        }
    }

    fn extensions(self) -> &'static [&'static str] {
        match self {
            Format::Tmx => &[TMX],
            Format::Segments(format) => format.extensions,
        }
    }
}

/// A file name without the ending of a compression.
pub fn without_compression(name: &str) -> &str {
    [".gz", ".zst"].into_iter().find_map(|ending| strip_ending(name, ending)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_formats_share_a_name_or_an_extension() {
        for names in [
            Format::all().map(Format::name).collect::<Vec<_>>(),
            Format::all().flat_map(|format| format.extensions().iter().copied()).collect(),
        ] {
            let mut distinct = names.clone();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(distinct.len(), names.len(), "{names:?}");
        }
    }

    #[test]
    fn a_files_name_states_its_format() {
        for (name, found) in [
            ("a.b.po", Some(("po", "a.b"))),
            ("a.XLF.gz", Some(("xliff", "a"))),
            ("a.tmx.zst", Some(("tmx", "a"))),
            ("a.md", None),
            (".po", None),
            ("po", None),
        ] {
            let format = Format::of_file_name(name).map(|(format, stem)| (format.name(), stem));
            assert_eq!(format, found, "{name}");
        }
    }
}
