//! Reads the keys of a document's front matter that a memory keeps.
//!
//! Line by line, not with a YAML parser: translated front matter is often invalid YAML, and one bad title must not cost the
//! locale.

use crate::model::{Date, Metadata, Workflow, fold_line_breaks};
use crate::side_by_side::Syntax;
use crate::side_by_side::yaml_escapes::unescape_yaml;

pub(super) fn read(text: &str, syntax: Syntax) -> Metadata {
    block(text, syntax).map(|block| read_keys(block, syntax == Syntax::Yaml)).unwrap_or_default()
}

/// The terms that stay untranslated: the same as in all of the metadata, found in a fraction of the time.
pub fn no_loc(text: &str, syntax: Syntax) -> Vec<String> {
    let lists = block(text, syntax).into_iter().flat_map(|block| entries(block, &["no-loc"], &['n']));
    lists.map(|entry| list(&entry)).find(|terms| !terms.is_empty()).unwrap_or_default()
}

/// The part of a document that has its metadata. That of a page is in elements; see `html`.
fn block(text: &str, syntax: Syntax) -> Option<&str> {
    match syntax {
        Syntax::Markdown => front_matter(text),
        Syntax::Yaml => Some(text),
        Syntax::Html => None,
    }
}

/// The text between a first line `---` and the next one.
fn front_matter(text: &str) -> Option<&str> {
    front_matter_and_body(text).map(|(block, _)| block)
}

/// The body of a Markdown document: what follows a byte-order mark and the front matter, if it has them.
///
/// ```
/// use bitext::side_by_side::body;
/// assert_eq!(body("---\ntitle: Berths\n---\n# Book a berth\n"), "# Book a berth\n");
/// ```
pub fn body(text: &str) -> &str {
    match front_matter_and_body(text) {
        Some((_, body)) => body,
        None => text.strip_prefix('\u{feff}').unwrap_or(text),
    }
}

fn front_matter_and_body(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first_end = text.find('\n')?;
    if text[..first_end].trim_end() != "---" {
        return None;
    }
    let body = &text[first_end + 1..];
    let mut at = 0;
    while at < body.len() {
        let line = first_line(&body[at..]);
        if line.starts_with(['-', '.']) && matches!(line.trim_end(), "---" | "...") {
            return Some((&body[..at], &body[at + line.len()..]));
        }
        at += line.len();
    }
    None
}

/// The first line of a text, with its line break. Each document is split into lines, so this does not decode the characters.
fn first_line(text: &str) -> &str {
    memchr::memchr(b'\n', text.as_bytes()).map_or(text, |at| &text[..=at])
}

/// One `key: value` with the lines that continue it.
#[derive(Default)]
struct Entry<'a> {
    /// The byte offset, from the start of the block, of the lines below the key.
    at: usize,
    indent: usize,
    key: &'a str,
    /// The rest of the key's line.
    value: &'a str,
    /// The following lines that are indented more or that are items of a list.
    below: &'a str,
}

fn read_keys(block: &str, whole_file: bool) -> Metadata {
    let mut metadata = Metadata::default();
    // In a YAML file `title` occurs in many places; the document's is at the left edge or directly under `metadata`.
    let mut below_metadata = 0..0;
    for entry in entries(block, &KEYS, &INITIALS) {
        let of_document = entry.indent == 0 || below_metadata.contains(&entry.at);
        match entry.key {
            "metadata" if whole_file => below_metadata = entry.at..entry.at + entry.below.len(),
            "ms.contentlocale" => keep(&mut metadata.target_locale, || scalar(&entry)?.parse().ok()),
            "ms.translationtype" => keep(&mut metadata.workflow, || match scalar(&entry)?.as_str() {
                "HT" => Some(Workflow::Human),
                "MT" => Some(Workflow::Machine),
                _ => None,
            }),
            "ms.openlocfilehash" => keep(&mut metadata.source_hash, || scalar(&entry)),
            "ms.sourcegitcommit" => keep(&mut metadata.source_commit, || scalar(&entry)),
            "ms.lasthandoff" => keep(&mut metadata.handoff, || date(&scalar(&entry)?)),
            "ms.locfileid" => keep(&mut metadata.file_id, || scalar(&entry)),
            "title" if of_document => keep(&mut metadata.title, || text_scalar(&entry)),
            "description" if of_document => keep(&mut metadata.description, || text_scalar(&entry)),
            "no-loc" if metadata.no_loc.is_empty() => metadata.no_loc = list(&entry),
            _ => {}
        }
    }
    metadata
}

/// A value of front matter that readers of the document see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontText {
    /// The key.
    pub key: &'static str,
    /// The value, without quotation marks and comments.
    pub text: String,
    /// The 1-based line of the key.
    pub line: u32,
}

/// The values of front matter that are translated: titles and descriptions at its left edge, by the keys of Hugo, Docusaurus and
/// Microsoft's documentation. Of a key that occurs twice, the first one.
///
/// ```
/// let texts = bitext::side_by_side::front_matter_texts("---\nms.date: 2020\ntitle: Berths\n---\n");
/// assert_eq!((texts[0].key, texts[0].text.as_str(), texts[0].line), ("title", "Berths", 3));
/// ```
pub fn front_matter_texts(text: &str) -> Vec<FrontText> {
    let Some(block) = front_matter(text) else { return Vec::new() };
    let mut texts: Vec<FrontText> = Vec::new();
    for entry in entries(block, &TEXT_KEYS, &['t', 'l', 'd', 's']).filter(|entry| entry.indent == 0) {
        let Some(&key) = TEXT_KEYS.iter().find(|key| **key == entry.key) else { continue };
        if texts.iter().any(|known| known.key == key) {
            continue;
        }
        let lines = memchr::memchr_iter(b'\n', &block.as_bytes()[..entry.at]).count();
        let line = u32::try_from(lines + 1).unwrap_or(u32::MAX);
        texts.extend(text_scalar(&entry).map(|text| FrontText { key, text, line }));
    }
    texts
}

/// The keys whose values readers see.
const TEXT_KEYS: [&str; 6] = ["title", "linkTitle", "titleSuffix", "sidebar_label", "description", "summary"];

/// The first readable value of a key is kept.
fn keep<T>(place: &mut Option<T>, value: impl FnOnce() -> Option<T>) {
    if place.is_none() {
        *place = value();
    }
}

/// The entries with one of these keys. `initials` are the first letters of these.
fn entries<'a>(block: &'a str, keys: &'a [&str], initials: &'a [char]) -> impl Iterator<Item = Entry<'a>> {
    let mut rest = block;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let line = first_line(rest);
            let below = &rest[line.len()..];
            rest = below;
            // Most lines of a YAML file are not metadata; the first letter rules them out.
            let content = line.trim_start_matches([' ', '-']);
            if !content.starts_with(initials) {
                continue;
            }
            let Some(colon) = memchr::memchr(b':', content.as_bytes()) else { continue };
            let (key, value) = (&content[..colon], &content[colon + 1..]);
            if !keys.contains(&key) {
                continue;
            }
            let indent = line.len() - content.len();
            let at = block.len() - below.len();
            let below = continuation(below, indent);
            return Some(Entry { at, indent, key, value: value.trim(), below });
        }
        None
    })
}

/// The first letters of [`KEYS`].
const INITIALS: [char; 4] = ['m', 't', 'd', 'n'];

const KEYS: [&str; 10] = [
    "metadata",
    "ms.contentlocale",
    "ms.translationtype",
    "ms.openlocfilehash",
    "ms.sourcegitcommit",
    "ms.lasthandoff",
    "ms.locfileid",
    "title",
    "description",
    "no-loc",
];

/// The lines that belong to an entry: indented more, or items of a list at its own indentation.
fn continuation(below: &str, indent: usize) -> &str {
    let mut length = 0;
    while length < below.len() {
        let line = first_line(&below[length..]);
        let content = line.trim_start_matches(' ');
        let deeper = line.len() - content.len() > indent;
        let item = line.len() - content.len() == indent && content.starts_with("- ");
        if !(deeper || item || content.trim().is_empty()) {
            break;
        }
        length += line.len();
    }
    &below[..length]
}

/// A value on one line or several, without its quotes and comments; `None` if there is none.
fn scalar(entry: &Entry<'_>) -> Option<String> {
    let text = match entry.value.chars().next() {
        Some('>' | '|') => entry.below.to_owned(),
        Some('"') => unescape_yaml(&quoted(entry, '"')).into_owned(),
        Some('\'') => quoted(entry, '\'').replace("''", "'"),
        _ => without_comment(entry.value).to_owned(),
    };
    let text = fold_line_breaks(&text);
    (!text.is_empty()).then(|| text.into_owned())
}

/// `title` and `description`: they can have several lines. In YAML files they can be segments, which are read elsewhere.
fn text_scalar(entry: &Entry<'_>) -> Option<String> {
    let mut text = scalar(entry)?;
    let plain = !entry.value.starts_with(['"', '\'', '>', '|']);
    if plain && !entry.below.trim().is_empty() {
        text.push(' ');
        text.push_str(&entry.below.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    let is_segment = memchr::memmem::find(text.as_bytes(), b"data-ttu-id").is_some();
    (!is_segment).then_some(text)
}

/// The text between an opening quotation mark and the next unescaped one of its kind.
fn quoted(entry: &Entry<'_>, mark: char) -> String {
    let text = format!("{}\n{}", &entry.value[1..], entry.below);
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if character == '\\' && mark == '"' {
            characters.next();
        } else if character == mark {
            if mark == '\'' && characters.peek().is_some_and(|&(_, next)| next == mark) {
                characters.next();
            } else {
                return text[..at].to_owned();
            }
        }
    }
    // Not closed: the value is broken and ends with its line.
    entry.value[1..].to_owned()
}

fn without_comment(value: &str) -> &str {
    if value.starts_with('#') {
        return "";
    }
    let is_comment = |&at: &usize| value[..at].ends_with(' ');
    memchr::memchr_iter(b'#', value.as_bytes()).find(is_comment).map_or(value, |at| value[..at].trim_end())
}

/// Parses `04/23/2019`, the form of hand-offs, or `2019-04-23`.
fn date(text: &str) -> Option<Date> {
    Date::strptime("%m/%d/%Y", text).or_else(|_| Date::strptime("%Y-%m-%d", text)).ok()
}

/// Parses a list in flow style, `[A, "B, C"]`, also over several lines, or in block style.
fn list(entry: &Entry<'_>) -> Vec<String> {
    let item = |text: &str| {
        let text = text.trim();
        scalar(&Entry { value: text, ..Entry::default() })
    };
    if entry.value.starts_with('[') {
        let flow = format!("{}\n{}", &entry.value[1..], entry.below);
        return flow_items(&flow).iter().filter_map(|text| item(text)).collect();
    }
    entry.below.lines().filter_map(|line| item(line.trim_start().strip_prefix("- ")?)).collect()
}

/// The items of a flow list up to its `]`: commas and brackets inside quotation marks are text.
fn flow_items(flow: &str) -> Vec<&str> {
    let (mut items, mut start, mut mark) = (Vec::new(), 0, None);
    let mut fresh = true;
    let mut characters = flow.char_indices();
    while let Some((at, character)) = characters.next() {
        match (mark, character) {
            (Some('"'), '\\') => {
                characters.next();
            }
            (Some(open), _) if open == character => mark = None,
            (None, '"' | '\'') if fresh => mark = Some(character),
            (None, ',') => {
                items.push(&flow[start..at]);
                start = at + 1;
                fresh = true;
                continue;
            }
            (None, ']') => {
                items.push(&flow[start..at]);
                return items;
            }
            _ => {}
        }
        fresh &= character.is_whitespace();
    }
    items.push(&flow[start..]);
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markdown(front: &str) -> Metadata {
        read(&format!("---\n{front}---\nbody\nms.contentlocale: fr-FR\n"), Syntax::Markdown)
    }

    #[test]
    fn all_keys_are_read_with_either_line_ending() {
        let front = "title: 제목 (C# 안내)\nms.openlocfilehash: 0e0d\nms.sourcegitcommit: b1ab\nms.translationtype: HT\n\
                     ms.contentlocale: ko-kr\nms.lasthandoff: 04/23/2019\nms.locfileid: \"62132303\"\n";
        let read_unix = markdown(front);
        assert_eq!(read_unix.title.as_deref(), Some("제목 (C# 안내)"));
        assert_eq!(read_unix.source_hash.as_deref(), Some("0e0d"));
        assert_eq!(read_unix.source_commit.as_deref(), Some("b1ab"));
        assert_eq!(read_unix.workflow, Some(Workflow::Human));
        assert_eq!(read_unix.target_locale.as_ref().map(|l| l.as_str()), Some("ko-KR"));
        assert_eq!(read_unix.handoff, Some(Date::constant(2019, 4, 23)));
        assert_eq!(read_unix.file_id.as_deref(), Some("62132303"));
        let crlf = format!("---\n{front}---\n").replace('\n', "\r\n");
        assert_eq!(read(&crlf, Syntax::Markdown), read_unix);
        assert_eq!(read(&format!("\u{feff}{crlf}"), Syntax::Markdown), read_unix);
    }

    #[test]
    fn terms_that_stay_untranslated_are_the_same_alone() {
        for front in [
            "",
            "no-loc: []\nno-loc:\n- Berth\n  - Quay\ntitle: a\nno-loc: [Crane]\n",
            "metadata:\n  no-loc: [A, \"B\"]\n",
        ] {
            for (text, syntax) in [
                (format!("---\n{front}---\nno-loc: [x]\n"), Syntax::Markdown),
                (front.to_owned(), Syntax::Yaml),
            ] {
                assert_eq!(no_loc(&text, syntax), read(&text, syntax).no_loc, "{text}");
            }
        }
        assert_eq!(no_loc("---\nno-loc: [Crane]\n---\n", Syntax::Markdown), ["Crane"]);
    }

    #[test]
    fn a_markdown_document_without_front_matter_says_nothing() {
        assert_eq!(read("ms.contentlocale: ko-KR\n", Syntax::Markdown), Metadata::default());
        assert_eq!(
            read("---\nms.contentlocale: ko-KR\nnever closed\n", Syntax::Markdown),
            Metadata::default()
        );
    }

    #[test]
    fn yaml_files_say_it_anywhere_and_title_only_at_the_top_or_under_metadata() {
        let yaml = "items:\n- title: a card\n  metadata_like: x\nmetadata:\n  title: 홈\n  ms.contentlocale: ko-KR\n\
                    sections:\n  - title: another\n    description: no\n";
        let metadata = read(yaml, Syntax::Yaml);
        assert_eq!(metadata.title.as_deref(), Some("홈"));
        assert_eq!(metadata.description, None);
        assert_eq!(metadata.target_locale.unwrap().as_str(), "ko-KR");
    }

    #[test]
    fn lists_of_terms_come_in_flow_and_block_style() {
        let terms = |front: &str| markdown(front).no_loc;
        assert_eq!(
            terms("no-loc: [Blazor, \"ASP.NET, Core\", 'It''s']\n"),
            ["Blazor", "ASP.NET, Core", "It's"]
        );
        assert_eq!(terms("no-loc: [A,\n  B B,\n  C]\ntitle: x\n"), ["A", "B B", "C"]);
        assert_eq!(terms("no-loc:\n  - A\n  - \"B\" # why\ntitle: x\n"), ["A", "B"]);
        assert_eq!(terms("no-loc:\n- A\n- B\nother:\n- C\n"), ["A", "B"]);
        assert_eq!(terms("no-loc: []\n"), Vec::<String>::new());
        assert_eq!(terms("no-loc: [don't, won't]\n"), ["don't", "won't"]);
    }

    #[test]
    fn values_on_several_lines_are_joined() {
        let front = "description: 첫 줄\n  둘째 줄\ntitle: >-\n  접힌\n  제목\nms.locfileid: '1'\n";
        let metadata = markdown(front);
        assert_eq!(metadata.description.as_deref(), Some("첫 줄 둘째 줄"));
        assert_eq!(metadata.title.as_deref(), Some("접힌 제목"));
        assert_eq!(metadata.file_id.as_deref(), Some("1"));
    }

    #[test]
    fn what_is_not_a_locale_or_date_is_absent() {
        let metadata =
            markdown("ms.contentlocale: Korean!\nms.lasthandoff: 13/40/2019\nms.translationtype: XT\n");
        assert_eq!(metadata, Metadata::default());
    }
}
