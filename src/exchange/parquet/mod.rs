//! Segments as Apache Parquet: the columns of [`arrow`](super::arrow). Compressed with Zstandard.

mod chunk;
mod file;
mod groups;
mod read;

use std::collections::BTreeMap;
use std::io;

pub use file::{EncodedGroup, GroupEncoder, ParquetFile};
pub use groups::{Group, Groups};

use super::arrow::{Labels, Positions, SegmentRows};
use super::partition::Partition;
use super::reading::Input;
use super::segments::{Labelled, Layout, Opener, OutputFile, SegmentFormat, SegmentWriter};
use crate::model::PlacedSegment;

/// Apache Parquet.
pub const FORMAT: SegmentFormat = SegmentFormat {
    name: "parquet",
    help: "Apache Parquet",
    extensions: &["parquet"],
    is_binary: true,
    spreadsheet_safe: None,
    labelled: Labelled::With(&LABELLED),
    layouts: &[
        Layout::File(|out| Ok(Box::new(ParquetWriter::of_file(out, Labels::Left)?))),
        Layout::Partitions(|open, by| ParquetWriter::of_partitions(open, by, Labels::Left)),
    ],
    input: Input::Seekable(read::open),
};

/// The same with a column of labels. The reader passes over it.
const LABELLED: SegmentFormat = SegmentFormat {
    labelled: Labelled::Same,
    layouts: &[
        Layout::File(|out| Ok(Box::new(ParquetWriter::of_file(out, Labels::Written)?))),
        Layout::Partitions(|open, by| ParquetWriter::of_partitions(open, by, Labels::Written)),
    ],
    name: "parquet",
    help: "Apache Parquet",
    extensions: &["parquet"],
    is_binary: true,
    spreadsheet_safe: None,
    input: Input::Seekable(read::open),
};

/// The name of the file in each folder of a partition.
const NAME: &str = "segments.parquet";

/// The files of an output.
pub enum ParquetFiles<'a> {
    /// One file.
    One(Box<ParquetFile>),
    /// One for each combination of values: `set=docs/workflow=human/segments.parquet`.
    Partitions {
        /// Opens a file by its path below the folder.
        open: Opener<'a>,
        /// The files by the path of their folder.
        files: BTreeMap<String, ParquetFile>,
    },
}

impl<'a> ParquetFiles<'a> {
    /// Files that `open` opens.
    pub fn opened_by(open: Opener<'a>) -> Self {
        ParquetFiles::Partitions { open, files: BTreeMap::new() }
    }

    /// Appends a row group to the file in the group's folder.
    ///
    /// # Errors
    /// Errors of the output.
    pub fn append(&mut self, encoder: &GroupEncoder, folder: &str, group: EncodedGroup) -> io::Result<()> {
        match self {
            ParquetFiles::One(file) => file.append(group),
            ParquetFiles::Partitions { open, files } => {
                if !files.contains_key(folder) {
                    files.insert(folder.to_owned(), encoder.file(open(&format!("{folder}{NAME}"))?)?);
                }
                files.get_mut(folder).map_or(Ok(()), |file| file.append(group))
            }
        }
    }

    /// Completes all files.
    ///
    /// # Errors
    /// Errors of the output.
    pub fn finish(self) -> io::Result<()> {
        match self {
            ParquetFiles::One(file) => file.finish(),
            ParquetFiles::Partitions { files, .. } => files.into_values().try_for_each(ParquetFile::finish),
        }
    }
}

/// Writes segments one by one.
struct ParquetWriter<'a> {
    encoder: GroupEncoder,
    files: ParquetFiles<'a>,
    by: &'a [Partition],
    groups: Groups,
    /// Rows of one folder and one pair of locales.
    rows: SegmentRows,
    folder: String,
    positions: Positions,
}

impl<'a> ParquetWriter<'a> {
    fn of_file(out: Box<dyn OutputFile>, labels: Labels) -> io::Result<ParquetWriter<'static>> {
        let encoder = GroupEncoder::new(labels, &[])?;
        let files = ParquetFiles::One(Box::new(encoder.file(out)?));
        Ok(ParquetWriter::with(encoder, files, &[]))
    }

    fn of_partitions(
        open: Opener<'a>,
        by: &'a [Partition],
        labels: Labels,
    ) -> io::Result<Box<dyn SegmentWriter + 'a>> {
        let encoder = GroupEncoder::new(labels, by)?;
        Ok(Box::new(ParquetWriter::with(encoder, ParquetFiles::opened_by(open), by)))
    }

    fn with(encoder: GroupEncoder, files: ParquetFiles<'a>, by: &'a [Partition]) -> Self {
        let (groups, rows) = (Groups::default(), SegmentRows::default());
        ParquetWriter {
            encoder,
            files,
            by,
            groups,
            rows,
            folder: String::new(),
            positions: Positions::default(),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        let ParquetWriter { encoder, files, groups, rows, folder, .. } = self;
        groups.push(folder, rows, &SegmentRows::default, &mut |group| append(encoder, files, &group))
    }
}

fn append(encoder: &GroupEncoder, files: &mut ParquetFiles<'_>, group: &Group) -> io::Result<()> {
    files.append(encoder, &group.folder, encoder.encode(&group.rows)?)
}

impl SegmentWriter for ParquetWriter<'_> {
    fn write(&mut self, placed: PlacedSegment<'_>) -> io::Result<bool> {
        if !self.rows.continues(&placed) {
            let folder = Partition::folders(self.by, &placed);
            let locales = (placed.source_locale, placed.target_locale);
            if folder != self.folder || self.rows.locales().is_some_and(|before| before != locales) {
                self.flush()?;
                self.folder = folder;
            }
            self.rows.begin(&placed);
        }
        self.rows.push(placed.segment, placed.labels, self.positions.of(&placed));
        if self.rows.is_full() {
            self.flush()?;
        }
        Ok(true)
    }

    fn finish(mut self: Box<Self>) -> io::Result<u64> {
        self.flush()?;
        let ParquetWriter { encoder, mut files, groups, .. } = *self;
        groups.into_rest().try_for_each(|group| append(&encoder, &mut files, &group))?;
        files.finish()?;
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::{Arc, Mutex};

    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::*;
    use crate::model::{
        Commit, Date, DocumentVersion, Locale, Metadata, ObjectId, Segment, SegmentId, Workflow, WrittenTexts,
    };

    /// An output in memory that outlives its writer.
    #[derive(Clone, Default)]
    struct SharedOutput(Arc<Mutex<Vec<u8>>>);

    impl io::Write for SharedOutput {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl OutputFile for SharedOutput {
        fn finish(self: Box<Self>) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_row_comes_back_with_lists_dates_and_what_is_missing() {
        let locale = |name: &str| name.parse::<Locale>().unwrap();
        let (english, korean) = (locale("en-US"), locale("ko-KR"));
        let full = Metadata {
            workflow: Some(Workflow::Human),
            handoff: Some(Date::constant(2019, 4, 23)),
            no_loc: vec!["A".into(), "B".into()],
            ..Metadata::default()
        };
        let empty = Metadata::default();
        let written = WrittenTexts { source: Some(" a".into()), target: None };
        let output = SharedOutput::default();
        let open = |name: &str| {
            assert_eq!(name, "set=s/segments.parquet");
            Ok(Box::new(output.clone()) as Box<dyn OutputFile>)
        };
        let mut writer =
            ParquetWriter::of_partitions(Box::new(open), &[Partition::Set], Labels::Left).unwrap();
        let commit = Commit { id: ObjectId::from_bytes(&[0xab; 20]).unwrap(), time: 86_400 };
        for (number, metadata) in [(1, &full), (2, &empty), (3, &full)] {
            let id = format!("41488-{number}");
            let id = SegmentId::parse(&id).unwrap();
            let segment = Segment {
                id,
                line: 4,
                source: "a".into(),
                target: "가".into(),
                written: (number == 1).then(|| Box::new(written.clone())),
                confidence: (number == 1).then_some(97),
            };
            let placed = PlacedSegment {
                set: "s",
                document: "d",
                source_locale: &english,
                target_locale: &korean,
                metadata,
                version: DocumentVersion { commit: Some(commit), superseded: None },
                segment: &segment,
                labels: None,
            };
            writer.write(placed).unwrap();
        }
        writer.finish().unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&output.0.lock().unwrap()).unwrap();
        let file = SerializedFileReader::new(file).unwrap();
        let rows: Vec<String> =
            file.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        assert_eq!(
            rows[0],
            "{document: \"d\", id: \"41488-1\", number: 1, kind: \"sentence\", line: 4, source_locale: \"en-US\", \
             target_locale: \"ko-KR\", source: \"a\", target: \"가\", confidence: 0.97, workflow: \"human\", source_hash: null, \
             source_commit: null, handoff: 2019-04-23, file_id: null, \
             commit: \"abababababababababababababababababababab\", committed: 1970-01-02 00:00:00.000 +00:00, superseded: null, position: 0, \
             source_as_written: \" a\", target_as_written: null, title: null, description: null, no_loc: [\"A\", \"B\"]}"
        );
        assert!(rows[1].contains("workflow: null") && rows[1].contains("no_loc: null"), "{}", rows[1]);
        assert_eq!(rows.len(), 3);
    }
}
