//! What comes in: the dialects of other tools, old versions, other encodings, and damage.

use bitext::exchange::tmx::{Entry, Inline, Profile, TmxError, TmxReader};
use bitext::model::{Place, Scope, Unit, Workflow};
use proptest::prelude::*;

use super::full_unit;
use super::write::{settings, written};

fn entries(tmx: impl Into<Vec<u8>>) -> Result<Vec<Entry>, TmxError> {
    TmxReader::new(std::io::Cursor::new(tmx.into()), None)?.collect()
}

fn around(header: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<tmx version=\"1.4\">\n<header {header}/>\n<body>\n{body}\n</body>\n</tmx>\n"
    )
}

fn one(body: &str) -> Unit {
    let mut read = entries(around("srclang=\"en-US\"", body)).unwrap();
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].problems, []);
    read.remove(0).unit.unwrap()
}

fn pair(inside: &str) -> String {
    format!(
        "<tu>{inside}<tuv xml:lang=\"en-US\"><seg>Save</seg></tuv><tuv xml:lang=\"ko-KR\"><seg>저장</seg></tuv></tu>"
    )
}

#[test]
fn an_old_file_is_read_by_its_lang_attributes() {
    let tmx = "<?xml version=\"1.0\" ?>\r\n<!DOCTYPE tmx SYSTEM \"tmx11.dtd\">\r\n<tmx version=\"1.1\"><header \
        creationtool=\"a\" srclang=\"EN-US\" datatype=\"plaintext\"></header><body><tu><tuv lang=\"EN-US\"><seg>Save</seg></tuv>\
        <tuv lang=\"ko_KR\"><seg>저장</seg></tuv></tu></body></tmx>";
    let unit = entries(tmx).unwrap().remove(0).unit.unwrap();
    assert_eq!((unit.source_locale.as_str(), &*unit.source), ("en-US", "Save"));
    assert_eq!((unit.variants[0].locale.as_str(), &*unit.variants[0].text), ("ko-KR", "저장"));
}

#[test]
fn the_source_is_found_whatever_srclang_says() {
    let variants = ["ko-KR", "en-GB", "ja-JP"]
        .map(|locale| format!("<tuv xml:lang=\"{locale}\"><seg>{locale}</seg></tuv>"))
        .concat();
    let tu = |srclang: &str| format!("<tu{srclang}>{variants}</tu>");
    for (header, unit, preferred, source) in [
        ("srclang=\"en-GB\"", "", None, "en-GB"),
        ("srclang=\"en\"", "", None, "en-GB"),
        ("srclang=\"*all*\"", "", None, "ko-KR"),
        ("srclang=\"*all*\"", "", Some("ja-JP"), "ja-JP"),
        ("srclang=\"*all*\"", " srclang=\"en-gb\"", Some("ja-JP"), "en-GB"),
        ("srclang=\"fr\"", "", None, "ko-KR"),
        ("", "", Some("en-US"), "en-GB"),
    ] {
        let tmx = around(header, &tu(unit));
        let preferred = preferred.map(|name| name.parse().unwrap());
        let mut reader = TmxReader::new(std::io::Cursor::new(tmx), preferred).unwrap();
        let unit = reader.next().unwrap().unwrap().unit.unwrap();
        assert_eq!(unit.source_locale.as_str(), source, "{header} {unit:?}");
        assert_eq!(unit.variants.len(), 2);
        assert!(unit.variants.is_sorted_by(|a, b| a.locale < b.locale));
    }
}

#[test]
fn inline_codes_of_every_kind_give_their_text_back() {
    for (content, text) in [
        ("<bpt i=\"1\">**</bpt>a<ept i=\"1\">**</ept>", "**a**"),
        ("<ut>&lt;b></ut>a<ut>&lt;/b></ut>", "<b>a</b>"),
        ("<ph x=\"1\">![<sub>alt</sub>](a.png)</ph>", "![alt](a.png)"),
        ("a <hi type=\"x\">b <it pos=\"begin\">&lt;i></it></hi>c<ph/>", "a b <i>c"),
        ("<![CDATA[a <b> & c]]>", "a <b> & c"),
        ("<!-- no -->a&#xAC00;&amp;&#38;<?pi?>b", "a가&&b"),
        ("\n      a\n      b  c\n    ", "a b  c"),
    ] {
        assert_eq!(&*one(&pair("").replace("저장", content)).variants[0].text, text, "{content}");
    }
}

#[test]
fn every_tools_context_is_understood() {
    for (properties, scope) in [
        (
            "<prop type=\"x-previous-source-text\">A &lt;b</prop><prop type=\"x-next-source-text\">C</prop>",
            Scope::Everywhere,
        ),
        (
            "<prop type=\"file\">f.md</prop><prop type=\"prev\">A &lt;b</prop><prop type=\"next\">C</prop>",
            Scope::Context,
        ),
    ] {
        let unit = one(&pair(properties));
        assert_eq!(unit.context.previous.as_deref(), Some("A <b"));
        assert_eq!((unit.context.next.as_deref(), unit.scope), (Some("C"), scope));
        assert!(unit.variants[0].properties.is_empty());
    }
    let memoq = pair("").replace(
        "<seg>Save",
        "<prop type=\"x-context-pre\">&lt;seg&gt;A &amp;lt;b&lt;/seg&gt;</prop><prop type=\"x-context-post\">C</prop><seg>Save",
    );
    let unit = one(&memoq);
    assert_eq!(unit.context.previous.as_deref(), Some("A <b"));
    assert_eq!(unit.context.next.as_deref(), Some("C"));
}

#[test]
fn who_when_where_and_what_else_are_kept() {
    let unit = one(
        "<tu tuid=\"n\" creationdate=\"20190315T120000Z\" creationid=\"kim\" usagecount=\"3\" lastusagedate=\"20200101T000000Z\">\
         <prop type=\"x-anything\">one</prop><note>two</note><tuv xml:lang=\"en-US\"><seg>Save</seg></tuv>\
         <tuv xml:lang=\"ko-KR\" changedate=\"20200615T101112Z\" changeid=\"lee\"><prop type=\"x-more\">three</prop><seg>저장</seg></tuv></tu>",
    );
    let variant = &unit.variants[0];
    assert_eq!((variant.creator.as_deref(), variant.changer.as_deref()), (Some("kim"), Some("lee")));
    assert_eq!(variant.changed.unwrap().to_string(), "2020-06-15T10:11:12");
    assert_eq!(variant.last_used.unwrap().to_string(), "2020-01-01T00:00:00");
    assert_eq!(variant.usage, 3);
    let own = |name: &str, value: &str| (name.to_string(), value.to_string());
    assert_eq!(variant.properties, [own("x-tuid", "n"), own("x-anything", "one"), own("x-more", "three")]);
    assert_eq!(variant.notes, ["two"]);
}

#[test]
fn okapis_mark_is_a_machine_and_its_names_a_place() {
    let unit = one(
        "<tu><prop type=\"Txt::FileName\">a/b.md</prop><prop type=\"Txt::GroupName\">g</prop><tuv xml:lang=\"en-US\">\
         <seg>Save</seg></tuv><tuv xml:lang=\"ko-KR\" creationid=\"MT!\"><seg>저장</seg></tuv></tu>",
    );
    let variant = &unit.variants[0];
    assert_eq!((variant.workflow, &variant.creator), (Some(Workflow::Machine), &None));
    let place = Place { set: "g".into(), document: "a/b.md".into(), segment: String::new() };
    assert_eq!(variant.places, [place]);
}

#[test]
fn what_is_known_survives_every_profile() {
    for profile in Profile::ALL {
        let (tmx, _) = written(&[full_unit()], settings(profile, Inline::Text));
        let read = entries(tmx).unwrap().remove(0).unit.unwrap();
        let (variant, full) = (&read.variants[0], &full_unit().variants[0]);
        assert_eq!(
            (variant.workflow, variant.usage, variant.created),
            (full.workflow, full.usage, full.created)
        );
        assert_eq!(variant.places[0], full.places[0], "{profile}");
        assert_eq!(
            (variant.documents, &variant.source_commit),
            (full.documents, &full.source_commit),
            "{profile}"
        );
        if profile != Profile::OmegaT {
            assert_eq!(read.context, full_unit().context, "{profile}");
        }
    }
}

#[test]
fn utf_16_is_read_like_utf_8() {
    let tmx = around("srclang=\"en-US\"", &pair("")).replace("?>", " encoding=\"UTF-16\"?>");
    let bytes: Vec<u8> = format!("\u{feff}{tmx}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(&*entries(bytes).unwrap()[0].unit.as_ref().unwrap().variants[0].text, "저장");
}

#[test]
fn what_cannot_be_used_is_a_problem_with_its_line() {
    for (body, reason, kept) in [
        ("<tu></tu>", "a unit without a variant", false),
        ("<tu><tuv xml:lang=\"en-US\"><seg>a</seg></tuv></tu>", "a unit without a translation", false),
        (&pair("").replace("저장", " "), "an empty text in ko-KR", false),
        (&pair("").replace(" xml:lang=\"ko-KR\"", ""), "a variant without xml:lang", false),
        (&pair("").replace("ko-KR", "korean language"), "\"korean language\" is not a locale", false),
        (
            &pair("").replace("<tu>", "<tu creationdate=\"2019-03-15\">"),
            "is not a date as TMX has them",
            true,
        ),
    ] {
        let read = entries(around("srclang=\"en-US\"", body)).unwrap();
        assert_eq!(read[0].unit.is_some(), kept, "{body}");
        let problem = &read[0].problems[0];
        assert!(problem.reason.contains(reason), "{problem:?}");
        assert_eq!(problem.line, Some(5));
    }
}

#[test]
fn damage_is_named_with_its_line_and_what_came_before_is_there() {
    let good = pair("");
    for (bad, line, reason) in [
        ("<tu><tuv xml:lang=\"en-US\"><seg>a</tuv></tu>", 6, "expected `</seg>`"),
        ("<tu><tuv xml:lang=\"en-US\"><seg>List<T</seg></tuv></tu>", 6, "is no element"),
        ("<tu><seg>a</seg></tu>", 6, "<seg> inside <tu>"),
        ("<group></group>", 6, "<group> where a TMX has <tu>"),
    ] {
        let tmx = around("srclang=\"en-US\"", &format!("{good}\n{bad}"));
        let reader = TmxReader::new(std::io::Cursor::new(tmx), None).unwrap();
        let read: Vec<_> = reader.collect();
        assert_eq!(read.len(), 2, "{bad}");
        assert!(read[0].is_ok());
        let error = read[1].as_ref().unwrap_err().to_string();
        assert!(error.starts_with(&format!("line {line}: ")), "{error}");
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn no_tmx_is_told_apart_from_a_damaged_one() {
    for (text, says) in [
        ("<html><body/></html>", "line 1: <html> where a TMX has <tmx>"),
        ("", "it ends before <tmx>"),
        ("# Markdown\n", "it ends before <tmx>"),
        ("<tmx version=\"1.4\">", "it ends before <header>"),
    ] {
        assert!(entries(text).unwrap_err().to_string().contains(says), "{text}");
    }
}

#[test]
fn entity_bombs_and_external_entities_are_refused() {
    for declared in [
        "<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">",
        "<!ENTITY x SYSTEM \"file:///etc/passwd\">",
        "<!ENTITY % p SYSTEM \"http://example.com/a.dtd\"> %p;",
    ] {
        let tmx = around("srclang=\"en-US\"", &pair(""))
            .replace("<tmx ", &format!("<!DOCTYPE tmx [\n{declared}\n]>\n<tmx "));
        assert!(matches!(entries(tmx), Err(TmxError::Entities { line: 1 | 2 })), "{declared}");
    }
}

#[test]
fn bytes_that_are_no_text_are_damage() {
    let mut tmx = around("srclang=\"en-US\"", &pair("")).into_bytes();
    let at = tmx.iter().position(|&b| b > 0x7f).unwrap();
    tmx[at] = 0xff;
    let error = entries(tmx).unwrap_err().to_string();
    assert!(error.contains("line 5") && error.contains("UTF-8"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_file_cut_anywhere_is_an_error_and_no_panic(cut in 0.0..1.0f64) {
        let (tmx, _) = written(&[full_unit(), full_unit()], settings(Profile::MemoQ, Inline::Codes));
        let cut = (tmx.len() as f64 * cut) as usize;
        let whole = tmx.trim_end().len();
        let read = entries(&tmx.as_bytes()[..cut]);
        prop_assert!(cut >= whole || read.is_err());
    }

    #[test]
    fn a_file_with_wrong_bytes_never_panics(at in 0.0..1.0f64, byte: u8) {
        let (tmx, _) = written(&[full_unit()], settings(Profile::OmegaT, Inline::Codes));
        let mut bytes = tmx.into_bytes();
        let at = (bytes.len() as f64 * at) as usize;
        bytes[at] = byte;
        let _ = entries(bytes);
    }
}
