//! Judgements about segments, as tables that a translator can read, and promises about any text, as properties.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Rules, Segmenter, srx};
use crate::side_by_side::Syntax;

/// The texts of the segments of a document.
fn segments_in(document: &str, syntax: Syntax) -> Vec<String> {
    let pieces = Segmenter::new(Rules::english()).pieces(document, syntax);
    let sentences =
        pieces.iter().flat_map(|piece| piece.sentences.iter().map(move |segment| (piece, segment)));
    sentences
        .map(|(piece, segment)| piece.quoting.text(&document[segment.range.clone()]).into_owned())
        .collect()
}

fn segments(document: &str) -> Vec<String> {
    segments_in(document, Syntax::Markdown)
}

#[track_caller]
fn check(cases: &[(&str, &[&str])]) {
    for (document, expected) in cases {
        assert_eq!(segments(document), *expected, "{document:?}");
    }
}

#[test]
fn each_block_is_a_unit_and_code_is_none() {
    check(&[
        ("# Berths\n\nOpen it.\nClose it.\n", &["Berths", "Open it.", "Close it."]),
        ("Title\n=====\n\nText\nthat goes on.\n", &["Title", "Text that goes on."]),
        ("- One\n- Two\n\n  Three\n1. Four\n", &["One", "Two", "Three", "Four"]),
        ("> Quoted\n> text.\n>\n> More.\n", &["Quoted > text.", "More."]),
        ("```\nlet x;\n```\n\n~~~\ny\n~~~\n", &[]),
        ("---\ntitle: Berths\n---\nText\n", &["Text"]),
        ("\u{feff}---\ntitle: Berths\n---\nText\n", &["Text"]),
        ("[a]: http://harbor.example\n\n***\n\n<!-- note -->\n", &[]),
        ("##Tight heading\n", &["Tight heading"]),
    ]);
}

#[test]
fn lines_for_the_renderer_are_no_segments_and_separate() {
    check(&[
        ("> [!NOTE]\n> Mind the tide.\n", &["Mind the tide."]),
        ("> [!TIP] Mind it.\n", &["Mind it."]),
        ("Above\n:::image source=\"a.png\":::\nbelow\n", &["Above", "below"]),
        ("[!INCLUDE [x](y.md)]\n", &[]),
        ("[!INCLUDE [x](y.md)] [!INCLUDE [z](z.md)]\n", &[]),
        ("[!code-csharp[x](a b.cs#1)]\n", &[]),
        ("> [!div class=\"next\"]\n> [Go on](next.md)\n", &["Go on"]),
        ("Select it.\n2. Save it.\n", &["Select it.", "Save it."]),
        ("- Item\n      - deeper\n", &["Item", "deeper"]),
    ]);
}

#[test]
fn a_row_of_dashes_makes_a_table_whatever_is_around_it() {
    check(&[
        ("|A|B|\n|-|-|\n| c. D | |\n", &["A", "B", "c.", "D"]),
        ("Text:\na | b\n--- | ---\n`x|y` | z\\|w\n", &["Text:", "a", "b", "z\\|w"]),
        ("| One column |\n|:--:|\n| cell |\n", &["One column", "cell"]),
        ("no | table\n", &["no | table"]),
    ]);
}

#[test]
fn html_is_cut_at_block_elements() {
    check(&[
        ("<p>One <b>two</b>.</p><ul><li>Three</li></ul>\n", &["One <b>two</b>.", "Three"]),
        ("a<br/>b\n", &["a", "b"]),
        ("<div><pre>x y</pre><script>z</script></div>\n", &[]),
        ("One  \ntwo\\\nthree\n", &["One", "two", "three"]),
    ]);
    let page = "<!DOCTYPE html>\n<html><head><title>Berths</title><meta charset=\"utf-8\"></head><body><h1>Book</h1></body></html>";
    assert_eq!(segments_in(page, Syntax::Html), ["Berths", "Book"]);
}

#[test]
fn a_sentence_does_not_end_inside_a_pair_of_marks() {
    check(&[
        ("**One. Two.** Three\n", &["**One. Two.**", "Three"]),
        ("See [A. Bay](c.md). D\n", &["See [A. Bay](c.md).", "D"]),
        ("Run `a. b`. Then c\n", &["Run `a. b`.", "Then c"]),
        ("<b>One. Two.</b> Three\n", &["<b>One. Two.</b>", "Three"]),
        ("Use <xref:A>.<xref:B> Then\n", &["Use <xref:A>.<xref:B>", "Then"]),
    ]);
}

#[test]
fn what_is_not_text_is_cut_off_at_the_ends() {
    check(&[
        ("## <a name=\"x\"></a>Title\n", &["Title"]),
        ("Title <a name=\"x\"></a>\n", &["Title <a name=\"x\"></a>"]),
        ("<!-- a -->Text<!-- b -->\n", &["Text"]),
        ("[Map](map.md)\n", &["Map"]),
        ("[![Map](a.png)](map.md)\n", &["[![Map](a.png)](map.md)"]),
        ("[Map (old)](map_(1).md)\n", &["[Map (old)](map_(1).md)"]),
        ("[!INCLUDE [x](y.md)] opens.\n", &["opens."]),
        ("# ![icon](a.png) Title\n", &["Title"]),
        ("![icon](a.png) Text\n", &["![icon](a.png) Text"]),
    ]);
}

#[test]
fn codes_symbols_and_addresses_alone_are_no_segments() {
    check(&[
        ("`code`\n", &[]),
        ("`a` / `b`\n", &["`a` / `b`"]),
        ("-\n\n+ +\n\n\\*\n", &[]),
        ("(1)\n", &["(1)"]),
        ("https://harbor.example/\n\nname@harbor.example\n\n@System.String\n", &[]),
        ("<xref:System.String>\n", &[]),
        ("![Map](a.png)\n", &[]),
        ("![Map](a.png \"The map\")\n", &["![Map](a.png \"The map\")"]),
        ("![Map ](a.png)\n", &["Map"]),
        (
            "---\nno-loc: [Tidewell, Harbor View]\n---\nTidewell\n\nHarbor View opens\n",
            &["Harbor View opens"],
        ),
    ]);
}

#[test]
fn yaml_texts_are_markdown_below_their_keys() {
    let document = "### YamlMime:Tutorial\r\ntitle: First season\r\nmetadata:\r\n  title: 첫 시즌\r\n  audience: people\r\nitems:\r\n\
        - title: 'Fees'\r\n  durationInMinutes: 1\r\n  content: >\r\n    One. Two\r\n    goes on.\r\n\r\n\r\n    Three.\r\n\
        - content: \"On **Fees**, select \\\"Summer\\\". Save.\\n\\n- An item\\n\"\r\n";
    let expected = [
        "First season",
        "Fees",
        "One.",
        "Two goes on.",
        "Three.",
        "On **Fees**, select \"Summer\".",
        "Save.",
        "An item",
    ];
    assert_eq!(segments_in(document, Syntax::Yaml), expected);
}

#[test]
fn a_piece_offers_its_whole_text_and_the_whole_link() {
    let document = "One. Two.\n\n[Map](map.md)\n";
    let pieces = Segmenter::new(Rules::english()).pieces(document, Syntax::Markdown);
    assert_eq!(&document[pieces[0].whole.range.clone()], "One. Two.");
    assert_eq!(pieces[0].sentences.len(), 2);
    assert_eq!(&document[pieces[1].whole.link.clone().unwrap()], "[Map](map.md)");
    assert_eq!(pieces[1].sentences, [pieces[1].whole.clone()]);
}

/// The rules of the file with their examples: whether each is one of a break, its comment, and its example.
fn examples() -> Vec<(bool, String)> {
    let rules = srx::ENGLISH.split("<!-- ").skip(1).filter(|part| part.contains("<rule "));
    rules
        .map(|part| {
            let (comment, rule) = part.split_once("-->").unwrap();
            let (reason, example) = comment.split_once("Example: ").expect(comment);
            assert!(!reason.trim().is_empty(), "{comment}");
            let example = example.trim().replace("&lt;", "<").replace("&gt;", ">");
            (rule.contains("break=\"yes\""), example)
        })
        .collect()
}

#[test]
fn each_rule_of_the_file_does_what_its_example_says() {
    let examples = examples();
    assert_eq!(examples.len(), srx::ENGLISH.matches("<rule ").count());
    for (is_break, example) in examples {
        // In a cell: at the start of a line, a number would begin a list.
        let count = segments(&format!("|A|\n|-|\n|{example}|\n")).len() - 1;
        assert_eq!(count, if is_break { 2 } else { 1 }, "{example}");
    }
}

#[test]
fn rules_of_others_are_used_or_refused_with_a_reason() {
    let srx = |rule: &str| format!("<srx><body><languagerule>{rule}</languagerule></body></srx>");
    let semicolon = srx("<rule><beforebreak>;</beforebreak><afterbreak>\\s</afterbreak></rule>");
    let rules = Rules::from_srx(&semicolon).unwrap();
    let document = "One; two. Three\n";
    let pieces = Segmenter::new(&rules).pieces(document, Syntax::Markdown);
    let texts: Vec<_> = pieces[0].sentences.iter().map(|segment| &document[segment.range.clone()]).collect();
    assert_eq!(texts, ["One;", "two. Three"]);
    for (file, reason) in [
        (srx(""), "no rule"),
        ("<srx><rule>".to_owned() + "</srx>", "not XML"),
        (srx("<rule><beforebreak>(</beforebreak><afterbreak/></rule>"), "cannot be used"),
        (srx("<rule><beforebreak>(?&lt;=a)b</beforebreak><afterbreak/></rule>"), "cannot be used"),
        (srx("<rule><beforebreak>(a{1000}){1000}</beforebreak><afterbreak/></rule>"), "cannot be used"),
    ] {
        let error = Rules::from_srx(&file).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}

/// What all documents have in common.
fn check_promises(document: &str, syntax: Syntax) -> Result<(), TestCaseError> {
    let mut end = 0;
    for piece in Segmenter::new(Rules::english()).pieces(document, syntax) {
        prop_assert!(!piece.sentences.is_empty());
        for segment in &piece.sentences {
            prop_assert!(end <= segment.range.start, "{:?} overlaps in {document:?}", segment.range);
            prop_assert!(segment.range.start < segment.range.end, "empty in {document:?}");
            let text = document.get(segment.range.clone());
            prop_assert!(text.is_some(), "{:?} in {document:?}", segment.range);
            end = segment.range.end;
            if let Some(link) = &segment.link {
                prop_assert!(link.start <= segment.range.start && segment.range.end <= link.end);
            }
        }
        prop_assert!(document.get(piece.whole.range.clone()).is_some());
    }
    Ok(())
}

/// Texts of the marks that the segmenter knows, in any order.
fn marks() -> impl Strategy<Value = String> {
    let mark = prop::sample::select(vec![
        "a",
        "B. ",
        ". ",
        "? ",
        "…",
        "\"",
        ")",
        " ",
        "  \n",
        "\n",
        "\r\n",
        "\n\n",
        "\\",
        "\\\n",
        "`",
        "``",
        "*",
        "**",
        "_",
        "[",
        "]",
        "](x)",
        "](x y)",
        "![",
        "[!NOTE]",
        "[!INCLUDE [x](y)]",
        "[!code",
        ":::",
        "<b>",
        "</b>",
        "<br>",
        "<p>",
        "</p>",
        "<code>",
        "<x y=\"",
        "<p x",
        "</x",
        "<?",
        "</code>",
        "<a name=\"x\">",
        "</a>",
        "<img>",
        "<!--",
        "-->",
        "<xref:",
        ">",
        "<script>",
        "</script>",
        "|",
        "|-|-|\n",
        "- ",
        "1. ",
        "> ",
        "    ",
        "#",
        "## ",
        "---\n",
        "===\n",
        "```\n",
        "&nbsp;",
        "&gt;",
        "\u{a0}",
        "저",
        "é",
        "\u{fffc}",
        "http://x",
        "@x",
        "text: ",
        "title: \"",
        "content: >\n",
        "'",
        "\\n",
        "\\u00e9",
        "\t",
    ]);
    prop::collection::vec(mark, 0..40).prop_map(|marks| marks.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 2_000 } else { 100_000 }))]

    #[test]
    fn segments_of_any_text_are_ranges_in_order(document in marks()) {
        for syntax in [Syntax::Markdown, Syntax::Yaml, Syntax::Html] {
            check_promises(&document, syntax)?;
        }
    }
}

#[test]
fn a_document_that_is_cut_off_anywhere_is_read() {
    for document in [
        include_str!("../../fixtures/docs/index.md"),
        include_str!("../../fixtures/docs/reference/fees.md"),
        include_str!("../../fixtures/docs/tutorial/first-season.yml"),
    ] {
        for end in (0..document.len()).filter(|&end| document.is_char_boundary(end)) {
            for syntax in [Syntax::Markdown, Syntax::Yaml] {
                check_promises(&document[..end], syntax).unwrap();
            }
        }
    }
}

#[test]
fn hostile_texts_take_a_time_in_proportion_to_their_length() {
    const LENGTH: usize = if cfg!(debug_assertions) { 50_000 } else { 200_000 };
    for pattern in [
        "[",
        "![",
        "[a](b ",
        "[a](b \"",
        "](",
        "`",
        "*a ",
        "**a*",
        "_a ",
        "<",
        "<!--",
        "<a ",
        "<a x=\"",
        "<b>",
        "</b>",
        "<b></b>",
        "|",
        "a|b\n",
        "|`a\n",
        "> ",
        ">",
        "- ",
        "1. ",
        "a. ",
        ". ",
        " ",
        "\u{a0}",
        "[!NOTE] ",
        "[!INCLUDE [",
        "[!code",
        "<xref:",
        "<script>",
        "\\",
        "\\[",
        "&a;",
        "&",
        "#",
        ":::",
        ":::a\n",
        "word ",
        "a  \n",
        "<a name=\"x\">",
        "<!-- a -->",
        "> a\n    > b\n",
        "A. ",
        "text: \"",
        "text: >\n ",
        "text: \"\\",
        "[\\[](u)",
        "…",
    ] {
        let document = pattern.repeat(LENGTH / pattern.len());
        let ticks: String = (1..600).map(|length| "`".repeat(length) + " ").collect();
        for document in [
            &document,
            &format!("<div>\n{document}"),
            &format!("|a|\n|-|\n{}", document.replace('\n', " ")),
            &ticks,
        ] {
            for syntax in [Syntax::Markdown, Syntax::Yaml] {
                let start = Instant::now();
                check_promises(document, syntax).unwrap();
                // A quadratic time would be minutes.
                assert!(start.elapsed() < Duration::from_secs(20), "{pattern:?}: {:?}", start.elapsed());
            }
        }
    }
}
