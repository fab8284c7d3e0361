//! The first reading of a file: its documents, with a hash of each, and what is wrong.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use super::positions::{Positions, Ranks};
use super::{REVISION, SegmentFile};
use crate::exchange::reading::{Entry, Omission, ReadError, ReadSegment, Stated};
use crate::model::{Date, DocumentVersion, FirstBytes, Locale, Problem, Workflow};
use crate::operations::digest::{digest_of, key_of};
use crate::operations::import::ImportPlan;
use crate::operations::import::problems::FileProblems;
use crate::operations::{LeftOut, OperationError};

/// The most documents of a file, and the most bytes of their names: the same as for an archive.
const MOST_DOCUMENTS: usize = 1_000_000;
const LONGEST_NAMES: usize = 256 << 20;
/// The longest name of a set or path of a document: the same as in an archive.
const LONGEST_NAME: usize = 4096;

/// What the first reading of a file found.
pub(super) struct Scan {
    pub documents: Documents,
    pub left_out: LeftOut,
    /// The error that ends the file early.
    pub end: Option<ReadError>,
    /// Whether an unknown number of segments may be missing anywhere.
    pub is_damaged: bool,
    /// Why nothing of the file can be stored.
    pub unusable: Option<Unusable>,
}

/// Why nothing of a file can be stored.
pub(super) enum Unusable {
    /// Neither a segment nor the plan states a target locale.
    NoLocale {
        line: u32,
    },
    TooManyDocuments {
        line: u32,
        reason: String,
    },
}

/// A document of a file.
pub(super) struct Found {
    pub set: Arc<str>,
    pub path: String,
    pub source_locale: Locale,
    pub target_locale: Locale,
    pub version: DocumentVersion,
    /// Whether the file states the target locale.
    pub locale_stated: bool,
    /// Of its rows.
    pub hash: [u8; 32],
    pub rows: u64,
    /// Whether an unknown number of its segments may be missing.
    pub is_damaged: bool,
    positions: Positions,
    /// The place of each segment, by the position that it states; `None` if the order is that of the rows.
    pub ranks: Option<Ranks>,
    /// Workflow and hand-off of the first segment, and whether others differ, as in a file made of a TMX.
    first: (Option<Workflow>, Option<Date>),
    pub differs: bool,
}

impl Found {
    /// A number for its name in the memory.
    pub fn fingerprint(&self) -> u64 {
        fingerprint(&self.set, &self.path, &self.target_locale, &self.version)
    }
}

fn fingerprint(set: &str, path: &str, target_locale: &Locale, version: &DocumentVersion) -> u64 {
    let version = version_key(version);
    let digest = digest_of([set.as_bytes(), path.as_bytes(), target_locale.as_str().as_bytes(), &version]);
    u64::from_le_bytes(std::array::from_fn(|at| digest[at]))
}

/// What tells the versions of a document apart. There is one current version, whatever its commit.
fn version_key(version: &DocumentVersion) -> Vec<u8> {
    let Some(superseded) = version.superseded else { return Vec::new() };
    let commit = version.commit.map(|commit| commit.id.as_bytes().to_vec()).unwrap_or_default();
    [superseded.to_le_bytes().to_vec(), commit].concat()
}

type Key = [u8; 16];

/// The documents of a file, by what it states of them.
pub(super) struct Documents {
    found: Vec<Found>,
    by_key: HashMap<Key, u32, BuildHasherDefault<FirstBytes>>,
    taken: HashSet<u64>,
    sets: HashSet<Arc<str>>,
    name_bytes: usize,
    /// The set of each document, if the plan names one, and the names of what the file does not name.
    named_set: Option<String>,
    set: String,
    document: String,
    source_locale: Locale,
    target_locale: Option<Locale>,
}

/// Why a segment belongs to no document.
enum NoDocument {
    Unusable(Unusable),
    /// Its names cannot be used, for this reason.
    Names(String),
}

impl Documents {
    fn new(file: &SegmentFile, plan: &ImportPlan) -> Documents {
        Documents {
            found: Vec::new(),
            by_key: HashMap::default(),
            taken: HashSet::new(),
            sets: HashSet::new(),
            name_bytes: 0,
            named_set: plan.set.clone(),
            set: file.set.clone(),
            document: file.document.clone(),
            source_locale: plan.source_locale.clone(),
            target_locale: plan.target_locale.clone(),
        }
    }

    /// The documents in the order of their first segments.
    pub fn found(&self) -> &[Found] {
        &self.found
    }

    /// The index of the document that a segment belongs to; `None` if there is none.
    pub fn index(&self, stated: &Stated) -> Option<usize> {
        let key = self.key(stated)?;
        self.by_key.get(&key).map(|&at| at as usize)
    }

    fn locales<'a>(&'a self, stated: &'a Stated) -> Option<(&'a Locale, &'a Locale)> {
        let target = stated.target_locale.as_ref().or(self.target_locale.as_ref())?;
        Some((stated.source_locale.as_ref().unwrap_or(&self.source_locale), target))
    }

    fn key(&self, stated: &Stated) -> Option<Key> {
        let (source, target) = self.locales(stated)?;
        let text = |name: &'_ Option<String>| name.as_deref().unwrap_or_default().as_bytes().to_vec();
        let (set, document) = (text(&stated.set), text(&stated.document));
        let (source, target) = (source.as_str().as_bytes(), target.as_str().as_bytes());
        Some(key_of([&set[..], &document, source, target, &version_key(&stated.version)]))
    }

    /// The index of the document that a segment belongs to. Adds a new one.
    fn index_or_add(&mut self, line: u32, stated: &Stated) -> Result<usize, NoDocument> {
        let (Some(key), Some((source, target))) = (self.key(stated), self.locales(stated)) else {
            return Err(NoDocument::Unusable(Unusable::NoLocale { line }));
        };
        if let Some(&known) = self.by_key.get(&key) {
            return Ok(known as usize);
        }
        let (source, target) = (source.clone(), target.clone());
        let own_set = stated.set.as_deref().filter(|set| !set.is_empty());
        let set = self.named_set.as_deref().or(own_set).unwrap_or(&self.set);
        let path = stated.document.as_deref().filter(|path| !path.is_empty()).unwrap_or(&self.document);
        if set.len() > LONGEST_NAME || path.len() > LONGEST_NAME {
            let reason = format!(
                "the name of a document of more than {LONGEST_NAME} bytes; its segments are left out"
            );
            return Err(NoDocument::Names(reason));
        }
        // Windows' tools write their own paths.
        let path = path.replace('\\', "/");
        // Two documents of one name: of two sets that become one, or of two source locales.
        let other_set = own_set.filter(|_| self.named_set.is_some()).map(|own| format!("{own}/{path}"));
        let numbered = (2_u32..).map(|number| format!("{path}#{number}"));
        let mut free = std::iter::once(path.clone())
            .chain(other_set)
            .chain(std::iter::once(format!("{path}#{source}")))
            .chain(numbered);
        let path = free
            .find(|path| self.taken.insert(fingerprint(set, path, &target, &stated.version)))
            .unwrap_or(path);
        self.name_bytes += path.len();
        if self.found.len() == MOST_DOCUMENTS || self.name_bytes > LONGEST_NAMES {
            let reason =
                "the file has more than 1,000,000 documents, or paths of more than 256 MiB".to_owned();
            return Err(NoDocument::Unusable(Unusable::TooManyDocuments { line, reason }));
        }
        let set: Arc<str> = match self.sets.get(set) {
            Some(known) => Arc::clone(known),
            None => {
                let new: Arc<str> = set.into();
                self.sets.insert(Arc::clone(&new));
                new
            }
        };
        let metadata = &stated.metadata;
        let described = format!("{metadata:?} {:?}", stated.version);
        let hash = digest_of([&REVISION.to_le_bytes()[..], described.as_bytes()]);
        self.by_key.insert(key, u32::try_from(self.found.len()).unwrap_or(u32::MAX));
        self.found.push(Found {
            set,
            path,
            source_locale: source,
            target_locale: target,
            version: stated.version,
            locale_stated: stated.target_locale.is_some(),
            hash,
            rows: 0,
            is_damaged: false,
            positions: Positions::default(),
            ranks: None,
            first: (metadata.workflow, metadata.handoff),
            differs: false,
        });
        Ok(self.found.len() - 1)
    }
}

/// Reads a file to its end.
pub(super) fn scan(
    file: &SegmentFile,
    plan: &ImportPlan,
    problems: &mut FileProblems,
) -> Result<Scan, OperationError> {
    let scan = Scan {
        documents: Documents::new(file, plan),
        left_out: LeftOut::default(),
        end: None,
        is_damaged: false,
        unusable: None,
    };
    let mut run = Run { scan, problems, last: None, is_apart: false, damages_next: false };
    match file.open(&plan.files.limits)? {
        Err(error) => run.end(error),
        Ok(mut opened) => loop {
            opened.units.iter().for_each(|unit| unit.reset());
            match opened.reader.next() {
                Ok(Some(entry)) => run.entry(entry),
                Ok(None) => break,
                Err(error) => {
                    run.end(error);
                    break;
                }
            }
            if run.scan.unusable.is_some() {
                break;
            }
        },
    }
    Ok(run.finish())
}

struct Run<'p> {
    scan: Scan,
    problems: &'p mut FileProblems,
    /// What the last segment stated, and its document.
    last: Option<(Arc<Stated>, Option<usize>)>,
    /// Whether the segments of a document lie apart in the file.
    is_apart: bool,
    /// Whether the damage before the next segment may be in its document.
    damages_next: bool,
}

impl Run<'_> {
    fn entry(&mut self, entry: Entry) {
        match entry {
            Entry::Segment(segment) => self.segment(&segment),
            Entry::LeftOut(Omission::Empty) => self.scan.left_out.empty += 1,
            Entry::LeftOut(Omission::Untranslated) => self.scan.left_out.untranslated += 1,
            Entry::LeftOut(Omission::Fuzzy) => self.scan.left_out.fuzzy += 1,
            Entry::LeftOut(Omission::Obsolete) => self.scan.left_out.obsolete += 1,
            Entry::Problem(problem) => self.problems.add(problem),
            Entry::Damage(problem) => {
                self.problems.add(problem);
                self.damage_last();
                self.damages_next = true;
            }
        }
    }

    fn segment(&mut self, segment: &ReadSegment) {
        let stated = &segment.stated;
        let known = self.last.as_ref().filter(|(last, _)| Arc::ptr_eq(last, stated)).map(|(_, at)| *at);
        let documents = &mut self.scan.documents;
        let at = match known {
            Some(at) => at,
            None => {
                let before = documents.found.len();
                let at = match documents.index_or_add(segment.line, stated) {
                    Ok(at) => Some(at),
                    Err(NoDocument::Unusable(reason)) => {
                        self.scan.unusable = Some(reason);
                        return;
                    }
                    Err(NoDocument::Names(reason)) => {
                        self.problems.add(Problem { line: Some(segment.line), reason });
                        None
                    }
                };
                let was = self.last.as_ref().and_then(|(_, at)| *at);
                self.is_apart |= at.is_some_and(|at| at < before && Some(at) != was);
                self.last = Some((Arc::clone(stated), at));
                at
            }
        };
        let Some(at) = at else { return };
        let document = &mut documents.found[at];
        document.is_damaged |= std::mem::take(&mut self.damages_next);
        document.rows += 1;
        document.positions.add(segment.position);
        let own = (stated.metadata.workflow, stated.metadata.handoff);
        document.differs |= own != document.first;
        let handoff = own.1.map(|date| date.to_string()).unwrap_or_default();
        document.hash = digest_of([
            &document.hash[..],
            &segment.document_line.unwrap_or(segment.line).to_le_bytes(),
            segment.id.as_deref().unwrap_or_default().as_bytes(),
            segment.source.as_bytes(),
            segment.target.as_bytes(),
            own.0.map_or("", Workflow::name).as_bytes(),
            handoff.as_bytes(),
        ]);
        if let Some(confidence) = segment.confidence {
            document.hash = digest_of([&document.hash[..], &[confidence]]);
        }
        if let Some(position) = segment.position {
            document.hash = digest_of([&document.hash[..], &position.to_le_bytes()]);
        }
        if let Some(written) = &segment.written {
            let texts = written.each_ref().map(|text| text.as_deref().unwrap_or_default().as_bytes());
            document.hash = digest_of([&document.hash[..], texts[0], texts[1]]);
        }
    }

    fn damage_last(&mut self) {
        self.scan.is_damaged = true;
        if let Some((_, Some(at))) = self.last {
            self.scan.documents.found[at].is_damaged = true;
        }
    }

    fn end(&mut self, error: ReadError) {
        self.damage_last();
        self.scan.end = Some(error);
    }

    fn finish(mut self) -> Scan {
        // If the segments of documents lie apart, the missing ones may be those of any document.
        if self.is_apart && self.scan.is_damaged {
            self.scan.documents.found.iter_mut().for_each(|document| document.is_damaged = true);
        }
        for document in &mut self.scan.documents.found {
            document.ranks = document.positions.ranks();
        }
        self.scan
    }
}
