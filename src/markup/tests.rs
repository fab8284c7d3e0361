//! Tables of texts with their pieces and plain forms, and properties of any text.

use proptest::prelude::*;

use super::{Code, Piece, PieceKind, pieces, plain, plain_with_map};

/// The pieces as a line to read: `{bold+ **}`, `{bold- **}`, `{br .<br>}`, `{= &gt; >}`, text as it is.
fn shown(text: &str) -> String {
    let mut out = String::new();
    for Piece { raw, kind } in pieces(text) {
        let name = |code: &Code<'_>| match code {
            Code::Element(name) => name.to_lowercase(),
            other => format!("{other:?}").to_lowercase(),
        };
        match kind {
            PieceKind::Text => out += raw,
            PieceKind::Escape(means) => out += &format!("{{={means}}}"),
            PieceKind::Entity(means) => out += &format!("{{={means}}}"),
            PieceKind::Open { code, .. } => out += &format!("{{{}+}}", name(&code)),
            PieceKind::Close { code, .. } => out += &format!("{{{}-}}", name(&code)),
            PieceKind::Alone(code) => out += &format!("{{{}}}", name(&code)),
        }
    }
    out
}

#[test]
fn inline_codes_are_told_from_text() {
    for (text, expected) in [
        ("Save as", "Save as"),
        ("**Save** [as](a.md)", "{bold+}Save{bold-} {link+}as{link-}"),
        (
            "*a* _b_ ***c*** __d__",
            "{italic+}a{italic-} {italic+}b{italic-} {italic+}{bold+}c{bold-}{italic-} {bold+}d{bold-}",
        ),
        ("~~old~~ ~/home ~5", "{strikethrough+}old{strikethrough-} ~/home ~5"),
        ("`a*b*` and ``a`b``", "{codespan+}a*b*{codespan-} and {codespan+}a`b{codespan-}"),
        ("`List<string>` Func<T> List<string>", "{codespan+}List<string>{codespan-} Func<T> List<string>"),
        ("Task<object> waits", "Task<object> waits"),
        ("a <b>bold</b> <BR/>", "a {b+}bold{b-} {br}"),
        ("<a name=\"x\"></a>Title", "{a+}{a-}Title"),
        ("<span style=\"a>b\">x</span>", "{span+}x{span-}"),
        ("see <xref:System.String> or <https://a.example>", "see {xref} or {autolink}"),
        ("[!INCLUDE[x](y.md)] <!-- no --> z", "{include} {comment} z"),
        ("![a picture](p.png \"t\")", "{image+}a picture{image-}"),
        ("[![a](b.png)](c.md)", "{link+}{image+}a{image-}{link-}"),
        ("[**a** `b`](c)", "{link+}{bold+}a{bold-} {codespan+}b{codespan-}{link-}"),
        ("[text][label] array[0][1] [x] [a] (b)", "{link+}text{link-} array[0][1] [x] [a] (b)"),
        ("a \\* b \\_c\\_ C:\\dir", "a {=*} b {=_}c{=_} C:\\dir"),
        ("a &gt; b &#42; &nbsp;& &x;", "a {=>} b {=*} {=\u{a0}}& &x;"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn marks_without_a_partner_are_text() {
    for text in [
        "a ** b",
        "**a",
        "a**",
        "snake_case_name",
        "2 * 3 * 4",
        "*.md and *.txt",
        "`a",
        "[a",
        "a](b)",
        "a]",
        "<",
        "&",
    ] {
        assert_eq!(shown(text), text);
    }
    assert_eq!(shown("**a*"), "*{italic+}a{italic-}");
    assert_eq!(shown("*a `b* c`"), "*a {codespan+}b* c{codespan-}");
    assert_eq!(shown("[a *b](c) d*"), "{link+}a *b{link-} d*");
}

#[test]
fn tags_without_a_partner_and_crossing_pairs_stand_alone() {
    assert_eq!(shown("x</b> <i>y"), "x{b} {i}y");
    assert_eq!(shown("<b>**x</b>**"), "{b+}{bold}x{b-}{bold}");
    assert_eq!(shown("<b><i>x</b></i>"), "{b+}{i}x{b-}{i}");
}

#[test]
fn bold_ends_before_a_korean_particle() {
    assert_eq!(shown("**\"예\"**는"), "{bold+}\"예\"{bold-}는");
    assert_eq!(shown("**저장(S)**을"), "{bold+}저장(S){bold-}을");
}

#[test]
fn the_plain_form_is_what_the_text_says() {
    for (text, expected) in [
        ("**Save** [as](a.md)", "Save as"),
        ("  a \u{a0}\t b\u{3000}", "a b"),
        ("one<br>two", "one two"),
        ("one<br/> two<br>", "one two"),
        ("a<b>b</b>c", "abc"),
        ("\\*args &lt;T&gt; &#42;", "*args <T> *"),
        ("`List<string>` of", "List<string> of"),
        ("![alt](a.png) text", "alt text"),
        ("cafe\u{301}", "caf\u{e9}"),
        ("cafe&#x301;!", "caf\u{e9}!"),
        ("see <xref:System.String>", "see"),
    ] {
        assert_eq!(plain(text), expected, "{text}");
    }
}

#[test]
fn words_in_an_invalid_tag_stay_in_the_plain_form() {
    for (written, plain_form) in [
        ("ELEMENT_TYPE_PTR <a `CorElementType` value>", "ELEMENT_TYPE_PTR <a CorElementType value>"),
        ("TYPE_<a `mdTypeRef` or `mdTypeDef` token>", "TYPE_<a mdTypeRef or mdTypeDef token>"),
        ("if i <b *and* j> 1", "if i <b and j> 1"),
        ("see <a href=\"x\"target=\"y\">this</a>", "see this"),
    ] {
        assert_eq!(plain(written), plain_form, "{written}");
    }
}

#[test]
fn a_text_of_codes_alone_is_its_own_plain_form() {
    for text in ["<xref:System.String>", "<br>", "![](a.png)", "[!INCLUDE[](y)]"] {
        let expected = text;
        assert_eq!(plain(text), expected);
        assert_eq!(plain_with_map(text).0, expected);
    }
    assert_eq!(plain(" "), "");
}

#[test]
fn a_hit_in_the_plain_form_is_found_in_the_text() {
    for (text, phrase, raw) in [
        ("**Save** [as](a.md) file", "Save as", "Save** [as"),
        ("a &gt;  b", "> b", "&gt;  b"),
        ("x cafe\u{301} y", "caf\u{e9}", "cafe\u{301}"),
        ("one<br>two", "e t", "e<br>t"),
        ("<xref:A.B>", "A.B", "A.B"),
    ] {
        let (plain, map) = plain_with_map(text);
        let start = plain.find(phrase).unwrap();
        assert_eq!(&text[map.raw(start..start + phrase.len())], raw, "{text}");
    }
}

/// Texts rich in marks, so that rare meetings of them are tried.
fn marked() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("**"),
        Just("*"),
        Just("_"),
        Just("~~"),
        Just("`"),
        Just("``"),
        Just("["),
        Just("!["),
        Just("]"),
        Just("](a)"),
        Just("](a \"b\")"),
        Just("][l]"),
        Just("<b>"),
        Just("</b>"),
        Just("<i x='1'>"),
        Just("</i>"),
        Just("<br>"),
        Just("<xref:A>"),
        Just("<!--"),
        Just("-->"),
        Just("[!INCLUDE[x](y)]"),
        Just("\\"),
        Just("&gt;"),
        Just("&"),
        Just(";"),
        Just("("),
        Just(")"),
        Just(" "),
        Just("\n"),
        Just("a"),
        Just("B9"),
        Just("한글"),
        Just("e\u{301}"),
        Just("\u{301}"),
        Just("\u{a0}"),
        Just("<object>"),
        Just("<T>"),
        Just("\"")
    ];
    prop_oneof![proptest::collection::vec(part, 0..40).prop_map(|parts| parts.concat()), any::<String>(),]
}

proptest! {
    #[test]
    fn the_raw_pieces_are_the_text(text in marked()) {
        let pieces = pieces(&text);
        prop_assert_eq!(pieces.iter().map(|piece| piece.raw).collect::<String>(), text.as_str());
        prop_assert!(pieces.iter().all(|piece| !piece.raw.is_empty()));
    }

    #[test]
    fn pairs_know_their_partner_and_nest(text in marked()) {
        let pieces = pieces(&text);
        let mut open = Vec::new();
        for (here, piece) in pieces.iter().enumerate() {
            match &piece.kind {
                PieceKind::Open { code, partner } => {
                    prop_assert_eq!(&pieces[*partner].kind, &PieceKind::Close { code: *code, partner: here });
                    open.push(here);
                }
                PieceKind::Close { partner, .. } => prop_assert_eq!(open.pop(), Some(*partner)),
                _ => {}
            }
        }
        prop_assert!(open.is_empty());
    }

    #[test]
    fn the_map_belongs_to_the_plain_form(text in marked()) {
        let (mapped, map) = plain_with_map(&text);
        prop_assert_eq!(&mapped, &plain(&text));
        for (start, c) in mapped.char_indices() {
            let raw = map.raw(start..start + c.len_utf8());
            prop_assert!(text.get(raw).is_some());
        }
    }
}

#[test]
fn hostile_nesting_takes_no_more_than_its_length() {
    for part in [
        "*a _b ", "[a](", "<b>", "</b>", "<!-- ", "`a ``", "<a \"", "[!a[", "![", "*_", "](a)", "&", "[a *",
        "[a](<", "[a](b \"", "<a b='", "<a b=c ", "<a b = ",
    ] {
        let text = part.repeat(100_000);
        assert!(pieces(&text).iter().map(|piece| piece.raw.len()).sum::<usize>() == text.len());
    }
}
