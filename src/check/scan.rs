//! Scanners over prose: addresses, names, words, brackets. All take linear time.

use std::ops::Range;

pub(super) use super::script::{Script, is_of_other_script, script, scripts_of};

/// In prose: a byte of an inline code that is visible, such as code, an image or an address.
pub(super) const OBJECT: char = '\u{1}';
/// In prose: a byte of an inline code that is not visible, such as `**` or a tag.
pub(super) const MARK: char = '\u{2}';

/// A name in prose, which a translation keeps as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub range: Range<usize>,
    /// As written, without the marks of escapes.
    pub text: String,
    pub kind: NameKind,
}

/// What kind of name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum NameKind {
    /// `DateTime`, `getValue`.
    Camel,
    /// `max_value`, `MAX_VALUE`.
    Snake,
    /// `System.String`.
    Dotted,
    /// `Get-Process`: a command of PowerShell.
    Command,
    /// `report.xml`: a file with a known ending.
    File,
    /// `nuget.org`: a host.
    Host,
    /// `--force`, `-Name`: an option of a command.
    Switch,
}

/// A run of letters in prose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub range: Range<usize>,
    /// Whether the letters are Latin.
    pub is_latin: bool,
}

/// The bare addresses in a text: `https://example.com/a`, without the punctuation after them.
pub(super) fn urls(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(found) = memchr::memmem::find(&bytes[from..], b"://") {
            let colon = from + found;
            let scheme =
                bytes[from..colon].iter().rev().take(12).take_while(|b| b.is_ascii_alphabetic()).count();
            let after = colon + 3;
            let length = length_of_url(&bytes[after..]);
            from = after + length;
            let mut end = from;
            while end > after
                && matches!(
                    bytes[end - 1],
                    b'.' | b',' | b';' | b':' | b'!' | b'?' | b')' | b'\'' | b'*' | b'_'
                )
            {
                // A closing parenthesis belongs to the address if the address has its opening one.
                if bytes[end - 1] == b')' && bytes[after..end].contains(&b'(') {
                    break;
                }
                end -= 1;
            }
            // `https://example.com/a(b` is an address and text.
            let opened =
                memchr::memchr(b'(', &bytes[after..end]).filter(|_| !bytes[after..end].contains(&b')'));
            if let Some(length) = opened {
                end = after + length;
            }
            if matches!(scheme, 2..=11) && end > after && bytes[after].is_ascii_alphanumeric() {
                return Some(colon - scheme..end);
            }
        }
        None
    })
}

/// How far an address goes on behind its scheme. In a list without spaces, `a.example/b,https://c.example`, it ends before the next one.
fn length_of_url(bytes: &[u8]) -> usize {
    // The first letter after a comma or semicolon, as long as only letters follow.
    let mut scheme = None;
    for (at, &b) in bytes.iter().enumerate() {
        match b {
            _ if !is_in_url(b) => return at,
            b',' | b';' => scheme = Some(at + 1),
            b':' if bytes[at..].starts_with(b"://") => match scheme {
                Some(start) if start < at => return start,
                _ => {}
            },
            _ if b.is_ascii_alphabetic() => {}
            _ => scheme = None,
        }
    }
    bytes.len()
}

fn is_in_url(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%{}|".contains(&b)
}

/// The runs of letters in a text. A run ends where the script changes from Latin to another one.
pub(super) fn words(prose: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for (at, c) in prose.char_indices() {
        let in_word = words.last().is_some_and(|word| word.range.end == at);
        let joins = matches!(c, '\'' | '\u{2019}' | '\u{301}') && in_word;
        if !is_letter(c) && !joins {
            continue;
        }
        let is_latin = joins || is_latin(c);
        let end = at + c.len_utf8();
        match words.last_mut() {
            Some(word) if in_word && (word.is_latin == is_latin || joins) => word.range.end = end,
            _ => words.push(Word { range: at..end, is_latin }),
        }
    }
    for word in &mut words {
        let text = &prose[word.range.clone()];
        word.range.end -= text.len() - text.trim_end_matches(['\'', '\u{2019}', '\u{301}']).len();
    }
    words
}

/// Whether a character is a letter, as [`char::is_alphabetic`]. Faster for Chinese, Japanese and Korean.
pub(super) fn is_letter(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_alphabetic(),
        '\u{3041}'..='\u{3096}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' => true,
        _ => c.is_alphabetic(),
    }
}

/// Whether a character is a Latin letter.
pub(super) fn is_latin(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
        && c != '\u{d7}'
        && c != '\u{f7}'
}

/// The most names, addresses or codes of a text that are looked for in the other text. Each search takes linear time, so all of them
/// together do, also for a text that has a million.
pub(super) const MOST_ITEMS: usize = 256;

/// The names in a text, the first ones.
pub(super) fn names(prose: &str) -> Vec<Name> {
    let mut names = Vec::new();
    let bytes = prose.as_bytes();
    let mut at = 0;
    while at < bytes.len() && names.len() < MOST_ITEMS {
        if !is_in_name(bytes, at) {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && is_in_name(bytes, at) {
            at += 1;
        }
        names.extend(name(prose, start..at));
    }
    names
}

/// Whether a byte is part of a name. The mark of an escape is, before the character that it escapes.
fn is_in_name(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b if b.is_ascii_alphanumeric() => true,
        b'_' | b'.' | b'-' => true,
        b if b == MARK as u8 => matches!(bytes.get(at + 1), Some(b'_' | b'.' | b'-')),
        _ => false,
    }
}

fn name(prose: &str, range: Range<usize>) -> Option<Name> {
    let raw = &prose[range.clone()];
    let inner = raw.trim_end_matches(['.', '-', MARK]).trim_start_matches(['.', MARK]);
    let start = range.start + (raw.len() - raw.trim_start_matches(['.', MARK]).len());
    let range = start..start + inner.len();
    if inner.len() < 3 {
        return None;
    }
    let before = prose[..range.start].chars().next_back();
    // A part of a path, an address, a version or a word of another script with Latin letters at its end.
    if before
        .is_some_and(|c| matches!(c, '/' | '\\' | '@' | '#' | '$' | '%' | '{' | '<') || c.is_alphabetic())
        || prose[range.end..].starts_with(['/', '\\', '@', '}'])
    {
        return None;
    }
    let text = if inner.contains(MARK) { inner.replace(MARK, "") } else { inner.to_owned() };
    let kind = kind_of(&text)?;
    if kind == NameKind::Switch && before.is_some_and(|c| c.is_alphanumeric() || c == OBJECT || c == ')') {
        return None;
    }
    Some(Name { range, text, kind })
}

fn kind_of(name: &str) -> Option<NameKind> {
    if name.starts_with('-') {
        return is_switch(name).then_some(NameKind::Switch);
    }
    if !name.bytes().any(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    if let Some((stem, ending)) = name.rsplit_once('.') {
        if is_file_ending(ending) && stem.bytes().any(|b| b.is_ascii_alphanumeric()) {
            return Some(NameKind::File);
        }
        if is_top_level_domain(ending)
            && stem.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b))
        {
            return Some(NameKind::Host);
        }
        let parts = name.split('.');
        let is_identifier = |part: &str| {
            part.len() > 1
                && part.as_bytes()[0].is_ascii_alphabetic()
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        let has_capital =
            name.split('.').filter(|part| part.starts_with(|c: char| c.is_ascii_uppercase())).count() > 1;
        return (parts.clone().all(is_identifier) && has_capital).then_some(NameKind::Dotted);
    }
    if let Some((verb, noun)) = name.split_once('-') {
        let is_verb = verb.len() > 2
            && verb.starts_with(|c: char| c.is_ascii_uppercase())
            && verb[1..].bytes().all(|b| b.is_ascii_lowercase());
        let is_noun = noun.bytes().all(|b| b.is_ascii_alphanumeric()) && is_camel(noun);
        let is_common = VERBS.contains(&verb)
            && noun.starts_with(|c: char| c.is_ascii_uppercase())
            && noun.bytes().all(|b| b.is_ascii_alphanumeric())
            && noun.len() > 2;
        return (is_verb && (is_noun || is_common)).then_some(NameKind::Command);
    }
    if name.contains('_') {
        let is_snake =
            name.trim_matches('_').contains('_') && name.bytes().filter(u8::is_ascii_alphabetic).count() > 2;
        return is_snake.then_some(NameKind::Snake);
    }
    is_camel(name).then_some(NameKind::Camel)
}

/// Verbs with which commands of PowerShell begin, also those with a noun of one word: `Get-Help`.
const VERBS: [&str; 17] = [
    "Add", "Clear", "Disable", "Enable", "Export", "Get", "Import", "Install", "Invoke", "New", "Out",
    "Remove", "Restart", "Set", "Start", "Stop", "Update",
];

/// A capital after a lower-case letter, and no plural or brand that ends in capitals.
fn is_camel(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.len() > 3
        && bytes.windows(2).any(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase())
        && bytes.iter().filter(|b| b.is_ascii_lowercase()).count() > 1
}

fn is_switch(name: &str) -> bool {
    let word = name.trim_start_matches('-');
    let dashes = name.len() - word.len();
    let is_word = word.len() > 1 && word.as_bytes()[0].is_ascii_alphabetic() && !word.contains(['_', '.']);
    match dashes {
        1 => {
            is_word
                && word.as_bytes()[0].is_ascii_uppercase()
                && !word.contains('-')
                && word.bytes().any(|b| b.is_ascii_lowercase())
        }
        2 => is_word && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
        _ => false,
    }
}

/// Endings of files that documentation names.
const FILE_ENDINGS: [&str; 56] = [
    "aspx", "bat", "bin", "bmp", "c", "cer", "cfg", "cmd", "config", "cpp", "cs", "cshtml", "csproj", "css",
    "csv", "dll", "doc", "docx", "exe", "gif", "gz", "h", "htm", "html", "ico", "ini", "jpg", "js", "json",
    "log", "md", "msi", "pdf", "pfx", "png", "ppt", "pptx", "ps1", "psd1", "psm1", "py", "reg", "resx", "sh",
    "sln", "sql", "svg", "tar", "ts", "txt", "vb", "wsdl", "xaml", "xls", "xlsx", "xml",
];
const MORE_FILE_ENDINGS: [&str; 5] = ["xsd", "yaml", "yml", "zip", "resources"];

fn is_file_ending(ending: &str) -> bool {
    // `Commands.Sql` is a name space.
    let is_mixed =
        ending.bytes().any(|b| b.is_ascii_uppercase()) && ending.bytes().any(|b| b.is_ascii_lowercase());
    let listed = |known: &&str| !is_mixed && ending.eq_ignore_ascii_case(known);
    FILE_ENDINGS.iter().chain(&MORE_FILE_ENDINGS).any(listed)
}

fn is_top_level_domain(ending: &str) -> bool {
    ["com", "org", "net", "io", "gov", "edu", "dev"].contains(&ending)
}

/// The partner of an opening bracket or quotation mark.
pub(super) fn closing_of(open: char) -> Option<char> {
    Some(match open {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        '（' => '）',
        '［' => '］',
        '｛' => '｝',
        '「' => '」',
        '『' => '』',
        '【' => '】',
        '《' => '》',
        '〈' => '〉',
        _ => return None,
    })
}

/// Whether a character closes a bracket.
pub(super) fn is_closing(c: char) -> bool {
    matches!(c, ')' | ']' | '}' | '）' | '］' | '｝' | '」' | '』' | '】' | '》' | '〉')
}

/// A bracket as its half-width form: pairs are often mixed in Chinese and Japanese.
pub(super) fn folded_bracket(c: char) -> char {
    match c {
        '（' => '(',
        '）' => ')',
        '［' => '[',
        '］' => ']',
        '｛' => '{',
        '｝' => '}',
        other => other,
    }
}

/// Whether all brackets of a text are closed in order, and its double quotation marks are even.
pub(super) fn are_closed(prose: &str) -> bool {
    let mut open = Vec::new();
    let mut quotes = 0_usize;
    for c in prose.chars().map(folded_bracket) {
        if let Some(close) = closing_of(c) {
            open.push(close);
        } else if is_closing(c) && open.pop() != Some(c) {
            return false;
        } else if matches!(c, '"' | '\u{201c}' | '\u{201d}' | '\u{201e}') {
            quotes += 1;
        }
    }
    open.is_empty() && quotes.is_multiple_of(2)
}

/// The first characters of a text.
pub(super) fn prefix(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}
