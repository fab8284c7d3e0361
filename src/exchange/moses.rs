//! Segments as Moses text: two files, one for each locale, of which line n of the one is the translation of line n of the other.

use std::io::{self, Write};

/// Writes two line-aligned files.
pub struct MosesWriter<W> {
    source: W,
    target: W,
    line: Vec<u8>,
}

impl<W: Write> MosesWriter<W> {
    /// Writes source texts to the one and target texts to the other.
    pub fn new(source: W, target: W) -> Self {
        MosesWriter { source, target, line: Vec::new() }
    }

    /// Writes a pair, each text as one line. `false`, and nothing is written, where one of them has nothing to show: an empty
    /// line is what aligners and trainers stumble over.
    ///
    /// # Errors
    /// What the outputs give.
    pub fn write(&mut self, source: &str, target: &str) -> io::Result<bool> {
        let has_text = |text: &str| text.chars().any(|c| !breaks_line(c) && !c.is_whitespace());
        if !has_text(source) || !has_text(target) {
            return Ok(false);
        }
        for (text, out) in [(source, &mut self.source), (target, &mut self.target)] {
            self.line.clear();
            for character in text.trim().chars() {
                let character = if breaks_line(character) { ' ' } else { character };
                self.line.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            self.line.push(b'\n');
            out.write_all(&self.line)?;
        }
        Ok(true)
    }

    /// Ends both files and gives them back, source first.
    ///
    /// # Errors
    /// What the outputs give.
    pub fn finish(mut self) -> io::Result<[W; 2]> {
        self.source.flush()?;
        self.target.flush()?;
        Ok([self.source, self.target])
    }
}

/// Whether some reader ends a line here: Python's `splitlines` does at all of these, and the alignment is gone.
fn breaks_line(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_one_line_in_each_file() {
        let mut writer = MosesWriter::new(Vec::new(), Vec::new());
        for (source, target, goes) in [
            ("Save", "저장", true),
            ("a\nb\tc\u{85}d\u{2028}e", "a\r\nb", true),
            ("", "b", false),
            ("a", "\u{1}", false),
        ] {
            assert_eq!(writer.write(source, target).unwrap(), goes);
        }
        let [source, target] = writer.finish().unwrap();
        assert_eq!(String::from_utf8(source).unwrap(), "Save\na b c d e\n");
        assert_eq!(String::from_utf8(target).unwrap(), "저장\na  b\n");
    }
}
