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
mod tmx;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::documents::Files;
use super::fallback_locale::FallbackLocale;
use super::report::{Problems, Warning};
use super::{OperationError, Report};
use crate::exchange::formats::Format;
use crate::input::{self, DocumentSet, Entry, shown};
use crate::memory::{
    GitVersion, Import, ImportCounts, KnownDocument, KnownDocuments, Memory, MemoryError, NewDocument,
};
use crate::model::{Date, Locale, Problem};
use crate::parallel::available_threads;
use crate::side_by_side::{self, NO_LOCALE};

use document::{Reader, Reading};
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

    /// Imports the documents under one path. Returns whether any of them has segments.
    fn import_set(&mut self, set: &'a DocumentSet, path: &Path) -> Result<bool, OperationError> {
        self.problems.add_listing(set);
        if self.plan.history.is_some() {
            self.import.keep_history();
        }
        let known = self.import.known_documents(&set.name)?;
        let fallback = FallbackLocale::new(self.plan.target_locale.as_ref());
        let entries = self.entries_not_seen(set);
        let (unread, entries) = self.known_objects(set, entries, &known)?;
        let mut found = !unread.is_empty();
        for (path, document) in unread {
            fallback.count(&document.target_locale);
            let problems = document.problems.clone();
            self.store(set, path, Reading::Unchanged { problems }, &known)?;
            self.problems.document_done(0)?;
        }
        let mut waiting = HashSet::new();
        self.read(set, &entries, &known, fallback.named(), |run, entry, reading| {
            found |= !matches!(reading, Reading::WithoutSpans | Reading::Unreadable(_));
            if let Reading::WithoutLocale = reading {
                waiting.insert(entry.path.as_str());
                return Ok(());
            }
            let stated = reading.stated_locale(known.get(&entry.path));
            stated.into_iter().for_each(|stated| fallback.count(stated));
            run.store(set, entry, reading, &known)
        })?;
        // Documents without a locale get that of most of the others, which is known only now.
        let entries: Vec<_> =
            entries.into_iter().filter(|entry| waiting.contains(entry.path.as_str())).collect();
        self.read(set, &entries, &known, fallback.after_all(), |run, entry, reading| match reading {
            Reading::WithoutLocale => {
                run.problems.add_in(set, &entry.path, &Problem { line: None, reason: NO_LOCALE.to_owned() });
                run.unread.insert(entry.path.clone());
                Ok(())
            }
            reading => run.store(set, entry, reading, &known),
        })?;
        if let Some(plan) = self.plan.history {
            found = self.import_history(set, plan, fallback.after_all(), found)?;
        }
        if !found {
            self.problems.warn(&self.plan.files.no_spans("import", set, path));
        }
        self.seen.entry(&set.name).or_default().found |= found;
        Ok(found)
    }

    /// Separates the documents of a revision that the memory has by the ids of their objects from those that have to be read.
    /// Objects without segments are counted.
    fn known_objects<'k>(
        &mut self,
        set: &DocumentSet,
        mut entries: Vec<&'a Entry>,
        known: &'k KnownDocuments,
    ) -> Result<KnownEntries<'a, 'k>, MemoryError> {
        let mut unread = Vec::new();
        if set.commit.is_none() {
            return Ok((unread, entries));
        }
        let clean = self.import.clean_objects(&set.name, side_by_side::REVISION)?;
        entries.retain(|&entry| match (known.get(&entry.path), entry.object) {
            (Some(document), Some(object))
                if document.object == Some((object, side_by_side::REVISION))
                    && document.locale_stated
                    && document.source_locale == self.plan.source_locale =>
            {
                unread.push((entry, document));
                false
            }
            (None, Some(object)) if clean.contains(&object) => {
                self.without_segments += 1;
                self.problems.report.document_done(0);
                false
            }
            _ => true,
        });
        Ok((unread, entries))
    }

    /// The documents of a set, without those under an earlier path of the plan.
    fn entries_not_seen(&mut self, set: &'a DocumentSet) -> Vec<&'a Entry> {
        let seen = self.seen.entry(&set.name).or_default();
        seen.incomplete |= !set.problems.is_empty();
        let mut entries = Vec::with_capacity(set.entries.len());
        for entry in &set.entries {
            if seen.paths.insert(&entry.path) {
                entries.push(entry);
            } else {
                let reason =
                    format!("the set {:?} has this document already; the first one counts", set.name);
                self.problems.add_in(set, &entry.path, &Problem { line: None, reason });
            }
        }
        entries
    }

    /// Reads documents on several threads, and calls `store` with each in the order of the entries.
    fn read(
        &mut self,
        set: &DocumentSet,
        entries: &[&'a Entry],
        known: &KnownDocuments,
        fallback: Option<&Locale>,
        mut store: impl FnMut(&mut Self, &'a Entry, Reading) -> Result<(), OperationError>,
    ) -> Result<(), OperationError> {
        let reader = Reader { known, source_locale: &self.plan.source_locale, fallback };
        input::read_in_order(
            set,
            entries,
            self.plan.threads,
            |entry, bytes| {
                let length = bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
                (entry, length, reader.read(entry, bytes))
            },
            |(entry, length, reading)| {
                let waits = matches!(reading, Reading::WithoutLocale);
                store(self, entry, reading)?;
                if !waits {
                    self.problems.document_done(length)?;
                }
                Ok(())
            },
        )
    }

    fn store(
        &mut self,
        set: &DocumentSet,
        entry: &Entry,
        reading: Reading,
        known: &KnownDocuments,
    ) -> Result<(), OperationError> {
        let path = entry.path.as_str();
        let superseded = set.commit.map(|commit| commit.time);
        let mut without_segments = || -> Result<(), MemoryError> {
            self.without_segments += 1;
            known.get(path).map_or(Ok(()), |_| self.import.withdraw(&set.name, path, superseded).map(|_| ()))
        };
        if self.plan.history.is_some() && matches!(reading, Reading::Unreadable(_) | Reading::Damaged { .. })
        {
            self.unread.insert(path.to_owned());
        }
        let problems = match reading {
            Reading::WithoutLocale => Vec::new(),
            Reading::Unreadable(problem) => vec![problem],
            Reading::Damaged { mut problems } => {
                self.kept += 1;
                let reason = format!("the document is damaged; {KEPT_EARLIER}");
                problems.push(Problem { line: None, reason });
                problems
            }
            Reading::WithoutSpans => {
                without_segments()?;
                if let Some(object) = entry.object {
                    self.import.add_clean_object(&set.name, object, side_by_side::REVISION)?;
                }
                Vec::new()
            }
            Reading::Unchanged { problems } => {
                self.unchanged += 1;
                let known = known.get(path).and_then(|known| known.object);
                if let Some(git) = git_version(set, entry)
                    && known != Some((git.object, git.reader))
                {
                    self.import.set_git_version(&set.name, path, &git)?;
                }
                problems
            }
            Reading::Read(document) if document.segments.len() == 0 => {
                without_segments()?;
                document.problems
            }
            Reading::Read(document) => {
                let new = NewDocument {
                    set: &set.name,
                    path,
                    hash: &document.hash,
                    source_locale: &self.plan.source_locale,
                    target_locale: &document.target_locale,
                    locale_stated: document.metadata.target_locale.is_some(),
                    git: git_version(set, entry),
                    metadata: &document.metadata,
                    problems: &document.problems,
                };
                self.import.put(&new, document.segments.iter())?;
                self.problems.report.segments_stored(document.segments.len() as u64);
                document.problems
            }
        };
        for problem in problems {
            self.problems.add_in(set, path, &problem);
            if self.plan.history.is_some() {
                self.reported.insert((path.to_owned(), problem.reason));
            }
        }
        Ok(())
    }

    /// Removes documents that are no longer in their set, if the whole set could be listed. Excluded documents stay as they are,
    /// as in `rsync --delete`: they are not listed, so whether they still exist is not known.
    fn prune(&mut self) -> Result<(), OperationError> {
        if !self.plan.prune {
            return Ok(());
        }
        let names: BTreeSet<&str> = self.seen.keys().copied().collect();
        for name in names {
            let seen = &self.seen[name];
            if seen.incomplete || !seen.found {
                self.problems.warn(&Warning::NotPruned { set: name.to_owned(), found: seen.found });
                continue;
            }
            let known = self.import.known_documents(name)?;
            let is_gone = |path: &&str| !seen.paths.contains(path) && !self.plan.files.excludes(path);
            for path in known.paths().filter(is_gone) {
                // After the history of a shallow clone, the versions of a document of the branch stay, as those of all documents that
                // were deleted.
                self.import.withdraw(name, path, seen.shallow_at)?;
            }
        }
        Ok(())
    }
}

/// Entries whose documents the memory has, and the others.
type KnownEntries<'a, 'k> = (Vec<(&'a Entry, &'k KnownDocument)>, Vec<&'a Entry>);

/// The version of an entry of a Git revision.
fn git_version(set: &DocumentSet, entry: &Entry) -> Option<GitVersion> {
    let object = entry.object?;
    Some(GitVersion { object, reader: side_by_side::REVISION, commit: set.commit })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

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
