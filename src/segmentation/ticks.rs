//! The ends of code spans.

use std::collections::HashMap;

/// Finds the partners of runs of backticks in one stretch of text, in linear time however many have none.
#[derive(Debug, Default)]
pub(super) struct Ticks {
    /// The last position of each length of a run, once one without a partner was found.
    last: Option<HashMap<usize, usize>>,
}

impl Ticks {
    /// The range of the code span that begins at `at`, or the end of the run there as `Err` if it is text. All calls have the same `text`.
    pub fn code_span(&mut self, text: &[u8], at: usize) -> Result<usize, usize> {
        let length = run_length(text, at);
        let after = at + length;
        let has_none = |last: &HashMap<usize, usize>| last.get(&length).is_none_or(|&last| last <= at);
        if self.last.as_ref().is_some_and(has_none) {
            return Err(after);
        }
        let mut search = after;
        while let Some(skip) = memchr::memchr(b'`', &text[search..]) {
            let close = search + skip;
            let found = run_length(text, close);
            if found == length {
                return Ok(close + length);
            }
            search = close + found;
        }
        if self.last.is_none() {
            self.last = Some(last_positions(text, after));
        }
        Err(after)
    }

    /// Forgets the text.
    pub fn clear(&mut self) {
        self.last = None;
    }
}

fn last_positions(text: &[u8], mut search: usize) -> HashMap<usize, usize> {
    let mut last = HashMap::new();
    while let Some(skip) = memchr::memchr(b'`', &text[search..]) {
        let at = search + skip;
        let length = run_length(text, at);
        last.insert(length, at);
        search = at + length;
    }
    last
}

/// The number of equal bytes from `at` on.
pub(super) fn run_length(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().take_while(|&&byte| byte == bytes[at]).count()
}
