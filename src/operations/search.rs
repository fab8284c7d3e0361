//! Occurrences of a search's pattern in a pair of texts.

use std::ops::Range;

use crate::memory::{Search, SearchIn};

/// The byte ranges of the occurrences in source and target, as far as these are searched.
pub fn hits(search: &Search, source: &str, target: &str) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    let on = |looked: bool, text: &str| if looked { search.pattern.hits(text) } else { Vec::new() };
    (on(search.search_in != SearchIn::Target, source), on(search.search_in != SearchIn::Source, target))
}
