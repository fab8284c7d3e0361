//! Hive partitioning: folders named after the values of columns.

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
        let segment =
            Segment { id: SegmentId::parse("a-1").unwrap(), line: 1, source: "a".into(), target: "b".into() };
        for (set, folder) in [("docs", "set=docs"), ("../a b", "set=%2E./a b"), ("한", "set=%ED%95%9C")] {
            let placed = PlacedSegment {
                version: crate::model::DocumentVersion::default(),
                set,
                document: "d",
                source_locale: &locale,
                target_locale: &locale,
                metadata: &metadata,
                segment: &segment,
            };
            let folder = folder.replace('/', "%2F").replace(' ', "%20");
            assert_eq!(Partition::Set.folder(&placed), folder);
            assert_eq!(Partition::Workflow.folder(&placed), "workflow=__HIVE_DEFAULT_PARTITION__");
        }
    }
}
