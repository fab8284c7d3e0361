//! Match scores, as translation memory tools count them.

use std::fmt;
use std::str::FromStr;

/// A match's score: 101 in context, 100 exact, 1 to 99 fuzzy, a whole percent rounded down; 0 is no match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Score(u8);

impl Score {
    /// The same text, between the same neighbours.
    pub const CONTEXT: Score = Score(101);
    /// The same text as written.
    pub const EXACT: Score = Score(100);
    /// The same words in another case, spacing or markup.
    pub const NEAR_EXACT: Score = Score(99);

    /// The score of a percent from 0 to 101; `None` for other numbers.
    pub fn new(percent: u8) -> Option<Score> {
        (percent <= 101).then_some(Score(percent))
    }

    /// The percent.
    pub fn percent(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Score {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, out)
    }
}

impl FromStr for Score {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse()
            .ok()
            .and_then(Score::new)
            .ok_or_else(|| format!("{text:?} is not a score; give a whole percent from 0 to 101"))
    }
}
/// A probability in whole percent as a number from 0 to 1: the confidence of a pair as all formats write it.
pub fn share(percent: u8) -> f64 {
    f64::from(percent) / 100.0
}

/// The nearest whole percent of such a number; below 0 it is 0, above 1 it is 100.
pub fn percent(share: f64) -> u8 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u8
}
