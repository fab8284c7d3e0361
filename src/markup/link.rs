//! Parses the end of links and images, from the `]` on, and includes, which look like links.

/// The length of the end of a link; `text` starts at its `]`. It is `](address "title")`, or `][label]` if `labelled` allows
/// it. `None` if the `]` is text (CommonMark 0.31, "Links").
pub(super) fn closing(text: &str, labelled: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    match bytes.get(1)? {
        b'(' => {
            let mut at = skip_space(bytes, 2);
            at = destination(bytes, at)?;
            let space = skip_space(bytes, at);
            if space > at && matches!(bytes.get(space), Some(b'"' | b'\'' | b'(')) {
                at = skip_space(bytes, title(bytes, space)?);
            } else {
                at = space;
            }
            (bytes.get(at) == Some(&b')')).then_some(at + 1)
        }
        b'[' if labelled => {
            let length = bytes[2..].iter().take(200).position(|b| matches!(b, b'[' | b']'))?;
            (length > 0 && bytes[length + 2] == b']').then_some(length + 3)
        }
        _ => None,
    }
}

/// The length of the include at the start of `text`, which starts with `[!`: `[!INCLUDE[x](y)]`, `[!INCLUDE [x](y)]`.
pub(crate) fn include(text: &str) -> Option<usize> {
    let inside = text.strip_prefix("[!")?;
    let name = inside
        .bytes()
        .position(|b| !(b.is_ascii_alphanumeric() || b == b'-'))
        .filter(|&length| length > 0)?;
    let open = 2 + name + (inside.as_bytes()[name] == b' ') as usize;
    if text.as_bytes().get(open) != Some(&b'[') {
        return None;
    }
    let label = text.as_bytes()[open + 1..].iter().take(1000).position(|b| matches!(b, b'[' | b']'))?;
    let close = open + 1 + label;
    if text.as_bytes()[close] != b']' {
        return None;
    }
    let end = close + closing(&text[close..], false)?;
    (text.as_bytes().get(end) == Some(&b']')).then_some(end + 1)
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// The maximum depth of parentheses in an address, as in the reference implementation of CommonMark.
const DEEPEST: usize = 32;

fn destination(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    if bytes.get(at) == Some(&b'<') {
        let length = bytes[at + 1..].iter().position(|b| matches!(b, b'<' | b'>' | b'\n'))?;
        return (bytes[at + 1 + length] == b'>').then_some(at + length + 2);
    }
    let mut depth = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if bytes.get(at + 1).is_some_and(u8::is_ascii_punctuation) => at += 1,
            b'(' => {
                depth += 1;
                if depth > DEEPEST {
                    return None;
                }
            }
            b')' if depth == 0 => break,
            b')' => depth -= 1,
            _ if byte.is_ascii_whitespace() || byte.is_ascii_control() => break,
            _ => {}
        }
        at += 1;
    }
    (depth == 0).then_some(at)
}

fn title(bytes: &[u8], start: usize) -> Option<usize> {
    let end = if bytes[start] == b'(' { b')' } else { bytes[start] };
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            _ if byte == end => return Some(at + 1),
            b'(' if end == b')' => return None,
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_link_differs_from_brackets() {
        for (text, length) in [
            ("](a.md) b", Some(7)),
            ("]()", Some(3)),
            ("](a_(b).md)", Some(11)),
            ("](<a b>)", Some(8)),
            ("](a \"t)\")", Some(9)),
            ("](a 't')x", Some(8)),
            ("][a b]", Some(6)),
            ("][]", None),
            ("](a b)", None),
            ("](a", None),
            ("] (a)", None),
            ("]", None),
        ] {
            assert_eq!(closing(text, true), length, "{text}");
        }
        assert_eq!(closing("][a]", false), None);
    }

    #[test]
    fn includes_are_one_code() {
        for (text, length) in [
            ("[!INCLUDE[x](y.md)] z", Some(19)),
            ("[!INCLUDE [x y](~/y.md)]", Some(24)),
            ("[!code-csharp[A#1](../a.cs#1)]", Some(30)),
            ("[!NOTE]", None),
            ("[!INCLUDE[x](y)", None),
            ("[!INCLUDE", None),
            ("[!x [", None),
        ] {
            assert_eq!(include(text), length, "{text}");
        }
    }
}
