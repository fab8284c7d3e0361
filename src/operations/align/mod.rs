//! Alignment of two clean trees, of which one is a translation of the other: makes a document set of them in the memory.
//!
//! First a sample of the documents is read, to learn the ratio of lengths and a dictionary, and to see whether the trees fit. Then each
//! pair of documents is aligned by itself, on several threads, and stored in the order of the paths.

mod choice;
mod clean;
mod document;
pub(super) mod measure;
mod mixture;
pub mod pairing;
mod sample;
mod script;
mod versions;

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;

use super::clean_documents::Segmenters;
use super::documents::Files;
use super::report::Problems;
use super::{OperationError, Report};
use crate::alignment::BlockCounts;
use crate::input::{self, Content, DocumentSet, Entry, Reader, shown};
use crate::memory::{Import, ImportCounts, Memory, NewDocument};
use crate::model::{Locale, Workflow};
use crate::segmentation::Rules;

pub use document::AlignedRow;
use document::{Aligner, Read};
use pairing::{Layout, Map, Pair, Pairing};
pub use versions::{COMMIT_KEYS, VersionCounts};
use versions::{Version, Versions};

/// Under this share of blocks with a partner, two trees do not fit: 0.5. Translations of the right documents have 0.95 and more, and
/// other documents of the same kind 0.2 to 0.4.
pub const LEAST_SHARE: f32 = 0.5;

/// A plan of an alignment.
#[derive(Clone, Debug)]
pub struct AlignPlan {
    /// The tree of the source: a folder, an archive, a Git repository or a document.
    pub source: PathBuf,
    /// The tree of the target; `None`: it is in the same tree.
    pub target: Option<PathBuf>,
    /// How the paths of one tree correspond; `None`: it is found out.
    pub map: Option<Map>,
    /// Which files are read, and how much of them.
    pub files: Files,
    /// The name of the document set; `None`: that of the tree, with the target locale.
    pub set: Option<String>,
    /// The locale of the source.
    pub source_locale: Locale,
    /// The locale of the target.
    pub target_locale: Locale,
    /// Who translated, where a document does not state it.
    pub workflow: Option<Workflow>,
    /// Keys of front matter that name the commit of the source, besides [`COMMIT_KEYS`].
    pub commit_keys: Vec<String>,
    /// Whether the source documents are read as they are, and not in the version that each translation is of.
    pub only_this_version: bool,
    /// Whether trees are aligned that do not fit.
    pub force: bool,
    /// Whether nothing is written in the end, so that only the counts remain.
    pub dry_run: bool,
    /// How many threads align; at least one does.
    pub threads: usize,
}

/// The result of an alignment.
#[derive(Clone, Debug, Default)]
pub struct Aligned {
    /// Documents, segments and units that were stored.
    pub counts: ImportCounts,
    /// Blocks of the documents that were aligned.
    pub blocks: BlockCounts,
    /// Sentences of the source in these documents, and those without a translation.
    pub sentences: (u64, u64),
    /// Pairs of titles, descriptions and alternative texts of images.
    pub labels: u64,
    /// Pairs with a confidence of at least 50, 80 and 95 percent.
    pub confident: [u64; 3],
    /// Documents whose source was read in an earlier version than the newest from before the last change of the translation, because
    /// that one aligns better.
    pub older_versions: u64,
    /// Problems that were reported.
    pub problems: u64,
}

/// Receives what was aligned, document by document.
pub trait Rows {
    /// The rows of a document, in order.
    ///
    /// # Errors
    /// If they cannot be written; the alignment ends then.
    fn document(&mut self, path: &str, rows: &[AlignedRow]) -> io::Result<()>;
}

/// Why two trees are not aligned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AlignError {
    /// Both are the same tree, and nothing in it tells the locales apart.
    #[error(
        "{path} is both source and target, and no folder or file in it is named after the locale {locale}; name two trees, or show with \
         --map 'content/{{locale}}/**' where the locale is"
    )]
    SameTree {
        /// The tree.
        path: String,
        /// The target locale.
        locale: Locale,
    },
    /// No document of one tree has a partner in the other.
    #[error(
        "no document of {target} has the path of one of {source_tree}; name the folders in which the paths are the same, or show with \
         --map 'content/{{locale}}/**' where the locale is"
    )]
    NoPairs {
        /// The tree of the source.
        source_tree: String,
        /// The tree of the target.
        target: String,
    },
    /// The target has the texts of the source.
    #[error("{target} has the same text as {source_tree}: it is not translated")]
    SameText {
        /// The tree of the source.
        source_tree: String,
        /// The tree of the target.
        target: String,
    },
    /// The target is in another language.
    #[error("the documents of {target} are not in {locale}: {reason}; name their locale with --to")]
    OtherLocale {
        /// The tree of the target.
        target: String,
        /// The locale that was named.
        locale: Locale,
        /// What they are.
        reason: String,
    },
    /// Too few blocks have a partner.
    #[error(
        "only {percent} % of the paragraphs of {source_tree} and {target} belong together, so these are not versions of the same documents \
         (at least 50 % do in a translation); nothing was stored; --force stores what there is"
    )]
    DoNotFit {
        /// The tree of the source.
        source_tree: String,
        /// The tree of the target.
        target: String,
        /// The share of blocks with a partner.
        percent: u32,
    },
    /// The set has documents of another kind.
    #[error("the memory has a document set {set:?} that is not of an alignment; name another one with --set")]
    OtherSet {
        /// Its name.
        set: String,
    },
}

impl AlignPlan {
    /// Lists the documents of both trees, and pairs them.
    ///
    /// # Errors
    /// If a tree cannot be listed, or no two documents belong together.
    pub fn list(self) -> Result<AlignSources, OperationError> {
        let source = self.files.open(&self.source, self.set.as_deref())?;
        let target =
            self.target.as_ref().map(|path| self.files.open(path, self.set.as_deref())).transpose()?;
        let target = target.filter(|target| target.root != source.root || target.single);
        let is_one_tree = target.is_none();
        let paths =
            |set: &DocumentSet| set.entries.iter().map(|entry| entry.path.clone()).collect::<Vec<_>>();
        let ours = paths(&source);
        let theirs = target.as_ref().map_or_else(|| ours.clone(), paths);
        let locales = (&self.source_locale, &self.target_locale);
        let pairing = match &target {
            // Two documents that are named themselves belong together, whatever their names.
            Some(target) if source.single && target.single && ours != theirs => {
                let pair = Pair { path: theirs.first().cloned().unwrap_or_default(), source: 0, target: 0 };
                let (source_only, target_only) = (Vec::new(), Vec::new());
                Some(Pairing { layout: Layout::SamePath, pairs: vec![pair], source_only, target_only })
            }
            _ => {
                let ours: Vec<&str> = ours.iter().map(String::as_str).collect();
                let theirs: Vec<&str> = theirs.iter().map(String::as_str).collect();
                pairing::pair(&ours, &theirs, is_one_tree, locales, self.map.as_ref())
            }
        };
        let Some(pairing) = pairing else {
            let source_tree = shown(&self.source);
            return Err(OperationError::Align(match target {
                Some(target) => AlignError::NoPairs { source_tree, target: target.path },
                None => AlignError::SameTree { path: source_tree, locale: self.target_locale },
            }));
        };
        let set = match &self.set {
            Some(set) => set.clone(),
            None => default_set(target.as_ref().unwrap_or(&source), &self.target_locale),
        };
        let (versions, version_counts) = (HashMap::new(), VersionCounts::default());
        let mut sources = AlignSources { plan: self, source, target, pairing, set, versions, version_counts };
        sources.find_versions()?;
        Ok(sources)
    }
}

/// The name of a set: that of the folder of the target, or of the one above it that is not named after a locale, with the locale.
fn default_set(target: &DocumentSet, locale: &Locale) -> String {
    let is_locale =
        |name: &&str| name.parse::<Locale>().is_ok_and(|named| named.language() == locale.language());
    let names = || target.path.rsplit(['/', ':']).filter(|name| !matches!(*name, "" | "." | ".."));
    let name = match is_locale(&target.name.as_str()) {
        true => names().find(|name| !is_locale(name)),
        false => Some(target.name.as_str()),
    };
    match name {
        Some(name) if name.ends_with(&format!(".{locale}")) => name.to_owned(),
        Some(name) => format!("{name}.{locale}"),
        None => locale.to_string(),
    }
}

/// The documents of a plan, paired.
#[derive(Debug)]
pub struct AlignSources {
    plan: AlignPlan,
    source: DocumentSet,
    /// `None`: it is in the tree of the source.
    target: Option<DocumentSet>,
    pairing: Pairing,
    set: String,
    /// The versions of source documents that are read instead of those of the tree, by the common path of the pair.
    versions: HashMap<String, Versions>,
    version_counts: VersionCounts,
}

impl AlignSources {
    /// The number of pairs of documents.
    pub fn documents(&self) -> u64 {
        self.pairing.pairs.len() as u64
    }

    /// How the paths correspond.
    pub fn layout(&self) -> &Layout {
        &self.pairing.layout
    }

    /// The name of the document set.
    pub fn set(&self) -> &str {
        &self.set
    }

    /// The paths of the documents of the source without a target.
    pub fn source_only(&self) -> impl ExactSizeIterator<Item = &str> {
        self.pairing.source_only.iter().map(|&at| self.source.entries[at].path.as_str())
    }

    /// The paths of the documents of the target without a source.
    pub fn target_only(&self) -> impl ExactSizeIterator<Item = &str> {
        self.pairing.target_only.iter().map(|&at| self.target().entries[at].path.as_str())
    }

    /// How many source documents are read in the version that their translation is of.
    pub fn version_counts(&self) -> VersionCounts {
        self.version_counts
    }

    fn target(&self) -> &DocumentSet {
        self.target.as_ref().unwrap_or(&self.source)
    }

    /// Aligns the documents, and stores them. Documents of which both sides have not changed since the last time are left as they are.
    /// `rows` receives what was aligned.
    ///
    /// # Errors
    /// If the trees do not fit, or the memory cannot be written. Unreadable documents are reported as problems.
    pub fn align(
        &self,
        memory: &mut Memory,
        report: &mut dyn Report,
        mut rows: Option<&mut dyn Rows>,
    ) -> Result<Aligned, OperationError> {
        let mut problems = Problems::new(report);
        problems.add_listing(&self.source);
        self.target.iter().for_each(|target| problems.add_listing(target));
        let mut import = Import::begin(memory, self.plan.dry_run)?;
        if import.has_other_documents(&self.set)? {
            return Err(OperationError::Align(AlignError::OtherSet { set: self.set.clone() }));
        }
        let known = import.known_documents(&self.set)?;
        let segmenters = Segmenters::new(Rules::english());
        let mut aligner = Aligner::new(&self.plan, &segmenters, &known);
        aligner.wants_rows = rows.is_some();
        let mut aligned = Aligned::default();
        // A pass that only compares hashes, if there is anything to compare with.
        let pairs: Vec<&Pair> = self.pairing.pairs.iter().collect();
        let changed = match known.paths().next() {
            None => pairs,
            Some(_) => self.changed(&pairs, &aligner, &mut problems)?,
        };
        aligned.counts.documents_unchanged = self.pairing.pairs.len() as u64 - changed.len() as u64;
        if !changed.is_empty() {
            aligner.model = self.learn(&aligner)?;
            self.store(&changed, &aligner, &mut import, (&mut problems, &mut aligned, &mut rows))?;
        }
        let unchanged = aligned.counts.documents_unchanged;
        let without = aligned.counts.documents_without_segments;
        aligned.counts = import.finish()?;
        aligned.counts.documents_unchanged += unchanged;
        aligned.counts.documents_without_segments += without;
        aligned.problems = problems.count;
        Ok(aligned)
    }

    /// The pairs that the memory does not have as they are.
    fn changed<'s>(
        &'s self,
        pairs: &[&'s Pair],
        aligner: &Aligner<'_>,
        problems: &mut Problems<'_>,
    ) -> Result<Vec<&'s Pair>, OperationError> {
        let mut changed = Vec::new();
        self.read(
            pairs,
            |pair, bytes, _| aligner.is_unchanged(&pair.path, &bytes),
            |pair, is_unchanged| {
                match is_unchanged {
                    true => problems.report.document_done(0),
                    false => changed.push(pair),
                }
                Ok(())
            },
        )?;
        Ok(changed)
    }

    fn store(
        &self,
        pairs: &[&Pair],
        aligner: &Aligner<'_>,
        import: &mut Import<'_>,
        (problems, aligned, rows): (&mut Problems<'_>, &mut Aligned, &mut Option<&mut dyn Rows>),
    ) -> Result<(), OperationError> {
        self.read(
            pairs,
            |pair, bytes, read| {
                let entries = (self.entry_of(pair), self.target_entry_of(pair));
                aligner.align(pair, entries, &bytes, (self.versions_of(pair), read))
            },
            |pair, read: Read| {
                for (is_target, problem) in &read.problems {
                    let (set, entry) = match is_target {
                        true => (self.target(), self.target_entry_of(pair)),
                        false => (&self.source, self.entry_of(pair)),
                    };
                    problems.add_in(set, &entry.path, problem);
                }
                problems.document_done(0)?;
                let Some(document) = read.document else {
                    aligned.counts.documents_without_segments += 1;
                    if aligner.known.get(&pair.path).is_some() && read.problems.is_empty() {
                        import.withdraw(&self.set, &pair.path, None)?;
                    }
                    return Ok(());
                };
                aligned.add(&document);
                let mut metadata = document.metadata;
                if let Some(version) = self.candidates(pair).get(document.version) {
                    metadata.source_commit = Some(version.commit.id.to_string());
                }
                if let Some(rows) = rows {
                    rows.document(&pair.path, &document.rows).map_err(OperationError::Output)?;
                }
                let new = NewDocument {
                    set: &self.set,
                    path: &pair.path,
                    hash: &document.hash,
                    source_locale: &self.plan.source_locale,
                    target_locale: &self.plan.target_locale,
                    locale_stated: true,
                    git: None,
                    metadata: &metadata,
                    problems: &[],
                };
                import.put(&new, document.segments.iter())?;
                problems.report.segments_stored(document.segments.len() as u64);
                Ok(())
            },
        )
    }

    fn entry_of(&self, pair: &Pair) -> &Entry {
        self.candidates(pair).first().map_or(&self.source.entries[pair.source], |version| &version.entry)
    }

    /// The versions of the source that the target may be of; empty: it is read as it is in the tree.
    fn candidates(&self, pair: &Pair) -> &[Version] {
        &self.versions_of(pair).of_source
    }

    fn versions_of(&self, pair: &Pair) -> &Versions {
        self.versions.get(&pair.path).unwrap_or(&NO_VERSIONS)
    }

    fn target_entry_of(&self, pair: &Pair) -> &Entry {
        &self.target().entries[pair.target]
    }

    /// Reads both documents of each pair on several threads, and passes the results of `work` to `consume`, in the order of the pairs.
    fn read<'s, T: Send>(
        &'s self,
        pairs: &[&'s Pair],
        work: impl Fn(&Pair, BothBytes<'_>, &mut ReadVersion<'_>) -> T + Sync,
        mut consume: impl FnMut(&'s Pair, T) -> Result<(), OperationError>,
    ) -> Result<(), OperationError> {
        let entries: Vec<&Entry> = pairs.iter().map(|pair| self.entry_of(pair)).collect();
        let by_path: HashMap<&str, &'s Pair> =
            pairs.iter().map(|&pair| (self.entry_of(pair).path.as_str(), pair)).collect();
        let most = self.plan.files.limits.document.0;
        input::read_in_order_with(
            &self.source,
            &entries,
            self.plan.threads,
            |run| {
                let mut reader = self.target().reader();
                let mut of_source = self.source.reader();
                let mut of_target = self.target().reader();
                let mut read = |tree: Tree, entry: &Entry| {
                    let reader = match tree {
                        Tree::Source => &mut of_source,
                        Tree::Target => &mut of_target,
                    };
                    Some(read_whole(reader, entry, most).ok()?.to_vec())
                };
                run(&mut |entry, source| {
                    let pair = by_path[entry.path.as_str()];
                    let target = read_whole(&mut reader, self.target_entry_of(pair), most);
                    (pair, work(pair, (source, target), &mut read))
                });
            },
            |(pair, result)| consume(pair, result),
        )
    }
}

/// The bytes of the source and of the target.
type BothBytes<'b> = (io::Result<&'b [u8]>, io::Result<&'b [u8]>);

/// One of the two trees.
#[derive(Clone, Copy)]
enum Tree {
    Source,
    Target,
}

/// Reads another version of a document of a tree; `None` if it cannot be read.
type ReadVersion<'r> = dyn FnMut(Tree, &Entry) -> Option<Vec<u8>> + 'r;

/// Of a document that is read as it is in the tree.
static NO_VERSIONS: Versions = Versions { of_source: Vec::new(), of_target: Vec::new() };

/// Reads a document of the target.
fn read_whole<'r>(
    reader: &'r mut io::Result<Box<dyn Reader + '_>>,
    entry: &Entry,
    most: u64,
) -> io::Result<&'r [u8]> {
    let reader = reader.as_mut().map_err(|error| io::Error::new(error.kind(), error.to_string()))?;
    match reader.read(entry, most)? {
        Content::Whole(bytes) => Ok(bytes),
        Content::Start(_) => Err(io::Error::other("larger than --max-document; the document was left out")),
    }
}

impl Aligned {
    fn add(&mut self, document: &document::AlignedDocument) {
        self.blocks += document.blocks;
        self.sentences.0 += document.sentences.0;
        self.sentences.1 += document.sentences.1;
        self.labels += document.labels;
        self.older_versions += u64::from(document.version > 0);
        for (count, more) in self.confident.iter_mut().zip(document.confident) {
            *count += more;
        }
    }
}
