//! Units and variants, as TMX has them, and segments with their place.

use std::sync::Arc;

use super::{DateTime, DocumentVersion, Locale, Metadata, Segment, Superseded, Workflow};

/// One segment with its place and the metadata of its document. `extract` prints it, and the segment formats write it.
#[derive(Clone, Copy, Debug)]
pub struct PlacedSegment<'a> {
    /// The document set's name.
    pub set: &'a str,
    /// The document's path below its set, `/` separated.
    pub document: &'a str,
    /// The locale of the source text.
    pub source_locale: &'a Locale,
    /// The locale of the target text.
    pub target_locale: &'a Locale,
    /// The document's metadata.
    pub metadata: &'a Metadata,
    /// The version of the document.
    pub version: DocumentVersion,
    /// The segment.
    pub segment: &'a Segment<'a>,
    /// The ids of the quality checks that found something in it; `None`: they are not written.
    pub labels: Option<&'a [&'static str]>,
}

/// A place where a unit occurs: a segment of a document of a set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The document set's name.
    pub set: String,
    /// The document's path below its set, `/` separated.
    pub document: String,
    /// The segment's id as written in the document.
    pub segment: String,
}

/// The source texts before and after a unit in its document; `None` at a document's ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Context {
    /// The source text of the segment before.
    pub previous: Option<Arc<str>>,
    /// The source text of the segment after.
    pub next: Option<Arc<str>>,
}

/// Where a text to look up stands, as far as it is known.
///
/// Here the neighbours of [`Context`] tell the ends of a document from what is not known: the empty text says that the document has no
/// segment there, `None` that nothing is known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryPlace {
    /// The source texts before and after it.
    pub context: Context,
    /// The path of its document below its set, `/` separated. Translations in the document at this path come first.
    pub document: Option<Arc<str>>,
}

impl From<Context> for QueryPlace {
    fn from(context: Context) -> Self {
        QueryPlace { context, document: None }
    }
}

impl Context {
    /// Whether no neighbour is known.
    pub fn is_empty(&self) -> bool {
        self.previous.is_none() && self.next.is_none()
    }
}

/// The contexts in which a unit's translations are valid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// In every context.
    #[default]
    Everywhere,
    /// Only between the neighbours of the unit's context. Elsewhere another translation is better.
    Context,
}

/// The contexts of a source text that get units of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContextPolicy {
    /// Those in which another translation is better than the one for everywhere.
    Differing,
    /// The same, once for each document: for a tool whose key includes the document.
    DifferingByDocument,
    /// All: for a tool that finds a context match only where a unit names exactly that context.
    Each,
    /// None. Every translation is a unit of its own.
    AllVariants,
    /// None. Only the best translation is a unit.
    BestOnly,
}

/// The translation of a unit into one locale, with its metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The locale of `text`.
    pub locale: Locale,
    /// The translation, Markdown as written.
    pub text: Arc<str>,
    /// Who translated, if known.
    pub workflow: Option<Workflow>,
    /// The number of segments with this translation of this source text.
    pub usage: u64,
    /// The oldest hand-off.
    pub created: Option<DateTime>,
    /// The newest hand-off.
    pub changed: Option<DateTime>,
    /// What superseded it; `None`: the current version of a document has it.
    pub superseded: Option<Superseded>,
    /// When it was last used, if a TMX states it.
    pub last_used: Option<DateTime>,
    /// Who created it, if a TMX states it.
    pub creator: Option<String>,
    /// Who changed it last, if a TMX states it.
    pub changer: Option<String>,
    /// The first few places in order of set, document and position.
    pub places: Vec<Place>,
    /// The number of documents with it.
    pub documents: u64,
    /// The commit of the source repository of the newest hand-off.
    pub source_commit: Option<String>,
    /// Terms of the source text that these documents mark as not to be translated.
    pub no_loc: Vec<String>,
    /// Of a translation that only alignments state, the confidence of its first place, in percent.
    pub confidence: Option<u8>,
    /// The ids of the quality checks that found something, if they are to be written.
    pub labels: Vec<&'static str>,
    /// Properties (type, value) of an imported TMX that this program does not interpret.
    pub properties: Vec<(String, String)>,
    /// Notes of an imported TMX.
    pub notes: Vec<String>,
    /// What a TMX states for all translations of the unit, before what it states for this one.
    pub shared: Option<Arc<SharedRemarks>>,
}

impl Variant {
    /// All places, the shared ones first.
    pub fn all_places(&self) -> impl Iterator<Item = &Place> {
        self.shared.iter().flat_map(|shared| &shared.places).chain(&self.places)
    }

    /// The size of its text, properties and notes, in bytes.
    pub fn bytes(&self) -> usize {
        let shared = self.shared.as_deref();
        let properties = shared.map_or(&[][..], |shared| &shared.properties).iter().chain(&self.properties);
        let notes = shared.map_or(&[][..], |shared| &shared.notes).iter().chain(&self.notes);
        self.text.len()
            + properties.map(|(name, value)| name.len() + value.len()).sum::<usize>()
            + notes.map(String::len).sum::<usize>()
    }
}

/// Places, properties and notes that a TMX states for a unit with several translations. They are not copied to each
/// translation: thousands of notes on a unit with thousands of translations would take gigabytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedRemarks {
    /// As [`Variant::places`].
    pub places: Vec<Place>,
    /// As [`Variant::properties`].
    pub properties: Vec<(String, String)>,
    /// As [`Variant::notes`].
    pub notes: Vec<String>,
}

impl SharedRemarks {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty() && self.properties.is_empty() && self.notes.is_empty()
    }
}

/// A source text with its translations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The locale of `source`.
    pub source_locale: Locale,
    /// The source text, Markdown as written.
    pub source: Arc<str>,
    /// Its neighbours, if this unit is for one context or all its places have the same one.
    pub context: Context,
    /// Whether the translations are valid in that context only.
    pub scope: Scope,
    /// The translations, at least one, ordered by locale.
    pub variants: Vec<Variant>,
}
