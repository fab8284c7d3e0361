//! The alignment of whole documents.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::{Model, Side, align, align_in_order, in_order_of, learn, rows};
use crate::segmentation::{Cuts, Language, Rules, Segmenter};
use crate::side_by_side::Syntax;

fn sides<'d>(source: &'d str, target: &'d str, locale: &str) -> (Side<'d>, Side<'d>) {
    let mut segmenter = Segmenter::new(Rules::english());
    let cuts = Cuts::Candidates(Language::of_locale(locale));
    let is_latin = ["de", "fr"].contains(&locale);
    let source = Side::new(segmenter.outline(source, Syntax::Markdown, Cuts::Sentences), is_latin);
    let target = Side::new(segmenter.outline(target, Syntax::Markdown, cuts), is_latin);
    (source, target)
}

/// The pairs of texts, with a model that is learned from the two documents.
fn pairs(source: &str, target: &str, locale: &str) -> Vec<(String, String)> {
    let documents = [sides(source, target, locale)];
    let model = learn(&documents, || {});
    let [(source, target)] = &documents;
    let found = align(source, target, &model);
    let text = |side: &Side<'_>, range: &std::ops::Range<usize>| side.outline.text[range.clone()].to_owned();
    let beads = found.beads.iter();
    beads.map(|bead| (text(source, &bead.source_text), text(target, &bead.target_text))).collect()
}

#[track_caller]
fn assert_pairs(locale: &str, source: &str, target: &str, expected: &[(&str, &str)]) {
    let expected: Vec<_> =
        expected.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect();
    assert_eq!(pairs(source, target, locale), expected);
}

#[test]
fn sentences_are_paired_by_the_marks_of_their_script() {
    assert_pairs(
        "ja",
        "# Port\n\nThe port is open. See [the map](map.md). Then select **Save**.\n",
        "# 港\n\n港は開いています。[地図](map.md)を参照してください。**保存**を選択します。\n",
        &[
            ("Port", "港"),
            ("The port is open.", "港は開いています。"),
            ("See [the map](map.md).", "[地図](map.md)を参照してください。"),
            ("Then select **Save**.", "**保存**を選択します。"),
        ],
    );
}

/// An image between two sentences is a segment of its own in side-by-side documents, and none without a title.
#[test]
fn an_image_behind_a_sentence_is_part_of_neither_text() {
    assert_pairs(
        "fr",
        "# Port\n\n* Enter the ids – all of them, one for each ship.\n![The ids](media/ids.png)\n\nThe port is open.\n",
        "# Port\n\n* Entrez les identifiants : tous, un par navire.\n![Les identifiants](media/ids.png)\n\nLe port est ouvert.\n",
        &[
            ("Port", "Port"),
            (
                "Enter the ids – all of them, one for each ship.",
                "Entrez les identifiants : tous, un par navire.",
            ),
            ("The port is open.", "Le port est ouvert."),
        ],
    );
}

#[test]
fn a_sentence_that_became_two_stays_with_its_source() {
    assert_pairs(
        "de",
        "Book a berth with `book` and pay the fee at the office of the port before noon. Leave on time.\n",
        "Buchen Sie einen Liegeplatz mit `book`. Zahlen Sie die Gebühr vor Mittag im Hafenamt. Gehen Sie bald.\n",
        &[
            (
                "Book a berth with `book` and pay the fee at the office of the port before noon.",
                "Buchen Sie einen Liegeplatz mit `book`. Zahlen Sie die Gebühr vor Mittag im Hafenamt.",
            ),
            ("Leave on time.", "Gehen Sie bald."),
        ],
    );
}

#[test]
fn a_paragraph_that_is_missing_does_not_shift_the_others() {
    assert_pairs(
        "de",
        "# Port\n\nUse `open`.\n\nThe port has many berths for ships of any size and age.\n\nUse `close` at 18.\n",
        "# Hafen\n\nNutzen Sie `open`.\n\nNutzen Sie `close` um 18.\n",
        &[
            ("Port", "Hafen"),
            ("Use `open`.", "Nutzen Sie `open`."),
            ("Use `close` at 18.", "Nutzen Sie `close` um 18."),
        ],
    );
}

#[test]
fn sections_that_were_exchanged_find_their_partners() {
    let section = |name: &str, is_english: bool| {
        let sentences = |at: usize| match is_english {
            true => format!("Open `{name}{at}` with [the map]({name}/{at}.md).\n\n"),
            false => format!("[지도]({name}/{at}.md)로 `{name}{at}`을 엽니다.\n\n"),
        };
        let title = if is_english { "Section" } else { "절" };
        format!("## {title} {name}\n\n{}", (0..4).map(sentences).collect::<String>())
    };
    let document = |names: &[&str], is_english| -> String {
        names.iter().map(|name| section(name, is_english)).collect()
    };
    let (source, target) = (document(&["a", "b", "c", "d"], true), document(&["a", "d", "c", "b"], false));
    let (source, target) = sides(&source, &target, "ko");
    let target = in_order_of(&source, target);
    let found = align(&source, &target, &Model::default());
    assert_eq!(found.beads.len(), 20);
    for bead in &found.beads {
        let (one, other) =
            (&source.outline.text[bead.source_text.clone()], &target.outline.text[bead.target_text.clone()]);
        let name = |text: &str| match text.split_once('`') {
            Some((_, code)) => code[..2].to_owned(),
            None => text.rsplit(' ').next().unwrap_or_default().to_owned(),
        };
        assert_eq!(name(one), name(other), "{one} {other}");
    }
}

/// Sections with sentences of their own words, in two languages.
fn harbour(names: &[usize], is_english: bool) -> String {
    const WORDS: [(&str, &str); 12] = [
        ("harbour", "Hafen"),
        ("berth", "Liegeplatz"),
        ("crane", "Kran"),
        ("tide", "Gezeiten"),
        ("cargo", "Fracht"),
        ("pilot", "Lotse"),
        ("anchor", "Anker"),
        ("lantern", "Laterne"),
        ("winch", "Winde"),
        ("beacon", "Bake"),
        ("rope", "Tau"),
        ("buoy", "Boje"),
    ];
    let word = |at: usize| if is_english { WORDS[at % 12].0 } else { WORDS[at % 12].1 };
    let paragraph = |name: usize, at: usize| {
        let (one, other) = (word(name + at), word(name + 5 * at + 3));
        match is_english {
            true => format!("The {one} is near the {other} of this place.\n\n"),
            false => format!("{one} ist nahe bei {other} an diesem Ort.\n\n"),
        }
    };
    let section = |&name: &usize| {
        let paragraphs: String = (1..6).map(|at| paragraph(name, at)).collect();
        format!("## {}\n\n{paragraphs}", word(name))
    };
    names.iter().map(section).collect()
}

#[test]
fn sections_without_links_or_code_find_their_partners_by_their_words() {
    let (all, mixed) = ([0, 1, 2, 3, 4, 5], [0, 4, 2, 3, 1, 5]);
    let texts = (harbour(&all, true), harbour(&all, false), harbour(&mixed, false));
    let model = learn(&[sides(&texts.0, &texts.1, "de")], || {});
    let (source, target) = sides(&texts.0, &texts.2, "de");
    let (target, found) = align_in_order(&source, target, &model);
    assert_eq!(found.beads.len(), 36);
    let whole = sides(&texts.0, &texts.1, "de").1;
    for (number, bead) in found.beads.iter().enumerate() {
        let expected = &whole.atoms[number].segment.range;
        assert_eq!(target.outline.text[bead.target_text.clone()], whole.outline.text[expected.clone()]);
    }
}

/// A model of sentences in German about prices.
static PRICES: LazyLock<Model> = LazyLock::new(|| {
    let sentences = [
        ("Price of the berth.", "Preis des Liegeplatzes."),
        ("Used to check the price of a berth.", "Wird verwendet, um den Preis zu prüfen."),
        ("Used to book a berth before noon.", "Wird verwendet, um vor Mittag zu buchen."),
        ("Each berth has only one price.", "Jeder Liegeplatz hat nur einen Preis."),
        ("Each harbour has only one office.", "Jeder Hafen hat nur ein Amt."),
        ("Amount of the fee for a harbour.", "Betrag der Gebühr für einen Hafen."),
        ("The fee for an office is small.", "Die Gebühr für ein Amt ist klein."),
    ];
    let text = |which: fn(&(&'static str, &'static str)) -> &'static str| -> String {
        let mut text = String::new();
        for times in 0..5 {
            for (at, _) in sentences.iter().enumerate() {
                text.push_str(which(&sentences[(at * 3 + times) % sentences.len()]));
                text.push_str("\n\n");
            }
        }
        text
    };
    let (source, target) = (text(|pair| pair.0), text(|pair| pair.1));
    learn(&[sides(&source, &target, "de")], || {})
});

#[test]
fn a_sentence_without_a_mark_at_its_end_is_cut_where_the_next_one_begins() {
    for (source, target, expected) in [
        (
            "Amount of the fee. Used to check the price of a berth.",
            "Betrag der Gebühr Wird verwendet, um den Preis zu prüfen.",
            ["Betrag der Gebühr", "Wird verwendet, um den Preis zu prüfen."],
        ),
        (
            "Amount of the fee. Each berth has only one price.",
            "Betrag der Gebühr.Jeder Liegeplatz hat nur einen Preis.",
            ["Betrag der Gebühr.", "Jeder Liegeplatz hat nur einen Preis."],
        ),
        (
            "Amount of **the fee**. Each berth has [only one price](a.md).",
            "Betrag **der Gebühr** Jeder Liegeplatz hat [nur einen Preis](a.md).",
            ["Betrag **der Gebühr**", "Jeder Liegeplatz hat [nur einen Preis](a.md)."],
        ),
    ] {
        let (source, target) = sides(source, target, "de");
        let found = align(&source, &target, &PRICES);
        let texts: Vec<&str> =
            found.beads.iter().map(|bead| &target.outline.text[bead.target_text.clone()]).collect();
        assert_eq!(texts, expected);
        let rows = rows(&source, &target, &found);
        assert!(rows.len() == 2 && rows.iter().all(|row| row.features.is_some()), "{rows:?}");
    }
}

#[test]
fn a_paragraph_that_is_two_in_the_translation_belongs_to_both() {
    let one = "Each berth has only one price. Used to check the price of a berth.";
    let two = "Jeder Liegeplatz hat nur einen Preis.\n\nWird verwendet, um den Preis zu prüfen.";
    let expected = [
        ("Each berth has only one price.", "Jeder Liegeplatz hat nur einen Preis."),
        ("Used to check the price of a berth.", "Wird verwendet, um den Preis zu prüfen."),
    ];
    for is_reversed in [false, true] {
        let (source, target) = match is_reversed {
            false => (format!("# Price\n\n{one}\n"), format!("# Preis\n\n{two}\n")),
            true => (
                format!("# Price\n\n{}\n", one.replacen(". ", ".\n\n", 1)),
                format!("# Preis\n\n{}\n", two.replace("\n\n", " ")),
            ),
        };
        let (source, target) = sides(&source, &target, "de");
        let found = align(&source, &target, &PRICES);
        let texts: Vec<(&str, &str)> = found
            .beads
            .iter()
            .skip(1)
            .map(|bead| {
                (
                    &source.outline.text[bead.source_text.clone()],
                    &target.outline.text[bead.target_text.clone()],
                )
            })
            .collect();
        assert_eq!(texts, expected);
        assert_eq!((found.blocks.source, found.blocks.target, found.blocks.aligned), (2, 2, 2));
    }
}

#[test]
fn the_number_of_a_list_is_no_part_of_a_text_if_only_one_side_has_it_there() {
    for (source, target, expected) in [
        ("| A |\n|---|\n| Book a berth. |\n", "| A |\n|---|\n| 3. Buchen Sie. |\n", "Buchen Sie."),
        ("Text:\n\n## 1. Berth\n", "Text:\n\n## 1. Liegeplatz {#1-berth}\n", "1. Liegeplatz"),
        (
            "Text:\n\n3. Use pier 1 after pier 3.\n",
            "Text:\n\n3. Pier 1 nach Pier 3 nutzen.\n",
            "Pier 1 nach Pier 3 nutzen.",
        ),
    ] {
        let (source, target) = sides(source, target, "de");
        let found = align(&source, &target, &PRICES);
        let last = found.beads.last().expect("two pairs");
        assert_eq!(&target.outline.text[last.target_text.clone()], expected);
    }
}

#[test]
fn an_abbreviation_ends_no_sentence_of_the_target() {
    assert_pairs(
        "de",
        "Select a berth, for example berth 7. It is free.\n",
        "Wählen Sie z. B. Liegeplatz 7. Er ist frei.\n",
        &[
            ("Select a berth, for example berth 7.", "Wählen Sie z. B. Liegeplatz 7."),
            ("It is free.", "Er ist frei."),
        ],
    );
}

#[test]
fn a_link_alone_gives_up_its_brackets_only_on_both_sides() {
    assert_pairs("ko", "[The map](map.md)\n", "[지도](map.md)\n", &[("The map", "지도")]);
    assert_pairs(
        "ko",
        "[The map](map.md)\n",
        "[지도](map.md) (영어)\n",
        &[("[The map](map.md)", "[지도](map.md) (영어)")],
    );
}

#[test]
fn an_include_that_the_other_text_has_inside_is_part_of_a_text() {
    let include = "[!INCLUDE[ships](../ships.md)]";
    let (source, target) =
        (format!("Using {include}, open the port."), format!("{include}을 사용하여 항구를 엽니다."));
    assert_pairs("ko", &format!("{source}\n"), &format!("{target}\n"), &[(&source, &target)]);
    let sentence = format!("Start. {source}\n");
    assert_pairs(
        "ko",
        &sentence,
        &format!("시작합니다. {target}\n"),
        &[("Start.", "시작합니다."), (&source, &target)],
    );
    // The other way round, and at the beginning of both.
    let (source, target) = (format!("{include} has a port."), format!("항구가 {include}에 있습니다."));
    assert_pairs("ko", &format!("{source}\n"), &format!("{target}\n"), &[(&source, &target)]);
    let (source, target) = (format!("{include} opens the port.\n"), format!("{include} 항구를 엽니다.\n"));
    let found = pairs(&source, &target, "ko");
    assert!(
        found.iter().all(|(one, other)| one.trim() == "opens the port." && other.trim() == "항구를 엽니다."),
        "{found:?}"
    );
}

#[test]
fn the_marks_of_a_block_quote_are_no_part_of_a_text() {
    let source = "> The port is open\n> every day. See\n> the map > 2.\n\n> > Ships\n> > leave.\n";
    let (source, target) =
        sides(source, "> 항구는\n> 열려 있습니다. 지도 2를\n> 보세요.\n\n> > 배가\n> > 떠납니다.\n", "ko");
    let found = align(&source, &target, &Model::default());
    let text = |side: &Side<'_>, range| side.text(range).replace('\n', " ");
    let texts: Vec<_> = found
        .beads
        .iter()
        .map(|bead| [text(&source, &bead.source_text), text(&target, &bead.target_text)])
        .collect();
    assert_eq!(
        texts,
        [
            ["The port is open every day.", "항구는 열려 있습니다."],
            ["See the map > 2.", "지도 2를 보세요."],
            ["Ships leave.", "배가 떠납니다."]
        ]
    );
}

#[test]
fn the_day_of_a_date_is_no_number_of_a_list() {
    assert_pairs(
        "de",
        "- June 30, 2021: The port is open until October 1, and then closed.\n\n1. One\n",
        "- 30. Juni 2021: Der Hafen ist bis zum 1. Oktober offen, dann geschlossen.\n\n1. Eins\n",
        &[
            (
                "June 30, 2021: The port is open until October 1, and then closed.",
                "30. Juni 2021: Der Hafen ist bis zum 1. Oktober offen, dann geschlossen.",
            ),
            ("One", "Eins"),
        ],
    );
    // The number of an item in one language only.
    assert_pairs(
        "de",
        "- Open the port at 10.\n",
        "1. Öffnen Sie den Hafen um 10.\n",
        &[("Open the port at 10.", "Öffnen Sie den Hafen um 10.")],
    );
}

#[test]
fn an_id_that_only_one_heading_states_is_no_part_of_its_text() {
    assert_pairs("ja", "## The port\n", "## 港 {#the-port}\n", &[("The port", "港")]);
    assert_pairs("ja", "## The port { #port }\n", "## 港\n", &[("The port", "港")]);
    assert_pairs("ja", "## The port {#port}\n", "## 港 {#port}\n", &[("The port {#port}", "港 {#port}")]);
}

#[test]
fn tables_and_lists_are_paired_cell_by_cell() {
    assert_pairs(
        "ko",
        "| Name | Use |\n|---|---|\n| `a` | Opens. |\n| `b` | Closes. |\n\n- One\n- Two\n",
        "| 이름 | 용도 |\n|---|---|\n| `a` | 엽니다. |\n| `b` | 닫습니다. |\n\n- 하나\n- 둘\n",
        &[
            ("Name", "이름"),
            ("Use", "용도"),
            ("Opens.", "엽니다."),
            ("Closes.", "닫습니다."),
            ("One", "하나"),
            ("Two", "둘"),
        ],
    );
}

#[test]
fn nothing_belongs_to_nothing() {
    assert_pairs("ko", "", "지도\n", &[]);
    assert_pairs("ko", "Map\n", "", &[]);
    assert_pairs("ko", "```\ncode\n```\n", "```\ncode\n```\n", &[]);
}

#[test]
fn a_long_document_takes_a_time_in_proportion_to_its_length() {
    // A table of 20,000 by 20,000 cells would take minutes, and a gigabyte.
    let source: String = (0..20_000).map(|_| "A ship is in the port.\n\n").collect();
    let target: String = (0..19_990).map(|_| "Ein Schiff ist im Hafen.\n\n").collect();
    let (one, other) = sides(&source, &target, "de");
    assert_eq!(align(&one, &other, &Model::default()).beads.len(), 19_990);
    let source = "A ship is in the port. ".repeat(5_000);
    let target = "Ein Schiff ist im Hafen. ".repeat(4_990);
    let (one, other) = sides(&source, &target, "de");
    let model = Model { ratio: 20.0 / 17.0, ..Model::default() };
    let beads = align(&one, &other, &model).beads.len();
    assert!(beads > 4_900, "{beads}");
}

/// Documents of paragraphs, headings, items, code and odd marks.
fn document() -> impl Strategy<Value = String> {
    let block = prop_oneof![
        "[a-z .?!。가-각]{0,60}\n\n",
        "#{1,3} [A-Za-z ]{1,20}\n\n",
        "- [a-z。 .`*\\[\\]()]{0,30}\n",
        "```\n[a-z]{0,9}\n```\n\n",
        "\\| [a-z.]{0,5} \\| [가-각。 ]{0,9} \\|\n\\|---\\|---\\|\n\n",
        ".{0,40}\n",
    ];
    prop::collection::vec(block, 0..12).prop_map(|blocks| blocks.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Pairs rise on both sides, no text is in two of them, and the rows have all sentences.
    #[test]
    fn pairs_are_in_order_and_do_not_overlap(source in document(), target in document()) {
        let (source, target) = sides(&source, &target, "ko");
        let found = align(&source, &target, &PRICES);
        let (mut one, mut other) = (0, 0);
        for bead in &found.beads {
            prop_assert!(bead.source_text.start >= one && bead.target_text.start >= other);
            prop_assert!(bead.source_text.end >= bead.source_text.start);
            prop_assert!(source.outline.text.get(bead.source_text.clone()).is_some());
            prop_assert!(target.outline.text.get(bead.target_text.clone()).is_some());
            (one, other) = (bead.source_text.end, bead.target_text.end);
            prop_assert!((0.0..=1.0).contains(&bead.confidence()));
        }
        let rows = rows(&source, &target, &found);
        let paired = rows.iter().filter(|row| row.source.is_some() && row.target.is_some()).count();
        prop_assert_eq!(paired, found.beads.len());
        prop_assert!(found.blocks.share() <= 1.0);
    }

    /// A document aligned with itself is paired sentence by sentence.
    #[test]
    fn a_document_belongs_to_itself(text in document()) {
        let mut segmenter = Segmenter::new(Rules::english());
        let side = |segmenter: &mut Segmenter<'_>| Side::new(segmenter.outline(&text, Syntax::Markdown, Cuts::Sentences), true);
        let (one, other) = (side(&mut segmenter), side(&mut segmenter));
        let found = align(&one, &other, &Model::default());
        prop_assert_eq!(found.sentences.1, 0);
        for bead in &found.beads {
            prop_assert_eq!(&bead.source_text, &bead.target_text);
        }
    }
}
