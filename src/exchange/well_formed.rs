//! The well-formedness of one piece of XML markup (XML 1.0, fifth edition), as far as `quick-xml` does not check it. Knows no
//! format, and not how the pieces follow each other.
//!
//! Each function returns the reason why its markup is not well-formed.

mod tag;

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::xml;
use tag::attributes;
pub use tag::tag;

/// XML's white space (production 3), which is less than Unicode's.
pub fn is_white_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// Whether a text is a name (production 5, `Name`).
pub fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(is_name_start) && characters.all(is_name_character)
}

/// Production 4, `NameStartChar`.
fn is_name_start(character: char) -> bool {
    matches!(character,
        'a'..='z' | 'A'..='Z' | '_' | ':'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}'
        | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}'
        | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

/// Production 4a, `NameChar`.
fn is_name_character(character: char) -> bool {
    is_name_start(character)
        || matches!(character, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// The first character that XML forbids, with its position.
pub fn forbidden_character(text: &str) -> Option<(usize, char)> {
    if xml::can_hold(text) {
        return None;
    }
    text.char_indices().find(|&(_, character)| !xml::is_allowed(character))
}

/// Whether a part of a file may have a character that XML forbids. `false` is certain. One test of a whole buffer costs less
/// than one of each text in it.
pub fn may_have_forbidden_characters(bytes: &[u8]) -> bool {
    let is_control = |byte: u8| (byte < 0x20) & (byte != b'\t') & (byte != b'\n') & (byte != b'\r');
    // All bytes are read without a branch, so the compiler makes vector instructions of it.
    bytes.iter().fold(false, |found, &byte| found | is_control(byte))
        // U+FFFE and U+FFFF begin so; the buffer can end between their bytes.
        || memchr::memmem::find(bytes, b"\xef\xbf").is_some()
        || bytes.last() == Some(&0xef)
}

/// The text of a reference (section 4.1), which is given without `&` and `;`. A reference to a character that XML forbids is
/// resolved with the reason why it is not well-formed, except for a zero.
pub fn resolved(reference: &str) -> Result<(char, Option<String>), String> {
    let predefined = match reference {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    };
    if let Some(character) = predefined {
        return Ok((character, None));
    }
    let Some(number) = reference.strip_prefix('#') else {
        return Err(match is_name(reference) {
            true => format!("&{reference}; is not defined"),
            false => format!("&{}; is not a reference; write &amp; for &", shown(reference)),
        });
    };
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| char::from(digit).is_digit(radix));
    let character = u32::from_str_radix(digits, radix).ok().filter(|_| is_number).and_then(char::from_u32);
    let reason = || format!("&{}; refers to no character that XML allows", shown(reference));
    match character {
        None | Some('\0') => Err(reason()),
        Some(character) => Ok((character, (!xml::is_allowed(character)).then(reason))),
    }
}

/// Checks the text between two pieces of markup (production 14, `CharData`), apart from forbidden characters.
pub fn text(text: &str) -> Result<(), String> {
    static END: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("]]>"));
    if text.starts_with('&') {
        return Err("& without the name of an entity and a semicolon after it; write &amp;".into());
    }
    // A `>` is rare in a text, and one byte is searched faster than three.
    if memchr::memchr(b'>', text.as_bytes()).is_some() && END.find(text.as_bytes()).is_some() {
        return Err("]]> in a text; write ]]&gt;".into());
    }
    Ok(())
}

/// Checks the content of a comment (production 15).
pub fn comment(content: &str) -> Result<(), String> {
    let is_wrong = content.contains("--") || content.ends_with('-');
    if is_wrong { Err("-- inside a comment".into()) } else { Ok(()) }
}

/// Checks the content of a processing instruction (production 16).
pub fn instruction(content: &str) -> Result<(), String> {
    let target = content.split(is_white_space).next().unwrap_or_default();
    if !is_name(target) || target.eq_ignore_ascii_case("xml") {
        return Err(format!("<?{} is not the name of a processing instruction", shown(target)));
    }
    Ok(())
}

/// Checks the content of an XML declaration (production 23), without `<?` and `?>`. Returns the encoding that it states.
pub fn declaration(content: &str) -> Result<Option<&str>, String> {
    let mut encoding = None;
    let mut last = 0;
    let wrong = || "a malformed XML declaration; write <?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned();
    let read = attributes(content.strip_prefix("xml").ok_or_else(wrong)?, |name, value| {
        let digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let place = match name {
            "version" if value.strip_prefix("1.").is_some_and(digits) => 1,
            "encoding" if is_encoding_name(value) => {
                encoding = Some(value);
                2
            }
            "standalone" if matches!(value, "yes" | "no") => 3,
            _ => return Err(wrong()),
        };
        // The three have one order, and the version is required.
        if place <= last || last == 0 && place != 1 {
            return Err(wrong());
        }
        last = place;
        Ok(())
    });
    if read.is_err() || last == 0 { Err(wrong()) } else { Ok(encoding) }
}

/// Production 81, `EncName`.
fn is_encoding_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Checks a document type declaration (production 28), with `<!DOCTYPE` and without `>`. Declarations inside it are not read,
/// which is a reason too: they can state values of attributes.
pub fn document_type(content: &str) -> Result<(), String> {
    let wrong = || Err("a malformed document type declaration".to_owned());
    let Some(rest) = content.strip_prefix("<!DOCTYPE") else { return wrong() };
    let trimmed = rest.trim_start_matches(is_white_space);
    let length = trimmed.find(|c: char| c == '[' || is_white_space(c)).unwrap_or(trimmed.len());
    if trimmed.len() == rest.len() || !is_name(&trimmed[..length]) {
        return wrong();
    }
    let rest = &trimmed[length..];
    let Some(rest) = external_id(rest) else { return wrong() };
    match rest.trim_start_matches(is_white_space) {
        "" => Ok(()),
        subset if subset.starts_with('[') => {
            Err("declarations inside the document type declaration, which are not read".into())
        }
        _ => wrong(),
    }
}

/// The text after an external identifier (production 75), which is optional. `None` if it is malformed.
fn external_id(text: &str) -> Option<&str> {
    let trimmed = text.trim_start_matches(is_white_space);
    let (literals, mut rest) = match (trimmed.strip_prefix("SYSTEM"), trimmed.strip_prefix("PUBLIC")) {
        (Some(rest), _) => (1, rest),
        (_, Some(rest)) => (2, rest),
        _ => return Some(text),
    };
    if trimmed.len() == text.len() {
        return None;
    }
    for literal in (0..literals).rev() {
        let start = rest.trim_start_matches(is_white_space);
        let quote = start.chars().next().filter(|&quote| quote == '"' || quote == '\'')?;
        let (value, after) = start[1..].split_once(quote)?;
        let is_public = literal == 1;
        if start.len() == rest.len() || is_public && !value.chars().all(is_public_id_character) {
            return None;
        }
        rest = after;
    }
    Some(rest)
}

/// Production 13, `PubidChar`.
fn is_public_id_character(character: char) -> bool {
    matches!(character, ' ' | '\r' | '\n')
        || character.is_ascii_alphanumeric()
        || "-'()+,./:=?;!*#@$_%".contains(character)
}

/// The beginning of a text, for a message.
pub fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_those_of_xml() {
        for (reference, character) in
            [("lt", '<'), ("apos", '\''), ("#65", 'A'), ("#x1F600", '😀'), ("#xfffd", '\u{fffd}')]
        {
            assert_eq!(resolved(reference), Ok((character, None)));
        }
        for reference in ["#27", "#xb", "#xFFFE", "#65535"] {
            assert!(matches!(resolved(reference), Ok((_, Some(_)))), "{reference}");
        }
        for reference in [
            "",
            "#",
            "#x",
            "#X41",
            "#+5",
            "#0",
            "#x110000",
            "#xd800",
            "#99999999999",
            "nbsp",
            " lt",
            "lt ",
            "a b",
        ] {
            assert!(resolved(reference).is_err(), "{reference}");
        }
    }

    #[test]
    fn declarations_have_one_form() {
        for content in [
            "xml version=\"1.0\"",
            "xml version='1.0' encoding = 'UTF-8' standalone=\"yes\" ",
            "xml version=\"1.1\" standalone='no'",
        ] {
            assert!(declaration(content).is_ok(), "{content}");
        }
        assert_eq!(declaration("xml version='1.0' encoding='euc-kr'"), Ok(Some("euc-kr")));
        for content in [
            "xml",
            "xml ",
            "xml encoding=\"UTF-8\"",
            "xml encoding=\"UTF-8\" version=\"1.0\"",
            "xml version=\"1.0\" version=\"1.0\"",
            "xml version=\"2.0\"",
            "xml version=\"1.0\"encoding=\"UTF-8\"",
            "xml version=\"1.0\" encoding=\"UTF 8\"",
            "xml version=\"1.0\" standalone=\"maybe\"",
            "xml version=1.0",
        ] {
            assert!(declaration(content).is_err(), "{content}");
        }
        for content in [
            "<!DOCTYPE tmx",
            "<!DOCTYPE tmx SYSTEM \"tmx14.dtd\" ",
            "<!DOCTYPE tmx PUBLIC \"-//LISA//DTD\" 'http://a'",
        ] {
            assert_eq!(document_type(content), Ok(()), "{content}");
        }
        for content in [
            "<!doctype tmx",
            "<!DOCTYPEtmx",
            "<!DOCTYPE ",
            "<!DOCTYPE tmx SYSTEM",
            "<!DOCTYPE tmx SYSTEM tmx14.dtd",
            "<!DOCTYPE tmx SYSTEM\"a\"",
            "<!DOCTYPE tmx PUBLIC \"a\"",
            "<!DOCTYPE tmx PUBLIC \"[\" \"a\"",
            "<!DOCTYPE tmx more",
            "<!DOCTYPE tmx [<!ELEMENT tmx ANY>]",
        ] {
            assert!(document_type(content).is_err(), "{content}");
        }
    }

    #[test]
    fn other_markup_says_why_it_is_not_well_formed() {
        assert_eq!(
            (text("a > b ]] c"), comment(" a - b "), instruction("xml-stylesheet a")),
            (Ok(()), Ok(()), Ok(()))
        );
        for wrong in ["a ]]> b", "& b"] {
            assert!(text(wrong).is_err(), "{wrong}");
        }
        for wrong in [" a -- b ", " a -", "-"] {
            assert!(comment(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", " a", "xml", "XML version=\"1.0\"", "1a", "a+b c"] {
            assert!(instruction(wrong).is_err(), "{wrong}");
        }
        assert_eq!(forbidden_character("a\t\r\n한\u{fffd}"), None);
        assert_eq!(forbidden_character("한\u{b}\0"), Some((3, '\u{b}')));
        assert!(["a", "_", ":", "한글", "a-1.b:c"].into_iter().all(is_name));
        assert!(["", "1", "-a", "a b", "a/", "×", "a+"].into_iter().all(|name| !is_name(name)));
    }
}
