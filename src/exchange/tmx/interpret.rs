//! What the elements of one `<tu>` mean, in the dialects of the tools that write them.

use quick_xml::events::BytesStart;

use super::date;
use super::format::{OKAPI_MACHINE, SCOPE_CONTEXT};
use super::profile::Field;
use super::reader::Entry;
use crate::model::{Context, DateTime, Locale, Place, Problem, Scope, Unit, Variant, Workflow};
use crate::side_by_side::fold_line_breaks;

/// The attributes that `tu` and `tuv` share, as written.
#[derive(Clone, Debug, Default)]
pub(super) struct RawAttributes {
    name: Option<String>,
    language: Option<String>,
    srclang: Option<String>,
    created: Option<String>,
    changed: Option<String>,
    last_used: Option<String>,
    creator: Option<String>,
    changer: Option<String>,
    usage: Option<String>,
}

impl RawAttributes {
    pub(super) fn of(tag: &BytesStart<'_>) -> Result<Self, String> {
        let mut raw = RawAttributes::default();
        let mut old_language = None;
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let place = match attribute.key.as_ref() {
                "tuid" => &mut raw.name,
                "xml:lang" => &mut raw.language,
                "lang" => &mut old_language,
                "srclang" => &mut raw.srclang,
                "creationdate" => &mut raw.created,
                "changedate" => &mut raw.changed,
                "lastusagedate" => &mut raw.last_used,
                "creationid" => &mut raw.creator,
                "changeid" => &mut raw.changer,
                "usagecount" => &mut raw.usage,
                _ => continue,
            };
            let value = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0);
            *place = Some(value.map_err(|error| error.to_string())?.into_owned());
        }
        raw.language = raw.language.or(old_language);
        Ok(raw)
    }
}

/// Properties and notes of a `tu` or a `tuv`.
#[derive(Clone, Debug, Default)]
pub(super) struct Remarks {
    pub(super) properties: Vec<(String, String)>,
    pub(super) notes: Vec<String>,
}

/// One `<tuv>`.
#[derive(Clone, Debug, Default)]
pub(super) struct RawVariant {
    pub(super) attributes: RawAttributes,
    pub(super) remarks: Remarks,
    pub(super) text: Option<String>,
}

/// One `<tu>`.
#[derive(Clone, Debug, Default)]
pub(super) struct RawUnit {
    pub(super) line: u64,
    pub(super) attributes: RawAttributes,
    pub(super) remarks: Remarks,
    pub(super) variants: Vec<RawVariant>,
}

impl RawUnit {
    /// Where a property or note belongs that stands inside a `tuv` or outside.
    pub(super) fn innermost(&mut self, inside: bool) -> &mut Remarks {
        match self.variants.last_mut() {
            Some(variant) if inside => &mut variant.remarks,
            _ => &mut self.remarks,
        }
    }
}

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
    fn take(&mut self, properties: &[(String, String)], of_unit: bool) {
        for (name, value) in properties {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            let kept = || Some(value.to_string());
            match (name.as_str(), Field::of(name)) {
                (_, Some(Field::Workflow)) if value == Workflow::Human.name() => {
                    self.workflow = Some(Workflow::Human);
                }
                (_, Some(Field::Workflow)) if value == Workflow::Machine.name() => {
                    self.workflow = Some(Workflow::Machine);
                }
                (_, Some(Field::Document)) => self.documents.push(value.to_string()),
                (_, Some(Field::SegmentId)) => self.segments.push(value.to_string()),
                (_, Some(Field::Documents)) if value.parse::<u64>().is_ok() => {
                    self.document_count = value.parse().ok();
                }
                (_, Some(Field::SourceCommit)) => self.source_commit = kept(),
                (_, Some(Field::Scope)) if value == SCOPE_CONTEXT => self.scope = Scope::Context,
                (_, Some(Field::Previous)) => self.context.previous = kept(),
                (_, Some(Field::Next)) => self.context.next = kept(),
                ("x-context-pre", _) => self.context.previous = memoq_neighbour(value),
                ("x-context-post", _) => self.context.next = memoq_neighbour(value),
                ("Txt::FileName", _) => self.okapi_file = kept(),
                ("Txt::GroupName", _) => self.okapi_group = kept(),
                // OmegaT's keys: any of them makes an alternative for one place. They must not come back out as plain
                // properties, or a translation for everywhere would be one for nowhere.
                ("prev", _) if of_unit => (self.context.previous, self.scope) = (kept(), Scope::Context),
                ("next", _) if of_unit => (self.context.next, self.scope) = (kept(), Scope::Context),
                ("file", _) if of_unit => (self.omegat_file, self.scope) = (kept(), Scope::Context),
                ("id", _) if of_unit => (self.omegat_id, self.scope) = (kept(), Scope::Context),
                ("path", _) if of_unit => self.others.push(("x-path".into(), value.to_string())),
                _ => self.others.push((name.clone(), value.to_string())),
            }
        }
    }

    fn places(&self) -> Vec<Place> {
        let place = |(set, document): (String, String), segment: Option<&String>| Place {
            set,
            document,
            segment: segment.cloned().unwrap_or_default(),
        };
        if !self.documents.is_empty() {
            let documents = self.documents.iter().map(|name| apart(name));
            return documents.enumerate().map(|(n, name)| place(name, self.segments.get(n))).collect();
        }
        let set = self.okapi_group.clone().unwrap_or_default();
        let (file, id) = match (&self.okapi_file, &self.omegat_file) {
            (Some(file), _) => (file, self.segments.first()),
            (None, Some(file)) => (file, self.omegat_id.as_ref()),
            (None, None) => return Vec::new(),
        };
        vec![place((set, file.clone()), id)]
    }
}

/// Set and path of a name as the writer puts them together.
fn apart(name: &str) -> (String, String) {
    match name.split_once('/') {
        Some((set, path)) => (set.replace("%2F", "/").replace("%25", "%"), path.to_string()),
        None => (String::new(), name.to_string()),
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

/// The property that keeps what another tool called a unit.
const TUID: &str = "x-tuid";

/// What a `<tu>` says.
pub(super) fn entry(raw: RawUnit, header: &Header) -> Entry {
    let line = u32::try_from(raw.line).unwrap_or(u32::MAX);
    let mut problems = Vec::new();
    let mut problem = |reason: String| problems.push(Problem { line: Some(line), reason });

    let mut variants = Vec::with_capacity(raw.variants.len());
    for variant in raw.variants {
        let language = variant.attributes.language.clone().unwrap_or_default();
        match language.parse::<Locale>() {
            Ok(locale) => variants.push((locale, variant)),
            Err(_) if language.is_empty() => problem("a variant without xml:lang".into()),
            Err(error) => problem(error.to_string()),
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
    let source_text = fold_line_breaks(source.text.as_deref().unwrap_or_default()).into_owned();
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
    of_unit.take(&raw.remarks.properties, true);
    of_unit.take(&source.remarks.properties, false);
    let mut notes = raw.remarks.notes;
    notes.extend(source.remarks.notes);

    let mut context = of_unit.context.clone();
    let mut scope = of_unit.scope;
    let mut translated = Vec::with_capacity(variants.len());
    for (locale, variant) in variants {
        let text = fold_line_breaks(variant.text.as_deref().unwrap_or_default()).into_owned();
        if text.is_empty() {
            problem(format!("an empty text in {locale}"));
            continue;
        }
        let mut told = of_unit.clone();
        told.take(&variant.remarks.properties, false);
        context = told.context.clone();
        scope = told.scope;
        let (own, shared) = (&variant.attributes, &raw.attributes);
        let mut date = |own: &Option<String>, shared: &Option<String>| -> Option<DateTime> {
            let written = own.as_ref().or(shared.as_ref())?;
            let date = date::parse(written);
            if date.is_none() {
                let shown: String = written.chars().take(40).collect();
                problem(format!(
                    "{shown:?} is not a date as TMX has them, YYYYMMDDThhmmssZ; the unit is without it"
                ));
            }
            date
        };
        let created = date(&own.created, &shared.created);
        let changed = date(&own.changed, &shared.changed);
        let last_used = date(&own.last_used, &shared.last_used);
        let mut creator = own.creator.clone().or_else(|| shared.creator.clone());
        // On the variant the mark of a machine hides who the unit says made it.
        if own.creator.as_deref() == Some(OKAPI_MACHINE) || creator.as_deref() == Some(OKAPI_MACHINE) {
            told.workflow = told.workflow.or(Some(Workflow::Machine));
            creator = shared.creator.clone().filter(|name| name != OKAPI_MACHINE);
        }
        let usage =
            own.usage.as_deref().or(shared.usage.as_deref()).and_then(|count| count.trim().parse().ok());
        let places = told.places();
        let mut all_notes = notes.clone();
        all_notes.extend(variant.remarks.notes);
        translated.push(Variant {
            locale,
            text,
            workflow: told.workflow,
            usage: usage.unwrap_or(0),
            created,
            changed,
            last_used,
            creator,
            changer: own.changer.clone().or_else(|| shared.changer.clone()),
            documents: told.document_count.unwrap_or(places.len() as u64),
            places,
            source_commit: told.source_commit,
            no_loc: Vec::new(),
            properties: told.others,
            notes: all_notes
                .iter()
                .map(|note| note.trim().to_string())
                .filter(|note| !note.is_empty())
                .collect(),
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
