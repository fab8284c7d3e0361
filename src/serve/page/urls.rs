//! Addresses with parameters.

use form_urlencoded::Serializer;

/// An address with parameters. Empty values are left out.
pub(super) fn url(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut query = Serializer::new(String::new());
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// The addresses of a document, which is named by its set, its path and its target locale.
#[derive(Clone, Copy, Debug)]
pub(super) struct DocumentUrls<'a> {
    pub set: &'a str,
    pub document: &'a str,
    pub to: &'a str,
}

impl DocumentUrls<'_> {
    fn of(self, path: &str, [one, other]: [(&str, &str); 2]) -> String {
        url(path, &[("set", self.set), ("document", self.document), ("to", self.to), one, other])
    }

    /// The document, from a position on.
    pub fn part(self, position: i64) -> String {
        self.of("/document", [("from", &position.to_string()), ("", "")])
    }

    /// The document, with a segment in view.
    pub fn segment(self, segment: &str) -> String {
        self.of("/document", [("segment", segment), ("", "")]) + "#segment"
    }

    /// The same, with the other translations of the segment.
    pub fn other_translations(self, segment: &str) -> String {
        self.of("/document", [("segment", segment), ("others", "true")]) + "#segment"
    }

    /// One text of a segment, whole: its `source` or its `target`.
    pub fn text(self, segment: &str, side: &str) -> String {
        self.of("/text", [("segment", segment), ("side", side)])
    }

    /// An export of the document.
    pub fn export(self) -> String {
        // A glob that means this path only.
        let glob = globset::escape(self.document);
        DocumentUrls { document: &glob, ..self }.of("/v1/export.tmx", [("", ""); 2])
    }
}
