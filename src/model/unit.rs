//! Units and variants as formats exchange them, and segments with the place they come from.

use super::{DateTime, Locale, Metadata, Segment, Workflow};

/// One segment with all that is known of the place it stands in: what `extract` prints and the segment formats write.
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
    /// The segment.
    pub segment: &'a Segment<'a>,
}

/// A place where a unit is used: a segment of a document of a set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The document set's name.
    pub set: String,
    /// The document's path below its set, `/` separated.
    pub document: String,
    /// The segment's id as it stands in the document.
    pub segment: String,
}

/// The source texts on both sides of a unit in the document it was taken from; `None` at a document's ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Context {
    /// The source text of the segment before.
    pub previous: Option<String>,
    /// The source text of the segment after.
    pub next: Option<String>,
}

impl Context {
    /// Whether nothing is known of the neighbours.
    pub fn is_empty(&self) -> bool {
        self.previous.is_none() && self.next.is_none()
    }
}

/// Where a unit's translations hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Wherever the source text occurs.
    #[default]
    Everywhere,
    /// Only between the neighbours that the unit's context names: elsewhere another translation is better.
    Context,
}

/// Which contexts of a source text get a unit of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contexts {
    /// Those where another translation is better than the one for everywhere.
    Differing,
    /// Those, once for each document: for a tool that takes the document into the key.
    DifferingByDocument,
    /// All: for a tool that gives a context match only where the unit names that very context.
    Each,
    /// None, and every translation is a unit of its own.
    AllVariants,
    /// None, and the best translation alone.
    BestOnly,
}

/// The text of a unit in one target locale, with its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The locale of `text`.
    pub locale: Locale,
    /// The translation, Markdown as written.
    pub text: String,
    /// Who translated, where it is known.
    pub workflow: Option<Workflow>,
    /// How many segments hold this translation of this source text.
    pub usage: u64,
    /// The oldest hand-off.
    pub created: Option<DateTime>,
    /// The newest hand-off.
    pub changed: Option<DateTime>,
    /// When it was last used, where a TMX said so.
    pub last_used: Option<DateTime>,
    /// Who made it, where a TMX said so.
    pub creator: Option<String>,
    /// Who changed it last, where a TMX said so.
    pub changer: Option<String>,
    /// The first few places in order of set, document and position.
    pub places: Vec<Place>,
    /// In how many documents it stands.
    pub documents: u64,
    /// The commit of the source repository of the newest hand-off.
    pub source_commit: Option<String>,
    /// Terms of these documents that must not be translated and that stand in the source text.
    pub no_loc: Vec<String>,
    /// Properties (type, value) that an imported TMX had and this program gives no meaning to.
    pub properties: Vec<(String, String)>,
    /// Notes that an imported TMX had.
    pub notes: Vec<String>,
}

/// A source text with its translations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The locale of `source`.
    pub source_locale: Locale,
    /// The source text, Markdown as written.
    pub source: String,
    /// What stands on both sides, where this unit is for one context only or has just one.
    pub context: Context,
    /// Whether the translations hold in that context only.
    pub scope: Scope,
    /// The translations, at least one, ordered by locale.
    pub variants: Vec<Variant>,
}
