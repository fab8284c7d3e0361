//! A pair of texts, parsed once for all rules.

use std::cell::OnceCell;

use super::side::Side;
use crate::model::{Locale, Workflow};

/// A source text and its translation, with what is known of them.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// The source text, Markdown as written.
    pub source: &'a str,
    /// The target text, Markdown as written.
    pub target: &'a str,
    /// The locale of `source`.
    pub source_locale: &'a Locale,
    /// The locale of `target`.
    pub target_locale: &'a Locale,
    /// Who translated.
    pub workflow: Option<Workflow>,
    /// Terms that its document marks as not to be translated.
    pub no_loc: &'a [String],
    /// The segments around it in its document. Without them, checks that need them find nothing.
    pub neighbours: Neighbours<'a>,
}

/// The segments around a pair in its document.
#[derive(Clone, Copy, Debug, Default)]
pub struct Neighbours<'a> {
    /// The one before.
    pub previous: Option<Neighbour<'a>>,
    /// The one after.
    pub next: Option<Neighbour<'a>>,
}

/// The texts of a segment beside another one.
#[derive(Clone, Copy, Debug)]
pub struct Neighbour<'a> {
    /// The source text.
    pub source: &'a str,
    /// The target text.
    pub target: &'a str,
}

/// A pair with both sides parsed.
pub(super) struct Subject<'a> {
    pub pair: Pair<'a>,
    pub source: Side<'a>,
    pub target: Side<'a>,
    sound: OnceCell<bool>,
}

impl<'a> Subject<'a> {
    pub fn new(pair: Pair<'a>) -> Self {
        let (source, target) = (Side::new(pair.source), Side::new(pair.target));
        Subject { pair, source, target, sound: OnceCell::new() }
    }

    /// The language of the target: `ko` of `ko-KR`.
    pub fn language(&self) -> &'a str {
        self.pair.target_locale.language()
    }

    pub fn is_machine(&self) -> bool {
        self.pair.workflow == Some(Workflow::Machine)
    }

    /// Whether target and source are the same text.
    pub fn is_copy(&self) -> bool {
        self.pair.source == self.pair.target
    }

    /// Whether the source is whole and well formed: no link or bracket is left open, no quotation is cut. A source that was split in
    /// the wrong place, or is broken itself, causes most false alarms of links, brackets and cuts.
    pub fn has_sound_source(&self) -> bool {
        *self.sound.get_or_init(|| self.source.is_sound())
    }
}
