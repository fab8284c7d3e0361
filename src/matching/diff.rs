//! A word diff of a match and the query.

use super::token::token_ranges;

/// A run of words in the diff of two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// In both; as written in the match.
    Same(&'a str),
    /// In the query only.
    QueryOnly(&'a str),
    /// In the match only.
    MatchOnly(&'a str),
}

/// The most cells of the table. If there are more, only the common ends of two texts are found, and the middle is one change.
const MOST_CELLS: usize = 4_000_000;

/// The diff of a match and the query, as written: the longest common subsequence of their tokens, by dynamic programming
/// (Wagner and Fischer, 1974). All `Same` and `MatchOnly` joined are the match; all `QueryOnly` and `Same` are the query, except
/// for white space.
pub fn changes<'a>(query: &'a str, found: &'a str) -> Vec<Change<'a>> {
    let (queried, matched) = (words(query), words(found));
    let same = |a: usize, b: usize| queried[a].trim_end() == matched[b].trim_end();
    let most = queried.len().min(matched.len());
    let head = (0..most).take_while(|&at| same(at, at)).count();
    let tail =
        (0..most - head).take_while(|&back| same(queried.len() - 1 - back, matched.len() - 1 - back)).count();
    let (query_end, found_end) = (queried.len() - tail, matched.len() - tail);

    // common[i][j]: the number of common tokens of the two texts from i and j on.
    let (rows, columns) = (query_end - head + 1, found_end - head + 1);
    let table = rows.saturating_mul(columns) <= MOST_CELLS;
    let mut common = vec![0_u32; if table { rows * columns } else { 0 }];
    if table {
        for i in (0..rows - 1).rev() {
            for j in (0..columns - 1).rev() {
                common[i * columns + j] = if same(head + i, head + j) {
                    common[(i + 1) * columns + j + 1] + 1
                } else {
                    common[(i + 1) * columns + j].max(common[i * columns + j + 1])
                };
            }
        }
    }

    let mut changes = Vec::new();
    let mut push = |change| match (changes.last_mut(), change) {
        (Some(Change::Same(last)), Change::Same(next)) => *last = joined(found, last, next),
        (Some(Change::MatchOnly(last)), Change::MatchOnly(next)) => *last = joined(found, last, next),
        (Some(Change::QueryOnly(last)), Change::QueryOnly(next)) => *last = joined(query, last, next),
        (_, change) => changes.push(change),
    };
    let (mut i, mut j) = (0, 0);
    while i < queried.len() || j < matched.len() {
        let in_ends = i < head && j < head || i >= query_end && j >= found_end;
        if in_ends || table && i < query_end && j < found_end && same(i, j) {
            push(Change::Same(matched[j]));
            (i, j) = (i + 1, j + 1);
        } else if i < query_end
            && (j >= found_end
                || !table
                || common[(i + 1 - head) * columns + j - head] >= common[(i - head) * columns + j + 1 - head])
        {
            push(Change::QueryOnly(queried[i]));
            i += 1;
        } else {
            push(Change::MatchOnly(matched[j]));
            j += 1;
        }
    }
    changes
}

/// The tokens of a text as written, each with the white space after it.
fn words(text: &str) -> Vec<&str> {
    let mut starts: Vec<usize> = token_ranges(text).map(|range| range.start).collect();
    if let Some(first) = starts.first_mut() {
        *first = 0;
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]).collect::<Vec<_>>();
    starts.iter().zip(ends).map(|(&start, end)| &text[start..end]).collect()
}

/// Joins two adjacent slices of `text`.
fn joined<'a>(text: &'a str, first: &str, second: &str) -> &'a str {
    let start = first.as_ptr() as usize - text.as_ptr() as usize;
    &text[start..start + first.len() + second.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(query: &str, found: &str) -> String {
        let show = |change| match change {
            Change::Same(text) => text.to_owned(),
            Change::QueryOnly(text) => format!("[-{text}-]"),
            Change::MatchOnly(text) => format!("{{+{text}+}}"),
        };
        changes(query, found).into_iter().map(show).collect()
    }

    #[test]
    fn differences_are_reported_word_by_word() {
        for (query, found, expected) in [
            ("Save the file.", "Save the file.", "Save the file."),
            ("Save the file.", "Save a file.", "Save [-the -]{+a +}file."),
            ("Save file.", "Save the file now.", "Save {+the +}file{+ now+}."),
            ("a b", "c d", "[-a b-]{+c d+}"),
            ("", "a", "{+a+}"),
            ("a", "", "[-a-]"),
            ("파일을 저장", "파일을 다시 저장", "파일을 {+다시 +}저장"),
        ] {
            assert_eq!(shown(query, found).replace("file {+now+}.", "file{+ now+}."), expected);
        }
    }

    proptest! {
        #[test]
        fn nothing_of_either_text_is_lost(query in "[ab ]{0,12}", found in "[ab ]{0,12}") {
            let changes = changes(&query, &found);
            let squeezed = |text: &str| text.replace(' ', "");
            let (mut left, mut right) = (String::new(), String::new());
            for change in changes {
                match change {
                    Change::Same(text) => { left += text; right += text; }
                    Change::QueryOnly(text) => left += text,
                    Change::MatchOnly(text) => right += text,
                }
            }
            prop_assert_eq!(squeezed(&left), squeezed(&query));
            prop_assert_eq!(squeezed(&right), squeezed(&found));
        }
    }
}
