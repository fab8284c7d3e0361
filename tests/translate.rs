//! `bitext translate`: clean documents with what the memory knows of them.

use crate::support::documents::{document, segment, write_set};
use crate::support::{Bitext, fixture, tree};

/// A memory of the side-by-side documents of `set`, and its English documents in `en`, its translated ones in `ko`.
fn imported(bitext: &Bitext) {
    bitext.import("set");
    bitext.run(["split", "set", "--target-dir", "ko", "--source-dir", "en", "--quiet"]).succeeds_silently();
}

fn translate(bitext: &Bitext, more: &[&str]) -> crate::support::Run {
    bitext.run(["translate", "en", "--to", "ko-KR", "-o", "out"].iter().chain(more)).prints_nothing()
}

/// The text below the front matter.
fn body(document: &[u8]) -> String {
    let text = String::from_utf8(document.to_vec()).unwrap();
    match text.strip_prefix("---") {
        Some(rest) => rest.split_once("\n---").unwrap().1.to_owned(),
        None => text,
    }
}

fn assert_same_bodies(bitext: &Bitext, one: &str, other: &str) {
    let bodies = |folder: &str| -> Vec<(String, String)> {
        tree(&bitext.path(folder)).into_iter().map(|(name, bytes)| (name, body(&bytes))).collect()
    };
    for (one, other) in bodies(one).iter().zip(bodies(other)) {
        assert_eq!(*one, other);
    }
    assert_eq!(bodies(one).len(), bodies(other).len());
}

#[test]
fn the_english_documents_become_the_published_ones() {
    let bitext = Bitext::new();
    let s = |number: u32, target: &str, source: &str| segment(&format!("0a1b2-{number}"), target, source);
    let front = "---\nms.contentlocale: ko-KR\n---\n";
    let first = [
        // An anchor, blanks at the ends, a line break, CRLF, a space that does not break, a link alone.
        format!("# <a name=\"a\"></a>{}\r\n", s(101, "선석 ", "Berths")),
        format!("{}  \r\n", s(102, "선석을 예약합니다.", "Book a berth. ")),
        format!("* {}\r\n", s(103, "**긴** 줄의\r\n  끝", "The end of\r\n  a **long** line")),
        format!("[{}](map.md)\r\n", s(104, "지도", "Map")),
        format!("| {} | {} |\r\n|---|---|\r\n", s(105, "이름", "Name"), s(106, "예", "Yes")),
        // The same text with other translations, between other neighbours.
        format!("{}\r\n", s(107, "열기", "Open")),
        format!("{}\r\n", s(108, "선박", "Vessel")),
        format!("{}\r\n", s(109, "열려 있음", "Open")),
        // Two sentences, and a paragraph that was translated as one.
        format!("{} {}\r\n", s(110, "하나.", "One."), s(111, "둘.", "Two.")),
        format!("{}\r\n", segment("0a1b2-p112", "셋과 넷.", "Three. Four.")),
        // What the English text does not show: an include that is inside, a line that is a segment by itself.
        format!("{}\r\n", s(113, "[!INCLUDE [x](y.md)]이 엽니다.", "[!INCLUDE [x](y.md)] opens it.")),
        format!("{}\r\n{}\r\n", s(114, "첫째 줄", "The first line"), s(115, "둘째 줄", "The second line")),
    ];
    bitext.write("set/a.md", format!("{front}{}", first.join("\r\n")));
    // The same neighbours in another document, with another translation: the document decides.
    let second = [
        format!("# {}\n", s(101, "정박지", "Berths")),
        format!("{}\n", s(102, "정박지를 예약합니다.", "Book a berth.")),
        format!("{}\n", s(103, "긴 줄의 끝", "The end of a **long** line")),
    ];
    bitext.write("set/deep/b.md", format!("{front}{}", second.join("\n")));
    bitext.write("set/c.md", format!("{front}{}\n", s(101, "정박지", "Berths")));
    imported(&bitext);
    translate(&bitext, &[])
        .exits(0)
        .says_all("3 documents, 3 complete\n19 segments: 19 context\n0 problems in … s\n");
    assert_same_bodies(&bitext, "out", "ko");
}

#[test]
fn the_fixtures_go_round() {
    let bitext = Bitext::new();
    let docs = fixture("docs");
    bitext.import(&docs);
    let split = ["split", docs.to_str().unwrap(), "--target-dir", "ko", "--source-dir", "en", "--quiet"];
    bitext.run(split).succeeds_silently();
    for tree in ["en", "ko"] {
        for other in ["ja-JP", "zh-CN"] {
            std::fs::remove_dir_all(bitext.path(format!("{tree}/{other}"))).unwrap();
        }
        // It has segments with line breaks of HTML inside, which the English text does not show.
        std::fs::remove_file(bitext.path(format!("{tree}/reference/fees.md"))).unwrap();
    }
    translate(&bitext, &[]).exits(0).says("complete");
    assert_same_bodies(&bitext, "out", "ko");
}

#[test]
fn what_is_not_known_stays_or_is_marked_and_is_counted() {
    let bitext = Bitext::new();
    bitext.write(
        "set/a.md",
        document(
            "0a1b2",
            &[("7번 선석은 비어 있습니다.", "Berth 7 is free."), ("닫기", "Close the gate now")],
        ),
    );
    bitext.import("set");
    bitext.write("en/new.md", "Berth 8 is free.\n\nClose the gate then\n\nNever seen.\n\n    code\n");
    translate(&bitext, &[]).exits(1).says("3 untranslated");
    let run = bitext.run([
        "translate",
        "en",
        "--to",
        "ko-KR",
        "-o",
        "out2",
        "--min",
        "60",
        "--untranslated",
        "mark",
        "--json",
    ]);
    let counts = run.exits(0).says_nothing().json();
    let count = |name: &str| counts[name].as_u64().unwrap();
    assert_eq!(["segments", "adapted", "fuzzy", "untranslated"].map(count), [3, 1, 1, 1], "{counts}");
    let text = std::fs::read_to_string(bitext.path("out2/new.md")).unwrap();
    assert_eq!(
        text,
        "8번 선석은 비어 있습니다.\n\n닫기<!-- bitext: fuzzy 75 % -->\n\nNever seen.<!-- bitext: untranslated -->\n\n    code\n"
    );
}

#[test]
fn front_matter_is_translated_by_its_own_rules() {
    let bitext = Bitext::new();
    let texts = [("선석: 예약", "Book a berth"), ("선석", "Tidewell"), ("항구", "The Tidewell harbor")];
    bitext.write("set/a.md", document("0a1b2", &texts));
    bitext.import("set");
    let english = |title: &str, description: &str| {
        format!(
            "---\r\ntitle: {title}\r\ndescription: \"{description}\"\r\nms.topic: Book a berth\r\nno-loc: [Tidewell]\r\n---\r\nNever seen.\r\n"
        )
    };
    bitext.write("en/a.md", english("Book a berth", "Book a berth"));
    bitext.write("en/b.md", english("Tidewell", "The Tidewell harbor"));
    translate(&bitext, &[]).exits(0).says("titles and descriptions: 2 of 3 translated");
    let text = |name: &str| std::fs::read_to_string(bitext.path(name)).unwrap();
    assert_eq!(text("out/a.md"), english("\"선석: 예약\"", "선석: 예약"));
    assert_eq!(text("out/b.md"), english("Tidewell", "The Tidewell harbor"));
}

#[test]
fn attributes_are_translated_with_the_segment_that_they_are_in_and_with_no_other() {
    let bitext = Bitext::new();
    let link = |title: &str, text: &str| format!("<a href='map.html' title='{title}'>{text}</a>");
    let texts = [
        (format!("{}를 보세요.", link("지도", "지도")), format!("See {}.", link("The map", "the map"))),
        ("지도".to_owned(), "The map".to_owned()),
    ];
    let texts: Vec<_> = texts.iter().map(|(target, source)| (target.as_str(), source.as_str())).collect();
    bitext.write("set/a.md", document("0a1b2", &texts));
    bitext.import("set");
    let english = |title: &str| {
        let link = link(title, "the map");
        format!("<html><body>\n<p title='The map'>See {link}.</p>\n<img alt='The map'>\n</body></html>\n")
    };
    bitext.write("en/a.html", english("The map"));
    bitext.write("en/a.md", english("The map"));
    // With another title it is another text, of which no translation is known.
    bitext.write("en/b.html", english("A plan"));
    translate(&bitext, &["--min", "60"]).exits(0).says("3 segments: 2 exact");
    let text = |path: &str| std::fs::read_to_string(bitext.path(path)).unwrap();
    let known = english("The map").replace(texts[0].1, texts[0].0);
    assert_eq!(text("out/a.html"), known);
    assert_eq!(text("out/a.md"), known);
    assert!(text("out/b.html").contains("<p title='The map'>"));
    assert!(text("out/b.html").contains("<!-- bitext: fuzzy"), "{}", text("out/b.html"));
}

#[test]
fn values_of_yaml_stay_values() {
    let bitext = Bitext::new();
    let texts = [("\"인용\"", "Quoted"), ("키: 값", "A value"), ("내용", "Content")];
    bitext.write("set/a.md", document("0a1b2", &texts));
    bitext.import("set");
    bitext.write("en/a.yml", "title: \"Quoted\"\nsummary: A value\nnote: 'Content'\nanswer: |\n  Content\n");
    translate(&bitext, &[]).exits(0).says("1 document, 1 complete");
    let text = |path: &str| std::fs::read_to_string(bitext.path(path)).unwrap();
    let rest = "note: '내용'\nanswer: |\n  내용\n";
    assert_eq!(text("out/a.yml"), format!("title: \"\\\"인용\\\"\"\nsummary: \"키: 값\"\n{rest}"));
    bitext
        .run(["translate", "en", "--to", "ko-KR", "-o", "sxs", "--format", "sxs"])
        .exits(0)
        .prints_nothing()
        .says("en/a.yml:2: the translation needs quotation marks");
    assert!(text("sxs/a.yml").contains("summary: A value\n"));
}

#[test]
fn a_segment_that_no_memory_stores_is_reported_and_counted() {
    let bitext = Bitext::new();
    bitext.write("set/a.md", document("0a1b2", &[("닫기", "Close")]));
    bitext.import("set");
    bitext.write("en/a.md", format!("Close\n\n{}\n", "long ".repeat(300_000)));
    translate(&bitext, &["--strict"])
        .exits(2)
        .says("en/a.md:3: a segment of 1499999 bytes; one with more than 1 MiB is left out")
        .says("2 segments: 1 context, 1 untranslated");
}

#[test]
fn an_analysis_and_an_xliff_file_have_the_segments_of_the_translation() {
    let bitext = Bitext::new();
    let s = |number: u32, target: &str, source: &str| segment(&format!("0a1b2-{number}"), target, source);
    let front = "---\nms.contentlocale: ko-KR\n---\n";
    // The whole paragraph is known from another document, and this one has its sentences; an include and lines that are segments.
    let whole = segment("0a1b2-p101", "하나. 둘.", "One. Two.");
    bitext.write("set/b.md", format!("{front}{whole}\n"));
    let texts = [
        format!("{} {}", s(101, "하나.", "One."), s(102, "둘.", "Two.")),
        s(103, "[!INCLUDE [x](y.md)]이 엽니다.", "[!INCLUDE [x](y.md)] opens it."),
        format!("{}\n{}", s(104, "첫째 줄", "The first line"), s(105, "둘째 줄", "The second line")),
    ];
    bitext.write("set/a.md", format!("{front}{}\n", texts.join("\n\n")));
    imported(&bitext);
    translate(&bitext, &[]).exits(0).says("6 segments: 6 context");
    bitext
        .run(["translate", "en", "--to", "ko-KR", "-o", "jobs", "--format", "xliff"])
        .exits(0)
        .prints_nothing()
        .says("6 segments: 6 context");
    let xliff = std::fs::read_to_string(bitext.path("jobs/a.md.xlf")).unwrap();
    for part in ["<source>One.</source>", "<target>둘째 줄</target>"] {
        assert!(xliff.contains(part), "{xliff}");
    }
    let analysis = bitext.run(["analyze", "en", "--to", "ko-KR", "--json"]).exits(0).says_nothing().json();
    assert_eq!(analysis["total"]["bands"][0]["segments"], 6, "{analysis}");
}

#[test]
fn side_by_side_documents_are_imported_again() {
    let bitext = Bitext::new();
    write_set(&bitext, "set", 12);
    imported(&bitext);
    translate(&bitext, &["--format", "sxs"]).exits(0).says("complete");
    let extracted = |path: &str| {
        let lines = bitext.run(["extract", path]).exits(0).says_nothing().json_lines();
        let fields = ["document", "source", "target", "target_locale"];
        lines.iter().map(|line| fields.map(|field| line[field].to_string())).collect::<Vec<_>>()
    };
    assert_eq!(extracted("out"), extracted("set"));
    bitext.run(["import", "out", "--db", "again.db"]).exits(0).prints_nothing().says("12 new");
}

#[test]
fn the_memory_of_the_document_itself_is_left_out() {
    let bitext = Bitext::new();
    write_set(&bitext, "set", 3);
    imported(&bitext);
    let run = bitext.run(["translate", "en", "--to", "ko-KR", "-o", "out", "--without-document", "--json"]);
    let counts = run.exits(0).says_nothing().json();
    // "Select Save." is in the others too.
    assert_eq!((counts["exact"].as_u64(), counts["untranslated"].as_u64()), (Some(3), Some(9)), "{counts}");
}

#[test]
fn nothing_is_overwritten_and_nothing_is_written_elsewhere() {
    let bitext = Bitext::new();
    write_set(&bitext, "set", 3);
    imported(&bitext);
    bitext.write("out/part-01/berth-00001.md", "mine");
    let before = tree(&bitext.path("out"));
    translate(&bitext, &[]).exits(2).says("is there already; --force writes over it");
    assert_eq!(tree(&bitext.path("out")), before);
    translate(&bitext, &["--force"]).exits(0).says("complete");
    assert_same_bodies(&bitext, "out", "ko");
    let hidden = tree(&bitext.path("out")).into_iter().filter(|(name, _)| name.contains(".part")).count();
    assert_eq!(hidden, 0);
    bitext
        .run(["translate", "en", "--to", "ko-KR", "-o", "en/out"])
        .exits(2)
        .prints_nothing()
        .says("lies inside en");
    bitext.run(["translate", "set", "--to", "ko-KR", "-o", "other"]).exits(1).prints_nothing().says("set");
    bitext
        .run(["translate", "en", "--to", "ko-KR", "-o", "other", "--db", "none.db"])
        .exits(2)
        .prints_nothing()
        .says("none.db");
    bitext
        .run(["translate", "en", "--to", "fr-FR", "-o", "french"])
        .exits(1)
        .prints_nothing()
        .says("untranslated");
}

#[cfg(unix)]
#[test]
fn a_link_below_the_folder_is_not_followed() {
    let bitext = Bitext::new();
    write_set(&bitext, "set", 1);
    imported(&bitext);
    std::fs::create_dir_all(bitext.path("out")).unwrap();
    std::fs::create_dir_all(bitext.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(bitext.path("elsewhere"), bitext.path("out/part-00")).unwrap();
    translate(&bitext, &[]).exits(2).says("lies behind a link");
    assert_eq!(tree(&bitext.path("elsewhere")), []);
}
