//! Hive partitioning: folders named after the values of columns.

use std::path::Path;

use crate::model::PlacedSegment;

/// A column to partition by. Each has few values, and the same value in all segments of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partition {
    /// `source_locale`.
    SourceLocale,
    /// `target_locale`.
    TargetLocale,
    /// `set`.
    Set,
    /// `workflow`.
    Workflow,
}

impl Partition {
    /// The column's name.
    pub fn name(self) -> &'static str {
        match self {
            Partition::SourceLocale => "source_locale",
            Partition::TargetLocale => "target_locale",
            Partition::Set => "set",
            Partition::Workflow => "workflow",
        }
    }

    /// The folders for a segment's row, one below the other, each with a `/` at its end.
    pub fn folders(by: &[Partition], placed: &PlacedSegment<'_>) -> String {
        by.iter().map(|partition| partition.folder(placed) + "/").collect()
    }

    /// The name of the folder for a segment's row: `set=name`. Everything but letters, digits, `-`, `_` and `.` is
    /// percent-encoded, as in Hive; DuckDB, Spark and Polars decode it.
    pub fn folder(self, placed: &PlacedSegment<'_>) -> String {
        let value = match self {
            Partition::SourceLocale => placed.source_locale.as_str(),
            Partition::TargetLocale => placed.target_locale.as_str(),
            Partition::Set => placed.set,
            Partition::Workflow => placed.metadata.workflow.map_or(NO_VALUE, |workflow| workflow.name()),
        };
        let mut folder = format!("{}=", self.name());
        for (at, byte) in value.bytes().enumerate() {
            // Readers ignore folders whose name begins with a dot.
            let plain =
                byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' || (byte == b'.' && at > 0);
            if plain {
                folder.push(byte as char);
            } else {
                folder.push_str(&format!("%{byte:02X}"));
            }
        }
        folder
    }
}

/// The columns that the names of the folders around a file state, with their values; `None`: no value.
pub fn stated_by_folders(path: &Path) -> Vec<(Partition, Option<String>)> {
    let all = [Partition::SourceLocale, Partition::TargetLocale, Partition::Set, Partition::Workflow];
    let stated = |folder: &str| {
        let (name, value) = folder.split_once('=')?;
        let column = all.into_iter().find(|column| column.name() == name)?;
        Some((column, if value == NO_VALUE { None } else { Some(decoded(value)?) }))
    };
    let folders = path.parent().into_iter().flat_map(Path::components);
    folders.filter_map(|folder| stated(folder.as_os_str().to_str()?)).collect()
}

/// A text without its percent-encoding; `None` if it is none.
fn decoded(value: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), value.as_bytes());
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

/// Hive's name for the folder of rows without a value.
const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Locale, Metadata, Segment, SegmentId};

    #[test]
    fn a_partitions_folder_can_hold_any_name() {
        let locale: Locale = "ko-KR".parse().unwrap();
        let metadata = Metadata::default();
        let segment = Segment {
            id: SegmentId::parse("a-1").unwrap(),
            line: 1,
            source: "a".into(),
            target: "b".into(),
            written: None,
            confidence: None,
        };
        for (set, folder) in [("docs", "set=docs"), ("../a b", "set=%2E./a b"), ("한", "set=%ED%95%9C")] {
            let placed = PlacedSegment {
                version: crate::model::DocumentVersion::default(),
                set,
                document: "d",
                source_locale: &locale,
                target_locale: &locale,
                metadata: &metadata,
                segment: &segment,
                labels: None,
            };
            let folder = folder.replace('/', "%2F").replace(' ', "%20");
            assert_eq!(Partition::Set.folder(&placed), folder);
            let path = format!("out/{folder}/workflow=__HIVE_DEFAULT_PARTITION__/other=1/a.parquet");
            let stated = [(Partition::Set, Some(set.to_owned())), (Partition::Workflow, None)];
            assert_eq!(stated_by_folders(Path::new(&path)), stated);
            assert_eq!(Partition::Workflow.folder(&placed), "workflow=__HIVE_DEFAULT_PARTITION__");
        }
    }
}
