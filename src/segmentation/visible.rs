//! The text of a piece as its reader sees it, with the way back to the document.

use std::ops::Range;

use super::inline::{Mark, MarkKind};
use super::srx::PLACEHOLDER;

/// The visible text of a range: without marks, with a placeholder for each code, image and address.
#[derive(Debug, Default)]
pub(super) struct Visible {
    pub text: String,
    runs: Vec<Run>,
}

/// A stretch of the visible text that is as in the document.
#[derive(Debug)]
struct Run {
    visible: usize,
    source: usize,
    /// Whether it is inside a pair of marks: no sentence ends there.
    is_inside: bool,
}

impl Visible {
    /// Fills `text` from a range of the document and the marks in it.
    pub fn read(&mut self, document: &str, range: Range<usize>, marks: &[Mark]) {
        self.text.clear();
        self.runs.clear();
        let (mut at, mut depth) = (range.start, 0_usize);
        for mark in marks {
            self.push(document, at..mark.start, depth);
            at = mark.end;
            match mark.kind {
                MarkKind::Escape => self.push(document, mark.start + 1..mark.end, depth),
                MarkKind::Entity if &document[mark.range()] == "&nbsp;" => {
                    self.run(mark.start, depth);
                    self.text.push('\u{a0}');
                }
                MarkKind::Entity => self.push(document, mark.range(), depth),
                MarkKind::Code | MarkKind::Address | MarkKind::Image { .. } | MarkKind::Include => {
                    self.run(mark.start, 1);
                    self.text.push(PLACEHOLDER);
                }
                MarkKind::HardBreak => self.push(document, mark.range(), depth),
                MarkKind::LinkOpen { other }
                | MarkKind::EmphasisOpen { other }
                | MarkKind::TagOpen { other: Some(other) } => {
                    depth += usize::from(other.1 <= range.end);
                }
                MarkKind::LinkClose | MarkKind::EmphasisClose | MarkKind::TagClose { paired: true } => {
                    depth = depth.saturating_sub(1);
                }
                _ => {}
            }
        }
        self.push(document, at..range.end, depth);
    }

    fn push(&mut self, document: &str, range: Range<usize>, depth: usize) {
        if range.start < range.end {
            self.run(range.start, depth);
            self.text.push_str(&document[range]);
        }
    }

    fn run(&mut self, source: usize, depth: usize) {
        self.runs.push(Run { visible: self.text.len(), source, is_inside: depth > 0 });
    }

    /// As [`Visible::outside`], also directly before a pair of marks: where no white space follows a sentence, the next one can begin there.
    pub fn outside_or_before(&self, at: usize) -> Option<usize> {
        self.outside(at).or_else(|| {
            let run = self.runs.partition_point(|run| run.visible < at).checked_sub(1)?;
            let run = &self.runs[run];
            (!run.is_inside).then_some(run.source + (at - run.visible))
        })
    }

    /// The position in the document of a position in the visible text; `None` inside a pair of marks.
    pub fn outside(&self, at: usize) -> Option<usize> {
        let run = &self.runs[self.runs.partition_point(|run| run.visible <= at).checked_sub(1)?];
        (!run.is_inside).then_some(run.source + (at - run.visible))
    }
}
