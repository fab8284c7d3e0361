//! Parses `<…>`: tags of known elements, autolinks, comments. Anything else is text.

/// The kinds of `<…>`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Angle<'a> {
    /// `<b>`; `bare` if it has neither attributes nor a slash.
    OpenTag { name: &'a str, bare: bool },
    /// `</b>`
    CloseTag { name: &'a str },
    /// `<br>`, `<a name="x"/>`: an element without content.
    EmptyTag { name: &'a str },
    /// `<xref:…>`
    Xref,
    /// `<https://…>`, `<name@host>`
    Autolink,
    /// `<!-- … -->`
    Comment,
}

/// The maximum length of a tag. A bound against hostile text, which would be read to its end from every `<`.
const LONGEST_TAG: usize = 10_000;

/// The item at the start of `text`, which starts with `<`, and its length in bytes.
pub(crate) fn angle(text: &str) -> Option<(usize, Angle<'_>)> {
    match text.as_bytes().get(1)? {
        b'!' => comment(text),
        b'/' => {
            let (name, rest) = known_name(&text[2..])?;
            let end = rest.trim_start().strip_prefix('>')?;
            Some((text.len() - end.len(), Angle::CloseTag { name }))
        }
        first if first.is_ascii_alphanumeric() => open_tag(text).or_else(|| address(text)),
        _ => None,
    }
}

fn comment(text: &str) -> Option<(usize, Angle<'_>)> {
    let inside = text.strip_prefix("<!--")?;
    let length = memchr::memmem::find(inside.as_bytes(), b"-->")?;
    Some((length + 7, Angle::Comment))
}

/// Parses an open tag as in CommonMark 0.31, "Raw HTML". So ``<a `Type` value>`` is text, and its words are not lost.
///
/// Three faults that browsers accept are accepted too: no space after a quoted value, `<a href="x"target="y">`; an `=` inside an
/// unquoted value, `<a href=x?y=z>`; white space after the slash, `<br / >`.
fn open_tag(text: &str) -> Option<(usize, Angle<'_>)> {
    let mut limit = text.len().min(LONGEST_TAG);
    while !text.is_char_boundary(limit) {
        limit -= 1;
    }
    let text = &text[..limit];
    let (name, attributes) = known_name(&text[1..])?;
    let bytes = attributes.as_bytes();
    let (mut at, mut separated) = (0, false);
    let closed = loop {
        match *bytes.get(at)? {
            b'>' => break false,
            b'/' => {
                let end = at + 1 + leading_spaces(&bytes[at + 1..]);
                if *bytes.get(end)? != b'>' {
                    return None;
                }
                at = end;
                break true;
            }
            byte if byte.is_ascii_whitespace() => (at, separated) = (at + 1, true),
            _ if separated => {
                at += attribute(&bytes[at..])?;
                separated = matches!(bytes[at - 1], b'"' | b'\'');
            }
            _ => return None,
        }
    };
    let length = text.len() - bytes.len() + at + 1;
    let angle = if closed || is_void(name) {
        Angle::EmptyTag { name }
    } else {
        Angle::OpenTag { name, bare: at == 0 }
    };
    Some((length, angle))
}

/// The length of the attribute at the start of `bytes`, with its value if it has one.
fn attribute(bytes: &[u8]) -> Option<usize> {
    if !(bytes.first()?.is_ascii_alphabetic() || matches!(bytes[0], b'_' | b':')) {
        return None;
    }
    let in_name = |b: &&u8| b.is_ascii_alphanumeric() || b"_.:-".contains(b);
    let name = bytes.iter().take_while(in_name).count();
    let equals = name + leading_spaces(&bytes[name..]);
    if bytes.get(equals) != Some(&b'=') {
        return Some(name);
    }
    let value = equals + 1 + leading_spaces(&bytes[equals + 1..]);
    match *bytes.get(value)? {
        quote @ (b'"' | b'\'') => Some(value + memchr::memchr(quote, &bytes[value + 1..])? + 2),
        b'=' => None,
        _ => {
            let in_value = |b: &&u8| !b.is_ascii_whitespace() && !b"\"'<>`".contains(b);
            let length = bytes[value..].iter().take_while(in_value).count();
            (length > 0).then_some(value + length)
        }
    }
}

fn leading_spaces(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| b.is_ascii_whitespace()).count()
}

/// Parses `<scheme:…>` and `<name@host>`, as in CommonMark 0.31, "Autolinks".
fn address(text: &str) -> Option<(usize, Angle<'_>)> {
    let stop = |b: &u8| matches!(b, b'<' | b'>') || b.is_ascii_whitespace() || b.is_ascii_control();
    let inside = &text.as_bytes()[1..];
    let end = inside.iter().take(LONGEST_TAG).position(stop)?;
    if inside[end] != b'>' {
        return None;
    }
    let inside = &inside[..end];
    let scheme = inside.iter().position(|&b| !(b.is_ascii_alphanumeric() || b"+.-".contains(&b)))?;
    let angle = match inside[scheme] {
        b':' if inside[0].is_ascii_alphabetic() && (2..=32).contains(&scheme) => {
            if inside[..scheme].eq_ignore_ascii_case(b"xref") { Angle::Xref } else { Angle::Autolink }
        }
        _ => {
            let at = memchr::memchr(b'@', inside)?;
            let named =
                inside[..at].iter().all(|b| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(b));
            let host = &inside[at + 1..];
            let hosted =
                !host.is_empty() && host.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
            if !named || !hosted {
                return None;
            }
            Angle::Autolink
        }
    };
    Some((end + 2, angle))
}

/// The name of an HTML element at the start of `text`, and the rest.
fn known_name(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    is_element(name).then_some((name, rest))
}

fn is_element(name: &str) -> bool {
    listed(&ELEMENTS, name)
}

fn is_void(name: &str) -> bool {
    listed(&VOID, name)
}

fn listed(names: &[&str], name: &str) -> bool {
    names.binary_search_by(|listed| listed.bytes().cmp(name.bytes().map(|b| b.to_ascii_lowercase()))).is_ok()
}

/// Elements that have no end tag (HTML, "Void elements"), sorted.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];

/// The elements of HTML, also obsolete ones, sorted. Only these are tags: `<T>` and `<string>` are text.
#[rustfmt::skip]
const ELEMENTS: [&str; 127] = [
    "a", "abbr", "acronym", "address", "applet", "area", "article", "aside", "audio", "b", "base", "bdi", "bdo",
    "big", "blockquote", "body", "br", "button", "canvas", "caption", "center", "cite", "code", "col", "colgroup",
    "data", "datalist", "dd", "del", "details", "dfn", "dialog", "dir", "div", "dl", "dt", "em", "embed",
    "fieldset", "figcaption", "figure", "font", "footer", "form", "frame", "frameset", "h1", "h2", "h3", "h4",
    "h5", "h6", "head", "header", "hgroup", "hr", "html", "i", "iframe", "img", "input", "ins", "kbd", "label",
    "legend", "li", "link", "main", "map", "mark", "marquee", "menu", "meta", "meter", "nav", "nobr", "noframes",
    "noscript", "object", "ol", "optgroup", "option", "output", "p", "param", "picture", "pre", "progress", "q",
    "rp", "rt", "ruby", "s", "samp", "script", "search", "section", "select", "slot", "small", "source", "span",
    "strike", "strong", "style", "sub", "summary", "sup", "svg", "table", "tbody", "td", "template", "textarea",
    "tfoot", "th", "thead", "time", "title", "tr", "track", "tt", "u", "ul", "var", "video", "wbr",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_so_that_they_can_be_searched() {
        assert!(ELEMENTS.is_sorted() && VOID.is_sorted());
        assert!(VOID.iter().all(|name| is_element(name)));
    }

    #[test]
    fn tags_addresses_and_comments_are_told_from_text() {
        let tag = |name| Angle::OpenTag { name, bare: true };
        for (text, length, angle_found) in [
            ("<b>x", 3, tag("b")),
            ("<KBD>", 5, tag("KBD")),
            ("</b >", 5, Angle::CloseTag { name: "b" }),
            ("<br>", 4, Angle::EmptyTag { name: "br" }),
            ("<br />", 6, Angle::EmptyTag { name: "br" }),
            ("<a name=\"x>y\"></a>", 14, Angle::OpenTag { name: "a", bare: false }),
            ("<td\n rowspan = '2' data-x.y:z>", 30, Angle::OpenTag { name: "td", bare: false }),
            ("<a :x _y=가&quot;/z>", 21, Angle::OpenTag { name: "a", bare: false }),
            ("<a href=\"x\"target='y'>", 22, Angle::OpenTag { name: "a", bare: false }),
            ("<a href=x?y=z>", 14, Angle::OpenTag { name: "a", bare: false }),
            ("<img src=\"x\"/>", 14, Angle::EmptyTag { name: "img" }),
            ("<a name=\"x\" / >", 15, Angle::EmptyTag { name: "a" }),
            ("<xref:System.String>", 20, Angle::Xref),
            ("<https://a.example/b?c>", 23, Angle::Autolink),
            ("<name@mail.example>", 19, Angle::Autolink),
            ("<!-- x > y -->z", 14, Angle::Comment),
        ] {
            assert_eq!(angle(text), Some((length, angle_found)), "{text}");
        }
        for text in [
            "<",
            "<T>",
            "<string>",
            "<object, T>",
            "< b>",
            "<b",
            "<a \"x>",
            "<!-- x",
            "<T:x>",
            "<a b<c>",
            "<a `Type` value>",
            "<a 1>",
            "<a \"x\">",
            "<a, b>",
            "<i x * y>",
            "<b x=>",
            "<b x==y>",
            "<b x=`y`>",
            "<b x=\"y>",
            "<b /x>",
            "<b /",
            "<1>",
        ] {
            assert_eq!(angle(text), None, "{text}");
        }
    }
}
