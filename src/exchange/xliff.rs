//! Segments as XLIFF 2.1: one `<file>` for each document, with one `<unit>` for each segment, in order. The unit has the
//! segment's id.

pub mod job;
mod read;

use std::collections::HashSet;
use std::io::{self, Write};

use super::reading::Input;
use super::segments::{
    Buffered, Labelled, Layout, Opener, OutputFile, SegmentFormat, SegmentWriter, buffered,
};
use super::xml;
use crate::model::{DocumentVersion, Locale, PlacedSegment, Workflow, share};

/// XLIFF 2.1.
pub const FORMAT: SegmentFormat = SegmentFormat {
    name: "xliff",
    help: "XLIFF 2.1; into a folder, one file for each document",
    extensions: &["xlf", "xliff"],
    is_binary: false,
    spreadsheet_safe: None,
    labelled: Labelled::Same,
    layouts: &[
        Layout::FileOfOnePair {
            what: "an XLIFF file",
            open: |out, source_locale, target_locale| {
                Ok(Box::new(XliffWriter::new(out, source_locale, target_locale)?))
            },
        },
        Layout::Folder(|open| Box::new(XliffFolder { open, file: None, dropped_characters: 0 })),
    ],
    input: Input::Stream(read::open),
};

/// Writes one XLIFF file for each document: `ko-KR/set/path/of/document.md.xlf`.
struct XliffFolder<'a> {
    open: Opener<'a>,
    /// The file of the current document, and its name.
    file: Option<(String, XliffWriter)>,
    /// Those of the files before.
    dropped_characters: u64,
}

impl SegmentWriter for XliffFolder<'_> {
    fn write(&mut self, placed: PlacedSegment<'_>) -> io::Result<bool> {
        let name = format!("{}/{}/{}.xlf", placed.target_locale, placed.set, placed.document);
        if self.file.as_ref().is_none_or(|(current, _)| *current != name) {
            self.close()?;
            let out = (self.open)(&name)?;
            self.file = Some((name, XliffWriter::new(out, placed.source_locale, placed.target_locale)?));
        }
        match &mut self.file {
            Some((_, file)) => file.write(placed),
            None => Ok(false),
        }
    }

    fn finish(mut self: Box<Self>) -> io::Result<u64> {
        self.close()?;
        Ok(self.dropped_characters)
    }
}

impl XliffFolder<'_> {
    fn close(&mut self) -> io::Result<()> {
        if let Some((_, file)) = self.file.take() {
            self.dropped_characters += Box::new(file).finish()?;
        }
        Ok(())
    }
}

/// Writes an XLIFF file. The format allows one pair of locales in a file.
struct XliffWriter {
    out: Buffered,
    buffer: Vec<u8>,
    files: u64,
    dropped_characters: u64,
    document: Option<(String, String, DocumentVersion)>,
    /// The unit ids of the current document, where each id can occur once.
    ids: HashSet<String>,
}

impl XliffWriter {
    /// Writes the start tag of the root.
    fn new(out: Box<dyn OutputFile>, source_locale: &Locale, target_locale: &Locale) -> io::Result<Self> {
        let mut out = buffered(out);
        writeln!(
            out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xliff xmlns=\"urn:oasis:names:tc:xliff:document:2.0\" \
             version=\"2.1\" srcLang=\"{source_locale}\" trgLang=\"{target_locale}\">"
        )?;
        Ok(XliffWriter {
            out,
            buffer: Vec::new(),
            files: 0,
            dropped_characters: 0,
            document: None,
            ids: HashSet::new(),
        })
    }

    fn close_file(&mut self) {
        self.ids.clear();
        if self.document.take().is_some() {
            self.buffer.extend_from_slice(b"</file>\n");
        }
    }
}

impl SegmentWriter for XliffWriter {
    fn write(&mut self, placed: PlacedSegment<'_>) -> io::Result<bool> {
        let PlacedSegment { set, document, metadata, segment, version, .. } = placed;
        self.buffer.clear();
        // Each version of a document is a `<file>`, because the workflow and the dates are those of the file.
        let is_same = |open: &(String, String, DocumentVersion)| {
            open.0 == set && open.1 == document && open.2 == version
        };
        let same = self.document.as_ref().is_some_and(is_same);
        if !same {
            self.close_file();
            self.files += 1;
            self.document = Some((set.to_string(), document.to_string(), version));
            self.dropped_characters += open_file(&mut self.buffer, self.files, placed);
        }
        let mut id = segment.id.as_str().to_string();
        while !self.ids.insert(id.clone()) {
            id.push('.');
        }
        let out = &mut self.buffer;
        out.extend_from_slice(b"<unit id=\"");
        xml::push_attribute(out, &id);
        out.extend_from_slice(b"\">\n<notes>");
        note(out, "line", &segment.line.to_string());
        note(out, "kind", segment.id.kind().name());
        if let Some(percent) = segment.confidence {
            note(out, "confidence", &share(percent).to_string());
        }
        for label in placed.labels.unwrap_or_default() {
            note(out, "quality-label", label);
        }
        let state = match metadata.workflow {
            Some(Workflow::Human) => "final",
            Some(Workflow::Machine) | None => "translated",
        };
        out.extend_from_slice(format!("</notes>\n<segment state=\"{state}\">\n<source>").as_bytes());
        content(out, &segment.source);
        out.extend_from_slice(b"</source>\n<target>");
        content(out, &segment.target);
        out.extend_from_slice(b"</target>\n</segment>\n</unit>\n");
        self.out.write_all(out)?;
        Ok(true)
    }

    /// A file without segments gets an empty `<file>`, since the format demands at least one.
    fn finish(mut self: Box<Self>) -> io::Result<u64> {
        self.buffer.clear();
        self.close_file();
        if self.files == 0 {
            self.buffer.extend_from_slice(b"<file id=\"f1\"><skeleton/></file>\n");
        }
        self.buffer.extend_from_slice(b"</xliff>\n");
        self.out.write_all(&self.buffer)?;
        Box::new(self.out).finish()?;
        Ok(self.dropped_characters)
    }
}

/// Appends the start of a file with its metadata. Returns the number of characters that XML cannot hold and that were left out.
fn open_file(out: &mut Vec<u8>, number: u64, placed: PlacedSegment<'_>) -> u64 {
    let PlacedSegment { set, document, metadata, version, .. } = placed;
    out.extend_from_slice(format!("<file id=\"f{number}\" original=\"").as_bytes());
    let mut dropped = xml::push_attribute(out, document);
    out.extend_from_slice(b"\" xml:space=\"preserve\">\n<notes>");
    dropped += note(out, "set", set);
    let handoff = metadata.handoff.map(|date| date.to_string());
    let [commit, committed, superseded] = version.fields();
    let notes = [
        ("workflow", metadata.workflow.map(Workflow::name)),
        ("handoff", handoff.as_deref()),
        ("source-hash", metadata.source_hash.as_deref()),
        ("source-commit", metadata.source_commit.as_deref()),
        ("file-id", metadata.file_id.as_deref()),
        ("title", metadata.title.as_deref()),
        ("description", metadata.description.as_deref()),
        ("commit", commit.as_deref()),
        ("committed", committed.as_deref()),
        ("superseded", superseded.as_deref()),
    ];
    for (category, text) in notes {
        if let Some(text) = text {
            dropped += note(out, category, text);
        }
    }
    for term in &metadata.no_loc {
        dropped += note(out, "no-loc", term);
    }
    out.extend_from_slice(b"</notes>\n");
    dropped
}

fn note(out: &mut Vec<u8>, category: &str, text: &str) -> u64 {
    out.extend_from_slice(format!("<note category=\"{category}\">").as_bytes());
    let dropped = xml::push_text(out, text);
    out.extend_from_slice(b"</note>");
    dropped
}

/// Appends text. Characters that XML cannot hold become `<cp hex="001B"/>` (XLIFF 2.1, 4.2.3.1).
fn content(out: &mut Vec<u8>, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(|character| !xml::is_allowed(character)) {
        xml::push_text(out, &rest[..at]);
        let mut characters = rest[at..].chars();
        if let Some(character) = characters.next() {
            out.extend_from_slice(format!("<cp hex=\"{:04X}\"/>", character as u32).as_bytes());
        }
        rest = characters.as_str();
    }
    xml::push_text(out, rest);
}
