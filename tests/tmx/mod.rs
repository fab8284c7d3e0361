//! TMX out and in: valid by the rules of its DTD, the same bytes after a journey, and whatever other tools write.

mod damage;
mod export;
mod import;
mod read;
mod rules;
mod write;

use bitext::model::{Context, Date, Place, Scope, Unit, Variant, Workflow};

/// A unit with one variant and nothing else known.
pub fn unit(source: &str, target: &str) -> Unit {
    Unit {
        source_locale: "en-US".parse().unwrap(),
        source: source.into(),
        context: Context::default(),
        scope: Scope::Everywhere,
        variants: vec![variant("ko-KR", target)],
    }
}

/// A variant with nothing else known.
pub fn variant(locale: &str, text: &str) -> Variant {
    Variant {
        superseded: None,
        locale: locale.parse().unwrap(),
        text: text.into(),
        workflow: None,
        usage: 1,
        created: None,
        changed: None,
        last_used: None,
        creator: None,
        changer: None,
        places: Vec::new(),
        documents: 0,
        source_commit: None,
        no_loc: Vec::new(),
        confidence: None,
        labels: Vec::new(),
        properties: Vec::new(),
        notes: Vec::new(),
        shared: None,
    }
}

/// A unit of which everything is known.
pub fn full_unit() -> Unit {
    let day = |text: &str| text.parse::<Date>().unwrap().at(0, 0, 0, 0);
    let place = |document: &str, segment: &str| Place {
        set: "a/b%".into(),
        document: document.into(),
        segment: segment.into(),
    };
    let mut unit = unit("**Save** `List<T>` & [go](a.md)<br>on", "[가기](a.md) `List<T>` & **저장**<br>계속");
    unit.context = Context { previous: Some("Before & <b>".into()), next: Some("After".into()) };
    let variant = &mut unit.variants[0];
    variant.workflow = Some(Workflow::Machine);
    variant.usage = 12;
    variant.created = Some(day("2019-03-15"));
    variant.changed = Some(day("2021-12-31"));
    variant.creator = Some("Kim <kim@example.com>".into());
    variant.changer = Some("Lee \"L\"".into());
    variant.places = vec![place("a/one.md", "41488-107"), place("two, three.md", "17aa2-p103")];
    variant.documents = 7;
    variant.source_commit = Some("0123456789abcdef".into());
    variant.no_loc = vec!["List".into(), "Save & Go".into()];
    variant.properties = vec![("x-client".into(), "A & B".into())];
    variant.notes = vec!["checked".into()];
    unit
}
