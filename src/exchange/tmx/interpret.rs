//! What the elements of one `<tu>` mean, in the dialects of the tools that write them.

use std::borrow::Cow;

use super::profile::{Field, OKAPI_MACHINE, SCOPE_CONTEXT};
use super::raw::{PropertyName, RawUnit};
use crate::model::{
    Context, DateTime, Locale, Place, Problem, Scope, Unit, Variant, Workflow, fold_line_breaks,
};

/// What properties say, in whichever tool's words.
#[derive(Clone, Debug, Default)]
struct Told {
    workflow: Option<Workflow>,
    documents: Vec<String>,
    segments: Vec<String>,
    document_count: Option<u64>,
    source_commit: Option<String>,
    context: Context,
    scope: Scope,
    okapi_file: Option<String>,
    okapi_group: Option<String>,
    omegat_file: Option<String>,
    omegat_id: Option<String>,
    others: Vec<(String, String)>,
}

impl Told {
    /// Takes the properties of the unit as a whole (`of_unit`), or of one of its variants.
    fn take(&mut self, properties: Vec<(PropertyName, String)>, of_unit: bool) {
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
                (Some(Field::Scope), _) if value == SCOPE_CONTEXT => self.scope = Scope::Context,
                (Some(Field::Previous), _) => self.context.previous = Some(value),
                (Some(Field::Next), _) => self.context.next = Some(value),
                (_, "x-context-pre") => self.context.previous = memoq_neighbour(&value),
                (_, "x-context-post") => self.context.next = memoq_neighbour(&value),
                (_, "Txt::FileName") => self.okapi_file = Some(value),
                (_, "Txt::GroupName") => self.okapi_group = Some(value),
                // OmegaT's keys: any of them makes an alternative for one place. They must not come back out as plain
                // properties, or a translation for everywhere would be one for nowhere.
                (_, "prev") if of_unit => (self.context.previous, self.scope) = (Some(value), Scope::Context),
                (_, "next") if of_unit => (self.context.next, self.scope) = (Some(value), Scope::Context),
                (_, "file") if of_unit => (self.omegat_file, self.scope) = (Some(value), Scope::Context),
                (_, "id") if of_unit => (self.omegat_id, self.scope) = (Some(value), Scope::Context),
                (_, "path") if of_unit => self.others.push(("x-path".into(), value)),
                (_, other) => self.others.push((other.to_string(), value)),
            }
        }
    }

    fn take_places(&mut self) -> Vec<Place> {
        let place = |(set, document): (String, String), segment: Option<String>| Place {
            set,
            document,
            segment: segment.unwrap_or_default(),
        };
        let mut segments = std::mem::take(&mut self.segments).into_iter();
        if !self.documents.is_empty() {
            let documents = self.documents.drain(..).map(apart);
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
}

fn trimmed(text: String) -> String {
    let kept = text.trim();
    if kept.len() == text.len() { text } else { kept.to_string() }
}

fn folded(text: Option<String>) -> String {
    let text = text.unwrap_or_default();
    let other = match fold_line_breaks(&text) {
        Cow::Borrowed(same) if same.len() == text.len() => None,
        other => Some(other.into_owned()),
    };
    other.unwrap_or(text)
}

/// Set and path of a name as the writer puts them together.
fn apart(name: String) -> (String, String) {
    match name.split_once('/') {
        Some((set, path)) if set.contains('%') => {
            (set.replace("%2F", "/").replace("%25", "%"), path.to_string())
        }
        Some((set, path)) => (set.to_string(), path.to_string()),
        None => (String::new(), name),
    }
}

/// The text of memoQ's `<seg>…</seg>`, which is XML once more.
fn memoq_neighbour(value: &str) -> Option<String> {
    let inner = value.strip_prefix("<seg>").and_then(|rest| rest.strip_suffix("</seg>")).unwrap_or(value);
    let text =
        quick_xml::escape::unescape(inner).map_or_else(|_| inner.to_string(), |text| text.into_owned());
    (!text.is_empty()).then_some(text)
}

/// What holds for all units of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Header {
    /// The locale of the source texts, `*all*`, or nothing.
    pub(super) srclang: Option<String>,
    /// The source locale to take where the file leaves it open.
    pub(super) preferred: Option<Locale>,
    /// Whether this program wrote the file.
    pub(super) is_own: bool,
}

/// What stood in one `<tu>`.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The 1-based line where it begins.
    pub line: u32,
    /// The unit; `None` where there is no source or no target text.
    pub unit: Option<Unit>,
    /// What could not be used.
    pub problems: Vec<Problem>,
}

/// The property that keeps what another tool called a unit.
const TUID: &str = "x-tuid";

/// What a `<tu>` says.
pub(super) fn entry(raw: RawUnit, header: &Header) -> Entry {
    let line = u32::try_from(raw.line).unwrap_or(u32::MAX);
    let mut problems = Vec::new();
    let mut problem = |reason: String| problems.push(Problem { line: Some(line), reason });

    let mut variants = Vec::with_capacity(raw.variants.len());
    for mut variant in raw.variants {
        match variant.attributes.language.take() {
            Some(Ok(locale)) => variants.push((locale, variant)),
            Some(Err(reason)) => problem(reason),
            None => problem("a variant without xml:lang".into()),
        }
    }
    let srclang = raw.attributes.srclang.as_deref().or(header.srclang.as_deref());
    let srclang = srclang.and_then(|name| name.parse::<Locale>().ok());
    let wanted = srclang.as_ref().or(header.preferred.as_ref());
    let source_at = wanted
        .and_then(|wanted| {
            let same = variants.iter().position(|(locale, _)| locale == wanted);
            same.or_else(|| variants.iter().position(|(locale, _)| locale.language() == wanted.language()))
        })
        // Any language may be the source, or the one named is not there at all: the first, as the older readers have it.
        .or((!variants.is_empty()).then_some(0));
    let Some(source_at) = source_at else {
        problem("a unit without a variant".into());
        return Entry { line, unit: None, problems };
    };
    let (source_locale, source) = variants.remove(source_at);
    let source_text = folded(source.text);
    if source_text.is_empty() {
        problem("a unit without a source text".into());
        return Entry { line, unit: None, problems };
    }

    let mut of_unit = Told::default();
    // A name that bitext gave comes of itself again. Any other is a property: two files may use it for different units.
    if let Some(name) =
        raw.attributes.name.as_deref().filter(|name| !header.is_own && !name.trim().is_empty())
    {
        of_unit.others.push((TUID.into(), name.trim().to_string()));
    }
    of_unit.take(raw.remarks.properties, true);
    of_unit.take(source.remarks.properties, false);
    let mut notes = raw.remarks.notes;
    notes.extend(source.remarks.notes);

    let mut context = Context::default();
    let mut scope = of_unit.scope;
    let mut translated = Vec::with_capacity(variants.len());
    let mut left = variants.len();
    for (locale, variant) in variants {
        left -= 1;
        let text = folded(variant.text);
        if text.is_empty() {
            problem(format!("an empty text in {locale}"));
            continue;
        }
        let mut told = if left == 0 { std::mem::take(&mut of_unit) } else { of_unit.clone() };
        told.take(variant.remarks.properties, false);
        context = std::mem::take(&mut told.context);
        scope = told.scope;
        let (own, shared) = (variant.attributes, &raw.attributes);
        let mut date = |own: Option<Result<DateTime, String>>, shared: &Option<Result<DateTime, String>>| {
            own.or_else(|| shared.clone())?.map_err(&mut problem).ok()
        };
        let created = date(own.created, &shared.created);
        let changed = date(own.changed, &shared.changed);
        let last_used = date(own.last_used, &shared.last_used);
        let is_marked = own.creator.as_deref() == Some(OKAPI_MACHINE);
        let mut creator = own.creator.or_else(|| shared.creator.clone());
        // On the variant the mark of a machine hides who the unit says made it.
        if is_marked || creator.as_deref() == Some(OKAPI_MACHINE) {
            told.workflow = told.workflow.or(Some(Workflow::Machine));
            creator = shared.creator.clone().filter(|name| name != OKAPI_MACHINE);
        }
        let places = told.take_places();
        let all_notes = notes.iter().cloned().chain(variant.remarks.notes);
        translated.push(Variant {
            locale,
            text,
            workflow: told.workflow,
            usage: own.usage.or(shared.usage).unwrap_or(0),
            created,
            changed,
            last_used,
            creator,
            changer: own.changer.or_else(|| shared.changer.clone()),
            documents: told.document_count.unwrap_or(places.len() as u64),
            places,
            source_commit: told.source_commit,
            no_loc: Vec::new(),
            properties: told.others,
            notes: all_notes.map(trimmed).filter(|note| !note.is_empty()).collect(),
        });
    }
    if translated.is_empty() {
        problem("a unit without a translation".into());
        return Entry { line, unit: None, problems };
    }
    translated.sort_by(|a, b| a.locale.cmp(&b.locale));
    let unit = Unit { source_locale, source: source_text, context, scope, variants: translated };
    Entry { line, unit: Some(unit), problems }
}
