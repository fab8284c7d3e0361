use super::*;
use crate::exchange::reading::tests::entries;

/// The entries of a file, one a line.
fn read(text: &str) -> Vec<String> {
    entries(open(Box::new(text.as_bytes())), |segment| {
        format!("{}: {} = {}", segment.line, segment.source, segment.target)
    })
}

const HEADER: &str = "msgid \"\"\nmsgstr \"\"\n\"Language: ko_KR\\n\"\n";

#[test]
fn strings_have_the_escapes_of_c_and_several_lines() {
    let text = "msgid \"\"\n\"Save \\\"x\\\" \"\n\"\\\\n\"\nmsgstr \"\\303\\251\\t\\x41\\q\"\n";
    assert_eq!(read(&format!("{HEADER}\n{text}")), ["5: Save \"x\" \\n = é\tA\\q"]);
    assert_eq!(read("msgid\n\"a\"\nmsgid_plural \"b\"\nmsgstr[0]\n\"c\"\n"), ["1: a = c", "1: b = c"]);
}

#[test]
fn plurals_are_several_segments() {
    let forms = |count: usize| -> String {
        let forms = (0..count).map(|form| format!("msgstr[{form}] \"f{form}\"\n"));
        format!("msgid \"one\"\nmsgid_plural \"many\"\n{}", forms.collect::<String>())
    };
    assert_eq!(read(&forms(1)), ["1: one = f0", "1: many = f0"]);
    assert_eq!(read(&forms(3)), ["1: one = f0", "1: many = f1", "1: many = f2"]);
}

#[test]
fn what_nobody_confirmed_what_is_missing_and_what_is_obsolete_is_left_out() {
    let text = "#, c-format, fuzzy\n#| msgid \"old\"\nmsgid \"a\"\nmsgstr \"b\"\n\nmsgid \"c\"\nmsgstr \"\"\n\n\
                #, fuzzy\n#~ msgid \"d\"\n#~ msgstr \"e\"\n\nmsgctxt \"menu\"\nmsgid \"f\"\nmsgstr \"g\"\n\
                #~ msgid \"h\"\n#~ msgid_plural \"i\"\n#~ msgstr[0] \"\"\n#~ \"j\"\n";
    assert_eq!(read(text), ["Fuzzy", "Untranslated", "Obsolete", "Obsolete", "13: f = g"]);
}

#[test]
fn a_fault_has_its_line_and_the_next_message_is_read() {
    for (text, fault) in [
        ("msgid \"a\nmsgstr \"b\"\n", "4: damage a string without the quotation mark at its end"),
        ("msgid \"a\"\nmsgid \"b\"\nmsgstr \"\"\n", "5: damage a message without msgstr before this line"),
        ("text\n", "4: damage a line that is no comment and no string of a message"),
        ("msgstr \"x\"\n", "4: damage msgstr[0] twice in one message"),
        ("msgid \"a\"\nmsgstr[1] \"b\"\n", "5: damage msgstr[1] after 0 other forms"),
        ("msgid \"a\"b\"\nmsgstr \"\"\n", "4: damage a quotation mark inside a string; write \\\""),
    ] {
        let entries = read(&format!("{HEADER}{text}\n# next\nmsgid \"c\"\nmsgstr \"d\"\n"));
        assert_eq!(entries[0], fault, "{text}");
        assert!(entries.last().unwrap().ends_with(": c = d"), "{text}: {entries:?}");
    }
    for cut in ["msgid \"a\"\n", "msgid \"a\"\nmsgstr", "msgctxt \"a\"\n", "msgid \"a\"\nmsgstr \"b"] {
        let entries = read(&format!("{HEADER}\n{cut}"));
        assert!(entries.iter().any(|entry| entry.contains("damage")), "{cut}: {entries:?}");
    }
}

#[test]
fn locales_of_gettext_are_read() {
    for (name, locale) in [
        ("pt_BR", Some("pt-BR")),
        ("sr@latin", Some("sr-Latn")),
        ("de_DE.UTF-8", Some("de-DE")),
        ("ca@valencia", Some("ca-valencia")),
        ("zh_Hans", Some("zh-Hans")),
        ("", None),
        ("LANGUAGE", None),
    ] {
        assert_eq!(locale_of(name).as_ref().map(Locale::as_str), locale, "{name}");
    }
}
