//! Segments as a gettext PO file. The context of a message is its document and id, so that one text can have several translations.

use std::collections::HashSet;
use std::io::{self, Write};

use crate::model::{Locale, PlacedSegment};

/// Writes a PO file for one target locale.
pub struct PoWriter<W> {
    out: W,
    entry: Vec<u8>,
    /// The contexts of the document being written: `msgfmt` refuses a file that has a message twice.
    contexts: HashSet<String>,
    document: (String, String),
}

impl<W: Write> PoWriter<W> {
    /// Starts a file: writes its header entry. There is no date in it: the same segments give the same bytes.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn new(mut out: W, target_locale: &Locale) -> io::Result<Self> {
        // gettext's names of locales have an underscore.
        let language = target_locale.as_str().replace('-', "_");
        write!(
            out,
            "msgid \"\"\nmsgstr \"\"\n\"Language: {language}\\n\"\n\"MIME-Version: 1.0\\n\"\n\
             \"Content-Type: text/plain; charset=UTF-8\\n\"\n\"Content-Transfer-Encoding: 8bit\\n\"\n\
             \"X-Generator: bitext {}\\n\"\n",
            env!("CARGO_PKG_VERSION")
        )?;
        Ok(PoWriter { out, entry: Vec::new(), contexts: HashSet::new(), document: Default::default() })
    }

    /// Writes one segment as a message.
    ///
    /// # Errors
    /// What the output gives.
    pub fn write(&mut self, placed: PlacedSegment<'_>) -> io::Result<()> {
        let PlacedSegment { set, document, segment, metadata, .. } = placed;
        if self.document.0 != set || self.document.1 != document {
            self.document = (set.to_string(), document.to_string());
            self.contexts.clear();
        }
        let mut context = format!("{set}/{document}#{}", segment.id.as_str());
        while !self.contexts.insert(context.clone()) {
            context.push('~');
        }
        let entry = &mut self.entry;
        entry.clear();
        entry.push(b'\n');
        let handoff = metadata.handoff.map(|date| date.to_string());
        let remarks = [metadata.workflow.map(|workflow| workflow.name()), handoff.as_deref()];
        let remark = remarks.into_iter().flatten().collect::<Vec<_>>().join(", ");
        if !remark.is_empty() {
            comment(entry, "#. ", &remark);
        }
        // A file name with a space goes between isolates (gettext manual, 3.1), or it would be taken for two.
        let file = format!("{set}/{document}");
        let spaced = file.contains(char::is_whitespace);
        let file = if spaced {
            format!("\u{2068}{file}\u{2069}:{}", segment.line)
        } else {
            format!("{file}:{}", segment.line)
        };
        comment(entry, "#: ", &file);
        field(entry, "msgctxt", &context);
        field(entry, "msgid", &segment.source);
        field(entry, "msgstr", &segment.target);
        self.out.write_all(entry)
    }

    /// Ends the file and gives the output back.
    ///
    /// # Errors
    /// What the output gives.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

/// A comment line. A line break in it would end the comment and begin a message.
fn comment(out: &mut Vec<u8>, mark: &str, text: &str) {
    out.extend_from_slice(mark.as_bytes());
    for character in text.chars() {
        let character = if character.is_control() { ' ' } else { character };
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    out.push(b'\n');
}

/// `name "text"`, escaped as in C. NUL, which ends a string for every program that reads the compiled file, is left out.
fn field(out: &mut Vec<u8>, name: &str, text: &str) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b" \"");
    for character in text.chars() {
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\0' => {}
            c if c.is_ascii_control() => out.extend_from_slice(format!("\\{:03o}", c as u32).as_bytes()),
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.extend_from_slice(b"\"\n");
}
