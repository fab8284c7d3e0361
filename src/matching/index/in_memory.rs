//! A generation of the index in memory: what a store writes and reads in parts. For benchmarks and tests.

use std::sync::Arc;

use super::block::Block;
use super::element::Element;
use super::frequent::FrequentBits;
use super::order::TokenOrder;
use super::postings::{ContainerLists, Layout, Lists, ListsError, Prefixes, Row, rows};
use super::search::IndexSearch;
use super::stored::Stored;

/// Blocks with their lists.
#[derive(Debug)]
pub struct InMemoryIndex {
    order: Arc<TokenOrder>,
    layout: Layout,
    /// By ascending length.
    blocks: Vec<Block>,
    /// With the element of the first list of each.
    rows: Vec<(Element, Arc<Lists>)>,
    /// By container.
    frequent: Vec<FrequentBits>,
}

impl Stored for InMemoryIndex {
    type Error = ListsError;

    fn lists(&self, element: Element) -> Result<Option<Arc<Lists>>, ListsError> {
        let row = self.rows.partition_point(|&(first, _)| first <= element).checked_sub(1);
        Ok(row.map(|row| self.rows[row].1.clone()))
    }

    fn frequent(&self, container: usize) -> Result<&FrequentBits, ListsError> {
        Ok(&self.frequent[container])
    }
}

impl InMemoryIndex {
    /// The index of blocks, by ascending length. Their texts are sorted.
    ///
    /// # Panics
    /// Never: rows come back from their bytes.
    pub fn new(mut blocks: Vec<Block>) -> InMemoryIndex {
        let order = Arc::new(TokenOrder::of(blocks.iter()));
        let layout = Layout::of(blocks.iter().map(|block| (block.length(), block.len())));
        let mut frequent = Vec::new();
        let mut of_block = |block: &mut Block| {
            let numbers = layout.of_lengths(block.length()..=block.length());
            if numbers.is_empty() {
                return Vec::new();
            }
            let prefixes = Prefixes::sort(block, &order);
            frequent.extend(numbers.clone().map(|number| prefixes.frequent_bits(layout.get(number))));
            numbers
                .map(|number| ContainerLists::of(number, *layout.get(number), &prefixes))
                .collect::<Vec<_>>()
        };
        let lists = blocks.iter_mut().flat_map(&mut of_block).collect();
        let read = |row: Row| {
            let lists =
                Lists::from_bytes(row.first, &row.bytes, &layout).expect("a row comes back from its bytes");
            (row.first, Arc::new(lists))
        };
        let rows = rows(lists).map(read).collect();
        InMemoryIndex { order, layout, blocks, rows, frequent }
    }

    /// Replaces the lists of all elements by those of the row with these bytes.
    ///
    /// # Errors
    /// If the bytes are not those of a row.
    pub fn replace_lists(&mut self, bytes: &[u8]) -> Result<(), ListsError> {
        self.rows = vec![(0, Arc::new(Lists::from_bytes(0, bytes, &self.layout)?))];
        Ok(())
    }

    /// Searches the texts of a length. Hits get the number `group`.
    ///
    /// # Errors
    /// If the lists are damaged.
    pub fn search(
        &self,
        length: usize,
        search: &mut IndexSearch<'_>,
        group: usize,
    ) -> Result<(), ListsError> {
        let Ok(at) = self.blocks.binary_search_by_key(&length, Block::length) else { return Ok(()) };
        let (block, containers) = (&self.blocks[at], self.layout.of_lengths(length..=length));
        if containers.is_empty() {
            search.search_block(block, group);
        }
        for number in containers {
            if search.candidates((&self.order, &self.layout, number), self)?.is_none() {
                search.search_block(block, group);
                return Ok(());
            }
            search.compare_candidates(length, |place| (place < block.len()).then_some((block, place)), group);
        }
        Ok(())
    }
}
