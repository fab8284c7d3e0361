//! Bold, italics and strikethrough: pairs runs of `*`, `_` and `~`, as in CommonMark.

use super::piece::Code;

/// A delimiter run, such as `**`.
#[derive(Debug)]
pub(crate) struct Run {
    mark: u8,
    /// The bytes that have no partner yet. A run closes from its left end and opens from its right end.
    start: usize,
    end: usize,
    /// Its length in the text.
    length: usize,
    opens: bool,
    closes: bool,
}

impl Run {
    /// A run at `start` between two characters; `None` if it can neither open nor close.
    ///
    /// As in CommonMark 0.31, "Emphasis and strong emphasis", except for one rule: punctuation inside the mark
    /// and a letter outside are allowed, because `**"예"**는` is meant to be bold; Korean has no space there.
    pub(crate) fn new(mark: u8, start: usize, length: usize, before: char, after: char) -> Option<Run> {
        let (mut opens, mut closes) = (!after.is_whitespace(), !before.is_whitespace());
        if mark == b'_' {
            opens &= !before.is_alphanumeric();
            closes &= !after.is_alphanumeric();
        }
        // A single tilde means a home folder or "about".
        let meant = mark != b'~' || length == 2;
        (meant && (opens || closes)).then_some(Run {
            mark,
            start,
            end: start + length,
            length,
            opens,
            closes,
        })
    }

    /// Whether this run can be the opener of the other. The "rule of three" keeps `*a**b*` one pair of italics.
    fn closed_by(&self, closer: &Run) -> bool {
        let both = self.closes || closer.opens;
        let thirds = (self.length + closer.length).is_multiple_of(3)
            && !(self.length.is_multiple_of(3) && closer.length.is_multiple_of(3));
        self.mark == closer.mark && !(self.mark != b'~' && both && thirds)
    }
}

/// Calls `pair` with the byte ranges of the opening and closing marks of each pair.
pub(crate) fn pair_runs<'a>(
    runs: &mut [Run],
    mut pair: impl FnMut(Code<'a>, (usize, usize), (usize, usize)),
) {
    let mut openers: Vec<usize> = Vec::new();
    // CommonMark's `openers_bottom`: for each kind of closer, the opener below which none fits. It keeps the search linear.
    let mut none_up_to = [[None; 6]; 3];
    for closer in 0..runs.len() {
        while runs[closer].closes && runs[closer].start < runs[closer].end {
            let known = &mut none_up_to[kind(&runs[closer])]
                [3 * runs[closer].opens as usize + runs[closer].length % 3];
            let fits = openers
                .iter()
                .rposition(|&opener| *known >= Some(opener) || runs[opener].closed_by(&runs[closer]))
                .filter(|&at| *known < Some(openers[at]));
            let Some(at) = fits else {
                *known = openers.last().copied().max(*known);
                break;
            };
            let opener = openers[at];
            openers.truncate(at + 1);
            let width =
                (runs[opener].end - runs[opener].start).min(runs[closer].end - runs[closer].start).min(2);
            let code = match (runs[closer].mark, width) {
                (b'~', _) => Code::Strikethrough,
                (_, 2) => Code::Bold,
                _ => Code::Italic,
            };
            runs[opener].end -= width;
            let (open, close) = (runs[opener].end, runs[closer].start);
            pair(code, (open, open + width), (close, close + width));
            runs[closer].start += width;
            if runs[opener].start == runs[opener].end {
                openers.truncate(at);
            }
        }
        if runs[closer].opens && runs[closer].start < runs[closer].end {
            openers.push(closer);
        }
    }
}

fn kind(run: &Run) -> usize {
    match run.mark {
        b'*' => 0,
        b'_' => 1,
        _ => 2,
    }
}
