//! Segments as XLIFF 2.1: one `<file>` for each document, its segments in order, each a unit with the id it has there.

use std::collections::HashSet;
use std::io::{self, Write};

use super::xml;
use crate::model::{Locale, Metadata, PlacedSegment, Workflow};

/// Writes an XLIFF file for one pair of locales, which is all that the format has room for.
pub struct XliffWriter<W> {
    out: W,
    buffer: Vec<u8>,
    files: u64,
    document: Option<(String, String)>,
    /// The unit ids of the document being written, which must differ there.
    ids: HashSet<String>,
}

impl<W: Write> XliffWriter<W> {
    /// Starts a file: writes its root.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn new(mut out: W, source_locale: &Locale, target_locale: &Locale) -> io::Result<Self> {
        writeln!(
            out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xliff xmlns=\"urn:oasis:names:tc:xliff:document:2.0\" \
             version=\"2.1\" srcLang=\"{source_locale}\" trgLang=\"{target_locale}\">"
        )?;
        Ok(XliffWriter { out, buffer: Vec::new(), files: 0, document: None, ids: HashSet::new() })
    }

    /// Writes one segment. Those of one document come one after the other.
    ///
    /// # Errors
    /// What the output gives.
    pub fn write(&mut self, placed: PlacedSegment<'_>) -> io::Result<()> {
        let PlacedSegment { set, document, metadata, segment, .. } = placed;
        self.buffer.clear();
        let same = self.document.as_ref().is_some_and(|open| open.0 == set && open.1 == document);
        if !same {
            self.close_file();
            self.files += 1;
            self.document = Some((set.to_string(), document.to_string()));
            open_file(&mut self.buffer, self.files, set, document, metadata);
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
        let state = match metadata.workflow {
            Some(Workflow::Human) => "final",
            Some(Workflow::Machine) | None => "translated",
        };
        out.extend_from_slice(format!("</notes>\n<segment state=\"{state}\">\n<source>").as_bytes());
        content(out, &segment.source);
        out.extend_from_slice(b"</source>\n<target>");
        content(out, &segment.target);
        out.extend_from_slice(b"</target>\n</segment>\n</unit>\n");
        self.out.write_all(out)
    }

    /// Ends the file and gives the output back. A file without segments has no `<file>`, which the format does not allow: it
    /// gets an empty one.
    ///
    /// # Errors
    /// What the output gives.
    pub fn finish(mut self) -> io::Result<W> {
        self.buffer.clear();
        self.close_file();
        if self.files == 0 {
            self.buffer.extend_from_slice(b"<file id=\"f1\"><skeleton/></file>\n");
        }
        self.buffer.extend_from_slice(b"</xliff>\n");
        self.out.write_all(&self.buffer)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn close_file(&mut self) {
        self.ids.clear();
        if self.document.take().is_some() {
            self.buffer.extend_from_slice(b"</file>\n");
        }
    }
}

fn open_file(out: &mut Vec<u8>, number: u64, set: &str, document: &str, metadata: &Metadata) {
    out.extend_from_slice(format!("<file id=\"f{number}\" original=\"").as_bytes());
    xml::push_attribute(out, document);
    out.extend_from_slice(b"\" xml:space=\"preserve\">\n<notes>");
    note(out, "set", set);
    let handoff = metadata.handoff.map(|date| date.to_string());
    let notes = [
        ("workflow", metadata.workflow.map(Workflow::name)),
        ("handoff", handoff.as_deref()),
        ("source-hash", metadata.source_hash.as_deref()),
        ("source-commit", metadata.source_commit.as_deref()),
        ("file-id", metadata.file_id.as_deref()),
        ("title", metadata.title.as_deref()),
        ("description", metadata.description.as_deref()),
    ];
    for (category, text) in notes {
        if let Some(text) = text {
            note(out, category, text);
        }
    }
    for term in &metadata.no_loc {
        note(out, "no-loc", term);
    }
    out.extend_from_slice(b"</notes>\n");
}

fn note(out: &mut Vec<u8>, category: &str, text: &str) {
    out.extend_from_slice(format!("<note category=\"{category}\">").as_bytes());
    xml::push_text(out, text);
    out.extend_from_slice(b"</note>");
}

/// Text, in which what XML cannot hold becomes `<cp hex="001B"/>` (XLIFF 2.1, 4.2.3.1).
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
