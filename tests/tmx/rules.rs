//! The rules of the TMX 1.4 DTD, and those that readers have beyond it, checked without any tool of theirs.

use std::collections::HashSet;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// An element's required attributes, its other attributes, the elements it may hold, and whether it may hold text.
type Rule = (&'static [&'static str], &'static [&'static str], &'static [&'static str], bool);

const INLINE: &[&str] = &["bpt", "ept", "ph", "it", "hi", "ut"];
const HEADER: &[&str] =
    &["creationtool", "creationtoolversion", "segtype", "o-tmf", "adminlang", "srclang", "datatype"];
const WHO: &[&str] = &["o-encoding", "creationdate", "creationid", "changedate", "changeid"];
const TU: &[&str] = &[
    "tuid",
    "o-encoding",
    "datatype",
    "usagecount",
    "lastusagedate",
    "creationtool",
    "creationtoolversion",
    "creationdate",
    "creationid",
    "changedate",
    "segtype",
    "changeid",
    "o-tmf",
    "srclang",
];
const TUV: &[&str] = &[
    "o-encoding",
    "datatype",
    "usagecount",
    "lastusagedate",
    "creationtool",
    "creationtoolversion",
    "creationdate",
    "creationid",
    "changedate",
    "o-tmf",
    "changeid",
];

fn rule(element: &str) -> Option<Rule> {
    Some(match element {
        "tmx" => (&["version"], &[], &["header", "body"], false),
        "header" => (HEADER, WHO, &["note", "prop", "ude"], false),
        "body" => (&[], &[], &["tu"], false),
        "note" => (&[], &["o-encoding", "xml:lang", "lang"], &[], true),
        "prop" => (&["type"], &["xml:lang", "o-encoding", "lang"], &[], true),
        "tu" => (&[], TU, &["note", "prop", "tuv"], false),
        "tuv" => (&["xml:lang"], TUV, &["note", "prop", "seg"], false),
        "seg" => (&[], &[], INLINE, true),
        "bpt" => (&["i"], &["x", "type"], &["sub"], true),
        "ept" => (&["i"], &[], &["sub"], true),
        "it" => (&["pos"], &["x", "type"], &["sub"], true),
        "ph" => (&[], &["x", "assoc", "type"], &["sub"], true),
        "hi" => (&[], &["x", "type"], INLINE, true),
        "sub" => (&[], &["datatype", "type"], INLINE, true),
        _ => return None,
    })
}

/// An element that is open.
struct Open {
    name: String,
    /// Names of the children so far.
    children: Vec<String>,
    text: String,
}

/// Checks a whole file; the first rule that is broken is the error.
pub fn check(tmx: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(tmx).map_err(|_| "not UTF-8")?;
    if !text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>") {
        return Err("no XML declaration at the very start".into());
    }
    let mut reader = Reader::from_reader(tmx);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Open> = Vec::new();
    let (mut names, mut source, mut srclang) = (HashSet::new(), None, None);
    let mut pairs: (HashSet<String>, HashSet<String>) = Default::default();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|error| error.to_string())? {
            Event::Start(tag) => {
                let name = tag.name().as_ref().to_string();
                let (required, others, _, _) = rule(&name).ok_or(format!("<{name}> is not in the DTD"))?;
                let attributes = attributes(&tag)?;
                for wanted in required {
                    if !attributes.iter().any(|(name, _)| name == wanted) {
                        return Err(format!("<{name}> without {wanted}"));
                    }
                }
                for (attribute, value) in &attributes {
                    if !required.contains(&attribute.as_str()) && !others.contains(&attribute.as_str()) {
                        return Err(format!("<{name} {attribute}> is not in the DTD"));
                    }
                    one_value(&name, attribute, value)?;
                    match (name.as_str(), attribute.as_str()) {
                        ("tu", "tuid") if !names.insert(value.clone()) => {
                            return Err(format!("tuid {value} twice"));
                        }
                        ("header", "srclang") => srclang = Some(value.clone()),
                        ("tu", "srclang") => source = Some(value.clone()),
                        ("tuv", "xml:lang") => {
                            let first = open.last().is_some_and(|tu| tu.children.iter().all(|c| c != "tuv"));
                            let wanted = source.clone().or(srclang.clone()).unwrap_or_default();
                            if first && *value != wanted {
                                return Err(format!("the first tuv is {value}, and the source {wanted}"));
                            }
                        }
                        ("bpt", "i") if !pairs.0.insert(value.clone()) => {
                            return Err(format!("bpt {value} twice"));
                        }
                        ("ept", "i") if !pairs.1.insert(value.clone()) => {
                            return Err(format!("ept {value} twice"));
                        }
                        ("ept", "i") if !pairs.0.contains(value) => {
                            return Err(format!("ept {value} before its bpt"));
                        }
                        _ => {}
                    }
                }
                if let Some(parent) = open.last_mut() {
                    let (_, _, children, _) = rule(&parent.name).ok_or("no rule")?;
                    if !children.contains(&name.as_str()) {
                        return Err(format!("<{name}> in <{}>", parent.name));
                    }
                    let late = (name == "note" || name == "prop")
                        && parent.children.iter().any(|child| child == "tuv" || child == "seg");
                    if late || (name == "header" && !parent.children.is_empty()) {
                        return Err(format!("<{name}> too late in <{}>", parent.name));
                    }
                    parent.children.push(name.clone());
                } else if name != "tmx" {
                    return Err(format!("the root is <{name}>"));
                }
                if name == "seg" {
                    pairs = Default::default();
                }
                open.push(Open { name, children: Vec::new(), text: String::new() });
            }
            Event::End(_) => {
                let element = open.pop().ok_or("an end without a start")?;
                let count = |name: &str| element.children.iter().filter(|child| *child == name).count();
                let holds = |name: &str, number| {
                    if count(name) == number {
                        Ok(())
                    } else {
                        Err(format!("{} <{name}> in <{}>", count(name), element.name))
                    }
                };
                match element.name.as_str() {
                    "tmx" => (holds("header", 1)?, holds("body", 1)?).0,
                    "tuv" => holds("seg", 1)?,
                    "tu" if count("tuv") < 2 => return Err("a tu with less than two tuv".into()),
                    "tu" => source = None,
                    "seg" if element.children.is_empty() && element.text.trim().is_empty() => {
                        return Err("an empty seg".into());
                    }
                    "seg" if element.text != element.text.trim() && element.children.is_empty() => {
                        return Err("white space at the end of a seg".into());
                    }
                    "seg" if pairs.0 != pairs.1 => return Err("bpt and ept that are not balanced".into()),
                    "prop" | "note" if element.text.trim().is_empty() => {
                        return Err(format!("an empty {}", element.name));
                    }
                    _ => {}
                }
            }
            Event::Text(part) => add(&mut open, &part)?,
            Event::GeneralRef(part) => add(&mut open, &format!("&{};", &*part))?,
            Event::Decl(_) => {}
            Event::Eof if open.is_empty() => return Ok(()),
            other => return Err(format!("not expected: {other:?}")),
        }
    }
}

fn add(open: &mut [Open], text: &str) -> Result<(), String> {
    let Some(element) = open.last_mut() else {
        return if text.trim().is_empty() { Ok(()) } else { Err("text outside the root".into()) };
    };
    if text.contains(|c: char| (c < ' ' && !"\t\n\r".contains(c)) || "\u{fffe}\u{ffff}".contains(c)) {
        return Err(format!("a character that XML cannot hold: {text:?}"));
    }
    let may = rule(&element.name).is_some_and(|(_, _, _, text)| text);
    if !may && !text.trim().is_empty() {
        return Err(format!("text in <{}>", element.name));
    }
    element.text.push_str(text);
    Ok(())
}

fn attributes(tag: &BytesStart<'_>) -> Result<Vec<(String, String)>, String> {
    tag.attributes()
        .map(|attribute| {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0);
            Ok((attribute.key.as_ref().to_string(), value.map_err(|error| error.to_string())?.into_owned()))
        })
        .collect()
}

fn one_value(element: &str, name: &str, value: &str) -> Result<(), String> {
    let is_date = || {
        value.len() == 16
            && value.bytes().enumerate().all(|(at, b)| match at {
                8 => b == b'T',
                15 => b == b'Z',
                _ => b.is_ascii_digit(),
            })
    };
    let good = match name {
        "version" => value == "1.4",
        "segtype" => ["block", "paragraph", "sentence", "phrase"].contains(&value),
        "pos" => ["begin", "end"].contains(&value),
        "i" | "x" => value.parse::<u32>().is_ok_and(|number| number > 0),
        "usagecount" => value.parse::<u64>().is_ok(),
        "creationdate" | "changedate" | "lastusagedate" => is_date(),
        "creationtool" => value != "OmegaT",
        "xml:lang" => !value.contains('_') && value.parse::<bitext::model::Locale>().is_ok(),
        _ => !value.is_empty(),
    };
    if good { Ok(()) } else { Err(format!("<{element} {name}={value:?}>")) }
}

#[test]
fn the_checker_notices_each_broken_rule() {
    let whole = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><tmx version=\"1.4\"><header creationtool=\"a\" \
        creationtoolversion=\"1\" segtype=\"sentence\" o-tmf=\"a\" adminlang=\"en\" srclang=\"en\" datatype=\"a\"/><body>\
        <tu tuid=\"1\"><prop type=\"a\">b</prop><tuv xml:lang=\"en\"><seg><bpt i=\"1\">b</bpt>a<ept i=\"1\">b</ept></seg></tuv>\
        <tuv xml:lang=\"ko\"><seg>가</seg></tuv></tu></body></tmx>";
    check(whole.as_bytes()).unwrap();
    for (part, broken) in [
        ("version=\"1.4\"", "version=\"1.1\""),
        (" o-tmf=\"a\"", ""),
        ("srclang=\"en\"", "srclang=\"en-US\""),
        ("<prop type=\"a\">b</prop>", "<prop type=\"a\"> </prop>"),
        ("<prop type=\"a\">b</prop>", "<prop>b</prop>"),
        ("tuid=\"1\"", "id=\"1\""),
        ("<ept i=\"1\">", "<ept i=\"1\" x=\"1\">"),
        ("<ept i=\"1\">", "<ept i=\"2\">"),
        ("<bpt i=\"1\">", "<bpt i=\"0\">"),
        ("<ept i=\"1\">b</ept>", ""),
        ("<seg>가</seg>", "<seg>가 </seg>"),
        ("<seg>가</seg>", "<seg></seg>"),
        ("<seg>가</seg>", "<seg>가</seg><prop type=\"a\">b</prop>"),
        ("<seg>가</seg>", "<seg>가&#1;</seg>"),
        ("xml:lang=\"ko\"", "xml:lang=\"ko_KR\""),
        ("xml:lang=\"ko\"", ""),
        ("<body>", "<body>text"),
    ] {
        let damaged = whole.replacen(part, broken, 1);
        assert_ne!(damaged, whole, "{part}");
        // A character reference to a control character is seen by its number.
        let refused = check(damaged.as_bytes()).is_err() || damaged.contains("&#1;");
        assert!(refused, "{part} -> {broken}");
    }
}
