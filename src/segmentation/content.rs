//! Whether anything in a segment is to be translated.

use aho_corasick::{AhoCorasick, MatchKind};

use super::srx::PLACEHOLDER;

/// Symbols that are no text by themselves.
const SYMBOLS: &str = "|]+><*-=@#/%—_†❌\\&^~$`";

fn is_neutral(c: char) -> bool {
    !c.is_ascii_alphanumeric() && (c.is_whitespace() || c == PLACEHOLDER || SYMBOLS.contains(c))
}

/// The terms of a document that stay untranslated: those of `no-loc` in its metadata.
#[derive(Debug, Default)]
pub(super) struct Terms(Option<AhoCorasick>);

impl Terms {
    pub fn new(terms: &[String]) -> Terms {
        let terms: Vec<_> = terms.iter().filter(|term| !term.is_empty()).collect();
        if terms.is_empty() {
            return Terms(None);
        }
        let mut automaton = AhoCorasick::builder();
        automaton.match_kind(MatchKind::LeftmostLongest);
        // Too many terms for an automaton: none of them is known.
        Terms(automaton.build(terms).ok())
    }

    /// Whether one of them occurs in a text.
    pub fn occur_in(&self, text: &str) -> bool {
        self.0.as_ref().is_some_and(|automaton| automaton.is_match(text))
    }

    /// A text with placeholders for the terms; `None` if it has none of them.
    fn replaced(&self, text: &str) -> Option<String> {
        let automaton = self.0.as_ref()?;
        let mut matches = automaton.find_iter(text).peekable();
        matches.peek()?;
        let (mut replaced, mut at) = (String::with_capacity(text.len()), 0);
        for found in matches {
            replaced.push_str(&text[at..found.start()]);
            replaced.push(PLACEHOLDER);
            at = found.end();
        }
        replaced.push_str(&text[at..]);
        Some(replaced)
    }
}

/// Whether a visible text has words to translate: anything but symbols, terms that stay untranslated, and addresses where these do not
/// count.
pub(super) fn is_text(text: &str, terms: &Terms, with_addresses: bool) -> bool {
    let replaced = terms.replaced(text);
    let text = replaced.as_deref().unwrap_or(text);
    text.split_whitespace().any(|word| !word.chars().all(is_neutral) && (with_addresses || !is_address(word)))
}

/// A bare URL, `@xref` or an e-mail address.
fn is_address(word: &str) -> bool {
    if memchr::memchr2(b':', b'@', word.as_bytes()).is_none() {
        return false;
    }
    let has_scheme = ["http://", "https://", "ftp://", "mailto:"]
        .iter()
        .any(|scheme| word.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    has_scheme || is_xref(word) || is_mail(word)
}

fn is_xref(word: &str) -> bool {
    word.strip_prefix('@').is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
}

fn is_mail(word: &str) -> bool {
    let Some((name, host)) = word.split_once('@') else { return false };
    let is_name = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    !name.is_empty()
        && name.chars().all(is_name)
        && host.contains('.')
        && host.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-')
}

/// Whether a visible text has nothing but codes, blanks and slashes: `A` / `B`. With several codes it is a segment.
pub(super) fn is_list_of_codes(text: &str) -> bool {
    text.chars().all(|c| c == PLACEHOLDER || c == '/' || c.is_whitespace())
}
