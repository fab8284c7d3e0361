//! Pretranslation of one document: which of its alternative segments the memory has, and the matches of each.
//!
//! Knows nothing of output: [`translate`](super::translate) writes documents and XLIFF files from it.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::alternatives::{Alternatives, KnownTexts};
use crate::matching::{Difference, Match};
use crate::memory::{BlockCache, DocumentText, Lookup, LookupOptions, Memory, MemoryError, TextHash};
use crate::model::{Context, LONGEST_TEXT, Place, QueryPlace, Score, Workflow};
use crate::segmentation::{Block, Piece};
use crate::side_by_side::Quoting;

/// A translation that the memory proposes for a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// A whole percent; 101 between the same neighbours.
    pub score: Score,
    /// What differs in a source text with the same tokens.
    pub differences: Vec<Difference>,
    /// The source text of the memory: trimmed, with line breaks folded.
    pub source: String,
    /// Its translation, likewise.
    pub target: String,
    /// The source text as its document has it, where it differs.
    pub source_as_written: Option<String>,
    /// The translation, likewise.
    pub target_as_written: Option<String>,
    /// Who translated.
    pub workflow: Option<Workflow>,
    /// Where the memory has it.
    pub place: Option<Place>,
    /// Whether that is the document at the same path.
    pub same_document: bool,
}

impl From<Match> for Proposal {
    fn from(found: Match) -> Self {
        Proposal {
            score: found.score,
            differences: found.differences,
            source: found.source,
            target: found.target,
            source_as_written: found.source_as_written,
            target_as_written: found.target_as_written,
            workflow: found.workflow,
            place: found.place,
            same_document: found.same_document,
        }
    }
}

impl Proposal {
    /// A segment of the same document, between the same neighbours.
    fn in_context(text: &DocumentText) -> Proposal {
        Proposal {
            score: Score::CONTEXT,
            differences: Vec::new(),
            source: text.source.clone(),
            target: text.target.clone(),
            source_as_written: text.source_as_written.clone(),
            target_as_written: text.target_as_written.clone(),
            workflow: text.workflow,
            place: Some(text.place.clone()),
            same_document: true,
        }
    }
}

/// A segment of a document, with what the memory proposes for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PretranslatedSegment {
    /// The range of the document in bytes.
    pub range: Range<usize>,
    /// The block it is in.
    pub block: Block,
    /// How it is written in the document.
    pub quoting: Quoting,
    /// Its text as it was looked up: trimmed, with line breaks folded.
    pub text: String,
    /// The number of its piece in the document. A piece is a paragraph, a heading, a cell.
    pub piece: usize,
    /// The matches, the best first; none if the memory has none that reaches the floor.
    pub proposals: Vec<Proposal>,
}

/// The segments of a document, with what the memory proposes for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PretranslatedDocument {
    /// The segments, in order.
    pub segments: Vec<PretranslatedSegment>,
    /// Segments that are left out because they are longer than 1 MiB, which no memory stores.
    pub too_long: Vec<Range<usize>>,
}

/// Looks the segments of documents up, one document at a time.
pub struct Pretranslator<'m> {
    lookup: Lookup<'m>,
    floor: Score,
    without_document: bool,
    left_out: Option<Arc<str>>,
    known: HashMap<TextHash, bool, FixedState>,
}

/// The capacity of the cache of known texts. A full cache is cleared.
const KNOWN: usize = 1 << 18;

impl<'m> Pretranslator<'m> {
    /// A pretranslator with the options of look-ups. `without_document` leaves out what the memory has of the document itself.
    /// `blocks` is shared by those of several threads.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn new(
        memory: &'m Memory,
        options: LookupOptions,
        without_document: bool,
        blocks: &BlockCache,
    ) -> Result<Self, MemoryError> {
        let floor = options.floor;
        let lookup = Lookup::sharing(memory, options, blocks)?;
        Ok(Pretranslator { lookup, floor, without_document, left_out: None, known: HashMap::default() })
    }

    /// The segments of a document, in order. `path` is that below its set, `pieces` are those of [`Segmenter`].
    ///
    /// Of the ways to cut a piece, that which the memory has is taken. A text is found between its neighbours in the same document first,
    /// then as `query` finds it. Similar texts are searched only for those without an exact match.
    ///
    /// # Errors
    /// If the memory cannot be read.
    ///
    /// [`Segmenter`]: crate::segmentation::Segmenter
    pub fn document(
        &mut self,
        path: &str,
        text: &str,
        pieces: &[Piece],
    ) -> Result<PretranslatedDocument, MemoryError> {
        let path: Arc<str> = path.into();
        self.leave_out(&path);
        let mut own = self.lookup.document_texts(&path)?;
        let mut found = PretranslatedDocument::default();
        let segments = &mut found.segments;
        segments.reserve(pieces.len() * 2);
        let mut alternatives = Alternatives { document: text, own: &own, known: self };
        for (number, piece) in pieces.iter().enumerate() {
            let previous = segments.last().map_or("", |segment: &PretranslatedSegment| &segment.text);
            for (range, chosen) in alternatives.chosen(piece, previous)? {
                if range.len() > LONGEST_TEXT {
                    found.too_long.push(range);
                } else if !chosen.is_empty() {
                    segments.push(PretranslatedSegment {
                        range,
                        block: piece.block,
                        quoting: piece.quoting,
                        text: chosen.into_owned(),
                        piece: number,
                        proposals: Vec::new(),
                    });
                }
            }
        }
        for at in 0..segments.len() {
            let beside = |at: Option<usize>| {
                at.and_then(|at| segments.get(at)).map_or("", |segment| segment.text.as_str())
            };
            let (previous, next) = (beside(at.checked_sub(1)), beside(Some(at + 1)));
            let text = &segments[at].text;
            let proposals = match own.between(text, previous, next) {
                Some(found) => vec![Proposal::in_context(found)],
                None => {
                    let context = Context { previous: Some(previous.into()), next: Some(next.into()) };
                    let place = QueryPlace { context, document: Some(Arc::clone(&path)) };
                    self.proposals(text, &place)?
                }
            };
            segments[at].proposals = proposals;
        }
        Ok(found)
    }

    fn proposals(&mut self, text: &str, place: &QueryPlace) -> Result<Vec<Proposal>, MemoryError> {
        let mut found = match self.known.get(&TextHash::of(text)) {
            Some(false) => Vec::new(),
            _ => self.lookup.find_exact_at(text, place)?,
        };
        if found.is_empty() && self.floor < Score::EXACT {
            found = self.lookup.find_at(text, place)?;
        }
        Ok(found.into_iter().map(Proposal::from).collect())
    }

    /// Leaves out what the memory has of the document at a path, if that is wanted.
    fn leave_out(&mut self, path: &Arc<str>) {
        if self.without_document && self.left_out.as_ref() != Some(path) {
            self.left_out = Some(Arc::clone(path));
            self.lookup.leave_out(self.left_out.clone());
            self.known.clear();
        }
    }

    /// The matches of a text of a document that stands alone, such as its title.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn text(&mut self, path: &str, text: &str) -> Result<Vec<Proposal>, MemoryError> {
        let path: Arc<str> = path.into();
        self.leave_out(&path);
        self.proposals(text, &QueryPlace { context: Context::default(), document: Some(path) })
    }
}

impl KnownTexts for Pretranslator<'_> {
    fn has(&mut self, text: &str) -> Result<bool, MemoryError> {
        let hash = TextHash::of(text);
        if let Some(known) = self.known.get(&hash) {
            return Ok(*known);
        }
        let has = self.lookup.has_exact(text)?;
        if self.known.len() >= KNOWN {
            self.known.clear();
        }
        self.known.insert(hash, has);
        Ok(has)
    }
}
