//! Units into TMX, one at a time.

use std::io::{self, Write};

use super::date;
use super::profile::{Field, Profile};
use crate::exchange::xml;
use crate::model::{Context, Locale, Scope, Unit, Variant, Workflow};

/// What is the same for all units of a file.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The tool the file is for.
    pub profile: Profile,
    /// The locale of every source text; `None` where there are several.
    pub source_locale: Option<Locale>,
    /// Whether units can have several variants; then what is known of a variant stands on its `tuv`.
    pub multilingual: bool,
}

/// What went into a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Units.
    pub units: u64,
    /// Their variants.
    pub variants: u64,
    /// Variants left out because nothing of the text was left: OmegaT writes an empty paragraph from an empty target.
    pub empty: u64,
    /// Characters left out because XML 1.0 cannot hold them.
    pub dropped_characters: u64,
}

impl Written {
    /// Adds the figures of another part.
    pub fn add(&mut self, other: Written) {
        self.units += other.units;
        self.variants += other.variants;
        self.empty += other.empty;
        self.dropped_characters += other.dropped_characters;
    }
}

/// Writes a TMX 1.4 file, valid against its DTD, in UTF-8 without a byte-order mark. The same units give the same bytes.
///
/// Not closing it with [`finish`](TmxWriter::finish) leaves a file that no reader accepts: better than half of one.
pub struct TmxWriter<W> {
    out: W,
    formatter: Formatter,
    buffer: Vec<u8>,
    written: Written,
}

/// How much is gathered before it is handed on: few calls, and still within the cache.
const BUFFER: usize = 1 << 16;

impl<W: Write> TmxWriter<W> {
    /// Starts a file: writes what comes before the first unit.
    pub fn new(out: W, settings: Settings) -> io::Result<Self> {
        let mut buffer = Vec::with_capacity(BUFFER + 4096);
        let formatter = Formatter::new(settings);
        formatter.start(&mut buffer);
        Ok(TmxWriter { out, formatter, buffer, written: Written::default() })
    }

    /// Writes one unit; nothing where none of its variants is left, which is counted.
    pub fn write(&mut self, unit: &Unit) -> io::Result<()> {
        self.written.add(self.formatter.unit(unit, &mut self.buffer));
        if self.buffer.len() >= BUFFER {
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Ends the file, and gives back what it was written to and what went into it.
    pub fn finish(mut self) -> io::Result<(W, Written)> {
        self.buffer.extend_from_slice(b"</body>\n</tmx>\n");
        self.out.write_all(&self.buffer)?;
        self.out.flush()?;
        Ok((self.out, self.written))
    }
}

/// Turns units into text; holds nothing of what it has written.
struct Formatter {
    settings: Settings,
}

impl Formatter {
    fn new(settings: Settings) -> Self {
        Formatter { settings }
    }

    fn start(&self, out: &mut Vec<u8>) {
        // No DOCTYPE: some readers would go and look for the DTD. All seven required attributes: OmegaT 6 refuses the file
        // without one of them. No creation date: it would be a clock's, and the same memory must give the same bytes.
        out.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<tmx version=\"1.4\">\n<header");
        attribute(out, "creationtool", "bitext");
        attribute(out, "creationtoolversion", env!("CARGO_PKG_VERSION"));
        attribute(out, "segtype", "sentence");
        attribute(out, "o-tmf", "bitext");
        attribute(out, "adminlang", "en-US");
        // `*all*` only where it must be: Weblate and others then do not know which variant is the source.
        attribute(out, "srclang", self.settings.source_locale.as_ref().map_or("*all*", Locale::as_str));
        attribute(out, "datatype", "plaintext");
        out.extend_from_slice(b"/>\n<body>\n");
    }

    fn unit(&self, unit: &Unit, out: &mut Vec<u8>) -> Written {
        let mut written = Written::default();
        let begin = out.len();
        let mut texts = Vec::with_capacity(unit.variants.len());
        for variant in &unit.variants {
            if is_empty(&variant.text) {
                written.empty += 1;
            } else {
                texts.push(variant);
            }
        }
        if is_empty(&unit.source) || texts.is_empty() {
            written.empty = unit.variants.len() as u64;
            return written;
        }

        out.extend_from_slice(b"<tu");
        // OmegaT takes a tuid for the id in the key of an alternative, which then fits no segment of its own.
        if self.settings.profile != Profile::OmegaT {
            attribute(out, "tuid", &unit_name(unit, &texts));
        }
        let single = if self.settings.multilingual { None } else { texts.first().copied() };
        if let Some(variant) = single {
            self.variant_attributes(variant, out);
        }
        if self.settings.source_locale.is_none() {
            attribute(out, "srclang", unit.source_locale.as_str());
        }
        out.extend_from_slice(b">\n");
        let mut dropped = self.unit_properties(unit, texts[0], out);
        if let Some(variant) = single {
            dropped += self.variant_properties(variant, out);
        }

        // The source first, always: older readers take the first tuv for the source, whatever its locale.
        open_tuv(out, &unit.source_locale);
        out.push(b'>');
        dropped += self.source_properties(unit, out);
        dropped += segment(out, &unit.source);
        for variant in &texts {
            open_tuv(out, &variant.locale);
            if self.settings.profile == Profile::Okapi && variant.workflow == Some(Workflow::Machine) {
                attribute(out, "creationid", OKAPI_MACHINE);
            }
            if single.is_none() {
                self.variant_attributes(variant, out);
                out.push(b'>');
                dropped += self.variant_properties(variant, out);
            } else {
                out.push(b'>');
            }
            dropped += segment(out, &variant.text);
        }
        out.extend_from_slice(b"</tu>\n");
        debug_assert!(out.len() > begin);
        written.units = 1;
        written.variants = texts.len() as u64;
        written.dropped_characters = dropped;
        written
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
        let machine = self.settings.profile == Profile::Okapi && variant.workflow == Some(Workflow::Machine);
        for (name, who) in [("creationid", &variant.creator), ("changeid", &variant.changer)] {
            // Okapi's mark for machine translation stands on the tuv, where there may be no second creationid.
            let taken = name == "creationid" && machine && self.settings.multilingual;
            if let Some(who) = who.as_deref().filter(|who| !is_empty(who) && !taken) {
                attribute(out, name, who);
            }
        }
        if variant.usage > 0 {
            attribute(out, "usagecount", &variant.usage.to_string());
        }
    }

    /// What is known of the unit as a whole: notes and properties come before the first `tuv`.
    fn unit_properties(&self, unit: &Unit, first: &Variant, out: &mut Vec<u8>) -> u64 {
        let mut dropped = 0;
        let profile = self.settings.profile;
        let in_context = unit.scope == Scope::Context && !unit.context.is_empty();
        if profile == Profile::OmegaT {
            // Any of these makes the unit an alternative, used at that place alone. So the translation for everywhere has none.
            if let (true, Some(place)) = (in_context, first.places.first()) {
                dropped += property(out, "file", &place.document);
                dropped += neighbours(out, &unit.context, ["prev", "next"]);
            }
            return dropped;
        }
        if let (Some(previous), Some(next)) =
            (profile.property(Field::Previous), profile.property(Field::Next))
        {
            dropped += neighbours(out, &unit.context, [previous, next]);
        }
        if let (true, Some(name)) = (in_context, profile.property(Field::Scope)) {
            dropped += property(out, name, SCOPE_CONTEXT);
        }
        if let (Profile::Okapi, Some(place)) = (profile, first.places.first()) {
            dropped += property(out, "Txt::FileName", &place.document);
            dropped += property(out, "Txt::GroupName", &place.set);
        }
        dropped
    }

    fn variant_properties(&self, variant: &Variant, out: &mut Vec<u8>) -> u64 {
        let mut dropped = 0;
        let profile = self.settings.profile;
        let mut field = |field: Field, value: &str| {
            if let Some(name) = profile.property(field) {
                dropped += property(out, name, value);
            }
        };
        if let Some(workflow) = variant.workflow {
            field(Field::Workflow, workflow.name());
        }
        let places = &variant.places[..variant.places.len().min(profile.places())];
        for place in places {
            field(Field::Document, &document_name(&place.set, &place.document));
            field(Field::SegmentId, &place.segment);
        }
        if variant.documents > places.len() as u64 {
            field(Field::Documents, &variant.documents.to_string());
        }
        if let Some(commit) = &variant.source_commit {
            field(Field::SourceCommit, commit);
        }
        for (name, value) in &variant.properties {
            dropped += property(out, name, value);
        }
        if !variant.no_loc.is_empty() {
            dropped += note(out, &format!("no-loc: {}", variant.no_loc.join("; ")));
        }
        for text in &variant.notes {
            dropped += note(out, text);
        }
        dropped
    }

    /// memoQ's context: an escaped `<seg>` with the neighbour's text inside, on the source variant.
    fn source_properties(&self, unit: &Unit, out: &mut Vec<u8>) -> u64 {
        if self.settings.profile != Profile::MemoQ {
            return 0;
        }
        let mut dropped = 0;
        for (name, text) in
            [("x-context-pre", &unit.context.previous), ("x-context-post", &unit.context.next)]
        {
            if let Some(text) = text.as_deref().filter(|text| !is_empty(text)) {
                let mut inner = b"<seg>".to_vec();
                dropped += xml::push_text(&mut inner, text.trim());
                inner.extend_from_slice(b"</seg>");
                dropped += property(out, name, &String::from_utf8_lossy(&inner));
            }
        }
        dropped
    }
}

/// What Okapi takes for "a machine made this".
pub(super) const OKAPI_MACHINE: &str = "MT!";
/// The value of [`Field::Scope`].
pub(super) const SCOPE_CONTEXT: &str = "context";

/// `set/path`, one name that can be taken apart again: a `/` in the set's name is written `%2F`, a `%` there `%25`.
fn document_name(set: &str, document: &str) -> String {
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

/// A name for the unit that depends on nothing but what it says: 80 bits of the BLAKE3 of its locales and texts, and of its
/// context where that tells it from others. A million units share one with a probability of 1 in 2 million million.
fn unit_name(unit: &Unit, variants: &[&Variant]) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut part = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    part(unit.source_locale.as_str());
    part(written_text(&unit.source).as_ref());
    for variant in variants {
        part(variant.locale.as_str());
        part(written_text(&variant.text).as_ref());
    }
    if unit.scope == Scope::Context {
        for neighbour in [&unit.context.previous, &unit.context.next] {
            part(written_text(neighbour.as_deref().unwrap_or_default()).as_ref());
        }
    }
    hasher.finalize().to_hex()[..20].to_string()
}

/// The text as a reader will have it: without what XML cannot hold.
fn written_text(text: &str) -> std::borrow::Cow<'_, str> {
    let text = text.trim();
    if text.chars().all(xml::is_allowed) {
        text.into()
    } else {
        text.chars().filter(|&character| xml::is_allowed(character)).collect::<String>().into()
    }
}

fn is_empty(text: &str) -> bool {
    text.chars().all(|character| character.is_whitespace() || !xml::is_allowed(character))
}

fn open_attribute(out: &mut Vec<u8>, name: &str) {
    out.push(b' ');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"=\"");
}

fn attribute(out: &mut Vec<u8>, name: &str, value: &str) {
    open_attribute(out, name);
    xml::push_attribute(out, value);
    out.push(b'"');
}

fn open_tuv(out: &mut Vec<u8>, locale: &Locale) {
    out.extend_from_slice(b"<tuv xml:lang=\"");
    out.extend_from_slice(locale.as_str().as_bytes());
    out.push(b'"');
}

fn segment(out: &mut Vec<u8>, text: &str) -> u64 {
    // No white space at the ends and none added inside: OmegaT translates nothing from a pretty-printed seg.
    out.extend_from_slice(b"<seg>");
    let dropped = xml::push_text(out, text.trim());
    out.extend_from_slice(b"</seg></tuv>\n");
    dropped
}

fn neighbours(out: &mut Vec<u8>, context: &Context, names: [&str; 2]) -> u64 {
    let mut dropped = 0;
    for (name, text) in names.into_iter().zip([&context.previous, &context.next]) {
        if let Some(text) = text {
            dropped += property(out, name, text);
        }
    }
    dropped
}

/// A property; none where nothing of the value is left: an empty one stops some readers.
fn property(out: &mut Vec<u8>, name: &str, value: &str) -> u64 {
    if is_empty(value) {
        return 0;
    }
    out.extend_from_slice(b"<prop type=\"");
    let mut dropped = xml::push_attribute(out, name);
    out.extend_from_slice(b"\">");
    dropped += xml::push_text(out, value.trim());
    out.extend_from_slice(b"</prop>\n");
    dropped
}

fn note(out: &mut Vec<u8>, text: &str) -> u64 {
    if is_empty(text) {
        return 0;
    }
    out.extend_from_slice(b"<note>");
    let dropped = xml::push_text(out, text.trim());
    out.extend_from_slice(b"</note>\n");
    dropped
}
