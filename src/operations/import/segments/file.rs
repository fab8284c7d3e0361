//! A file of segments, or two: opens it within bounds.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use super::dataset::Dataset;
use crate::exchange::formats::{Format, without_compression};
use crate::exchange::reading::{Bytes, Input, ReadError, SegmentReader};
use crate::exchange::segments::SegmentFormat;
use crate::input::{Limits, shown};
use crate::model::Locale;
use crate::operations::OperationError;
use crate::operations::import::bounded::{UnitBytes, unpacked};

/// A file of segments, or the two files of a corpus.
pub(in crate::operations::import) struct SegmentFile {
    format: &'static SegmentFormat,
    /// One, or the source texts and the target texts with their locales.
    paths: Vec<(PathBuf, Option<Locale>)>,
    /// The folder, if the files are parts of one table.
    folder: Option<PathBuf>,
    /// The name of the set of what the file states no set of.
    pub(super) set: String,
    /// The path of the document of what the file states no document of.
    pub(super) document: String,
}

/// A reader of a file, with the counters of the bytes that it reads.
pub(super) struct Opened {
    pub reader: Box<dyn SegmentReader>,
    pub units: Vec<UnitBytes>,
}

impl SegmentFile {
    /// A file of a format.
    pub fn new(format: &'static SegmentFormat, path: &Path) -> SegmentFile {
        let document = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = without_compression(&document);
        let set = match Format::of_file_name(&document) {
            Some((_, stem)) => stem,
            None => name.rsplit_once('.').map_or(name, |(stem, _)| stem),
        };
        let set = set.to_owned();
        SegmentFile { format, paths: vec![(path.to_owned(), None)], folder: None, set, document }
    }

    /// A folder whose files are parts of one table.
    pub fn dataset(format: &'static SegmentFormat, folder: &Path, parts: Vec<PathBuf>) -> SegmentFile {
        let paths = parts.into_iter().map(|part| (part, None)).collect();
        let name = folder.canonicalize().ok().and_then(|folder| Some(folder.file_name()?.to_owned()));
        let set = name.unwrap_or_default().to_string_lossy().into_owned();
        SegmentFile { format, paths, folder: Some(folder.to_owned()), document: set.clone(), set }
    }

    /// The two files of a corpus: of the source texts and of the target texts.
    pub fn pair(format: &'static SegmentFormat, name: &str, files: [(PathBuf, Locale); 2]) -> SegmentFile {
        let paths = files.map(|(path, locale)| (path, Some(locale))).into();
        SegmentFile { format, paths, folder: None, set: name.to_owned(), document: name.to_owned() }
    }

    /// Its path, or that of its source texts, or of its folder, as the user named it.
    pub fn path(&self) -> &Path {
        self.folder.as_ref().unwrap_or(&self.paths[0].0)
    }

    /// Its length in bytes.
    pub(super) fn length(&self) -> Result<u64, OperationError> {
        self.paths.iter().try_fold(0, |length, (path, _)| Ok(length + self.file(path)?.1))
    }

    fn file(&self, path: &Path) -> Result<(File, u64), OperationError> {
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
        let (metadata, file) = opened.map_err(OperationError::file("read", shown(path)))?;
        Ok((file, metadata.len()))
    }

    /// Opens a reader. The inner error is one of the content.
    pub(super) fn open(&self, limits: &Limits) -> Result<Result<Opened, ReadError>, OperationError> {
        if let (Some(folder), Input::Seekable(open)) = (&self.folder, self.format.input) {
            let parts: Vec<PathBuf> = self.paths.iter().map(|(path, _)| path.clone()).collect();
            let reader = Box::new(Dataset::new(folder, &parts, open, limits.document.0));
            return Ok(Ok(Opened { reader, units: Vec::new() }));
        }
        let mut units = Vec::with_capacity(self.paths.len());
        let mut stream = |path: &Path| -> Result<Bytes<'static>, OperationError> {
            let (file, packed) = self.file(path)?;
            let buffered = BufReader::with_capacity(1 << 16, file);
            let bytes = unpacked(&shown(path), buffered, packed, limits);
            let bytes = bytes.map_err(OperationError::file("read", shown(path)))?;
            units.push(bytes.unit_bytes());
            Ok(Box::new(bytes) as Box<dyn Read>)
        };
        let opened = match (self.format.input, &self.paths[..]) {
            (Input::Stream(open), [(path, _)]) => open(stream(path)?),
            (Input::Seekable(open), [(path, _)]) => open(self.file(path)?.0, path, limits.document.0),
            (Input::Pair(open), [(source, Some(from)), (target, Some(to))]) => {
                open([(stream(source)?, from.clone()), (stream(target)?, to.clone())])
            }
            // The constructors make no other.
            _ => Err(ReadError { line: None, reason: "it is half of a corpus".to_owned() }),
        };
        Ok(opened.map(|reader| Opened { reader, units }))
    }
}
