//! Blocks of folded texts.

use super::fold::fold_into;
use super::pattern::Pattern;

/// A block ends when it holds so many bytes of folded text.
const BLOCK_BYTES: usize = 256 << 10;
/// Between what a text says and how it is written. Folded texts hold no control characters of their own.
pub(super) const WRITTEN: char = '\u{1f}';
/// After each text.
const END: u8 = b'\n';

/// A folded text on its way into a block.
#[derive(Clone, Copy, Debug)]
struct FoldedText {
    id: u32,
    /// How many bytes of it are what the text says; what is behind is how it is written.
    said: u32,
    /// Where it stands in the part that holds it.
    from: u32,
    to: u32,
}

impl FoldedText {
    /// Texts of about the same length are together, and there in the order of their bytes, for they compress best so: half
    /// a power of two, `0..=1, 2, 3, 4..=5, 6..=7, 8..=11`.
    fn band(&self) -> u32 {
        match self.said.checked_ilog2() {
            None | Some(0) => 0,
            Some(power) => 2 * power + (self.said >> (power - 1) & 1),
        }
    }
}

/// Folded texts one after the other: to have each of a million by itself would cost more than to fold it.
#[derive(Debug, Default)]
struct Part {
    text: String,
    texts: Vec<FoldedText>,
}

/// No part is longer than this and its last text.
const PART_BYTES: usize = 1 << 24;

/// A block as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextBlock {
    /// The bytes of what its shortest text says.
    pub shortest: u32,
    /// How many texts it holds.
    pub texts: u32,
    /// The ids, little-endian, and the texts; compressed by LZ4, which is read at twice the speed of Zstandard.
    pub bytes: Vec<u8>,
}

/// Makes blocks of texts.
#[derive(Debug, Default)]
pub struct TextBlockBuilder {
    parts: Vec<Part>,
}

impl TextBlockBuilder {
    /// Adds a text as written, of which this is the plain form.
    pub fn add(&mut self, id: u32, text: &str, plain: &str) {
        if self.parts.last().is_none_or(|part| part.text.len() > PART_BYTES) {
            self.parts.push(Part::default());
        }
        let Some(part) = self.parts.last_mut() else { return };
        let from = part.text.len() as u32;
        fold_into(plain, &mut part.text);
        let said = part.text.len() as u32 - from;
        if plain != text {
            part.text.push(WRITTEN);
            fold_into(text, &mut part.text);
        }
        part.texts.push(FoldedText { id, said, from, to: part.text.len() as u32 });
    }

    /// Adds the texts of another one.
    pub fn append(&mut self, mut other: TextBlockBuilder) {
        self.parts.append(&mut other.parts);
    }

    /// The blocks, those of shorter texts first. A block's texts are of about the same length.
    pub fn finish(self) -> impl Iterator<Item = TextBlock> {
        let mut order: Vec<(u32, u64, usize, FoldedText)> = Vec::new();
        for (number, part) in self.parts.iter().enumerate() {
            let key = |text: &FoldedText| (text.band(), beginning(part.bytes(text)), number, *text);
            order.extend(part.texts.iter().map(key));
        }
        let parts = self.parts;
        order.sort_unstable_by(|a, b| {
            let whole = |key: &(u32, u64, usize, FoldedText)| (parts[key.2].bytes(&key.3), key.3.id);
            (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| whole(a).cmp(&whole(b)))
        });
        let mut texts = order.into_iter().peekable();
        std::iter::from_fn(move || {
            let (mut shortest, band) = texts.peek().map(|(band, _, _, first)| (first.said, *band))?;
            let (mut ids, mut bytes) = (Vec::new(), Vec::with_capacity(BLOCK_BYTES));
            let mut count = 0;
            while bytes.len() < BLOCK_BYTES {
                let Some((_, _, part, text)) = texts.next_if(|text| text.0 == band) else { break };
                shortest = shortest.min(text.said);
                ids.extend_from_slice(&text.id.to_le_bytes());
                bytes.extend_from_slice(parts[part].bytes(&text));
                bytes.push(END);
                count += 1;
            }
            ids.append(&mut bytes);
            Some(TextBlock { shortest, texts: count, bytes: lz4_flex::block::compress_prepend_size(&ids) })
        })
    }
}

impl Part {
    fn bytes(&self, text: &FoldedText) -> &[u8] {
        &self.text.as_bytes()[text.from as usize..text.to as usize]
    }
}

/// The first bytes of a text as a number that is in the same order. No folded text holds a zero.
fn beginning(bytes: &[u8]) -> u64 {
    let mut first = [0; 8];
    let length = bytes.len().min(8);
    first[..length].copy_from_slice(&bytes[..length]);
    u64::from_be_bytes(first)
}

/// Says that a block is not as it was written.
#[derive(Debug, thiserror::Error)]
#[error("a block of the concordance index is damaged")]
pub struct CorruptBlock {
    source: Option<lz4_flex::block::DecompressError>,
}

/// A text in which a pattern was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The length of what it says, folded: the first thing that results are ordered by.
    pub said: u32,
    /// The text, folded, and behind a control character as written, folded.
    pub text: Box<str>,
    /// Its id.
    pub id: u32,
}

impl TextBlock {
    /// Gives each text of a block in which the pattern may be to `found`. For a phrase that is
    /// just those in which it is; see [`Pattern::needs_text`].
    ///
    /// # Errors
    /// Where the block is damaged.
    pub fn search(
        bytes: &[u8],
        texts: u32,
        pattern: &Pattern,
        buffer: &mut Vec<u8>,
        mut found: impl FnMut(Found),
    ) -> Result<(), CorruptBlock> {
        decompress(bytes, buffer)?;
        let corrupt = || CorruptBlock { source: None };
        let (ids, texts) = buffer.split_at_checked(4 * texts as usize).ok_or_else(corrupt)?;
        let (ids, _) = ids.as_chunks::<4>();
        let (mut start, mut place) = (0, 0);
        while let Some(hit) = pattern.find(&texts[start..]) {
            let hit = start + hit;
            place += memchr::memchr_iter(END, &texts[start..hit]).count();
            let begin = memchr::memrchr(END, &texts[..hit]).map_or(0, |end| end + 1);
            let end = hit + memchr::memchr(END, &texts[hit..]).ok_or_else(corrupt)?;
            let text = std::str::from_utf8(&texts[begin..end]).map_err(|_| corrupt())?;
            if pattern.is_in_folded(text) {
                let said = text.find(WRITTEN).unwrap_or(text.len()) as u32;
                let id = u32::from_le_bytes(*ids.get(place).ok_or_else(corrupt)?);
                found(Found { said, text: text.into(), id });
            }
            (start, place) = (end + 1, place + 1);
        }
        Ok(())
    }
}

/// No block of so few bytes holds more: what claims to is damaged, and gets no room. LZ4 shrinks nothing further.
const MOST_SHRUNK: usize = 255;

fn decompress(bytes: &[u8], buffer: &mut Vec<u8>) -> Result<(), CorruptBlock> {
    let corrupt = |error| CorruptBlock { source: Some(error) };
    let (size, bytes) = lz4_flex::block::uncompressed_size(bytes).map_err(corrupt)?;
    if size / MOST_SHRUNK > bytes.len() {
        return Err(CorruptBlock { source: None });
    }
    buffer.resize(size, 0);
    let written = lz4_flex::block::decompress_into(bytes, buffer).map_err(corrupt)?;
    buffer.truncate(written);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::pattern::{Folding, PatternOptions};
    use super::*;

    fn found(texts: &[&str], pattern: &str) -> Vec<u32> {
        let pattern = Pattern::new(pattern, PatternOptions::default()).unwrap();
        let mut builder = TextBlockBuilder::default();
        for (id, text) in (0..).zip(texts) {
            builder.add(id, text, &crate::markup::plain(text));
        }
        let mut ids = Vec::new();
        let mut last = 0;
        for block in builder.finish() {
            let TextBlock { shortest, texts, bytes } = block;
            assert!(shortest >= last);
            last = shortest;
            let keep = |found: Found| ids.push(found.id);
            TextBlock::search(&bytes, texts, &pattern, &mut Vec::new(), keep).unwrap();
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
    fn a_damaged_block_is_told_and_no_panic() {
        let pattern =
            Pattern::new("a", PatternOptions { folding: Folding::Exact, ..Default::default() }).unwrap();
        let mut builder = TextBlockBuilder::default();
        builder.add(1, "a text", "a text");
        let block = builder.finish().next().unwrap();
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
        fn blocks_hold_what_the_texts_hold(
            texts in proptest::collection::vec("[aAéßкЙ저장文。 *<>b/\\[\\]()&;]{0,12}", 1..20),
            pattern in "[aeésк저文 *b(]{1,3}",
        ) {
            let Ok(wanted) = Pattern::new(&pattern, PatternOptions::default()) else { return Ok(()) };
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let mut ids = found(&texts, &pattern);
            ids.sort_unstable();
            let expected: Vec<u32> =
                (0..).zip(&texts).filter(|(_, text)| wanted.is_in(text)).map(|(id, _)| id).collect();
            proptest::prop_assert_eq!(ids, expected);
        }
    }
}
