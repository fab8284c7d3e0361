//! What goes out.

use bitext::exchange::tmx::{FormattedUnits, Inline, Profile, Settings, TmxReader, TmxWriter, Written};
use bitext::model::{Scope, Unit, Workflow};
use proptest::prelude::*;

use super::{full_unit, rules, unit, variant};

pub fn settings(profile: Profile, inline: Inline) -> Settings {
    Settings { profile, inline, source_locale: Some("en-US".parse().unwrap()), multilingual: false }
}

pub fn written(units: &[Unit], settings: Settings) -> (String, Written) {
    let mut writer = TmxWriter::new(Vec::new(), &settings).unwrap();
    let mut formatted = FormattedUnits::new(settings);
    for unit in units {
        formatted.push(unit);
    }
    writer.write(&formatted).unwrap();
    let (bytes, written) = writer.finish().unwrap();
    (String::from_utf8(bytes).unwrap(), written)
}

fn read(tmx: &str) -> Vec<Unit> {
    let reader = TmxReader::new(std::io::Cursor::new(tmx.to_string()), None).unwrap();
    reader.map(|entry| entry.unwrap().unit.unwrap()).collect()
}

#[test]
fn every_profile_and_inline_form_keeps_the_rules_of_the_dtd() {
    let mut in_context = full_unit();
    in_context.scope = Scope::Context;
    in_context.context.next = None;
    for profile in Profile::ALL {
        for inline in [Inline::Text, Inline::Codes, Inline::Strip] {
            let (tmx, _) =
                written(&[full_unit(), in_context.clone(), unit("a", "b")], settings(profile, inline));
            rules::check(tmx.as_bytes())
                .unwrap_or_else(|error| panic!("{profile} {inline:?}: {error}\n{tmx}"));
        }
    }
}

#[test]
fn the_generic_profile_says_all_that_is_known() {
    let (tmx, _) = written(&[full_unit()], settings(Profile::Generic, Inline::Text));
    let body = tmx.split_once("<body>\n").unwrap().1;
    let name = body.split('"').nth(1).unwrap();
    assert_eq!(
        body,
        format!(
            "<tu tuid=\"{name}\" creationdate=\"20190315T000000Z\" changedate=\"20211231T000000Z\" \
             creationid=\"Kim &lt;kim@example.com&gt;\" changeid=\"Lee &quot;L&quot;\" usagecount=\"12\">\n\
             <prop type=\"x-previous-source-text\">Before &amp; &lt;b&gt;</prop>\n\
             <prop type=\"x-next-source-text\">After</prop>\n\
             <prop type=\"x-workflow\">machine</prop>\n\
             <prop type=\"x-document\">a%2Fb%25/a/one.md</prop>\n\
             <prop type=\"x-segment-id\">41488-107</prop>\n\
             <prop type=\"x-document\">a%2Fb%25/two, three.md</prop>\n\
             <prop type=\"x-segment-id\">17aa2-p103</prop>\n\
             <prop type=\"x-documents\">7</prop>\n\
             <prop type=\"x-source-commit\">0123456789abcdef</prop>\n\
             <prop type=\"x-client\">A &amp; B</prop>\n\
             <note>no-loc: List; Save &amp; Go</note>\n\
             <note>checked</note>\n\
             <tuv xml:lang=\"en-US\"><seg>**Save** `List&lt;T&gt;` &amp; [go](a.md)&lt;br&gt;on</seg></tuv>\n\
             <tuv xml:lang=\"ko-KR\"><seg>[가기](a.md) `List&lt;T&gt;` &amp; **저장**&lt;br&gt;계속</seg></tuv>\n\
             </tu>\n</body>\n</tmx>\n"
        )
    );
}

#[test]
fn each_tool_gets_its_own_names() {
    let mut in_context = full_unit();
    in_context.scope = Scope::Context;
    for (profile, there, not_there) in [
        (
            Profile::OmegaT,
            "<prop type=\"file\">a/one.md</prop>\n<prop type=\"prev\">Before &amp; &lt;b&gt;</prop>",
            "tuid=",
        ),
        (
            Profile::MemoQ,
            "<tuv xml:lang=\"en-US\"><prop type=\"x-context-pre\">&lt;seg&gt;Before &amp;amp; &amp;lt;b&amp;gt;&lt;/seg&gt;</prop>",
            "x-previous-source-text",
        ),
        (Profile::Trados, "<prop type=\"x-Workflow:SingleString\">machine</prop>", "\"x-workflow\""),
        (Profile::Okapi, "<tuv xml:lang=\"ko-KR\" creationid=\"MT!\">", "\"file\""),
        (Profile::Okapi, "<prop type=\"Txt::FileName\">a/one.md</prop>", "\"prev\""),
        (Profile::Xtm, "<prop type=\"x-next-source-text\">After</prop>", "\"next\""),
    ] {
        let (tmx, _) = written(&[in_context.clone()], settings(profile, Inline::Text));
        assert!(tmx.contains(there), "{profile}: {there}\n{tmx}");
        assert!(!tmx.contains(not_there), "{profile}: {not_there}\n{tmx}");
    }
}

#[test]
fn an_alternative_of_omegats_has_its_keys_alone_on_the_unit() {
    let mut in_context = full_unit();
    in_context.scope = Scope::Context;
    let (tmx, _) = written(&[in_context], settings(Profile::OmegaT, Inline::Text));
    let (unit, variants) = tmx.split_once("<tuv").unwrap();
    assert_eq!(unit.matches("<prop").count(), 3, "{unit}");
    assert!(variants.contains("<prop type=\"x-workflow\">machine</prop>"), "{variants}");
}

#[test]
fn omegat_gets_no_key_with_a_translation_for_everywhere() {
    let (tmx, _) = written(&[full_unit()], settings(Profile::OmegaT, Inline::Text));
    for key in ["\"file\"", "\"prev\"", "\"next\"", "\"id\"", "tuid"] {
        assert!(!tmx.contains(key), "{key}\n{tmx}");
    }
}

#[test]
fn what_has_no_text_is_left_out_and_counted() {
    let mut two = unit("a", " \u{1} ");
    two.variants.push(variant("ja-JP", "b\u{0}"));
    let mut settings = settings(Profile::Generic, Inline::Text);
    settings.multilingual = true;
    let (tmx, counted) = written(&[unit("", "a"), two, unit("c", "")], settings);
    assert_eq!(
        counted,
        Written { units: 1, variants: 1, superseded: 0, empty: 3, duplicates: 0, dropped_characters: 2 }
    );
    assert!(tmx.contains("<seg>b</seg>") && !tmx.contains("ko-KR"), "{tmx}");
    rules::check(tmx.as_bytes()).unwrap();
}

#[test]
fn what_says_the_same_in_the_form_asked_for_goes_out_once() {
    let units = [unit("**Save**", "저장"), unit("Save", "**저장**"), unit("Save", "저장\u{1}")];
    let (tmx, counted) = written(&units, settings(Profile::Generic, Inline::Strip));
    assert_eq!((counted.units, counted.duplicates), (1, 2));
    rules::check(tmx.as_bytes()).unwrap();
}

#[test]
fn several_source_locales_name_theirs_on_each_unit() {
    let mut other = unit("가", "あ");
    (other.source_locale, other.variants[0].locale) = ("ko-KR".parse().unwrap(), "ja-JP".parse().unwrap());
    let mut settings = settings(Profile::Generic, Inline::Text);
    settings.source_locale = None;
    let (tmx, _) = written(&[unit("a", "b"), other.clone()], settings);
    rules::check(tmx.as_bytes()).unwrap();
    assert_eq!(read(&tmx)[1].source_locale, other.source_locale);
}

#[test]
fn a_unit_is_called_the_same_in_every_form_that_says_the_same() {
    let name = |unit: &Unit, inline| {
        written(std::slice::from_ref(unit), settings(Profile::Generic, inline))
            .0
            .split("tuid=\"")
            .nth(1)
            .unwrap()[..20]
            .to_string()
    };
    let mut more = full_unit();
    (more.variants[0].usage, more.variants[0].workflow) = (99, None);
    assert_eq!(name(&full_unit(), Inline::Text), name(&more, Inline::Codes));
    more.variants[0].text = format!("{}.", more.variants[0].text).into();
    assert_ne!(name(&full_unit(), Inline::Text), name(&more, Inline::Text));
}

/// Text with everything that could break a file or a form.
fn text() -> impl Strategy<Value = String> {
    let bit = prop_oneof![
        4 => "[a-zé가-힣 ]{0,6}",
        1 => prop::sample::select(vec!["<", ">", "&", "\"", "&amp;", "]]>", "\u{0}", "\u{1b}", "\u{ffff}", "\u{feff}", "\t", "😀"]).prop_map(str::to_string),
        1 => prop::sample::select(vec!["**", "*", "`", "[", "](a.md)", "<br>", "<b>", "</b>", "&nbsp;", "\\*", "<xref:A>", "List<T>"]).prop_map(str::to_string),
    ];
    prop::collection::vec(bit, 0..8).prop_map(|bits| bits.concat())
}

fn any_unit() -> impl Strategy<Value = Unit> {
    let known = (text(), text(), prop::option::of(text()), prop::option::of(text()), any::<bool>());
    let more =
        (0u64..5, prop::option::of(text()), prop::collection::vec(text(), 0..3), any::<Option<bool>>());
    (known, more).prop_map(
        |((source, target, previous, next, scoped), (documents, creator, notes, machine))| {
            let mut unit = unit(&source, &target);
            (unit.context.previous, unit.context.next) = (previous.map(Into::into), next.map(Into::into));
            unit.scope = if scoped { Scope::Context } else { Scope::Everywhere };
            let full = full_unit().variants.remove(0);
            let variant = &mut unit.variants[0];
            variant.creator = creator;
            variant.notes = notes.clone();
            variant.properties = notes.into_iter().map(|note| ("x-a".to_string(), note)).collect();
            variant.places = full.places[..documents.min(2) as usize].to_vec();
            variant.documents = documents.max(variant.places.len() as u64);
            variant.created = full.created.filter(|_| documents > 1);
            variant.workflow = machine.map(|is| if is { Workflow::Machine } else { Workflow::Human });
            unit
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn written_read_and_written_again_is_the_same(units in prop::collection::vec(any_unit(), 0..4)) {
        for profile in Profile::ALL {
            for inline in [Inline::Text, Inline::Codes] {
                let (first, counted) = written(&units, settings(profile, inline));
                let again = read(&first);
                prop_assert_eq!(again.len() as u64, counted.units);
                let (second, _) = written(&again, settings(profile, inline));
                prop_assert_eq!(&first, &second, "{} {:?}", profile, inline);
            }
        }
    }

    #[test]
    fn nothing_breaks_the_file(units in prop::collection::vec(any_unit(), 0..4)) {
        for profile in Profile::ALL {
            for inline in [Inline::Text, Inline::Codes, Inline::Strip] {
                let (tmx, _) = written(&units, settings(profile, inline));
                prop_assert!(rules::check(tmx.as_bytes()).is_ok(), "{:?}\n{}", rules::check(tmx.as_bytes()), tmx);
            }
        }
    }
}
