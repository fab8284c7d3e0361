//! Bounds of time and memory, held against input that was made to exceed them. Each test runs the program with little address
//! space and is killed after two minutes; a bound that grows with the square of the input fails it.
#![cfg(target_os = "linux")]

use std::fmt::Write;

use crate::support::Bitext;
use crate::support::documents::document;

const HEADER: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<tmx version="1.4"><header creationtool="t" creationtoolversion="1" segtype="sentence" o-tmf="t" adminlang="en" srclang="en-US" datatype="plaintext"/><body>
"#;

/// A `<tu>` from English to German.
fn unit(source: &str, target: &str) -> String {
    let variant = |locale, text| format!("<tuv xml:lang=\"{locale}\"><seg>{text}</seg></tuv>");
    format!("<tu>{}{}</tu>\n", variant("en-US", source), variant("de-DE", target))
}

/// A TMX with so many translations of one source text, each in a unit of its own, numbered from `first`.
fn translations_of_yes(first: usize, count: usize) -> String {
    let mut tmx = HEADER.to_string();
    for number in first..first + count {
        tmx += &unit("Yes.", &format!("Ja {number}."));
    }
    tmx + "</body></tmx>\n"
}

/// A TMX with one unit: so many translations, and so many properties and notes.
fn remarks(translations: usize, remarks: usize, locale: impl Fn(usize) -> String) -> String {
    let mut tmx = format!("{HEADER}<tu>");
    for number in 0..remarks {
        write!(tmx, "<prop type=\"p{number}\">{number}</prop><note>note {number}</note>").unwrap();
    }
    tmx += "<tuv xml:lang=\"en-US\"><seg>Yes.</seg></tuv>";
    for number in 0..translations {
        let locale = locale(number);
        write!(tmx, "<tuv xml:lang=\"{locale}\"><note>own</note><seg>Ja {number}.</seg></tuv>").unwrap();
    }
    tmx + "</tu></body></tmx>\n"
}

#[test]
fn an_import_is_linear_in_the_translations_of_one_source_text() {
    let bitext = Bitext::new();
    bitext.write("yes.tmx", translations_of_yes(0, 60_000));
    bitext
        .limited_memory(400, ["import", "yes.tmx"])
        .exits(0)
        .says("60,000 segments, 1 unit new")
        .prints_nothing();
    // Into a memory that has many of them already: old and new ones.
    bitext.write("more.tmx", translations_of_yes(30_000, 60_000));
    let again = bitext.limited_memory(400, ["import", "more.tmx"]).exits(0).prints_nothing();
    again.says("60,000 segments, 0 units new");
    assert_eq!(bitext.sql("select count(*) from variant"), ["90000"]);
}

#[test]
fn an_import_of_documents_is_linear_in_the_translations_of_one_source_text() {
    let bitext = Bitext::new();
    let targets: Vec<String> = (0..40_000).map(|number| format!("예 {number}.")).collect();
    let texts: Vec<(&str, &str)> = targets.iter().map(|target| (target.as_str(), "Yes.")).collect();
    for (name, texts) in [("a.md", &texts[..20_000]), ("b.md", &texts[20_000..])] {
        bitext.write(format!("docs/{name}"), document("11111", texts));
        bitext.limited_memory(400, ["import", "docs"]).exits(0).says("20,000 segments").prints_nothing();
    }
    assert_eq!(bitext.sql("select count(*) from variant"), ["40000"]);
}

#[test]
fn a_query_a_search_and_exports_are_linear_in_the_translations_of_one_source_text() {
    let bitext = Bitext::new();
    bitext.write("yes.tmx", translations_of_yes(0, 30_000));
    bitext.limited_memory(400, ["import", "-q", "yes.tmx"]).succeeds_silently();
    bitext.limited_memory(400, ["query", "Yes."]).exits(0).prints("100 exact").says_nothing();
    bitext.limited_memory(400, ["search", "--count", "yes"]).exits(0).prints("30000").says_nothing();
    for (option, units) in [("--profile=generic", 1), ("--all-variants", 30_000)] {
        bitext.limited_memory(400, ["export", "--quiet", option, "-o", "out.tmx"]).succeeds_silently();
        let written = std::fs::read_to_string(bitext.path("out.tmx")).unwrap();
        assert_eq!(written.matches("<tu ").count(), units, "{option}");
    }
}

#[test]
fn an_export_between_two_locales_is_not_their_product() {
    let bitext = Bitext::new();
    bitext.write("de.tmx", translations_of_yes(0, 3_000));
    bitext.write("fr.tmx", translations_of_yes(0, 3_000).replace("de-DE", "fr-FR").replace("Ja ", "Oui "));
    bitext.limited_memory(400, ["import", "-q", "de.tmx", "fr.tmx"]).succeeds_silently();
    let between = ["export", "--from", "de-DE", "--to", "fr-FR", "--loose", "-o", "out.tmx"];
    bitext.limited_memory(400, between).exits(0).prints_nothing().says("3,000 units");
}

#[test]
fn properties_and_notes_of_a_unit_are_not_copied_to_its_translations() {
    for locale in [|_| "de-DE".to_string(), |number| format!("de-x-a{number}")] {
        let bitext = Bitext::new();
        bitext.write("yes.tmx", remarks(4_000, 2_000, locale));
        bitext.limited_memory(300, ["import", "-q", "yes.tmx"]).succeeds_silently();
        let size = std::fs::metadata(bitext.path("bitext.db")).unwrap().len();
        assert!(size < 4 << 20, "the memory has {size} bytes");
        bitext
            .limited_memory(300, ["export", "--quiet", "--multilingual", "-o", "out.tmx"])
            .succeeds_silently();
        let written = std::fs::read_to_string(bitext.path("out.tmx")).unwrap();
        assert_eq!(written.matches("<note>note 7</note>").count(), 1);
        assert_eq!(written.matches("<note>own</note>").count(), written.matches("<tuv ").count() - 1);
    }
}

#[test]
fn what_a_unit_states_for_all_translations_is_exported_with_each() {
    let bitext = Bitext::new();
    bitext.write("yes.tmx", remarks(3, 2, |_| "de-DE".to_string()));
    bitext.limited_memory(300, ["import", "-q", "yes.tmx"]).succeeds_silently();
    bitext.limited_memory(300, ["export", "--quiet", "--all-variants", "-o", "one.tmx"]).succeeds_silently();
    let written = std::fs::read_to_string(bitext.path("one.tmx")).unwrap();
    for remark in ["<prop type=\"p1\">1</prop>", "<note>note 0</note>", "<note>own</note>"] {
        assert_eq!(written.matches(remark).count(), 3, "{remark}");
    }
    // Export, import, export gives the same bytes.
    bitext.limited_memory(300, ["import", "-q", "--db", "two.db", "one.tmx"]).succeeds_silently();
    let again = ["export", "--db", "two.db", "--quiet", "--all-variants", "-o", "two.tmx"];
    bitext.limited_memory(300, again).succeeds_silently();
    assert_eq!(std::fs::read_to_string(bitext.path("two.tmx")).unwrap(), written);
}

#[test]
fn a_long_neighbour_of_a_unit_with_many_translations_is_left_out_with_a_sentence() {
    let bitext = Bitext::new();
    let property = format!("<prop type=\"x-previous-source-text\">{}</prop>", "before ".repeat(2_000));
    let tmx = remarks(3_000, 0, |_| "de-DE".to_string()).replacen("<tu>", &format!("<tu>{property}"), 1);
    bitext.write("yes.tmx", tmx);
    let imported =
        bitext.limited_memory(300, ["import", "yes.tmx"]).exits(0).prints_nothing().says("1 problem");
    imported
        .says("yes.tmx:3: the neighbours, files and names of a unit with 3000 translations have 13999 bytes");
    let size = std::fs::metadata(bitext.path("bitext.db")).unwrap().len();
    assert!(size < 2 << 20, "the memory has {size} bytes");
}

/// So many different words.
fn words(count: usize) -> String {
    (0..count).map(|number| format!("word{number} ")).collect()
}

#[test]
fn a_query_of_many_different_words_needs_memory_in_proportion_to_it() {
    let bitext = Bitext::new();
    let long = words(90_000);
    bitext.write(
        "a.tmx",
        format!("{HEADER}{}{}</body></tmx>", unit(long.trim(), "lang"), unit("Save the file.", "kurz")),
    );
    bitext.limited_memory(400, ["import", "-q", "a.tmx"]).succeeds_silently();
    let other = words(400_000);
    bitext.write("batch.txt", format!("Save the file.\n{long}\n{other}\nSave a file.\n"));
    let batch = bitext.limited_memory(400, ["query", "--batch", "batch.txt", "--min", "50"]).exits(0);
    let batch = batch.says("2 texts have more than 10,000 characters, so only the same text is a match");
    let scores: Vec<Option<u64>> = batch
        .json_lines()
        .iter()
        .map(|answer| answer["matches"].get(0).and_then(|found| found["score"].as_u64()))
        .collect();
    assert_eq!(scores, [Some(100), Some(100), None, Some(75)]);
}

#[test]
fn the_check_of_a_memory_with_long_texts_ends() {
    let bitext = Bitext::new();
    let (one, other) = (words(90_000), words(90_001));
    let units: String = [&one, &other].map(|text| unit(text.trim(), "lang")).concat();
    bitext.write("a.tmx", format!("{HEADER}{units}{}</body></tmx>", unit("Save the file.", "kurz")));
    bitext.limited_memory(500, ["import", "-q", "a.tmx"]).succeeds_silently();
    bitext
        .limited_memory(500, ["verify", "--sample", "20"])
        .exits(0)
        .prints("recall 100.000 %")
        .says_nothing();
}

#[test]
fn a_search_of_long_texts_needs_memory_in_proportion_to_one() {
    let bitext = Bitext::new();
    let units: String = (0..4).map(|number| unit(&format!("{number} {}", words(90_000)), "lang")).collect();
    bitext.write("a.tmx", format!("{HEADER}{units}</body></tmx>"));
    bitext.limited_memory(400, ["import", "-q", "a.tmx"]).succeeds_silently();
    // Each text has 90,000 hits.
    let found = bitext.limited_memory(600, ["search", "--json", "word"]).exits(0).says_nothing();
    let hits = found.json_lines()[0]["source_hits"].as_array().map(Vec::len);
    assert_eq!(hits, Some(90_000));
    let found = bitext.limited_memory(400, ["search", "word777 "]).exits(0).says_nothing();
    assert_eq!(found.printed().matches("«word777 »").count(), 4);
}

#[test]
fn a_text_of_more_than_a_mebibyte_is_left_out_with_a_sentence() {
    let bitext = Bitext::new();
    let longest = "a".repeat(1 << 20);
    let longer = longest.clone() + "a";
    bitext
        .write("docs/a.md", document("0a1b2", &[("kurz", &longer), (&longest, "short"), (&longer, "Save")]));
    let imported = bitext.limited_memory(300, ["import", "docs"]).exits(0).prints_nothing();
    imported
        .says("docs/a.md:10: segment 0a1b2-101 has a text of 1048577 bytes; a segment with more than 1 MiB is left out")
        .says("docs/a.md:14: segment 0a1b2-103")
        .says("1 segment, 1 unit new, 0 removed, 2 problems");
    let tmx = [unit("Save", &longer), unit(&longest, "lang"), unit(&longer, "lang")].concat();
    bitext.write("a.tmx", format!("{HEADER}{tmx}</body></tmx>"));
    let imported = bitext.limited_memory(300, ["import", "a.tmx"]).exits(0).prints_nothing();
    imported
        .says("a.tmx:3: a text in de-DE of 1048577 bytes; a text of more than 1 MiB is left out")
        .says("a.tmx:5: a text in en-US of 1048577 bytes; a text of more than 1 MiB is left out")
        .says("1 segment, 1 unit new");
}
