//! Pretranslation of one document: which of its alternative segments the memory has, and the matches of each.
//!
//! Knows nothing of output: [`translate`](super::translate) writes documents from it, other formats can be written from it too.

use std::ops::Range;
use std::sync::Arc;

use crate::matching::{Difference, Match};
use crate::memory::{BlockCache, DocumentText, DocumentTexts, Lookup, LookupOptions, Memory, MemoryError};
use crate::model::{Context, LONGEST_TEXT, Place, QueryPlace, Score, Workflow};
use crate::segmentation::{Block, Piece, Segment};
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

/// Looks the segments of documents up, one document at a time.
pub struct Pretranslator<'m> {
    lookup: Lookup<'m>,
    without_document: bool,
}

/// One way to cut a piece.
type Texts = Vec<(Range<usize>, String)>;

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
        Ok(Pretranslator { lookup: Lookup::sharing(memory, options, blocks)?, without_document })
    }

    /// The segments of a document, in order. `path` is that below its set, `pieces` are those of [`Segmenter`].
    ///
    /// The whole piece is taken if the memory has it, else its sentences; of a link that is alone its text, or else the whole link. A
    /// text is found between its neighbours in the same document first, then as `query` finds it.
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
    ) -> Result<Vec<PretranslatedSegment>, MemoryError> {
        let path: Arc<str> = path.into();
        self.lookup.leave_out(self.without_document.then(|| Arc::clone(&path)));
        let mut own = self.lookup.document_texts(&path)?;
        let mut segments: Vec<PretranslatedSegment> = Vec::with_capacity(pieces.len() * 2);
        for (number, piece) in pieces.iter().enumerate() {
            let previous = segments.last().map_or("", |segment| segment.text.as_str());
            for (range, found) in self.chosen(text, piece, previous, &own)? {
                if found.is_empty() || range.len() > LONGEST_TEXT {
                    continue;
                }
                segments.push(PretranslatedSegment {
                    range,
                    block: piece.block,
                    quoting: piece.quoting,
                    text: found,
                    piece: number,
                    proposals: Vec::new(),
                });
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
                    self.lookup.find_at(text, &place)?.into_iter().map(Proposal::from).collect()
                }
            };
            segments[at].proposals = proposals;
        }
        Ok(segments)
    }

    /// The matches of a text of a document that stands alone, such as its title.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn text(&mut self, path: &str, text: &str) -> Result<Vec<Proposal>, MemoryError> {
        self.lookup.leave_out(self.without_document.then(|| path.into()));
        let place = QueryPlace { context: Context::default(), document: Some(path.into()) };
        Ok(self.lookup.find_at(text, &place)?.into_iter().map(Proposal::from).collect())
    }

    /// The segments of a piece, chosen among the ways to cut it.
    fn chosen(
        &mut self,
        document: &str,
        piece: &Piece,
        previous: &str,
        own: &DocumentTexts,
    ) -> Result<Texts, MemoryError> {
        let whole = self.with_or_without_brackets(document, piece, &piece.whole, (Some(previous), own))?;
        let sentences = match &piece.sentences[..] {
            [one] if *one == piece.whole => return self.cut_otherwise(document, piece, whole, own),
            sentences => {
                let mut texts: Texts = Vec::with_capacity(sentences.len());
                for sentence in sentences {
                    let before = texts.last().map_or(previous, |(_, text)| text.as_str()).to_owned();
                    let before = Some(before.as_str());
                    let chosen = self.with_or_without_brackets(document, piece, sentence, (before, own))?;
                    texts.extend(self.cut_otherwise(document, piece, chosen, own)?);
                }
                texts
            }
        };
        let has_whole = if own.has(&whole.1) {
            true
        } else if sentences.iter().all(|(_, text)| own.has(text)) {
            false
        } else {
            self.has(&whole.1)?
        };
        Ok(if has_whole { vec![whole] } else { sentences })
    }

    /// The text of a segment. Of a link that is alone, the text in it, or the whole link if only that is known.
    fn with_or_without_brackets(
        &mut self,
        document: &str,
        piece: &Piece,
        segment: &Segment,
        (previous, own): (Option<&str>, &DocumentTexts),
    ) -> Result<(Range<usize>, String), MemoryError> {
        let text = |range: &Range<usize>| piece.quoting.text(&document[range.clone()]).into_owned();
        let inner = (segment.range.clone(), text(&segment.range));
        let Some(link) = &segment.link else { return Ok(inner) };
        let whole = (link.clone(), text(link));
        let takes_whole = if own.has(&whole.1) {
            // Both can be in the document, at different places.
            !own.has_between(&inner.1, previous, None) || own.has_between(&whole.1, previous, None)
        } else {
            !own.has(&inner.1) && !self.has(&inner.1)? && self.has(&whole.1)?
        };
        Ok(if takes_whole { whole } else { inner })
    }

    /// Other ways to cut a text that the memory does not have, where the English text does not show which one was taken: with the include
    /// before it, without the brackets of a link before a hard line break, or each line by itself.
    fn cut_otherwise(
        &mut self,
        document: &str,
        piece: &Piece,
        chosen: (Range<usize>, String),
        own: &DocumentTexts,
    ) -> Result<Texts, MemoryError> {
        let (range, text) = &chosen;
        let written = &document[range.clone()];
        let has_include = document[..range.start].trim_end_matches(' ').ends_with(']');
        let is_link = text.starts_with('[') && text.ends_with(')');
        let has_lines = piece.quoting == Quoting::Plain && written.contains('\n');
        if !(has_include || is_link || has_lines) || own.has(text) || self.has(text)? {
            return Ok(vec![chosen]);
        }
        let candidates = [
            has_include
                .then(|| include_before(document, range.start))
                .flatten()
                .map(|start| start..range.end),
            is_link.then(|| inside_brackets(document, range)).flatten(),
        ];
        for other in candidates.into_iter().flatten() {
            let text = piece.quoting.text(&document[other.clone()]).into_owned();
            if own.has(&text) || self.has(&text)? {
                return Ok(vec![(other, text)]);
            }
        }
        if has_lines {
            let mut lines: Texts = Vec::new();
            let mut start = range.start;
            for line in written.split_inclusive('\n') {
                let indent = line.len() - line.trim_start().len();
                let line_range = start + indent..start + line.trim_end().len().max(indent);
                start += line.len();
                let text = document[line_range.clone()].to_owned();
                if !(own.has(&text) || self.has(&text)?) {
                    return Ok(vec![chosen]);
                }
                lines.push((line_range, text));
            }
            return Ok(lines);
        }
        Ok(vec![chosen])
    }

    /// Whether the memory has a translation of exactly this text.
    fn has(&mut self, text: &str) -> Result<bool, MemoryError> {
        let found = self.lookup.find_at(text, &QueryPlace::default())?;
        Ok(found.first().is_some_and(|first| first.score >= Score::EXACT))
    }
}

/// Where the include begins that ends before a position on the same line, but for blanks.
fn include_before(document: &str, end: usize) -> Option<usize> {
    const INCLUDE: &str = "[!INCLUDE";
    let line = document[..end].rfind('\n').map_or(0, |at| at + 1);
    let before = &document[line..end];
    let start = before.rfind(INCLUDE)?;
    let include = before[start..].trim_end_matches(' ');
    // One include and nothing else: `[!INCLUDE [a](b)]`.
    let is_whole = include.matches('[').count() == 2 && include.ends_with(")]");
    is_whole.then_some(line + start)
}

/// The text of a link that is all of a range, but for white space at its end.
fn inside_brackets(document: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let written = document[range.clone()].trim_end();
    let (text, address) = written.strip_prefix('[')?.split_once("](")?;
    let is_alone = !text.contains(['[', ']', '\\', '`']) && address.find(')') == Some(address.len() - 1);
    (is_alone && !text.trim().is_empty()).then(|| range.start + 1..range.start + 1 + text.len())
}
