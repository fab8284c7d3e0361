//! From the raw elements of one `<tu>` to a [`Unit`]. Knows the property names of all profiles and of other tools.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use super::profile::{Field, OKAPI_MACHINE, SCOPE_CONTEXT};
use super::raw::{PropertyName, RawAttributes, RawUnit, RawVariant};
use crate::exchange::events::Damage;
use crate::model::{
    Context, DateTime, LONGEST_TEXT, Locale, ObjectId, Place, Problem, Scope, SharedRemarks, Superseded,
    Unit, Variant, Workflow, fold_line_breaks, of_timestamp, seconds,
};

/// The facts that the properties of a `tu` and a `tuv` state, whichever tool wrote them.
#[derive(Clone, Debug, Default)]
struct TmxFacts {
    workflow: Option<Workflow>,
    documents: Vec<String>,
    segments: Vec<String>,
    document_count: Option<u64>,
    source_commit: Option<String>,
    superseded: Option<DateTime>,
    commit: Option<ObjectId>,
    context: Context,
    scope: Scope,
    okapi_file: Option<String>,
    okapi_group: Option<String>,
    omegat_file: Option<String>,
    omegat_id: Option<String>,
    others: Vec<(String, String)>,
}

impl TmxFacts {
    /// Adds the properties of an element. A later one replaces an earlier one, except for documents and segment ids.
    fn add(&mut self, properties: Vec<(PropertyName, String)>, element: Element) {
        let of_unit = element == Element::Unit;
        for (name, value) in properties {
            let value = trimmed(value);
            if value.is_empty() {
                continue;
            }
            match (name.field(), name.as_str()) {
                (Some(Field::Workflow), _) if Workflow::of_name(&value).is_some() => {
                    self.workflow = Workflow::of_name(&value);
                }
                (Some(Field::Document), _) => self.documents.push(value),
                (Some(Field::SegmentId), _) => self.segments.push(value),
                (Some(Field::Documents), _) if value.parse::<u64>().is_ok() => {
                    self.document_count = value.parse().ok();
                }
                (Some(Field::SourceCommit), _) => self.source_commit = Some(value),
                (Some(Field::Superseded), _) if of_timestamp(&value).is_some() => {
                    self.superseded = of_timestamp(&value);
                }
                (Some(Field::Commit), _) if ObjectId::from_hex(&value).is_some() => {
                    self.commit = ObjectId::from_hex(&value);
                }
                // What was found is found again: a label that is kept would outlive the fault.
                (Some(Field::Label), _) => {}
                (Some(Field::Scope), _) if value == SCOPE_CONTEXT => self.scope = Scope::Context,
                (Some(Field::Previous), _) => self.context.previous = Some(value.into()),
                (Some(Field::Next), _) => self.context.next = Some(value.into()),
                (_, "x-context-pre") => self.context.previous = memoq_neighbour(&value),
                (_, "x-context-post") => self.context.next = memoq_neighbour(&value),
                (_, "Txt::FileName") => self.okapi_file = Some(value),
                (_, "Txt::GroupName") => self.okapi_group = Some(value),
                // OmegaT's keys: each of them restricts the translation to one place. They are not kept as plain properties:
                // an export would restrict a translation that is valid everywhere.
                (_, "prev") if of_unit => {
                    (self.context.previous, self.scope) = (Some(value.into()), Scope::Context)
                }
                (_, "next") if of_unit => {
                    (self.context.next, self.scope) = (Some(value.into()), Scope::Context)
                }
                (_, "file") if of_unit => (self.omegat_file, self.scope) = (Some(value), Scope::Context),
                (_, "id") if of_unit => (self.omegat_id, self.scope) = (Some(value), Scope::Context),
                (_, "path") if of_unit => self.others.push(("x-path".into(), value)),
                (_, other) => self.others.push((other.to_string(), value)),
            }
        }
    }

    /// Removes and returns the places: of this program's properties, else of Okapi's, else of OmegaT's.
    fn drain_places(&mut self) -> Vec<Place> {
        let place = |(set, document): (String, String), segment: Option<String>| Place {
            set,
            document,
            segment: segment.unwrap_or_default(),
        };
        let mut segments = std::mem::take(&mut self.segments).into_iter();
        if !self.documents.is_empty() {
            let documents = self.documents.drain(..).map(split_document_name);
            return documents.map(|name| place(name, segments.next())).collect();
        }
        let set = self.okapi_group.take().unwrap_or_default();
        let (file, id) = match (self.okapi_file.take(), self.omegat_file.take()) {
            (Some(file), _) => (file, segments.next()),
            (None, Some(file)) => (file, self.omegat_id.take()),
            (None, None) => return Vec::new(),
        };
        vec![place((set, file), id)]
    }

    /// Removes and returns what the translations of a unit share. The rest is small and copied to each of them.
    fn drain_shared(&mut self, notes: Vec<String>) -> Option<Arc<SharedRemarks>> {
        let places = if self.documents.is_empty() { Vec::new() } else { self.drain_places() };
        // The segment of the file that Okapi names.
        self.segments.truncate(1);
        let shared =
            SharedRemarks { places, properties: std::mem::take(&mut self.others), notes: cleaned(notes) };
        (!shared.is_empty()).then(|| Arc::new(shared))
    }

    /// Leaves out the facts that are copied to each of so many translations if the copies would be larger than
    /// [`LARGEST_COPIES`].
    fn limit_copies(
        &mut self,
        attributes: &mut RawAttributes,
        translations: usize,
        problems: &mut Vec<String>,
    ) {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let neighbour = |text: &Option<Arc<str>>| text.as_ref().map_or(0, |text| text.len());
        let bytes = length(&attributes.creator)
            + length(&attributes.changer)
            + length(&self.source_commit)
            + length(&self.okapi_file)
            + length(&self.okapi_group)
            + length(&self.omegat_file)
            + length(&self.omegat_id)
            + self.segments.first().map_or(0, String::len)
            + neighbour(&self.context.previous)
            + neighbour(&self.context.next);
        if bytes.saturating_mul(translations) <= LARGEST_COPIES {
            return;
        }
        (attributes.creator, attributes.changer) = (None, None);
        *self = TmxFacts {
            workflow: self.workflow,
            document_count: self.document_count,
            scope: self.scope,
            ..TmxFacts::default()
        };
        problems.push(format!(
            "the neighbours, files and names of a unit with {translations} translations have {bytes} bytes, \
             which would be stored with each translation; they are left out"
        ));
    }
}

/// The largest size of the facts that all translations of a unit have, times the number of translations. Real units stay far
/// below it.
const LARGEST_COPIES: usize = 1 << 20;

/// The element that a property belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Element {
    Unit,
    Variant,
}

/// Notes without white space around them, and without empty ones.
fn cleaned(notes: Vec<String>) -> Vec<String> {
    notes.into_iter().map(trimmed).filter(|note| !note.is_empty()).collect()
}

fn trimmed(text: String) -> String {
    let kept = text.trim();
    if kept.len() == text.len() { text } else { kept.to_string() }
}

/// A segment's text with line breaks folded; copied only if there are any.
fn folded(text: Option<String>) -> String {
    let text = text.unwrap_or_default();
    let other = match fold_line_breaks(&text) {
        Cow::Borrowed(same) if same.len() == text.len() => None,
        other => Some(other.into_owned()),
    };
    other.unwrap_or(text)
}

/// Splits `set/path` as the writer joins them.
fn split_document_name(name: String) -> (String, String) {
    match name.split_once('/') {
        Some((set, path)) if set.contains('%') => {
            (set.replace("%2F", "/").replace("%25", "%"), path.to_string())
        }
        Some((set, path)) => (set.to_string(), path.to_string()),
        None => (String::new(), name),
    }
}

/// The text of memoQ's `<seg>…</seg>`, which is escaped XML inside a property.
fn memoq_neighbour(value: &str) -> Option<Arc<str>> {
    let inner = value.strip_prefix("<seg>").and_then(|rest| rest.strip_suffix("</seg>")).unwrap_or(value);
    let text =
        quick_xml::escape::unescape(inner).map_or_else(|_| inner.to_string(), |text| text.into_owned());
    (!text.is_empty()).then(|| text.into())
}

/// The values of the header that apply to all units.
#[derive(Clone, Debug, Default)]
pub(super) struct Header {
    /// The locale of the source texts, `*all*`, or nothing.
    pub(super) srclang: Option<String>,
    /// The source locale if the file names none.
    pub(super) preferred: Option<Locale>,
    /// Whether this program wrote the file.
    pub(super) is_own: bool,
}

/// The content of one `<tu>`.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The 1-based line where it begins.
    pub line: u32,
    /// The unit; `None` if there is no source or no target text.
    pub unit: Option<Unit>,
    /// Parts that could not be read.
    pub problems: Vec<Problem>,
    /// What is wrong with the XML since the entry before.
    pub damage: Damage,
}

/// The property for another tool's `tuid`.
const TUID: &str = "x-tuid";

/// Interprets one `<tu>`.
pub(super) fn entry(raw: RawUnit, header: &Header) -> Entry {
    let line = u32::try_from(raw.line).unwrap_or(u32::MAX);
    let mut reasons = Vec::new();
    let unit = unit(raw, header, &mut reasons);
    let problems = reasons.into_iter().map(|reason| Problem { line: Some(line), reason }).collect();
    Entry { line, unit, problems, damage: Damage::None }
}

/// The unit of a `<tu>`; `None` if it has no source or no translation. Adds unreadable parts to `problems`.
fn unit(mut raw: RawUnit, header: &Header, problems: &mut Vec<String>) -> Option<Unit> {
    let mut variants = Vec::with_capacity(raw.variants.len());
    for mut variant in raw.variants {
        match variant.attributes.language.take() {
            Some(Ok(locale)) => variants.push((locale, variant)),
            Some(Err(reason)) => problems.push(reason),
            None => problems.push("a variant without xml:lang".into()),
        }
    }
    let Some(source_at) = source_index(&variants, raw.attributes.srclang.as_deref(), header) else {
        problems.push("a unit without a variant".into());
        return None;
    };
    let (source_locale, source) = variants.remove(source_at);
    let source_text = folded(source.text);
    if source_text.is_empty() {
        problems.push("a unit without a source text".into());
        return None;
    }
    if source_text.len() > LONGEST_TEXT {
        problems.push(too_long(&source_locale, &source_text));
        return None;
    }

    let mut unit_facts = TmxFacts::default();
    // This program derives its own tuid from the texts again. Another tool's is kept as a property, not as an identity: two
    // files may use it for different units.
    let tuid = raw.attributes.name.as_deref().map(str::trim);
    if let Some(tuid) = tuid.filter(|tuid| !header.is_own && !tuid.is_empty()) {
        unit_facts.others.push((TUID.into(), tuid.to_string()));
    }
    unit_facts.add(raw.remarks.properties, Element::Unit);
    unit_facts.add(source.remarks.properties, Element::Variant);
    let mut notes = raw.remarks.notes;
    notes.extend(source.remarks.notes);
    let mut shared = None;
    if variants.len() > 1 {
        shared = unit_facts.drain_shared(std::mem::take(&mut notes));
        unit_facts.limit_copies(&mut raw.attributes, variants.len(), problems);
    }
    let inherited = Inherited::of(raw.attributes, shared.clone(), problems);
    let shared = shared.unwrap_or_default();
    let shared_properties: HashSet<&(String, String)> = shared.properties.iter().collect();
    let shared_notes: HashSet<&String> = shared.notes.iter().collect();

    let mut context = Context::default();
    let mut scope = unit_facts.scope;
    let mut translations = Vec::with_capacity(variants.len());
    let mut left = variants.len();
    for (locale, mut raw_variant) in variants {
        left -= 1;
        let text = folded(raw_variant.text.take());
        if text.is_empty() {
            problems.push(format!("an empty text in {locale}"));
            continue;
        }
        if text.len() > LONGEST_TEXT {
            problems.push(too_long(&locale, &text));
            continue;
        }
        let mut facts = if left == 0 { std::mem::take(&mut unit_facts) } else { unit_facts.clone() };
        facts.add(std::mem::take(&mut raw_variant.remarks.properties), Element::Variant);
        context = std::mem::take(&mut facts.context);
        scope = facts.scope;
        raw_variant.remarks.notes.splice(0..0, std::mem::take(&mut notes));
        let mut translation = variant((locale, text), raw_variant, &inherited, facts, problems);
        translation.properties.retain(|property| !shared_properties.contains(property));
        translation.notes.retain(|note| !shared_notes.contains(note));
        translations.push(translation);
    }
    if translations.is_empty() {
        problems.push("a unit without a translation".into());
        return None;
    }
    translations.sort_by(|a, b| a.locale.cmp(&b.locale));
    Some(Unit { source_locale, source: source_text.into(), context, scope, variants: translations })
}

fn too_long(locale: &Locale, text: &str) -> String {
    format!("a text in {locale} of {} bytes; a text of more than 1 MiB is left out", text.len())
}

/// The index of the source variant: in the locale of the unit's or the header's `srclang`, else in the preferred locale, else
/// in another locale of the same language, else the first, as in older readers. `None` if there are no variants.
fn source_index(variants: &[(Locale, RawVariant)], srclang: Option<&str>, header: &Header) -> Option<usize> {
    let srclang = srclang.or(header.srclang.as_deref()).and_then(|name| name.parse::<Locale>().ok());
    let index = srclang.as_ref().or(header.preferred.as_ref()).and_then(|wanted| {
        let same = variants.iter().position(|(locale, _)| locale == wanted);
        same.or_else(|| variants.iter().position(|(locale, _)| locale.language() == wanted.language()))
    });
    index.or((!variants.is_empty()).then_some(0))
}

/// What translations have from their unit: attributes, unless they have their own, and shared remarks.
struct Inherited {
    created: Option<DateTime>,
    changed: Option<DateTime>,
    last_used: Option<DateTime>,
    creator: Option<String>,
    changer: Option<String>,
    usage: Option<u64>,
    shared: Option<Arc<SharedRemarks>>,
}

impl Inherited {
    /// Reads the dates once, so that a wrong one is reported once.
    fn of(unit: RawAttributes, shared: Option<Arc<SharedRemarks>>, problems: &mut Vec<String>) -> Inherited {
        Inherited {
            shared,
            created: date(unit.created, problems),
            changed: date(unit.changed, problems),
            last_used: date(unit.last_used, problems),
            creator: unit.creator,
            changer: unit.changer,
            usage: unit.usage,
        }
    }
}

fn date(written: Option<Result<DateTime, String>>, problems: &mut Vec<String>) -> Option<DateTime> {
    written?.map_err(|reason| problems.push(reason)).ok()
}

/// A translation.
fn variant(
    (locale, text): (Locale, String),
    raw: RawVariant,
    inherited: &Inherited,
    mut facts: TmxFacts,
    problems: &mut Vec<String>,
) -> Variant {
    let own = raw.attributes;
    let mut either = |own: Option<Result<DateTime, String>>, inherited: Option<DateTime>| match own {
        Some(own) => date(Some(own), problems),
        None => inherited,
    };
    let created = either(own.created, inherited.created);
    let changed = either(own.changed, inherited.changed);
    let last_used = either(own.last_used, inherited.last_used);
    let is_machine = own.creator.as_deref() == Some(OKAPI_MACHINE);
    let mut creator = own.creator.or_else(|| inherited.creator.clone());
    // Okapi's mark takes the place of the variant's creator. The unit's creator is still known.
    if is_machine || creator.as_deref() == Some(OKAPI_MACHINE) {
        facts.workflow = facts.workflow.or(Some(Workflow::Machine));
        creator = inherited.creator.clone().filter(|name| name != OKAPI_MACHINE);
    }
    let places = facts.drain_places();
    let shared_places = inherited.shared.as_ref().map_or(0, |shared| shared.places.len());
    Variant {
        locale,
        text: text.into(),
        workflow: facts.workflow,
        usage: own.usage.or(inherited.usage).unwrap_or(0),
        created,
        changed,
        superseded: facts.superseded.map(|at| Superseded { at: seconds(at), commit: facts.commit }),
        last_used,
        creator,
        changer: own.changer.or_else(|| inherited.changer.clone()),
        documents: facts.document_count.unwrap_or((shared_places + places.len()) as u64),
        places,
        source_commit: facts.source_commit,
        no_loc: Vec::new(),
        confidence: None,
        labels: Vec::new(),
        properties: facts.others,
        notes: cleaned(raw.remarks.notes),
        shared: inherited.shared.clone(),
    }
}
