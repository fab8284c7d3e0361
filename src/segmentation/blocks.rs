//! The units of a Markdown document: its paragraphs, headings, list items, table cells and HTML blocks, as byte ranges.
//!
//! Blocks by a CommonMark parser. Tables, and lines that are an instruction to the renderer, are found here: the parser's extension for
//! tables follows GitHub's rules, and documents do not.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::lines::{self, Line};
use super::tables;

/// The kind of block that a segment is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// `# Heading`
    Heading,
    /// A paragraph, also in a block quote or in a list item with several.
    Paragraph,
    /// The text of a list item.
    ListItem,
    /// A cell of a table.
    Cell,
    /// The text of an HTML block.
    Html,
}

impl Block {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Block::Heading => "heading",
            Block::Paragraph => "paragraph",
            Block::ListItem => "list-item",
            Block::Cell => "cell",
            Block::Html => "html",
        }
    }
}

/// A stretch of text that is read as inline content by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub range: Range<usize>,
    pub block: Block,
    /// How many block quotes it is in: its lines but the first begin with so many marks.
    pub quotes: usize,
}

/// A part of a Markdown text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A stretch that can have segments.
    Text(Unit),
    /// A code block.
    Code(Range<usize>),
    /// Lines that are instructions to the renderer.
    Instruction(Range<usize>),
}

/// Calls `found` with the units of a Markdown text, in order. `offset` is where the text starts in the document.
pub(super) fn units(document: &str, offset: usize, mut found: impl FnMut(Unit)) {
    parts(document, offset, |part| {
        if let Part::Text(unit) = part {
            found(unit);
        }
    });
}

/// As [`units`], with what is between them and has no segment.
pub(super) fn parts(document: &str, offset: usize, mut found: impl FnMut(Part)) {
    let mut blocks = Blocks { document, quotes: 0, open: None, found: &mut found };
    let mut leaf: Option<TagEnd> = None;
    for (event, range) in Parser::new_ext(&document[offset..], Options::empty()).into_offset_iter() {
        let range = range.start + offset..range.end + offset;
        if let Some(end) = leaf {
            if event == Event::End(end) {
                leaf = None;
            }
            continue;
        }
        match event {
            Event::Start(tag) => {
                let block = match &tag {
                    Tag::Paragraph => Block::Paragraph,
                    Tag::Heading { .. } => Block::Heading,
                    Tag::HtmlBlock => Block::Html,
                    Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => {
                        blocks.close();
                        leaf = Some(tag.to_end());
                        (blocks.found)(Part::Code(range));
                        continue;
                    }
                    Tag::BlockQuote(_) => {
                        blocks.close();
                        blocks.quotes += 1;
                        continue;
                    }
                    Tag::List(_) | Tag::Item => {
                        blocks.close();
                        continue;
                    }
                    _ => {
                        // Inline content without a paragraph: that of a tight list item.
                        blocks.extend(range);
                        leaf = Some(tag.to_end());
                        continue;
                    }
                };
                blocks.close();
                leaf = Some(tag.to_end());
                blocks.unit(range, block);
            }
            Event::End(end) => {
                blocks.close();
                if matches!(end, TagEnd::BlockQuote(_)) {
                    blocks.quotes -= 1;
                }
            }
            Event::Rule => blocks.close(),
            _ => blocks.extend(range),
        }
    }
    blocks.close();
}

struct Blocks<'d, F> {
    document: &'d str,
    quotes: usize,
    /// The inline content of a tight list item so far.
    open: Option<Range<usize>>,
    found: F,
}

impl<F: FnMut(Part)> Blocks<'_, F> {
    fn extend(&mut self, range: Range<usize>) {
        match &mut self.open {
            Some(open) => open.end = open.end.max(range.end),
            None => {
                // The parser has no text for the backslash of an escape.
                let escape = usize::from(self.document[..range.start].ends_with('\\'));
                self.open = Some(range.start - escape..range.end);
            }
        }
    }

    fn close(&mut self) {
        if let Some(range) = self.open.take() {
            self.unit(range, Block::ListItem);
        }
    }

    fn unit(&mut self, range: Range<usize>, block: Block) {
        let range = if block == Block::Heading { heading(self.document, range) } else { range };
        let mut unit = Unit { range, block, quotes: self.quotes };
        if block == Block::Html {
            let text = &self.document[unit.range.clone()];
            if !text.trim_start().starts_with("<!--") {
                return (self.found)(Part::Text(unit));
            }
            // What is behind a comment on its last line is Markdown.
            let Some(comment) = text.find("-->") else { return };
            unit.range.start += comment + "-->".len();
            unit.block = Block::Paragraph;
        }
        let Unit { range, block, .. } = unit;
        let text = &self.document[range.clone()];
        let is_plain = !text.contains('|')
            && memchr::memchr3(b'#', b':', b'[', text.as_bytes()).is_none()
            && memchr::memchr(b'\n', text.as_bytes()).is_none();
        if is_plain {
            return (self.found)(Part::Text(Unit { range, block, quotes: self.quotes }));
        }
        let (document, quotes) = (self.document, self.quotes);
        // Lines of the text since the last line that separates.
        let (mut start, mut is_first) = (range.start, false);
        for line in lines::lines(document, range.clone(), quotes) {
            if is_first {
                (start, is_first) = (line.start, false);
            }
            let (kind, content) = lines::kind(document, line.clone(), line.start == range.start);
            match kind {
                Line::Text => continue,
                Line::Separator => {
                    self.text(start..line.start, block);
                    (self.found)(Part::Instruction(line.clone()));
                    (start, is_first) = (line.end, true);
                }
                Line::Marked => {
                    self.text(start..line.start, block);
                    start = content;
                }
            }
        }
        self.text(start..range.end, block);
    }

    fn text(&mut self, range: Range<usize>, block: Block) {
        let (quotes, found) = (self.quotes, &mut self.found);
        if memchr::memchr(b'|', &self.document.as_bytes()[range.clone()]).is_none() {
            return found(Part::Text(Unit { range, block, quotes }));
        }
        let end = tables::cells(self.document, range.clone(), quotes, |before, cell| {
            if let Some(range) = before {
                found(Part::Text(Unit { range, block, quotes }));
            }
            match cell {
                Some(range) if lines::is_instruction(&self.document[range.clone()]) => {
                    found(Part::Instruction(range));
                }
                Some(range) => found(Part::Text(Unit { range, block: Block::Cell, quotes })),
                None => {}
            }
        });
        if end < range.end {
            found(Part::Text(Unit { range: end..range.end, block, quotes }));
        }
    }
}

/// The text of a heading without its marks.
fn heading(document: &str, range: Range<usize>) -> Range<usize> {
    let text = &document[range.clone()];
    let trimmed = text.trim_start();
    let start = range.end - trimmed.len();
    let content = trimmed.trim_start_matches('#');
    let marks = trimmed.len() - content.len();
    if marks == 0 {
        // A setext heading: its last line is the underline.
        let text = text.trim_end();
        let end = memchr::memrchr(b'\n', text.as_bytes()).unwrap_or(text.len());
        return start..(range.start + end).max(start);
    }
    let content = content.trim_end();
    let closed = content.trim_end_matches('#');
    let has_closing = closed.len() < content.len() && (closed.is_empty() || closed.ends_with([' ', '\t']));
    let content = if has_closing { closed } else { content };
    start + marks..start + marks + content.len()
}
