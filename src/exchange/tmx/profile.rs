//! The property names of each tool for what TMX has no attribute for: document, context, workflow.

use std::fmt;

use super::inline::Inline;
use crate::model::{ContextPolicy, Locale};

/// The header's `creationtool`, by which a TMX of this program is recognized.
pub(super) const CREATION_TOOL: &str = "bitext";

/// The `creationid` by which Okapi recognizes a machine translation.
pub(super) const OKAPI_MACHINE: &str = "MT!";

/// The value of [`Field::Scope`] on a unit that is valid in its context only.
pub(super) const SCOPE_CONTEXT: &str = "context";

/// The tool that a TMX is made for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// No private names of any tool: every reader loads it, and none reads a property as a key of its own.
    #[default]
    Generic,
    /// OmegaT: `file`, `prev` and `next` make a translation the alternative for one place.
    OmegaT,
    /// memoQ: the neighbours on the source `tuv`, the document on the `tu`.
    MemoQ,
    /// Trados Studio: typed fields. Its context is a hash without a public definition, so none is written.
    Trados,
    /// Okapi: `Txt::FileName`, `Txt::GroupName`, and `MT!` as the creator of machine translations.
    Okapi,
    /// XTM: the neighbours on the `tu`.
    Xtm,
}

impl Profile {
    /// All of them, in the order of the help.
    pub const ALL: [Profile; 6] =
        [Profile::Generic, Profile::OmegaT, Profile::MemoQ, Profile::Trados, Profile::Okapi, Profile::Xtm];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Generic => "generic",
            Profile::OmegaT => "omegat",
            Profile::MemoQ => "memoq",
            Profile::Trados => "trados",
            Profile::Okapi => "okapi",
            Profile::Xtm => "xtm",
        }
    }

    /// The contexts that the tool can use.
    pub fn contexts(self) -> ContextPolicy {
        match self {
            Profile::OmegaT => ContextPolicy::DifferingByDocument,
            Profile::MemoQ | Profile::Xtm => ContextPolicy::Each,
            Profile::Generic | Profile::Trados | Profile::Okapi => ContextPolicy::Differing,
        }
    }

    /// The property type for a field; `None` if the profile writes it elsewhere or not at all.
    pub(super) fn property(self, field: Field) -> Option<&'static str> {
        Some(match (self, field) {
            // memoQ has the neighbours on the source tuv, in its own form; see `format`.
            (Profile::MemoQ, Field::Previous | Field::Next) => return None,
            (Profile::Trados, field) => field.typed_name(),
            (_, field) => field.plain_name(),
        })
    }

    /// The number of places that are written: memoQ allows one document for each unit.
    pub(super) fn places(self) -> usize {
        if self == Profile::MemoQ { 1 } else { usize::MAX }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

/// Settings of one file.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The tool the file is for.
    pub profile: Profile,
    /// How the markup inside segments is written.
    pub inline: Inline,
    /// The locale of every source text; `None` if there are several.
    pub source_locale: Option<Locale>,
    /// Whether units can have several variants. Then the metadata of a variant is on its `tuv`, not on the `tu`.
    pub multilingual: bool,
}

/// The meaning of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// `human` or `machine`.
    Workflow,
    /// Set and document path of a place: `set/path`. One for each place, in order.
    Document,
    /// The segment's id at a place. As many as documents, in the same order.
    SegmentId,
    /// The number of documents with the translation, if not all are named.
    Documents,
    /// The commit of the source repository.
    SourceCommit,
    /// When the translation was superseded: date and time of the commit, in UTC, as in `2019-04-23T10:11:12Z`.
    Superseded,
    /// The commit of the version that has a superseded translation.
    Commit,
    /// The confidence of an aligned pair, from 0 to 1.
    Confidence,
    /// The id of a quality check that found something. One for each.
    Label,
    /// `context` if the translation is valid in its context only.
    Scope,
    /// The source text before.
    Previous,
    /// The source text after.
    Next,
}

impl Field {
    const ALL: [Field; 12] = [
        Field::Workflow,
        Field::Document,
        Field::SegmentId,
        Field::Documents,
        Field::SourceCommit,
        Field::Superseded,
        Field::Commit,
        Field::Confidence,
        Field::Label,
        Field::Scope,
        Field::Previous,
        Field::Next,
    ];

    fn plain_name(self) -> &'static str {
        match self {
            Field::Workflow => "x-workflow",
            Field::Document => "x-document",
            Field::SegmentId => "x-segment-id",
            Field::Documents => "x-documents",
            Field::SourceCommit => "x-source-commit",
            Field::Superseded => "x-superseded",
            Field::Commit => "x-commit",
            Field::Confidence => "x-confidence",
            Field::Label => "x-quality-label",
            Field::Scope => "x-scope",
            // These two are XTM's own names.
            Field::Previous => "x-previous-source-text",
            Field::Next => "x-next-source-text",
        }
    }

    /// The name with the type of a Trados Studio field, by which it can be filtered. Studio ignores untyped properties.
    fn typed_name(self) -> &'static str {
        match self {
            Field::Workflow => "x-Workflow:SingleString",
            Field::Document => "x-Document:MultipleString",
            Field::SegmentId => "x-SegmentId:MultipleString",
            Field::Documents => "x-Documents:Integer",
            Field::SourceCommit => "x-SourceCommit:SingleString",
            Field::Superseded => "x-Superseded:SingleString",
            Field::Commit => "x-Commit:SingleString",
            Field::Confidence => "x-Confidence:SingleString",
            Field::Label => "x-QualityLabel:MultipleString",
            Field::Scope => "x-Scope:SingleString",
            Field::Previous => "x-PreviousSourceText:SingleString",
            Field::Next => "x-NextSourceText:SingleString",
        }
    }

    /// The field of a property type of any profile, and that type.
    pub(super) fn of(property: &str) -> Option<(Field, &'static str)> {
        let names = Field::ALL
            .into_iter()
            .flat_map(|field| [(field, field.plain_name()), (field, field.typed_name())]);
        if property.starts_with("x-") { names.into_iter().find(|(_, name)| *name == property) } else { None }
    }
}
