//! Blocks of folded texts, compressed: a file format, for blocks are kept in users' memories.
//!
//! A block is a filter and one LZ4 block ([`lz4_flex::block::compress_prepend_size`]) behind its uncompressed size. LZ4 is
//! decompressed at twice the speed of Zstandard. `n` is the number of texts, which is kept beside the block. All numbers are
//! little-endian.
//!
//! | offset | size | meaning |
//! |---|---|---|
//! | 0 | 4 | `f`, the size of the filter: a power of two |
//! | 4 | f | the Bloom filter of the texts (`filter.rs`) |
//! | 4 + f | 4 | size of what follows, uncompressed |
//! | 8 + f | to the end | compressed: the three columns below |
//!
//! | offset, uncompressed | size | meaning |
//! |---|---|---|
//! | 0 | 4 n | the ids of the texts |
//! | 4 n | (n + 7) / 8 | a bit for each text, the lowest first: folding changed the case of ASCII letters only |
//! | | to the end | the texts, each ended by `\n` |
//!
//! A text is its plain form, folded. If the text as written differs from its plain form, [`RAW_SEPARATOR`] and the text as
//! written, folded, follow. The texts of a block are in one length band and in the order of their bytes: so they compress best.
//! A regular expression that ignores case is decided on a folded text that has its bit set, without the text as written.

use super::filter;
use super::fold::{RAW_SEPARATOR, fold_into};
use super::pattern::{Occurrence, Pattern, spaced};

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
    /// Whether folding changed the case of ASCII letters only.
    is_lowercased: bool,
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
    /// Where the column of the texts begins.
    from: usize,
}

impl RawTextBlock {
    /// Compresses the block.
    pub fn compress(&self) -> TextBlock {
        let filter = filter::build(&self.columns[self.from..]);
        let mut bytes = (filter.len() as u32).to_le_bytes().to_vec();
        bytes.extend(filter);
        bytes.extend(lz4_flex::block::compress_prepend_size(&self.columns));
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
        let mut is_lowercased = is_lowercase_of(&part.buffer[from as usize..], plain);
        let mut written = from as usize;
        if plain != text {
            part.buffer.push(RAW_SEPARATOR);
            written = part.buffer.len();
            fold_into(text, &mut part.buffer);
        }
        is_lowercased = is_lowercased && is_lowercase_of(&part.buffer[written..], &spaced(text));
        let to = part.buffer.len() as u32;
        part.texts.push(FoldedText { id, plain_length, from, to, is_lowercased });
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
            let mut lowercased: Vec<u8> = Vec::new();
            let mut count = 0;
            while bytes.len() < BLOCK_BYTES {
                let Some((_, _, part, text)) = texts.next_if(|text| text.0 == band) else { break };
                shortest = shortest.min(text.plain_length);
                columns.extend_from_slice(&text.id.to_le_bytes());
                bytes.extend_from_slice(parts[part].bytes(&text));
                bytes.push(END);
                if count % 8 == 0 {
                    lowercased.push(0);
                }
                if let Some(bits) = lowercased.last_mut() {
                    *bits |= u8::from(text.is_lowercased) << (count % 8);
                }
                count += 1;
            }
            columns.append(&mut lowercased);
            let from = columns.len();
            columns.append(&mut bytes);
            Some(RawTextBlock { shortest, texts: count, columns, from })
        })
    }
}

/// Whether a folded text is the text in small ASCII letters.
fn is_lowercase_of(folded: &str, text: &str) -> bool {
    let (folded, text) = (folded.as_bytes(), text.as_bytes());
    folded.len() == text.len()
        && folded.iter().zip(text).all(|(folded, byte)| *folded == byte.to_ascii_lowercase())
}

/// A block is damaged.
#[derive(Debug, Default, thiserror::Error)]
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
    /// Whether the pattern certainly occurs. Else [`Pattern::matches_text`] decides.
    pub is_certain: bool,
}

impl Found<'_> {
    /// The length in bytes of the plain form, folded: the first criterion of the order of results.
    pub fn plain_length(&self) -> u32 {
        memchr::memchr(RAW_SEPARATOR as u8, self.folded).unwrap_or(self.folded.len()) as u32
    }
}

impl TextBlock {
    /// The size of a block's first field, the size of its filter.
    pub const HEADER: usize = size_of::<u32>();

    /// The size of a block's filter, which follows the header.
    ///
    /// # Errors
    /// If the block is damaged.
    pub fn filter_size(header: [u8; TextBlock::HEADER]) -> Result<usize, CorruptBlock> {
        let size = u32::from_le_bytes(header) as usize;
        if filter::is_size(size) { Ok(size) } else { Err(CorruptBlock::default()) }
    }

    /// Whether a pattern may occur in the block that has this filter.
    pub fn may_contain(filter: &[u8], pattern: &Pattern) -> bool {
        pattern.may_be_in_block(filter)
    }

    /// Calls `found` with each text of a block in which the pattern may occur, in their order. `buffer` is for the decompressed
    /// block.
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
        TextBlock::decompress(bytes, buffer)?;
        TextBlock::search_decompressed(buffer, texts, pattern, &mut found)
    }

    /// Decompresses what follows the filter of a block.
    ///
    /// # Errors
    /// If the block is damaged.
    pub fn decompress(bytes: &[u8], buffer: &mut Vec<u8>) -> Result<(), CorruptBlock> {
        let corrupt = || CorruptBlock::default();
        let (header, bytes) = bytes.split_first_chunk().ok_or_else(corrupt)?;
        let (_, bytes) = bytes.split_at_checked(TextBlock::filter_size(*header)?).ok_or_else(corrupt)?;
        decompress(bytes, buffer)
    }

    /// Does what [`TextBlock::search`] does, with what [`TextBlock::decompress`] returns.
    ///
    /// # Errors
    /// If the block is damaged.
    pub fn search_decompressed(
        columns: &[u8],
        texts: u32,
        pattern: &Pattern,
        mut found: impl FnMut(Found<'_>),
    ) -> Result<(), CorruptBlock> {
        let corrupt = || CorruptBlock::default();
        let count = texts as usize;
        let (ids, columns) = columns.split_at_checked(4 * count).ok_or_else(corrupt)?;
        let (ids, _) = ids.as_chunks::<4>();
        let (lowercased, texts) = columns.split_at_checked(count.div_ceil(8)).ok_or_else(corrupt)?;
        let (mut start, mut index) = (0, 0);
        while let Some(hit) = pattern.find(&texts[start..]) {
            let hit = start + hit;
            index += memchr::memchr_iter(END, &texts[start..hit]).count();
            let begin = memchr::memrchr(END, &texts[start..hit]).map_or(start, |end| start + end + 1);
            let end = hit + memchr::memchr(END, &texts[hit..]).ok_or_else(corrupt)?;
            let folded = &texts[begin..end];
            let id = u32::from_le_bytes(*ids.get(index).ok_or_else(corrupt)?);
            let is_lowercased = lowercased[index / 8] >> (index % 8) & 1 == 1;
            let occurrence = pattern.occurrence(folded, is_lowercased);
            if occurrence != Occurrence::Absent {
                found(Found { id, folded, is_certain: occurrence == Occurrence::Certain });
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
        return Err(CorruptBlock::default());
    }
    buffer.resize(size, 0);
    let written = lz4_flex::block::decompress_into(bytes, buffer).map_err(corrupt)?;
    buffer.truncate(written);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::pattern::{Folding, PatternOptions, Syntax, WordBounds};
    use super::*;

    fn found(texts: &[&str], pattern: &str) -> Vec<u32> {
        let found = candidates(texts, &Pattern::new(pattern, PatternOptions::default()).unwrap());
        found.into_iter().map(|(id, _)| id).collect()
    }

    /// The ids of the texts that may have the pattern, and whether they certainly have it.
    fn candidates(texts: &[&str], pattern: &Pattern) -> Vec<(u32, bool)> {
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
            let keep = |found: Found<'_>| ids.push((found.id, found.is_certain));
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
    fn a_folded_text_decides_an_expression_that_ignores_case() {
        let texts = ["Save", "**Save** it", "Sàve", "a sieve", "Save\u{a0}it"];
        let candidates = |pattern: &str| {
            let options = PatternOptions { syntax: Syntax::Regex, ..Default::default() };
            let mut candidates = candidates(&texts, &Pattern::new(pattern, options).unwrap());
            candidates.sort_unstable();
            candidates
        };
        // Of the accented text, the folded form does not show how it is written.
        assert_eq!(candidates("s.ve"), [(0, true), (1, true), (2, false), (4, true)]);
        assert_eq!(candidates("^s.ve"), [(0, true), (1, true), (2, false), (4, true)]);
        assert_eq!(candidates("(?-i)S.ve"), [(0, false), (1, false), (2, false), (3, false), (4, false)]);
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
                "s[ae]?k", "[a-c]s", "a.s", "é|저", "저.*장", "저장?", "장$", ".", "^[a-z]", r"\w+ ", "(?-i)A", "ß", "か", "=", "(か|ガ)+", "<a", "&", "k{2}", r"\bs",
            ]),
            bounds in proptest::sample::select(vec![WordBounds::Anywhere, WordBounds::WholeWords]),
        ) {
            let options = PatternOptions { syntax: Syntax::Regex, bounds, ..Default::default() };
            let wanted = Pattern::new(expression, options).unwrap();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let candidates = candidates(&texts, &wanted);
            for (id, text) in (0..).zip(&texts) {
                let found = candidates.iter().find(|candidate| candidate.0 == id);
                match wanted.matches_text(text) {
                    true => proptest::prop_assert!(found.is_some(), "{text:?}"),
                    false => proptest::prop_assert!(found.is_none_or(|found| !found.1), "{text:?}"),
                }
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
