//! Reading of the segments of side-by-side documents, without a memory.

use std::io;
use std::path::PathBuf;

use super::documents::{self, DocumentCounts, Files, Output, ReadDocument, read_set};
use super::fallback_locale::FallbackLocale;
use super::report::Problems;
use super::{OperationError, Report};
use crate::input::{DocumentSet, Entry};
use crate::model::{Document, DocumentVersion, Locale, PlacedSegment, Problem};
use crate::side_by_side::{self, NO_LOCALE};

/// Which documents are read, and what is assumed of them.
#[derive(Clone, Debug)]
pub struct SegmentSources {
    /// Folders, archives, Git repositories or single files of side-by-side documents.
    pub paths: Vec<PathBuf>,
    /// Which files of them are read, and how much of them.
    pub files: Files,
    /// The name of the document set; `None`: that of the folder or archive.
    pub set: Option<String>,
    /// The locale of the source texts.
    pub source_locale: Locale,
    /// The target locale of documents that state none; `None`: that of most documents of the set.
    pub target_locale: Option<Locale>,
    /// How many threads read; at least one does.
    pub threads: usize,
}

/// A document that has segments, with the locale of their translations.
pub(super) struct LocatedDocument<'a> {
    pub set: &'a str,
    pub path: &'a str,
    pub source_locale: &'a Locale,
    pub target_locale: &'a Locale,
    /// The commit that was read, if it is from a Git repository.
    #[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "only the columns of Parquet have it"))]
    pub version: DocumentVersion,
    document: &'a Document<'a>,
}

impl<'a> LocatedDocument<'a> {
    /// A document with the names of its set and its path, its source and its target locale.
    pub fn new(
        (set, path): (&'a str, &'a str),
        (source_locale, target_locale): (&'a Locale, &'a Locale),
        version: DocumentVersion,
        document: &'a Document<'a>,
    ) -> Self {
        LocatedDocument { set, path, source_locale, target_locale, version, document }
    }

    /// Its segments, in order.
    pub fn segments(&self) -> impl Iterator<Item = PlacedSegment<'_>> + Clone {
        self.document.segments.iter().map(|segment| PlacedSegment {
            set: self.set,
            document: self.path,
            source_locale: self.source_locale,
            target_locale: self.target_locale,
            metadata: &self.document.metadata,
            // What the document holds is the same for a checked-out file.
            version: DocumentVersion::default(),
            segment,
            labels: None,
        })
    }
}

impl SegmentSources {
    /// Calls `read` with each document on several threads, and `write` with what it returned, in the order of the paths and of the
    /// documents' paths below them. `operation` is a verb for the warning that a set has no segments.
    ///
    /// # Errors
    /// If a path cannot be listed, and those of `write`. Unreadable parts below a path are reported as problems.
    pub(super) fn read<T: Send>(
        &self,
        operation: &'static str,
        report: &mut dyn Report,
        read: impl Fn(&LocatedDocument<'_>) -> Option<T> + Sync,
        mut write: impl FnMut(T) -> Result<(), OperationError>,
    ) -> Result<DocumentCounts, OperationError> {
        let mut problems = Problems::new(report);
        let mut counts = DocumentCounts::default();
        for path in &self.paths {
            let set = self.files.open(path, self.set.as_deref())?;
            problems.add_listing(&set);
            let fallback = FallbackLocale::new(self.target_locale.as_ref());
            let locale_of = |stated: Option<&Locale>| match stated {
                Some(stated) => {
                    fallback.count(stated);
                    Some(stated.clone())
                }
                None => fallback.at_once(&set, self.threads).cloned(),
            };
            read_set(
                &set,
                (&self.files, path, self.threads),
                (operation, &mut problems, &mut counts),
                |entry, bytes| {
                    self.read_document((&set, entry), bytes, locale_of, &read)
                        .unwrap_or_else(|problem| ReadDocument::nothing(vec![problem]))
                },
                |_, output| write(output).map(|()| Output::Written),
            )?;
        }
        counts.problems = problems.count;
        Ok(counts)
    }

    fn read_document<T>(
        &self,
        (set, entry): (&DocumentSet, &Entry),
        bytes: io::Result<&[u8]>,
        locale_of: impl Fn(Option<&Locale>) -> Option<Locale>,
        read: impl Fn(&LocatedDocument<'_>) -> Option<T>,
    ) -> Result<ReadDocument<T>, Problem> {
        let Some(bytes) = documents::with_spans(bytes)? else { return Ok(ReadDocument::nothing(Vec::new())) };
        let text = side_by_side::decode(bytes)?;
        let mut document = side_by_side::read(&text, documents::syntax(entry));
        let mut problems = std::mem::take(&mut document.problems);
        if document.segments.is_empty() {
            return Ok(ReadDocument::nothing(problems));
        }
        let Some(target_locale) = locale_of(document.metadata.target_locale.as_ref()) else {
            problems.push(Problem { line: None, reason: NO_LOCALE.to_owned() });
            return Ok(ReadDocument::nothing(problems));
        };
        let version = DocumentVersion { commit: set.commit, superseded: None };
        let locales = (&self.source_locale, &target_locale);
        let output = read(&LocatedDocument::new((&set.name, &entry.path), locales, version, &document));
        Ok(ReadDocument { output, problems, has_segments: true })
    }
}
