//! Counts the spans that are open in a text.

use std::sync::LazyLock;

use memchr::memmem::Finder;

static OPEN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("<span"));
static CLOSE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("</span>"));

/// The number of spans that stay open in a text; negative if it closes more than it opens.
pub(super) fn balance(text: &str) -> isize {
    Balance::from(0).up_to(text, text.len())
}

/// Whether a text that begins with a segment ends before the segment does: inside one of its spans, or inside a tag of them.
pub(super) fn is_unclosed(text: &str) -> bool {
    let last_tag = text.rfind('<').map_or("", |at| &text[at..]);
    let is_cut_tag = !last_tag.contains('>')
        && (last_tag.starts_with("<span")
            || ["<span", "</span>"].iter().any(|tag| tag.starts_with(last_tag)));
    !last_tag.is_empty() && is_cut_tag || balance(text) > 0
}

/// The balance of opening and closing tags of a growing text. Each byte is read once, however many ends are tried.
pub(super) struct Balance {
    open: isize,
    /// The position up to which opening tags have been counted: before the first unfinished one.
    opened_to: usize,
    /// The position up to which closing tags have been counted.
    closed_to: usize,
}

impl Balance {
    /// Of a text that begins at a position.
    pub(super) fn from(start: usize) -> Self {
        Balance { open: 0, opened_to: start, closed_to: start }
    }

    /// Of the text up to `end`, which is not before the end of the last call.
    pub(super) fn up_to(&mut self, text: &str, end: usize) -> isize {
        let bytes = &text.as_bytes()[..end];
        // Nine texts in ten contain no tag.
        if memchr::memchr(b'<', &bytes[self.opened_to.min(self.closed_to)..]).is_none() {
            return self.open;
        }
        self.open -= CLOSE.find_iter(&bytes[self.closed_to..]).count() as isize;
        self.closed_to = end;
        while let Some(found) = OPEN.find(&bytes[self.opened_to..]) {
            let name_end = self.opened_to + found + "<span".len();
            let Some(length) = memchr::memchr(b'>', &bytes[name_end..]) else {
                self.opened_to += found;
                return self.open;
            };
            let attributes = &text[name_end..name_end + length];
            let is_span = attributes.chars().next().is_none_or(|c| !(c.is_alphanumeric() || c == '_'));
            self.open += isize::from(is_span && !attributes.ends_with('/'));
            self.opened_to = name_end;
        }
        self.opened_to = end;
        self.open
    }
}
