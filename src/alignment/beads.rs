//! Alignment of the sentences of two blocks that belong together: beads, as in Gale and Church (1993), by dynamic programming over
//! lengths, anchors and a dictionary.
//!
//! The source is cut already. The target is cut where the cheapest alignment asks for it: at a strong position, or, where the source has
//! a sentence more, at a weak one; `loose` adds the blanks between words.

use std::ops::Range;

use super::blocks::Band;
use super::cost::{Comparison, Model, compare};
use super::side::Side;
use crate::segmentation::Cut;

/// Atoms of both sides that belong together.
#[derive(Clone, Debug)]
pub(super) struct Bead {
    pub source: Range<usize>,
    pub target: Range<usize>,
    /// The range of the target text, if it begins or ends inside of an atom.
    pub text: Option<Range<usize>>,
    pub found: Comparison,
}

// Costs as in `blocks`. 97 to 100 % of the beads of side-by-side documents are of one sentence on each side; nearly all others have one
// source sentence and two or three of the target.

/// Two source sentences with one target sentence, and with several.
const TWO_TO_ONE: f32 = 5.0;
const TWO_TO_TWO: f32 = 8.0;
/// A sentence without a translation, and one without a source.
const ONE_TO_NONE: f32 = 10.0;
const NONE_TO_ONE: f32 = 11.0;
/// A position of each kind between two beads, and inside a bead.
pub(super) const BETWEEN: [f32; 3] = [0.02, 4.0, 6.0];
pub(super) const INSIDE: [f32; 3] = [3.5, 0.05, 0.0];
/// The most target units of a bead: where sentences are cut at strong and weak positions, and where phrases are cut too.
const MOST_UNITS: usize = 6;
const MOST_PHRASES: usize = 14;
/// Half the width of the band, and the size up to which the whole table is computed.
const BAND: usize = 40;
const WHOLE: usize = 10_000;

/// The beads of two blocks, by the indexes of their atoms, in order. Atoms without a partner are in none.
pub(super) fn beads(
    source: &Side<'_>,
    from: Range<usize>,
    target: &Side<'_>,
    to: Range<usize>,
    model: &Model,
) -> Vec<Bead> {
    if from.len() == 1 {
        // Whatever the number of sentences: the translation of the block is the block.
        let found = compare(model, source.facts(from.clone()), target.facts(to.clone()));
        return vec![Bead { source: from, target: to, text: None, found }];
    }
    let is_unit = |at: &usize| *at == to.start || target.atoms[*at].cut != Cut::Phrase;
    let mut starts: Vec<usize> = to.clone().filter(is_unit).collect();
    let mut most = MOST_UNITS;
    if starts.len() < from.len() {
        starts = to.clone().collect();
        most = MOST_PHRASES;
    }
    let cut = |&start: &usize| target.atoms[start].cut as usize;
    let between = starts.iter().map(|start| BETWEEN[cut(start)]).collect();
    let inside = starts.iter().map(|start| INSIDE[cut(start)]).collect();
    let end = to.end;
    Table { source, target, model, from, starts, end, between, inside, most, farthest: f32::MAX }.align()
}

/// What the beads of some source sentences and target units are chosen from.
pub(super) struct Table<'a, 'd> {
    pub source: &'a Side<'d>,
    pub target: &'a Side<'d>,
    pub model: &'a Model,
    pub from: Range<usize>,
    /// The first atom of each unit of the target.
    pub starts: Vec<usize>,
    /// The end of the last.
    pub end: usize,
    /// What it costs that a bead begins at a unit, and that a unit continues one.
    pub between: Vec<f32>,
    pub inside: Vec<f32>,
    /// The most units of a bead.
    pub most: usize,
    /// The largest deviation of the length of a bead.
    pub farthest: f32,
}

/// The best way to a cell: its cost, and how many source sentences and target units its last bead has.
#[derive(Clone, Copy)]
struct Cell {
    cost: f32,
    sources: u8,
    targets: u8,
}

impl Table<'_, '_> {
    pub fn align(&self) -> Vec<Bead> {
        let (rows, columns) = (self.from.len(), self.starts.len());
        let band = Band::new(rows, columns, (WHOLE, BAND));
        let nothing = Cell { cost: f32::MAX, sources: 0, targets: 0 };
        let mut cells = vec![nothing; (rows + 1) * band.width()];
        let index = |row: usize, column: usize| {
            let (first, last) = band.columns_of(row);
            (first..=last).contains(&column).then(|| row * band.width() + column - first)
        };
        cells[0].cost = 0.0;
        for row in 0..=rows {
            let (first, last) = band.columns_of(row);
            for column in first..=last {
                let Some(at) = index(row, column) else { continue };
                let cost = cells[at].cost;
                if cost == f32::MAX {
                    continue;
                }
                let mut step = |sources: usize, targets: usize, more: f32| {
                    if let Some(to) = index(row + sources, column + targets)
                        && cost + more < cells[to].cost
                    {
                        let (sources, targets) = (sources as u8, targets as u8);
                        cells[to] = Cell { cost: cost + more, sources, targets };
                    }
                };
                if column < columns {
                    step(0, 1, NONE_TO_ONE);
                }
                if row < rows {
                    step(1, 0, ONE_TO_NONE);
                }
                for sources in 1..=2.min(rows - row) {
                    let mut inside = 0.0;
                    for targets in 1..=self.most.min(columns - column) {
                        if targets > 1 {
                            inside += self.inside[column + targets - 1];
                        }
                        let shape = match (sources, targets) {
                            (1, _) => 0.0,
                            (_, 1) => TWO_TO_ONE,
                            _ => TWO_TO_TWO,
                        };
                        let between = self.between.get(column + targets).copied().unwrap_or(0.0);
                        if self.is_too_far((row, sources), (column, targets)) {
                            continue;
                        }
                        let bead = self.bead((row, sources), (column, targets));
                        step(sources, targets, shape + inside + between + cost_of(&bead.found));
                    }
                }
            }
        }
        self.trace(&cells, index)
    }

    fn trace(&self, cells: &[Cell], index: impl Fn(usize, usize) -> Option<usize>) -> Vec<Bead> {
        let (mut row, mut column) = (self.from.len(), self.starts.len());
        let mut beads = Vec::with_capacity(row);
        while let Some(at) = index(row, column) {
            let Cell { cost, sources, targets } = cells[at];
            let (sources, targets) = (usize::from(sources), usize::from(targets));
            if cost == f32::MAX || (sources, targets) == (0, 0) {
                break;
            }
            (row, column) = (row - sources, column - targets);
            if sources > 0 && targets > 0 {
                beads.push(self.bead((row, sources), (column, targets)));
            }
        }
        beads.reverse();
        beads
    }

    /// Whether the lengths of a bead differ too much.
    fn is_too_far(&self, sources: (usize, usize), targets: (usize, usize)) -> bool {
        if self.farthest == f32::MAX {
            return false;
        }
        let (source, target) = self.atoms(sources, targets);
        let length =
            |side: &Side<'_>, atoms: Range<usize>| side.atoms[atoms].iter().map(|atom| atom.length).sum();
        self.model.deviation(length(self.source, source), length(self.target, target)).abs() > self.farthest
    }

    fn atoms(
        &self,
        (row, sources): (usize, usize),
        (column, targets): (usize, usize),
    ) -> (Range<usize>, Range<usize>) {
        let source = self.from.start + row..self.from.start + row + sources;
        let end = self.starts.get(column + targets).copied().unwrap_or(self.end);
        (source, self.starts[column]..end)
    }

    fn bead(&self, sources: (usize, usize), targets: (usize, usize)) -> Bead {
        let (source, target) = self.atoms(sources, targets);
        let found = compare(self.model, self.source.facts(source.clone()), self.target.facts(target.clone()));
        Bead { source, target, text: None, found }
    }
}

/// The cost of the content of a bead.
fn cost_of(found: &Comparison) -> f32 {
    let length = (found.deviation * found.deviation / 2.0).min(9.0);
    let (common, missing) = found.anchors;
    let ends = match found.ends {
        (_, true) => 1.2,
        (true, false) => 0.8,
        (false, false) => 0.0,
    };
    length - 1.5 * (common as f32).min(4.0) + 0.7 * (missing as f32).min(6.0)
        - 0.7 * (found.names.0 as f32).min(5.0)
        + ends
        + 0.3 * (found.emphasis as f32).min(4.0)
        + found.dictionary_cost()
        + found.sounds_cost()
}
