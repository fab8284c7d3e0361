use super::*;
use crate::exchange::reading::tests::entries;

/// The entries of a file, one a line.
fn read(text: &str) -> Vec<String> {
    entries(open(Box::new(text.as_bytes())), |segment| format!("{} = {}", segment.source, segment.target))
}

fn version_2(units: &str) -> String {
    format!(
        "<xliff xmlns=\"urn:oasis:names:tc:xliff:document:2.0\" version=\"2.0\" srcLang=\"en\" trgLang=\"ko\">\n\
         <file id=\"f\" original=\"a.md\">\n{units}</file></xliff>"
    )
}

fn version_1(units: &str) -> String {
    format!(
        "<xliff version=\"1.2\"><file original=\"a.md\" source-language=\"en\" target-language=\"ko\"><header/>\n\
         <body>\n{units}</body></file></xliff>"
    )
}

#[test]
fn each_segment_of_a_unit_is_read_and_what_is_beside_it_is_not() {
    let unit = "<group id=\"g\"><unit id=\"u\">\
        <mtc:matches xmlns:mtc=\"m\"><mtc:match ref=\"#1\"><source>no</source><target>no</target></mtc:match></mtc:matches>\
        <notes><note>a note</note></notes>\
        <segment state=\"initial\"><source>One.</source><target>하나.</target></segment>\
        <ignorable><source> </source></ignorable>\
        <segment><source>Two.</source></segment></unit></group>\n";
    assert_eq!(read(&version_2(unit)), ["One. = 하나.", "Untranslated"]);
    let unit = "<group><trans-unit id=\"1\" approved=\"no\"><source>One</source><target state=\"translated\">하나</target>\
        <note>n</note><alt-trans><source>no</source><target>no</target></alt-trans></trans-unit></group>\
        <trans-unit id=\"2\"><source>Two</source><target state=\"needs-translation\">Two</target></trans-unit>\
        <bin-unit id=\"3\"><bin-source/></bin-unit>\
        <trans-unit id=\"4\"><source>Four</source><target/></trans-unit>\n";
    assert_eq!(read(&version_1(unit)), ["One = 하나", "Untranslated", "Untranslated"]);
}

#[test]
fn inline_codes_are_the_text_that_they_stand_for() {
    let unit = "<unit id=\"u\"><originalData><data id=\"d1\">&lt;b></data><data id=\"d2\">&lt;/b></data></originalData>\
        <segment><source>Press <pc id=\"1\" dataRefStart=\"d1\" dataRefEnd=\"d2\">OK</pc><ph id=\"2\" equiv=\"{0}\"/>\
        <cp hex=\"001B\"/><mrk id=\"m\" type=\"term\">now</mrk></source>\
        <target><sc id=\"1\" dataRef=\"d1\"/>확인<ec startRef=\"1\" dataRef=\"d2\"/></target></segment></unit>\n";
    assert_eq!(read(&version_2(unit)), ["Press <b>OK</b>{0}\u{1b}now = <b>확인</b>"]);
    let unit = "<trans-unit id=\"1\"><source>A <g id=\"1\">b</g><x id=\"2\" equiv-text=\"{n}\"/><ph id=\"3\">&lt;br/></ph></source>\
        <target><bpt id=\"1\">[</bpt>가<ept id=\"1\">]</ept><it id=\"4\" pos=\"open\">(</it><bx id=\"5\"/></target></trans-unit>\n";
    assert_eq!(read(&version_1(unit)), ["A b{n}<br/> = [가]("]);
}

#[test]
fn a_unit_of_1_2_that_is_segmented_alike_is_several_segments() {
    let unit = |target: &str| {
        format!(
            "<trans-unit id=\"1\"><source>One. Two.</source><seg-source><mrk mtype=\"seg\" mid=\"0\">One.</mrk> \
             <mrk mtype=\"seg\" mid=\"1\">Two.</mrk></seg-source><target>{target}</target></trans-unit>\n"
        )
    };
    let mark = |id, text| format!("<mrk mtype=\"seg\" mid=\"{id}\">{text}</mrk>");
    let alike = unit(&format!("{} {}", mark(0, "하나."), mark(1, "")));
    assert_eq!(read(&version_1(&alike)), ["One. = 하나.", "Untranslated"]);
    let other = unit(&mark(0, "하나. 둘."));
    assert_eq!(read(&version_1(&other)), ["One. Two. = 하나. 둘."]);
}

#[test]
fn names_can_have_a_namespace() {
    let text = version_1("<trans-unit id=\"1\"><source>a</source><target>b</target></trans-unit>");
    let text = text.replace("</", "</ns0:").replace('<', "<ns0:").replace("<ns0:/ns0:", "</ns0:");
    assert_eq!(read(&text), ["a = b"]);
}

#[test]
fn what_is_wrong_has_its_line() {
    let unit = "<unit id=\"u\"><segment><source>a</source><target>b</target></segment></unit>\n";
    for (text, found) in [
        ("", "line 1: the XML is damaged: it ends before <xliff>"),
        ("<tmx/>", "line 1: <tmx> where an XLIFF file has <xliff>"),
        ("<!DOCTYPE xliff [<!ENTITY a \"b\">]><xliff/>", "declares entities of its own"),
        (&version_2(&unit.replace("</source>", "")), "line 3: the XML is damaged"),
        (&version_2(&unit.replace(">b<", ">&nbsp;<")), "3: problem &nbsp; is not defined"),
        (&version_2(&format!("{unit}text{unit}")), "4: damage text between units: \"text\""),
        (&version_2(unit).replace("\"ko\"", "\"korean-\""), "3: problem \"korean-\" is not a locale"),
        (version_2(unit).trim_end_matches("</file></xliff>"), "it ends before </xliff>"),
    ] {
        let entries = read(text);
        assert!(entries.iter().any(|entry| entry.contains(found)), "{text}: {entries:?}");
    }
}

#[test]
fn a_code_that_is_referred_to_often_is_no_bomb() {
    let data = "x".repeat(1 << 16);
    let segment =
        format!("<segment><source>{}</source><target>b</target></segment>", "<ph dataRef=\"d\"/>".repeat(16));
    let unit = format!(
        "<unit id=\"u\"><originalData><data id=\"d\">{data}</data></originalData>{}</unit>",
        segment.repeat(100)
    );
    assert!(read(&version_2(&unit))[0].contains("a unit whose codes stand for more than 64 MiB"));
}
