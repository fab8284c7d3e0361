//! Lines of positions in a text.

/// The 1-based line of a position; of one that is not in the text, its last line.
pub fn line_at(text: &str, at: usize) -> u32 {
    LineCounter::default().line_at(text, at)
}

/// Counts lines up to positions of one text. Rising positions take linear time together.
#[derive(Clone, Copy, Debug)]
pub struct LineCounter {
    line: u32,
    at: usize,
}

impl Default for LineCounter {
    /// At the start of the text.
    fn default() -> Self {
        LineCounter { line: 1, at: 0 }
    }
}

impl LineCounter {
    /// The 1-based line of a position; of one before the last position, the line of that one.
    pub fn line_at(&mut self, text: &str, at: usize) -> u32 {
        let at = at.min(text.len());
        if let Some(between) = text.as_bytes().get(self.at..at) {
            self.line += memchr::memchr_iter(b'\n', between).count() as u32;
            self.at = at;
        }
        self.line
    }

    /// The position up to which was counted.
    pub fn position(self) -> usize {
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_from_one() {
        let text = "a\nb\n\nc";
        assert_eq!([0, 1, 2, 4, 5, 6, 99].map(|at| line_at(text, at)), [1, 1, 2, 3, 4, 4, 4]);
        let mut counter = LineCounter::default();
        assert_eq!([0, 2, 5, 2, 6].map(|at| counter.line_at(text, at)), [1, 2, 4, 4, 4]);
    }
}
