//! Clean documents: how their bytes become text and pieces. Segmentation, analyses, translations and jobs read them alike.

use std::borrow::Cow;
use std::io;
use std::path::Path;
use std::sync::Mutex;

use super::documents::{self, Read, ReadDocument};
use super::report::{Problems, Warning};
use crate::input::DocumentSet;
use crate::memory::{Memory, MemoryError};
use crate::model::Problem;
use crate::segmentation::{Cuts, Outline, Piece, Rules, Segmenter};
use crate::side_by_side::{self, Syntax};

/// What a document is.
pub(super) enum Clean<'b> {
    /// Its text.
    Text(Cow<'b, str>),
    /// It is a side-by-side document, which is translated already.
    SideBySide,
    /// It cannot be read.
    Unreadable(Problem),
}

impl Clean<'_> {
    /// What the bytes of a document are.
    pub fn of(bytes: io::Result<&[u8]>) -> Clean<'_> {
        match bytes {
            Err(error) => Clean::Unreadable(documents::unreadable(error)),
            Ok(bytes) if side_by_side::has_spans(bytes) => Clean::SideBySide,
            Ok(bytes) => match side_by_side::decode(bytes) {
                Ok(text) => Clean::Text(text),
                Err(problem) => Clean::Unreadable(problem),
            },
        }
    }
}

/// A pool of segmenters: the automata of each get faster with the texts that they have read.
pub(super) struct Segmenters<'r> {
    rules: &'r Rules,
    idle: Mutex<Vec<Segmenter<'r>>>,
}

impl<'r> Segmenters<'r> {
    pub fn new(rules: &'r Rules) -> Self {
        Segmenters { rules, idle: Mutex::default() }
    }

    /// The pieces of a document, in order.
    pub fn pieces(&self, text: &str, syntax: Syntax) -> Vec<Piece> {
        self.with(|segmenter| segmenter.pieces(text, syntax))
    }

    /// The same, where the terms that stay untranslated have been read.
    pub fn pieces_without(&self, text: &str, syntax: Syntax, no_loc: &[String]) -> Vec<Piece> {
        self.with(|segmenter| segmenter.pieces_without(text, syntax, no_loc))
    }

    /// The outline of a document.
    pub fn outline<'d>(&self, text: &'d str, syntax: Syntax, cuts: Cuts) -> Outline<'d> {
        self.with(|segmenter| segmenter.outline(text, syntax, cuts))
    }

    fn with<T>(&self, work: impl FnOnce(&mut Segmenter<'r>) -> T) -> T {
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        let mut segmenter = idle.unwrap_or_else(|| Segmenter::new(self.rules));
        let result = work(&mut segmenter);
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(segmenter);
        }
        result
    }
}

/// A segment of so many bytes is left out.
pub(super) fn too_long(line: u32, bytes: usize) -> Problem {
    let reason = format!("a segment of {bytes} bytes; one with more than 1 MiB is left out");
    Problem { line: Some(line), reason }
}

/// Warns of the side-by-side documents of a set; or, if there are none, that the set has no text.
pub(super) fn warn_of_set(
    problems: &mut Problems<'_>,
    set: &DocumentSet,
    (has_text, side_by_side): (bool, u64),
) {
    let path = set.path.clone();
    if side_by_side > 0 {
        problems.warn(&Warning::SideBySide { path, documents: side_by_side });
    } else if !has_text {
        problems.warn(&Warning::NoText { path });
    }
}

/// A result of a document that was looked up, or the error of the memory, which ends the operation.
pub(super) type LookedUp<T> = Result<T, MemoryError>;

/// Sets up a thread that looks documents up: opens a connection to the memory for it. `start` passes the reading of documents to the
/// function that it receives; an error before that is the result of the first document.
pub(super) fn with_memory<T>(
    memory: &Path,
    run: &mut dyn FnMut(&mut Read<'_, LookedUp<T>>),
    start: impl FnOnce(&Memory, &mut dyn FnMut(&mut Read<'_, LookedUp<T>>)) -> Result<(), MemoryError>,
) {
    if let Err(error) = Memory::open(memory).and_then(|memory| start(&memory, run)) {
        // The first error ends the operation, so later documents are not used.
        let mut error = Some(error);
        run(&mut |_, _| error.take().map_or_else(|| ReadDocument::nothing(Vec::new()), failed));
    }
}

/// A document that could not be looked up.
pub(super) fn failed<T>(error: MemoryError) -> ReadDocument<LookedUp<T>> {
    ReadDocument { output: Some(Err(error)), ..ReadDocument::nothing(Vec::new()) }
}
