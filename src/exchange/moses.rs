//! Segments as Moses text: two files for each pair of locales. Line n of one file is the translation of line n of the other.

mod read;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::{self, Write};

use super::reading::Input;
use super::segments::{
    Buffered, Labelled, Layout, Opener, OutputFile, SegmentFormat, SegmentWriter, buffered,
};
use crate::model::{Locale, PlacedSegment};

/// Moses text.
pub const FORMAT: SegmentFormat = SegmentFormat {
    name: "moses",
    help: "Two line-aligned text files, FILE.SOURCE-TARGET.SOURCE and FILE.SOURCE-TARGET.TARGET",
    extensions: &[],
    is_binary: false,
    spreadsheet_safe: None,
    labelled: Labelled::Not,
    layouts: &[Layout::Files(|open| Box::new(MosesWriter { open, files: BTreeMap::new() }))],
    input: Input::Pair(read::open),
};

/// Writes two files for each pair of locales, named as corpora are: `corpus.en-US-ko-KR.en-US`, `corpus.en-US-ko-KR.ko-KR`.
struct MosesWriter<'a> {
    open: Opener<'a>,
    files: BTreeMap<(Locale, Locale), AlignedFiles<Buffered>>,
}

impl SegmentWriter for MosesWriter<'_> {
    fn write(&mut self, placed: PlacedSegment<'_>) -> io::Result<bool> {
        let pair = (placed.source_locale.clone(), placed.target_locale.clone());
        let files = match self.files.entry(pair) {
            Entry::Occupied(open) => open.into_mut(),
            Entry::Vacant(vacant) => {
                let (source, target) = vacant.key();
                let open = |locale| (self.open)(&format!(".{source}-{target}.{locale}")).map(buffered);
                let files = AlignedFiles::new(open(source)?, open(target)?);
                vacant.insert(files)
            }
        };
        files.write(&placed.segment.source, &placed.segment.target)
    }

    fn finish(self: Box<Self>) -> io::Result<u64> {
        let mut replaced = 0;
        for files in self.files.into_values() {
            replaced += files.replaced;
            Box::new(files.source).finish()?;
            Box::new(files.target).finish()?;
        }
        Ok(replaced)
    }
}

/// Two line-aligned files.
struct AlignedFiles<W> {
    source: W,
    target: W,
    line: Vec<u8>,
    /// The number of characters that would break a line, and were replaced by spaces.
    replaced: u64,
}

impl<W: Write> AlignedFiles<W> {
    fn new(source: W, target: W) -> Self {
        AlignedFiles { source, target, line: Vec::new(), replaced: 0 }
    }

    /// Writes a pair of texts, each as one line. `false`, and nothing is written, if one of them is blank: aligners and
    /// trainers fail on empty lines.
    fn write(&mut self, source: &str, target: &str) -> io::Result<bool> {
        let has_text = |text: &str| text.chars().any(|c| !breaks_line(c) && !c.is_whitespace());
        if !has_text(source) || !has_text(target) {
            return Ok(false);
        }
        for (text, out) in [(source, &mut self.source), (target, &mut self.target)] {
            self.line.clear();
            self.replaced += text.trim().chars().filter(|&c| breaks_line(c)).count() as u64;
            // A space at an end would be another text for whoever reads the line.
            for character in text.trim_matches(|c: char| breaks_line(c) || c.is_whitespace()).chars() {
                let character = if breaks_line(character) { ' ' } else { character };
                self.line.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            self.line.push(b'\n');
            out.write_all(&self.line)?;
        }
        Ok(true)
    }
}

/// Whether some readers end a line at this character. Python's `splitlines` does at all of these, which breaks the alignment.
fn breaks_line(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_one_line_in_each_file() {
        let mut writer = AlignedFiles::new(Vec::new(), Vec::new());
        for (source, target, goes) in [
            ("Save", "저장", true),
            ("a\nb\tc\u{85}d\u{2028}e", "a\r\nb", true),
            ("", "b", false),
            ("a", "\u{1}", false),
            ("\u{1b} b", "c\u{1b}", true),
        ] {
            assert_eq!(writer.write(source, target).unwrap(), goes);
        }
        assert_eq!(writer.replaced, 8);
        assert_eq!(String::from_utf8(writer.source).unwrap(), "Save\na b c d e\nb\n");
        assert_eq!(String::from_utf8(writer.target).unwrap(), "저장\na  b\nc\n");
    }
}
