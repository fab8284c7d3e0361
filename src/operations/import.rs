//! Import of document sets, TMX files and files of segments into the memory.
//!
//! # Damaged files
//! A file is damaged if an unknown number of its segments may be missing: it cannot be decoded, it ends too early, a part of it
//! cannot be read to its end, it has a block of zeros, or no segment of it can be read although it has some; a TMX also if
//! there is a text where units belong. A damaged file never replaces what the memory has of an earlier version, because it would
//! remove segments that nobody removed. That is reported as a problem, and counted in [`Imported::documents_kept`]. If the
//! memory has no earlier version, what can be read is stored.
//!
//! A file of segments can hold many documents. Those that end before the damage are whole, and replace their earlier versions. With
//! [`DamagedTmx::KeepNothing`] nothing of a damaged file is stored.
//!
//! A fault whose extent is known does not make a file damaged: a segment without a source, a unit with a wrong date, an
//! undefined entity. The segment or unit is reported, and the rest is stored.

mod bounded;
mod document;
mod history;
pub(super) mod prepared;
mod problems;
mod recognize;
mod segments;
mod sets;
mod tmx;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::documents::Files;
use super::report::Problems;
use super::{OperationError, Report};
use crate::exchange::formats::Format;
use crate::input::{DocumentSet, shown};
use crate::memory::{Import, ImportCounts, Memory, MemoryError};
use crate::model::{Date, Locale};
use crate::parallel::available_threads;

use recognize::{Recognized, recognize};
use segments::{SegmentFile, StoredNames};
use tmx::TmxFile;

/// A plan of an import.
#[derive(Clone, Debug)]
pub struct ImportPlan {
    /// Folders, archives, Git repositories or single files of side-by-side documents, and files of the formats that are exchanged
    /// with other tools.
    pub paths: Vec<PathBuf>,
    /// The format of all paths; `None`: each is a document set, unless its name is that of an exchange format.
    pub format: Option<Format>,
    /// Which files of them are read, and how much of them.
    pub files: Files,
    /// The name of the document set; `None`: that of the folder, archive or file.
    pub set: Option<String>,
    /// The locale of the source texts.
    pub source_locale: Locale,
    /// The target locale of documents that state none; `None`: that of most documents of the set.
    pub target_locale: Option<Locale>,
    /// Whether documents of the set that are no longer under the paths are removed. Those that `files` excludes are not.
    pub prune: bool,
    /// Whether the import is rolled back at the end, so that only the counts remain.
    pub dry_run: bool,
    /// Which earlier versions of documents are read from the history of a Git branch; `None`: none.
    pub history: Option<HistoryPlan>,
    /// How much of a damaged TMX, or file of segments, is kept.
    pub damaged_tmx: DamagedTmx,
    /// How many threads read; at least one does.
    pub threads: usize,
}

/// Which earlier versions of documents are read. The memory keeps those that it has already, whatever their dates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistoryPlan {
    /// Only those committed on this day or later, in UTC.
    pub since: Option<Date>,
    /// Only those committed on this day or earlier, in UTC.
    pub until: Option<Date>,
}

/// How much of a damaged TMX, or file of segments, is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DamagedTmx {
    /// The units or segments before the damage.
    KeepUnitsBefore,
    /// Nothing: the memory keeps the units of an earlier import of it.
    KeepNothing,
}

/// The result of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Documents, segments and units that were stored and removed.
    pub counts: ImportCounts,
    /// Damaged documents, also of files of segments, and TMX files that did not replace their earlier versions.
    pub documents_kept: u64,
    /// Segments of files that were not read although they could be: untranslated, fuzzy or obsolete.
    pub segments_left_out: u64,
    /// Problems and warnings that were reported.
    pub problems: u64,
    /// Sets with segments, TMX files with units, and files with segments.
    pub sets_with_segments: u64,
}

/// The end of the problem of a damaged file whose earlier version stays in the memory.
const KEPT_EARLIER: &str = "the memory keeps the earlier version; repair the file and import it again";

/// Opens the memory to import into. Creates it if it does not exist, except for a dry run.
///
/// # Errors
/// As [`Memory::open_or_create`].
pub fn open_memory(path: &Path, dry_run: bool) -> Result<Memory, MemoryError> {
    match dry_run {
        true => Memory::open_for_dry_run(path),
        false => Memory::open_or_create(path),
    }
}

impl ImportPlan {
    /// A plan with these paths and default options.
    pub fn new(paths: impl IntoIterator<Item = impl Into<PathBuf>>, source_locale: Locale) -> Self {
        ImportPlan {
            paths: paths.into_iter().map(Into::into).collect(),
            format: None,
            files: Files::default(),
            set: None,
            source_locale,
            target_locale: None,
            prune: false,
            dry_run: false,
            history: None,
            damaged_tmx: DamagedTmx::KeepUnitsBefore,
            threads: available_threads(),
        }
    }

    /// Lists the documents under the paths.
    ///
    /// # Errors
    /// If a path cannot be listed, if two different sets have the same name, or if the plan prunes and a path is not a whole set.
    pub fn list(self) -> Result<ImportSources, OperationError> {
        let Recognized { tmx_files, segment_files, documents } = recognize(&self)?;
        let mut files =
            tmx_files.iter().map(TmxFile::path).chain(segment_files.iter().map(SegmentFile::path));
        match files.next().map(shown) {
            Some(path) if self.history.is_some() => return Err(OperationError::NoHistory { path }),
            Some(path) if self.prune => return Err(OperationError::PruneOfFile { path }),
            _ => {}
        }
        let mut roots: HashMap<String, PathBuf> = HashMap::new();
        let mut sets = Vec::new();
        for path in documents {
            let set = self.files.open(&path, self.set.as_deref())?;
            if self.history.is_some() && set.commit.is_none() {
                return Err(OperationError::NoHistory { path: set.path });
            }
            if self.prune && set.single {
                return Err(OperationError::PruneOfOneFile { path: set.path });
            }
            let root = roots.entry(set.name.clone()).or_insert_with(|| set.root.clone());
            if self.set.is_none() && *root != set.root {
                let (first, second) = (shown(root), shown(&set.root));
                return Err(OperationError::SetNamedTwice { first, second, set: set.name });
            }
            sets.push((path, set));
        }
        Ok(ImportSources { plan: self, sets, tmx_files, segment_files })
    }
}

/// The document sets and other files of a plan, listed.
pub struct ImportSources {
    plan: ImportPlan,
    /// With the paths that the user named.
    sets: Vec<(PathBuf, DocumentSet)>,
    tmx_files: Vec<TmxFile>,
    segment_files: Vec<SegmentFile>,
}

impl ImportSources {
    /// The number of documents and other files to read.
    pub fn documents(&self) -> u64 {
        let documents: u64 = self.sets.iter().map(|(_, set)| set.entries.len() as u64).sum();
        documents + self.tmx_files.len() as u64 + self.segment_files.len() as u64
    }

    /// Imports the sources. Skips documents that have not changed since the last import.
    ///
    /// # Errors
    /// If the memory cannot be written, or a TMX cannot be read. Committed documents stay, and the next import continues with the
    /// others. Unreadable parts of a document set are reported as problems.
    pub fn import(&self, memory: &mut Memory, report: &mut dyn Report) -> Result<Imported, OperationError> {
        let mut run = Run {
            plan: &self.plan,
            import: Import::begin(memory, self.plan.dry_run)?,
            problems: Problems::new(report),
            unchanged: 0,
            without_segments: 0,
            kept: 0,
            reported: HashSet::new(),
            left_out: 0,
            unread: HashSet::new(),
            seen: HashMap::new(),
        };
        let mut sets_with_segments = 0;
        for (path, set) in &self.sets {
            sets_with_segments += u64::from(run.import_set(set, path)?);
        }
        for file in &self.tmx_files {
            sets_with_segments += u64::from(run.import_tmx(file)?);
        }
        let mut stored = StoredNames::default();
        for file in &self.segment_files {
            sets_with_segments += u64::from(run.import_segments(file, &mut stored)?);
        }
        run.prune()?;
        let mut counts = run.import.finish()?;
        counts.documents_unchanged += run.unchanged;
        counts.documents_without_segments += run.without_segments;
        Ok(Imported {
            counts,
            documents_kept: run.kept,
            segments_left_out: run.left_out,
            problems: run.problems.count,
            sets_with_segments,
        })
    }
}

/// A running import.
struct Run<'a> {
    plan: &'a ImportPlan,
    import: Import<'a>,
    problems: Problems<'a>,
    /// Unchanged documents, which are not passed to the memory.
    unchanged: u64,
    without_segments: u64,
    /// Damaged documents that did not replace their earlier versions.
    kept: u64,
    /// The problems of documents of Git revisions: path and reason.
    reported: HashSet<(String, String)>,
    /// Segments of files that were not read although they could be.
    left_out: u64,
    /// The paths of documents of the set that could not be read or are damaged, if the history is imported.
    unread: HashSet<String>,
    /// The documents of each set so far, by the name of the set.
    seen: HashMap<&'a str, SeenSet<'a>>,
}

#[derive(Default)]
struct SeenSet<'a> {
    /// The paths of its documents, with and without segments.
    paths: HashSet<&'a str>,
    /// Whether a part could not be listed, so that other documents may exist.
    incomplete: bool,
    /// Whether any document had spans.
    found: bool,
    /// The date of the commit of a shallow clone whose history was imported: of documents that it does not have, it is not known
    /// whether the branch had them.
    shallow_at: Option<i64>,
}

impl<'a> Run<'a> {
    /// Imports a TMX, or an archive of them. Returns whether it has a unit.
    fn import_tmx(&mut self, file: &TmxFile) -> Result<bool, OperationError> {
        let outcomes = tmx::import(file, self.plan, &mut self.import, &mut self.problems)?;
        let count = |wanted| outcomes.iter().filter(|&&outcome| outcome == wanted).count() as u64;
        self.unchanged += count(tmx::Outcome::Unchanged);
        self.without_segments += count(tmx::Outcome::Nothing);
        self.kept += count(tmx::Outcome::KeptEarlier);
        Ok(count(tmx::Outcome::Nothing) < outcomes.len() as u64)
    }

    /// Imports a file of segments. Returns whether it has a segment.
    fn import_segments(
        &mut self,
        file: &SegmentFile,
        stored: &mut StoredNames,
    ) -> Result<bool, OperationError> {
        let counts = segments::import(file, self.plan, &mut self.import, stored, &mut self.problems)?;
        self.unchanged += counts.unchanged;
        self.without_segments += counts.without_segments;
        self.kept += counts.kept;
        self.left_out += counts.left_out;
        Ok(counts.has_segments)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::report::Warning;
    use super::*;
    use crate::model::Problem;

    #[derive(Default)]
    struct Recorded(Vec<String>);

    impl Report for Recorded {
        fn problem(&mut self, path: &str, problem: &Problem) {
            let name = path.rsplit('/').next().unwrap_or_default();
            self.0.push(format!("{name}: {}", problem.reason));
        }

        fn warning(&mut self, warning: &Warning) {
            self.0.push(warning.to_string());
        }
    }

    fn document(locale: Option<&str>) -> String {
        let front =
            locale.map(|locale| format!("---\nms.contentlocale: {locale}\n---\n")).unwrap_or_default();
        front
            + "<span data-ttu-id=\"0a1b2-101\">x</span>\
               <span class=\"sxs-lookup\"><span data-stu-id=\"0a1b2-101\">y</span></span>\n"
    }

    #[test]
    fn an_import_reports_to_its_caller_and_counts() {
        let folder = tempfile::tempdir().unwrap();
        let docs = folder.path().join("docs");
        fs::create_dir(&docs).unwrap();
        for (name, locale) in [("a.md", None), ("b.md", Some("ja-JP")), ("c.md", Some("ja-JP"))] {
            fs::write(docs.join(name), document(locale)).unwrap();
        }
        fs::write(docs.join("clean.md"), "nothing").unwrap();
        fs::write(docs.join("d.md"), b"data-ttu-id \xff").unwrap();
        let mut memory = Memory::transient().unwrap();
        let mut import = |report: &mut Recorded| {
            let plan = ImportPlan::new([&docs], "en-US".parse().unwrap());
            plan.list().unwrap().import(&mut memory, report).unwrap()
        };
        let mut first = Recorded::default();
        let imported = import(&mut first);
        assert_eq!(
            (imported.counts.documents_new, imported.counts.documents_without_segments, imported.problems),
            (3, 1, 1)
        );
        assert_eq!(first.0, ["d.md: not UTF-8: byte 0xff at offset 12; the document was left out"]);

        let again = import(&mut Recorded::default());
        assert_eq!((again.counts.documents_new, again.counts.documents_unchanged), (0, 3));
        let known = Import::begin(&mut memory, true).unwrap().known_documents("docs").unwrap();
        assert_eq!(known.get("a.md").unwrap().target_locale.as_str(), "ja-JP", "that of the others");
    }

    #[test]
    fn a_plan_that_would_mix_or_lose_sets_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["one/docs", "two/docs"] {
            fs::create_dir_all(folder.path().join(path)).unwrap();
            fs::write(folder.path().join(path).join("a.md"), document(None)).unwrap();
        }
        fs::write(folder.path().join("a.tmx"), "").unwrap();
        let plan = |paths: &[&str], prune| {
            let paths = paths.iter().map(|path| folder.path().join(path));
            ImportPlan { prune, ..ImportPlan::new(paths, "en-US".parse().unwrap()) }.list().err()
        };
        assert!(matches!(plan(&["one/docs", "two/docs"], false), Some(OperationError::SetNamedTwice { .. })));
        assert!(matches!(plan(&["one/docs/a.md"], true), Some(OperationError::PruneOfOneFile { .. })));
        assert!(matches!(plan(&["a.tmx"], true), Some(OperationError::PruneOfFile { .. })));
        assert!(plan(&["one/docs"], true).is_none());
    }
}
