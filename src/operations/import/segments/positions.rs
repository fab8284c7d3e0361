//! The order of a document's segments, in a file that states their positions and may have its rows in any order.

use std::collections::BTreeMap;

/// The positions that rows of a document state.
#[derive(Debug, Default)]
pub(super) struct Positions {
    /// Runs of positions that follow one another: their starts, and their ends, which are no part of them.
    runs: BTreeMap<u32, u32>,
    /// The run of the last rows.
    last: Option<(u32, u32)>,
    /// Whether a row states none, or that of another row.
    is_unusable: bool,
}

impl Positions {
    /// Adds that of the next row.
    pub fn add(&mut self, position: Option<u32>) {
        match (position.filter(|&at| at < u32::MAX), &mut self.last) {
            (None, _) => self.is_unusable = true,
            (Some(at), Some((_, end))) if *end == at => *end = at + 1,
            (Some(at), _) => {
                self.close();
                self.last = Some((at, at + 1));
            }
        }
        if self.is_unusable {
            self.runs.clear();
        }
    }

    fn close(&mut self) {
        let Some((start, end)) = self.last.take() else { return };
        let before = self.runs.range(..end).next_back().map(|(&start, &end)| (start, end));
        if before.is_some_and(|(_, ended)| ended > start) {
            self.is_unusable = true;
        }
        match before {
            Some((first, ended)) if ended == start => self.runs.insert(first, end),
            _ => self.runs.insert(start, end),
        };
    }

    /// For each row its place in the order; `None` if the order is that of the rows.
    pub fn ranks(&mut self) -> Option<Ranks> {
        self.close();
        if self.is_unusable {
            return None;
        }
        let mut before = 0;
        let runs = std::mem::take(&mut self.runs).into_iter().map(|(start, end)| {
            let rank = before;
            before += end - start;
            (start, rank)
        });
        Some(Ranks(runs.collect()))
    }
}

/// The starts of runs of positions, each with the number of positions before it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ranks(Box<[(u32, u32)]>);

impl Ranks {
    /// How many segments of the document are before the one at a position.
    pub fn of(&self, position: u32) -> u32 {
        let run = self.0.partition_point(|&(start, _)| start <= position).saturating_sub(1);
        self.0.get(run).map_or(0, |&(start, rank)| rank + position.saturating_sub(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranks(positions: &[u32]) -> Option<Vec<u32>> {
        let mut all = Positions::default();
        positions.iter().for_each(|&at| all.add(Some(at)));
        all.ranks().map(|ranks| positions.iter().map(|&at| ranks.of(at)).collect())
    }

    #[test]
    fn rows_in_any_order_get_the_places_of_their_positions() {
        assert_eq!(ranks(&[0, 1, 2]), Some(vec![0, 1, 2]));
        assert_eq!(ranks(&[7, 9, 10, 2]), Some(vec![1, 2, 3, 0]));
        assert_eq!(ranks(&[5, 4, 3, 0, 1, 2]), Some(vec![5, 4, 3, 0, 1, 2]));
        assert_eq!(ranks(&[u32::MAX - 1, 0]), Some(vec![1, 0]));
    }

    #[test]
    fn positions_that_two_rows_state_or_one_does_not_are_not_used() {
        for twice in [&[0, 1, 1][..], &[3, 0, 1, 2, 3], &[0, 1, 2, 5, 1], &[u32::MAX], &[2, 0, 1, 2]] {
            assert_eq!(ranks(twice), None, "{twice:?}");
        }
        let mut some = Positions::default();
        some.add(Some(0));
        some.add(None);
        some.add(Some(1));
        assert_eq!(some.ranks(), None);
    }
}
