//! Formats units as `<tu>` elements, with the property names of a profile.

use std::borrow::Cow;
use std::sync::Arc;

use super::date;
use super::element::{attribute, note, open_attribute, open_tuv, property, representable, segment};
use super::inline::{self, Inline};
use super::profile::{Field, OKAPI_MACHINE, Profile, SCOPE_CONTEXT, Settings};
use crate::markup;
use crate::model::{ContextPolicy, Place, Scope, SharedRemarks, Unit, Variant, Workflow, share, timestamp};

/// Counts of what was written to a file and what was left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Units.
    pub units: u64,
    /// Their variants.
    pub variants: u64,
    /// Variants that are superseded.
    pub superseded: u64,
    /// Variants left out because their text is empty: from an empty target OmegaT writes an empty paragraph.
    pub empty: u64,
    /// Variants left out because the file already has an equal one, in the form that it is written in.
    pub duplicates: u64,
    /// Characters left out because XML 1.0 cannot hold them.
    pub dropped_characters: u64,
}

impl Written {
    /// Adds the counts of another part.
    pub fn add(&mut self, other: Written) {
        self.units += other.units;
        self.variants += other.variants;
        self.superseded += other.superseded;
        self.empty += other.empty;
        self.duplicates += other.duplicates;
        self.dropped_characters += other.dropped_characters;
    }
}

/// Formatted units, for a [`TmxWriter`](super::TmxWriter). Threads format in parallel; the writer writes in order.
#[derive(Clone, Debug)]
pub struct FormattedUnits {
    formatter: Formatter,
    pub(super) text: Vec<u8>,
    pub(super) units: Vec<FormattedUnit>,
    /// Counts of the units without a remaining variant.
    pub(super) omitted: Written,
}

/// One `<tu>`.
#[derive(Clone, Copy, Debug)]
pub(super) struct FormattedUnit {
    /// The end of its text.
    pub end: usize,
    /// The first 64 bits of its name (see [`name`]), by which duplicates are found.
    pub name: u64,
    pub written: Written,
}

impl FormattedUnits {
    /// Creates an empty collection for a file with these settings.
    pub fn new(settings: Settings) -> Self {
        let formatter = Formatter { settings };
        FormattedUnits { formatter, text: Vec::new(), units: Vec::new(), omitted: Written::default() }
    }

    /// Formats a unit. If no variant remains, it is only counted.
    pub fn push(&mut self, unit: &Unit) {
        let mut written = Written::default();
        match self.formatter.unit(unit, &mut self.text, &mut written) {
            Some(name) => self.units.push(FormattedUnit { end: self.text.len(), name, written }),
            None => self.omitted.add(written),
        }
    }
}

/// Formats units.
#[derive(Clone, Debug)]
struct Formatter {
    settings: Settings,
}

impl Formatter {
    /// Appends a unit and adds to the counts. Returns the first 64 bits of its name; `None` if no variant remains.
    fn unit<'u>(&self, unit: &'u Unit, out: &mut Vec<u8>, written: &mut Written) -> Option<u64> {
        let dropped = &mut written.dropped_characters;
        let source = self.form(&unit.source, dropped);
        let mut variants: Vec<(&Variant, Cow<'_, str>)> = Vec::with_capacity(unit.variants.len());
        for variant in &unit.variants {
            variants.push((variant, self.form(&variant.text, dropped)));
        }
        variants.retain(|(_, text)| !text.is_empty() && !source.is_empty());
        written.empty = (unit.variants.len() - variants.len()) as u64;
        let &(first, _) = variants.first()?;
        let mut neighbours =
            |text: &'u Option<Arc<str>>| self.form(text.as_deref().unwrap_or_default(), dropped);
        let neighbours = [neighbours(&unit.context.previous), neighbours(&unit.context.next)];
        // A unit for one context must name a neighbour. Without one it is written as valid everywhere.
        let in_context = unit.scope == Scope::Context && neighbours.iter().any(|text| !text.is_empty());
        let single = (!self.settings.multilingual).then_some(first);

        let by_context = in_context || self.settings.profile.contexts() == ContextPolicy::Each;
        let document =
            first.all_places().next().filter(|_| in_context && self.settings.profile == Profile::OmegaT);
        let document = document.map(|place| place.document.as_str());
        let (name, number) =
            name(unit, &source, &variants, if by_context { &neighbours } else { &[] }, document);

        out.extend_from_slice(b"<tu");
        // OmegaT reads a tuid as the `id` in the key of an alternative translation; the key then matches no segment.
        if self.settings.profile != Profile::OmegaT {
            attribute(out, "tuid", &name);
        }
        if let Some(variant) = single {
            self.variant_attributes(variant, out);
        }
        if self.settings.source_locale.is_none() {
            attribute(out, "srclang", unit.source_locale.as_str());
        }
        out.extend_from_slice(b">\n");
        // The DTD demands properties and notes before the first tuv.
        self.unit_properties(first, &neighbours, in_context, out, dropped);
        // OmegaT ignores an alternative translation whose tu has a property besides its keys.
        let on_unit = single.filter(|_| document.is_none());
        let shared = match on_unit {
            Some(variant) => {
                self.variant_properties(variant, None, out, dropped);
                None
            }
            None => shared_by_all(&variants).filter(|_| document.is_none()),
        };
        if let Some(shared) = shared {
            self.places(shared.places.iter().take(self.settings.profile.places()), out, dropped);
            remarks(&shared.properties, &shared.notes, out, dropped);
        }

        // The source comes first: older readers use the first tuv as the source, whatever its locale.
        open_tuv(out, &unit.source_locale);
        out.push(b'>');
        self.source_properties(&neighbours, out, dropped);
        let codes = self.settings.inline == Inline::Codes;
        let source_parts = if codes { inline::source(&source) } else { Vec::new() };
        segment(out, &source, codes.then_some(source_parts.as_slice()));
        for (variant, text) in &variants {
            open_tuv(out, &variant.locale);
            if self.is_marked(variant) {
                attribute(out, "creationid", OKAPI_MACHINE);
            }
            if single.is_none() {
                self.variant_attributes(variant, out);
            }
            out.push(b'>');
            if on_unit.is_none() {
                self.variant_properties(variant, shared, out, dropped);
            }
            let parts = codes.then(|| inline::target(text, &source_parts));
            segment(out, text, parts.as_deref());
        }
        out.extend_from_slice(b"</tu>\n");
        written.units = 1;
        written.variants = variants.len() as u64;
        written.superseded =
            variants.iter().filter(|(variant, _)| variant.superseded.is_some()).count() as u64;
        Some(number)
    }

    /// The text of a segment as it is written: with markup or without, and without characters that XML cannot hold.
    fn form<'a>(&self, text: &'a str, dropped: &mut u64) -> Cow<'a, str> {
        match (self.settings.inline, representable(text, dropped)) {
            (Inline::Text | Inline::Codes, text) => text,
            (Inline::Strip, Cow::Borrowed(text)) => markup::plain(text),
            (Inline::Strip, Cow::Owned(text)) => markup::plain(&text).into_owned().into(),
        }
    }

    /// Whether the variant gets Okapi's mark of a machine translation.
    fn is_marked(&self, variant: &Variant) -> bool {
        self.settings.profile == Profile::Okapi && variant.workflow == Some(Workflow::Machine)
    }

    fn variant_attributes(&self, variant: &Variant, out: &mut Vec<u8>) {
        let dates = [
            ("creationdate", variant.created),
            ("changedate", variant.changed),
            ("lastusagedate", variant.last_used),
        ];
        for (name, date) in dates {
            if let Some(date) = date {
                open_attribute(out, name);
                date::push(out, date);
                out.push(b'"');
            }
        }
        for (name, who) in [("creationid", &variant.creator), ("changeid", &variant.changer)] {
            // Okapi's mark is the creationid of the tuv, which can have only one.
            let is_replaced = name == "creationid" && self.settings.multilingual && self.is_marked(variant);
            let who = who.as_deref().map(|who| representable(who, &mut 0)).unwrap_or_default();
            if !who.is_empty() && !is_replaced {
                attribute(out, name, &who);
            }
        }
        if variant.usage > 0 {
            attribute(out, "usagecount", &variant.usage.to_string());
        }
    }

    /// Appends the properties of the unit. `neighbours` are the source texts before and after; with `in_context` the translation is
    /// valid between them only.
    fn unit_properties(
        &self,
        first: &Variant,
        neighbours: &[Cow<'_, str>; 2],
        in_context: bool,
        out: &mut Vec<u8>,
        dropped: &mut u64,
    ) {
        let profile = self.settings.profile;
        let place = first.all_places().next();
        if profile == Profile::OmegaT {
            // Each of these keys makes the unit an alternative translation for one place, so a translation that is valid
            // everywhere has none. `file` without a neighbour is a key that matches nothing.
            if let (true, Some(place)) = (in_context, place) {
                property(out, "file", &place.document, dropped);
                property(out, "prev", &neighbours[0], dropped);
                property(out, "next", &neighbours[1], dropped);
            }
            return;
        }
        if let (Some(previous), Some(next)) =
            (profile.property(Field::Previous), profile.property(Field::Next))
        {
            property(out, previous, &neighbours[0], dropped);
            property(out, next, &neighbours[1], dropped);
        }
        if let (true, Some(name)) = (in_context, profile.property(Field::Scope)) {
            property(out, name, SCOPE_CONTEXT, dropped);
        }
        if let (Profile::Okapi, Some(place)) = (profile, place) {
            property(out, "Txt::FileName", &place.document, dropped);
            property(out, "Txt::GroupName", &place.set, dropped);
        }
    }

    /// Appends the properties and notes of a variant, without those that are on the unit.
    fn variant_properties(
        &self,
        variant: &Variant,
        on_unit: Option<&SharedRemarks>,
        out: &mut Vec<u8>,
        dropped: &mut u64,
    ) {
        if let Some(workflow) = variant.workflow {
            self.field(Field::Workflow, workflow.name(), out, dropped);
        }
        let most = self.settings.profile.places();
        let count = |shared: &SharedRemarks| shared.places.len();
        let on_unit_places = on_unit.map_or(0, count);
        let places = variant.places.len() + variant.shared.as_deref().map_or(0, count);
        self.places(variant.all_places().take(most).skip(on_unit_places), out, dropped);
        if variant.documents > places.min(most) as u64 {
            self.field(Field::Documents, &variant.documents.to_string(), out, dropped);
        }
        if let Some(commit) = &variant.source_commit {
            self.field(Field::SourceCommit, commit, out, dropped);
        }
        if let Some(superseded) = &variant.superseded {
            self.field(Field::Superseded, &timestamp(superseded.time()), out, dropped);
            if let Some(commit) = superseded.commit {
                self.field(Field::Commit, &commit.to_string(), out, dropped);
            }
        }
        if let Some(percent) = variant.confidence {
            self.field(Field::Confidence, &share(percent).to_string(), out, dropped);
        }
        for label in &variant.labels {
            self.field(Field::Label, label, out, dropped);
        }
        let shared = variant.shared.as_ref().filter(|_| on_unit.is_none());
        remarks(shared.map_or(&[], |shared| &shared.properties), &[], out, dropped);
        remarks(&variant.properties, &[], out, dropped);
        if !variant.no_loc.is_empty() {
            note(out, &format!("no-loc: {}", variant.no_loc.join("; ")), dropped);
        }
        remarks(&[], shared.map_or(&[], |shared| &shared.notes), out, dropped);
        remarks(&[], &variant.notes, out, dropped);
    }

    fn places<'p>(&self, places: impl Iterator<Item = &'p Place>, out: &mut Vec<u8>, dropped: &mut u64) {
        for place in places {
            self.field(Field::Document, &document_name(&place.set, &place.document), out, dropped);
            self.field(Field::SegmentId, &place.segment, out, dropped);
        }
    }

    fn field(&self, field: Field, value: &str, out: &mut Vec<u8>, dropped: &mut u64) {
        if let Some(name) = self.settings.profile.property(field) {
            property(out, name, value, dropped);
        }
    }

    /// Appends memoQ's context to the source variant: an escaped `<seg>` with the neighbour's text.
    fn source_properties(&self, neighbours: &[Cow<'_, str>; 2], out: &mut Vec<u8>, dropped: &mut u64) {
        if self.settings.profile != Profile::MemoQ {
            return;
        }
        for (name, text) in ["x-context-pre", "x-context-post"].into_iter().zip(neighbours) {
            if !text.is_empty() {
                let escaped = quick_xml::escape::partial_escape(&**text);
                property(out, name, &format!("<seg>{escaped}</seg>"), dropped);
            }
        }
    }
}

/// What all variants share. It is written once, on the unit.
fn shared_by_all<'v>(variants: &[(&'v Variant, Cow<'_, str>)]) -> Option<&'v SharedRemarks> {
    let shared = variants.first()?.0.shared.as_ref()?;
    let is_same = |(variant, _): &(&Variant, Cow<'_, str>)| {
        variant.shared.as_ref().is_some_and(|other| Arc::ptr_eq(shared, other))
    };
    variants.iter().all(is_same).then_some(&**shared)
}

/// Appends properties and notes of an imported TMX.
fn remarks(properties: &[(String, String)], notes: &[String], out: &mut Vec<u8>, dropped: &mut u64) {
    for (name, value) in properties {
        property(out, name, value, dropped);
    }
    for text in notes {
        note(out, text, dropped);
    }
}

/// The unit's name, a content hash: 80 bits of the BLAKE3 of its locales and texts, and of the neighbours and the document where
/// units differ by these. In a file of a million units, two share a name with a probability of 1 in 2 × 10¹².
fn name(
    unit: &Unit,
    source: &str,
    variants: &[(&Variant, Cow<'_, str>)],
    neighbours: &[Cow<'_, str>],
    document: Option<&str>,
) -> (String, u64) {
    let mut hasher = blake3::Hasher::new();
    let mut part = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    part(unit.source_locale.as_str());
    part(source);
    for (variant, text) in variants {
        part(variant.locale.as_str());
        part(text);
    }
    for text in neighbours {
        part(text);
    }
    document.into_iter().for_each(part);
    let hash = hasher.finalize();
    let mut number = [0; 8];
    number.copy_from_slice(&hash.as_bytes()[..8]);
    (hash.to_hex()[..20].to_string(), u64::from_le_bytes(number))
}

/// `set/path`, so that it can be split again: in the set's name, `/` becomes `%2F` and `%` becomes `%25`. Without a set, as in
/// another tool's TMX, a path without `/` stays as it is.
fn document_name(set: &str, document: &str) -> String {
    if set.is_empty() && !document.contains('/') {
        return document.to_string();
    }
    let mut name = String::with_capacity(set.len() + document.len() + 1);
    for character in set.chars() {
        match character {
            '/' => name.push_str("%2F"),
            '%' => name.push_str("%25"),
            other => name.push(other),
        }
    }
    name.push('/');
    name.push_str(document);
    name
}
