//! The well-formedness of a tag: its attributes.

use std::collections::HashSet;

use super::{is_name, is_white_space, resolved, shown};

/// Checks a start tag (productions 40 and 44), which is given without `<`, `>` and `/>`. Its name is checked by the caller.
pub fn tag(content: &str) -> Result<(), String> {
    // Most tags have a name and nothing else.
    let Some(at) = content.bytes().position(|byte| is_white_space(byte.into())) else { return Ok(()) };
    if are_plain(&content.as_bytes()[at..]) {
        return Ok(());
    }
    let mut names = Names::default();
    attributes(&content[at..], |name, value| {
        if names.contains_or_insert(name) {
            return Err(format!("the attribute {name} twice in one tag"));
        }
        if memchr::memchr2(b'<', b'&', value.as_bytes()).is_some() {
            return attribute_value(name, value);
        }
        Ok(())
    })
}

/// What a byte is in an attribute that is written as nearly all are.
const NAME: u8 = 1;
const NAME_START: u8 = 2;
const VALUE: u8 = 4;

const ATTRIBUTE_BYTES: [u8; 256] = {
    let mut classes = [VALUE; 256];
    let mut byte = 0;
    while byte < 128 {
        let letter = (byte as u8).is_ascii_alphabetic() || byte == b'_' as usize || byte == b':' as usize;
        let other = (byte as u8).is_ascii_digit() || byte == b'-' as usize || byte == b'.' as usize;
        if letter {
            classes[byte] |= NAME | NAME_START;
        } else if other {
            classes[byte] |= NAME;
        }
        byte += 1;
    }
    classes[b'"' as usize] = 0;
    classes[b'<' as usize] = 0;
    classes[b'&' as usize] = 0;
    classes
};

/// Whether attributes are well-formed and written as nearly all are: one space before each, an ASCII name, double quotes, and
/// neither `<` nor a reference in the value. So most tags need no other test.
fn are_plain(mut rest: &[u8]) -> bool {
    let length = |bytes: &[u8], class: u8| {
        bytes.iter().take_while(|&&byte| ATTRIBUTE_BYTES[usize::from(byte)] & class != 0).count()
    };
    let mut names: [&[u8]; 8] = [&[]; 8];
    let mut count = 0;
    while let [b' ', attribute @ ..] = rest {
        let (name, after) = attribute.split_at(length(attribute, NAME));
        let is_name =
            name.first().is_some_and(|&first| ATTRIBUTE_BYTES[usize::from(first)] & NAME_START != 0);
        let [b'=', b'"', value @ ..] = after else { return false };
        if !is_name || count == names.len() || names[..count].contains(&name) {
            return false;
        }
        names[count] = name;
        count += 1;
        let [b'"', after @ ..] = &value[length(value, VALUE)..] else { return false };
        rest = after;
    }
    rest.is_empty()
}

/// The names of attributes: few in a real file, and any number in a hostile one.
#[derive(Default)]
struct Names<'a> {
    first: [&'a str; 8],
    count: usize,
    others: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    fn contains_or_insert(&mut self, name: &'a str) -> bool {
        let filled = &self.first[..self.count];
        if filled.contains(&name) {
            return true;
        }
        if self.count < self.first.len() {
            self.first[self.count] = name;
            self.count += 1;
            return false;
        }
        !self.others.insert(name)
    }
}

fn attribute_value(name: &str, value: &str) -> Result<(), String> {
    if value.contains('<') {
        return Err(format!("< in the value of the attribute {name}; write &lt;"));
    }
    for part in value.split('&').skip(1) {
        let Some((reference, _)) = part.split_once(';') else {
            return Err(format!("& without a semicolon in the value of the attribute {name}; write &amp;"));
        };
        if let Err(reason) | Ok((_, Some(reason))) = resolved(reference) {
            return Err(format!("{reason}, in the value of the attribute {name}"));
        }
    }
    Ok(())
}

/// Calls `check` with the name and the raw value of each attribute (production 41). Each has white space before it.
pub(super) fn attributes<'a>(
    mut rest: &'a str,
    mut check: impl FnMut(&'a str, &'a str) -> Result<(), String>,
) -> Result<(), String> {
    loop {
        let trimmed = rest.trim_start_matches(is_white_space);
        if trimmed.is_empty() {
            return Ok(());
        }
        let length = trimmed.find(|c: char| c == '=' || is_white_space(c)).unwrap_or(trimmed.len());
        let name = &trimmed[..length];
        if !is_name(name) {
            return Err(format!("{:?} is not the name of an attribute", shown(name)));
        }
        if trimmed.len() == rest.len() {
            return Err(format!("no white space before the attribute {name}"));
        }
        let value = trimmed[length..].trim_start_matches(is_white_space).strip_prefix('=');
        let value = value.map(|value| value.trim_start_matches(is_white_space));
        let quoted = value.and_then(|value| {
            let quote = value.chars().next().filter(|&quote| quote == '"' || quote == '\'')?;
            value[1..].split_once(quote)
        });
        let Some((value, after)) = quoted else {
            return Err(format!("the attribute {name} without a value in quotation marks"));
        };
        check(name, value)?;
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_well_formed_or_say_why_not() {
        for (content, reason) in [
            ("seg", None),
            ("tuv xml:lang=\"en\"", None),
            ("tuv\n\txml:lang = 'en' 한글=\"\" ", None),
            ("tuv xml:lang=\"a\" xml:lang=\"b\"", Some("xml:lang twice")),
            ("p a='1' b='1' c='1' d='1' e='1' f='1' g='1' h='1' i='1' j='1' i='2'", Some("i twice")),
            ("tuv a=\"1\"b=\"2\"", Some("no white space before the attribute b")),
            ("tuv a=1", Some("without a value in quotation marks")),
            ("tuv a", Some("without a value in quotation marks")),
            ("tuv a=\"1", Some("without a value in quotation marks")),
            ("tuv =\"1\"", Some("\"\" is not the name of an attribute")),
            ("tuv 1=\"1\"", Some("\"1\" is not the name of an attribute")),
            ("tuv /", Some("\"/\" is not the name of an attribute")),
            ("tuv a=\"<\"", Some("< in the value of the attribute a")),
            ("tuv a=\"b & c\"", Some("& without a semicolon")),
            ("tuv a=\"&nbsp;\"", Some("&nbsp; is not defined")),
            ("tuv a=\"&#27;\"", Some("&#27; refers to no character")),
            ("tuv a=\"&amp;&#x41;\"", None),
        ] {
            let read = tag(content);
            assert_eq!(read.as_ref().err().is_some(), reason.is_some(), "{content}: {read:?}");
            assert!(reason.is_none_or(|reason| read.unwrap_err().contains(reason)), "{content}");
        }
    }
}
