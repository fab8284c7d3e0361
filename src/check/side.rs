//! One text of a pair, parsed: its inline codes by kind, and its prose.

use std::cell::OnceCell;
use std::ops::Range;

use super::scan::{self, MARK, Name, OBJECT, Word};
use crate::markup::{Code, Piece, PieceKind, pieces};

/// A text with its inline codes. All ranges are ranges of bytes of the text.
pub(super) struct Side<'a> {
    pub text: &'a str,
    /// The text with each byte of an inline code replaced by [`OBJECT`] or [`MARK`], so that positions stay the same. An entity or an
    /// escape is the character that it means, and fill bytes.
    pub prose: String,
    /// The contents of code spans.
    pub code: Vec<Range<usize>>,
    /// Links and images.
    pub links: Vec<Link>,
    /// Bare addresses, `https://…`, and those in `<…>`.
    pub urls: Vec<Range<usize>>,
    /// `<xref:…>`.
    pub xrefs: Vec<Range<usize>>,
    /// `[!INCLUDE[x](y)]`.
    pub includes: Vec<Range<usize>>,
    /// Tags, with the names of their elements.
    pub tags: Vec<(Range<usize>, &'a str)>,
    /// The contents of bold spans, with their marks.
    pub bold: Vec<Range<usize>>,
    /// Escapes `\x` and entities.
    pub escapes: Vec<Range<usize>>,
    names: OnceCell<Vec<Name>>,
    words: OnceCell<Vec<Word>>,
    flat: OnceCell<String>,
    flat_lower: OnceCell<String>,
}

/// A link or an image.
pub(super) struct Link {
    /// The whole of it.
    pub whole: Range<usize>,
    /// What is shown: the text, or the alternative text.
    pub inside: Range<usize>,
    /// The address, without its title; empty for `[text][label]`.
    pub destination: Range<usize>,
    /// The label of `[text][label]`; else empty.
    pub label: Range<usize>,
    pub is_image: bool,
}

impl<'a> Side<'a> {
    pub fn new(text: &'a str) -> Self {
        let mut side = Side {
            text,
            prose: String::with_capacity(text.len()),
            code: Vec::new(),
            links: Vec::new(),
            urls: Vec::new(),
            xrefs: Vec::new(),
            includes: Vec::new(),
            tags: Vec::new(),
            bold: Vec::new(),
            escapes: Vec::new(),
            names: OnceCell::new(),
            words: OnceCell::new(),
            flat: OnceCell::new(),
            flat_lower: OnceCell::new(),
        };
        let pieces = pieces(text);
        let starts: Vec<usize> = pieces
            .iter()
            .scan(0, |end, piece| {
                let start = *end;
                *end += piece.raw.len();
                Some(start)
            })
            .collect();
        let mut in_code = false;
        for (index, piece) in pieces.iter().enumerate() {
            let range = starts[index]..starts[index] + piece.raw.len();
            side.add(piece, range, |partner| (starts[partner], pieces[partner].raw.len()), &mut in_code);
        }
        debug_assert_eq!(side.prose.len(), text.len());
        side
    }

    fn add(
        &mut self,
        piece: &Piece<'a>,
        range: Range<usize>,
        placed: impl Fn(usize) -> (usize, usize),
        in_code: &mut bool,
    ) {
        match &piece.kind {
            PieceKind::Text if *in_code => self.fill(OBJECT, piece.raw.len()),
            PieceKind::Text => self.add_text(range),
            PieceKind::Escape(means) => {
                self.escapes.push(range);
                self.fill(MARK, 1);
                self.prose.push_str(means);
            }
            PieceKind::Entity(means) => {
                self.escapes.push(range.clone());
                // An entity is never shorter than what it means, but for a few of HTML that are two long characters.
                if means.len() <= range.len() {
                    self.prose.push_str(means);
                    self.fill(MARK, range.len() - means.len());
                } else {
                    self.fill(OBJECT, range.len());
                }
            }
            PieceKind::Open { code, partner } => {
                let (close, length) = placed(*partner);
                match code {
                    Code::CodeSpan => {
                        *in_code = true;
                        self.code.push(range.end..close);
                        return self.fill(OBJECT, range.len());
                    }
                    Code::Bold => self.bold.push(range.start..close + length),
                    Code::Link | Code::Image => {
                        self.add_link((range.clone(), close..close + length), *code == Code::Image);
                    }
                    Code::Element(name) => self.tags.push((range.clone(), name)),
                    _ => {}
                }
                self.fill(MARK, range.len());
            }
            PieceKind::Close { code: Code::CodeSpan, .. } => {
                *in_code = false;
                self.fill(OBJECT, range.len());
            }
            PieceKind::Close { code, .. } => {
                if let Code::Element(name) = code {
                    self.tags.push((range.clone(), name));
                }
                self.fill(MARK, range.len());
            }
            PieceKind::Alone(code) => {
                let filler = match code {
                    Code::Xref => {
                        self.xrefs.push(range.clone());
                        OBJECT
                    }
                    Code::Autolink => {
                        self.urls.push(range.start + 1..range.end - 1);
                        OBJECT
                    }
                    Code::Include => {
                        self.includes.push(range.clone());
                        OBJECT
                    }
                    Code::Element(name) => {
                        self.tags.push((range.clone(), name));
                        MARK
                    }
                    _ => MARK,
                };
                self.fill(filler, range.len());
            }
        }
    }

    /// A stretch of plain text: addresses in it are objects.
    fn add_text(&mut self, range: Range<usize>) {
        let mut done = range.start;
        for url in scan::urls(&self.text[range.clone()]) {
            let url = range.start + url.start..range.start + url.end;
            self.prose.push_str(&self.text[done..url.start]);
            self.fill(OBJECT, url.len());
            done = url.end;
            self.urls.push(url);
        }
        self.prose.push_str(&self.text[done..range.end]);
    }

    fn add_link(&mut self, (open, close): (Range<usize>, Range<usize>), is_image: bool) {
        let end = &self.text[close.clone()];
        let (mut destination, mut label) = (close.end..close.end, close.end..close.end);
        if let Some(inside) = end.strip_prefix("](").and_then(|end| end.strip_suffix(')')) {
            let start = close.start + 2 + (inside.len() - inside.trim_start().len());
            let inside = inside.trim_start();
            let (skip, length) = match inside.strip_prefix('<').and_then(|inside| inside.find('>')) {
                Some(length) => (1, length),
                None => (0, inside.find(char::is_whitespace).unwrap_or(inside.len())),
            };
            destination = start + skip..start + skip + length;
        } else if end.starts_with("][") {
            label = close.start + 2..close.end - 1;
        }
        self.links.push(Link {
            whole: open.start..close.end,
            inside: open.end..close.start,
            destination,
            label,
            is_image,
        });
    }

    fn fill(&mut self, filler: char, bytes: usize) {
        self.prose.extend(std::iter::repeat_n(filler, bytes));
    }

    /// The text at a range.
    pub fn at(&self, range: &Range<usize>) -> &'a str {
        &self.text[range.clone()]
    }

    /// The names in its prose: identifiers, files, options.
    pub fn names(&self) -> &[Name] {
        self.names.get_or_init(|| scan::names(&self.prose))
    }

    /// The words of its prose: runs of letters.
    pub fn words(&self) -> &[Word] {
        self.words.get_or_init(|| scan::words(&self.prose))
    }

    /// Prose and code without marks: `Get-Tide` of `**Get**-Tide`. Other inline codes are a space. Names are looked for in it.
    pub fn flat(&self) -> &str {
        self.flat.get_or_init(|| {
            let mut flat = String::with_capacity(self.text.len());
            let mut done = 0;
            for code in &self.code {
                push_without_codes(&mut flat, &self.prose[done..code.start]);
                flat.push_str(self.at(code));
                done = code.end;
            }
            push_without_codes(&mut flat, &self.prose[done..]);
            flat
        })
    }

    /// The same in small letters. The Turkish ı and İ become i.
    pub fn flat_lower(&self) -> &str {
        self.flat_lower.get_or_init(|| {
            let folded = self.flat().chars().map(|c| if matches!(c, 'ı' | 'İ') { 'i' } else { c });
            folded.flat_map(char::to_lowercase).collect()
        })
    }

    /// Whether there is any letter or digit in the prose.
    pub fn has_words(&self) -> bool {
        self.prose.contains(char::is_alphanumeric)
    }

    /// Whether there is an inline code that is visible: code, an image, a reference, an address.
    pub fn has_object(&self) -> bool {
        self.prose.contains(OBJECT) || self.links.iter().any(|link| link.is_image)
    }

    /// Whether brackets and quotation marks are closed, and no mark of a link is left over.
    pub fn is_sound(&self) -> bool {
        scan::are_closed(&self.prose) && !self.prose.contains("](") && !self.prose.contains("][")
    }
}

fn push_without_codes(flat: &mut String, prose: &str) {
    flat.extend(prose.chars().filter(|c| *c != MARK).map(|c| if c == OBJECT { ' ' } else { c }));
}
