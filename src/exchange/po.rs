//! Segments as a gettext PO file. The context of a message (`msgctxt`) is its document and id, so one text can have several
//! translations.

mod read;

use std::collections::HashSet;
use std::io::{self, Write};

use super::reading::Input;
use super::segments::{Buffered, Labelled, Layout, OutputFile, SegmentFormat, SegmentWriter, buffered};
use crate::model::{Locale, PlacedSegment, share};

/// gettext PO.
pub const FORMAT: SegmentFormat = SegmentFormat {
    name: "po",
    help: "A gettext PO file",
    extensions: &["po"],
    is_binary: false,
    spreadsheet_safe: None,
    labelled: Labelled::Not,
    layouts: &[Layout::FileOfOnePair {
        what: "a PO file",
        open: |out, _, target_locale| Ok(Box::new(PoWriter::new(buffered(out), target_locale)?)),
    }],
    input: Input::Stream(read::open),
};

/// The name in the header by which the reader recognizes a file of this program.
const GENERATOR: &str = "bitext";

/// Writes a PO file for one target locale.
struct PoWriter {
    out: Buffered,
    entry: Vec<u8>,
    dropped_characters: u64,
    /// The contexts of the current document: `msgfmt` refuses a file with the same message twice.
    contexts: HashSet<String>,
    document: (String, String),
}

impl PoWriter {
    /// Writes the header entry. It has no date: the same segments result in the same bytes.
    fn new(mut out: Buffered, target_locale: &Locale) -> io::Result<Self> {
        // gettext's names of locales have an underscore.
        let language = target_locale.as_str().replace('-', "_");
        write!(
            out,
            "msgid \"\"\nmsgstr \"\"\n\"Language: {language}\\n\"\n\"MIME-Version: 1.0\\n\"\n\
             \"Content-Type: text/plain; charset=UTF-8\\n\"\n\"Content-Transfer-Encoding: 8bit\\n\"\n\
             \"X-Generator: {GENERATOR} {}\\n\"\n",
            env!("CARGO_PKG_VERSION")
        )?;
        Ok(PoWriter {
            out,
            entry: Vec::new(),
            dropped_characters: 0,
            contexts: HashSet::new(),
            document: Default::default(),
        })
    }
}

impl SegmentWriter for PoWriter {
    /// Writes one segment as a message.
    fn write(&mut self, placed: PlacedSegment<'_>) -> io::Result<bool> {
        let PlacedSegment { set, document, segment, metadata, version, .. } = placed;
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
        let workflow = metadata.workflow.map(|workflow| workflow.name().to_owned());
        let mut remarks: Vec<String> = workflow.into_iter().chain(handoff).collect();
        if version.superseded.is_some() {
            let named = |(name, field): (&str, Option<String>)| field.map(|field| format!("{name} {field}"));
            remarks.extend(VERSION.into_iter().zip(version.fields()).filter_map(named));
        }
        remarks.extend(segment.confidence.map(|percent| format!("{CONFIDENCE}{}", share(percent))));
        let remark = remarks.join(", ");
        if !remark.is_empty() {
            comment(entry, "#. ", &remark);
        }
        // A file name with a space is enclosed in isolates (gettext manual, 3.1); otherwise it would be read as two.
        let file = format!("{set}/{document}");
        let spaced = file.contains(char::is_whitespace);
        let file = if spaced {
            format!("\u{2068}{file}\u{2069}:{}", segment.line)
        } else {
            format!("{file}:{}", segment.line)
        };
        comment(entry, "#: ", &file);
        for (name, text) in
            [("msgctxt", &*context), ("msgid", &*segment.source), ("msgstr", &*segment.target)]
        {
            self.dropped_characters += field(entry, name, text);
        }
        self.out.write_all(entry)?;
        Ok(true)
    }

    fn finish(self: Box<Self>) -> io::Result<u64> {
        Box::new(self.out).finish()?;
        Ok(self.dropped_characters)
    }
}

/// The names of the fields of a superseded version, as remarks of a message.
const VERSION: [&str; 3] = ["commit", "committed", "superseded"];

/// Before the confidence of an aligned pair, the last remark of its message.
const CONFIDENCE: &str = "confidence ";

/// Appends a comment line. Control characters become spaces: a line break would end the comment and begin a message.
fn comment(out: &mut Vec<u8>, mark: &str, text: &str) {
    out.extend_from_slice(mark.as_bytes());
    for character in text.chars() {
        let character = if character.is_control() { ' ' } else { character };
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    out.push(b'\n');
}

/// Appends `name "text"`. Returns the number of characters that were left out: NUL ends a string in the compiled file, and U+0004
/// separates context and message there, so gettext refuses both.
///
/// Only the escapes are used that both gettext and Python's polib read: polib knows no octal ones. Other control characters are
/// written as they are.
fn field(out: &mut Vec<u8>, name: &str, text: &str) -> u64 {
    let mut dropped = 0;
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b" \"");
    for character in text.chars() {
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\u{b}' => out.extend_from_slice(b"\\v"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            '\0' | '\u{4}' => dropped += 1,
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.extend_from_slice(b"\"\n");
    dropped
}
