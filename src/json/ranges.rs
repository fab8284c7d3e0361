//! Places in texts: bytes inside the program, characters outside.

use std::ops::Range;

/// Ranges of bytes as ranges of characters.
pub(super) fn in_characters(text: &str, hits: &[Range<usize>]) -> Vec<(usize, usize)> {
    // Hits ascend, so each position is counted from the one before it.
    let (mut byte, mut characters) = (0, 0);
    let mut count_to = |position: usize| {
        if position < byte {
            (byte, characters) = (0, 0);
        }
        characters += text[byte..position].chars().count();
        byte = position;
        characters
    };
    hits.iter().map(|hit| (count_to(hit.start), count_to(hit.end))).collect()
}
