//! A segment of a clean document.

use super::push_string;

/// One segment, in the output of `segment`: the fields in the order in which they are printed.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct SourceSegmentLine<'a> {
    /// The document's path below its folder or archive, `/` separated.
    pub document: &'a str,
    /// The 1-based line where the segment begins.
    pub line: u32,
    /// The offset of its first byte in the document, which is read as UTF-8.
    pub start: usize,
    /// The offset behind its last byte.
    pub end: usize,
    /// The kind of block that it is in.
    pub kind: &'static str,
    /// The text as a memory has it, with line breaks folded.
    pub text: &'a str,
}

impl SourceSegmentLine<'_> {
    /// The first field, which all lines of a document have in common.
    pub fn head(document: &str) -> Vec<u8> {
        let mut head = b"{\"document\":".to_vec();
        push_string(&mut head, document);
        head
    }

    /// Appends the object and a line break, with the [`head`](Self::head) of its document. By hand, since these lines are as much text as
    /// the documents.
    pub fn write(&self, head: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(head);
        let mut digits = itoa::Buffer::new();
        for (name, value) in
            [(&b",\"line\":"[..], self.line as usize), (b",\"start\":", self.start), (b",\"end\":", self.end)]
        {
            out.extend_from_slice(name);
            out.extend_from_slice(digits.format(value).as_bytes());
        }
        out.extend_from_slice(b",\"kind\":\"");
        out.extend_from_slice(self.kind.as_bytes());
        out.extend_from_slice(b"\",\"text\":");
        push_string(out, self.text);
        out.extend_from_slice(b"}\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_the_promised_object_field_by_field() {
        let line = SourceSegmentLine {
            document: "a/\"b\".md",
            line: 3,
            start: 17,
            end: 1_234_567,
            kind: "list-item",
            text: "**x** \"y\"\u{1b}\u{202e}",
        };
        let mut written = Vec::new();
        line.write(&SourceSegmentLine::head(line.document), &mut written);
        let promised = crate::json::to_string(&line).unwrap() + "\n";
        assert_eq!(String::from_utf8(written).unwrap(), promised);
    }
}
