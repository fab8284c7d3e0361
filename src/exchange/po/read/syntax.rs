//! The lines of a PO file: keywords and quoted strings.

use std::borrow::Cow;

/// What begins a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Context,
    Id,
    Plural,
    /// `msgstr`, or `msgstr[n]`.
    Translation(usize),
    /// `domain`, which is not read.
    Domain,
}

impl Keyword {
    /// The keyword at the start of a line, and the rest of the line.
    pub fn of_line(line: &str) -> Option<(Keyword, &str)> {
        let is_other = |c: char| !c.is_ascii_alphanumeric() && c != '_';
        let length = line.find(is_other).unwrap_or(line.len());
        let (word, rest) = line.split_at(length);
        let keyword = match word {
            "msgctxt" => Keyword::Context,
            "msgid" => Keyword::Id,
            "msgid_plural" => Keyword::Plural,
            "domain" => Keyword::Domain,
            "msgstr" => match rest.trim_start().strip_prefix('[') {
                Some(index) => {
                    let (index, rest) = index.split_once(']')?;
                    return Some((Keyword::Translation(index.trim().parse().ok()?), rest));
                }
                None => Keyword::Translation(0),
            },
            _ => return None,
        };
        Some((keyword, rest))
    }
}

const NO_END: &str = "a string without the quotation mark at its end";

/// The bytes of a quoted string, without its quotation marks and escapes: those of C.
pub(super) fn unquoted(string: &str) -> Result<Cow<'_, [u8]>, &'static str> {
    let Some(content) = string.trim().strip_prefix('"') else {
        return Err("a line that is no comment and no string of a message");
    };
    let content = content.strip_suffix('"').ok_or(NO_END)?;
    let bytes = content.as_bytes();
    if memchr::memchr2(b'\\', b'"', bytes).is_none() {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut read = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'"' => return Err("a quotation mark inside a string; write \\\""),
            b'\\' => {}
            other => {
                read.push(other);
                continue;
            }
        }
        let (&escaped, after) = rest.split_first().ok_or(NO_END)?;
        rest = after;
        let mut number = |radix: u32, most: usize, first: u32| {
            let digit = |byte: &u8| char::from(*byte).to_digit(radix);
            let length = rest.iter().take(most).take_while(|byte| digit(byte).is_some()).count();
            let (digits, after) = rest.split_at(length);
            rest = after;
            let value = digits.iter().filter_map(digit).fold(first, |value, digit| value * radix + digit);
            (value & 0xff) as u8
        };
        match escaped {
            b'n' => read.push(b'\n'),
            b't' => read.push(b'\t'),
            b'r' => read.push(b'\r'),
            b'a' => read.push(7),
            b'b' => read.push(8),
            b'v' => read.push(11),
            b'f' => read.push(12),
            b'x' => read.push(number(16, 2, 0)),
            digit @ b'0'..=b'7' => read.push(number(8, 2, u32::from(digit - b'0'))),
            b'"' | b'\\' | b'\'' | b'?' => read.push(escaped),
            // gettext warns of other escapes, and some tools write the backslash of a path so.
            other => read.extend([b'\\', other]),
        }
    }
    Ok(Cow::Owned(read))
}
