//! The table of segment formats.

#[cfg(feature = "parquet")]
use super::parquet;
use super::segments::SegmentFormat;
use super::{delimited, jsonl, moses, po, xliff};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_formats_share_a_name_or_an_extension() {
        for names in [
            FORMATS.iter().map(|format| format.name).collect::<Vec<_>>(),
            FORMATS.iter().flat_map(|format| format.extensions.iter().copied()).collect(),
        ] {
            let mut distinct = names.clone();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(distinct.len(), names.len(), "{names:?}");
        }
    }
}
