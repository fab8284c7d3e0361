//! Blocks of folded texts, compressed: a file format, for blocks are kept in users' memories.
//!
//! A block is one LZ4 block ([`lz4_flex::block::compress_prepend_size`]) behind its uncompressed size. LZ4 is decompressed at
//! twice the speed of Zstandard. `n` is the number of texts, which is kept beside the block. All numbers are little-endian.
//!
//! | offset | size | meaning |
//! |---|---|---|
//! | 0 | 4 | size of what follows, uncompressed |
//! | 4 | to the end | compressed: the two columns below |
//!
//! | offset, uncompressed | size | meaning |
//! |---|---|---|
//! | 0 | 4 n | the ids of the texts |
//! | 4 n | to the end | the texts, each ended by `\n` |
//!
//! A text is its plain form, folded. If the text as written differs from its plain form, [`RAW_SEPARATOR`] and the text as
//! written, folded, follow. The texts of a block are in one length band and in the order of their bytes: so they compress best.

use super::fold::{RAW_SEPARATOR, fold_into};
use super::pattern::Pattern;

/// A block ends when it holds so many bytes of folded text.
const BLOCK_BYTES: usize = 256 << 10;
/// After each text.
const END: u8 = b'\n';

/// A folded text, as a range of the buffer that holds it.
#[derive(Clone, Copy, Debug)]
struct FoldedText {
    id: u32,
    /// How many bytes of it are the plain form.
    plain_length: u32,
    from: u32,
    to: u32,
}

impl FoldedText {
    /// The length band, half a power of two: `0..=1, 2, 3, 4..=5, 6..=7, 8..=11`.
    fn band(&self) -> u32 {
        match self.plain_length.checked_ilog2() {
            None | Some(0) => 0,
            Some(power) => 2 * power + (self.plain_length >> (power - 1) & 1),
        }
    }
}

/// Folded texts in one buffer: one allocation for thousands of texts.
#[derive(Debug, Default)]
struct Part {
    buffer: String,
    texts: Vec<FoldedText>,
}

impl Part {
    fn bytes(&self, text: &FoldedText) -> &[u8] {
        &self.buffer.as_bytes()[text.from as usize..text.to as usize]
    }

    /// The sort key of a text: length band, bytes, id. The first eight bytes as a number decide most comparisons.
    fn key<'a>(&'a self, text: &FoldedText) -> (u32, u64, &'a [u8], u32) {
        let bytes = self.bytes(text);
        (text.band(), first_bytes(bytes), bytes, text.id)
    }
}

/// The first bytes of a text as a number that has the same order. No folded text holds a zero.
fn first_bytes(bytes: &[u8]) -> u64 {
    let mut first = [0; 8];
    let length = bytes.len().min(8);
    first[..length].copy_from_slice(&bytes[..length]);
    u64::from_be_bytes(first)
}

/// No buffer is longer than this and its last text.
const PART_BYTES: usize = 1 << 24;

/// A block as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextBlock {
    /// The length in bytes of its shortest plain form, folded.
    pub shortest: u32,
    /// How many texts it holds.
    pub texts: u32,
    /// The format of the module's documentation.
    pub bytes: Vec<u8>,
}

/// A block that is not compressed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawTextBlock {
    shortest: u32,
    texts: u32,
    columns: Vec<u8>,
}

impl RawTextBlock {
    /// Compresses the block.
    pub fn compress(&self) -> TextBlock {
        let bytes = lz4_flex::block::compress_prepend_size(&self.columns);
        TextBlock { shortest: self.shortest, texts: self.texts, bytes }
    }
}

/// Builds blocks from texts.
#[derive(Debug, Default)]
pub struct TextBlockBuilder {
    parts: Vec<Part>,
}

impl TextBlockBuilder {
    /// Adds a text as written, with its plain form.
    pub fn add(&mut self, id: u32, text: &str, plain: &str) {
        if self.parts.last().is_none_or(|part| part.buffer.len() > PART_BYTES) {
            self.parts.push(Part::default());
        }
        let Some(part) = self.parts.last_mut() else { return };
        let from = part.buffer.len() as u32;
        fold_into(plain, &mut part.buffer);
        let plain_length = part.buffer.len() as u32 - from;
        if plain != text {
            part.buffer.push(RAW_SEPARATOR);
            fold_into(text, &mut part.buffer);
        }
        part.texts.push(FoldedText { id, plain_length, from, to: part.buffer.len() as u32 });
    }

    /// Sorts the texts that were added so far. [`TextBlockBuilder::finish`] merges sorted runs faster than it sorts.
    pub fn sort(&mut self) {
        for part in &mut self.parts {
            let mut texts = std::mem::take(&mut part.texts);
            texts.sort_unstable_by(|a, b| part.key(a).cmp(&part.key(b)));
            part.texts = texts;
        }
    }

    /// Adds the texts of another builder.
    pub fn append(&mut self, mut other: TextBlockBuilder) {
        self.parts.append(&mut other.parts);
    }

    /// The blocks, those of shorter texts first. The texts of a block are in one length band.
    pub fn finish(self) -> impl Iterator<Item = RawTextBlock> {
        let parts = self.parts;
        let mut order: Vec<(u32, u64, usize, FoldedText)> = Vec::new();
        for (number, part) in parts.iter().enumerate() {
            let key = |text: &FoldedText| (text.band(), first_bytes(part.bytes(text)), number, *text);
            order.extend(part.texts.iter().map(key));
        }
        // The stable sort of the standard library merges sorted runs.
        order.sort_by(|a, b| {
            let rest = |key: &(u32, u64, usize, FoldedText)| (parts[key.2].bytes(&key.3), key.3.id);
            (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| rest(a).cmp(&rest(b)))
        });
        let mut texts = order.into_iter().peekable();
        std::iter::from_fn(move || {
            let (mut shortest, band) = texts.peek().map(|(band, _, _, first)| (first.plain_length, *band))?;
            let (mut columns, mut bytes) = (Vec::new(), Vec::with_capacity(BLOCK_BYTES));
            let mut count = 0;
            while bytes.len() < BLOCK_BYTES {
                let Some((_, _, part, text)) = texts.next_if(|text| text.0 == band) else { break };
                shortest = shortest.min(text.plain_length);
                columns.extend_from_slice(&text.id.to_le_bytes());
                bytes.extend_from_slice(parts[part].bytes(&text));
                bytes.push(END);
                count += 1;
            }
            columns.append(&mut bytes);
            Some(RawTextBlock { shortest, texts: count, columns })
        })
    }
}

/// A block is damaged.
#[derive(Debug, thiserror::Error)]
#[error("a block of the concordance index is damaged")]
pub struct CorruptBlock {
    source: Option<lz4_flex::block::DecompressError>,
}

/// A text in which a pattern may occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'b> {
    /// Its id.
    pub id: u32,
    /// The text as the block holds it.
    pub folded: &'b [u8],
}

impl Found<'_> {
    /// The length in bytes of the plain form, folded: the first criterion of the order of results.
    pub fn plain_length(&self) -> u32 {
        memchr::memchr(RAW_SEPARATOR as u8, self.folded).unwrap_or(self.folded.len()) as u32
    }
}

impl TextBlock {
    /// Calls `found` with each text of a block in which the pattern may occur, in their order. Of a folded phrase these are
    /// the texts in which it occurs; see [`Pattern::needs_text`]. `buffer` is for the decompressed block.
    ///
    /// # Errors
    /// If the block is damaged.
    pub fn search(
        bytes: &[u8],
        texts: u32,
        pattern: &Pattern,
        buffer: &mut Vec<u8>,
        mut found: impl FnMut(Found<'_>),
    ) -> Result<(), CorruptBlock> {
        decompress(bytes, buffer)?;
        let corrupt = || CorruptBlock { source: None };
        let (ids, texts) = buffer.split_at_checked(4 * texts as usize).ok_or_else(corrupt)?;
        let (ids, _) = ids.as_chunks::<4>();
        let (mut start, mut index) = (0, 0);
        while let Some(hit) = pattern.find(&texts[start..]) {
            let hit = start + hit;
            index += memchr::memchr_iter(END, &texts[start..hit]).count();
            let begin = memchr::memrchr(END, &texts[start..hit]).map_or(start, |end| start + end + 1);
            let end = hit + memchr::memchr(END, &texts[hit..]).ok_or_else(corrupt)?;
            let folded = &texts[begin..end];
            if pattern.may_be_in_folded(folded) {
                found(Found { id: u32::from_le_bytes(*ids.get(index).ok_or_else(corrupt)?), folded });
            }
            (start, index) = (end + 1, index + 1);
        }
        Ok(())
    }
}

/// LZ4 compresses to no less than a 255th. A block that claims more is damaged, and no buffer is allocated for it.
const BEST_RATIO: usize = 255;

fn decompress(bytes: &[u8], buffer: &mut Vec<u8>) -> Result<(), CorruptBlock> {
    let corrupt = |error| CorruptBlock { source: Some(error) };
    let (size, bytes) = lz4_flex::block::uncompressed_size(bytes).map_err(corrupt)?;
    if size / BEST_RATIO > bytes.len() {
        return Err(CorruptBlock { source: None });
    }
    buffer.resize(size, 0);
    let written = lz4_flex::block::decompress_into(bytes, buffer).map_err(corrupt)?;
    buffer.truncate(written);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::pattern::{Folding, PatternOptions, Syntax};
    use super::*;

    fn found(texts: &[&str], pattern: &str) -> Vec<u32> {
        candidates(texts, &Pattern::new(pattern, PatternOptions::default()).unwrap())
    }

    fn candidates(texts: &[&str], pattern: &Pattern) -> Vec<u32> {
        let mut builder = TextBlockBuilder::default();
        for (id, text) in (0..).zip(texts) {
            builder.add(id, text, &crate::markup::plain(text));
        }
        let mut ids = Vec::new();
        let mut last = 0;
        for block in builder.finish() {
            let TextBlock { shortest, texts, bytes } = block.compress();
            assert!(shortest >= last);
            last = shortest;
            let keep = |found: Found<'_>| ids.push(found.id);
            TextBlock::search(&bytes, texts, pattern, &mut Vec::new(), keep).unwrap();
        }
        ids
    }

    #[test]
    fn texts_are_found_the_shortest_first() {
        let texts = ["a long text with Save in it", "**Sa**ve", "", "nothing", "[x](save.md)", "save"];
        assert_eq!(found(&texts, "SAVE"), [4, 5, 1, 0]);
        assert_eq!(found(&texts, "save.md"), [4]);
        assert_eq!(found(&texts, "nowhere"), [0; 0]);
    }

    #[test]
    fn one_text_can_be_longer_than_a_block() {
        let long = "x ".repeat(BLOCK_BYTES) + "needle";
        let many: Vec<String> = (0..20_000).map(|number| format!("text {number} of many")).collect();
        let mut texts: Vec<&str> = many.iter().map(String::as_str).collect();
        texts.push(&long);
        assert_eq!(found(&texts, "needle"), [20_000]);
        assert_eq!(found(&texts, "text 777 "), [777]);
        assert_eq!(found(&texts, "of many").len(), 20_000);
    }

    #[test]
    fn a_damaged_block_is_an_error_and_no_panic() {
        let pattern =
            Pattern::new("a", PatternOptions { folding: Folding::Exact, ..Default::default() }).unwrap();
        let mut builder = TextBlockBuilder::default();
        builder.add(1, "a text", "a text");
        let block = builder.finish().next().unwrap().compress();
        let mut buffer = Vec::new();
        let mut search = |bytes: &[u8], texts| TextBlock::search(bytes, texts, &pattern, &mut buffer, |_| ());
        assert!(search(&block.bytes, 1).is_ok());
        assert!(search(&block.bytes, 1000).is_err());
        for cut in 0..block.bytes.len() {
            assert!(search(&block.bytes[..cut], 1).is_err());
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_that_matches_an_expression_is_lost(
            texts in proptest::collection::vec("([aAéßskKſ저장각かガ=<. *]|\\[a\\]|&amp;|[\u{200d}\u{338}\u{301}\u{11a8}\u{3099}\u{212a}]){0,9}", 1..20),
            expression in proptest::sample::select(vec![
                "s[ae]?k", "[a-c]s", "a.s", "é|저", "저.*장", "저장?", "장$", "(?-i)A", "ß", "か", "=", "(か|ガ)+", "<a", "&", "k{2}", r"\bs",
            ]),
        ) {
            let options = PatternOptions { syntax: Syntax::Regex, ..Default::default() };
            let wanted = Pattern::new(expression, options).unwrap();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let candidates = candidates(&texts, &wanted);
            for (id, text) in (0..).zip(&texts) {
                proptest::prop_assert!(!wanted.matches_text(text) || candidates.contains(&id), "{text:?}");
            }
        }

        #[test]
        fn blocks_hold_what_the_texts_hold(
            texts in proptest::collection::vec("[aAéßкЙ저장文。 *<>b/\\[\\]()&;]{0,12}", 1..20),
            pattern in "[aeésк저文 *b(]{1,3}",
        ) {
            let Ok(wanted) = Pattern::new(&pattern, PatternOptions::default()) else { return Ok(()) };
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let mut ids = found(&texts, &pattern);
            ids.sort_unstable();
            let expected: Vec<u32> =
                (0..).zip(&texts).filter(|(_, text)| wanted.matches_text(text)).map(|(id, _)| id).collect();
            proptest::prop_assert_eq!(ids, expected);
        }
    }
}
